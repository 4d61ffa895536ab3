#pragma once

#include <cstddef>
#include <functional>

#include "base/status.h"
#include "runtime/executor.h"

namespace sextant::collection {

// Calls `body(0)` … `body(count - 1)`, several at once where the executor has threads to spare, and returns the first
// error in order of index. The caller's thread takes part and only waits for calls that are running already, so that
// a task of the executor may use this without risk of a deadlock.
Status ForEachParallel(Executor* executor, size_t count, const std::function<Status(size_t)>& body);

}  // namespace sextant::collection
