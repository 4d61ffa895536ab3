#pragma once

#include "base/status.h"
#include "points.pb.h"
#include "points/point.h"
#include "types/payload_path.h"

namespace sextant::wire {

// kFormat for a selector without a member, kWrongInput for a bad path.
Result<PayloadSelector> ConvertWithPayload(const qdrant::WithPayloadSelector& selector);
// A selector without a member means no vectors.
VectorSelector ConvertWithVectors(const qdrant::WithVectorsSelector& selector);

// Points by ids or by filter; kFormat for neither.
Result<PointSelection> ConvertSelection(const qdrant::PointsSelector& selector);

// Shard keys mean custom sharding, which no collection has: kWrongInput.
Status RejectShardKeys(const qdrant::ShardKeySelector& selector);
template <typename Request>
Status RejectShardKeysOf(const Request& request) {
  return request.has_shard_key_selector() ? RejectShardKeys(request.shard_key_selector()) : OkStatus();
}

// The selectors that reads share. `out` keeps its defaults where the request is silent.
template <typename Request, typename Read>
Status ConvertReadSelectors(const Request& request, Read* out) {
  if (request.has_with_payload()) {
    ASSIGN_OR_RETURN(out->with_payload, ConvertWithPayload(request.with_payload()));
  }
  if (request.has_with_vectors()) out->with_vector = ConvertWithVectors(request.with_vectors());
  return RejectShardKeysOf(request);
}

}  // namespace sextant::wire
