#include "shard/operation_check.h"

#include <string>
#include <variant>
#include <vector>

namespace sextant::shard {
namespace {

size_t BytesOf(const std::vector<NamedVector>& vectors) {
  size_t bytes = 64;
  for (const NamedVector& vector : vectors) bytes += std::get<DenseVector>(vector.value).size() * sizeof(float);
  return bytes;
}

Status CheckVectors(const std::vector<NamedVector>& vectors, const search::View& view) {
  for (const NamedVector& vector : vectors) {
    const auto known = view.vectors.find(vector.name);
    if (known == view.vectors.end()) return WrongInput("Not existing vector name error: " + vector.name);
    const auto* dense = std::get_if<DenseVector>(&vector.value);
    if (dense == nullptr) return WrongInput("Vector " + vector.name + " is dense");
    if (dense->size() != known->second.params.size)
      return WrongInput("Vector dimension error: expected dim: " + std::to_string(known->second.params.size) +
                        ", got " + std::to_string(dense->size()));
  }
  return OkStatus();
}

}  // namespace

Status CheckVectors(const Operation& operation, const search::View& view) {
  if (const auto* upsert = std::get_if<Upsert>(&operation))
    for (const PointInput& point : upsert->points) RETURN_IF_ERROR(CheckVectors(point.vectors, view));
  if (const auto* update = std::get_if<UpdateVectors>(&operation))
    for (const PointVectors& point : update->points) RETURN_IF_ERROR(CheckVectors(point.vectors, view));
  if (const auto* erase = std::get_if<DeleteVectors>(&operation))
    for (const std::string& name : erase->names)
      if (!view.vectors.contains(name)) return WrongInput("Not existing vector name error: " + name);
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
