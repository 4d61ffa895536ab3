#include "vector_index/graph/neighbour_selection.h"

#include <algorithm>

namespace sextant::vector_index {

bool NeighbourSelection::IsCovered(Option* option, float alpha) const {
  constexpr size_t kBatch = 8;
  int32_t distances[kBatch];
  float similarities[kBatch];
  const float distance = -option->candidate.similarity;
  const CodeQuery query = space_->QueryOf(option->candidate.row);
  while (!(alpha * option->nearest < distance)) {
    const size_t count = std::min(kBatch, chosen_.size() - option->compared);
    if (count == 0) return false;
    ScoreRows(space_->rows(), query, std::span(chosen_).subspan(option->compared, count), distances, similarities);
    for (size_t i = 0; i < count; ++i) option->nearest = std::min(option->nearest, std::max(0.0F, -similarities[i]));
    option->compared += static_cast<uint32_t>(count);
  }
  return true;
}

void NeighbourSelection::ChooseUncovered(float alpha) {
  size_t kept = 0;
  for (Option& option : options_) {
    const bool is_equal = !(option.candidate.similarity < 0);
    if (chosen_.size() < degree_ && (is_equal ? equal_ < most_equal_ : !IsCovered(&option, alpha))) {
      chosen_.push_back(option.candidate.row);
      equal_ += is_equal ? 1 : 0;
    } else {
      options_[kept++] = option;
    }
  }
  options_.resize(kept);
}

void NeighbourSelection::Choose(std::span<const uint32_t> kept, std::span<const Candidate> candidates) {
  chosen_.assign(kept.begin(), kept.end());
  options_.clear();
  equal_ = 0;
  for (const Candidate& candidate : candidates) options_.push_back({.candidate = candidate});
  ChooseUncovered(1);
  ChooseUncovered(alpha_);
}

std::span<const uint32_t> NeighbourSelection::Extend(std::span<const uint32_t> kept,
                                                     std::span<const Candidate> candidates) {
  Choose(kept, candidates);
  return chosen_;
}

std::span<const uint32_t> NeighbourSelection::Select(std::span<const Candidate> candidates) {
  Choose({}, candidates);
  const size_t fewest = std::max(1U, degree_ / 4);
  for (size_t i = 0; i < options_.size() && chosen_.size() < fewest; ++i) chosen_.push_back(options_[i].candidate.row);
  return chosen_;
}

}  // namespace sextant::vector_index
