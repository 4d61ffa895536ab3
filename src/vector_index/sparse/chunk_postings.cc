#include "vector_index/sparse/chunk_postings.h"

#include <algorithm>

namespace sextant::vector_index {

ChunkPostings::ChunkPostings(const std::vector<VectorRef>& rows) {
  struct Element {
    uint32_t index, row;
    float weight;
  };
  std::vector<Element> elements;
  for (uint32_t row = 0; row < rows.size(); ++row) {
    empty_rows_ += rows[row].size() == 0 ? 1 : 0;
    for (size_t i = 0; i < rows[row].size(); ++i) elements.push_back({rows[row].indices[i], row, rows[row].values[i]});
  }
  std::sort(elements.begin(), elements.end(),
            [](const Element& a, const Element& b) { return a.index != b.index ? a.index < b.index : a.row < b.row; });
  rows_.reserve(elements.size());
  weights_.reserve(elements.size());
  for (const Element& element : elements) {
    if (indices_.empty() || indices_.back() != element.index) {
      indices_.push_back(element.index);
      first_.push_back(static_cast<uint32_t>(rows_.size()));
    }
    rows_.push_back(element.row);
    weights_.push_back(element.weight);
  }
  first_.push_back(static_cast<uint32_t>(rows_.size()));
}

ChunkPostings::List ChunkPostings::Find(uint32_t index) const {
  const auto found = std::lower_bound(indices_.begin(), indices_.end(), index);
  if (found == indices_.end() || *found != index) return {};
  const auto at = static_cast<size_t>(found - indices_.begin());
  const size_t first = first_[at], count = first_[at + 1] - first;
  return {{rows_.data() + first, count}, {weights_.data() + first, count}};
}

uint64_t ChunkPostings::memory_bytes() const {
  return sizeof(*this) + (indices_.capacity() + first_.capacity() + rows_.capacity()) * sizeof(uint32_t) +
         weights_.capacity() * sizeof(float);
}

}  // namespace sextant::vector_index
