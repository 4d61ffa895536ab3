#include "service/write_answer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace sextant::service {
namespace {

// Collects the answers to one update.
class Answers {
 public:
  UpdateCallback Callback() {
    return [this](Result<UpdateResult> answer) {
      ++count_;
      first_.set_value(std::move(answer));  // throws if there is a second one
    };
  }
  Result<UpdateResult> Wait() { return first_.get_future().get(); }
  int count() const { return count_; }

 private:
  std::atomic<int> count_{0};
  std::promise<Result<UpdateResult>> first_;
};

TEST(AnswerInTime, CompletesWithTheOperationNumber) {
  Timer timer;
  Answers answers;
  AnswerInTime(&timer, std::nullopt, answers.Callback())(shard::WriteOutcome{7});
  const auto answer = answers.Wait();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, UpdateStatus::kCompleted);
  EXPECT_EQ(answer->operation_id, 7u);
}

TEST(AnswerInTime, PassesErrorsOn) {
  Timer timer;
  Answers answers;
  AnswerInTime(&timer, 1000, answers.Callback())(NotFound("x"));
  EXPECT_EQ(ErrorClassOf(answers.Wait().status()), ErrorClass::kNotFound);
}

TEST(AnswerInTime, TimesOutOnceAndIgnoresTheLateOutcome) {
  Timer timer;
  Answers answers;
  const auto callback = AnswerInTime(&timer, 5, answers.Callback());
  const auto answer = answers.Wait();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, UpdateStatus::kWaitTimeout);
  EXPECT_FALSE(answer->operation_id);
  callback(shard::WriteOutcome{7});
  EXPECT_EQ(answers.count(), 1);
}

TEST(AnswerInTime, NeverOverflowsOnHugeTimeouts) {
  Timer timer;
  Answers answers;
  const auto callback = AnswerInTime(&timer, UINT64_MAX, answers.Callback());
  callback(shard::WriteOutcome{});
  EXPECT_EQ(answers.Wait()->status, UpdateStatus::kCompleted);
}

TEST(AnswerAcknowledged, HidesOnlyMissingPoints) {
  const auto answer_to = [](Result<shard::WriteOutcome> outcome) {
    Answers answers;
    AnswerAcknowledged(answers.Callback())(std::move(outcome));
    return answers.Wait();
  };
  EXPECT_EQ(answer_to(shard::WriteOutcome{7})->status, UpdateStatus::kAcknowledged);
  EXPECT_EQ(answer_to(shard::WriteOutcome{7})->operation_id, 7u);
  EXPECT_EQ(answer_to(NotFound("x"))->status, UpdateStatus::kAcknowledged);
  EXPECT_EQ(ErrorClassOf(answer_to(StorageFull("x")).status()), ErrorClass::kStorageFull);
}

TEST(HeldBack, DelaysSuccessAndPassesErrorsOnAtOnce) {
  Timer timer;
  Answers late;
  const auto start = std::chrono::steady_clock::now();
  HeldBack(&timer, std::chrono::milliseconds(30), AnswerAcknowledged(late.Callback()))(shard::WriteOutcome{7});
  EXPECT_EQ(late.Wait()->operation_id, 7u);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(30));

  Answers failed;
  HeldBack(&timer, std::chrono::hours(1), AnswerAcknowledged(failed.Callback()))(StorageFull("x"));
  EXPECT_EQ(ErrorClassOf(failed.Wait().status()), ErrorClass::kStorageFull);

  Answers prompt;
  HeldBack(&timer, std::chrono::milliseconds(0), AnswerAcknowledged(prompt.Callback()))(shard::WriteOutcome{7});
  EXPECT_EQ(prompt.count(), 1);
}

TEST(HeldBack, AClientsTimeLimitHoldsAllTheSame) {
  Timer timer;
  Answers answers;
  HeldBack(&timer, std::chrono::hours(1), AnswerInTime(&timer, 5, answers.Callback()))(shard::WriteOutcome{7});
  EXPECT_EQ(answers.Wait()->status, UpdateStatus::kWaitTimeout);
}

}  // namespace
}  // namespace sextant::service
