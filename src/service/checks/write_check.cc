#include "service/checks/write_check.h"

#include <string>
#include <type_traits>
#include <variant>

#include "service/checks/vector_check.h"

namespace sextant::service {
namespace {

Status CheckVectors(const CollectionConfig& config, const std::vector<NamedVector>& vectors) {
  for (const NamedVector& vector : vectors) {
    ASSIGN_OR_RETURN(const VectorParams* params, FindVector(config, vector.name));
    RETURN_IF_ERROR(CheckVector(vector.name, *params, vector.value));
  }
  return OkStatus();
}

template <typename Points>
Status CheckPoints(const CollectionConfig& config, const Points& points) {
  for (const auto& point : points) RETURN_IF_ERROR(CheckVectors(config, point.vectors));
  return OkStatus();
}

Status CheckNames(const CollectionConfig& config, const std::vector<std::string>& names) {
  if (names.empty()) return ValidationError("[vector: must specify vector names to delete]");
  for (const std::string& name : names) RETURN_IF_ERROR(FindVector(config, name));
  return OkStatus();
}

}  // namespace

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

void FitOperation(const CollectionConfig& config, shard::Operation* operation) {
  std::visit(
      [&config](auto& update) {
        using Update = std::decay_t<decltype(update)>;
        if constexpr (std::is_same_v<Update, shard::Upsert> || std::is_same_v<Update, shard::UpdateVectors>) {
          for (auto& point : update.points)
            for (NamedVector& vector : point.vectors) FitVector(config.vectors.at(vector.name), &vector.value);
        }
      },
      *operation);
}

bool AddsData(const shard::Operation& operation) {
  return std::holds_alternative<shard::Upsert>(operation) || std::holds_alternative<shard::UpdateVectors>(operation) ||
         std::holds_alternative<shard::SetPayload>(operation) ||
         std::holds_alternative<shard::OverwritePayload>(operation) ||
         std::holds_alternative<shard::CreateIndex>(operation);
}

}  // namespace sextant::service
