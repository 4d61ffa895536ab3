#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/status.h"
#include "search/formula/expression.h"
#include "types/filter.h"
#include "types/json.h"

namespace sextant::search {

// What a formula is evaluated on.
struct FormulaPoint {
  const Json* payload = nullptr;                 // an object, or null
  std::span<const std::optional<float>> scores;  // one for each prefetch
  std::function<Result<bool>(const Filter&)> holds;
};

// The value of a formula at a point, in f64, as f32. kWrongInput where a value is absent without a default, not of the
// right type, or where an operation or the result is not finite.
Result<float> Evaluate(const Formula& formula, const FormulaPoint& point);

}  // namespace sextant::search
