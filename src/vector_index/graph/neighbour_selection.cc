#include "vector_index/graph/neighbour_selection.h"

#include <algorithm>

namespace sextant::vector_index {

bool NeighbourSelection::IsCovered(const Candidate& candidate, float alpha) const {
  constexpr size_t kBatch = 8;
  int32_t distances[kBatch];
  float similarities[kBatch];
  const float distance = -candidate.similarity;
  const CodeQuery query = space_->QueryOf(candidate.row);
  for (size_t i = 0; i < chosen_.size(); i += kBatch) {
    const size_t count = std::min(kBatch, chosen_.size() - i);
    ScoreRows(space_->rows(), query, std::span(chosen_).subspan(i, count), distances, similarities);
    for (size_t j = 0; j < count; ++j)
      if (alpha * std::max(0.0F, -similarities[j]) < distance) return true;
  }
  return false;
}

void NeighbourSelection::ChooseUncovered(std::span<const Candidate> candidates, float alpha) {
  dropped_.clear();
  uint32_t equal = 0;
  for (const Candidate& candidate : candidates) {
    const bool is_equal = !(candidate.similarity < 0);
    if (chosen_.size() < degree_ && (is_equal ? equal < most_equal_ : !IsCovered(candidate, alpha))) {
      chosen_.push_back(candidate.row);
      equal += is_equal ? 1 : 0;
    } else {
      dropped_.push_back(candidate);
    }
  }
}

std::span<const uint32_t> NeighbourSelection::Select(std::span<const Candidate> candidates) {
  chosen_.clear();
  ChooseUncovered(candidates, 1);
  if (chosen_.size() == degree_ || dropped_.empty()) return chosen_;
  second_.swap(dropped_);
  ChooseUncovered(second_, alpha_);
  const size_t fewest = std::max(1U, degree_ / 4);
  for (size_t i = 0; i < dropped_.size() && chosen_.size() < fewest; ++i) chosen_.push_back(dropped_[i].row);
  return chosen_;
}

}  // namespace sextant::vector_index
