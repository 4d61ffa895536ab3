#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "collection/collection.h"
#include "collection/sharding/parallel.h"
#include "points/point.h"
#include "runtime/executor.h"
#include "search/read_request.h"
#include "search/stored_sizes.h"
#include "types/ordinal_set.h"
#include "types/vector_value.h"

namespace sextant::collection {

// A living point of a CollectionView.
struct FoundPoint {
  PointId id;
  Ordinal ordinal{};
  uint32_t shard = 0;
};
struct FoundHit {
  FoundPoint point;
  OperationNumber version = 0;
  float score = 0;
};
struct FoundPage {
  std::vector<FoundPoint> points;
  std::optional<PointId> next;
};
struct FoundValue {
  FoundPoint point;
  std::variant<int64_t, double> value;
};

struct FoundSample {
  FoundPoint point;
  uint64_t key = 0;
};
// Some points of a CollectionView: their ordinals, shard by shard.
using PointSet = std::vector<OrdinalSet>;

// What: one state of a collection, held for the length of a request: one view per shard, all taken at the start, so
// that everything a request reads – hits, payloads, the vector of a referenced point – belongs together. Reads fan out
// over the shards and their answers are merged into the order a single shard would give.
// Threads: any call from any thread. They block; shards run in parallel on the executor.
// Ownership: keeps the collection, its configuration and the views. Borrows the executor.
// Errors: those of search/reader.h.
class CollectionView {
 public:
  CollectionView(std::shared_ptr<const Collection> collection, Executor* executor);

  const CollectionConfig& config() const { return *config_; }
  uint64_t point_count() const;
  const std::shared_ptr<const Collection>& collection() const { return collection_; }
  // The schema of the index of a field; null when there is none. All shards have the same indexes.
  const FieldSchema* SchemaOf(const PayloadPath& field) const;
  size_t IndexCount() const;
  Result<search::StoredSizes> EstimateSizes() const;
  // Whether both are states of one collection, whatever name it was asked for by.
  bool SameCollection(const CollectionView& other) const { return collection_ == other.collection_; }

  // One entry per id, nullopt where there is no such point.
  Result<std::vector<std::optional<FoundPoint>>> Find(const std::vector<PointId>& ids) const;
  Result<Record> Fetch(const FoundPoint& point, const PayloadSelector& with_payload,
                       const VectorSelector& with_vector) const;
  // kNotFound when the point lacks this vector.
  Result<VectorValue> FetchVector(const FoundPoint& point, std::string_view name) const;
  // Whether the point, whose payload is this object (or null), satisfies a filter, by the rules of the indexes.
  Result<bool> Holds(const FoundPoint& point, const Json& payload, const Filter& filter) const;
  PointSet SetOf(const std::vector<FoundPoint>& points) const;

  // `within`, when not null, restricts a search to some points, whatever its filter says.
  // `stats` receive the sums of the shards and `explanations` one entry for each, unless they are null.
  // Best first. Of equal scores of several shards, the larger id comes first where larger scores do, else the smaller.
  Result<std::vector<FoundHit>> Search(const search::VectorQuery& query, const PointSet* within,
                                       search::SearchStats* stats,
                                       std::vector<search::ShardExplanation>* explanations = nullptr) const;
  // Largest score first.
  Result<std::vector<FoundHit>> SearchExamples(const search::ExampleQuery& query, const PointSet* within,
                                               search::SearchStats* stats,
                                               std::vector<search::ShardExplanation>* explanations = nullptr) const;
  Result<FoundPage> Scroll(const search::ScrollRequest& request) const;
  Result<std::vector<FoundValue>> ScrollOrdered(const search::OrderedScrollRequest& request,
                                                const PointSet* within = nullptr) const;
  Result<std::vector<FoundSample>> Sample(const search::SampleRequest& request, const PointSet* within) const;
  Result<search::FacetCounts> Facet(const search::FacetRequest& request) const;
  Result<uint64_t> Count(const Filter* filter, bool exact, const Deadline& deadline) const;

 private:
  // Calls `read(view, answer)` for every shard in parallel; the answers, in order of the shards.
  template <typename Answer, typename Read>
  Result<std::vector<Answer>> FromEachShard(const Read& read) const {
    std::vector<Answer> answers(views_.size());
    RETURN_IF_ERROR(ForEachParallel(executor_, views_.size(), [&](size_t shard) -> Status {
      ASSIGN_OR_RETURN(answers[shard], read(*views_[shard], shard));
      return OkStatus();
    }));
    return answers;
  }
  // Runs `search` on every shard and puts the hits together.
  template <typename Query>
  Result<std::vector<FoundHit>> SearchShards(const Query& query, const PointSet* within, search::SearchStats* stats,
                                             std::vector<search::ShardExplanation>* explanations,
                                             Result<std::vector<search::Hit>> (*search)(const search::View&,
                                                                                        const Query&,
                                                                                        search::SearchReport*)) const;

  Executor* executor_;
  std::shared_ptr<const Collection> collection_;  // declared before the views: they go first
  std::shared_ptr<const CollectionConfig> config_;
  std::vector<std::shared_ptr<const search::View>> views_;
};

}  // namespace sextant::collection
