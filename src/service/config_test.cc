#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "service/checks/config_check.h"
#include "service/config_update.h"

namespace sextant::service {
namespace {

CollectionConfig GoodConfig() {
  CollectionConfig config;
  config.vectors["a"].size = 4;
  return config;
}

Json ParseJson(std::string_view text) {
  return *Json::Parse(text);
}

TEST(CheckConfig, AcceptsDefaultsAndNoVectorsAtAll) {
  EXPECT_TRUE(CheckConfig(GoodConfig()).ok());
  EXPECT_TRUE(CheckConfig(CollectionConfig()).ok());
}

TEST(CheckConfig, NamesTheFieldAndTheLimit) {
  CollectionConfig config = GoodConfig();
  config.vectors["a"].size = 0;
  EXPECT_EQ(CheckConfig(config).message(), "[vectors[a].size: value 0 invalid, must be from 1 to 65536]");
  EXPECT_EQ(ErrorClassOf(CheckConfig(config)), ErrorClass::kValidation);
  config.vectors["a"].size = 65536;
  EXPECT_TRUE(CheckConfig(config).ok());
  config.vectors["a"].size = 65537;
  EXPECT_FALSE(CheckConfig(config).ok());
}

TEST(CheckConfig, RefusesEachValueOutOfRange) {
  const std::vector<std::function<void(CollectionConfig*)>> wrong = {
      [](auto* c) { c->vectors[""].size = 0; },
      [](auto* c) { c->vectors["a"].memory = "pinned"; },
      [](auto* c) { c->vectors["a"].hnsw.ef_construct = 3; },
      [](auto* c) { c->vectors["a"].quantization_config = ParseJson(R"({"scalar":{"type":"int8","quantile":0.4}})"); },
      [](auto* c) { c->hnsw_given.ef_construct = 3; },
      [](auto* c) { c->hnsw_given.full_scan_threshold_kb = 9; },
      [](auto* c) { c->optimizers.deleted_threshold = 1.1; },
      [](auto* c) { c->optimizers.deleted_threshold = std::nan(""); },
      [](auto* c) { c->optimizers.vacuum_min_vector_number = 99; },
      [](auto* c) { c->wal_config = ParseJson(R"({"wal_capacity_mb":0})"); },
      [](auto* c) { c->shard_number = 0; },
      [](auto* c) { c->replication_factor = 0; },
      [](auto* c) { c->write_consistency_factor = 0; },
  };
  for (size_t i = 0; i < wrong.size(); ++i) {
    CollectionConfig config = GoodConfig();
    wrong[i](&config);
    EXPECT_EQ(ErrorClassOf(CheckConfig(config)), ErrorClass::kValidation) << "case " << i;
  }
}

VectorParams SparseParams() {
  VectorParams params;
  params.kind = VectorKind::kSparse;
  params.distance = Distance::kDot;
  return params;
}

TEST(CheckConfig, SparseVectorsHaveANameAndNoSize) {
  CollectionConfig config;
  config.vectors["s"] = SparseParams();
  config.vectors["s"].memory = "pinned";
  EXPECT_TRUE(CheckConfig(config).ok());
  config.vectors["s"].size = 4;
  EXPECT_EQ(ErrorClassOf(CheckConfig(config)), ErrorClass::kWrongInput);
  config.vectors.clear();
  config.vectors[""] = SparseParams();
  EXPECT_EQ(CheckConfig(config).message(), "a sparse vector must have a name");
}

TEST(CheckConfig, RefusesBadNames) {
  CollectionConfig config = GoodConfig();
  config.vectors["b?"].size = 4;
  EXPECT_EQ(ErrorClassOf(CheckConfig(config)), ErrorClass::kWrongInput);
}

TEST(CheckQuantization, KnowsItsKinds) {
  EXPECT_TRUE(CheckQuantization(ParseJson(R"({"scalar":{"type":"int8","quantile":0.99,"always_ram":true}})")).ok());
  EXPECT_TRUE(CheckQuantization(ParseJson(R"({"binary":{}})")).ok());
  EXPECT_EQ(ErrorClassOf(CheckQuantization(ParseJson(R"({"other":{}})"))), ErrorClass::kFormat);
  EXPECT_EQ(ErrorClassOf(CheckQuantization(ParseJson(R"({"scalar":1})"))), ErrorClass::kFormat);
  EXPECT_EQ(ErrorClassOf(CheckQuantization(ParseJson(R"("Disabled")"))), ErrorClass::kFormat);
  UpdateCollection update;
  update.quantization_config = ParseJson(R"("Disabled")");
  EXPECT_TRUE(CheckUpdate(update).ok());
}

TEST(ApplyUpdate, MergesFieldByField) {
  CollectionConfig config = GoodConfig();
  config.hnsw.m = 8;
  config.hnsw_given.m = 8;
  config.vectors["a"].hnsw.m = 4;
  UpdateCollection update;
  update.hnsw.ef_construct = 77;
  update.optimizers.indexing_threshold_kb = 5;
  update.vectors["a"].hnsw.ef_construct = 55;
  update.vectors["a"].on_disk = true;
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  EXPECT_EQ(config.hnsw.m, 8u);
  EXPECT_EQ(config.hnsw.ef_construct, 77u);
  EXPECT_EQ(config.hnsw_given.m, 8u);
  EXPECT_EQ(config.hnsw_given.ef_construct, 77u);
  EXPECT_EQ(config.optimizers.indexing_threshold_kb, 5u);
  EXPECT_EQ(config.optimizers.flush_interval_sec, 5u);
  EXPECT_EQ(config.vectors["a"].hnsw.m, 4u);
  EXPECT_EQ(config.vectors["a"].hnsw.ef_construct, 55u);
  EXPECT_EQ(config.vectors["a"].on_disk, true);
}

TEST(ApplyUpdate, UnknownVectorChangesNothing) {
  CollectionConfig config = GoodConfig();
  const Json before = ToJson(config);
  UpdateCollection update;
  update.vectors["a"].on_disk = true;
  update.vectors["b"].on_disk = true;
  update.hnsw.m = 99;
  const Status status = ApplyUpdate(update, &config);
  EXPECT_EQ(status.message(), "Not existing vector name error: b");
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kWrongInput);
  EXPECT_EQ(ToJson(config), before);
}

TEST(ApplyUpdate, QuantizationIsReplacedWholeAndDisabled) {
  CollectionConfig config = GoodConfig();
  config.quantization_config = ParseJson(R"({"scalar":{"type":"int8","quantile":0.9}})");
  UpdateCollection update;
  update.quantization_config = ParseJson(R"({"scalar":{"type":"int8"}})");
  update.vectors["a"].quantization_config = ParseJson(R"({"binary":{}})");
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  EXPECT_EQ(config.quantization_config, update.quantization_config);
  EXPECT_EQ(config.vectors["a"].quantization_config, ParseJson(R"({"binary":{}})"));
  update.quantization_config = Json("Disabled");
  update.vectors["a"].quantization_config = Json("Disabled");
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  EXPECT_FALSE(config.quantization_config);
  EXPECT_FALSE(config.vectors["a"].quantization_config);
}

TEST(ApplyUpdate, NullRemovesAMetadataKeyButNotAStrictModeLimit) {
  CollectionConfig config = GoodConfig();
  UpdateCollection update;
  update.metadata = ParseJson(R"({"a":1,"b":2})");
  update.strict_mode_config = ParseJson(R"({"enabled":true,"max_query_limit":5})");
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  update.metadata = ParseJson(R"({"a":null,"c":3,"d":null})");
  update.strict_mode_config = ParseJson(R"({"enabled":false,"max_query_limit":null})");
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  EXPECT_EQ(config.metadata->Dump(), R"({"b":2,"c":3})");
  EXPECT_EQ(config.strict_mode_config->Dump(), R"({"enabled":false,"max_query_limit":5})");
}

TEST(ApplyUpdate, MergesSparseVectors) {
  CollectionConfig config = GoodConfig();
  config.vectors["s"] = SparseParams();
  config.vectors["s"].full_scan_threshold = 5;
  UpdateCollection update;
  update.sparse_vectors["s"].modifier = SparseModifier::kIdf;
  update.sparse_vectors["s"].index_given = true;
  update.sparse_vectors["s"].on_disk = true;
  ASSERT_TRUE(ApplyUpdate(update, &config).ok());
  EXPECT_EQ(config.vectors["s"].modifier, SparseModifier::kIdf);
  EXPECT_EQ(config.vectors["s"].full_scan_threshold, 5u);
  EXPECT_EQ(config.vectors["s"].on_disk, true);
  EXPECT_TRUE(config.vectors["s"].index_given);
  update.sparse_vectors["s"].datatype = Datatype::kUint8;
  EXPECT_EQ(ErrorClassOf(ApplyUpdate(update, &config)), ErrorClass::kWrongInput);
}

TEST(ApplyUpdate, AVectorIsOfTheKindThatTheUpdateMeans) {
  CollectionConfig config = GoodConfig();
  config.vectors["s"] = SparseParams();
  UpdateCollection sparse_as_dense, dense_as_sparse;
  sparse_as_dense.vectors["s"].on_disk = true;
  dense_as_sparse.sparse_vectors["a"].on_disk = true;
  EXPECT_EQ(ApplyUpdate(sparse_as_dense, &config).message(), "Not existing vector name error: s");
  EXPECT_EQ(ApplyUpdate(dense_as_sparse, &config).message(), "Not existing vector name error: a");
}

TEST(AddVector, OnceAndOnlyTheSameAgain) {
  CollectionConfig config;
  config.vectors[""].size = 4;
  config.vectors[""].name_id = 1;
  config.single_unnamed = true;
  ASSERT_TRUE(AddVector("s", SparseParams(), &config).ok());
  EXPECT_TRUE(config.single_unnamed);
  VectorParams dense;
  dense.size = 3;
  ASSERT_TRUE(AddVector("d", dense, &config).ok());
  EXPECT_FALSE(config.single_unnamed);
  EXPECT_EQ(config.vectors.at("d").name_id, 0u);
  config.vectors.at("d").name_id = 7;
  config.vectors.at("d").on_disk = true;
  dense.datatype = Datatype::kFloat32;  // what it is anyway
  EXPECT_TRUE(AddVector("d", dense, &config).ok());
  EXPECT_EQ(config.vectors.at("d").name_id, 7u);
  EXPECT_EQ(config.vectors.at("d").on_disk, true);
  dense.kind = VectorKind::kMulti;
  EXPECT_EQ(ErrorClassOf(AddVector("d", dense, &config)), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(AddVector("d", SparseParams(), &config)), ErrorClass::kWrongInput);
  VectorParams idf = SparseParams();
  idf.modifier = SparseModifier::kIdf;
  EXPECT_EQ(ErrorClassOf(AddVector("s", idf, &config)), ErrorClass::kWrongInput);
}

TEST(DropVector, OnlyWhatIsThere) {
  CollectionConfig config = GoodConfig();
  EXPECT_TRUE(DropVector("a", &config).ok());
  EXPECT_TRUE(config.vectors.empty());
  EXPECT_EQ(ErrorClassOf(DropVector("a", &config)), ErrorClass::kWrongInput);
}

}  // namespace
}  // namespace sextant::service
