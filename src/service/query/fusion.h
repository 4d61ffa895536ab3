#pragma once

#include <vector>

#include "service/query/query_hit.h"
#include "service/query/query_request.h"

namespace sextant::service {

// Several ranked lists made one, the largest score first; of equal scores, the point that was met first.

// Reciprocal rank fusion: the sum of 1/((rank + 1)/weight + k − 1) over the lists that have the point, ranks from 0. A
// weight of 0 or less adds nothing. Precondition: as many weights as lists, if any.
QueryHits FuseByRank(const std::vector<QueryHits>& lists, const RrfQuery& rrf);

// Distribution-based score fusion: the sum of the scores, each list scaled so that its mean less three standard
// deviations is 0 and its mean plus three is 1.
QueryHits FuseByDistribution(const std::vector<QueryHits>& lists);

}  // namespace sextant::service
