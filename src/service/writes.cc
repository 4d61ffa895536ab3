#include <atomic>
#include <memory>
#include <utility>

#include "collection/collection.h"
#include "collection/node.h"
#include "service/names.h"
#include "service/service.h"
#include "service/timeouts.h"
#include "service/write_check.h"

namespace sextant::service {
namespace {

// An update that the client waits for: answered by its shards or by the clock, whichever is first.
struct WaitedWrite {
  explicit WaitedWrite(Service::UpdateCallback callback) : done(std::move(callback)) {}

  void Answer(Result<UpdateResult> answer) {
    // Exactly one of the two gets here first; `done` is not touched by the other.
    if (!answered.exchange(true, std::memory_order_relaxed)) done(std::move(answer));
  }

  std::atomic<bool> answered{false};
  Service::UpdateCallback done;
};

shard::WriteCallback AnswerInTime(Timer* timer, const WriteOptions& options, Service::UpdateCallback done) {
  const auto write = std::make_shared<WaitedWrite>(std::move(done));
  const Timer::TaskId task = timer->RunAfter(TimeoutOf(options.timeout_ms), [write] {
    write->Answer(UpdateResult{std::nullopt, UpdateStatus::kWaitTimeout});
  });
  return [timer, write, task](Result<shard::WriteOutcome> outcome) {
    timer->Cancel(task);
    if (outcome.ok()) {
      write->Answer(UpdateResult{outcome->operation_number, UpdateStatus::kCompleted});
    } else {
      write->Answer(outcome.status());
    }
  };
}

// The client does not wait for the update to be visible, but it is durable when we acknowledge it. That a point it
// names is missing only shows when it is applied, and the reference answers before that.
shard::WriteCallback AnswerAcknowledged(Service::UpdateCallback done) {
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

}  // namespace

void Service::Write(std::string_view collection, shard::Operation operation, const WriteOptions& options,
                    UpdateCallback done) {
  if (Status name = CheckName(collection); !name.ok()) return done(name);
  auto found = node_->Find(collection);
  if (!found.ok()) return done(found.status());
  if (Status check = CheckOperation(*(*found)->config(), operation); !check.ok()) return done(check);
  (*found)->Submit(std::move(operation), options.wait ? AnswerInTime(node_->timer(), options, std::move(done))
                                                      : AnswerAcknowledged(std::move(done)));
}

}  // namespace sextant::service
