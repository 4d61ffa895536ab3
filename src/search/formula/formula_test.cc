#include <gtest/gtest.h>

#include <cmath>

#include "payload_index/index_snapshot.h"
#include "search/formula/evaluator.h"

namespace sextant::search {
namespace {

using Kind = Operation::Kind;

Expression Number(double value) {
  return {value};
}
Expression Variable(std::string_view text) {
  auto parsed = ParseVariable(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return std::visit([](auto& one) { return Expression{std::move(one)}; }, *parsed);
}
Expression Apply(Kind kind, std::vector<Expression> operands) {
  Operation operation;
  operation.kind = kind;
  operation.operands = std::move(operands);
  return {std::move(operation)};
}
Expression Decay(Kind kind, double x, double target, double scale, double midpoint) {
  Expression decay = Apply(kind, {Number(x), Number(target)});
  std::get<Operation>(decay.node).scale = scale;
  std::get<Operation>(decay.node).midpoint = midpoint;
  return decay;
}
PayloadPath PathOf(std::string_view text) {
  return PayloadPath::Parse(text).value();
}

class FormulaTest : public ::testing::Test {
 protected:
  Result<float> Run(Expression expression) {
    formula_.expression = std::move(expression);
    const auto holds = [&](const Filter& filter) {
      return payload_index::IndexSnapshot::Empty()->Holds(filter, payload_, PointId::Number(7),
                                                          [](std::string_view name) { return name == "image"; });
    };
    return Evaluate(formula_, {&payload_, scores_, holds});
  }
  float Value(Expression expression) {
    const auto value = Run(std::move(expression));
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : std::nanf("");
  }
  std::string ErrorOf(Expression expression) {
    const auto value = Run(std::move(expression));
    EXPECT_EQ(ErrorClassOf(value.status()), ErrorClass::kWrongInput);
    return std::string(value.status().message());
  }

  Formula formula_;
  Json payload_ = Json::Parse(R"({"n":2.5,"one":[4],"two":[1,2],"none":[],"text":"x","a":{"b":3},"null":null,
      "place":{"lon":-0.1278,"lat":51.5074},"at":"2024-01-02T03:04:05.5Z","far":{"lon":200,"lat":0}})")
                      .value();
  std::vector<std::optional<float>> scores_{0.5f, std::nullopt};
};

TEST_F(FormulaTest, ReadsScoresAndTheirDefaults) {
  EXPECT_FLOAT_EQ(Value(Variable("$score")), 0.5f);
  EXPECT_FLOAT_EQ(Value(Variable("$score[0]")), 0.5f);
  EXPECT_FLOAT_EQ(Value(Variable("$score[1]")), 0);
  EXPECT_FLOAT_EQ(Value(Variable("$score[9]")), 0);
  ASSERT_TRUE(AddDefault("$score[1]", Json(3), &formula_).ok());
  ASSERT_TRUE(AddDefault("$score", Json(9), &formula_).ok());
  EXPECT_FLOAT_EQ(Value(Variable("$score[1]")), 3);
  EXPECT_FLOAT_EQ(Value(Variable("$score[0]")), 0.5f);
  EXPECT_FALSE(AddDefault("$score", Json("x"), &formula_).ok());
}

TEST_F(FormulaTest, RefusesMalformedVariables) {
  for (const char* text : {"$scores", "$score[", "$score[]", "$score[-1]", "$score[1", "$score[1]x", "$score[ 1]",
                           "$score[99999999999999999999999]", "a..b", ""})
    EXPECT_FALSE(ParseVariable(text).ok()) << text;
}

TEST_F(FormulaTest, ReadsPayloadValues) {
  EXPECT_FLOAT_EQ(Value(Variable("n")), 2.5f);
  EXPECT_FLOAT_EQ(Value(Variable("a.b")), 3);
  EXPECT_FLOAT_EQ(Value(Variable("one")), 4) << "one element is its value";
  EXPECT_NE(ErrorOf(Variable("two")).find("Expected one value"), std::string::npos);
  EXPECT_NE(ErrorOf(Variable("text")).find("not a number"), std::string::npos);
  EXPECT_NE(ErrorOf(Variable("null")).find("not a number"), std::string::npos);
  EXPECT_NE(ErrorOf(Variable("absent")).find("No value found for absent"), std::string::npos);
  ASSERT_TRUE(AddDefault("absent", Json(11), &formula_).ok());
  ASSERT_TRUE(AddDefault("none", Json(Json::Array{Json(12)}), &formula_).ok());
  EXPECT_FLOAT_EQ(Value(Variable("absent")), 11);
  EXPECT_FLOAT_EQ(Value(Variable("none")), 12);
}

TEST_F(FormulaTest, TestsConditions) {
  const auto holds = [&](Condition condition) {
    ConditionTest test;
    test.filter.must.emplace().push_back(std::move(condition));
    return Value({std::move(test)});
  };
  EXPECT_EQ(holds(FieldCondition{PathOf("text"), MatchValue{std::string("x")}}), 1);
  EXPECT_EQ(holds(FieldCondition{PathOf("text"), MatchValue{std::string("y")}}), 0);
  EXPECT_EQ(holds(HasIdCondition{{PointId::Number(7)}}), 1);
  EXPECT_EQ(holds(HasVectorCondition{"image"}), 1);
  EXPECT_EQ(holds(HasVectorCondition{"text"}), 0);
}

TEST_F(FormulaTest, ComputesOperations) {
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kSum, {Number(1), Number(2), Variable("n")})), 5.5f);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kSum, {})), 0);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kMult, {Number(3), Number(2)})), 6);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kMax, {Number(3), Number(2)})), 3);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kMin, {Number(3), Number(2)})), 2);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kNeg, {Number(3)})), -3);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kAbs, {Number(-3)})), 3);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kSqrt, {Number(9)})), 3);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kExp, {Number(1)})), std::exp(1.0f));
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kLog10, {Number(1000)})), 3);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kLn, {Number(std::exp(2.0))})), 2);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kAcosh, {Number(1)})), 0);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kPow, {Number(2), Number(10)})), 1024);
  EXPECT_FLOAT_EQ(Value(Apply(Kind::kDiv, {Number(1), Number(4)})), 0.25f);
}

TEST_F(FormulaTest, StopsAtZeroWhereTheRestDoesNotMatter) {
  EXPECT_EQ(Value(Apply(Kind::kMult, {Number(0), Variable("absent")})), 0);
  EXPECT_EQ(Value(Apply(Kind::kDiv, {Number(0), Number(0)})), 0);
  EXPECT_FALSE(Run(Apply(Kind::kMult, {Variable("absent"), Number(0)})).ok());
}

TEST_F(FormulaTest, RefusesWhatIsNotFinite) {
  Expression division = Apply(Kind::kDiv, {Number(1), Number(0)});
  EXPECT_NE(ErrorOf(division).find("1.0/0.0"), std::string::npos);
  std::get<Operation>(division.node).by_zero_default = 5;
  EXPECT_EQ(Value(division), 5);
  for (const Kind kind : {Kind::kSqrt, Kind::kLog10, Kind::kLn, Kind::kAcosh}) ErrorOf(Apply(kind, {Number(-1)}));
  ErrorOf(Apply(Kind::kLn, {Number(0)}));
  ErrorOf(Apply(Kind::kExp, {Number(1000)}));
  ErrorOf(Apply(Kind::kPow, {Number(-8), Number(0.5)}));
  ErrorOf(Number(1e300)) /* beyond f32 */;
}

TEST_F(FormulaTest, Decays) {
  // At a distance of `scale` from the target every decay is at its midpoint.
  for (const Kind kind : {Kind::kLinDecay, Kind::kExpDecay, Kind::kGaussDecay}) {
    EXPECT_FLOAT_EQ(Value(Decay(kind, 7, 3, 4, 0.3)), 0.3f);
    EXPECT_FLOAT_EQ(Value(Decay(kind, -1, 3, 4, 0.3)), 0.3f);
    EXPECT_FLOAT_EQ(Value(Decay(kind, 3, 3, 4, 0.3)), 1);
  }
  EXPECT_FLOAT_EQ(Value(Decay(Kind::kLinDecay, 100, 0, 1, 0.5)), 0);
  EXPECT_FLOAT_EQ(Value(Decay(Kind::kExpDecay, 2, 0, 1, 0.5)), 0.25f);
  EXPECT_FLOAT_EQ(Value(Decay(Kind::kGaussDecay, 2, 0, 1, 0.5)), 0.0625f);
}

TEST_F(FormulaTest, ChecksParametersOfDecays) {
  for (const Kind kind : {Kind::kLinDecay, Kind::kExpDecay, Kind::kGaussDecay}) {
    EXPECT_TRUE(CheckExpression(Decay(kind, 0, 0, 1, 0.5)).ok());
    EXPECT_FALSE(CheckExpression(Decay(kind, 0, 0, 0, 0.5)).ok());
    EXPECT_FALSE(CheckExpression(Decay(kind, 0, 0, -1, 0.5)).ok());
    EXPECT_FALSE(CheckExpression(Decay(kind, 0, 0, 1, 1.5)).ok());
    EXPECT_EQ(CheckExpression(Decay(kind, 0, 0, 1, 1)).ok(), kind == Kind::kLinDecay);
    EXPECT_FALSE(CheckExpression(Apply(Kind::kSum, {Decay(kind, 0, 0, 0, 0.5)})).ok()) << "nested";
  }
  EXPECT_FALSE(CheckExpression(Apply(Kind::kMax, {})).ok());
}

TEST_F(FormulaTest, MeasuresDistancesAndTime) {
  const GeoPoint moscow{.lon = 37.6173, .lat = 55.7558};
  EXPECT_NEAR(Value({GeoDistanceTo{moscow, PathOf("place")}}), 2'500'000, 5'000);
  ErrorOf({GeoDistanceTo{moscow, PathOf("n")}});
  ErrorOf({GeoDistanceTo{moscow, PathOf("far")}});
  ErrorOf({GeoDistanceTo{moscow, PathOf("absent")}});
  EXPECT_FLOAT_EQ(Value({DatetimeVariable{PathOf("at")}}), 1704164645.5f);
  ErrorOf({DatetimeVariable{PathOf("text")}});
}

TEST_F(FormulaTest, KnowsWhetherItReadsPayloads) {
  EXPECT_FALSE(NeedsPayload(Apply(Kind::kSum, {Number(1), Variable("$score")})));
  EXPECT_TRUE(NeedsPayload(Apply(Kind::kSum, {Number(1), Apply(Kind::kAbs, {Variable("n")})})));
}

}  // namespace
}  // namespace sextant::search
