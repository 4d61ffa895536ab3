#include "service/checks/write_check.h"

#include <fmt/format.h>

#include <string>
#include <type_traits>
#include <variant>

namespace sextant::service {
namespace {

Status CheckVectors(const CollectionConfig& config, const PointId& id, const std::vector<NamedVector>& vectors) {
  for (const NamedVector& vector : vectors) {
    const auto* dense = std::get_if<DenseVector>(&vector.value);
    if (dense == nullptr) return WrongInput(fmt::format("the vector \"{}\" is dense", vector.name));
    if (dense->empty()) {
      return ValidationError(
          fmt::format("[points.vector: the vector \"{}\" of point {} is empty]", vector.name, id.ToString()));
    }
    RETURN_IF_ERROR(CheckVector(config, vector.name, dense->size()));
  }
  return OkStatus();
}

template <typename Points>
Status CheckPoints(const CollectionConfig& config, const Points& points) {
  for (const auto& point : points) RETURN_IF_ERROR(CheckVectors(config, point.id, point.vectors));
  return OkStatus();
}

Status CheckNames(const CollectionConfig& config, const std::vector<std::string>& names) {
  if (names.empty()) return ValidationError("[vector: must specify vector names to delete]");
  for (const std::string& name : names) {
    if (!config.vectors.contains(name)) return WrongInput(fmt::format("Not existing vector name error: {}", name));
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
        if constexpr (requires { update.points.filter; }) {
          if (!update.points.filter && update.points.ids.empty()) return BadRequest("Empty update request");
        } else if constexpr (requires { update.points; }) {
          if (update.points.empty()) return BadRequest("Empty update request");
          RETURN_IF_ERROR(CheckPoints(config, update.points));
        }
        if constexpr (std::is_same_v<Update, shard::DeleteVectors>) RETURN_IF_ERROR(CheckNames(config, update.names));
        if constexpr (std::is_same_v<Update, shard::UpdateVectors>) {
          for (const shard::PointVectors& point : update.points) {
            if (point.vectors.empty())
              return ValidationError("[points.vector: must specify vectors to update for point]");
          }
        }
        return OkStatus();
      },
      operation);
}

bool AddsData(const shard::Operation& operation) {
  return std::holds_alternative<shard::Upsert>(operation) || std::holds_alternative<shard::UpdateVectors>(operation) ||
         std::holds_alternative<shard::SetPayload>(operation) ||
         std::holds_alternative<shard::OverwritePayload>(operation) ||
         std::holds_alternative<shard::CreateIndex>(operation);
}

}  // namespace sextant::service
