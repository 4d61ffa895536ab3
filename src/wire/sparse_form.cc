#include "wire/sparse_form.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant::wire {
namespace {

SparseVector Sorted(const std::vector<uint32_t>& indices, const std::vector<float>& values) {
  std::vector<size_t> order(indices.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return indices[a] < indices[b]; });
  SparseVector sorted;
  sorted.indices.reserve(order.size());
  sorted.values.reserve(order.size());
  for (const size_t at : order) {
    sorted.indices.push_back(indices[at]);
    sorted.values.push_back(values[at]);
  }
  return sorted;
}

}  // namespace

Result<SparseVector> ToSparse(std::vector<uint32_t> indices, std::vector<float> values) {
  if (indices.size() != values.size())
    return ValidationError(
        absl::StrCat("values: must be the same length as indices: ", values.size(), " != ", indices.size()));
  SparseVector sparse = std::is_sorted(indices.begin(), indices.end())
                            ? SparseVector{std::move(indices), std::move(values)}
                            : Sorted(indices, values);
  const auto repeated = std::adjacent_find(sparse.indices.begin(), sparse.indices.end());
  if (repeated == sparse.indices.end()) return sparse;
  return ValidationError(absl::StrCat("indices: must be unique, ", *repeated, " is repeated"));
}

}  // namespace sextant::wire
