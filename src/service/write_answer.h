#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/status.h"
#include "runtime/timer.h"
#include "service/requests.h"
#include "shard/operation.h"

namespace sextant::service {

using UpdateCallback = std::function<void(Result<UpdateResult>)>;

// What a shard calls back turns into the client's answer. `done` is called exactly once.

// For a client that waits: kCompleted with the operation number, an error, or kWaitTimeout when that takes too long;
// the update goes on then. The timer outlives the shard's callback.
shard::WriteCallback AnswerInTime(Timer* timer, std::optional<uint64_t> timeout_ms, UpdateCallback done);

// For a client that does not: kAcknowledged once the update is durable. A missing point only shows when an update is
// applied, which clients that do not wait are not told; other errors they are.
shard::WriteCallback AnswerAcknowledged(UpdateCallback done);

// Passes a success on to `answer` after `delay`, on the timer's thread; an error at once.
shard::WriteCallback HeldBack(Timer* timer, std::chrono::milliseconds delay, shard::WriteCallback answer);

}  // namespace sextant::service
