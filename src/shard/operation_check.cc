#include "shard/operation_check.h"

#include <algorithm>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace sextant::shard {
namespace {

size_t BytesOf(const std::vector<NamedVector>& vectors) {
  size_t bytes = 64;
  for (const NamedVector& vector : vectors) {
    const VectorRef values = RefOf(vector.value);
    bytes += values.values.size_bytes() + values.indices.size_bytes();
  }
  return bytes;
}

Status WrongDimension(uint64_t expected, uint64_t got) {
  return WrongInput("Vector dimension error: expected dim: " + std::to_string(expected) + ", got " +
                    std::to_string(got));
}

Status CheckVector(const VectorParams& params, const NamedVector& vector) {
  const auto* dense = std::get_if<DenseVector>(&vector.value);
  const auto* multi = std::get_if<MultiVector>(&vector.value);
  const auto* sparse = std::get_if<SparseVector>(&vector.value);
  switch (params.kind) {
    case VectorKind::kDense:
      if (dense == nullptr) return WrongInput("Vector " + vector.name + " is dense");
      return dense->size() == params.size ? OkStatus() : WrongDimension(params.size, dense->size());
    case VectorKind::kMulti:
      if (multi == nullptr || multi->values.empty())
        return WrongInput("Vector " + vector.name + " has one or more rows of " + std::to_string(params.size));
      return multi->dim == params.size && multi->values.size() % params.size == 0
                 ? OkStatus()
                 : WrongDimension(params.size, multi->dim);
    case VectorKind::kSparse:
      if (sparse == nullptr) return WrongInput("Vector " + vector.name + " is sparse");
      return sparse->indices.size() == sparse->values.size() &&
                     std::adjacent_find(sparse->indices.begin(), sparse->indices.end(), std::greater_equal<>()) ==
                         sparse->indices.end()
                 ? OkStatus()
                 : WrongInput("the indices of vector " + vector.name + " must be ascending, one for each value");
  }
  return OkStatus();
}

Status CheckVectors(const std::vector<NamedVector>& given, const VectorStates& vectors) {
  for (const NamedVector& vector : given) {
    const auto known = vectors.find(vector.name);
    if (known == vectors.end()) return WrongInput("Not existing vector name error: " + vector.name);
    RETURN_IF_ERROR(CheckVector(known->second.params, vector));
  }
  return OkStatus();
}

}  // namespace

Status CheckVectors(const Operation& operation, const VectorStates& vectors) {
  if (const auto* upsert = std::get_if<Upsert>(&operation))
    for (const PointInput& point : upsert->points) RETURN_IF_ERROR(CheckVectors(point.vectors, vectors));
  if (const auto* update = std::get_if<UpdateVectors>(&operation))
    for (const PointVectors& point : update->points) RETURN_IF_ERROR(CheckVectors(point.vectors, vectors));
  if (const auto* erase = std::get_if<DeleteVectors>(&operation))
    for (const std::string& name : erase->names)
      if (!vectors.contains(name)) return WrongInput("Not existing vector name error: " + name);
  return OkStatus();
}

size_t ApproximateBytes(const Operation& operation) {
  size_t bytes = 1024;
  if (const auto* upsert = std::get_if<Upsert>(&operation))
    for (const PointInput& point : upsert->points) bytes += point.payload.size() + BytesOf(point.vectors);
  if (const auto* update = std::get_if<UpdateVectors>(&operation))
    for (const PointVectors& point : update->points) bytes += BytesOf(point.vectors);
  return bytes;
}

}  // namespace sextant::shard
