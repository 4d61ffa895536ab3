#include "wire/grpc/convert/convert_reads.h"

#include <cmath>

#include "types/values/datetime.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/filter/convert_filter.h"

namespace sextant::wire {
namespace {

Result<double> ConvertStartFrom(const qdrant::StartFrom& start) {
  switch (start.value_case()) {
    case qdrant::StartFrom::kFloat: return start.float_();
    case qdrant::StartFrom::kInteger: return static_cast<double>(start.integer());
    case qdrant::StartFrom::kTimestamp:
      return static_cast<double>(start.timestamp().seconds()) * 1e6 + std::floor(start.timestamp().nanos() / 1e3);
    case qdrant::StartFrom::kDatetime: {
      if (const auto moment = ParseDatetime(start.datetime())) return static_cast<double>(*moment);
      return FormatError("order_by.start_from: neither a number nor a datetime");
    }
    case qdrant::StartFrom::VALUE_NOT_SET: break;
  }
  return FormatError("order_by.start_from: a value is missing");
}

}  // namespace

Result<service::OrderBy> ConvertOrderBy(const qdrant::OrderBy& order_by) {
  service::OrderBy out;
  ASSIGN_OR_RETURN(out.key, PayloadPath::Parse(order_by.key()));
  out.descending = order_by.direction() == qdrant::Desc;
  if (order_by.has_start_from()) {
    ASSIGN_OR_RETURN(out.start_from, ConvertStartFrom(order_by.start_from()));
  }
  return out;
}

Result<service::RetrieveRequest> ConvertRetrieve(const qdrant::GetPoints& request) {
  service::RetrieveRequest out;
  ASSIGN_OR_RETURN(out.ids, ConvertPointIds(request.ids()));
  RETURN_IF_ERROR(ConvertReadSelectors(request, &out));
  return out;
}

Result<service::ScrollRequest> ConvertScroll(const qdrant::ScrollPoints& request) {
  service::ScrollRequest out;
  out.with_payload.kind = PayloadSelector::Kind::kAll;
  ASSIGN_OR_RETURN(out.filter, ConvertOptionalFilter(request));
  if (request.has_offset()) {
    ASSIGN_OR_RETURN(out.offset, ConvertPointId(request.offset()));
  }
  if (request.has_limit()) out.limit = request.limit();
  if (request.has_order_by()) {
    ASSIGN_OR_RETURN(out.order_by, ConvertOrderBy(request.order_by()));
  }
  RETURN_IF_ERROR(ConvertReadSelectors(request, &out));
  return out;
}

Result<service::CountRequest> ConvertCount(const qdrant::CountPoints& request) {
  service::CountRequest out;
  ASSIGN_OR_RETURN(out.filter, ConvertOptionalFilter(request));
  if (request.has_exact()) out.exact = request.exact();
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  return out;
}

}  // namespace sextant::wire
