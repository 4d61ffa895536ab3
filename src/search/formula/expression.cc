#include "search/formula/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sextant::search {
namespace {

constexpr std::string_view kScore = "$score";

Status InvalidScore(std::string_view text) {
  return WrongInput("Invalid score pattern: `" + std::string(text) + "`, expected `$score` or `$score[index]`");
}

bool IsDecay(Operation::Kind kind) {
  return kind == Operation::Kind::kLinDecay || kind == Operation::Kind::kExpDecay ||
         kind == Operation::Kind::kGaussDecay;
}

Status CheckDecay(const Operation& decay) {
  if (!(decay.scale > 0))
    return WrongInput("the scale of a decay must be larger than 0, got " + std::to_string(decay.scale));
  const bool linear = decay.kind == Operation::Kind::kLinDecay;
  const bool fits = linear ? decay.midpoint >= 0 && decay.midpoint <= 1 : decay.midpoint > 0 && decay.midpoint < 1;
  if (fits) return OkStatus();
  return WrongInput(std::string("the midpoint of a decay must be in ") + (linear ? "[0, 1]" : "(0, 1)") + ", got " +
                    std::to_string(decay.midpoint));
}

}  // namespace

Result<std::variant<ScoreVariable, PayloadVariable>> ParseVariable(std::string_view text) {
  using Variable = std::variant<ScoreVariable, PayloadVariable>;
  if (!text.starts_with(kScore)) {
    ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(text));
    return Variable(PayloadVariable{std::move(path)});
  }
  const std::string_view rest = text.substr(kScore.size());
  if (rest.empty()) return Variable(ScoreVariable{0});
  if (rest.size() < 3 || rest.front() != '[' || rest.back() != ']') return InvalidScore(text);
  size_t index = 0;
  const char* const end = rest.data() + rest.size() - 1;
  const auto parsed = std::from_chars(rest.data() + 1, end, index);
  if (parsed.ec != std::errc() || parsed.ptr != end) return InvalidScore(text);
  return Variable(ScoreVariable{index});
}

Status AddDefault(std::string_view variable, const Json& value, Formula* formula) {
  ASSIGN_OR_RETURN(const auto parsed, ParseVariable(variable));
  if (const auto* path = std::get_if<PayloadVariable>(&parsed)) {
    formula->default_values[path->path.ToString()] = value;
    return OkStatus();
  }
  if (!value.is_number()) return WrongInput("the default of `" + std::string(variable) + "` must be a number");
  formula->default_scores[std::get<ScoreVariable>(parsed).prefetch] = value.as_double();
  return OkStatus();
}

Status CheckExpression(const Expression& expression) {
  const auto* operation = std::get_if<Operation>(&expression.node);
  if (operation == nullptr) return OkStatus();
  if (IsDecay(operation->kind)) RETURN_IF_ERROR(CheckDecay(*operation));
  const bool needs_operands = operation->kind == Operation::Kind::kMax || operation->kind == Operation::Kind::kMin;
  if (needs_operands && operation->operands.empty()) return WrongInput("max and min need at least one operand");
  for (const Expression& operand : operation->operands) RETURN_IF_ERROR(CheckExpression(operand));
  return OkStatus();
}

bool NeedsPayload(const Expression& expression) {
  if (const auto* operation = std::get_if<Operation>(&expression.node))
    return std::any_of(operation->operands.begin(), operation->operands.end(), NeedsPayload);
  return !std::holds_alternative<double>(expression.node) && !std::holds_alternative<ScoreVariable>(expression.node);
}

}  // namespace sextant::search
