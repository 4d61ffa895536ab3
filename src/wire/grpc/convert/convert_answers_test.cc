#include "wire/grpc/convert/convert_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

TEST(ConvertAnswers, RecordsLeaveOutWhatWasNotAskedFor) {
  qdrant::GetResponse reply;
  ASSERT_TRUE(FillRecords({{PointId::Number(1), std::nullopt, std::nullopt},
                           {PointId::Number(2), R"({"a":1})", std::vector<NamedVector>{{"", DenseVector{0.5f}}}}},
                          reply.mutable_result())
                  .ok());
  EXPECT_EQ(TextOf(reply),
            "result { id { num: 1 } } result { id { num: 2 } payload { key: \"a\" value { integer_value: 1 } } "
            "vectors { vector { dense { data: 0.5 } } } }");
}

TEST(ConvertAnswers, HitsCarryVersionAndScore) {
  const std::vector<service::ScoredPoint> hits = {{{PointId::Number(1), "{}", std::nullopt}, 7, 0.5f}};
  qdrant::QueryBatchResponse reply;
  ASSERT_TRUE(FillHitLists({hits, {}}, reply.mutable_result()).ok());
  EXPECT_EQ(TextOf(reply), "result { result { id { num: 1 } score: 0.5 version: 7 } } result { }");
}

TEST(ConvertAnswers, ScrollSaysWhereToGoOn) {
  service::ScrollResult page;
  page.points.push_back({{PointId::Number(1), std::nullopt, std::nullopt}, int64_t{5}});
  page.points.push_back({{PointId::Number(2), std::nullopt, std::nullopt}, 5.5});
  page.next_page_offset = PointId::Uuid(0, 1);
  qdrant::ScrollResponse reply;
  ASSERT_TRUE(FillScroll(page, &reply).ok());
  EXPECT_EQ(reply.next_page_offset().uuid(), "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(reply.result(0).order_value().int_(), 5);
  EXPECT_EQ(reply.result(1).order_value().float_(), 5.5);
  qdrant::ScrollResponse last;
  ASSERT_TRUE(FillScroll({}, &last).ok());
  EXPECT_FALSE(last.has_next_page_offset());
}

TEST(ConvertAnswers, UpdateResults) {
  qdrant::UpdateResult out;
  FillUpdateResult({3, service::UpdateStatus::kCompleted}, &out);
  EXPECT_EQ(TextOf(out), "operation_id: 3 status: Completed");
  out.Clear();
  FillUpdateResult({std::nullopt, service::UpdateStatus::kAcknowledged}, &out);
  EXPECT_EQ(TextOf(out), "status: Acknowledged");
  out.Clear();
  FillUpdateResult({std::nullopt, service::UpdateStatus::kWaitTimeout}, &out);
  EXPECT_EQ(TextOf(out), "status: WaitTimeout");
}

TEST(ConvertAnswers, DamagedPayloadsAreErrors) {
  qdrant::GetResponse reply;
  EXPECT_EQ(SeenOf(FillRecords({{PointId::Number(1), "{", std::nullopt}}, reply.mutable_result())),
            "13 Service internal error: a stored payload is not a JSON object");
}

}  // namespace
}  // namespace sextant::wire
