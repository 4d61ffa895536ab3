#include "wire/rest/request/collection_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/answer/answers.h"
#include "wire/rest/request/decode_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

CollectionConfig Defaults() {
  CollectionConfig defaults;
  defaults.wal_config = *Json::Parse(R"({"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1})");
  return defaults;
}

CollectionConfig Create(const std::string& body) {
  auto request = DecodeCreateCollection(body, Defaults());
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? request->config : CollectionConfig{};
}

std::string CreateError(const std::string& body) {
  return ErrorOf(DecodeCreateCollection(body, Defaults()));
}

TEST(CreateCodec, ReadsASingleVector) {
  const auto config = Create(R"({"vectors":{"size":4,"distance":"Dot","on_disk":true,"hnsw_config":{"m":32}}})");
  EXPECT_TRUE(config.single_unnamed);
  const VectorParams& vector = config.vectors.at("");
  EXPECT_EQ(vector.size, 4u);
  EXPECT_EQ(vector.distance, Distance::kDot);
  EXPECT_EQ(vector.on_disk, true);
  EXPECT_EQ(vector.hnsw.m, 32u);
}

TEST(CreateCodec, ReadsNamedVectorsAndNone) {
  const auto config =
      Create(R"({"vectors":{"size":{"size":4,"distance":"Euclid"},"b":{"size":8,"distance":"Manhattan"}}})");
  EXPECT_FALSE(config.single_unnamed);
  EXPECT_EQ(config.vectors.at("size").distance, Distance::kEuclid);
  EXPECT_EQ(config.vectors.at("b").distance, Distance::kManhattan);
  EXPECT_TRUE(Create("{}").vectors.empty());
  EXPECT_TRUE(Create(R"({"vectors":{}})").vectors.empty());
}

TEST(CreateCodec, PutsGivenSettingsOverTheDefaults) {
  const auto config = Create(
      R"({"vectors":{"size":4,"distance":"Dot"},"hnsw_config":{"ef_construct":200,"full_scan_threshold_kb":20},
          "optimizer_config":{"memmap_threshold":20000,"max_optimization_threads":"auto"},"wal_config":{"wal_capacity_mb":64},
          "on_disk_payload":false,"metadata":{"a":1},"shard_number":2,
          "quantization_config":{"scalar":{"type":"int8","always_ram":true,"quantile":0.99,"x":1}}})");
  EXPECT_EQ(config.hnsw.m, 16u);
  EXPECT_EQ(config.hnsw.ef_construct, 200u);
  EXPECT_EQ(config.hnsw.full_scan_threshold_kb, 20u);
  EXPECT_EQ(config.optimizers.memmap_threshold_kb, 20000u);
  EXPECT_EQ(config.optimizers.max_optimization_threads->Dump(), "\"auto\"");
  EXPECT_EQ(config.wal_config.Dump(), R"({"wal_capacity_mb":64,"wal_segments_ahead":0,"wal_retain_closed":1})");
  EXPECT_FALSE(config.on_disk_payload);
  EXPECT_EQ(config.metadata->Dump(), R"({"a":1})");
  EXPECT_EQ(config.shard_number, 2u);
  EXPECT_EQ(config.quantization_config->Dump(), R"({"scalar":{"type":"int8","quantile":0.99,"always_ram":true}})");
}

TEST(CreateCodec, ChecksEveryBound) {
  const auto vector_error = [](const std::string& extra) {
    return CreateError("{\"vectors\":{\"distance\":\"Dot\"," + extra + "}}");
  };
  EXPECT_EQ(vector_error("\"size\":0"),
            "422 Validation error in JSON body: [vectors.size: value 0 invalid, must be from 1 to 65536]");
  EXPECT_THAT(vector_error("\"size\":65537"), HasSubstr("value 65537 invalid, must be from 1 to 65536"));
  EXPECT_THAT(vector_error(R"("size":1,"hnsw_config":{"ef_construct":3})"),
              HasSubstr("[vectors.hnsw_config.ef_construct: value 3"));
  EXPECT_THAT(vector_error(R"("size":1,"hnsw_config":{"full_scan_threshold":9})"), HasSubstr("422"));
  EXPECT_THAT(vector_error(R"("size":1,"memory":"pinned")"), HasSubstr("422"));
  EXPECT_THAT(vector_error(R"("size":1,"quantization":{"scalar":{"type":"int8","quantile":0.4}})"),
              HasSubstr("must be from 0.5 to 1.0"));
  for (const char* body :
       {R"({"shard_number":0})", R"({"replication_factor":0})", R"({"write_consistency_factor":0})",
        R"({"optimizers_config":{"deleted_threshold":1.1}})",
        R"({"optimizers_config":{"vacuum_min_vector_number":99}})", R"({"optimizers_config":{"max_segment_size":0}})",
        R"({"wal_config":{"wal_capacity_mb":0}})", R"({"wal_config":{"wal_retain_closed":0}})",
        R"({"strict_mode_config":{"max_query_limit":0}})",
        R"({"strict_mode_config":{"max_resident_memory_percent":101}})",
        R"({"strict_mode_config":{"multivector_config":{"a":{"max_vectors":0}}}})"}) {
    EXPECT_THAT(CreateError(body), HasSubstr("422 Validation error in JSON body: [")) << body;
  }
}

TEST(CreateCodec, RefusesWrongTypes) {
  for (const char* body :
       {R"({"vectors":5})", R"({"vectors":{"size":4}})", R"({"vectors":{"distance":"Dot"}})",
        R"({"vectors":{"size":4,"distance":"dot"}})", R"({"vectors":{"a":5}})",
        R"({"vectors":{"size":"4","distance":"Dot"}})", R"({"hnsw_config":5})",
        R"({"optimizers_config":{"max_optimization_threads":"many"}})", R"({"quantization_config":{}})",
        R"({"quantization_config":"Disabled"})", R"({"quantization_config":{"scalar":{"type":"int4"}}})",
        R"({"quantization_config":{"scalar":{}}})", R"({"quantization_config":{"product":{}}})",
        R"({"quantization_config":{"product":{"compression":"x5"}}})",
        R"({"quantization_config":{"binary":{"encoding":"x"}}})", R"({"quantization_config":{"turbo":{"bits":4}}})",
        R"({"metadata":[1]})", R"({"sharding_method":"x"})", R"({"on_disk_payload":1})"}) {
    EXPECT_THAT(CreateError(body), HasSubstr("400 Format error in JSON body: ")) << body;
  }
}

TEST(CreateCodec, ReadsMultivectorsAndDatatypes) {
  const auto config = Create(
      R"({"vectors":{"m":{"size":4,"distance":"Dot","multivector_config":{"comparator":"max_sim"},"datatype":"float16"},
                     "d":{"size":4,"distance":"Dot","datatype":"uint8"}}})");
  EXPECT_EQ(config.vectors.at("m").kind, VectorKind::kMulti);
  EXPECT_EQ(config.vectors.at("m").datatype, Datatype::kFloat16);
  EXPECT_EQ(config.vectors.at("d").kind, VectorKind::kDense);
  EXPECT_EQ(config.vectors.at("d").datatype, Datatype::kUint8);
  EXPECT_THAT(CreateError(R"({"vectors":{"size":4,"distance":"Dot","multivector_config":{}}})"),
              HasSubstr("comparator"));
  EXPECT_THAT(CreateError(R"({"vectors":{"size":4,"distance":"Dot","multivector_config":{"comparator":"min"}}})"),
              HasSubstr("400 Format error"));
}

TEST(CreateCodec, ReadsSparseVectorsBesideOthers) {
  const auto config = Create(
      R"({"vectors":{"size":4,"distance":"Dot"},"sparse_vectors":{"a":{"modifier":"idf"},"b":{},"c":{"index":
          {"full_scan_threshold":7,"on_disk":true,"memory":"pinned","datatype":"uint8"},"modifier":"none"}}})");
  EXPECT_TRUE(config.single_unnamed);
  ASSERT_EQ(config.vectors.size(), 4u);
  EXPECT_EQ(config.vectors.at("a").kind, VectorKind::kSparse);
  EXPECT_EQ(config.vectors.at("a").distance, Distance::kDot);
  EXPECT_EQ(config.vectors.at("a").modifier, SparseModifier::kIdf);
  EXPECT_FALSE(config.vectors.at("a").index_given);
  EXPECT_FALSE(config.vectors.at("b").modifier.has_value());
  const VectorParams& c = config.vectors.at("c");
  EXPECT_TRUE(c.index_given);
  EXPECT_EQ(c.full_scan_threshold, 7u);
  EXPECT_EQ(c.on_disk, true);
  EXPECT_EQ(c.memory, "pinned");
  EXPECT_EQ(c.datatype, Datatype::kUint8);
  EXPECT_EQ(c.modifier, SparseModifier::kNone);
  EXPECT_EQ(CreateError(R"({"sparse_vectors":{}})"), "ok");
  EXPECT_THAT(CreateError(R"({"vectors":{"s":{"size":4,"distance":"Dot"}},"sparse_vectors":{"s":{}}})"),
              HasSubstr("400 Wrong input: the vector name \"s\" is given to a dense and to a sparse vector"));
  EXPECT_THAT(CreateError(R"({"sparse_vectors":{"s":{"modifier":"x"}}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(CreateError(R"({"sparse_vectors":{"s":{"index":{"memory":"x"}}}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(CreateError(R"({"sparse_vectors":[1]})"), HasSubstr("400 Format error"));
}

TEST(CreateCodec, NamesWhatIsNotSupportedYet) {
  EXPECT_THAT(CreateError(R"({"vectors":{"size":4,"distance":"Dot","datatype":"turbo4"}})"),
              HasSubstr("400 Wrong input: vectors.datatype: the datatype turbo4 is not supported yet"));
  EXPECT_THAT(CreateError(R"({"sparse_vectors":{"s":{"index":{"datatype":"turbo4"}}}})"), HasSubstr("not supported"));
  EXPECT_THAT(CreateError(R"({"sharding_method":"custom"})"), HasSubstr("custom sharding is not supported yet"));
}

TEST(VectorNameCodec, ReadsOneVector) {
  const auto dense = DecodeVectorName(
      R"({"dense":{"size":3,"distance":"Euclid","multivector_config":{"comparator":"max_sim"},"datatype":"float16"}})");
  ASSERT_TRUE(dense.ok()) << dense.status();
  EXPECT_EQ(dense->size, 3u);
  EXPECT_EQ(dense->distance, Distance::kEuclid);
  EXPECT_EQ(dense->kind, VectorKind::kMulti);
  EXPECT_EQ(dense->datatype, Datatype::kFloat16);
  const auto sparse = DecodeVectorName(R"({"sparse":{"modifier":"idf","datatype":"float16"}})");
  ASSERT_TRUE(sparse.ok()) << sparse.status();
  EXPECT_EQ(sparse->kind, VectorKind::kSparse);
  EXPECT_EQ(sparse->modifier, SparseModifier::kIdf);
  EXPECT_EQ(sparse->datatype, Datatype::kFloat16);
  EXPECT_TRUE(sparse->index_given);
  EXPECT_FALSE(DecodeVectorName(R"({"sparse":{}})")->index_given);
  EXPECT_THAT(ErrorOf(DecodeVectorName("{}")), HasSubstr("400 Format error in JSON body: expected one of `dense`"));
  EXPECT_THAT(ErrorOf(DecodeVectorName(R"({"dense":{"size":0,"distance":"Dot"}})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeVectorName(R"({"dense":{"size":3}})")), HasSubstr("missing field `distance`"));
}

TEST(CreateCodec, EchoesEveryKindOfQuantization) {
  for (const char* text : {R"({"scalar":{"type":"int8"}})", R"({"product":{"compression":"x16","always_ram":false}})",
                           R"({"binary":{"always_ram":true,"encoding":"two_bits","query_encoding":"scalar8bits"}})",
                           R"({"turbo":{"memory":"cached","bits":"bits2"}})", R"({"binary":{}})"}) {
    EXPECT_EQ(Create(std::string("{\"quantization_config\":") + text + "}").quantization_config->Dump(), text);
  }
}

TEST(UpdateCodec, ReadsAllParts) {
  const auto update = DecodeUpdateCollection(
      R"({"vectors":{"":{"hnsw_config":{"m":8},"quantization_config":"Disabled","on_disk":false}},
          "optimizers_config":{"indexing_threshold":0},"params":{"replication_factor":2,"on_disk_payload":true,
          "read_fan_out_delay_ms":5},"quantization_config":{"binary":{}},"metadata":{"k":null},"strict_mode_config":{"enabled":false}})");
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_EQ(update->vectors.at("").hnsw.m, 8u);
  EXPECT_EQ(update->vectors.at("").quantization_config->Dump(), "\"Disabled\"");
  EXPECT_EQ(update->optimizers.indexing_threshold_kb, 0u);
  EXPECT_EQ(update->replication_factor, 2u);
  EXPECT_EQ(update->metadata->Dump(), R"({"k":null})");
  EXPECT_EQ(update->strict_mode_config->Dump(), R"({"enabled":false})");
  EXPECT_TRUE(DecodeUpdateCollection("{}").ok());
  EXPECT_THAT(ErrorOf(DecodeUpdateCollection(R"({"params":{"write_consistency_factor":0}})")), HasSubstr("422"));
}

TEST(AliasCodec, ReadsActions) {
  const auto actions = DecodeAliasActions(
      R"({"actions":[{"create_alias":{"collection_name":"c","alias_name":"a"}},{"delete_alias":{"alias_name":"b"}},
          {"rename_alias":{"old_alias_name":"x","new_alias_name":"y"}}]})");
  ASSERT_TRUE(actions.ok()) << actions.status();
  EXPECT_EQ(std::get<collection::CreateAlias>((*actions)[0]).collection, "c");
  EXPECT_EQ(std::get<collection::DeleteAlias>((*actions)[1]).alias, "b");
  EXPECT_EQ(std::get<collection::RenameAlias>((*actions)[2]).new_alias, "y");
  EXPECT_THAT(ErrorOf(DecodeAliasActions("{}")), HasSubstr("missing field `actions`"));
  EXPECT_THAT(ErrorOf(DecodeAliasActions(R"({"actions":[{}]})")), HasSubstr("unknown alias action"));
  EXPECT_THAT(ErrorOf(DecodeAliasActions(R"({"actions":[{"create_alias":{"alias_name":"a"}}]})")),
              HasSubstr("missing field `collection_name`"));
}

TEST(InfoAnswer, EchoesTheConfigurationWithItsDefaults) {
  service::CollectionInfo info;
  info.config = Create(R"({"vectors":{"size":4,"distance":"Dot"}})");
  info.points_count = 3;
  info.segments_count = 2;
  EXPECT_EQ(
      EncodeCollectionInfo(info),
      R"({"status":"green","optimizer_status":"ok","indexed_vectors_count":0,"points_count":3,"segments_count":2,)"
      R"("config":{"params":{"vectors":{"size":4,"distance":"Dot"},"shard_number":1,"replication_factor":1,)"
      R"("write_consistency_factor":1,"on_disk_payload":true},"hnsw_config":{"m":16,"ef_construct":100,)"
      R"("full_scan_threshold":10000,"max_indexing_threads":0,"on_disk":false},"optimizer_config":{)"
      R"("deleted_threshold":0.2,"vacuum_min_vector_number":1000,"default_segment_number":0,"max_segment_size":null,)"
      R"("memmap_threshold":null,"indexing_threshold":10000,"flush_interval_sec":5,"max_optimization_threads":null,)"
      R"("prevent_unoptimized":null},"wal_config":{"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1},)"
      R"("quantization_config":null},"payload_schema":{},"update_queue":{"length":0}})");
}

TEST(InfoAnswer, ShowsSchemasAndErrors) {
  service::CollectionInfo info;
  info.config = Create(R"({"vectors":{"a":{"size":4,"distance":"Dot","hnsw_config":{"m":8}}},"metadata":{"x":1.0}})");
  info.status = service::CollectionStatus::kRed;
  info.optimizer_error = "disk \"full\"";
  info.payload_schema.push_back({"k", {FieldType::kKeyword, std::nullopt}, 5});
  info.payload_schema.push_back({"n", {FieldType::kInteger, *Json::Parse(R"({"type":"integer"})")}, 6});
  const std::string text = EncodeCollectionInfo(info);
  EXPECT_THAT(text, HasSubstr(R"("status":"red","optimizer_status":{"error":"disk \"full\""})"));
  EXPECT_THAT(text, HasSubstr(R"("vectors":{"a":{"size":4,"distance":"Dot","hnsw_config":{"m":8}}})"));
  EXPECT_THAT(text, HasSubstr(R"("metadata":{"x":1.0})"));
  EXPECT_THAT(text, HasSubstr(R"("payload_schema":{"k":{"data_type":"keyword","points":5},"n":{"data_type":"integer",)"
                              R"("params":{"type":"integer"},"points":6}})"));
}

}  // namespace
}  // namespace sextant::wire
