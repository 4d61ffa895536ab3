#include "collection/sharding/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace sextant::collection {
namespace {

// Shared by the caller and the posted tasks. A task that comes late finds nothing left and does not touch `body`,
// which is gone by then.
struct Round {
  explicit Round(size_t n, const std::function<Status(size_t)>& b) : body(&b), statuses(n) {}

  void Work() {
    while (true) {
      size_t mine;
      {
        std::lock_guard lock(mutex);
        if (next == statuses.size()) return;
        mine = next++;
      }
      Status status = (*body)(mine);
      std::lock_guard lock(mutex);
      statuses[mine] = std::move(status);
      if (++finished == statuses.size()) all_finished.notify_all();
    }
  }

  const std::function<Status(size_t)>* body;
  std::mutex mutex;
  std::condition_variable all_finished;
  size_t next = 0;               // guarded by mutex
  size_t finished = 0;           // guarded by mutex
  std::vector<Status> statuses;  // guarded by mutex
};

}  // namespace

Status ForEachParallel(Executor* executor, size_t count, const std::function<Status(size_t)>& body) {
  if (count == 1) return body(0);
  const auto round = std::make_shared<Round>(count, body);
  const size_t helpers = count == 0 ? 0 : std::min(count - 1, static_cast<size_t>(executor->threads()));
  for (size_t i = 0; i < helpers; ++i) executor->Post([round] { round->Work(); });
  round->Work();
  std::unique_lock lock(round->mutex);
  round->all_finished.wait(lock, [&] { return round->finished == count; });
  for (const Status& status : round->statuses) RETURN_IF_ERROR(status);
  return OkStatus();
}

}  // namespace sextant::collection
