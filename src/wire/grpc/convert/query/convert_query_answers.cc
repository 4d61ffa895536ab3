#include "wire/grpc/convert/query/convert_query_answers.h"

#include <variant>

#include "wire/grpc/convert/convert_answers.h"
#include "wire/grpc/convert/convert_point_id.h"

namespace sextant::wire {
namespace {

void FillGroupId(const service::GroupId& id, qdrant::GroupId* out) {
  if (const auto* text = std::get_if<std::string>(&id)) out->set_string_value(*text);
  if (const auto* number = std::get_if<uint64_t>(&id)) out->set_unsigned_value(*number);
  if (const auto* number = std::get_if<int64_t>(&id)) out->set_integer_value(*number);
}

void FillFacetValue(const search::FacetValue& value, qdrant::FacetValue* out) {
  if (const auto* text = std::get_if<std::string>(&value)) out->set_string_value(*text);
  if (const auto* number = std::get_if<int64_t>(&value)) out->set_integer_value(*number);
  if (const auto* flag = std::get_if<bool>(&value)) out->set_bool_value(*flag);
}

}  // namespace

Status FillGroups(const std::vector<service::PointGroup>& groups, qdrant::GroupsResult* out) {
  for (const service::PointGroup& group : groups) {
    qdrant::PointGroup* message = out->add_groups();
    FillGroupId(group.id, message->mutable_id());
    RETURN_IF_ERROR(FillHits(group.hits, message->mutable_hits()));
    if (group.lookup) RETURN_IF_ERROR(FillRecord(*group.lookup, message->mutable_lookup()));
  }
  return OkStatus();
}

void FillFacet(const std::vector<service::FacetHit>& hits, FacetHits* out) {
  for (const service::FacetHit& hit : hits) {
    qdrant::FacetHit* message = out->Add();
    FillFacetValue(hit.value, message->mutable_value());
    message->set_count(hit.count);
  }
}

void FillMatrixPairs(const service::Matrix& matrix, qdrant::SearchMatrixPairs* out) {
  for (size_t row = 0; row < matrix.rows.size(); ++row) {
    for (const auto& neighbour : matrix.rows[row]) {
      qdrant::SearchMatrixPair* pair = out->add_pairs();
      FillPointId(matrix.ids[row], pair->mutable_a());
      FillPointId(matrix.ids[neighbour.column], pair->mutable_b());
      pair->set_score(neighbour.score);
    }
  }
}

void FillMatrixOffsets(const service::Matrix& matrix, qdrant::SearchMatrixOffsets* out) {
  for (size_t row = 0; row < matrix.rows.size(); ++row) {
    for (const auto& neighbour : matrix.rows[row]) {
      out->add_offsets_row(row);
      out->add_offsets_col(neighbour.column);
      out->add_scores(neighbour.score);
    }
  }
  for (const PointId& id : matrix.ids) FillPointId(id, out->add_ids());
}

}  // namespace sextant::wire
