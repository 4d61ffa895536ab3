#pragma once

#include "base/status.h"
#include "points.pb.h"
#include "service/requests.h"

namespace sextant::wire {

// kFormat for a consistency without a member or of an unknown type, kValidation for the factor 0. One node has but one
// copy to read.
Status CheckConsistency(const qdrant::ReadConsistency& consistency);
// kFormat for an unknown type. One node applies all writes in one order.
Status CheckOrdering(const qdrant::WriteOrdering& ordering);
// Whole seconds, at least 1: kValidation otherwise.
Result<uint64_t> ConvertTimeoutMs(uint64_t seconds);

template <typename Request>
Result<service::ReadOptions> ConvertReadOptions(const Request& request) {
  service::ReadOptions options;
  if (request.has_timeout()) {
    ASSIGN_OR_RETURN(options.timeout_ms, ConvertTimeoutMs(request.timeout()));
  }
  if (request.has_read_consistency()) RETURN_IF_ERROR(CheckConsistency(request.read_consistency()));
  return options;
}

template <typename Request>
Result<service::WriteOptions> ConvertWriteOptions(const Request& request) {
  service::WriteOptions options;
  options.wait = request.wait();
  if (request.has_timeout()) {
    ASSIGN_OR_RETURN(options.timeout_ms, ConvertTimeoutMs(request.timeout()));
  }
  if (request.has_ordering()) RETURN_IF_ERROR(CheckOrdering(request.ordering()));
  return options;
}

}  // namespace sextant::wire
