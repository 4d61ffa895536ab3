#pragma once

#include <cstdint>
#include <vector>

#include "quantizer/int8_codec.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// Rows of a segment that lie near a common centre.
struct BuiltClusters {
  std::vector<uint32_t> cluster_of;  // [rows]
  std::vector<float> centers;        // [count, dim], as rows compare: of Cosine normalised
  uint32_t count = 0;                // 0: too few rows to be worth it

  // The rows by cluster, those of one cluster in the order that they have.
  std::vector<uint32_t> Order() const;
  // Where each cluster begins in that order, and the end of the last one.
  std::vector<uint32_t> Starts() const;
};

// k-means over the coded rows, which are in an order where near rows stand near each other (see LocalityOrder): means
// of equal ranges are the first centres, a few rounds over a sample move them, and every row goes to the nearest one,
// as far as those whose group of centres is near tell (centres are grouped by k-means too, so that a row is compared
// with far fewer than all). Near is by Euclidean distance whatever the distance of the segment, of normalised rows
// and centres for Cosine. Neighbouring numbers are neighbouring clusters.
// Costs about √C + C / 8 code products a row, of C clusters. kUnavailable when cancelled.
Result<BuiltClusters> ClusterRows(const CodeRows& rows, const quantizer::Int8Codec& codec, const BuildOptions& options);

}  // namespace sextant::vector_index
