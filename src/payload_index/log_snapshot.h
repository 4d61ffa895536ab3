#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "payload_index/background/column_demand.h"
#include "payload_index/evaluator.h"
#include "payload_index/index_snapshot.h"
#include "payload_index/runs/byte_cache.h"
#include "payload_index/runs/run.h"

namespace sextant::payload_index {

// The snapshot as a list of runs. A change copies the list, takes the changed points out of the runs that held them,
// adds a run for what they hold now, and compacts. Answers of whole filters are cached too: a snapshot stands for one
// state of the payloads, whatever PointSource reads them.
class LogSnapshot : public IndexSnapshot {
 public:
  using FieldList = std::vector<IndexedField>;

  struct Parts {
    std::shared_ptr<const FieldList> fields;    // filled ones, and background columns
    std::shared_ptr<const FieldList> declared;  // not filled: runs have no columns of them
    std::vector<Run> runs;
    std::shared_ptr<ColumnDemand> demand;
  };
  explicit LogSnapshot(Parts parts);

  std::shared_ptr<const IndexSnapshot> With(std::span<const PayloadChange> changes) const override;
  Result<std::shared_ptr<const IndexSnapshot>> WithField(const PayloadPath& path, const FieldSchema& schema,
                                                         const PointSource& points) const override;
  Result<std::shared_ptr<const IndexSnapshot>> Declare(const PayloadPath& path,
                                                       const FieldSchema& schema) const override;
  std::shared_ptr<const IndexSnapshot> WithoutField(const PayloadPath& path) const override;

  size_t point_count() const override { return point_count_; }
  bool HasPoint(Ordinal ordinal) const override { return View().HasPoint(Index(ordinal)); }
  std::shared_ptr<const OrdinalSet> AllPoints() const override;
  std::vector<Field> Fields() const override;
  size_t field_count() const override;
  const FieldSchema* SchemaOf(const PayloadPath& path) const override;

  Result<std::shared_ptr<const OrdinalSet>> Evaluate(const Filter& filter, const PointSource& points,
                                                     const Deadline& deadline) const override;
  Result<bool> Holds(const Filter& filter, const Json& payload, const PointId& id,
                     const std::function<bool(std::string_view vector_name)>& has_vector) const override;
  size_t Estimate(const Filter& filter, const PointSource& points) const override;
  Result<std::vector<OrderedValue>> Ordered(const PayloadPath& path, OrderDirection direction,
                                            std::optional<double> start_from, const OrdinalSet* accept,
                                            size_t limit) const override;
  Result<std::vector<FacetCount>> Facet(const PayloadPath& path, const OrdinalSet* accept, size_t limit) const override;
  std::vector<uint32_t> TenantsOf(std::span<const Ordinal> points) const override;
  bool has_tenants() const override { return TenantField().has_value(); }
  std::shared_ptr<const IndexSnapshot> WithColumn(const BackgroundColumn& column) const override;
  std::shared_ptr<const IndexSnapshot> WithoutColumn(const BackgroundColumn& column) const override;
  std::vector<ColumnState> Columns() const override;
  bool has_columns() const override;
  bool LacksPieces() const override;
  Result<std::shared_ptr<const ColumnPiece>> ReadColumns(const PointSource& points, size_t about_points,
                                                         const CancelToken& cancel) const override;
  std::shared_ptr<const IndexSnapshot> WithPiece(const ColumnPiece& piece) const override;
  bool HasRunsToMerge(bool at_rest) const override;
  std::shared_ptr<const RunMerge> MergeRuns(bool at_rest) const override;
  std::shared_ptr<const IndexSnapshot> WithRunMerge(const RunMerge& merge) const override;
  ColumnDemand& demand() const override { return *demand_; }
  size_t memory_bytes() const override;

 private:
  IndexView View() const;
  std::optional<size_t> TenantField() const;
  // A snapshot of this shard.
  std::shared_ptr<const IndexSnapshot> Make(std::shared_ptr<const FieldList> fields,
                                            std::shared_ptr<const FieldList> declared, std::vector<Run> runs) const;
  std::shared_ptr<const Bitmap> Living() const;

  const std::shared_ptr<const FieldList> fields_;
  const std::shared_ptr<const FieldList> declared_;
  const std::vector<Run> runs_;
  const std::shared_ptr<ColumnDemand> demand_;
  size_t point_count_ = 0;
  mutable ByteCache<OrdinalSet> answers_;

  // Made when first asked for; guarded by mutex_.
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Bitmap> living_;
  mutable std::shared_ptr<const OrdinalSet> all_points_;
};

// What IndexSnapshot::Ordered is asked for.
struct OrderRequest {
  OrderDirection direction = OrderDirection::kAscending;
  std::optional<double> start_from;
  const OrdinalSet* accept = nullptr;
  size_t limit = 0;
};
// Precondition: ServesOrder(schema of the field).
std::vector<OrderedValue> OrderedValues(const IndexView& view, size_t field, const OrderRequest& request);

// What IndexSnapshot::Facet answers. Precondition: ServesFacet(schema of the field).
std::vector<FacetCount> FacetCounts(const IndexView& view, size_t field, const OrdinalSet* accept, size_t limit);

// What IndexSnapshot::TenantsOf answers of a field of keywords or UUIDs.
std::vector<uint32_t> TenantNumbers(const IndexView& view, size_t field, std::span<const Ordinal> points);

}  // namespace sextant::payload_index
