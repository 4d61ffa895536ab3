#include "search/idf.h"

#include <cmath>
#include <memory>

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

Status ApplyIdf(const View& view, const VectorView& vectors, const VectorScope& scope, VectorValue* query) {
  const Filter* const corpus = scope.params.idf_corpus.get();
  if (vectors.params.kind != VectorKind::kSparse || vectors.params.modifier != SparseModifier::kIdf) {
    if (corpus == nullptr) return OkStatus();
    return BadRequest("params.idf needs sparse vectors with the modifier idf");
  }
  auto& sparse = std::get<SparseVector>(*query);
  SearchRequest request;
  request.query = RefOf(*query);
  request.view = view.version;
  request.deadline = scope.deadline;
  std::shared_ptr<const OrdinalSet> accepted;
  if (corpus != nullptr) {
    ASSIGN_OR_RETURN(accepted, view.index->Evaluate(*corpus, ViewPoints(view), scope.deadline));
    request.accept = accepted.get();
  }
  ASSIGN_OR_RETURN(const DocumentFrequencies found, CountDocuments(vectors, request));
  for (size_t i = 0; i < sparse.values.size(); ++i) {
    const auto df = static_cast<double>(found.counts[i]), n = static_cast<double>(found.rows);
    sparse.values[i] *= static_cast<float>(std::log((n - df + 0.5) / (df + 0.5) + 1));
  }
  return OkStatus();
}

}  // namespace sextant::search
