#include "service/write_answer.h"

#include <atomic>
#include <memory>
#include <utility>

#include "service/timeouts.h"

namespace sextant::service {
namespace {

// An update that the client waits for: answered by its shards or by the clock, whichever is first.
struct WaitedWrite {
  explicit WaitedWrite(UpdateCallback callback) : done(std::move(callback)) {}

  void Answer(Result<UpdateResult> answer) {
    // Exactly one of the two finds false here; the other does not touch `done`.
    if (!answered.exchange(true, std::memory_order_relaxed)) done(std::move(answer));
  }

  std::atomic<bool> answered{false};
  const UpdateCallback done;
};

}  // namespace

shard::WriteCallback AnswerInTime(Timer* timer, std::optional<uint64_t> timeout_ms, UpdateCallback done) {
  const auto write = std::make_shared<WaitedWrite>(std::move(done));
  const Timer::TaskId task = timer->RunAfter(
      TimeoutOf(timeout_ms), [write] { write->Answer(UpdateResult{std::nullopt, UpdateStatus::kWaitTimeout}); });
  return [timer, write, task](Result<shard::WriteOutcome> outcome) {
    timer->Cancel(task);
    if (outcome.ok()) {
      write->Answer(UpdateResult{outcome->operation_number, UpdateStatus::kCompleted});
    } else {
      write->Answer(outcome.status());
    }
  };
}

shard::WriteCallback AnswerAcknowledged(UpdateCallback done) {
  return [done = std::move(done)](Result<shard::WriteOutcome> outcome) {
    if (outcome.ok()) {
      done(UpdateResult{outcome->operation_number, UpdateStatus::kAcknowledged});
    } else if (ErrorClassOf(outcome.status()) == ErrorClass::kNotFound) {
      done(UpdateResult{std::nullopt, UpdateStatus::kAcknowledged});
    } else {
      done(outcome.status());
    }
  };
}

shard::WriteCallback HeldBack(Timer* timer, std::chrono::milliseconds delay, shard::WriteCallback answer) {
  if (delay.count() == 0) return answer;
  return [timer, delay, answer = std::move(answer)](const Result<shard::WriteOutcome>& outcome) {
    if (!outcome.ok()) return answer(outcome);
    timer->RunAfter(delay, [answer, outcome] { answer(outcome); });
  };
}

}  // namespace sextant::service
