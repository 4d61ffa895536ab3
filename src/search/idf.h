#pragma once

#include <memory>

#include "base/status.h"
#include "search/read_request.h"
#include "search/view.h"
#include "types/ordinal_set.h"
#include "types/vector_value.h"

namespace sextant::search {

// What: puts the inverse document frequency into the vectors of one search over sparse vectors with the modifier `idf`:
// each value is multiplied by ln((N − df + ½)/(df + ½) + 1), where N counts the stored vectors and df those that hold
// the index, among all points or those of params.idf_corpus. Vectors of other searches stay as they are. Threads:
// immutable after Prepare. Ownership: borrows all. Errors: kBadRequest for a corpus where there is no such modifier.
class Idf {
 public:
  Idf(const View& view, const VectorView& vectors, const VectorScope& scope)
      : view_(view), vectors_(vectors), scope_(scope) {}

  // Evaluates the corpus.
  Status Prepare();
  Status Apply(VectorValue* vector) const;

 private:
  bool applies() const;

  const View& view_;
  const VectorView& vectors_;
  const VectorScope& scope_;
  std::shared_ptr<const OrdinalSet> corpus_;  // null: all points
};

}  // namespace sextant::search
