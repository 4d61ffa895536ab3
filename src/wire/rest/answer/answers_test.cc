#include "wire/rest/answer/answers.h"

#include <gtest/gtest.h>

namespace sextant::wire {
namespace {

TEST(Answers, RecordsLeaveOutWhatWasNotAskedFor) {
  Record record{PointId::Number(1), std::nullopt, std::nullopt};
  EXPECT_EQ(EncodeRecord(record), R"({"id":1})");
  record.payload = "{}";
  record.vectors.emplace();
  EXPECT_EQ(EncodeRecord(record), R"({"id":1,"payload":{},"vector":{}})");
}

TEST(Answers, ALoneUnnamedVectorIsABareList) {
  Record record{*PointId::ParseUuid("5C56C79369F34FBF87E6C4BF54C28C26"), std::nullopt, std::nullopt};
  record.vectors = std::vector<NamedVector>{{"", DenseVector{1.0f, 0.1f, -2.5e-7f}}};
  EXPECT_EQ(EncodeRecord(record), R"({"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","vector":[1.0,0.1,-2.5e-7]})");
  record.vectors = std::vector<NamedVector>{{"a", DenseVector{1.0f}}};
  EXPECT_EQ(EncodeRecords({record}), R"([{"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","vector":{"a":[1.0]}}])");
  record.vectors = std::vector<NamedVector>{{"", DenseVector{1.0f}}, {"a\"", DenseVector{2.0f}}};
  EXPECT_EQ(EncodeRecord(record), R"({"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","vector":{"":[1.0],"a\"":[2.0]}})");
}

TEST(Answers, VectorsOfEveryKind) {
  Record record{PointId::Number(1), std::nullopt, std::nullopt};
  record.vectors = std::vector<NamedVector>{{"", MultiVector{2, {1, 2, 3, 4}}}};
  EXPECT_EQ(EncodeRecord(record), R"({"id":1,"vector":[[1.0,2.0],[3.0,4.0]]})");
  record.vectors = std::vector<NamedVector>{
      {"m", MultiVector{1, {5}}}, {"s", SparseVector{{3, 4294967295}, {0.5, -1}}}, {"z", SparseVector{}}};
  EXPECT_EQ(EncodeRecord(record), R"({"id":1,"vector":{"m":[[5.0]],"s":{"indices":[3,4294967295],"values":[0.5,-1.0]},)"
                                  R"("z":{"indices":[],"values":[]}}})");
}

TEST(Answers, HitsCarryVersionAndScore) {
  const std::vector<service::ScoredPoint> hits = {{{PointId::Number(1), R"({"a":1})", std::nullopt}, 7, 0.5f},
                                                  {{PointId::Number(2), std::nullopt, std::nullopt}, 0, 1.0f}};
  const std::string list = R"([{"id":1,"version":7,"score":0.5,"payload":{"a":1}},{"id":2,"version":0,"score":1.0}])";
  EXPECT_EQ(EncodeHits(hits), list);
  EXPECT_EQ(EncodePoints(hits), "{\"points\":" + list + "}");
  EXPECT_EQ(EncodeHitLists({hits, {}}), "[" + list + ",[]]");
  EXPECT_EQ(EncodePointLists({{}, hits}), "[{\"points\":[]},{\"points\":" + list + "}]");
}

TEST(Answers, ScrollAlwaysHasItsNextPage) {
  service::ScrollResult result;
  EXPECT_EQ(EncodeScroll(result), R"({"points":[],"next_page_offset":null})");
  result.points.push_back({{PointId::Number(1), "{}", std::nullopt}, int64_t{5}});
  result.points.push_back({{PointId::Number(1), "{}", std::nullopt}, 5.0});
  result.next_page_offset = PointId::Uuid(0, 1);
  EXPECT_EQ(EncodeScroll(result),
            R"({"points":[{"id":1,"payload":{},"order_value":5},{"id":1,"payload":{},"order_value":5.0}],)"
            R"("next_page_offset":"00000000-0000-0000-0000-000000000001"})");
}

TEST(Answers, HitsInOrderOfAValueCarryIt) {
  EXPECT_EQ(EncodeHits({{{PointId::Number(1), "{}", std::nullopt}, 0, 1.0f, 2.5}}),
            R"([{"id":1,"version":0,"score":1.0,"payload":{},"order_value":2.5}])");
}

TEST(Answers, Groups) {
  const service::ScoredPoint hit{{PointId::Number(1), std::nullopt, std::nullopt}, 7, 0.5f};
  const Record lookup{PointId::Number(9), "{}", std::nullopt};
  EXPECT_EQ(EncodeGroups({{std::string("a\""), {hit}, std::nullopt}, {uint64_t{9}, {}, lookup}, {int64_t{-1}, {}, {}}}),
            R"({"groups":[{"hits":[{"id":1,"version":7,"score":0.5}],"id":"a\""},)"
            R"({"hits":[],"id":9,"lookup":{"id":9,"payload":{}}},{"hits":[],"id":-1}]})");
}

TEST(Answers, Facets) {
  EXPECT_EQ(EncodeFacet({{std::string("a"), 3}, {int64_t{-2}, 2}, {true, 1}}),
            R"({"hits":[{"value":"a","count":3},{"value":-2,"count":2},{"value":true,"count":1}]})");
}

TEST(Answers, Matrices) {
  service::Matrix matrix;
  EXPECT_EQ(EncodeMatrixPairs(matrix), R"({"pairs":[]})");
  EXPECT_EQ(EncodeMatrixOffsets(matrix), R"({"offsets_row":[],"offsets_col":[],"scores":[],"ids":[]})");
  matrix.ids = {PointId::Number(5), PointId::Number(8)};
  matrix.rows = {{{1, 0.5f}}, {{0, 0.5f}}};
  EXPECT_EQ(EncodeMatrixPairs(matrix), R"({"pairs":[{"a":5,"b":8,"score":0.5},{"a":8,"b":5,"score":0.5}]})");
  EXPECT_EQ(EncodeMatrixOffsets(matrix), R"({"offsets_row":[0,1],"offsets_col":[1,0],"scores":[0.5,0.5],"ids":[5,8]})");
}

TEST(Answers, UpdateResults) {
  EXPECT_EQ(EncodeUpdateResult({3, service::UpdateStatus::kCompleted}), R"({"operation_id":3,"status":"completed"})");
  EXPECT_EQ(EncodeUpdateResult({std::nullopt, service::UpdateStatus::kAcknowledged}), R"({"status":"acknowledged"})");
  EXPECT_EQ(EncodeUpdateResult({std::nullopt, service::UpdateStatus::kWaitTimeout}), R"({"status":"wait_timeout"})");
}

TEST(Answers, NamesAndAliases) {
  EXPECT_EQ(EncodeCollectionNames({"a", "b\n"}), R"({"collections":[{"name":"a"},{"name":"b\n"}]})");
  EXPECT_EQ(EncodeAliases({{"x", "c"}}), R"({"aliases":[{"alias_name":"x","collection_name":"c"}]})");
  EXPECT_EQ(EncodeCount(5), R"({"count":5})");
}

}  // namespace
}  // namespace sextant::wire
