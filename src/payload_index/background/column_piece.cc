#include "payload_index/background/column_piece.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "payload_index/payload_parser.h"

namespace sextant::payload_index {
namespace {

// Reading payloads in order costs about a quarter of reading each by its own.
constexpr size_t kOrderedAdvantage = 4;

std::vector<size_t> LackingIn(const Run& run, size_t fields) {
  std::vector<size_t> lacking;
  for (size_t f = 0; f < fields; ++f)
    if (!run.HasColumn(f)) lacking.push_back(f);
  return lacking;
}

// Calls `visit(ordinal, payload)` for the points of the set.
template <typename Visit>
Status ReadPayloadsOf(const Bitmap& set, const PointSource& points, Visit&& visit) {
  const OrdinalRange range{set.Min(), set.Max()};
  if (set.size() * kOrderedAdvantage > size_t{range.last} - range.first) {
    AscendingProbe probe(set);
    return points.ForEachPayload(range, [&](Ordinal ordinal, std::string_view payload) {
      return probe.Contains(Index(ordinal)) ? visit(ordinal, payload) : OkStatus();
    });
  }
  Status status;
  set.ForEach([&](uint32_t ordinal) {
    const Result<std::string> payload = points.Payload(Ordinal{ordinal});
    status = payload.ok() ? visit(Ordinal{ordinal}, *payload) : payload.status();
    return status.ok();
  });
  return status;
}

Result<ColumnPiece::Part> ReadPart(std::span<const IndexedField> fields, const Run& run, const PointSource& points,
                                   const CancelToken& cancel) {
  const std::vector<size_t> lacking = LackingIn(run, fields.size());
  std::vector<std::unique_ptr<ColumnBuilder>> builders;
  for (const size_t f : lacking) builders.push_back(ColumnBuilder::Make(fields[f]));
  RETURN_IF_ERROR(ReadPayloadsOf(run.live(), points, [&](Ordinal ordinal, std::string_view payload) -> Status {
    if (cancel.cancelled()) return Unavailable("the shard is closing");
    ThreadPayloadParser().With(payload, [&](auto root) {
      for (const auto& builder : builders) builder->Add(Index(ordinal), root);
    });
    return OkStatus();
  }));
  ColumnPiece::Part part{run.identity(), {}};
  for (size_t i = 0; i < lacking.size(); ++i) {
    const IndexedField& field = fields[lacking[i]];
    part.columns.emplace_back(BackgroundColumn{field.path, field.schema.type}, builders[i]->Build());
    builders[i].reset();
  }
  return part;
}

}  // namespace

Result<ColumnPiece> ReadPiece(std::span<const IndexedField> fields, std::span<const Run> runs,
                              const PointSource& points, size_t about_points, const CancelToken& cancel) {
  ColumnPiece piece;
  size_t read = 0;
  for (const Run& run : runs) {
    if (read >= about_points) break;
    if (LackingIn(run, fields.size()).empty()) continue;
    ASSIGN_OR_RETURN(ColumnPiece::Part part, ReadPart(fields, run, points, cancel));
    piece.parts.push_back(std::move(part));
    read += run.live_count();
  }
  return piece;
}

Run WithPiece(const ColumnPiece& piece, std::span<const IndexedField> fields, const Run& run) {
  const auto part = std::find_if(piece.parts.begin(), piece.parts.end(),
                                 [&](const ColumnPiece::Part& known) { return known.run == run.identity(); });
  if (part == piece.parts.end()) return run;
  Run::Columns columns = run.columns();
  for (const auto& [column, values] : part->columns)
    for (size_t f = 0; f < fields.size(); ++f)
      if (fields[f].background && fields[f].path == column.path && fields[f].schema.type == column.type)
        columns[f] = values;
  return run.WithColumns(std::move(columns));
}

}  // namespace sextant::payload_index
