#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "search/read_request.h"
#include "search/view.h"

namespace sextant::search {

// What: the read operations of one shard, on one view. Stateless.
// Threads: any. They block (CPU, page faults, store reads); not for event loops.
// Errors: kWrongInput for unknown vector names and wrong dimensions, kTimeout past the deadline, kCorruption and
// kInternal from the store.

// Searches add to `report` unless it is null.
//
// Up to query.limit hits, best first. Never fewer than min(limit, matching points) unless score_threshold cuts them.
Result<std::vector<Hit>> SearchVectors(const View& view, const VectorQuery& query, SearchReport* report);

// Up to query.limit hits, the largest score first; exact.
Result<std::vector<Hit>> SearchExamples(const View& view, const ExampleQuery& query, SearchReport* report);

// Living points by id: one entry per id, nullopt where absent.
Result<std::vector<std::optional<Ordinal>>> FindPoints(const View& view, const std::vector<PointId>& ids);

// The record of a living point of this view. `ordinals` come from this view's searches.
Result<Record> FetchRecord(const View& view, Ordinal ordinal, const PointId& id, const PayloadSelector& with_payload,
                           const VectorSelector& with_vector);

// Whether a point of this view, whose payload is this object (or null), satisfies a filter, by the rules of the
// indexes.
Result<bool> Holds(const View& view, Ordinal ordinal, const PointId& id, const Json& payload, const Filter& filter);
// The stored vector of a point; kNotFound when it lacks this vector.
Result<VectorValue> FetchVector(const View& view, Ordinal ordinal, const PointId& id, std::string_view name);

Result<ScrollPage> Scroll(const View& view, const ScrollRequest& request);
Result<std::vector<OrderedPoint>> ScrollOrdered(const View& view, const OrderedScrollRequest& request);
// Some points at random, by ascending key.
Result<std::vector<SampledPoint>> Sample(const View& view, const SampleRequest& request);
// How many matching points have which value. kWrongInput without an index of a kind that counts values.
Result<FacetCounts> Facet(const View& view, const FacetRequest& request);
Result<uint64_t> Count(const View& view, const Filter* filter, bool exact, const Deadline& deadline);

}  // namespace sextant::search
