#include "wire/rest/answer/answers.h"

#include <cstdint>
#include <span>
#include <type_traits>
#include <variant>

#include "types/json.h"

namespace sextant::wire {
namespace {

void AppendId(const PointId& id, std::string* out) {
  if (!id.is_uuid()) return AppendJsonNumber(id.number(), out);
  out->append("\"").append(id.ToString()).append("\"");
}

template <typename Number>
void AppendNumbers(std::span<const Number> numbers, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (const Number number : numbers) {
    if (!first) out->push_back(',');
    first = false;
    if constexpr (std::is_integral_v<Number>) {
      AppendJsonNumber(uint64_t{number}, out);
    } else {
      AppendJsonNumber(number, out);
    }
  }
  out->push_back(']');
}

void AppendVector(const DenseVector& dense, std::string* out) {
  AppendNumbers(std::span<const float>(dense), out);
}

void AppendVector(const MultiVector& multi, std::string* out) {
  out->push_back('[');
  for (size_t row = 0; row < multi.rows(); ++row) {
    if (row > 0) out->push_back(',');
    AppendNumbers(std::span<const float>(multi.values).subspan(row * multi.dim, multi.dim), out);
  }
  out->push_back(']');
}

void AppendVector(const SparseVector& sparse, std::string* out) {
  out->append("{\"indices\":");
  AppendNumbers(std::span<const uint32_t>(sparse.indices), out);
  out->append(",\"values\":");
  AppendNumbers(std::span<const float>(sparse.values), out);
  out->push_back('}');
}

void AppendVector(const VectorValue& value, std::string* out) {
  std::visit([&](const auto& vector) { AppendVector(vector, out); }, value);
}

// A lone unnamed vector stands alone, anything else a map.
void AppendVectors(const std::vector<NamedVector>& vectors, std::string* out) {
  if (vectors.size() == 1 && vectors.front().name.empty()) return AppendVector(vectors.front().value, out);
  out->push_back('{');
  bool first = true;
  for (const NamedVector& vector : vectors) {
    if (!first) out->push_back(',');
    first = false;
    AppendJsonString(vector.name, out);
    out->push_back(':');
    AppendVector(vector.value, out);
  }
  out->push_back('}');
}

void AppendPayloadAndVectors(const Record& record, std::string* out) {
  if (record.payload) out->append(",\"payload\":").append(record.payload->empty() ? "{}" : *record.payload);
  if (record.vectors) {
    out->append(",\"vector\":");
    AppendVectors(*record.vectors, out);
  }
}

void AppendOrderValue(const service::OrderValue& value, std::string* out) {
  out->append(",\"order_value\":");
  std::visit([&](auto number) { AppendJsonNumber(number, out); }, value);
}

void AppendRecord(const Record& record, std::string* out) {
  out->append("{\"id\":");
  AppendId(record.id, out);
  AppendPayloadAndVectors(record, out);
  out->push_back('}');
}

void AppendScrolled(const service::ScrolledRecord& scrolled, std::string* out) {
  AppendRecord(scrolled.record, out);
  if (!scrolled.order_value) return;
  out->pop_back();
  AppendOrderValue(*scrolled.order_value, out);
  out->push_back('}');
}

void AppendHit(const service::ScoredPoint& hit, std::string* out) {
  out->append("{\"id\":");
  AppendId(hit.record.id, out);
  out->append(",\"version\":");
  AppendJsonNumber(hit.version, out);
  out->append(",\"score\":");
  AppendJsonNumber(hit.score, out);
  AppendPayloadAndVectors(hit.record, out);
  if (hit.order_value) AppendOrderValue(*hit.order_value, out);
  out->push_back('}');
}

template <typename Items, typename Append>
void AppendList(const Items& items, Append&& append, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) out->push_back(',');
    first = false;
    append(item, out);
  }
  out->push_back(']');
}

using Hits = std::vector<service::ScoredPoint>;

void AppendHits(const Hits& hits, std::string* out) {
  AppendList(hits, AppendHit, out);
}

void AppendPoints(const Hits& hits, std::string* out) {
  out->append("{\"points\":");
  AppendHits(hits, out);
  out->push_back('}');
}

void AppendGroup(const service::PointGroup& group, std::string* out) {
  out->append("{\"hits\":");
  AppendHits(group.hits, out);
  out->append(",\"id\":");
  if (const auto* text = std::get_if<std::string>(&group.id)) AppendJsonString(*text, out);
  if (const auto* number = std::get_if<uint64_t>(&group.id)) AppendJsonNumber(*number, out);
  if (const auto* number = std::get_if<int64_t>(&group.id)) AppendJsonNumber(*number, out);
  if (group.lookup) {
    out->append(",\"lookup\":");
    AppendRecord(*group.lookup, out);
  }
  out->push_back('}');
}

void AppendFacetHit(const service::FacetHit& hit, std::string* out) {
  out->append("{\"value\":");
  if (const auto* text = std::get_if<std::string>(&hit.value)) AppendJsonString(*text, out);
  if (const auto* number = std::get_if<int64_t>(&hit.value)) AppendJsonNumber(*number, out);
  if (const auto* flag = std::get_if<bool>(&hit.value)) out->append(*flag ? "true" : "false");
  out->append(",\"count\":");
  AppendJsonNumber(hit.count, out);
  out->push_back('}');
}

// One entry of a matrix with the place of its row.
struct Cell {
  uint64_t row = 0;
  service::Matrix::Neighbour neighbour;
};
std::vector<Cell> CellsOf(const service::Matrix& matrix) {
  std::vector<Cell> cells;
  for (uint64_t row = 0; row < matrix.rows.size(); ++row)
    for (const auto& neighbour : matrix.rows[row]) cells.push_back({row, neighbour});
  return cells;
}

}  // namespace

std::string EncodeRecord(const Record& record) {
  std::string out;
  AppendRecord(record, &out);
  return out;
}

std::string EncodeRecords(const std::vector<Record>& records) {
  std::string out;
  AppendList(records, AppendRecord, &out);
  return out;
}

std::string EncodeScroll(const service::ScrollResult& result) {
  std::string out = "{\"points\":";
  AppendList(result.points, AppendScrolled, &out);
  out.append(",\"next_page_offset\":");
  if (result.next_page_offset)
    AppendId(*result.next_page_offset, &out);
  else
    out.append("null");
  out.push_back('}');
  return out;
}

std::string EncodeCount(uint64_t count) {
  std::string out = "{\"count\":";
  AppendJsonNumber(count, &out);
  out.push_back('}');
  return out;
}

std::string EncodeHits(const Hits& hits) {
  std::string out;
  AppendHits(hits, &out);
  return out;
}

std::string EncodeHitLists(const std::vector<Hits>& lists) {
  std::string out;
  AppendList(lists, AppendHits, &out);
  return out;
}

std::string EncodePoints(const Hits& hits) {
  std::string out;
  AppendPoints(hits, &out);
  return out;
}

std::string EncodePointLists(const std::vector<Hits>& lists) {
  std::string out;
  AppendList(lists, AppendPoints, &out);
  return out;
}

std::string EncodeGroups(const std::vector<service::PointGroup>& groups) {
  std::string out = "{\"groups\":";
  AppendList(groups, AppendGroup, &out);
  out.push_back('}');
  return out;
}

std::string EncodeFacet(const std::vector<service::FacetHit>& hits) {
  std::string out = "{\"hits\":";
  AppendList(hits, AppendFacetHit, &out);
  out.push_back('}');
  return out;
}

std::string EncodeMatrixPairs(const service::Matrix& matrix) {
  std::string out = "{\"pairs\":";
  const auto append = [&](const Cell& cell, std::string* text) {
    text->append("{\"a\":");
    AppendId(matrix.ids[cell.row], text);
    text->append(",\"b\":");
    AppendId(matrix.ids[cell.neighbour.column], text);
    text->append(",\"score\":");
    AppendJsonNumber(cell.neighbour.score, text);
    text->push_back('}');
  };
  AppendList(CellsOf(matrix), append, &out);
  out.push_back('}');
  return out;
}

std::string EncodeMatrixOffsets(const service::Matrix& matrix) {
  const std::vector<Cell> cells = CellsOf(matrix);
  std::string out = "{\"offsets_row\":";
  AppendList(cells, [](const Cell& cell, std::string* text) { AppendJsonNumber(cell.row, text); }, &out);
  out.append(",\"offsets_col\":");
  AppendList(cells, [](const Cell& cell, std::string* text) { AppendJsonNumber(cell.neighbour.column, text); }, &out);
  out.append(",\"scores\":");
  AppendList(cells, [](const Cell& cell, std::string* text) { AppendJsonNumber(cell.neighbour.score, text); }, &out);
  out.append(",\"ids\":");
  AppendList(matrix.ids, AppendId, &out);
  out.push_back('}');
  return out;
}

std::string EncodeUpdateResult(const service::UpdateResult& result) {
  std::string out = "{";
  if (result.operation_id) {
    out.append("\"operation_id\":");
    AppendJsonNumber(uint64_t{*result.operation_id}, &out);
    out.push_back(',');
  }
  out.append("\"status\":");
  switch (result.status) {
    case service::UpdateStatus::kAcknowledged: out.append("\"acknowledged\"}"); break;
    case service::UpdateStatus::kCompleted: out.append("\"completed\"}"); break;
    case service::UpdateStatus::kWaitTimeout: out.append("\"wait_timeout\"}"); break;
  }
  return out;
}

std::string EncodeUpdateResults(const std::vector<service::UpdateResult>& results) {
  std::string out;
  AppendList(
      results, [](const service::UpdateResult& result, std::string* text) { text->append(EncodeUpdateResult(result)); },
      &out);
  return out;
}

std::string EncodeCollectionNames(const std::vector<std::string>& names) {
  std::string out = "{\"collections\":";
  AppendList(
      names,
      [](const std::string& name, std::string* text) {
        text->append("{\"name\":");
        AppendJsonString(name, text);
        text->push_back('}');
      },
      &out);
  out.push_back('}');
  return out;
}

std::string EncodeAliases(const std::vector<service::AliasDescription>& aliases) {
  std::string out = "{\"aliases\":";
  AppendList(
      aliases,
      [](const service::AliasDescription& alias, std::string* text) {
        text->append("{\"alias_name\":");
        AppendJsonString(alias.alias, text);
        text->append(",\"collection_name\":");
        AppendJsonString(alias.collection, text);
        text->push_back('}');
      },
      &out);
  out.push_back('}');
  return out;
}

}  // namespace sextant::wire
