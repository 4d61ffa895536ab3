#include "service/strict/write_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>
#include <vector>

#include "service/strict/filter_limits.h"

namespace sextant::service {
namespace {

using collection::CollectionView;

Status CheckSize(std::optional<uint64_t> limit, uint64_t bytes, std::string_view what) {
  if (!limit || bytes < *limit) return OkStatus();
  return StrictError(fmt::format("Max {} storage size limit of {}MB reached!", what, *limit >> 20),
                     "Delete points or raise the limit.");
}

enum class Adds { kPoints, kPayload };

Status CheckCollectionSize(const WriteLimits& limits, Adds adds) {
  const StrictMode& mode = limits.mode;
  const bool vectors = adds == Adds::kPoints && mode.max_collection_vector_size_bytes.has_value();
  if (vectors || mode.max_collection_payload_size_bytes) {
    ASSIGN_OR_RETURN(const search::StoredSizes sizes, limits.sizes());
    if (vectors) RETURN_IF_ERROR(CheckSize(mode.max_collection_vector_size_bytes, sizes.vector_bytes, "vector"));
    RETURN_IF_ERROR(CheckSize(mode.max_collection_payload_size_bytes, sizes.payload_bytes, "payload"));
  }
  if (adds != Adds::kPoints || !mode.max_points_count || limits.view.point_count() < *mode.max_points_count)
    return OkStatus();
  return StrictError(fmt::format("Max points count limit of {} reached!", *mode.max_points_count),
                     "Delete points or raise the limit.");
}

Status CheckVectorSize(const StrictMode& mode, const NamedVector& vector) {
  if (const auto* multi = std::get_if<MultiVector>(&vector.value)) {
    const auto limit = mode.multivector_max_vectors.find(vector.name);
    if (limit == mode.multivector_max_vectors.end() || multi->rows() <= limit->second) return OkStatus();
    return StrictError(fmt::format("Multivector '{}' has a limit of {} vectors, but {} were provided!", vector.name,
                                   limit->second, multi->rows()),
                       "Reduce the number of vectors.");
  }
  if (const auto* sparse = std::get_if<SparseVector>(&vector.value)) {
    const auto limit = mode.sparse_max_length.find(vector.name);
    if (limit == mode.sparse_max_length.end() || sparse->indices.size() <= limit->second) return OkStatus();
    return StrictError(fmt::format("Sparse vector '{}' has a limit of {} indices, but {} were provided!", vector.name,
                                   limit->second, sparse->indices.size()),
                       "Reduce the number of indices.");
  }
  return OkStatus();
}

template <typename Points>
Status CheckVectorSizes(const StrictMode& mode, const Points& points) {
  if (mode.multivector_max_vectors.empty() && mode.sparse_max_length.empty()) return OkStatus();
  for (const auto& point : points)
    for (const NamedVector& vector : point.vectors) RETURN_IF_ERROR(CheckVectorSize(mode, vector));
  return OkStatus();
}

Status CheckWriteFilter(const WriteLimits& limits, const std::optional<Filter>& filter) {
  if (!filter) return OkStatus();
  return CheckFilter(*filter, limits.mode, limits.mode.unindexed_filtering_update,
                     [&](const PayloadPath& field) { return limits.view.SchemaOf(field); });
}

Status Check(const WriteLimits& limits, const shard::Upsert& upsert) {
  RETURN_IF_ERROR(CheckLimit(uint64_t{upsert.points.size()}, limits.mode.upsert_max_batchsize, "upsert limit"));
  RETURN_IF_ERROR(CheckCollectionSize(limits, Adds::kPoints));
  RETURN_IF_ERROR(CheckVectorSizes(limits.mode, upsert.points));
  return CheckWriteFilter(limits, upsert.update_filter);
}

Status Check(const WriteLimits& limits, const shard::UpdateVectors& update) {
  RETURN_IF_ERROR(CheckLimit(uint64_t{update.points.size()}, limits.mode.upsert_max_batchsize, "update limit"));
  RETURN_IF_ERROR(CheckVectorSizes(limits.mode, update.points));
  return CheckWriteFilter(limits, update.update_filter);
}

Status Check(const WriteLimits& limits, const shard::CreateIndex&) {
  const auto limit = limits.mode.max_payload_index_count;
  if (!limit || limits.view.IndexCount() < *limit) return OkStatus();
  return StrictError(fmt::format("Collection already has the maximum number of payload indices ({})", *limit),
                     "Please delete an existing index before creating a new one.");
}

template <typename Operation>
Status Check(const WriteLimits& limits, const Operation& operation) {
  if constexpr (requires { operation.payload; }) RETURN_IF_ERROR(CheckCollectionSize(limits, Adds::kPayload));
  if constexpr (requires { operation.points.filter; }) return CheckWriteFilter(limits, operation.points.filter);
  return OkStatus();
}

}  // namespace

Status CheckWrite(const WriteLimits& limits, const shard::Operation& operation) {
  return std::visit([&](const auto& update) { return Check(limits, update); }, operation);
}

Result<uint64_t> WriteCost(const CollectionView& view, const shard::Operation& operation, const Deadline& deadline) {
  return std::visit(
      [&](const auto& update) -> Result<uint64_t> {
        uint64_t points = 1;
        if constexpr (requires { update.points.filter; }) {
          points = update.points.ids.size();
          if (update.points.filter) {
            ASSIGN_OR_RETURN(const uint64_t estimate, view.Count(&*update.points.filter, false, deadline));
            points += estimate;
          }
        } else if constexpr (requires { update.points; }) {
          points = update.points.size();
        }
        return std::max<uint64_t>(points, 1);
      },
      operation);
}

}  // namespace sextant::service
