#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/query/query_request.h"

namespace sextant::service {

// What: the vectors that a query names by points, read once before it runs: from its own view, or from that of the
// collection which a stage looks its points up in.
// Threads: Load by one; then immutable.
// Ownership: borrows the view.
// Errors: kNotFound for missing collections, points and vectors; kWrongInput for unknown vector names and for vectors
// that do not fit those which they are compared with.
class VectorSources {
 public:
  using OpenView = std::function<Result<collection::CollectionView>(const std::string& collection)>;
  VectorSources(const collection::CollectionView& view, OpenView open) : view_(view), open_(std::move(open)) {}

  Status Load(const QueryStage& root, const Deadline& deadline);

  // A vector of the kind of the stage's name. Precondition: `input` belongs to `stage`, which was loaded.
  VectorValue Get(const QueryStage& stage, const VectorInput& input) const;

  // The points of the view itself that the query names anywhere, each once.
  const std::vector<PointId>& own_points() const { return own_points_; }

 private:
  using Key = std::tuple<std::string, std::string, PointId>;  // collection ("": the view's), vector name, point
  static Key KeyOf(const QueryStage& stage, const PointId& id);

  Status LoadStage(const QueryStage& stage, const Deadline& deadline);
  Result<const collection::CollectionView*> ViewOf(const QueryStage& stage);

  const collection::CollectionView& view_;
  OpenView open_;
  std::map<std::string, collection::CollectionView> others_;
  std::map<Key, VectorValue> vectors_;
  std::vector<PointId> own_points_;
};

}  // namespace sextant::service
