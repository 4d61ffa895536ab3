#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "payload_index/index_snapshot.h"
#include "points/point_table.h"
#include "storage/store.h"
#include "types/config.h"
#include "vector_index/segment.h"

namespace sextant::search {

// The rows of one named vector in a view.
struct VectorView {
  VectorParams params;
  HnswConfig hnsw;            // effective: the vector's over the collection's
  bool is_quantized = false;  // by the client's own configuration
  std::vector<std::shared_ptr<const vector_index::SealedRows>> sealed;
  struct Growing {
    std::shared_ptr<const vector_index::GrowingRows> segment;
    uint32_t rows = 0;  // the prefix that belongs to the view
  };
  std::vector<Growing> growing;  // newest last; older ones are being sealed
};

// What: one consistent state of a shard, held by a reader for the length of a request. Published whole by the shard's
// writer. A row belongs to it if its segment is named here (a growing one up to `rows`) and it is alive at `version`.
// Threads: immutable; any thread.
// Ownership: keeps segments, index runs, the store and its snapshot alive; must not outlive the store's environment.
struct View {
  OperationNumber version = 0;
  uint64_t point_count = 0;
  std::map<std::string, VectorView, std::less<>> vectors;  // by name, "" is the unnamed one
  std::shared_ptr<const payload_index::IndexSnapshot> index;
  std::shared_ptr<const storage::Store> store;  // declared before `snapshot`, which must go first
  std::shared_ptr<const storage::StoreSnapshot> snapshot;
  std::shared_ptr<const points::PointTable> points;
};

}  // namespace sextant::search
