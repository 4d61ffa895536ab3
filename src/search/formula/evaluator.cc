#include "search/formula/evaluator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "types/values/datetime.h"

namespace sextant::search {
namespace {

using Kind = Operation::Kind;

std::string Text(double value) {
  std::string out;
  if (std::isfinite(value))
    AppendJsonNumber(value, &out);
  else
    out = std::isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  return out;
}

Status NotFinite(const std::string& what) {
  return WrongInput("The expression " + what + " produced a non-finite number");
}

class Evaluation {
 public:
  Evaluation(const Formula& formula, const FormulaPoint& point) : formula_(formula), point_(point) {}

  Result<double> operator()(const Expression& expression) const { return std::visit(*this, expression.node); }

  Result<double> operator()(double constant) const { return constant; }

  Result<double> operator()(const ScoreVariable& variable) const {
    if (variable.prefetch < point_.scores.size() && point_.scores[variable.prefetch])
      return double{*point_.scores[variable.prefetch]};
    const auto given = formula_.default_scores.find(variable.prefetch);
    return given == formula_.default_scores.end() ? 0.0 : given->second;
  }

  Result<double> operator()(const PayloadVariable& variable) const {
    ASSIGN_OR_RETURN(const Json* value, ValueAt(variable.path));
    if (!value->is_number()) return Mistyped("number", variable.path);
    return value->as_double();
  }

  Result<double> operator()(const ConditionTest& test) const {
    ASSIGN_OR_RETURN(const bool holds, point_.holds(test.filter));
    return holds ? 1.0 : 0.0;
  }

  Result<double> operator()(const GeoDistanceTo& distance) const {
    ASSIGN_OR_RETURN(const Json* value, ValueAt(distance.to));
    const Json* lon = value->Find("lon");
    const Json* lat = value->Find("lat");
    if (lon == nullptr || lat == nullptr || !lon->is_number() || !lat->is_number())
      return Mistyped("geo point", distance.to);
    const GeoPoint place{.lon = lon->as_double(), .lat = lat->as_double()};
    if (!IsValid(place)) return Mistyped("geo point", distance.to);
    return HaversineMetres(distance.origin, place);
  }

  Result<double> operator()(const DatetimeVariable& variable) const {
    ASSIGN_OR_RETURN(const Json* value, ValueAt(variable.path));
    const auto micros = value->is_string() ? ParseDatetime(value->as_string()) : std::nullopt;
    if (!micros) return Mistyped("datetime", variable.path);
    return static_cast<double>(*micros) / 1e6;
  }

  Result<double> operator()(const Operation& operation) const {
    switch (operation.kind) {
      case Kind::kSum:
      case Kind::kMax:
      case Kind::kMin: return Fold(operation);
      case Kind::kMult: return Product(operation);
      case Kind::kDiv: return Quotient(operation);
      case Kind::kPow: return Power(operation);
      case Kind::kLinDecay:
      case Kind::kExpDecay:
      case Kind::kGaussDecay: return Decay(operation);
      default: return Unary(operation);
    }
  }

 private:
  Status Mistyped(std::string_view expected, const PayloadPath& path) const {
    return WrongInput("Expected " + std::string(expected) + " value for " + path.ToString() +
                      " in the payload and/or in the formula defaults. Error: Value is not a " + std::string(expected));
  }

  // The one value at a path, else its default. Arrays are looked into one level deep.
  Result<const Json*> ValueAt(const PayloadPath& path) const {
    const Json* only = nullptr;
    size_t count = 0;
    const auto add = [&](const Json& value) {
      only = &value;
      ++count;
    };
    const auto add_all = [&](const Json& value) {
      if (!value.is_array()) return add(value);
      for (const Json& element : value.array()) add(element);
    };
    path.Visit(*point_.payload, add_all);
    const std::string name = path.ToString();
    if (count == 0) {
      if (const auto given = formula_.default_values.find(name); given != formula_.default_values.end())
        add_all(given->second);
    }
    if (count == 1) return only;
    if (count == 0) return WrongInput("No value found for " + name + " in the payload nor the formula defaults");
    return WrongInput("Expected one value for " + name + " in the payload, found " + std::to_string(count));
  }

  Result<double> Fold(const Operation& operation) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double result = operation.kind == Kind::kSum ? 0 : operation.kind == Kind::kMax ? -kInfinity : kInfinity;
    for (const Expression& operand : operation.operands) {
      ASSIGN_OR_RETURN(const double value, (*this)(operand));
      result = operation.kind == Kind::kSum   ? result + value
               : operation.kind == Kind::kMax ? std::max(result, value)
                                              : std::min(result, value);
    }
    return result;
  }

  // Stops at the first zero: what comes after it need not be there.
  Result<double> Product(const Operation& operation) const {
    double result = 1;
    for (const Expression& operand : operation.operands) {
      ASSIGN_OR_RETURN(const double value, (*this)(operand));
      if (value == 0) return 0.0;
      result *= value;
    }
    return result;
  }

  Result<double> Quotient(const Operation& operation) const {
    ASSIGN_OR_RETURN(const double left, (*this)(operation.operands[0]));
    if (left == 0) return 0.0;
    ASSIGN_OR_RETURN(const double right, (*this)(operation.operands[1]));
    if (right == 0 && operation.by_zero_default) return *operation.by_zero_default;
    return Finite(left / right, [&] { return Text(left) + "/" + Text(right); });
  }

  Result<double> Power(const Operation& operation) const {
    ASSIGN_OR_RETURN(const double base, (*this)(operation.operands[0]));
    ASSIGN_OR_RETURN(const double exponent, (*this)(operation.operands[1]));
    return Finite(std::pow(base, exponent), [&] { return Text(base) + "^" + Text(exponent); });
  }

  Result<double> Unary(const Operation& operation) const {
    ASSIGN_OR_RETURN(const double x, (*this)(operation.operands[0]));
    const auto named = [x](const char* name) { return [x, name] { return name + ("(" + Text(x) + ")"); }; };
    switch (operation.kind) {
      case Kind::kNeg: return -x;
      case Kind::kAbs: return std::fabs(x);
      case Kind::kSqrt: return Finite(std::sqrt(x), named("sqrt"));
      case Kind::kExp: return Finite(std::exp(x), named("exp"));
      case Kind::kLog10: return Finite(std::log10(x), named("log10"));
      case Kind::kLn: return Finite(std::log(x), named("ln"));
      case Kind::kAcosh: return Finite(std::acosh(x), named("acosh"));
      default: return Internal("an operation of a formula is unknown");
    }
  }

  Result<double> Decay(const Operation& operation) const {
    ASSIGN_OR_RETURN(const double x, (*this)(operation.operands[0]));
    ASSIGN_OR_RETURN(const double target, (*this)(operation.operands[1]));
    const double distance = std::fabs(x - target);
    switch (operation.kind) {
      case Kind::kLinDecay: return std::max(0.0, 1.0 - (1.0 - operation.midpoint) / operation.scale * distance);
      case Kind::kExpDecay: return std::exp(std::log(operation.midpoint) / operation.scale * distance);
      default:
        return std::exp(std::log(operation.midpoint) / (operation.scale * operation.scale) * distance * distance);
    }
  }

  template <typename Describe>
  static Result<double> Finite(double value, Describe&& describe) {
    if (!std::isfinite(value)) return NotFinite(describe());
    return value;
  }

  const Formula& formula_;
  const FormulaPoint& point_;
};

}  // namespace

Result<float> Evaluate(const Formula& formula, const FormulaPoint& point) {
  ASSIGN_OR_RETURN(const double value, Evaluation(formula, point)(formula.expression));
  const auto narrow = static_cast<float>(value);
  if (!std::isfinite(narrow)) return NotFinite(Text(value) + " as f32");
  return narrow;
}

}  // namespace sextant::search
