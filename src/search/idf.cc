#include "search/idf.h"

#include <cmath>
#include <variant>

#include "search/view_points.h"
#include "vector_index/sparse/sparse_growing_segment.h"
#include "vector_index/sparse/sparse_sealed_segment.h"

namespace sextant::search {
namespace {

using vector_index::DocumentFrequencies;
using vector_index::SearchRequest;

Result<DocumentFrequencies> CountDocuments(const VectorView& vectors, const SearchRequest& request) {
  DocumentFrequencies sum;
  sum.counts.resize(request.query.indices.size());
  for (const auto& segment : vectors.sealed) {
    const auto& sparse = static_cast<const vector_index::SparseSealedSegment&>(*segment);
    ASSIGN_OR_RETURN(const DocumentFrequencies found, sparse.CountDocuments(request));
    sum.Add(found);
  }
  for (const VectorView::Growing& growing : vectors.growing) {
    const auto& sparse = static_cast<const vector_index::SparseGrowingSegment&>(*growing.segment);
    ASSIGN_OR_RETURN(const DocumentFrequencies found, sparse.CountDocuments(request, growing.rows));
    sum.Add(found);
  }
  return sum;
}

}  // namespace

bool Idf::applies() const {
  return vectors_.params.kind == VectorKind::kSparse && vectors_.params.modifier == SparseModifier::kIdf;
}

Status Idf::Prepare() {
  const Filter* const corpus = scope_.params.idf_corpus.get();
  if (corpus == nullptr) return OkStatus();
  if (!applies()) return BadRequest("params.idf needs sparse vectors with the modifier idf");
  ASSIGN_OR_RETURN(corpus_, view_.index->Evaluate(*corpus, ViewPoints(view_), scope_.deadline));
  return OkStatus();
}

Status Idf::Apply(VectorValue* vector) const {
  if (!applies()) return OkStatus();
  auto& sparse = std::get<SparseVector>(*vector);
  SearchRequest request;
  request.query = RefOf(sparse);
  request.view = view_.version;
  request.accept = corpus_.get();
  request.deadline = scope_.deadline;
  ASSIGN_OR_RETURN(const DocumentFrequencies found, CountDocuments(vectors_, request));
  for (size_t i = 0; i < sparse.values.size(); ++i) {
    const auto df = static_cast<double>(found.counts[i]), n = static_cast<double>(found.rows);
    sparse.values[i] *= static_cast<float>(std::log((n - df + 0.5) / (df + 0.5) + 1));
  }
  return OkStatus();
}

}  // namespace sextant::search
