#include "wire/rest/request/read_requests.h"

#include <utility>

#include "wire/rest/json/json_value.h"
#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

void DecodeRetrieveBody(Value body, service::RetrieveRequest* out) {
  DecodePointIds(body.Required("ids"), &out->ids);
  DecodeWithPayload(body["with_payload"], &out->with_payload);
  DecodeWithVector(body.Either("with_vector", "with_vectors"), &out->with_vector);
  RejectShardKey(body);
}

void DecodeScrollBody(Value body, service::ScrollRequest* out) {
  out->with_payload.kind = PayloadSelector::Kind::kAll;
  DecodeOptionalFilter(body["filter"], &out->filter);
  if (Value offset = body["offset"]) DecodePointId(offset, &out->offset.emplace());
  body["limit"].ReadAtLeast(1, &out->limit);
  if (Value order_by = body["order_by"]) DecodeOrderBy(order_by, &out->order_by.emplace());
  DecodeWithPayload(body["with_payload"], &out->with_payload);
  DecodeWithVector(body.Either("with_vector", "with_vectors"), &out->with_vector);
  RejectShardKey(body);
}

void DecodeCountBody(Value body, service::CountRequest* out) {
  DecodeOptionalFilter(body["filter"], &out->filter);
  body["exact"].Read(&out->exact);
  RejectShardKey(body);
}

}  // namespace

Result<service::RetrieveRequest> DecodeRetrieve(const std::string& body) {
  return DecodeBody<service::RetrieveRequest>(body, DecodeRetrieveBody);
}
Result<service::ScrollRequest> DecodeScroll(const std::string& body) {
  return DecodeBody<service::ScrollRequest>(body, DecodeScrollBody);
}
Result<service::CountRequest> DecodeCount(const std::string& body) {
  return DecodeBody<service::CountRequest>(body, DecodeCountBody);
}

}  // namespace sextant::wire
