#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"

namespace sextant::wire {

// A header of REST, and metadata of gRPC: the recall_target of all stages of a query that state no effort of their own.
// An extension: clients whose types have no place for recall_target can send headers.
inline constexpr char kRecallTargetHeader[] = "x-sextant-recall-target";

// The number that a header holds; nothing when it is empty. kWrongInput for anything else. Its range is checked with
// the query.
Result<std::optional<double>> ParseRecallTarget(std::string_view header);

}  // namespace sextant::wire
