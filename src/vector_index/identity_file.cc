#include "vector_index/identity_file.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sextant::vector_index {
namespace {

// One column: value(identity of the row), row by row.
template <typename Value>
Status AppendColumn(storage::BlockFileWriter* writer, uint32_t rows,
                    const std::function<RowIdentity(uint32_t)>& identity, Value value) {
  std::vector<decltype(value(RowIdentity{}))> column;
  column.reserve(rows);
  for (uint32_t row = 0; row < rows; ++row) column.push_back(value(identity(row)));
  return writer->Append(column.data(), column.size() * sizeof(column[0]));
}

}  // namespace

Status AppendIdentityColumns(storage::BlockFileWriter* writer, uint32_t rows,
                             const std::function<RowIdentity(uint32_t)>& identity) {
  const auto append = [&](auto value) { return AppendColumn(writer, rows, identity, value); };
  RETURN_IF_ERROR(append([](const RowIdentity& row) { return uint64_t{row.version}; }));
  RETURN_IF_ERROR(append([](const RowIdentity& row) { return row.id.high(); }));
  RETURN_IF_ERROR(append([](const RowIdentity& row) { return row.id.low(); }));
  RETURN_IF_ERROR(append([](const RowIdentity& row) { return Index(row.ordinal); }));
  std::vector<std::pair<uint32_t, uint32_t>> by_ordinal(rows);
  for (uint32_t row = 0; row < rows; ++row) by_ordinal[row] = {Index(identity(row).ordinal), row};
  std::sort(by_ordinal.begin(), by_ordinal.end());
  std::vector<uint32_t> sorted(rows);
  for (uint32_t i = 0; i < rows; ++i) sorted[i] = by_ordinal[i].second;
  RETURN_IF_ERROR(writer->Append(sorted.data(), sorted.size() * sizeof(uint32_t)));
  return append([](const RowIdentity& row) { return uint8_t{row.id.is_uuid()}; });
}

IdentityColumns IdentityColumns::Find(std::span<const uint8_t> content, uint32_t rows) {
  IdentityColumns columns;
  columns.versions = reinterpret_cast<const uint64_t*>(content.data());
  columns.id_high = columns.versions + rows;
  columns.id_low = columns.id_high + rows;
  columns.ordinals = reinterpret_cast<const uint32_t*>(columns.id_low + rows);
  columns.rows_by_ordinal = columns.ordinals + rows;
  columns.id_is_uuid = reinterpret_cast<const uint8_t*>(columns.rows_by_ordinal + rows);
  return columns;
}

RowIdentity IdentityColumns::identity(uint32_t row) const {
  return {.ordinal = Ordinal{ordinals[row]},
          .version = versions[row],
          .id = id_is_uuid[row] != 0 ? PointId::Uuid(id_high[row], id_low[row]) : PointId::Number(id_low[row])};
}

}  // namespace sextant::vector_index
