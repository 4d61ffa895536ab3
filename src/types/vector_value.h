#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace sextant {

using DenseVector = std::vector<float>;

// Rows of equal length, one after another.
struct MultiVector {
  uint32_t dim = 0;           // of a row
  std::vector<float> values;  // [rows, dim]

  size_t rows() const { return dim == 0 ? 0 : values.size() / dim; }
  friend bool operator==(const MultiVector&, const MultiVector&) = default;
};

// The components that are not zero.
struct SparseVector {
  std::vector<uint32_t> indices;  // ascending, without repeats
  std::vector<float> values;      // one for each index

  friend bool operator==(const SparseVector&, const SparseVector&) = default;
};

// What a named vector of a point or a query holds.
using VectorValue = std::variant<DenseVector, MultiVector, SparseVector>;

// A vector of any kind, lent: dense values [dim], the rows of a multivector [rows, dim] one after another, or the
// values of a sparse one with their indices, which are ascending and without repeats.
struct VectorRef {
  std::span<const float> values;
  std::span<const uint32_t> indices;  // of sparse vectors only: one for each value

  size_t size() const { return values.size(); }
};
VectorRef RefOf(const VectorValue& value);
VectorRef RefOf(VectorValue&& value) = delete;  // it would be gone
inline VectorRef RefOf(const SparseVector& vector) {
  return {vector.values, vector.indices};
}

}  // namespace sextant
