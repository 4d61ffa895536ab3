#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/deadline.h"
#include "types/ordinal.h"
#include "types/ordinal_set.h"
#include "types/vector_value.h"

namespace sextant::vector_index {

// What a search of a segment notes besides its statistics where it is to be explained.
struct SearchTrace {
  std::optional<double> sampled_pass_rate;  // of the filter, among the rows that a filtered walk looked at first
  double rescoring_seconds = 0;
};

// One nearest-neighbour search in one segment.
struct SearchRequest {
  VectorRef query;  // prepared as rows are: see SegmentSpec; borrowed for the call
  uint32_t k = 10;
  uint32_t ef = 100;                   // candidates kept while walking; raised to k
  OperationNumber view = kNever - 1;   // rows must be alive at this number
  const OrdinalSet* accept = nullptr;  // rows' ordinals must be in; nullptr accepts all
  double accept_share = 1;             // of all points those in `accept`: a guess at what it is of a segment's rows
  bool rescore = true;  // false: hits of walks and scans of codes keep the similarities that codes estimate
  Deadline deadline{};
  SearchTrace* trace = nullptr;  // filled in when not null; borrowed for the call
};

// What one search did; summed over segments.
struct SearchStats {
  uint64_t rows_scored = 0;    // distance computations on codes or rows, first pass
  uint64_t rows_rescored = 0;  // full-precision ones after it
  uint64_t hops = 0;           // graph nodes expanded
  uint32_t graph_searches = 0;
  uint32_t probes = 0;  // searches of the nearest clusters
  uint32_t scans = 0;

  void Add(const SearchStats& other) {
    rows_scored += other.rows_scored;
    rows_rescored += other.rows_rescored;
    hops += other.hops;
    graph_searches += other.graph_searches;
    probes += other.probes;
    scans += other.scans;
  }
};

// `similarity`: larger is nearer for every distance: Cosine and Dot the product, Euclid −d², Manhattan −d; computed
// from the full-precision rows. Of multivectors: for each row of the query the best of the stored rows, summed. Of
// sparse vectors: the dot product.
struct RowHit {
  float similarity = 0;
  uint32_t row = 0;
};

}  // namespace sextant::vector_index
