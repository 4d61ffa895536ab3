#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "vector_index/graph/candidate_pool.h"
#include "vector_index/graph/visited_set.h"

namespace sextant::vector_index {

// What: the memory one walk needs, reused from walk to walk so that the hot path allocates nothing.
// Threads: one walk at a time.
struct WalkScratch {
  VisitedSet visited;
  CandidatePool pool;
  CandidatePool results;            // filtered walks: the accepted rows
  std::vector<Candidate> frontier;  // filtered walks: a heap of rows to expand
  std::vector<uint32_t> batch;      // rows to score next
  std::vector<int32_t> distances;   // their integer distances
  std::vector<float> similarities;  // and similarities
  std::vector<int8_t> query_code;
  std::vector<float> floats;

  // Room to score `rows` rows at once.
  void ReserveBatch(size_t rows) {
    if (batch.size() >= rows) return;
    batch.resize(rows);
    distances.resize(rows);
    similarities.resize(rows);
  }
};

// What: hands out scratch to concurrent searches; as many exist as ever ran at once.
// Threads: any.
class ScratchPool {
 public:
  // What: a borrowed scratch, given back on destruction.
  class Lease {
   public:
    Lease(ScratchPool* pool, std::unique_ptr<WalkScratch> scratch) : pool_(pool), scratch_(std::move(scratch)) {}
    ~Lease() { pool_->Return(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    WalkScratch& operator*() { return *scratch_; }
    WalkScratch* operator->() { return scratch_.get(); }

   private:
    ScratchPool* pool_;
    std::unique_ptr<WalkScratch> scratch_;
  };

  Lease Borrow() {
    {
      std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<WalkScratch> scratch = std::move(free_.back());
        free_.pop_back();
        return Lease(this, std::move(scratch));
      }
    }
    return Lease(this, std::make_unique<WalkScratch>());
  }

 private:
  void Return(std::unique_ptr<WalkScratch> scratch) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<WalkScratch>> free_;  // guarded by mutex_
};

}  // namespace sextant::vector_index
