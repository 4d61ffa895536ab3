#include "service/checks/write_check.h"

#include <gtest/gtest.h>

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
