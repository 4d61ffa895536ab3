#pragma once

#include <chrono>
#include <cstddef>

namespace sextant::shard {

// When a shard has background columns.
struct ColumnPolicy {
  size_t least_points = 10'000;  // whose payloads were read for conditions on a field before it gets one
  size_t most_columns = 16;
  size_t piece_points = size_t{1} << 16;  // that are read at a time, about
  std::chrono::milliseconds unused{std::chrono::minutes(15)};
  std::chrono::milliseconds rest{std::chrono::minutes(5)};   // without new ones after memory was short
  std::chrono::milliseconds check{std::chrono::seconds(5)};  // how often it is looked for unused ones and for memory
};

}  // namespace sextant::shard
