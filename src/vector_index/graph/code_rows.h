#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "quantizer/int8_codec.h"

namespace sextant::vector_index {

// What: the codes of a segment's rows with what turns integer distances into similarities. A view; owns nothing.
struct CodeRows {
  const int8_t* codes = nullptr;
  size_t stride = 0;  // code bytes from row to row; padding codes are 0, so kernels run over whole strides
  uint32_t rows = 0;
  const quantizer::RowTerms* terms = nullptr;
  const float* lifts = nullptr;  // optional: one more coordinate a row, see GraphSpace
  kernels::CodeBatchKernel kernel = nullptr;
  quantizer::Int8Codec::CodeQueriesKernel queries_kernel = nullptr;  // of row walks

  const int8_t* code(uint32_t row) const { return codes + row * stride; }
};

// Asks for a row's terms and code, as far as is worth it, some rows before it is scored.
inline void PrefetchRowCode(const CodeRows& rows, uint32_t row) {
  constexpr size_t kMostBytes = 512;
  __builtin_prefetch(rows.terms + row);
  const int8_t* const code = rows.code(row);
  for (size_t byte = 0; byte < std::min(rows.stride, kMostBytes); byte += 64) __builtin_prefetch(code + byte);
}

// One side of many similarities.
struct CodeQuery {
  const int8_t* code = nullptr;
  quantizer::QueryTerms terms;
  float lift = 0;
};

// similarities[i] = similarity of `query` and row ids[i], whose codes are distances[i] apart.
inline void SimilaritiesOf(const CodeRows& rows, const CodeQuery& query, std::span<const uint32_t> ids,
                           const int32_t* distances, float* similarities) {
  const uint32_t* const rows_scored = ids.data();
  const size_t count = ids.size();
  for (size_t i = 0; i < count; ++i)
    similarities[i] = quantizer::Similarity(query.terms, rows.terms[rows_scored[i]], distances[i]);
  if (rows.lifts == nullptr) return;
  for (size_t i = 0; i < count; ++i) similarities[i] += query.lift * rows.lifts[rows_scored[i]];
}

// similarities[i] = similarity of `query` and row ids[i]; `distances` is scratch of the same size.
inline void ScoreRows(const CodeRows& rows, const CodeQuery& query, std::span<const uint32_t> ids, int32_t* distances,
                      float* similarities) {
  rows.kernel(query.code, {rows.codes, rows.stride, rows.stride, ids.data(), ids.size()}, distances);
  SimilaritiesOf(rows, query, ids, distances, similarities);
}

}  // namespace sextant::vector_index
