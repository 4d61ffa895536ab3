#pragma once

#include <cstdint>

#include "base/status.h"
#include "runtime/deadline.h"

namespace sextant::vector_index {

// What: looks at the deadline once for a stretch of work, not once a row: rows of multivectors differ much in size.
// Threads: one. Ownership: borrows the deadline.
class WorkClock {
 public:
  explicit WorkClock(const Deadline& deadline) : deadline_(deadline) {}

  // `work`: multiplications about to be done. kTimeout past the deadline.
  Status Spend(uint64_t work) {
    spent_ += work;
    if (spent_ < kWorkPerCheck) return OkStatus();
    spent_ = 0;
    return deadline_.Check();
  }

 private:
  static constexpr uint64_t kWorkPerCheck = uint64_t{4} << 20;  // well below a millisecond

  const Deadline& deadline_;
  uint64_t spent_ = kWorkPerCheck;  // the first work is checked
};

}  // namespace sextant::vector_index
