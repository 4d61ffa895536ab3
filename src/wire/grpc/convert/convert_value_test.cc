#include "wire/grpc/convert/convert_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "points.pb.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

constexpr char kUuid[] = "5c56c793-69f3-4fbf-87e6-c4bf54c28c26";

qdrant::PointStruct PointWith(const std::string& payload) {
  return Parse<qdrant::PointStruct>(payload);
}

TEST(ConvertPointId, NumbersAndUuidsInAnyForm) {
  EXPECT_EQ(*ConvertPointId(Parse<qdrant::PointId>("num: 18446744073709551615")), PointId::Number(UINT64_MAX));
  EXPECT_EQ(*ConvertPointId(Parse<qdrant::PointId>("num: 0")), PointId::Number(0));
  for (const char* form : {"5c56c793-69f3-4fbf-87e6-c4bf54c28c26", "5C56C79369F34FBF87E6C4BF54C28C26",
                           "urn:uuid:5c56c793-69f3-4fbf-87e6-c4bf54c28c26", "{5c56c793-69f3-4fbf-87e6-c4bf54c28c26}"}) {
    qdrant::PointId id;
    id.set_uuid(form);
    EXPECT_EQ(*ConvertPointId(id), *PointId::ParseUuid(kUuid)) << form;
  }
}

TEST(ConvertPointId, RefusesNothingAndNonsense) {
  EXPECT_EQ(ErrorOf(ConvertPointId({})), "3 Empty ID is not allowed");
  EXPECT_EQ(ErrorOf(ConvertPointId(Parse<qdrant::PointId>("uuid: '42'"))), "3 Unable to parse UUID: 42");
  EXPECT_EQ(ErrorOf(ConvertPointIds(Parse<qdrant::PointsIdsList>("ids { num: 1 } ids { }").ids())),
            "3 Empty ID is not allowed");
}

TEST(ConvertPointId, RoundTrip) {
  for (const PointId& id : {PointId::Number(7), *PointId::ParseUuid(kUuid)}) {
    qdrant::PointId message;
    FillPointId(id, &message);
    EXPECT_EQ(*ConvertPointId(message), id);
  }
}

TEST(ConvertValue, EveryKindBecomesItsJson) {
  const auto point = PointWith(
      "payload { key: 'b' value { bool_value: true } } payload { key: 'a' value { integer_value: -9223372036854775808 "
      "} }"
      "payload { key: 'd' value { double_value: 5 } } payload { key: 's' value { string_value: 'x\"\\n' } }"
      "payload { key: 'n' value { null_value: NULL_VALUE } } payload { key: 'none' value { } }"
      "payload { key: 'l' value { list_value { values { integer_value: 1 } values { list_value { } } } } }"
      "payload { key: 'o' value { struct_value { fields { key: 'z' value { double_value: 0.5 } } } } }");
  EXPECT_EQ(*ConvertPayload(point.payload()),
            R"({"a":-9223372036854775808,"b":true,"d":5.0,"l":[1,[]],"n":null,"none":null,"o":{"z":0.5},"s":"x\"\n"})");
}

TEST(ConvertValue, AnEmptyPayloadIsNone) {
  EXPECT_EQ(*ConvertPayload({}), "");
  EXPECT_EQ(ConvertObject({})->Dump(), "{}");
}

TEST(ConvertValue, RefusesNumbersThatJsonCannotExpress) {
  for (const double number : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    qdrant::PointStruct point;
    (*point.mutable_payload())["x"].set_double_value(number);
    EXPECT_EQ(ErrorOf(ConvertPayload(point.payload())), "3 cannot convert a number that is not finite to JSON");
  }
}

TEST(ConvertValue, DeepNestingIsRefusedNotFollowed) {
  qdrant::PointStruct point;
  qdrant::Value* at = &(*point.mutable_payload())["x"];
  for (int i = 0; i < 62; ++i) at = at->mutable_list_value()->add_values();
  EXPECT_TRUE(ConvertPayload(point.payload()).ok());
  EXPECT_TRUE(ConvertObject(point.payload()).ok());
  for (int i = 0; i < 10'000; ++i) at = at->mutable_list_value()->add_values();
  EXPECT_THAT(ErrorOf(ConvertPayload(point.payload())), HasSubstr("nested deeper than 64"));
}

TEST(ConvertValue, StoredPayloadsComeBack) {
  const std::string text = R"({"a":[1,-2,0.5,1.0,1e300],"b":true,"n":null,"o":{"":{}},"s":"tab\t\u0000","u":"ü"})";
  qdrant::PointStruct point;
  ASSERT_TRUE(FillPayload(text, point.mutable_payload()).ok());
  EXPECT_EQ(*ConvertPayload(point.payload()), text);
}

TEST(ConvertValue, IntegersAboveInt64BecomeDoubles) {
  qdrant::PointStruct point;
  ASSERT_TRUE(FillPayload(R"({"u":18446744073709551615})", point.mutable_payload()).ok());
  EXPECT_EQ(point.payload().at("u").double_value(), 18446744073709551615.0);
}

TEST(ConvertValue, NoPayloadAndAnEmptyOneLookAlike) {
  for (const char* text : {"", "{}"}) {
    qdrant::PointStruct point;
    ASSERT_TRUE(FillPayload(text, point.mutable_payload()).ok());
    EXPECT_TRUE(point.payload().empty());
  }
  qdrant::PointStruct point;
  EXPECT_EQ(ErrorClassOf(FillPayload("[]", point.mutable_payload())), ErrorClass::kCorruption);
}

}  // namespace
}  // namespace sextant::wire
