#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "payload_index/runs/bitmap.h"
#include "payload_index/runs/run.h"
#include "payload_index/runs/slice_bits.h"
#include "runtime/deadline.h"
#include "types/filter.h"
#include "types/ordinal_set.h"

namespace sextant::payload_index {

// The points of slices of a list.
Bitmap PointsOf(std::span<const Slice> slices, std::span<const uint32_t> points, const SliceBits& bits);

// What: the living points that a predicate accepts, put together from the columns of many runs: as bits where they are
// many, so that no run's part is made a set of its own; else sorted.
// Threads: one. Ownership: borrows the runs.
class SelectedPoints {
 public:
  // The run's points that its column `field` accepts. Preconditions and errors: those of Column::Select; each run once.
  Status Add(const Run& run, size_t field, const Predicate& predicate, std::string_view key, const Deadline& deadline);
  // Any others.
  void Add(std::shared_ptr<const Bitmap> points) { sets_.push_back(std::move(points)); }
  Bitmap Take() const;
  // The same in the form of answers.
  OrdinalSet TakeOrdinals() const;

 private:
  // Of a run all of whose points live.
  struct Part {
    const Column* column;
    std::vector<Slice> slices;
  };
  // The points of the parts: as bits from first_word on, or, when these would be mostly zeros, sorted.
  struct Points {
    size_t first_word = 0;
    std::vector<uint64_t> words;
    std::vector<uint32_t> sorted;
  };
  Points PointsOfParts(bool from_zero) const;

  std::vector<Part> parts_;
  std::vector<std::shared_ptr<const Bitmap>> sets_;
};

}  // namespace sextant::payload_index
