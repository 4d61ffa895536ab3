#include <algorithm>
#include <utility>

#include "search/reader.h"
#include "search/view_points.h"

namespace sextant::search {
namespace {

// The row that holds this vector of a point, in whichever segment of the view it lies.
Result<VectorRef> LocateRow(const VectorView& vectors, Ordinal ordinal, const points::VectorHead& head,
                            vector_index::RowScratch* scratch) {
  for (const VectorView::Growing& growing : vectors.growing) {
    const uint64_t first = growing.segment->first_sequence();
    if (head.sequence >= first && head.sequence - first < growing.rows)
      return growing.segment->Row(static_cast<uint32_t>(head.sequence - first));
  }
  for (const auto& segment : vectors.sealed) {
    const std::optional<uint32_t> row = segment->RowOf(ordinal);
    if (!row || segment->identity(*row).version != head.version) continue;
    RETURN_IF_ERROR(segment->TouchRow(*row));
    return segment->Row(*row, scratch);
  }
  return Corruption("no segment holds the vector of point slot " + std::to_string(Index(ordinal)));
}

VectorValue CopyOf(const VectorParams& params, VectorRef row) {
  DenseVector values(row.values.begin(), row.values.end());
  switch (params.kind) {
    case VectorKind::kDense: break;
    case VectorKind::kMulti: return MultiVector{params.size, std::move(values)};
    case VectorKind::kSparse: return SparseVector{{row.indices.begin(), row.indices.end()}, std::move(values)};
  }
  return values;
}

Result<std::optional<VectorValue>> ReadVector(const VectorView& vectors, Ordinal ordinal,
                                              const points::PointHead& head) {
  const points::VectorHead* vector_head = head.Find(vectors.params.name_id);
  if (vector_head == nullptr) return std::optional<VectorValue>();
  vector_index::RowScratch scratch;
  ASSIGN_OR_RETURN(const VectorRef row, LocateRow(vectors, ordinal, *vector_head, &scratch));
  return std::optional(CopyOf(vectors.params, row));
}

Result<std::vector<NamedVector>> ReadVectors(const View& view, Ordinal ordinal, const VectorSelector& selector) {
  std::vector<NamedVector> out;
  ASSIGN_OR_RETURN(const points::PointHead head, ViewPoints(view).Head(ordinal));
  for (const auto& [name, vectors] : view.vectors) {
    const bool wanted = selector.kind == VectorSelector::Kind::kAll ||
                        std::find(selector.names.begin(), selector.names.end(), name) != selector.names.end();
    if (!wanted) continue;
    ASSIGN_OR_RETURN(std::optional<VectorValue> value, ReadVector(vectors, ordinal, head));
    if (value) out.push_back({name, std::move(*value)});
  }
  return out;
}

Result<std::string> ReadPayload(const View& view, Ordinal ordinal, const PayloadSelector& selector) {
  ASSIGN_OR_RETURN(std::string text, ViewPoints(view).Payload(ordinal));
  if (text.empty()) return std::string("{}");
  if (selector.kind == PayloadSelector::Kind::kAll) return text;
  ASSIGN_OR_RETURN(const Json payload, Json::Parse(text));
  return SelectPayload(selector, payload).Dump();
}

}  // namespace

Result<std::vector<std::optional<Ordinal>>> FindPoints(const View& view, const std::vector<PointId>& ids) {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const PointId& id : ids) keys.push_back(points::IdKey(id));
  ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values,
                   view.store->MultiGet(storage::Family::kIds, keys, view.snapshot.get()));
  std::vector<std::optional<Ordinal>> out(ids.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    ASSIGN_OR_RETURN(out[i], points::DecodeOrdinalKey(*values[i]));
  }
  return out;
}

Result<Record> FetchRecord(const View& view, Ordinal ordinal, const PointId& id, const PayloadSelector& with_payload,
                           const VectorSelector& with_vector) {
  Record record;
  record.id = id;
  if (with_payload.kind != PayloadSelector::Kind::kNone) {
    ASSIGN_OR_RETURN(record.payload, ReadPayload(view, ordinal, with_payload));
  }
  if (with_vector.kind != VectorSelector::Kind::kNone) {
    for (const std::string& name : with_vector.names)
      if (!view.vectors.contains(name)) return WrongInput("Not existing vector name error: " + name);
    ASSIGN_OR_RETURN(record.vectors, ReadVectors(view, ordinal, with_vector));
  }
  return record;
}

Result<bool> Holds(const View& view, Ordinal ordinal, const PointId& id, const Json& payload, const Filter& filter) {
  const ViewPoints points(view);
  Status failed;
  const auto has_vector = [&](std::string_view name) {
    const auto has = points.HasVector(ordinal, name);
    if (!has.ok()) failed = has.status();
    return has.ok() && *has;
  };
  auto holds = view.index->Holds(filter, payload, id, has_vector);
  RETURN_IF_ERROR(failed);
  return holds;
}

Result<VectorValue> FetchVector(const View& view, Ordinal ordinal, const PointId& id, std::string_view name) {
  const auto vectors = view.vectors.find(name);
  if (vectors == view.vectors.end()) return WrongInput("Not existing vector name error: " + std::string(name));
  ASSIGN_OR_RETURN(const points::PointHead head, ViewPoints(view).Head(ordinal));
  ASSIGN_OR_RETURN(std::optional<VectorValue> value, ReadVector(vectors->second, ordinal, head));
  if (!value)
    return NotFound("Vector with name \"" + std::string(name) + "\" for point " + id.ToString() + " not found");
  return std::move(*value);
}

}  // namespace sextant::search
