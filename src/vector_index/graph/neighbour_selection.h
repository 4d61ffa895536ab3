#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "vector_index/graph/candidate_pool.h"
#include "vector_index/graph/graph_space.h"

namespace sextant::vector_index {

// What: chooses the links of a row among candidates so that they lead into all directions: a candidate is dropped
// when a link chosen before it is nearer to it than the row is (the heuristic of HNSW and NSG). Slots that are left go
// to those dropped candidates that no link is `alpha` times nearer to (RobustPrune of Subramanya et al., "DiskANN",
// NeurIPS 2019). The second pass comes after, not instead: with alpha alone near candidates fill the slots and the
// links into other directions are lost (measured on 60k sentence embeddings, ef 32: recall@10 0.95 against 0.97).
// Rows that are equal to the row cover nothing and are covered by nothing; a few are linked, so that a set of
// duplicates is found whole and still leads out. A row keeps at least a quarter of its links if there are candidates.
// Threads: one at a time each.
class NeighbourSelection {
 public:
  NeighbourSelection(const GraphSpace* space, uint32_t degree, float alpha)
      : space_(space), degree_(degree), most_equal_(std::max(1U, degree / 4)), alpha_(space->AlphaFactor(alpha)) {}

  // `candidates`: distinct rows other than the row itself with their similarity to it, best first.
  // The chosen rows; valid until the next call.
  std::span<const uint32_t> Select(std::span<const Candidate> candidates);
  // The same beside links that the row keeps and that were chosen together: `kept`, then those chosen now.
  // Precondition: at most `degree` of them, none a candidate.
  std::span<const uint32_t> Extend(std::span<const uint32_t> kept, std::span<const Candidate> candidates);

 private:
  // A candidate that is not chosen, and how far it was compared with the chosen ones.
  struct Option {
    Candidate candidate;
    float nearest = std::numeric_limits<float>::infinity();  // distance to the nearest of them
    uint32_t compared = 0;                                   // chosen links looked at
  };

  // Starts with `kept` as the chosen, and chooses those of the candidates that they do not cover.
  void Choose(std::span<const uint32_t> kept, std::span<const Candidate> candidates);
  // Whether a chosen link is `alpha` times nearer to the candidate than the row is.
  bool IsCovered(Option* option, float alpha) const;
  // Moves options that the chosen do not cover to the chosen.
  void ChooseUncovered(float alpha);

  const GraphSpace* space_;
  uint32_t degree_;
  uint32_t most_equal_;  // links to rows that are equal to the row
  float alpha_;
  std::vector<uint32_t> chosen_;
  std::vector<Option> options_;
  uint32_t equal_ = 0;
};

}  // namespace sextant::vector_index
