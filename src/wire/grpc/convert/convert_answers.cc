#include "wire/grpc/convert/convert_answers.h"

#include <variant>

#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/grpc/convert/convert_vectors.h"

namespace sextant::wire {
namespace {

// What hits and records have in common.
template <typename Point>
Status FillPoint(const Record& record, Point* out) {
  FillPointId(record.id, out->mutable_id());
  if (record.vectors) FillVectors(*record.vectors, out->mutable_vectors());
  return record.payload ? FillPayload(*record.payload, out->mutable_payload()) : OkStatus();
}

void FillOrderValue(const std::variant<int64_t, double>& value, qdrant::OrderValue* out) {
  if (const auto* integer = std::get_if<int64_t>(&value))
    out->set_int_(*integer);
  else
    out->set_float_(std::get<double>(value));
}

qdrant::UpdateStatus StatusOf(service::UpdateStatus status) {
  switch (status) {
    case service::UpdateStatus::kAcknowledged: return qdrant::Acknowledged;
    case service::UpdateStatus::kCompleted: return qdrant::Completed;
    case service::UpdateStatus::kWaitTimeout: return qdrant::WaitTimeout;
  }
  return qdrant::UnknownUpdateStatus;
}

}  // namespace

Status FillRecord(const Record& record, qdrant::RetrievedPoint* out) {
  return FillPoint(record, out);
}

Status FillRecords(const std::vector<Record>& records, RetrievedPoints* out) {
  for (const Record& record : records) RETURN_IF_ERROR(FillPoint(record, out->Add()));
  return OkStatus();
}

Status FillScroll(const service::ScrollResult& page, qdrant::ScrollResponse* out) {
  for (const service::ScrolledRecord& scrolled : page.points) {
    qdrant::RetrievedPoint* point = out->add_result();
    RETURN_IF_ERROR(FillPoint(scrolled.record, point));
    if (scrolled.order_value) FillOrderValue(*scrolled.order_value, point->mutable_order_value());
  }
  if (page.next_page_offset) FillPointId(*page.next_page_offset, out->mutable_next_page_offset());
  return OkStatus();
}

Status FillHits(const std::vector<service::ScoredPoint>& hits, ScoredPoints* out) {
  for (const service::ScoredPoint& hit : hits) {
    qdrant::ScoredPoint* point = out->Add();
    RETURN_IF_ERROR(FillPoint(hit.record, point));
    point->set_score(hit.score);
    point->set_version(hit.version);
    if (hit.order_value) FillOrderValue(*hit.order_value, point->mutable_order_value());
  }
  return OkStatus();
}

Status FillHitLists(const std::vector<std::vector<service::ScoredPoint>>& lists, BatchResults* out) {
  for (const auto& hits : lists) RETURN_IF_ERROR(FillHits(hits, out->Add()->mutable_result()));
  return OkStatus();
}

void FillUpdateResult(const service::UpdateResult& result, qdrant::UpdateResult* out) {
  if (result.operation_id) out->set_operation_id(*result.operation_id);
  out->set_status(StatusOf(result.status));
}

}  // namespace sextant::wire
