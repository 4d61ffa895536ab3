#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "payload_index/background/background_column.h"
#include "runtime/deadline.h"
#include "types/config.h"
#include "types/filter.h"
#include "types/ordinal.h"
#include "types/ordinal_set.h"
#include "types/point_id.h"

namespace sextant::payload_index {

class ColumnDemand;
struct ColumnPiece;
struct RunMerge;

// One point's new payload, as a commit group leaves it.
struct PayloadChange {
  Ordinal ordinal{};
  bool exists = true;        // false: the point was deleted
  std::string_view payload;  // JSON text; empty for none
};

// Ordinals from `first` to `last`, both included.
struct OrdinalRange {
  uint32_t first = 0;
  uint32_t last = UINT32_MAX;
};

// What the evaluation of a filter needs besides the indexes: the points of the same view.
// Threads: any.
class PointSource {
 public:
  virtual ~PointSource() = default;
  // The payload text of a point ("" when it has none).
  virtual Result<std::string> Payload(Ordinal ordinal) const = 0;
  // Calls `visit(ordinal, payload text)` for every point in the range that has a payload, ascending; stops early on an
  // error.
  virtual Status ForEachPayload(OrdinalRange range,
                                const std::function<Status(Ordinal, std::string_view)>& visit) const = 0;
  virtual Result<std::optional<Ordinal>> Find(const PointId& id) const = 0;
  virtual Result<bool> HasVector(Ordinal ordinal, std::string_view name) const = 0;
  virtual PointId Id(Ordinal ordinal) const = 0;  // of a living point
};

enum class OrderDirection { kAscending, kDescending };
struct OrderedValue {
  std::variant<int64_t, double> value;  // datetimes as microseconds
  Ordinal ordinal{};
};

struct FacetCount {
  std::variant<std::string, int64_t, bool> value;  // UUIDs as lowercase hyphenated text
  uint64_t count = 0;                              // of points
  friend bool operator==(const FacetCount&, const FacetCount&) = default;
};

// What: all payload indexes of a shard at one operation number, and the set of its living points. Immutable: a
// change makes a new snapshot that shares almost everything (a log-structured list of runs: each run holds the indexed
// values of the ordinals it changed; newer runs hide older ones; runs of similar size are merged).
// Threads: immutable; any thread. Condition results of a run are cached inside it (the cache is locked).
// Errors: evaluation passes on errors of the PointSource and the deadline; memory is the only other way to fail.
class IndexSnapshot {
 public:
  static std::shared_ptr<const IndexSnapshot> Empty();
  virtual ~IndexSnapshot() = default;

  // The snapshot after these changes (the last one of an ordinal wins).
  virtual std::shared_ptr<const IndexSnapshot> With(std::span<const PayloadChange> changes) const = 0;
  // The snapshot with one more indexed field (replacing one of the same path), filled from `points`.
  virtual Result<std::shared_ptr<const IndexSnapshot>> WithField(const PayloadPath& path, const FieldSchema& schema,
                                                                 const PointSource& points) const = 0;
  // The snapshot with an index of this field that is still to be filled: conditions on the field have the rules of the
  // index from now on, and are decided by reading payloads. A filled one of another schema stays for Ordered and Facet.
  virtual Result<std::shared_ptr<const IndexSnapshot>> Declare(const PayloadPath& path,
                                                               const FieldSchema& schema) const = 0;
  // Without the filled index of a field and without the declared one.
  virtual std::shared_ptr<const IndexSnapshot> WithoutField(const PayloadPath& path) const = 0;

  virtual size_t point_count() const = 0;
  virtual bool HasPoint(Ordinal ordinal) const = 0;
  // All living points.
  virtual std::shared_ptr<const OrdinalSet> AllPoints() const = 0;

  struct Field {
    PayloadPath path;
    FieldSchema schema;
    size_t points = 0;  // points with at least one indexed value
  };
  virtual std::vector<Field> Fields() const = 0;  // the filled ones
  virtual size_t field_count() const = 0;         // of filled and declared ones
  // The schema of the index of a field, filled or not, lent for the life of the snapshot; null when there is none.
  virtual const FieldSchema* SchemaOf(const PayloadPath& path) const = 0;

  // Exactly the living points that satisfy the filter: indexed conditions by the indexes, the rest by reading the
  // payloads of the points that the indexed ones left.
  virtual Result<std::shared_ptr<const OrdinalSet>> Evaluate(const Filter& filter, const PointSource& points,
                                                             const Deadline& deadline) const = 0;
  // Whether a point, to be of this payload (an object, or null), satisfies the filter, by the rules of the indexes; of
  // an empty snapshot, by the semantics of record.
  virtual Result<bool> Holds(const Filter& filter, const Json& payload, const PointId& id,
                             const std::function<bool(std::string_view vector_name)>& has_vector) const = 0;
  // The planner's guess of Evaluate().size(), without reading payloads (an unindexed condition counts half).
  virtual size_t Estimate(const Filter& filter, const PointSource& points) const = 0;

  // Values of an indexed field of numbers or datetimes in order (one entry per point and value), starting at
  // `start_from` inclusive (datetimes: microseconds), restricted to `accept` (null: all): the first `limit`, and then
  // all that tie with the last of them. kWrongInput if the field has no integer (range), float or datetime index.
  virtual Result<std::vector<OrderedValue>> Ordered(const PayloadPath& path, OrderDirection direction,
                                                    std::optional<double> start_from, const OrdinalSet* accept,
                                                    size_t limit) const = 0;
  // How many points of `accept` (null: all) hold each indexed value of a field: the `limit` most frequent values, by
  // count descending, then by value ascending. Exact. kWrongInput if the field has no keyword, integer (lookup), bool
  // or UUID index.
  virtual Result<std::vector<FacetCount>> Facet(const PayloadPath& path, const OrdinalSet* accept,
                                                size_t limit) const = 0;

  // For each of these points a number that the points of one tenant share: the place of its value in the order of
  // values of the field that is indexed as the tenant's (IsTenant), from 1 on; of several values the last. 0: no value,
  // or not living. Empty when no field is.
  virtual std::vector<uint32_t> TenantsOf(std::span<const Ordinal> points) const = 0;
  virtual bool has_tenants() const = 0;  // whether a field is; looks at no points

  // Background columns answer conditions that no index serves, by the rules of payloads, and are seen by none of the
  // calls above but by their time. A new one is empty: points that change from then on are in it, the others once
  // ReadColumns has read them and WithPiece has put them in.
  virtual std::shared_ptr<const IndexSnapshot> WithColumn(const BackgroundColumn& column) const = 0;
  virtual std::shared_ptr<const IndexSnapshot> WithoutColumn(const BackgroundColumn& column) const = 0;
  virtual std::vector<ColumnState> Columns() const = 0;
  virtual bool has_columns() const = 0;
  virtual bool LacksPieces() const = 0;  // some column of some points
  // What columns lack of about this many points; null when they lack nothing. kUnavailable when cancelled.
  virtual Result<std::shared_ptr<const ColumnPiece>> ReadColumns(const PointSource& points, size_t about_points,
                                                                 const CancelToken& cancel) const = 0;
  // The snapshot with as much of the piece, which was read of this snapshot or an earlier one, as still fits.
  virtual std::shared_ptr<const IndexSnapshot> WithPiece(const ColumnPiece& piece) const = 0;
  // Filters take longer the more runs there are, and changes leave more of them than need be. Whether some should be
  // merged now; `at_rest`: changes have not come for a while.
  virtual bool HasRunsToMerge(bool at_rest) const = 0;
  // Merges them. Takes long. Precondition: HasRunsToMerge(at_rest).
  virtual std::shared_ptr<const RunMerge> MergeRuns(bool at_rest) const = 0;
  // The snapshot with the merge, which was made of this snapshot or an earlier one; null when it does not fit any more.
  virtual std::shared_ptr<const IndexSnapshot> WithRunMerge(const RunMerge& merge) const = 0;
  // What the filters of this snapshot and those that came before and after it asked for.
  virtual ColumnDemand& demand() const = 0;

  virtual size_t memory_bytes() const = 0;
};

}  // namespace sextant::payload_index
