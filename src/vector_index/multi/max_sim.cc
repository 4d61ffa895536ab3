#include "vector_index/multi/max_sim.h"

#include <algorithm>
#include <limits>

#include "vector_index/dense/row_values.h"

namespace sextant::vector_index {
namespace {

// From so many rows on, a group of the kernels that is not full costs less than comparing them row by row.
constexpr size_t kFewestInGroup = 6;
constexpr float kNone = -std::numeric_limits<float>::infinity();

}  // namespace

MaxSim::MaxSim(const SegmentSpec& spec, std::span<const float> query)
    : dim_(spec.dim),
      normalizes_(IsKeptUnnormalized(spec)),
      distance_(spec.distance),
      kernel_(MaxKernelOf(spec.distance)),
      query_(query) {
  if (normalizes_) {
    AppendNormalized(query, dim_, &normalized_query_);
    query_ = normalized_query_;
  }
  const size_t left_over = query_rows() % kernels::kQueryLanes;
  groups_ = query_rows() / kernels::kQueryLanes + (left_over >= kFewestInGroup ? 1 : 0);
  grouped_ = GroupRows(query_, dim_, groups_);
  best_.resize(groups_ * kernels::kQueryLanes);
}

float MaxSim::Similarity(std::span<const float> stored) {
  if (normalizes_) {
    normalized_.clear();
    AppendNormalized(stored, dim_, &normalized_);
    stored = normalized_;
  }
  const size_t grouped_rows = std::min(query_rows(), best_.size());
  double sum = 0;
  if (groups_ > 0) {
    std::fill(best_.begin(), best_.end(), kNone);
    kernel_({grouped_.data(), groups_, dim_}, stored.data(), stored.size() / dim_, best_.data());
    for (size_t row = 0; row < grouped_rows; ++row) sum += static_cast<double>(best_[row]);
  }
  for (size_t row = grouped_rows; row < query_rows(); ++row) {
    float best = kNone;
    for (size_t at = 0; at < stored.size(); at += dim_) {
      const float similarity = distance_.Similarity(query_.data() + row * dim_, stored.data() + at, dim_);
      best = similarity > best ? similarity : best;
    }
    sum += static_cast<double>(best);
  }
  return static_cast<float>(sum);
}

void AppendNormalized(std::span<const float> rows, size_t dim, std::vector<float>* out) {
  const size_t before = out->size();
  out->resize(before + rows.size());
  for (size_t at = 0; at < rows.size(); at += dim)
    kernels::Kernels().normalize(rows.data() + at, out->data() + before + at, dim);
}

}  // namespace sextant::vector_index
