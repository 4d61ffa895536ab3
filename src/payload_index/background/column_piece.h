#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "payload_index/background/background_column.h"
#include "payload_index/index_snapshot.h"
#include "payload_index/runs/run.h"
#include "runtime/deadline.h"

namespace sextant::payload_index {

// A piece of the background columns: what some runs lacked of them.
// Immutable; any thread. A point that is live in a run has not changed since the run was made, so that the piece stays
// true for the run in all later snapshots, whatever was written meanwhile.
struct ColumnPiece {
  struct Part {
    std::shared_ptr<const Run::Columns> run;  // its identity
    std::vector<std::pair<BackgroundColumn, std::shared_ptr<const Column>>> columns;
  };
  std::vector<Part> parts;
};

// What runs of about `points` points lack, from their payloads. Without parts when no run lacks anything.
// kUnavailable when cancelled.
Result<ColumnPiece> ReadPiece(std::span<const IndexedField> fields, std::span<const Run> runs,
                              const PointSource& points, size_t about_points, const CancelToken& cancel);

// The run with what the piece has of it.
Run WithPiece(const ColumnPiece& piece, std::span<const IndexedField> fields, const Run& run);

}  // namespace sextant::payload_index
