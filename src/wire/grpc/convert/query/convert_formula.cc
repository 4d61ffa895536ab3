#include "absl/strings/str_cat.h"
#include "types/values/datetime.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/grpc/convert/query/convert_query_parts.h"

namespace sextant::wire {
namespace {

using search::Expression;
using search::Operation;
using OperationKind = Operation::Kind;
using Expressions = google::protobuf::RepeatedPtrField<qdrant::Expression>;

Status ConvertExpression(const qdrant::Expression& expression, Expression* out);

Status ConvertVariable(const std::string& text, Expression* out) {
  ASSIGN_OR_RETURN(auto variable, search::ParseVariable(text));
  std::visit([&](auto& one) { out->node = std::move(one); }, variable);
  return OkStatus();
}

Status ConvertConditionTest(const qdrant::Condition& condition, Expression* out) {
  qdrant::Filter filter;
  *filter.add_must() = condition;
  search::ConditionTest test;
  ASSIGN_OR_RETURN(test.filter, ConvertFilter(filter));
  out->node = std::move(test);
  return OkStatus();
}

Status ConvertGeoDistance(const qdrant::GeoDistance& message, Expression* out) {
  if (!message.has_origin()) return FormatError("geo_distance.origin is missing");
  search::GeoDistanceTo distance;
  distance.origin = {message.origin().lon(), message.origin().lat()};
  if (!IsValid(distance.origin))
    return FormatError("geo_distance.origin must lie within -180 to 180 degrees of longitude, -90 to 90 of latitude");
  ASSIGN_OR_RETURN(distance.to, PayloadPath::Parse(message.to()));
  out->node = std::move(distance);
  return OkStatus();
}

Status ConvertMoment(const std::string& text, Expression* out) {
  const auto micros = ParseDatetime(text);
  if (!micros) return FormatError(absl::StrCat("not a datetime: ", text));
  out->node = static_cast<double>(*micros) / 1e6;
  return OkStatus();
}

Status ConvertDatetimeKey(const std::string& key, Expression* out) {
  search::DatetimeVariable variable;
  ASSIGN_OR_RETURN(variable.path, PayloadPath::Parse(key));
  out->node = std::move(variable);
  return OkStatus();
}

Status ConvertOperands(OperationKind kind, const Expressions& operands, Expression* out) {
  Operation operation;
  operation.kind = kind;
  for (const qdrant::Expression& operand : operands)
    RETURN_IF_ERROR(ConvertExpression(operand, &operation.operands.emplace_back()));
  out->node = std::move(operation);
  return OkStatus();
}

Status ConvertUnary(OperationKind kind, const qdrant::Expression& operand, Expression* out) {
  Operation operation;
  operation.kind = kind;
  RETURN_IF_ERROR(ConvertExpression(operand, &operation.operands.emplace_back()));
  out->node = std::move(operation);
  return OkStatus();
}

Status ConvertBinary(Operation operation, const qdrant::Expression& left, const qdrant::Expression& right,
                     Expression* out) {
  operation.operands.resize(2);
  RETURN_IF_ERROR(ConvertExpression(left, &operation.operands[0]));
  RETURN_IF_ERROR(ConvertExpression(right, &operation.operands[1]));
  out->node = std::move(operation);
  return OkStatus();
}

Status ConvertDiv(const qdrant::DivExpression& div, Expression* out) {
  Operation operation;
  operation.kind = OperationKind::kDiv;
  if (div.has_by_zero_default()) operation.by_zero_default = div.by_zero_default();
  return ConvertBinary(std::move(operation), div.left(), div.right(), out);
}

Status ConvertPow(const qdrant::PowExpression& pow, Expression* out) {
  Operation operation;
  operation.kind = OperationKind::kPow;
  return ConvertBinary(std::move(operation), pow.base(), pow.exponent(), out);
}

Status ConvertDecay(OperationKind kind, const qdrant::DecayParamsExpression& decay, Expression* out) {
  Operation operation;
  operation.kind = kind;
  if (decay.has_scale()) operation.scale = decay.scale();
  if (decay.has_midpoint()) operation.midpoint = decay.midpoint();
  if (decay.has_target()) return ConvertBinary(std::move(operation), decay.x(), decay.target(), out);
  qdrant::Expression zero;
  zero.set_constant(0);
  return ConvertBinary(std::move(operation), decay.x(), zero, out);
}

Status ConvertExpression(const qdrant::Expression& expression, Expression* out) {
  switch (expression.variant_case()) {
    case qdrant::Expression::kConstant: out->node = double{expression.constant()}; return OkStatus();
    case qdrant::Expression::kVariable: return ConvertVariable(expression.variable(), out);
    case qdrant::Expression::kCondition: return ConvertConditionTest(expression.condition(), out);
    case qdrant::Expression::kGeoDistance: return ConvertGeoDistance(expression.geo_distance(), out);
    case qdrant::Expression::kDatetime: return ConvertMoment(expression.datetime(), out);
    case qdrant::Expression::kDatetimeKey: return ConvertDatetimeKey(expression.datetime_key(), out);
    case qdrant::Expression::kMult: return ConvertOperands(OperationKind::kMult, expression.mult().mult(), out);
    case qdrant::Expression::kSum: return ConvertOperands(OperationKind::kSum, expression.sum().sum(), out);
    case qdrant::Expression::kMax: return ConvertOperands(OperationKind::kMax, expression.max().max(), out);
    case qdrant::Expression::kMin: return ConvertOperands(OperationKind::kMin, expression.min().min(), out);
    case qdrant::Expression::kDiv: return ConvertDiv(expression.div(), out);
    case qdrant::Expression::kNeg: return ConvertUnary(OperationKind::kNeg, expression.neg(), out);
    case qdrant::Expression::kAbs: return ConvertUnary(OperationKind::kAbs, expression.abs(), out);
    case qdrant::Expression::kSqrt: return ConvertUnary(OperationKind::kSqrt, expression.sqrt(), out);
    case qdrant::Expression::kPow: return ConvertPow(expression.pow(), out);
    case qdrant::Expression::kExp: return ConvertUnary(OperationKind::kExp, expression.exp(), out);
    case qdrant::Expression::kLog10: return ConvertUnary(OperationKind::kLog10, expression.log10(), out);
    case qdrant::Expression::kLn: return ConvertUnary(OperationKind::kLn, expression.ln(), out);
    case qdrant::Expression::kAcosh: return ConvertUnary(OperationKind::kAcosh, expression.acosh(), out);
    case qdrant::Expression::kExpDecay: return ConvertDecay(OperationKind::kExpDecay, expression.exp_decay(), out);
    case qdrant::Expression::kGaussDecay:
      return ConvertDecay(OperationKind::kGaussDecay, expression.gauss_decay(), out);
    case qdrant::Expression::kLinDecay: return ConvertDecay(OperationKind::kLinDecay, expression.lin_decay(), out);
    case qdrant::Expression::VARIANT_NOT_SET: break;
  }
  return FormatError("Expression variant is missing");
}

}  // namespace

Result<search::Formula> ConvertFormula(const qdrant::Formula& formula) {
  search::Formula out;
  RETURN_IF_ERROR(ConvertExpression(formula.expression(), &out.expression));
  for (const auto& [name, value] : formula.defaults()) {
    ASSIGN_OR_RETURN(const Json converted, ConvertValue(value));
    RETURN_IF_ERROR(search::AddDefault(name, converted, &out));
  }
  return out;
}

}  // namespace sextant::wire
