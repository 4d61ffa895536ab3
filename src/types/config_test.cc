#include "types/config.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

Json Object(std::string_view text) {
  return *Json::Parse(text);
}

HnswConfigDiff FullDiff() {
  HnswConfigDiff diff;
  diff.m = 24;
  diff.ef_construct = 200;
  diff.full_scan_threshold_kb = 500;
  diff.max_indexing_threads = 3;
  diff.payload_m = 8;
  diff.on_disk = true;
  diff.inline_storage = false;
  diff.memory = "cached";
  return diff;
}

// A configuration in which every member differs from its default.
CollectionConfig FullConfig() {
  CollectionConfig config;
  VectorParams vector;
  vector.name_id = 7;
  vector.size = 768;
  vector.distance = Distance::kManhattan;
  vector.hnsw = FullDiff();
  vector.quantization_config = Object(R"({"scalar":{"type":"int8","quantile":0.99}})");
  vector.on_disk = true;
  vector.memory = "cold";
  vector.datatype = Datatype::kFloat16;
  vector.kind = VectorKind::kMulti;
  vector.modifier = SparseModifier::kIdf;
  vector.full_scan_threshold = 7;
  vector.index_given = true;
  config.vectors[""] = vector;
  config.vectors["image"].name_id = 8;
  config.vectors["image"].size = 4;
  config.single_unnamed = true;
  config.next_name_id = 9;
  config.hnsw = {.m = 32,
                 .ef_construct = 50,
                 .full_scan_threshold_kb = 1,
                 .max_indexing_threads = 2,
                 .on_disk = true,
                 .payload_m = 12};
  config.hnsw_given = FullDiff();
  config.optimizers.deleted_threshold = 0.5;
  config.optimizers.vacuum_min_vector_number = 200;
  config.optimizers.default_segment_number = 5;
  config.optimizers.max_segment_size_kb = 1000;
  config.optimizers.memmap_threshold_kb = 20000;
  config.optimizers.indexing_threshold_kb = UINT64_MAX;
  config.optimizers.flush_interval_sec = 6;
  config.optimizers.max_optimization_threads = Json("auto");
  config.optimizers.prevent_unoptimized = true;
  config.shard_number = 3;
  config.sharding_method = "custom";
  config.replication_factor = 2;
  config.write_consistency_factor = 2;
  config.read_fan_out_factor = 4;
  config.on_disk_payload = false;
  config.payload = Object(R"({"memory":"cached"})");
  config.wal_config = Object(R"({"wal_capacity_mb":32})");
  config.quantization_config = Object(R"({"binary":{}})");
  config.strict_mode_config = Object(R"({"enabled":true})");
  config.metadata = Object(R"({"a":[1,2.5,null]})");
  return config;
}

TEST(CollectionConfig, EveryMemberSurvivesTheRoundTrip) {
  const CollectionConfig config = FullConfig();
  const Json json = ToJson(config);
  auto text = Json::Parse(json.Dump());
  ASSERT_TRUE(text.ok());
  auto back = CollectionConfigFromJson(*text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ToJson(*back), json);

  // The text is the comparison above, so every member must be in it: none may equal its default or be left out.
  const Json defaults = ToJson(CollectionConfig{});
  EXPECT_EQ(json.object().size(), 17u);
  for (const auto& [key, value] : json.object()) {
    const Json* other = defaults.Find(key);
    EXPECT_TRUE(other == nullptr || *other != value) << key;
  }
  const auto& vector = *json.Find("vectors")->Find("");
  EXPECT_EQ(vector.object().size(), 12u);
  EXPECT_EQ(vector.Find("hnsw")->object().size(), 8u);
  EXPECT_EQ(json.Find("hnsw")->object().size(), 6u);
  EXPECT_EQ(json.Find("optimizers")->object().size(), 9u);
  EXPECT_EQ(back->optimizers.indexing_threshold_kb, UINT64_MAX);
  EXPECT_EQ(back->vectors.at("").distance, Distance::kManhattan);
  EXPECT_EQ(back->vectors.at("image").size, 4u);
}

TEST(CollectionConfig, DefaultsSurviveTheRoundTrip) {
  auto back = CollectionConfigFromJson(ToJson(CollectionConfig{}));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(CollectionConfig{}));
  EXPECT_FALSE(back->optimizers.max_segment_size_kb.has_value());
  EXPECT_EQ(back->optimizers.indexing_threshold_kb, 10000u);
}

TEST(CollectionConfig, RefusesForeignText) {
  for (const char* text :
       {"5", "[]", R"({"shard_number":-1})", R"({"shard_number":4294967296})", R"({"shard_number":"x"})",
        R"({"vectors":[]})", R"({"vectors":{"a":5}})", R"({"vectors":{"a":{"distance":"Hamming"}}})",
        R"({"single_unnamed":1})", R"({"optimizers":{"deleted_threshold":"x"}})", R"({"sharding_method":1})",
        R"({"hnsw":null})"}) {
    auto config = CollectionConfigFromJson(Object(text));
    EXPECT_FALSE(config.ok()) << text;
    EXPECT_EQ(ErrorClassOf(config.status()), ErrorClass::kFormat) << text;
  }
}

TEST(FieldSchema, EveryMemberSurvivesTheRoundTrip) {
  for (FieldType type : {FieldType::kKeyword, FieldType::kInteger, FieldType::kFloat, FieldType::kBool, FieldType::kGeo,
                         FieldType::kDatetime, FieldType::kUuid, FieldType::kText}) {
    FieldSchema schema;
    schema.type = type;
    schema.params = Object(R"({"type":"integer","lookup":false})");
    schema.lookup = false;
    schema.range = false;
    auto back = FieldSchemaFromJson(ToJson(schema));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->type, type);
    EXPECT_EQ(back->params, schema.params);
    EXPECT_FALSE(back->lookup);
    EXPECT_FALSE(back->range);
  }
  EXPECT_FALSE(FieldSchemaFromJson(ToJson(FieldSchema{}))->params.has_value());
  EXPECT_FALSE(FieldSchemaFromJson(Object(R"({"type":"point"})")).ok());
  EXPECT_EQ(FieldTypeName(FieldType::kKeyword), "keyword");
  EXPECT_EQ(FieldTypeName(FieldType::kInteger), "integer");
  EXPECT_EQ(FieldTypeName(FieldType::kFloat), "float");
  EXPECT_EQ(FieldTypeName(FieldType::kBool), "bool");
  EXPECT_EQ(FieldTypeName(FieldType::kGeo), "geo");
  EXPECT_EQ(FieldTypeName(FieldType::kDatetime), "datetime");
  EXPECT_EQ(FieldTypeName(FieldType::kUuid), "uuid");
  EXPECT_EQ(FieldTypeName(FieldType::kText), "text");
}

TEST(EffectiveCodes, EveryQuantizationSetsTheBitsOfADimensionAndTheVectorsOwnWins) {
  const auto codes = [](const std::string& text) {
    CollectionConfig config;
    config.quantization_config = Object(text);
    return EffectiveCodes(config, VectorParams());
  };
  using Memory = CodeChoice::Memory;
  EXPECT_EQ(codes(R"({"scalar":{"type":"int8","quantile":0.99}})").format, CodeFormat::kInt8);
  EXPECT_EQ(codes(R"({"product":{"compression":"x4"}})").format, CodeFormat::kInt8);
  EXPECT_EQ(codes(R"({"product":{"compression":"x8"}})").format, CodeFormat::kPacked4);
  EXPECT_EQ(codes(R"({"product":{"compression":"x16"}})").format, CodeFormat::kPacked2);
  EXPECT_EQ(codes(R"({"product":{"compression":"x64"}})").format, CodeFormat::kPacked1);
  EXPECT_EQ(codes(R"({"binary":{}})").format, CodeFormat::kPacked1);
  EXPECT_EQ(codes(R"({"binary":{"encoding":"one_and_half_bits"}})").format, CodeFormat::kPacked2);
  EXPECT_EQ(codes(R"({"turbo":{}})").format, CodeFormat::kPacked4);
  EXPECT_EQ(codes(R"({"turbo":{"bits":"bits1"}})").format, CodeFormat::kPacked1);
  EXPECT_EQ(codes(R"({"turbo":{"bits":"bits1_5"}})").format, CodeFormat::kPacked2);
  EXPECT_EQ(codes(R"({"binary":{}})").memory, Memory::kDefault);
  EXPECT_EQ(codes(R"({"binary":{"always_ram":true}})").memory, Memory::kPinned);
  EXPECT_EQ(codes(R"({"binary":{"always_ram":true,"memory":"cold"}})").memory, Memory::kCold);

  CollectionConfig config;
  VectorParams vector;
  EXPECT_FALSE(EffectiveCodes(config, vector).format.has_value());
  config.quantization_config = Object(R"({"binary":{}})");
  vector.quantization_config = Object(R"({"turbo":{}})");
  EXPECT_EQ(EffectiveCodes(config, vector).format, CodeFormat::kPacked4);
}

TEST(EffectiveHnsw, TheVectorsOwnValuesWin) {
  const CollectionConfig config = FullConfig();
  const HnswConfig own = EffectiveHnsw(config, config.vectors.at(""));
  EXPECT_EQ(own.m, 24u);
  EXPECT_EQ(own.ef_construct, 200u);
  EXPECT_EQ(own.full_scan_threshold_kb, 500u);
  EXPECT_EQ(own.max_indexing_threads, 3u);
  EXPECT_EQ(own.payload_m, 8u);
  EXPECT_TRUE(own.on_disk);
  const HnswConfig inherited = EffectiveHnsw(config, config.vectors.at("image"));
  EXPECT_EQ(inherited.m, 32u);
  EXPECT_EQ(inherited.payload_m, 12u);
  EXPECT_TRUE(inherited.on_disk);
}

}  // namespace
}  // namespace sextant
