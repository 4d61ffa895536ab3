#include "service/query/vector_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "service/checks/vector_check.h"
#include "service/query/query_check.h"
#include "service/query/stages.h"

namespace sextant::service {

using collection::CollectionView;

VectorSources::Key VectorSources::KeyOf(const QueryStage& stage, const PointId& id) {
  return {stage.lookup_from ? stage.lookup_from->collection : std::string(), LookupVector(stage), id};
}

Status VectorSources::Load(const QueryStage& root, const Deadline& deadline) {
  RETURN_IF_ERROR(LoadStage(root, deadline));
  std::sort(own_points_.begin(), own_points_.end());
  own_points_.erase(std::unique(own_points_.begin(), own_points_.end()), own_points_.end());
  return OkStatus();
}

Result<const CollectionView*> VectorSources::ViewOf(const QueryStage& stage) {
  if (!stage.lookup_from) return &view_;
  const std::string& name = stage.lookup_from->collection;
  auto known = others_.find(name);
  if (known == others_.end()) {
    ASSIGN_OR_RETURN(CollectionView other, open_(name));
    known = others_.emplace(name, std::move(other)).first;
  }
  // One state of a collection for the whole request, also when it looks itself up.
  return known->second.SameCollection(view_) ? &view_ : &known->second;
}

Status VectorSources::LoadStage(const QueryStage& stage, const Deadline& deadline) {
  std::vector<PointId> ids;
  if (stage.query) {
    ForEachInput(*stage.query, [&](const VectorInput& input) {
      if (const auto* id = std::get_if<PointId>(&input)) ids.push_back(*id);
    });
  }
  if (!ids.empty() || stage.lookup_from) {
    ASSIGN_OR_RETURN(const CollectionView* view, ViewOf(stage));
    if (view == &view_) own_points_.insert(own_points_.end(), ids.begin(), ids.end());
    ASSIGN_OR_RETURN(const auto found, view->Find(ids));
    for (size_t i = 0; i < ids.size(); ++i) {
      RETURN_IF_ERROR(deadline.Check());
      if (!found[i]) return NotFound(fmt::format("No point with id {} found", ids[i].ToString()));
      Key key = KeyOf(stage, ids[i]);
      auto known = vectors_.find(key);
      if (known == vectors_.end()) {
        ASSIGN_OR_RETURN(VectorValue vector, view->FetchVector(*found[i], LookupVector(stage)));
        known = vectors_.emplace(std::move(key), std::move(vector)).first;
      }
      // The same vector may serve several stages, whose sizes may differ.
      RETURN_IF_ERROR(CheckVectorInput(view_.config(), stage.using_name, known->second));
    }
  }
  for (const QueryStage& prefetch : stage.prefetch) RETURN_IF_ERROR(LoadStage(prefetch, deadline));
  return OkStatus();
}

VectorValue VectorSources::Get(const QueryStage& stage, const VectorInput& input) const {
  const auto* given = std::get_if<VectorValue>(&input);
  VectorValue vector = given != nullptr ? *given : vectors_.at(KeyOf(stage, std::get<PointId>(input)));
  FitVector(view_.config().vectors.at(stage.using_name), &vector);
  return vector;
}

}  // namespace sextant::service
