#include "search/view_points.h"

#include "storage/store.h"

namespace sextant::search {

using storage::Family;

Result<std::string> ViewPoints::Payload(Ordinal ordinal) const {
  ASSIGN_OR_RETURN(std::optional<std::string> text,
                   view_.store->Get(Family::kPayloads, points::OrdinalKey(ordinal), view_.snapshot.get()));
  return std::move(text).value_or(std::string());
}

Status ViewPoints::ForEachPayload(payload_index::OrdinalRange range,
                                  const std::function<Status(Ordinal, std::string_view)>& visit) const {
  auto cursor = view_.store->Iterate(Family::kPayloads, view_.snapshot.get());
  for (cursor->Seek(points::OrdinalKey(Ordinal{range.first})); cursor->Valid(); cursor->Next()) {
    ASSIGN_OR_RETURN(const Ordinal ordinal, points::DecodeOrdinalKey(cursor->key()));
    if (Index(ordinal) > range.last) break;
    RETURN_IF_ERROR(visit(ordinal, cursor->value()));
  }
  return cursor->status();
}

Result<std::optional<Ordinal>> ViewPoints::Find(const PointId& id) const {
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   view_.store->Get(Family::kIds, points::IdKey(id), view_.snapshot.get()));
  if (!value) return std::optional<Ordinal>();
  ASSIGN_OR_RETURN(const Ordinal ordinal, points::DecodeOrdinalKey(*value));
  return std::optional<Ordinal>(ordinal);
}

Result<bool> ViewPoints::HasVector(Ordinal ordinal, std::string_view name) const {
  const auto vector = view_.vectors.find(name);
  if (vector == view_.vectors.end()) return false;
  ASSIGN_OR_RETURN(const points::PointHead head, Head(ordinal));
  return head.Find(vector->second.params.name_id) != nullptr;
}

Result<points::PointHead> ViewPoints::Head(Ordinal ordinal) const {
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view_.store->Get(Family::kPoints, points::OrdinalKey(ordinal), view_.snapshot.get()));
  if (!bytes) return Corruption("the store lacks the head of point slot " + std::to_string(Index(ordinal)));
  return points::DecodeHead(*bytes);
}

}  // namespace sextant::search
