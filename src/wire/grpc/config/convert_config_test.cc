// Collections and payload indexes: what clients send arrives, and what they read back is what they sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/config/config_json.h"
#include "wire/grpc/config/convert_collections.h"
#include "wire/grpc/config/convert_index.h"
#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Every option that both interfaces know.
constexpr char kFullCreate[] = R"(
  vectors_config { params_map {
    map { key: "a" value { size: 4 distance: Cosine on_disk: true memory: Cached datatype: Float32
                           hnsw_config { m: 8 ef_construct: 32 }
                           quantization_config { binary { encoding: OneAndHalfBits
                                                          query_encoding { setting: Scalar8Bits } } } } }
    map { key: "b" value { size: 65536 distance: Manhattan datatype: Default memory: MemoryUnknown } } } }
  hnsw_config { m: 24 ef_construct: 64 full_scan_threshold: 20 max_indexing_threads: 2 on_disk: true payload_m: 4
                inline_storage: true memory: Pinned }
  optimizers_config { deleted_threshold: 0.5 vacuum_min_vector_number: 200 default_segment_number: 3
                      max_segment_size: 5 memmap_threshold: 6 indexing_threshold: 7 flush_interval_sec: 8
                      max_optimization_threads { setting: Auto } prevent_unoptimized: true }
  wal_config { wal_capacity_mb: 3 wal_segments_ahead: 1 wal_retain_closed: 2 }
  shard_number: 2 on_disk_payload: false replication_factor: 3 write_consistency_factor: 2 sharding_method: Auto
  quantization_config { scalar { type: Int8 quantile: 0.99 always_ram: true } }
  strict_mode_config { enabled: true max_query_limit: 5 search_max_oversampling: 0.1
                       sparse_config { sparse_config { key: "s" value { max_length: 4 } } } }
  metadata { key: "team" value { struct_value { fields { key: "id" value { integer_value: 7 } } } } }
  payload { memory: Cold }
)";

Result<service::CreateCollection> Created(const std::string& text) {
  return ConvertCreate(Parse<qdrant::CreateCollection>(text), CollectionConfig{});
}
std::string CreateError(const std::string& text) {
  return ErrorOf(Created(text));
}
std::string UpdateError(const std::string& text) {
  return ErrorOf(ConvertUpdate(Parse<qdrant::UpdateCollection>(text)));
}

TEST(ConvertCreate, EveryOptionArrives) {
  const auto created = Created(kFullCreate);
  ASSERT_TRUE(created.ok()) << created.status();
  const CollectionConfig& config = created->config;
  ASSERT_EQ(config.vectors.size(), 2u);
  EXPECT_FALSE(config.single_unnamed);
  const VectorParams& a = config.vectors.at("a");
  EXPECT_EQ(a.size, 4u);
  EXPECT_EQ(a.hnsw.m, 8u);
  EXPECT_EQ(a.memory, "cached");
  EXPECT_EQ(a.datatype, Datatype::kFloat32);
  EXPECT_EQ(a.quantization_config->Dump(),
            R"({"binary":{"encoding":"one_and_half_bits","query_encoding":"scalar8bits"}})");
  EXPECT_EQ(config.vectors.at("b").distance, Distance::kManhattan);
  EXPECT_FALSE(config.vectors.at("b").datatype || config.vectors.at("b").memory);
  EXPECT_EQ(config.hnsw.payload_m, 4u);
  EXPECT_EQ(config.hnsw_given.memory, "pinned");
  EXPECT_EQ(config.optimizers.deleted_threshold, 0.5);
  EXPECT_EQ(*config.optimizers.max_optimization_threads, Json("auto"));
  EXPECT_EQ(config.wal_config.Dump(), R"({"wal_capacity_mb":3,"wal_segments_ahead":1,"wal_retain_closed":2})");
  EXPECT_EQ(config.shard_number, 2u);
  EXPECT_FALSE(config.on_disk_payload);
  EXPECT_EQ(config.quantization_config->Dump(), R"({"scalar":{"type":"int8","quantile":0.99,"always_ram":true}})");
  EXPECT_EQ(config.strict_mode_config->Find("search_max_oversampling")->as_double(), 0.1);
  EXPECT_EQ(config.strict_mode_config->Find("sparse_config")->Dump(), R"({"s":{"max_length":4}})");
  EXPECT_EQ(config.metadata->Dump(), R"({"team":{"id":7}})");
  EXPECT_EQ(config.payload->Dump(), R"({"memory":"cold"})");
}

constexpr char kKinds[] = R"(
  vectors_config { params_map {
    map { key: "m" value { size: 4 distance: Dot multivector_config { comparator: MaxSim } datatype: Float16 } } } }
  sparse_vectors_config {
    map { key: "a" value { } }
    map { key: "b" value { index { full_scan_threshold: 7 on_disk: true datatype: Uint8 memory: Pinned } modifier: Idf } } }
)";

TEST(ConvertCreate, VectorsOfEveryKindComeBackAsSent) {
  const auto created = Created(kKinds);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->config.vectors.at("m").kind, VectorKind::kMulti);
  EXPECT_EQ(created->config.vectors.at("m").datatype, Datatype::kFloat16);
  EXPECT_EQ(created->config.vectors.at("a").kind, VectorKind::kSparse);
  EXPECT_EQ(created->config.vectors.at("b").modifier, SparseModifier::kIdf);
  service::CollectionInfo info;
  info.config = created->config;
  qdrant::CollectionInfo out;
  ASSERT_TRUE(FillCollectionInfo(info, &out).ok());
  const auto request = Parse<qdrant::CreateCollection>(kKinds);
  const auto& params = out.config().params();
  EXPECT_EQ(TextOf(params.vectors_config()), TextOf(request.vectors_config()));
  for (const char* name : {"a", "b"})
    EXPECT_EQ(TextOf(params.sparse_vectors_config().map().at(name)),
              TextOf(request.sparse_vectors_config().map().at(name)));
  EXPECT_THAT(CreateError("vectors_config { params { size: 2 distance: Dot datatype: Turbo4 } }"),
              HasSubstr("3 Wrong input: vectors.datatype: the datatype turbo4 is not supported yet"));
}

TEST(ConvertVectorName, ReadsOneVector) {
  const auto converted = [](const std::string& text) {
    return ConvertVectorName(Parse<qdrant::CreateVectorNameRequest>(text));
  };
  const auto dense = converted("dense_config { size: 3 distance: Euclid multivector_config { } datatype: Uint8 }");
  ASSERT_TRUE(dense.ok()) << dense.status();
  EXPECT_EQ(dense->kind, VectorKind::kMulti);
  EXPECT_EQ(dense->size, 3u);
  EXPECT_EQ(dense->distance, Distance::kEuclid);
  EXPECT_EQ(dense->datatype, Datatype::kUint8);
  const auto sparse = converted("sparse_config { modifier: Idf }");
  EXPECT_EQ(sparse->kind, VectorKind::kSparse);
  EXPECT_EQ(sparse->modifier, SparseModifier::kIdf);
  EXPECT_THAT(ErrorOf(converted("")), StartsWith("3 vector_config"));
  EXPECT_THAT(ErrorOf(converted("dense_config { size: 3 }")), StartsWith("3 "));
}

TEST(ConvertCreate, OneUnnamedVectorIsRemembered) {
  const auto single = Created("vectors_config { params { size: 2 distance: Dot } }");
  EXPECT_TRUE(single->config.single_unnamed);
  EXPECT_EQ(single->config.vectors.at("").distance, Distance::kDot);
  const auto map = Created("vectors_config { params_map { map { key: '' value { size: 2 distance: Dot } } } }");
  EXPECT_FALSE(map->config.single_unnamed);
  EXPECT_EQ(map->config.vectors.size(), 1u);
  EXPECT_TRUE(Created("")->config.vectors.empty());
  EXPECT_TRUE(Created("vectors_config { params_map { } }")->config.vectors.empty());
}

TEST(ConvertCreate, EveryQuantizationKeepsItsOptions) {
  const auto quantization = [](const std::string& text) {
    return Created("quantization_config { " + text + " }")->config.quantization_config->Dump();
  };
  EXPECT_EQ(quantization("product { }"), R"({"product":{"compression":"x4"}})");
  EXPECT_EQ(quantization("product { compression: x64 memory: Pinned }"),
            R"({"product":{"compression":"x64","memory":"pinned"}})");
  EXPECT_EQ(quantization("binary { always_ram: false }"), R"({"binary":{"always_ram":false}})");
  EXPECT_EQ(quantization("turboquant { bits: Bits1_5 }"), R"({"turbo":{"bits":"bits1_5"}})");
}

TEST(ConvertCreate, RefusesMembersWithoutAForm) {
  EXPECT_EQ(CreateError("vectors_config { }"), "3 VectorsConfig is empty");
  EXPECT_THAT(CreateError("quantization_config { }"), StartsWith("3 Unable to convert quantization config"));
  EXPECT_EQ(CreateError("quantization_config { binary { query_encoding { } } }"),
            "3 BinaryQuantizationQueryEncoding is empty");
  EXPECT_EQ(CreateError("optimizers_config { max_optimization_threads { } }"), "3 MaxOptimizationThreads is empty");
}

TEST(ConvertCreate, RefusesUnknownEnumerators) {
  EXPECT_THAT(CreateError("vectors_config { params { size: 2 } }"), StartsWith("3 "));
  EXPECT_THAT(CreateError("quantization_config { scalar { } }"), StartsWith("3 "));
  qdrant::CreateCollection request = Parse<qdrant::CreateCollection>("vectors_config { params { size: 2 } }");
  auto* params = request.mutable_vectors_config()->mutable_params();
  params->set_distance(static_cast<qdrant::Distance>(9));
  EXPECT_EQ(ErrorOf(ConvertCreate(request, {})), "3 distance: 9 is not a value of this field");
  params->set_distance(qdrant::Dot);
  params->set_datatype(static_cast<qdrant::Datatype>(77));
  EXPECT_EQ(ErrorOf(ConvertCreate(request, {})), "3 datatype: 77 is not a value of this field");
}

TEST(ConvertCreate, LimitsAreThoseOfTheOtherInterface) {
  EXPECT_THAT(CreateError("vectors_config { params { distance: Dot } }"),
              StartsWith("3 Validation error in body: [vectors"));
  EXPECT_THAT(CreateError("hnsw_config { ef_construct: 3 }"), StartsWith("3 Validation error in body: [hnsw_config"));
  EXPECT_THAT(CreateError("replication_factor: 0"), StartsWith("3 Validation error in body"));
  EXPECT_THAT(CreateError("strict_mode_config { max_query_limit: 0 }"), StartsWith("3 Validation error in body"));
  EXPECT_THAT(CreateError("quantization_config { scalar { type: Int8 quantile: 0.4 } }"), HasSubstr("quantile"));
}

TEST(ConvertUpdate, EveryPartArrives) {
  const auto update = ConvertUpdate(Parse<qdrant::UpdateCollection>(R"(
    optimizers_config { indexing_threshold: 0 deprecated_max_optimization_threads: 2 }
    params { replication_factor: 2 read_fan_out_factor: 1 on_disk_payload: true }
    hnsw_config { m: 4 }
    vectors_config { params { on_disk: true quantization_config { disabled { } } } }
    quantization_config { turboquant { } }
    sparse_vectors_config { map { key: "s" value { modifier: Idf index { full_scan_threshold: 9 } } } }
    strict_mode_config { enabled: false }
    metadata { key: "a" value { null_value: NULL_VALUE } })"));
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_EQ(update->optimizers.indexing_threshold_kb, 0u);
  EXPECT_EQ(*update->optimizers.max_optimization_threads, Json(2));
  EXPECT_EQ(update->replication_factor, 2u);
  EXPECT_EQ(update->read_fan_out_factor, 1u);
  EXPECT_EQ(update->hnsw.m, 4u);
  EXPECT_EQ(*update->vectors.at("").quantization_config, Json("Disabled"));
  EXPECT_EQ(update->vectors.at("").on_disk, true);
  EXPECT_EQ(update->quantization_config->Dump(), R"({"turbo":{}})");
  EXPECT_EQ(update->metadata->Dump(), R"({"a":null})");
  EXPECT_EQ(update->sparse_vectors.at("s").modifier, SparseModifier::kIdf);
  EXPECT_EQ(update->sparse_vectors.at("s").full_scan_threshold, 9u);
  const auto named = ConvertUpdate(Parse<qdrant::UpdateCollection>(
      "vectors_config { params_map { map { key: 'v' value { hnsw_config { m: 3 } } } } }"));
  EXPECT_EQ(named->vectors.at("v").hnsw.m, 3u);
  EXPECT_EQ(
      *ConvertUpdate(Parse<qdrant::UpdateCollection>("quantization_config { disabled { } }"))->quantization_config,
      Json("Disabled"));
}

TEST(ConvertUpdate, RefusesMembersWithoutAForm) {
  EXPECT_EQ(UpdateError("vectors_config { }"), "3 VectorsConfigDiff is empty");
  EXPECT_THAT(UpdateError("quantization_config { }"), StartsWith("3 Unable to convert quantization config"));
}

TEST(ConvertAliasActions, InOrder) {
  const auto actions = ConvertAliasActions(Parse<qdrant::ChangeAliases>(
      "actions { create_alias { collection_name: 'c' alias_name: 'a' } } actions { delete_alias { alias_name: 'b' } }"
      "actions { rename_alias { old_alias_name: 'x' new_alias_name: 'y' } }"));
  ASSERT_EQ(actions->size(), 3u);
  EXPECT_EQ(std::get<service::CreateAlias>((*actions)[0]).collection, "c");
  EXPECT_EQ(std::get<service::DeleteAlias>((*actions)[1]).alias, "b");
  EXPECT_EQ(std::get<service::RenameAlias>((*actions)[2]).new_alias, "y");
  EXPECT_THAT(ErrorOf(ConvertAliasActions(Parse<qdrant::ChangeAliases>("actions { }"))),
              StartsWith("3 Malformed AliasOperations"));
}

TEST(CollectionInfo, ShowsWhatWasCreated) {
  const qdrant::CreateCollection request = Parse<qdrant::CreateCollection>(kFullCreate);
  service::CollectionInfo info;
  info.config = ConvertCreate(request, {})->config;
  info.points_count = 5;
  info.segments_count = 2;
  info.status = service::CollectionStatus::kYellow;
  info.update_queue_length = 9;
  qdrant::CollectionInfo out;
  ASSERT_TRUE(FillCollectionInfo(info, &out).ok());
  EXPECT_EQ(out.status(), qdrant::Yellow);
  EXPECT_TRUE(out.optimizer_status().ok());
  EXPECT_EQ(out.points_count(), 5u);
  EXPECT_EQ(out.indexed_vectors_count(), 0u);
  EXPECT_TRUE(out.has_indexed_vectors_count());
  EXPECT_EQ(out.segments_count(), 2u);
  EXPECT_EQ(out.update_queue().length(), 9u);
  const qdrant::CollectionConfig& config = out.config();
  EXPECT_EQ(TextOf(config.hnsw_config()), TextOf(request.hnsw_config()));
  qdrant::OptimizersConfigDiff optimizers = request.optimizers_config();
  optimizers.clear_max_optimization_threads();  // "auto" is told by saying nothing
  EXPECT_EQ(TextOf(config.optimizer_config()), TextOf(optimizers));
  EXPECT_EQ(TextOf(config.wal_config()), TextOf(request.wal_config()));
  EXPECT_EQ(TextOf(config.quantization_config()), TextOf(request.quantization_config()));
  EXPECT_EQ(TextOf(config.strict_mode_config()), TextOf(request.strict_mode_config()));
  EXPECT_EQ(TextOf(config.metadata().at("team")), TextOf(request.metadata().at("team")));
  EXPECT_EQ(TextOf(config.params().payload()), TextOf(request.payload()));
  EXPECT_EQ(TextOf(config.params().vectors_config().params_map().map().at("a")),
            TextOf(request.vectors_config().params_map().map().at("a")));
  EXPECT_EQ(TextOf(config.params().vectors_config().params_map().map().at("b")), "size: 65536 distance: Manhattan");
  EXPECT_EQ(config.params().shard_number(), 2u);
  EXPECT_EQ(config.params().write_consistency_factor(), 2u);
  EXPECT_FALSE(config.params().on_disk_payload());
  EXPECT_EQ(config.params().sharding_method(), qdrant::Auto);
}

TEST(CollectionInfo, ErrorsUnnamedVectorsAndIndexes) {
  service::CollectionInfo info;
  info.config = Created("vectors_config { params { size: 3 distance: Euclid } }")->config;
  info.status = service::CollectionStatus::kRed;
  info.optimizer_error = "disk on fire";
  info.payload_schema.push_back(
      {"k",
       *ConvertIndexSchema(Parse<qdrant::CreateFieldIndexCollection>(
           "field_type: FieldTypeInteger field_index_params { integer_index_params { lookup: true range: false } }")),
       4});
  info.payload_schema.push_back(
      {"b", *ConvertIndexSchema(Parse<qdrant::CreateFieldIndexCollection>("field_type: FieldTypeBool")), 0});
  qdrant::CollectionInfo out;
  ASSERT_TRUE(FillCollectionInfo(info, &out).ok());
  EXPECT_EQ(out.status(), qdrant::Red);
  EXPECT_EQ(TextOf(out.optimizer_status()), "error: \"disk on fire\"");
  EXPECT_EQ(TextOf(out.config().params().vectors_config()), "params { size: 3 distance: Euclid }");
  EXPECT_EQ(TextOf(out.payload_schema().at("k")),
            "data_type: Integer params { integer_index_params { lookup: true range: false } } points: 4");
  EXPECT_EQ(TextOf(out.payload_schema().at("b")), "data_type: Bool points: 0");
}

Result<FieldSchema> Schema(const std::string& text) {
  return ConvertIndexSchema(Parse<qdrant::CreateFieldIndexCollection>(text));
}

TEST(ConvertIndexSchema, TypesAndTheirOptions) {
  EXPECT_EQ(Schema("field_type: FieldTypeKeyword")->type, FieldType::kKeyword);
  EXPECT_FALSE(Schema("field_type: FieldTypeKeyword")->params);
  EXPECT_EQ(Schema("field_type: FieldTypeFloat")->type, FieldType::kFloat);
  EXPECT_EQ(Schema("field_type: FieldTypeBool")->type, FieldType::kBool);
  const auto keyword = Schema(
      "field_type: FieldTypeKeyword field_index_params { keyword_index_params { is_tenant: true prefix { } memory: "
      "Cold } }");
  ASSERT_TRUE(keyword.ok()) << keyword.status();
  EXPECT_EQ(keyword->params->Dump(), R"({"type":"keyword","is_tenant":true,"prefix":true,"memory":"cold"})");
  const auto integer =
      Schema("field_type: FieldTypeInteger field_index_params { integer_index_params { lookup: false } }");
  EXPECT_FALSE(integer->lookup);
  EXPECT_TRUE(integer->range);
}

TEST(ConvertIndexSchema, RefusesWhatDoesNotFit) {
  EXPECT_THAT(ErrorOf(Schema("")), StartsWith("3 field_type"));
  qdrant::CreateFieldIndexCollection unknown;
  unknown.set_field_type(static_cast<qdrant::FieldType>(99));
  EXPECT_THAT(ErrorOf(ConvertIndexSchema(unknown)), StartsWith("3 field_type"));
  unknown.set_field_type(static_cast<qdrant::FieldType>(-1));
  EXPECT_THAT(ErrorOf(ConvertIndexSchema(unknown)), StartsWith("3 field_type"));
  EXPECT_EQ(ErrorOf(Schema("field_type: FieldTypeFloat field_index_params { bool_index_params { } }")),
            "3 field_index_params: bool_index_params do not fit an index of type float");
  EXPECT_THAT(ErrorOf(Schema("field_type: FieldTypeInteger "
                             "field_index_params { integer_index_params { lookup: false range: false } }")),
              StartsWith("3 Validation error in body"));
}

}  // namespace
}  // namespace sextant::wire
