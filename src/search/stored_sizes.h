#pragma once

#include <cstdint>

#include "base/status.h"
#include "search/view.h"

namespace sextant::search {

struct StoredSizes {
  uint64_t vector_bytes = 0;   // of the values of dense vectors, as f32
  uint64_t payload_bytes = 0;  // of the payloads' texts
};

// What a view's points take, whatever it costs to keep them: exact for small shards, extrapolated from evenly spread
// points for larger ones.
Result<StoredSizes> EstimateSizes(const View& view);

}  // namespace sextant::search
