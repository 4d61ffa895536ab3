#include "types/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

namespace sextant {
namespace {

std::string Reprint(std::string_view text) {
  auto json = Json::Parse(text);
  return json.ok() ? json->Dump() : "error";
}

template <typename Number>
std::string Print(Number value) {
  std::string out;
  AppendJsonNumber(value, &out);
  return out;
}

TEST(Json, ParsesAndPrintsEveryKind) {
  EXPECT_EQ(Reprint(R"( { "b" : [ 1 , -2.5, true, false, null, "x" ] , "a" : {} , "c" : [] } )"),
            R"({"b":[1,-2.5,true,false,null,"x"],"a":{},"c":[]})");
  EXPECT_EQ(Reprint("7"), "7");
  EXPECT_EQ(Reprint("\"s\""), "\"s\"");
  EXPECT_EQ(Reprint("null"), "null");
}

TEST(Json, KeepsIntegersWithinTheirRange) {
  EXPECT_EQ(Json::Parse("9223372036854775807")->kind(), Json::Kind::kInt);
  EXPECT_EQ(Json::Parse("9223372036854775808")->kind(), Json::Kind::kUint);
  EXPECT_EQ(Reprint("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(Reprint("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Json(uint64_t{7}), Json(7));
}

TEST(Json, LargerIntegersBecomeDoubles) {
  EXPECT_EQ(Json::Parse("18446744073709551616")->kind(), Json::Kind::kDouble);
  EXPECT_EQ(Json::Parse("18446744073709551616")->as_double(), 18446744073709551616.0);
  EXPECT_EQ(Reprint("[-9223372036854775809,\"99999999999999999999\",123456789012345678901234567890]"),
            "[-9.223372036854776e18,\"99999999999999999999\",1.2345678901234568e29]");
}

TEST(Json, NegativeZeroIsADouble) {
  for (const char* text : {"-0", " -0 ", "-0.0", "-0e5"}) {
    auto json = Json::Parse(text);
    ASSERT_TRUE(json.ok()) << text;
    ASSERT_EQ(json->kind(), Json::Kind::kDouble) << text;
    EXPECT_TRUE(std::signbit(json->as_double())) << text;
  }
  EXPECT_EQ(Reprint(R"({"a":-0,"b":"x-0,","c":-0.5,"d":[-0]})"), R"({"a":-0.0,"b":"x-0,","c":-0.5,"d":[-0.0]})");
  EXPECT_EQ(Reprint(R"(["\"-0",-0])"), R"(["\"-0",-0.0])");
}

TEST(Json, RejectsBadText) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "[1 2]",
                           "{\"a\" 1}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "--1",
                           "1e",
                           "1e400",
                           "-1e400",
                           "NaN",
                           "Infinity",
                           "nul",
                           "truex",
                           "'a'",
                           "\"a",
                           "\"\t\"",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "1 2",
                           "{} x",
                           "[1]]",
                           "[1]}",
                           "\"\xff\"",
                           "-",
                           "-01",
                           "00",
                           "99999999999999999999x",
                           "1.2.3",
                           "1-0",
                           "-0-0",
                           "[-0 -0]"})
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  EXPECT_EQ(ErrorClassOf(Json::Parse("{").status()), ErrorClass::kFormat);
}

TEST(Json, LimitsDepth) {
  const std::string open(64, '['), close(64, ']');
  EXPECT_TRUE(Json::Parse(open + close).ok());
  EXPECT_FALSE(Json::Parse("[" + open + close + "]").ok());
  EXPECT_FALSE(Json::Parse("{\"a\":" + open + close + "}").ok());
  EXPECT_FALSE(Json::Parse(std::string(100000, '[') + std::string(100000, ']')).ok());
}

TEST(Json, DuplicateKeyKeepsItsLastValueAtTheFirstPlace) {
  EXPECT_EQ(Reprint(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  auto json = Json::Parse(many);
  ASSERT_TRUE(json.ok());
  ASSERT_EQ(json->object().size(), 50u);
  EXPECT_EQ(json->Find("k7")->as_int(), 57);
  EXPECT_EQ(json->object()[7].first, "k7");
}

TEST(Json, StringsAreEscapedMinimally) {
  EXPECT_EQ(Json("a\"\\/\b\f\n\r\t\x01\x1f\x7f é").Dump(), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é\"");
  EXPECT_EQ(Json::Parse(R"("\u0041\u00e9\ud83d\ude00\/")")->as_string(), "Aé😀/");
  EXPECT_EQ(Json::Parse(R"("a\u0000b")")->as_string(), std::string("a\0b", 3));
  EXPECT_EQ(Reprint(R"("a\u0000b")"), R"("a\u0000b")");
}

TEST(Json, DoublesLookAsInSerdeJson) {
  EXPECT_EQ(Print(1.0), "1.0");
  EXPECT_EQ(Print(0.0), "0.0");
  EXPECT_EQ(Print(-0.0), "-0.0");
  EXPECT_EQ(Print(0.1), "0.1");
  EXPECT_EQ(Print(12.34), "12.34");
  EXPECT_EQ(Print(-100.0), "-100.0");
  EXPECT_EQ(Print(0.0001), "0.0001");
  EXPECT_EQ(Print(0.00001), "0.00001");
  EXPECT_EQ(Print(0.000001), "1e-6");
  EXPECT_EQ(Print(1.5e-7), "1.5e-7");
  EXPECT_EQ(Print(1e15), "1000000000000000.0");
  EXPECT_EQ(Print(1e16), "1e16");
  EXPECT_EQ(Print(1234567890123456.0), "1234567890123456.0");
  EXPECT_EQ(Print(1.7976931348623157e308), "1.7976931348623157e308");
  EXPECT_EQ(Print(5e-324), "5e-324");
  EXPECT_EQ(Print(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Print(std::nan("")), "null");
}

TEST(Json, FloatsPrintTheirOwnShortestForm) {
  EXPECT_EQ(Print(0.1f), "0.1");
  EXPECT_EQ(Print(1.0f), "1.0");
  EXPECT_EQ(Print(16777216.0f), "16777216.0");
  EXPECT_EQ(Print(1e12f), "1000000000000.0");
  EXPECT_EQ(Print(1e13f), "1e13");
  EXPECT_EQ(Print(1e-6f), "0.000001");
  EXPECT_EQ(Print(1e-7f), "1e-7");
  EXPECT_EQ(Print(0.33333334f), "0.33333334");
}

TEST(Json, RandomDoublesAndFloatsSurviveARoundTrip) {
  constexpr uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 50000; ++i) {
    auto value = std::bit_cast<double>(random());
    if (i % 2 == 0) value = static_cast<double>(static_cast<int64_t>(random() >> (random() % 64))) / 1000.0;
    if (!std::isfinite(value)) continue;
    auto json = Json::Parse(Print(value));
    ASSERT_TRUE(json.ok()) << Print(value);
    ASSERT_EQ(json->kind(), Json::Kind::kDouble) << Print(value);
    ASSERT_EQ(std::bit_cast<uint64_t>(json->as_double()), std::bit_cast<uint64_t>(value)) << Print(value);

    const auto small = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (!std::isfinite(small)) continue;
    const std::string text = Print(small);
    float back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(std::bit_cast<uint32_t>(back), std::bit_cast<uint32_t>(small)) << text;
  }
}

Json RandomJson(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0: return {};
    case 1: return Json(random() % 2 == 0);
    case 2: return Json(static_cast<int64_t>(random()) >> (random() % 64));
    case 3: return Json(random());
    case 4: return Json(std::ldexp(static_cast<double>(random()), -static_cast<int>(random() % 128)));
    case 5: {
      std::string text;
      for (uint64_t n = random() % 12; n > 0; --n) text.push_back(static_cast<char>(random() % 128));
      return Json(std::move(text));
    }
    case 6: {
      Json::Array array;
      for (uint64_t n = random() % 5; n > 0; --n) array.push_back(RandomJson(random, depth - 1));
      return Json(std::move(array));
    }
    default: {
      Json object(Json::Object{});
      for (uint64_t n = random() % 30; n > 0; --n)
        object.Set("k" + std::to_string(random() % 40), RandomJson(random, depth - 1));
      return object;
    }
  }
}

TEST(Json, RandomTreesSurviveARoundTrip) {
  constexpr uint64_t kSeed = 12;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const Json json = RandomJson(random, 4);
    auto back = Json::Parse(json.Dump());
    ASSERT_TRUE(back.ok()) << json.Dump();
    ASSERT_EQ(*back, json) << json.Dump();
  }
}

TEST(Json, LargeDocumentsParse) {
  const std::string text = "[\"" + std::string(3 << 20, 'x') + "\"]";
  EXPECT_EQ(Reprint(text), text);
}

TEST(Json, MembersAreSetFoundAndErased) {
  Json json(Json::Object{});
  json.Set("a", 1);
  json.Set("b", "x");
  json.Set("a", 2.5);
  EXPECT_EQ(json.Dump(), R"({"a":2.5,"b":"x"})");
  EXPECT_EQ(json.Find("c"), nullptr);
  EXPECT_TRUE(json.Erase("a"));
  EXPECT_FALSE(json.Erase("a"));
  EXPECT_EQ(json.Dump(), R"({"b":"x"})");
  EXPECT_EQ(Json(1).Find("a"), nullptr);
  EXPECT_EQ(Json(std::numeric_limits<uint64_t>::max()).as_double(), 18446744073709551616.0);
}

}  // namespace
}  // namespace sextant
