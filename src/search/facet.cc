#include <limits>
#include <memory>

#include "search/reader.h"
#include "search/view_points.h"

namespace sextant::search {

Result<FacetCounts> Facet(const View& view, const FacetRequest& request) {
  std::shared_ptr<const OrdinalSet> accept;
  if (request.filter != nullptr) {
    ASSIGN_OR_RETURN(accept, view.index->Evaluate(*request.filter, ViewPoints(view), request.deadline));
  }
  RETURN_IF_ERROR(request.deadline.Check());
  // All values: one that is rare in this shard may be frequent in the others.
  ASSIGN_OR_RETURN(const auto values, view.index->Facet(request.key, accept.get(), std::numeric_limits<size_t>::max()));
  FacetCounts counts;
  for (const auto& [value, count] : values) counts.emplace(value, count);
  return counts;
}

}  // namespace sextant::search
