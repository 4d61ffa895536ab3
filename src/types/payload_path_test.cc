#include "types/payload_path.h"

#include <gtest/gtest.h>

#include <random>

namespace sextant {
namespace {

PayloadPath Path(std::string_view text) {
  auto path = PayloadPath::Parse(text);
  EXPECT_TRUE(path.ok()) << text;
  return path.ok() ? *path : PayloadPath();
}

Json Parse(std::string_view text) {
  auto json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *json : Json();
}

std::string Values(std::string_view path, std::string_view payload) {
  Json::Array out;
  Path(path).Visit(Parse(payload), [&](const Json& value) { out.push_back(value); });
  return Json(out).Dump();
}

std::string Merged(std::string_view payload, std::string_view path, std::string_view change) {
  Json json = Parse(payload);
  if (path.empty())
    MergePayload(Parse(change), &json);
  else
    MergePayloadAt(Path(path), Parse(change), &json);
  return json.Dump();
}

std::string Deleted(std::string_view payload, std::string_view path) {
  Json json = Parse(payload);
  DeletePayloadPath(Path(path), &json);
  return json.Dump();
}

std::string Selected(PayloadSelector::Kind kind, const std::vector<std::string>& paths, std::string_view payload) {
  PayloadSelector selector{kind, {}};
  for (const std::string& path : paths) selector.paths.push_back(Path(path));
  return SelectPayload(selector, Parse(payload)).Dump();
}

TEST(PayloadPath, ParsesTheGrammar) {
  using Kind = PayloadPath::Step::Kind;
  const PayloadPath path = Path(R"(foo[1][50].bar-baz[]."qux[.]quux")");
  const std::vector<PayloadPath::Step> expected = {{Kind::kKey, "foo", 0}, {Kind::kIndex, "", 1},
                                                   {Kind::kIndex, "", 50}, {Kind::kKey, "bar-baz", 0},
                                                   {Kind::kEach, "", 0},   {Kind::kKey, "qux[.]quux", 0}};
  EXPECT_EQ(path.steps(), expected);
  for (const char* text : {"a", "a_b-c9", "übung.größe", R"("a b")", R"("")", R"(a."")", "a[0]", "a[][].b", "9"})
    EXPECT_EQ(Path(text).ToString(), text);
  EXPECT_EQ(Path(R"("abc")").ToString(), "abc");
  EXPECT_EQ(Path("a[007]").ToString(), "a[7]");
}

TEST(PayloadPath, RejectsEverythingElse) {
  for (const char* text : {"",
                           ".",
                           "a.",
                           ".a",
                           "a..b",
                           "[0]",
                           "[]",
                           "a[",
                           "a]",
                           "a[-1]",
                           "a[x]",
                           "a[1",
                           "a b",
                           "a.b ",
                           "a[1]b",
                           "\"a",
                           "\"a\\b\"",
                           "a\"b\"",
                           "a[99999999999999999999]",
                           "a$",
                           "a[ 1]",
                           "a.[0]"}) {
    auto path = PayloadPath::Parse(text);
    EXPECT_FALSE(path.ok()) << text;
    EXPECT_EQ(ErrorClassOf(path.status()), ErrorClass::kWrongInput);
    EXPECT_EQ(path.status().message(), "Invalid json path: '" + std::string(text) + "'");
  }
}

TEST(PayloadPath, CanonicalTextParsesBack) {
  constexpr uint64_t kSeed = 21;
  std::mt19937_64 random(kSeed);
  constexpr std::string_view kAlphabet = "ab.[]0\" \\-_";
  int parsed = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text;
    for (uint64_t n = random() % 8; n > 0; --n) text.push_back(kAlphabet[random() % kAlphabet.size()]);
    auto path = PayloadPath::Parse(text);
    if (!path.ok()) continue;
    ++parsed;
    ASSERT_EQ(Path(path->ToString()), *path) << text;
  }
  EXPECT_GT(parsed, 1000);
}

TEST(PayloadPath, EachAndJoinExtend) {
  EXPECT_EQ(Path("a.b").Each().ToString(), "a.b[]");
  EXPECT_EQ(Path("a[]").Each().ToString(), "a[]");
  EXPECT_EQ(Path("a[0]").Each().ToString(), "a[0][]");
  EXPECT_EQ(Path("a[]").Join(Path("b.c")).ToString(), "a[].b.c");
}

TEST(PayloadPath, VisitsWithoutCrossingArraysOrExpandingTheLeaf) {
  constexpr char kPayload[] = R"({"a":[{"b":1},{"b":[2,3]},{"c":4},5],"o":{"p":{"q":null}}})";
  EXPECT_EQ(Values("a.b", kPayload), "[]");
  EXPECT_EQ(Values("a[].b", kPayload), "[1,[2,3]]");
  EXPECT_EQ(Values("a[].b[]", kPayload), "[2,3]");
  EXPECT_EQ(Values("a[1].b", kPayload), "[[2,3]]");
  EXPECT_EQ(Values("a[9]", kPayload), "[]");
  EXPECT_EQ(Values("o.p.q", kPayload), "[null]");
  EXPECT_EQ(Values("o.p.q.r", kPayload), "[]");
  EXPECT_EQ(Values("o[]", kPayload), "[]");
}

TEST(MergePayload, WorkedExamplesOfSetPayload) {
  constexpr char kPayload[] = R"({"a":{"x":1,"y":2},"t":[{"k":1},{"k":2}]})";
  EXPECT_EQ(Merged(kPayload, "", R"({"a":{"x":5}})"), R"({"a":{"x":5},"t":[{"k":1},{"k":2}]})");
  EXPECT_EQ(Merged(kPayload, "a", R"({"x":5})"), R"({"a":{"x":5,"y":2},"t":[{"k":1},{"k":2}]})");
  EXPECT_EQ(Merged(kPayload, "t[0]", R"({"z":9})"), R"({"a":{"x":1,"y":2},"t":[{"k":1,"z":9},{"k":2}]})");
  EXPECT_EQ(Merged(kPayload, "t[]", R"({"z":9})"), R"({"a":{"x":1,"y":2},"t":[{"k":1,"z":9},{"k":2,"z":9}]})");
  EXPECT_EQ(Merged(kPayload, "n.m", R"({"q":1})"), R"({"a":{"x":1,"y":2},"t":[{"k":1},{"k":2}],"n":{"m":{"q":1}}})");
  EXPECT_EQ(Merged(kPayload, "", R"({"a":null})"), R"({"t":[{"k":1},{"k":2}]})");
}

TEST(MergePayload, NullRemovesAtAPathToo) {
  EXPECT_EQ(Merged(R"({"a":{"x":1,"y":2}})", "a", R"({"x":null,"z":3})"), R"({"a":{"y":2,"z":3}})");
  EXPECT_EQ(Merged(R"({})", "a", R"({"x":null})"), R"({"a":{}})");
}

TEST(MergePayload, PathsReplaceWhatIsInTheirWay) {
  EXPECT_EQ(Merged(R"({"a":5})", "a", R"({"x":1})"), R"({"a":{"x":1}})");
  EXPECT_EQ(Merged(R"({"a":[1]})", "a.b.c", R"({"x":1})"), R"({"a":{"b":{"c":{"x":1}}}})");
  EXPECT_EQ(Merged(R"({"a":5})", "a[]", R"({"x":1})"), R"({"a":[]})");
  EXPECT_EQ(Merged(R"({"a":{"b":1}})", "a[0].c", R"({"x":1})"), R"({"a":[]})");
  EXPECT_EQ(Merged(R"({"a":[1,{"c":2}]})", "a[].c", R"({"x":1})"), R"({"a":[{"c":{"x":1}},{"c":{"x":1}}]})");
  EXPECT_EQ(Merged(R"({"a":[1]})", "a[3]", R"({"x":1})"), R"({"a":[1]})");
  EXPECT_EQ(Merged(R"({})", "a[].b", R"({"x":1})"), R"({"a":[]})");
}

TEST(DeletePayloadPath, RemovesWhatThePathNames) {
  constexpr char kPayload[] = R"({"a":{"b":1,"c":2},"t":[{"k":1,"l":2},{"k":3}],"s":5})";
  EXPECT_EQ(Deleted(kPayload, "a"), R"({"t":[{"k":1,"l":2},{"k":3}],"s":5})");
  EXPECT_EQ(Deleted(kPayload, "a.b"), R"({"a":{"c":2},"t":[{"k":1,"l":2},{"k":3}],"s":5})");
  EXPECT_EQ(Deleted(kPayload, "t[].k"), R"({"a":{"b":1,"c":2},"t":[{"l":2},{}],"s":5})");
  EXPECT_EQ(Deleted(kPayload, "t[1].k"), R"({"a":{"b":1,"c":2},"t":[{"k":1,"l":2},{}],"s":5})");
  EXPECT_EQ(Deleted(kPayload, "t[]"), R"({"a":{"b":1,"c":2},"t":[],"s":5})");
  for (const char* path : {"t[0]", "t.k", "s.x", "s[]", "x", "a[]", "t[7].k", "x.y"})
    EXPECT_EQ(Deleted(kPayload, path), kPayload) << path;
}

TEST(SelectPayload, IncludeKeepsPrefixesBothWays) {
  using enum PayloadSelector::Kind;
  constexpr char kPayload[] = R"({"a":{"b":{"c":1,"d":2},"e":3},"t":[{"k":1,"l":2},{"k":3},4],"s":5})";
  EXPECT_EQ(Selected(kInclude, {"s"}, kPayload), R"({"s":5})");
  EXPECT_EQ(Selected(kInclude, {"a.b"}, kPayload), R"({"a":{"b":{"c":1,"d":2}}})");
  EXPECT_EQ(Selected(kInclude, {"a.b.d", "s"}, kPayload), R"({"a":{"b":{"d":2}},"s":5})");
  EXPECT_EQ(Selected(kInclude, {"t[].k"}, kPayload), R"({"t":[{"k":1},{"k":3},4]})");
  EXPECT_EQ(Selected(kInclude, {"t.k"}, kPayload), R"({"t":[]})");
  EXPECT_EQ(Selected(kInclude, {"t[0]"}, kPayload), R"({"t":[]})");
  EXPECT_EQ(Selected(kInclude, {"zzz"}, kPayload), "{}");
  EXPECT_EQ(Selected(kInclude, {}, kPayload), "{}");
}

TEST(SelectPayload, ExcludeDropsWhatLiesUnderAPattern) {
  using enum PayloadSelector::Kind;
  constexpr char kPayload[] = R"({"a":{"b":{"c":1,"d":2},"e":3},"t":[{"k":1,"l":2},{"k":3}],"s":5})";
  EXPECT_EQ(Selected(kExclude, {"a"}, kPayload), R"({"t":[{"k":1,"l":2},{"k":3}],"s":5})");
  EXPECT_EQ(Selected(kExclude, {"a.b.c", "s"}, kPayload), R"({"a":{"b":{"d":2},"e":3},"t":[{"k":1,"l":2},{"k":3}]})");
  EXPECT_EQ(Selected(kExclude, {"t[].k"}, kPayload), R"({"a":{"b":{"c":1,"d":2},"e":3},"t":[{"l":2},{}],"s":5})");
  EXPECT_EQ(Selected(kExclude, {"t[]"}, kPayload), R"({"a":{"b":{"c":1,"d":2},"e":3},"t":[],"s":5})");
  EXPECT_EQ(Selected(kExclude, {"t.k", "t[0]"}, kPayload), kPayload);
  EXPECT_EQ(Selected(kExclude, {}, kPayload), kPayload);
}

TEST(SelectPayload, AllAndNone) {
  EXPECT_EQ(Selected(PayloadSelector::Kind::kAll, {}, R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(Selected(PayloadSelector::Kind::kNone, {}, R"({"a":1})"), "{}");
}

}  // namespace
}  // namespace sextant
