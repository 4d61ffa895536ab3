#include "wire/grpc/convert/convert_selectors.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/filter/convert_filter.h"

namespace sextant::wire {
namespace {

using Kind = PayloadSelector::Kind;

template <typename Fields>
Result<PayloadSelector> SelectPaths(Kind kind, const Fields& fields) {
  PayloadSelector selector{kind, {}};
  for (const std::string& field : fields) {
    ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(field));
    selector.paths.push_back(std::move(path));
  }
  return selector;
}

}  // namespace

Result<PayloadSelector> ConvertWithPayload(const qdrant::WithPayloadSelector& selector) {
  switch (selector.selector_options_case()) {
    case qdrant::WithPayloadSelector::kEnable: return PayloadSelector{selector.enable() ? Kind::kAll : Kind::kNone, {}};
    case qdrant::WithPayloadSelector::kInclude: return SelectPaths(Kind::kInclude, selector.include().fields());
    case qdrant::WithPayloadSelector::kExclude: return SelectPaths(Kind::kExclude, selector.exclude().fields());
    case qdrant::WithPayloadSelector::SELECTOR_OPTIONS_NOT_SET: break;
  }
  return FormatError("No PayloadSelector");
}

VectorSelector ConvertWithVectors(const qdrant::WithVectorsSelector& selector) {
  if (selector.has_include()) {
    const auto& names = selector.include().names();
    return {VectorSelector::Kind::kNames, {names.begin(), names.end()}};
  }
  return {selector.enable() ? VectorSelector::Kind::kAll : VectorSelector::Kind::kNone, {}};
}

Result<PointSelection> ConvertSelection(const qdrant::PointsSelector& selector) {
  PointSelection selection;
  switch (selector.points_selector_one_of_case()) {
    case qdrant::PointsSelector::kPoints: {
      ASSIGN_OR_RETURN(selection.ids, ConvertPointIds(selector.points().ids()));
      return selection;
    }
    case qdrant::PointsSelector::kFilter: {
      ASSIGN_OR_RETURN(selection.filter, ConvertFilter(selector.filter()));
      return selection;
    }
    case qdrant::PointsSelector::POINTS_SELECTOR_ONE_OF_NOT_SET: break;
  }
  return FormatError("PointsSelector is missing: either a list of point ids or a filter is needed");
}

Status RejectShardKeys(const qdrant::ShardKeySelector& selector) {
  if (selector.shard_keys().empty()) return OkStatus();
  const qdrant::ShardKey& key = selector.shard_keys(0);
  if (key.has_keyword()) return WrongInput(absl::StrCat("Shard key ", key.keyword(), " not found"));
  if (key.has_number()) return WrongInput(absl::StrCat("Shard key ", key.number(), " not found"));
  return FormatError("Empty shard key is not allowed");
}

}  // namespace sextant::wire
