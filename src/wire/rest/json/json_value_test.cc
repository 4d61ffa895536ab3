#include "wire/rest/json/json_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/error.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

std::string TextOf(const std::string& body) {
  auto text = DecodeBody<std::string>(body, [](Value root, std::string* out) { *out = root["x"].Text(); });
  return text.ok() ? *text : std::string(ToApiError(text.status()).message);
}

template <typename T>
Result<T> Read(const std::string& x) {
  return DecodeBody<T>("{\"x\":" + x + "}", [](Value root, T* out) { root["x"].Read(out); });
}

template <typename T>
std::string MessageOf(const Result<T>& result) {
  return result.ok() ? "ok" : ToApiError(result.status()).message;
}

TEST(JsonValue, TextKeepsNumbersAsTheyAre) {
  EXPECT_EQ(TextOf(R"({"x": {"a": 1.0, "b": 1, "c": -0.5e3, "d": 1e16, "e": [null, true, "q\u00e9\n"]}})"),
            "{\"a\":1.0,\"b\":1,\"c\":-500.0,\"d\":1e16,\"e\":[null,true,\"q\u00e9\\n\"]}");
  EXPECT_EQ(TextOf(R"({"x": [9223372036854775807, 18446744073709551615, -9223372036854775808]})"),
            "[9223372036854775807,18446744073709551615,-9223372036854775808]");
}

TEST(JsonValue, IntegersBeyond64BitsBecomeDoubles) {
  EXPECT_EQ(TextOf(R"({"x": [18446744073709551616, "18446744073709551616", -9223372036854775809]})"),
            R"([1.8446744073709552e19,"18446744073709551616",-9.223372036854776e18])");
  EXPECT_THAT(MessageOf(Read<uint64_t>("18446744073709551616")), HasSubstr("expected an unsigned integer"));
}

TEST(JsonValue, LastValueOfARepeatedKeyWinsInPlaceOfTheFirst) {
  EXPECT_EQ(TextOf(R"({"x": {"a": 1, "b": 2, "a": 3}})"), R"({"a":3,"b":2})");
  std::string many = "{\"x\":{\"k0\":0";
  for (int i = 1; i < 40; ++i) many += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  EXPECT_THAT(TextOf(many + ",\"k0\":99}}"), testing::StartsWith("{\"k0\":99,\"k1\":1,"));
}

TEST(JsonValue, BrokenBodiesAreFormatErrors) {
  for (const char* body : {"", " ", "{", "{}x", "{\"x\":1}}", "{\"x\":01}", "{'x':1}", "{\"x\":1e400}", "{\"x\":nan}",
                           "{\"x\":\"\xff\"}", "{\"x\":\"\xed\xa0\x80\"}", "{\"x\":1,}", "[1]", "7", "\"s\"", "null"}) {
    auto result = DecodeBody<int64_t>(body, [](Value root, int64_t* out) { root["x"].Read(out); });
    ASSERT_FALSE(result.ok()) << body;
    EXPECT_EQ(ErrorClassOf(result.status()), ErrorClass::kFormat) << body;
  }
}

TEST(JsonValue, DepthIsLimited) {
  const auto nested = [](int depth) {
    return "{\"x\":" + std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']') +
           "}";
  };
  EXPECT_EQ(TextOf(nested(64)).size(), 128u);
  EXPECT_THAT(TextOf(nested(65)), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(TextOf(nested(1000)), HasSubstr("nested deeper than 256"));
  EXPECT_THAT(TextOf(nested(1000000)), HasSubstr("nested deeper than 256"));
}

TEST(JsonValue, WrongTypesNameFieldValueAndExpectation) {
  EXPECT_EQ(MessageOf(Read<uint64_t>("\"ten\"")),
            "Format error in JSON body: x: invalid type: string \"ten\", expected an unsigned integer");
  EXPECT_THAT(MessageOf(Read<uint64_t>("-1")), HasSubstr("integer `-1`"));
  EXPECT_THAT(MessageOf(Read<uint64_t>("1.0")), HasSubstr("floating point `1.0`"));
  EXPECT_THAT(MessageOf(Read<uint32_t>("4294967296")), HasSubstr("32 bits"));
  EXPECT_THAT(MessageOf(Read<bool>("1")), HasSubstr("expected a boolean"));
  EXPECT_THAT(MessageOf(Read<float>("1e39")), HasSubstr("range of f32"));
  EXPECT_THAT(MessageOf(Read<std::string>("\"" + std::string(1000, 'a') + "\"")), HasSubstr("ok"));
  EXPECT_THAT(MessageOf(Read<bool>("\"" + std::string(1000, 'a') + "\"")), HasSubstr("aaa…\""));
}

TEST(JsonValue, NullAndMissingLeaveTheOutputAlone) {
  EXPECT_EQ(
      *DecodeBody<uint64_t>("{\"x\":null}", [](Value root, uint64_t* out) { root["x"].Read(out); }, uint64_t{5}), 5u);
  EXPECT_EQ(*DecodeBody<uint64_t>("{}", [](Value root, uint64_t* out) { root["x"].Read(out); }, uint64_t{5}), 5u);
}

TEST(JsonValue, AllViolationsAreReportedTogetherWithTheirPaths) {
  auto result =
      DecodeBody<uint64_t>(R"({"a": [{"b": 1}, {"b": 0}], "c": 70000, "d": 0.2})", [](Value root, uint64_t* out) {
        root["a"].ForEach([&](Value element) { element["b"].ReadAtLeast(1, out); });
        root["c"].ReadBetween(1, 65536, out);
        double fraction = 0;
        root["d"].ReadFraction(0.5, 1.0, &fraction);
      });
  EXPECT_EQ(
      MessageOf(result),
      "Validation error in JSON body: [a[1].b: value 0 invalid, must be 1 or larger; c: value 70000 invalid, must be "
      "from 1 to 65536; d: value 0.2 invalid, must be from 0.5 to 1.0]");
  EXPECT_EQ(ToApiError(result.status()).status, 422);
}

TEST(JsonValue, FormatErrorsComeBeforeViolations) {
  auto result = DecodeBody<uint64_t>(R"({"a": 0, "b": "x"})", [](Value root, uint64_t* out) {
    root["a"].ReadAtLeast(1, out);
    root["b"].Read(out);
  });
  EXPECT_EQ(ToApiError(result.status()).status, 400);
}

TEST(JsonValue, ReadsFloats) {
  const auto floats = [](const std::string& x) {
    return DecodeBody<std::vector<float>>("{\"x\":" + x + "}",
                                          [](Value root, std::vector<float>* out) { root["x"].ReadFloats(out); });
  };
  EXPECT_THAT(*floats("[1, -2.5, 1e-3, 18446744073709551615]"),
              testing::ElementsAre(1.0f, -2.5f, 1e-3f, 18446744073709551615.0f));
  EXPECT_THAT(MessageOf(floats("[1, \"2\"]")), HasSubstr("x[1]: invalid type: string \"2\", expected a number"));
  EXPECT_THAT(MessageOf(floats("[1, null]")), HasSubstr("x[1]: invalid type: null, expected a number"));
  EXPECT_THAT(MessageOf(floats("[1e39]")), HasSubstr("outside the range of f32"));
  EXPECT_THAT(MessageOf(floats("{}")), HasSubstr("expected a list of numbers"));
}

TEST(JsonValue, LargeBodiesAreParsedToo) {
  std::string body = "{\"x\":[0";
  for (int i = 1; i < 200000; ++i) body += ",0.5";
  body += "]}";
  auto floats =
      DecodeBody<std::vector<float>>(body, [](Value root, std::vector<float>* out) { root["x"].ReadFloats(out); });
  ASSERT_TRUE(floats.ok());
  EXPECT_EQ(floats->size(), 200000u);
}

}  // namespace
}  // namespace sextant::wire
