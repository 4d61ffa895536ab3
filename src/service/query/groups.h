#pragma once

#include <vector>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/query/query_request.h"
#include "service/query/vector_sources.h"

namespace sextant::service {

// Groups of the hits of a checked request, those with the best hits first, all through one view. A point is in the
// group of each of its values at `group_by`: strings and integers; a point with any other value is in none.
// A query of vectors alone is asked again, without full groups and then for the groups that lack hits, until nothing
// more can come: exact. Any other query is run with growing limits.
Result<std::vector<PointGroup>> RunGroups(const collection::CollectionView& view, const QueryGroupsRequest& request,
                                          const VectorSources::OpenView& open, const Deadline& deadline);

}  // namespace sextant::service
