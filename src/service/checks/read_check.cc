#include "service/checks/read_check.h"

#include <fmt/format.h>

namespace sextant::service {
namespace {

Status CheckPositive(std::string_view field, std::optional<uint64_t> value) {
  if (!value || *value >= 1) return OkStatus();
  return ValidationError(fmt::format("[{}: value {} invalid, must be 1 or larger]", field, *value));
}

Status UnknownVector(std::string_view name) {
  return WrongInput(fmt::format("Not existing vector name error: {}", name));
}

}  // namespace

Status CheckSelector(const CollectionConfig& config, const VectorSelector& selector) {
  for (const std::string& name : selector.names) {
    if (!config.vectors.contains(name)) return UnknownVector(name);
  }
  return OkStatus();
}

Status CheckRetrieve(const CollectionConfig& config, const RetrieveRequest& request) {
  return CheckSelector(config, request.with_vector);
}

Status CheckScroll(const CollectionConfig& config, const ScrollRequest& request) {
  RETURN_IF_ERROR(CheckPositive("limit", request.limit));
  if (request.order_by && request.offset) {
    return WrongInput(
        "Cannot use an `offset` together with `order_by`; page with `order_by.start_from` and a filter that excludes "
        "the ids already seen");
  }
  return CheckSelector(config, request.with_vector);
}

}  // namespace sextant::service
