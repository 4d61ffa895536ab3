#include "service/checks/vector_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::service {
namespace {

constexpr size_t kMaxMultiVectorSize = size_t{1} << 20;

// Written so that compilers make it a loop over whole registers.
bool AllFinite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7F800000;
  uint32_t not_finite = 0;
  for (const float value : values) not_finite |= (std::bit_cast<uint32_t>(value) & kExponent) == kExponent ? 1U : 0U;
  return not_finite == 0;
}

Status NoVector(const std::string& name, std::string_view why) {
  return ValidationError(fmt::format("[vector: the vector \"{}\" {}]", name, why));
}

Status WrongKind(const std::string& name, std::string_view kinds, std::string_view is, std::string_view got) {
  return WrongInput(
      fmt::format("Conversion between {} vectors failed: vector \"{}\" is {}, got a {} one", kinds, name, is, got));
}

Status CheckSize(const VectorParams& params, size_t size) {
  if (params.size == size) return OkStatus();
  return WrongInput(fmt::format("Vector dimension error: expected dim: {}, got {}", params.size, size));
}

Status CheckForm(const std::string& name, const VectorParams& params, const DenseVector& dense) {
  if (params.kind == VectorKind::kSparse) return WrongKind(name, "sparse and regular", "sparse", "dense");
  if (dense.empty()) return NoVector(name, "is empty");
  return CheckSize(params, dense.size());
}

Status CheckForm(const std::string& name, const VectorParams& params, const MultiVector& multi) {
  if (params.kind == VectorKind::kSparse) return WrongKind(name, "sparse and regular", "sparse", "multi");
  if (params.kind == VectorKind::kDense) return WrongKind(name, "multi and regular", "dense", "multi");
  if (multi.dim == 0 || multi.values.empty()) return NoVector(name, "has no rows");
  if (multi.values.size() % multi.dim != 0) return NoVector(name, "has rows of unequal length");
  if (multi.values.size() >= kMaxMultiVectorSize)
    return NoVector(name, fmt::format("has {} values, a multivector must have fewer than {}", multi.values.size(),
                                      kMaxMultiVectorSize));
  return CheckSize(params, multi.dim);
}

Status CheckForm(const std::string& name, const VectorParams& params, const SparseVector& sparse) {
  if (params.kind != VectorKind::kSparse)
    return WrongKind(name, "sparse and regular", params.kind == VectorKind::kDense ? "dense" : "multi", "sparse");
  if (sparse.indices.size() != sparse.values.size()) return NoVector(name, "has not one value for each index");
  const auto disorder = std::adjacent_find(sparse.indices.begin(), sparse.indices.end(), std::greater_equal<>());
  return disorder == sparse.indices.end() ? OkStatus() : NoVector(name, "has indices that are not ascending");
}

}  // namespace

Result<const VectorParams*> FindVector(const CollectionConfig& config, const std::string& name) {
  const auto found = config.vectors.find(name);
  if (found == config.vectors.end()) return WrongInput(fmt::format("Not existing vector name error: {}", name));
  return &found->second;
}

Status CheckVector(const std::string& name, const VectorParams& params, const VectorValue& value) {
  RETURN_IF_ERROR(std::visit([&](const auto& vector) { return CheckForm(name, params, vector); }, value));
  if (AllFinite(RefOf(value).values)) return OkStatus();
  return WrongInput(fmt::format("the vector \"{}\" has values that are not finite", name));
}

void FitVector(const VectorParams& params, VectorValue* value) {
  auto* dense = std::get_if<DenseVector>(value);
  if (params.kind != VectorKind::kMulti || dense == nullptr) return;
  const auto dim = static_cast<uint32_t>(dense->size());
  *value = MultiVector{dim, std::move(*dense)};
}

}  // namespace sextant::service
