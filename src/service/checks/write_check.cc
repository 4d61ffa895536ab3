#include "service/checks/write_check.h"

#include <fmt/format.h>

#include <string>
#include <type_traits>
#include <variant>

namespace sextant::service {
namespace {

Status CheckPoints(const CollectionConfig& config, const std::vector<PointInput>& points) {
  if (points.empty()) return BadRequest("Empty update request");
  for (const PointInput& point : points) {
    for (const NamedVector& vector : point.vectors) {
      const auto* dense = std::get_if<DenseVector>(&vector.value);
      if (dense == nullptr) return WrongInput(fmt::format("the vector \"{}\" is dense", vector.name));
      if (dense->empty()) {
        return ValidationError(
            fmt::format("[points.vector: the vector \"{}\" of point {} is empty]", vector.name, point.id.ToString()));
      }
      RETURN_IF_ERROR(CheckVector(config, vector.name, dense->size()));
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckVector(const CollectionConfig& config, std::string_view name, size_t dimensions) {
  const auto params = config.vectors.find(std::string(name));
  if (params == config.vectors.end()) return WrongInput(fmt::format("Not existing vector name error: {}", name));
  if (params->second.size != dimensions) {
    return WrongInput(fmt::format("Vector dimension error: expected dim: {}, got {}", params->second.size, dimensions));
  }
  return OkStatus();
}

Status CheckOperation(const CollectionConfig& config, const shard::Operation& operation) {
  return std::visit(
      [&config](const auto& update) -> Status {
        using Update = std::decay_t<decltype(update)>;
        if constexpr (std::is_same_v<Update, shard::Upsert>) {
          return CheckPoints(config, update.points);
        } else if constexpr (requires { update.points.filter; }) {
          if (!update.points.filter && update.points.ids.empty()) return BadRequest("Empty update request");
        }
        return OkStatus();
      },
      operation);
}

bool AddsData(const shard::Operation& operation) {
  return std::holds_alternative<shard::Upsert>(operation) || std::holds_alternative<shard::SetPayload>(operation) ||
         std::holds_alternative<shard::OverwritePayload>(operation) ||
         std::holds_alternative<shard::CreateIndex>(operation);
}

}  // namespace sextant::service
