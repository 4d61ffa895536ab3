#include "wire/rest/request/read_requests.h"

#include <string_view>
#include <utility>

#include "types/values/datetime.h"
#include "wire/rest/json/json_value.h"
#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

void DecodeOrderBy(Value value, service::OrderBy* out) {
  if (value.is_string()) return DecodePayloadPath(value, &out->key);
  if (!value.Expect(value.is_object(), "a payload path or an object with `key`")) return;
  const Value key = value.Required("key");
  key.Expect(!key || key.is_string(), "a payload path");
  DecodePayloadPath(key, &out->key);
  out->descending = value["direction"].Choice({"asc", "desc"}) == 1;
  const Value start_from = value["start_from"];
  if (!start_from.is_string()) return start_from.Read(&out->start_from);
  std::string_view text;
  start_from.Read(&text);
  if (const auto moment = ParseDatetime(text))
    out->start_from = static_cast<double>(*moment);
  else
    start_from.Fail("neither a number nor a datetime");
}

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
