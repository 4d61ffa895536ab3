#include "search/stored_sizes.h"

#include <algorithm>
#include <map>

#include "search/view_points.h"

namespace sextant::search {
namespace {

// So many points are looked at.
constexpr size_t kSample = 1024;

}  // namespace

Result<StoredSizes> EstimateSizes(const View& view) {
  std::map<uint32_t, uint64_t> bytes_of_name;
  for (const auto& [name, vector] : view.vectors)
    bytes_of_name[vector.params.name_id] = uint64_t{vector.params.size} * sizeof(float);
  const ViewPoints points(view);
  const auto all = view.index->AllPoints();
  const size_t stride = std::max<size_t>(1, all->size() / kSample);
  StoredSizes looked_at;
  size_t count = 0;
  size_t place = 0;
  Status status;
  const auto look = [&](Ordinal ordinal) -> Status {
    ASSIGN_OR_RETURN(const points::PointHead head, points.Head(ordinal));
    for (const auto& [name_id, bytes] : bytes_of_name)
      if (head.Find(name_id) != nullptr) looked_at.vector_bytes += bytes;
    ASSIGN_OR_RETURN(const std::string payload, points.Payload(ordinal));
    looked_at.payload_bytes += payload.size();
    ++count;
    return OkStatus();
  };
  all->ForEach([&](Ordinal ordinal) {
    if (place++ % stride == 0) status = look(ordinal);
    return status.ok();
  });
  RETURN_IF_ERROR(status);
  if (count == 0) return StoredSizes{};
  const double scale = static_cast<double>(all->size()) / static_cast<double>(count);
  const auto scaled = [&](uint64_t bytes) { return static_cast<uint64_t>(static_cast<double>(bytes) * scale); };
  return StoredSizes{scaled(looked_at.vector_bytes), scaled(looked_at.payload_bytes)};
}

}  // namespace sextant::search
