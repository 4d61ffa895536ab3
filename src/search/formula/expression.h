#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "types/filter.h"
#include "types/json.h"
#include "types/payload_path.h"
#include "types/values/geo.h"

namespace sextant::search {

struct Expression;

// `$score` and `$score[i]`: what the i-th prefetch said of the point.
struct ScoreVariable {
  size_t prefetch = 0;
};
struct PayloadVariable {
  PayloadPath path;
};
// From a fixed place to the one in the payload, in metres.
struct GeoDistanceTo {
  GeoPoint origin;
  PayloadPath to;
};
// A datetime of the payload, as seconds since 1970.
struct DatetimeVariable {
  PayloadPath path;
};

// 1 where the condition holds, else 0.
struct ConditionTest {
  Filter filter;  // of the one condition
};

// Operations on the values of their operands.
struct Operation {
  enum class Kind {
    kSum,
    kMult,
    kMax,
    kMin,
    kNeg,
    kAbs,
    kSqrt,
    kExp,
    kLog10,
    kLn,
    kAcosh,
    kDiv,
    kPow,
    kLinDecay,
    kExpDecay,
    kGaussDecay
  };
  Kind kind = Kind::kSum;
  std::vector<Expression> operands;       // kDiv: left, right; kPow: base, exponent; decays: x, target
  std::optional<double> by_zero_default;  // kDiv
  double scale = 1, midpoint = 0.5;       // decays
};

// What: one node of a formula.
// Threads: a value.
struct Expression {
  std::variant<double, ScoreVariable, PayloadVariable, ConditionTest, GeoDistanceTo, DatetimeVariable, Operation> node;
};

// A formula over the scores and the payload of a point. Defaults stand in for absent values.
struct Formula {
  Expression expression;
  std::map<size_t, double> default_scores;
  std::map<std::string, Json> default_values;  // by the canonical text of a payload path
};

// The meaning of a variable's text. kWrongInput for a malformed one.
Result<std::variant<ScoreVariable, PayloadVariable>> ParseVariable(std::string_view text);
// Adds the default of a variable. kWrongInput for a malformed name or a score that is no number.
Status AddDefault(std::string_view variable, const Json& value, Formula* formula);

// What no point could be scored with: parameters of decays out of range, operations without operands. kWrongInput.
Status CheckExpression(const Expression& expression);
// Whether a formula reads payloads; scores alone need none.
bool NeedsPayload(const Expression& expression);

}  // namespace sextant::search
