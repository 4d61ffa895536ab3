#pragma once

#include "base/status.h"
#include "search/read_request.h"
#include "search/view.h"
#include "types/vector_value.h"

namespace sextant::search {

// Multiplies each value of a query of sparse vectors with the modifier `idf` by ln((N − df + ½)/(df + ½) + 1): N counts
// the stored vectors, df those that hold the index, among all points or those of params.idf_corpus. Other queries stay
// as they are; kBadRequest for a corpus that they do not have.
Status ApplyIdf(const View& view, const VectorView& vectors, const VectorScope& scope, VectorValue* query);

}  // namespace sextant::search
