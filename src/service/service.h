#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "service/query/query_report.h"
#include "service/query/query_request.h"
#include "service/requests.h"
#include "shard/operation.h"

namespace sextant::collection {
class Node;
}

namespace sextant::service {

class StrictGate;

// What: every operation of the API once, free of transport: checks the request, finds the collection (by name or
// alias), runs it, shapes the answer.
// Threads: any call from any thread. Reads and collection operations block the caller (they belong on the search or
// the meta pool, never on an event loop); writes return at once and call back from a background thread.
// Ownership: borrows the node, which outlives it.
// Errors: the classes of base/status.h; a failed call leaves everything as it was.
class Service {
 public:
  explicit Service(collection::Node* node);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // What a new collection gets where its creator is silent; codecs fill in CreateCollection::config over it.
  const CollectionConfig& DefaultConfig() const;

  // Collections.
  std::vector<std::string> ListCollections() const;  // sorted
  Result<CollectionInfo> GetCollection(std::string_view name) const;
  bool CollectionExists(std::string_view name) const;
  Result<bool> Create(std::string_view name, CreateCollection request);
  Result<bool> Update(std::string_view name, UpdateCollection request);
  Result<bool> Delete(std::string_view name);  // false if absent
  // Adds or drops a named vector of a collection; existing points lack a new one.
  Result<UpdateResult> CreateVector(std::string_view collection, const std::string& name, const VectorParams& vector,
                                    const WriteOptions& options);
  Result<UpdateResult> DeleteVector(std::string_view collection, const std::string& name, const WriteOptions& options);
  Result<bool> UpdateAliases(const std::vector<AliasAction>& actions);
  std::vector<AliasDescription> ListAliases() const;
  Result<std::vector<AliasDescription>> ListCollectionAliases(std::string_view name) const;

  // Writes to points and payload indexes. `done` is called exactly once.
  using UpdateCallback = std::function<void(Result<UpdateResult>)>;
  void Write(std::string_view collection, shard::Operation operation, const WriteOptions& options, UpdateCallback done);
  // One after another, up to the first error, which is the answer then; what came before it stays.
  using UpdateBatchCallback = std::function<void(Result<std::vector<UpdateResult>>)>;
  void WriteBatch(std::string_view collection, std::vector<shard::Operation> operations, const WriteOptions& options,
                  UpdateBatchCallback done);

  // Reads.
  Result<std::vector<Record>> Retrieve(std::string_view collection, const RetrieveRequest& request,
                                       const ReadOptions& options) const;
  Result<Record> GetPoint(std::string_view collection, const PointId& id, const ReadOptions& options) const;
  Result<ScrollResult> Scroll(std::string_view collection, const ScrollRequest& request,
                              const ReadOptions& options) const;
  Result<uint64_t> Count(std::string_view collection, const CountRequest& request, const ReadOptions& options) const;
  // `report`, when not null, receives what the query did.
  Result<std::vector<ScoredPoint>> Query(std::string_view collection, const QueryRequest& request,
                                         const ReadOptions& options, QueryReport* report = nullptr) const;
  // `reports`, when not null, receives one report for each request.
  // All or none: the first error is the answer.
  Result<std::vector<std::vector<ScoredPoint>>> QueryBatch(std::string_view collection,
                                                           const std::vector<QueryRequest>& requests,
                                                           const ReadOptions& options,
                                                           std::vector<QueryReport>* reports = nullptr) const;
  Result<std::vector<PointGroup>> QueryGroups(std::string_view collection, const QueryGroupsRequest& request,
                                              const ReadOptions& options) const;
  Result<std::vector<FacetHit>> Facet(std::string_view collection, const FacetRequest& request,
                                      const ReadOptions& options) const;
  Result<Matrix> SearchMatrix(std::string_view collection, const MatrixRequest& request,
                              const ReadOptions& options) const;

 private:
  collection::Node* node_;
  const std::unique_ptr<StrictGate> strict_;
};

}  // namespace sextant::service
