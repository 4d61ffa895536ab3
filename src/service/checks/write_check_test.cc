#include "service/checks/write_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sextant::service {
namespace {

class CheckOperationTest : public ::testing::Test {
 protected:
  CheckOperationTest() {
    config_.vectors[""].size = 3;
    config_.vectors["small"].size = 1;
  }

  Status CheckPoint(std::vector<NamedVector> vectors) {
    return CheckOperation(config_, shard::Upsert{{{PointId::Number(1), std::move(vectors), ""}}});
  }

  CollectionConfig config_;
};

TEST_F(CheckOperationTest, AcceptsPointsWithAllSomeOrNoVectors) {
  EXPECT_TRUE(CheckPoint({{"", DenseVector{1, 2, 3}}, {"small", DenseVector{1}}}).ok());
  EXPECT_TRUE(CheckPoint({{"small", DenseVector{1}}}).ok());
  EXPECT_TRUE(CheckPoint({}).ok());
}

TEST_F(CheckOperationTest, NamesWrongDimensionsAndUnknownVectors) {
  EXPECT_EQ(CheckPoint({{"", DenseVector{1, 2}}}).message(), "Vector dimension error: expected dim: 3, got 2");
  EXPECT_EQ(CheckPoint({{"large", DenseVector{1}}}).message(), "Not existing vector name error: large");
  EXPECT_EQ(ErrorClassOf(CheckPoint({{"large", DenseVector{1}}})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(CheckPoint({{"small", DenseVector{}}})), ErrorClass::kValidation);
}

TEST_F(CheckOperationTest, EachNameTakesVectorsOfItsKind) {
  config_.vectors["multi"].size = 2;
  config_.vectors["multi"].kind = VectorKind::kMulti;
  config_.vectors["sparse"].kind = VectorKind::kSparse;
  const VectorValue dense = DenseVector{1}, pair = DenseVector{1, 2}, sparse = SparseVector{{3}, {1}};
  const VectorValue multi = MultiVector{1, {1, 2}}, rows = MultiVector{2, {1, 2, 3, 4}};
  EXPECT_TRUE(CheckPoint({{"sparse", sparse}, {"multi", rows}, {"small", dense}}).ok());
  EXPECT_TRUE(CheckPoint({{"multi", pair}, {"sparse", SparseVector{}}}).ok());
  for (const auto& [name, value] : std::vector<std::pair<std::string, VectorValue>>{
           {"small", multi}, {"small", sparse}, {"multi", sparse}, {"sparse", dense}, {"sparse", rows}}) {
    const Status status = CheckPoint({{name, value}});
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kWrongInput) << name;
    EXPECT_NE(status.message().find("Conversion between"), std::string::npos) << status;
  }
  EXPECT_EQ(CheckPoint({{"multi", multi}}).message(), "Vector dimension error: expected dim: 2, got 1");
  EXPECT_EQ(CheckPoint({{"multi", dense}}).message(), "Vector dimension error: expected dim: 2, got 1");
}

TEST_F(CheckOperationTest, RefusesWhatIsNoVector) {
  config_.vectors["multi"].size = 2;
  config_.vectors["multi"].kind = VectorKind::kMulti;
  config_.vectors["sparse"].kind = VectorKind::kSparse;
  const auto class_of = [&](const std::string& name, VectorValue value) {
    return ErrorClassOf(CheckPoint({{name, std::move(value)}}));
  };
  EXPECT_EQ(class_of("multi", MultiVector{}), ErrorClass::kValidation);
  EXPECT_EQ(class_of("multi", MultiVector{2, {1, 2, 3}}), ErrorClass::kValidation);
  EXPECT_EQ(class_of("multi", MultiVector{2, std::vector<float>(1 << 20)}), ErrorClass::kValidation);
  EXPECT_EQ(class_of("multi", MultiVector{2, std::vector<float>((1 << 20) - 2)}), ErrorClass::kOk);
  EXPECT_EQ(class_of("sparse", SparseVector{{1, 2}, {1}}), ErrorClass::kValidation);
  EXPECT_EQ(class_of("sparse", SparseVector{{2, 2}, {1, 1}}), ErrorClass::kValidation);
  EXPECT_EQ(class_of("sparse", SparseVector{{3, 2}, {1, 1}}), ErrorClass::kValidation);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(class_of("", DenseVector{1, std::nanf(""), 3}), ErrorClass::kWrongInput);
  EXPECT_EQ(class_of("multi", MultiVector{2, {1, infinity}}), ErrorClass::kWrongInput);
  EXPECT_EQ(class_of("sparse", SparseVector{{3}, {-infinity}}), ErrorClass::kWrongInput);
  EXPECT_EQ(class_of("small", DenseVector{std::numeric_limits<float>::max()}), ErrorClass::kOk);
}

TEST_F(CheckOperationTest, ADenseVectorBecomesOneRowOfAMultivector) {
  config_.vectors["multi"].size = 2;
  config_.vectors["multi"].kind = VectorKind::kMulti;
  shard::Operation operation =
      shard::Upsert{{{PointId::Number(1), {{"multi", DenseVector{1, 2}}, {"small", DenseVector{3}}}, ""}}};
  FitOperation(config_, &operation);
  const auto& vectors = std::get<shard::Upsert>(operation).points[0].vectors;
  EXPECT_EQ(vectors[0].value, VectorValue(MultiVector{2, {1, 2}}));
  EXPECT_EQ(vectors[1].value, VectorValue(DenseVector{3}));
  operation = shard::UpdateVectors{{{PointId::Number(1), {{"multi", DenseVector{1, 2}}}}}};
  FitOperation(config_, &operation);
  EXPECT_EQ(std::get<shard::UpdateVectors>(operation).points[0].vectors[0].value, VectorValue(MultiVector{2, {1, 2}}));
}

TEST_F(CheckOperationTest, UpdatesOfVectorsNeedVectorsOfTheRightSize) {
  const auto check = [&](std::vector<NamedVector> vectors) {
    return CheckOperation(config_, shard::UpdateVectors{{{PointId::Number(1), std::move(vectors)}}});
  };
  EXPECT_TRUE(check({{"small", DenseVector{1}}}).ok());
  EXPECT_EQ(ErrorClassOf(check({})), ErrorClass::kValidation);
  EXPECT_EQ(check({{"", DenseVector{1, 2}}}).message(), "Vector dimension error: expected dim: 3, got 2");
  EXPECT_EQ(ErrorClassOf(CheckOperation(config_, shard::UpdateVectors{})), ErrorClass::kBadRequest);
}

TEST_F(CheckOperationTest, DeletionsOfVectorsNeedKnownNames) {
  shard::DeleteVectors erase;
  erase.points.ids = {PointId::Number(1)};
  EXPECT_EQ(ErrorClassOf(CheckOperation(config_, erase)), ErrorClass::kValidation);
  erase.names = {"small", ""};
  EXPECT_TRUE(CheckOperation(config_, erase).ok());
  erase.names = {"small", "large"};
  EXPECT_EQ(CheckOperation(config_, erase).message(), "Not existing vector name error: large");
  EXPECT_FALSE(AddsData(erase));
  EXPECT_TRUE(AddsData(shard::UpdateVectors{}));
}

TEST_F(CheckOperationTest, RefusesUpdatesOfNothing) {
  EXPECT_EQ(ErrorClassOf(CheckOperation(config_, shard::Upsert{})), ErrorClass::kBadRequest);
  EXPECT_EQ(ErrorClassOf(CheckOperation(config_, shard::DeletePoints{})), ErrorClass::kBadRequest);
  EXPECT_EQ(ErrorClassOf(CheckOperation(config_, shard::ClearPayload{})), ErrorClass::kBadRequest);
  shard::DeletePoints by_filter;
  by_filter.points.filter = Filter{};
  EXPECT_TRUE(CheckOperation(config_, by_filter).ok());
  EXPECT_TRUE(CheckOperation(config_, shard::DropIndex{}).ok());
}

}  // namespace
}  // namespace sextant::service
