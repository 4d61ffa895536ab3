#include "types/config.h"

#include <array>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr std::array<std::pair<Distance, std::string_view>, 4> kDistances = {{{Distance::kCosine, "Cosine"},
                                                                              {Distance::kEuclid, "Euclid"},
                                                                              {Distance::kDot, "Dot"},
                                                                              {Distance::kManhattan, "Manhattan"}}};
constexpr std::array<std::pair<VectorKind, std::string_view>, 3> kVectorKinds = {
    {{VectorKind::kDense, "dense"}, {VectorKind::kMulti, "multi"}, {VectorKind::kSparse, "sparse"}}};
constexpr std::array<std::pair<Datatype, std::string_view>, 3> kDatatypes = {
    {{Datatype::kFloat32, "float32"}, {Datatype::kFloat16, "float16"}, {Datatype::kUint8, "uint8"}}};
constexpr std::array<std::pair<SparseModifier, std::string_view>, 2> kModifiers = {
    {{SparseModifier::kNone, "none"}, {SparseModifier::kIdf, "idf"}}};
constexpr std::array<std::pair<FieldType, std::string_view>, 8> kFieldTypes = {{{FieldType::kKeyword, "keyword"},
                                                                                {FieldType::kInteger, "integer"},
                                                                                {FieldType::kFloat, "float"},
                                                                                {FieldType::kBool, "bool"},
                                                                                {FieldType::kGeo, "geo"},
                                                                                {FieldType::kDatetime, "datetime"},
                                                                                {FieldType::kUuid, "uuid"},
                                                                                {FieldType::kText, "text"}}};

template <typename Enum, size_t kSize>
std::string_view NameOf(const std::array<std::pair<Enum, std::string_view>, kSize>& names, Enum value) {
  for (const auto& [candidate, name] : names)
    if (candidate == value) return name;
  return {};
}

template <typename T, typename Struct>
concept Is = std::same_as<std::remove_cvref_t<T>, Struct>;

// One list of members serves both directions: `Members(visitor, config)` names every member once, and the visitor is
// an Encoder or a Decoder. Absent optionals are left out of the text.
class Encoder {
 public:
  template <typename T>
  void operator()(std::string_view key, const T& value) {
    json_.Set(key, ToValue(value));
  }
  template <typename T>
  void operator()(std::string_view key, const std::optional<T>& value) {
    if (value) json_.Set(key, ToValue(*value));
  }
  Json Take() { return std::move(json_); }

 private:
  static Json ToValue(bool value) { return Json(value); }
  static Json ToValue(std::unsigned_integral auto value) { return Json(static_cast<uint64_t>(value)); }
  static Json ToValue(double value) { return Json(value); }
  static Json ToValue(const std::string& value) { return Json(value); }
  static Json ToValue(const Json& value) { return value; }
  static Json ToValue(Distance value) { return Json(NameOf(kDistances, value)); }
  static Json ToValue(VectorKind value) { return Json(NameOf(kVectorKinds, value)); }
  static Json ToValue(Datatype value) { return Json(NameOf(kDatatypes, value)); }
  static Json ToValue(SparseModifier value) { return Json(NameOf(kModifiers, value)); }
  static Json ToValue(FieldType value) { return Json(NameOf(kFieldTypes, value)); }
  template <typename T>
  static Json ToValue(const std::map<std::string, T>& map);
  template <typename T>
    requires std::is_class_v<T>
  static Json ToValue(const T& value);

  Json json_{Json::Object{}};
};

// Keeps the first error; members that are absent keep their default.
class Decoder {
 public:
  explicit Decoder(const Json& json) : json_(json) {
    if (!json.is_object()) Fail("the configuration", "an object");
  }

  template <typename T>
  void operator()(std::string_view key, T& value) {
    if (const Json* member = json_.Find(key); member != nullptr && status_.ok()) FromValue(key, *member, value);
  }
  template <typename T>
  void operator()(std::string_view key, std::optional<T>& value) {
    const Json* member = json_.Find(key);
    if (member == nullptr || !status_.ok()) return;
    value.emplace();
    FromValue(key, *member, *value);
  }
  const Status& status() const { return status_; }

 private:
  void Fail(std::string_view key, std::string_view expected) {
    if (status_.ok())
      status_ = FormatError(absl::StrCat(absl::string_view(key.data(), key.size()), " is not ",
                                         absl::string_view(expected.data(), expected.size())));
  }
  void FromValue(std::string_view key, const Json& json, bool& out) {
    json.is_bool() ? void(out = json.as_bool()) : Fail(key, "a boolean");
  }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  void FromValue(std::string_view key, const Json& json, T& out) {
    if (!json.is_uint()) return Fail(key, "a non-negative integer");
    if (json.as_uint() > std::numeric_limits<T>::max()) return Fail(key, "a small enough integer");
    out = static_cast<T>(json.as_uint());
  }
  void FromValue(std::string_view key, const Json& json, double& out) {
    json.is_number() ? void(out = json.as_double()) : Fail(key, "a number");
  }
  void FromValue(std::string_view key, const Json& json, std::string& out) {
    json.is_string() ? void(out = json.as_string()) : Fail(key, "a string");
  }
  void FromValue(std::string_view, const Json& json, Json& out) { out = json; }
  void FromValue(std::string_view key, const Json& json, Distance& out) { FromName(key, json, kDistances, out); }
  void FromValue(std::string_view key, const Json& json, VectorKind& out) { FromName(key, json, kVectorKinds, out); }
  void FromValue(std::string_view key, const Json& json, Datatype& out) { FromName(key, json, kDatatypes, out); }
  void FromValue(std::string_view key, const Json& json, SparseModifier& out) { FromName(key, json, kModifiers, out); }
  void FromValue(std::string_view key, const Json& json, FieldType& out) { FromName(key, json, kFieldTypes, out); }
  template <typename T>
  void FromValue(std::string_view key, const Json& json, std::map<std::string, T>& out) {
    if (!json.is_object()) return Fail(key, "an object");
    for (const auto& [name, value] : json.object()) FromValue(key, value, out[name]);
  }
  template <typename T>
    requires std::is_class_v<T>
  void FromValue(std::string_view key, const Json& json, T& out);

  template <typename Enum, size_t kSize>
  void FromName(std::string_view key, const Json& json,
                const std::array<std::pair<Enum, std::string_view>, kSize>& names, Enum& out) {
    for (const auto& [candidate, name] : names) {
      if (!json.is_string() || json.as_string() != name) continue;
      out = candidate;
      return;
    }
    Fail(key, "one of the known names");
  }

  const Json& json_;
  Status status_;
};

template <typename Visitor>
void Members(Visitor& visit, Is<HnswConfigDiff> auto& c) {
  visit("m", c.m);
  visit("ef_construct", c.ef_construct);
  visit("full_scan_threshold", c.full_scan_threshold_kb);
  visit("max_indexing_threads", c.max_indexing_threads);
  visit("payload_m", c.payload_m);
  visit("on_disk", c.on_disk);
  visit("inline_storage", c.inline_storage);
  visit("memory", c.memory);
}

template <typename Visitor>
void Members(Visitor& visit, Is<HnswConfig> auto& c) {
  visit("m", c.m);
  visit("ef_construct", c.ef_construct);
  visit("full_scan_threshold", c.full_scan_threshold_kb);
  visit("max_indexing_threads", c.max_indexing_threads);
  visit("on_disk", c.on_disk);
  visit("payload_m", c.payload_m);
}

template <typename Visitor>
void Members(Visitor& visit, Is<OptimizersConfig> auto& c) {
  visit("deleted_threshold", c.deleted_threshold);
  visit("vacuum_min_vector_number", c.vacuum_min_vector_number);
  visit("default_segment_number", c.default_segment_number);
  visit("max_segment_size", c.max_segment_size_kb);
  visit("memmap_threshold", c.memmap_threshold_kb);
  visit("indexing_threshold", c.indexing_threshold_kb);
  visit("flush_interval_sec", c.flush_interval_sec);
  visit("max_optimization_threads", c.max_optimization_threads);
  visit("prevent_unoptimized", c.prevent_unoptimized);
}

template <typename Visitor>
void Members(Visitor& visit, Is<VectorParams> auto& c) {
  visit("name_id", c.name_id);
  visit("kind", c.kind);
  visit("size", c.size);
  visit("distance", c.distance);
  visit("hnsw", c.hnsw);
  visit("quantization_config", c.quantization_config);
  visit("on_disk", c.on_disk);
  visit("memory", c.memory);
  visit("datatype", c.datatype);
  visit("modifier", c.modifier);
  visit("full_scan_threshold", c.full_scan_threshold);
  visit("index_given", c.index_given);
}

template <typename Visitor>
void Members(Visitor& visit, Is<CollectionConfig> auto& c) {
  visit("vectors", c.vectors);
  visit("single_unnamed", c.single_unnamed);
  visit("next_name_id", c.next_name_id);
  visit("hnsw", c.hnsw);
  visit("hnsw_given", c.hnsw_given);
  visit("optimizers", c.optimizers);
  visit("shard_number", c.shard_number);
  visit("sharding_method", c.sharding_method);
  visit("replication_factor", c.replication_factor);
  visit("write_consistency_factor", c.write_consistency_factor);
  visit("read_fan_out_factor", c.read_fan_out_factor);
  visit("on_disk_payload", c.on_disk_payload);
  visit("payload", c.payload);
  visit("wal_config", c.wal_config);
  visit("quantization_config", c.quantization_config);
  visit("strict_mode_config", c.strict_mode_config);
  visit("metadata", c.metadata);
}

template <typename Visitor>
void Members(Visitor& visit, Is<FieldSchema> auto& c) {
  visit("type", c.type);
  visit("params", c.params);
  visit("lookup", c.lookup);
  visit("range", c.range);
}

template <typename T>
Json Encoder::ToValue(const std::map<std::string, T>& map) {
  Json out(Json::Object{});
  for (const auto& [name, value] : map) out.Set(name, ToValue(value));
  return out;
}

template <typename T>
  requires std::is_class_v<T>
Json Encoder::ToValue(const T& value) {
  Encoder inner;
  Members(inner, value);
  return inner.Take();
}

template <typename T>
  requires std::is_class_v<T>
void Decoder::FromValue(std::string_view key, const Json& json, T& out) {
  if (!json.is_object()) return Fail(key, "an object");
  Decoder inner(json);
  Members(inner, out);
  if (!inner.status().ok() && status_.ok()) status_ = Annotate(inner.status(), key);
}

template <typename T>
Json EncodeObject(const T& value) {
  Encoder encoder;
  Members(encoder, value);
  return encoder.Take();
}

template <typename T>
Result<T> DecodeObject(const Json& json) {
  T value;
  Decoder decoder(json);
  Members(decoder, value);
  if (!decoder.status().ok()) return decoder.status();
  return value;
}

std::string_view StringOf(const Json& settings, std::string_view key) {
  const Json* value = settings.Find(key);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

CodeFormat FormatOf(std::string_view kind, const Json& settings) {
  if (kind == "product") {
    const std::string_view compression = StringOf(settings, "compression");
    if (compression == "x4") return CodeFormat::kInt8;
    if (compression == "x8") return CodeFormat::kPacked4;
    return compression == "x16" ? CodeFormat::kPacked2 : CodeFormat::kPacked1;
  }
  if (kind == "binary") {
    const std::string_view encoding = StringOf(settings, "encoding");
    return encoding.empty() || encoding == "one_bit" ? CodeFormat::kPacked1 : CodeFormat::kPacked2;
  }
  if (kind == "turbo") {
    const std::string_view bits = StringOf(settings, "bits");
    if (bits == "bits1") return CodeFormat::kPacked1;
    return bits.empty() || bits == "bits4" ? CodeFormat::kPacked4 : CodeFormat::kPacked2;
  }
  return CodeFormat::kInt8;
}

CodeChoice::Memory MemoryOf(const Json& settings) {
  const std::string_view memory = StringOf(settings, "memory");
  if (memory == "cold") return CodeChoice::Memory::kCold;
  if (memory == "cached") return CodeChoice::Memory::kCached;
  if (memory == "pinned") return CodeChoice::Memory::kPinned;
  const Json* always_ram = settings.Find("always_ram");
  const bool pinned = always_ram != nullptr && always_ram->is_bool() && always_ram->as_bool();
  return pinned ? CodeChoice::Memory::kPinned : CodeChoice::Memory::kDefault;
}

// Precondition: a configuration that was checked, or none.
CodeChoice CodesOf(const std::optional<Json>& quantization_config) {
  CodeChoice choice;
  if (!quantization_config || !quantization_config->is_object() || quantization_config->object().size() != 1)
    return choice;
  const auto& [kind, settings] = quantization_config->object().front();
  choice.format = FormatOf(kind, settings);
  choice.memory = MemoryOf(settings);
  return choice;
}

}  // namespace

CodeChoice EffectiveCodes(const CollectionConfig& config, const VectorParams& vector) {
  return CodesOf(vector.quantization_config ? vector.quantization_config : config.quantization_config);
}

CollectionConfig DefaultCollectionConfig() {
  CollectionConfig defaults;
  defaults.wal_config = Json(
      Json::Object{{"wal_capacity_mb", Json(32)}, {"wal_segments_ahead", Json(0)}, {"wal_retain_closed", Json(1)}});
  return defaults;
}

HnswConfig EffectiveHnsw(const CollectionConfig& config, const VectorParams& vector) {
  HnswConfig out = config.hnsw;
  const HnswConfigDiff& own = vector.hnsw;
  out.m = own.m.value_or(out.m);
  out.ef_construct = own.ef_construct.value_or(out.ef_construct);
  out.full_scan_threshold_kb = own.full_scan_threshold_kb.value_or(out.full_scan_threshold_kb);
  out.max_indexing_threads = own.max_indexing_threads.value_or(out.max_indexing_threads);
  out.on_disk = own.on_disk.value_or(out.on_disk);
  if (own.payload_m) out.payload_m = own.payload_m;
  return out;
}

std::string_view DatatypeName(Datatype datatype) {
  return NameOf(kDatatypes, datatype);
}

bool IsTenant(const FieldSchema& schema) {
  const Json* const tenant = schema.params ? schema.params->Find("is_tenant") : nullptr;
  return tenant != nullptr && tenant->is_bool() && tenant->as_bool();
}

std::string_view FieldTypeName(FieldType type) {
  return NameOf(kFieldTypes, type);
}

Json ToJson(const CollectionConfig& config) {
  return EncodeObject(config);
}
Result<CollectionConfig> CollectionConfigFromJson(const Json& json) {
  return DecodeObject<CollectionConfig>(json);
}
Json ToJson(const FieldSchema& schema) {
  return EncodeObject(schema);
}
Result<FieldSchema> FieldSchemaFromJson(const Json& json) {
  return DecodeObject<FieldSchema>(json);
}

}  // namespace sextant
