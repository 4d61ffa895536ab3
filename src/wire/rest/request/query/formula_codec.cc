#include <array>
#include <string_view>
#include <utility>

#include "types/values/datetime.h"
#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/query/query_parts.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

using search::Expression;
using search::Operation;
using Kind = Operation::Kind;

struct Named {
  std::string_view key;
  Kind kind;
};
constexpr std::array<Named, 4> kLists = {
    {{"sum", Kind::kSum}, {"mult", Kind::kMult}, {"max", Kind::kMax}, {"min", Kind::kMin}}};
constexpr std::array<Named, 7> kUnary = {{{"neg", Kind::kNeg},
                                          {"abs", Kind::kAbs},
                                          {"sqrt", Kind::kSqrt},
                                          {"exp", Kind::kExp},
                                          {"log10", Kind::kLog10},
                                          {"ln", Kind::kLn},
                                          {"acosh", Kind::kAcosh}}};
constexpr std::array<Named, 3> kDecays = {
    {{"lin_decay", Kind::kLinDecay}, {"exp_decay", Kind::kExpDecay}, {"gauss_decay", Kind::kGaussDecay}}};

void DecodeExpression(Value value, Expression* out);

// Numbers are f32 on every way in.
void ReadNumber(Value value, double* out) {
  auto narrow = static_cast<float>(*out);
  value.Read(&narrow);
  if (value) *out = narrow;
}

void DecodeVariable(Value value, Expression* out) {
  std::string_view text;
  value.Read(&text);
  auto variable = search::ParseVariable(text);
  if (!variable.ok()) return value.Reject(variable.status());
  std::visit([&](auto& one) { out->node = std::move(one); }, *variable);
}

void DecodePath(Value value, PayloadPath* out) {
  value.Expect(!value || value.is_string(), "a payload path");
  DecodePayloadPath(value, out);
}

void DecodeGeoDistance(Value value, Expression* out) {
  search::GeoDistanceTo distance;
  const Value origin = value.Required("origin");
  origin.Required("lon").Read(&distance.origin.lon);
  origin.Required("lat").Read(&distance.origin.lat);
  if (!IsValid(distance.origin)) origin.Fail("must lie within -180 to 180 degrees of longitude, -90 to 90 of latitude");
  DecodePath(value.Required("to"), &distance.to);
  out->node = std::move(distance);
}

void DecodeDatetime(Value value, Expression* out) {
  std::string_view text;
  value.Read(&text);
  const auto micros = ParseDatetime(text);
  if (value.is_string() && !micros) value.Fail("must be a datetime");
  out->node = static_cast<double>(micros.value_or(0)) / 1e6;
}

void DecodeDiv(Value value, Operation* out) {
  out->kind = Kind::kDiv;
  out->operands.resize(2);
  DecodeExpression(value.Required("left"), &out->operands[0]);
  DecodeExpression(value.Required("right"), &out->operands[1]);
  if (const Value given = value["by_zero_default"]) ReadNumber(given, &out->by_zero_default.emplace(0));
}

void DecodePow(Value value, Operation* out) {
  out->kind = Kind::kPow;
  out->operands.resize(2);
  DecodeExpression(value.Required("base"), &out->operands[0]);
  DecodeExpression(value.Required("exponent"), &out->operands[1]);
}

void DecodeDecay(Value value, Operation* out) {
  out->operands.resize(2);
  DecodeExpression(value.Required("x"), &out->operands[0]);
  out->operands[1].node = 0.0;
  DecodeExpression(value["target"], &out->operands[1]);
  ReadNumber(value["scale"], &out->scale);
  ReadNumber(value["midpoint"], &out->midpoint);
}

// Whether the object is an operation.
bool DecodeOperation(Value value, Operation* out) {
  for (const Named& list : kLists) {
    if (!value.Has(list.key)) continue;
    out->kind = list.kind;
    value.Required(list.key).ForEach([&](Value operand) {
      operand.Expect(static_cast<bool>(operand), "an expression");
      DecodeExpression(operand, &out->operands.emplace_back());
    });
    return true;
  }
  for (const Named& unary : kUnary) {
    if (!value.Has(unary.key)) continue;
    out->kind = unary.kind;
    DecodeExpression(value.Required(unary.key), &out->operands.emplace_back());
    return true;
  }
  for (const Named& decay : kDecays) {
    if (!value.Has(decay.key)) continue;
    out->kind = decay.kind;
    DecodeDecay(value.Required(decay.key), out);
    return true;
  }
  if (value.Has("div")) {
    DecodeDiv(value.Required("div"), out);
    return true;
  }
  if (value.Has("pow")) {
    DecodePow(value.Required("pow"), out);
    return true;
  }
  return false;
}

void DecodeExpression(Value value, Expression* out) {
  if (!value) return;
  if (value.is_number()) {
    double number = 0;
    ReadNumber(value, &number);
    out->node = number;
    return;
  }
  if (value.is_string()) return DecodeVariable(value, out);
  if (!value.Expect(value.is_object(), "an expression: a number, a variable, a condition or an operation")) return;
  if (value.Has("geo_distance")) return DecodeGeoDistance(value.Required("geo_distance"), out);
  if (value.Has("datetime")) return DecodeDatetime(value.Required("datetime"), out);
  if (value.Has("datetime_key")) {
    search::DatetimeVariable variable;
    DecodePath(value.Required("datetime_key"), &variable.path);
    out->node = std::move(variable);
    return;
  }
  Operation operation;
  if (DecodeOperation(value, &operation)) {
    out->node = std::move(operation);
    return;
  }
  search::ConditionTest test;
  DecodeConditionAsFilter(value, &test.filter);
  out->node = std::move(test);
}

}  // namespace

void DecodeFormula(Value expression, Value defaults, search::Formula* out) {
  DecodeExpression(expression, &out->expression);
  if (!defaults) return;
  defaults.ForEachMember([&](std::string_view name, Value value) {
    if (Status added = search::AddDefault(name, value.ToJson(), out); !added.ok()) value.Reject(std::move(added));
  });
}

}  // namespace sextant::wire
