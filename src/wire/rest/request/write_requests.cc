#include "wire/rest/request/write_requests.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/rest/json/json_value.h"
#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/index_schema.h"
#include "wire/rest/request/selectors.h"
#include "wire/rest/request/vector_codec.h"

namespace sextant::wire {
namespace {

constexpr service::VectorUse kStored = service::VectorUse::kStored;

// One vector without a name, or a map of named ones.
void DecodeVectors(Value value, std::vector<NamedVector>* out) {
  if (!value) return;
  if (!value.is_object() || AsksForInference(value)) {
    if (!value.Expect(value.is_array() || value.is_object(), "a vector or a map of named vectors")) return;
    return DecodeVector(value, kStored, &out->emplace_back().value);
  }
  value.ForEachMember([&](std::string_view name, Value vector) {
    NamedVector& named = out->emplace_back();
    named.name = std::string(name);
    DecodeVector(vector, kStored, &named.value);
  });
}

void DecodePayload(Value value, std::string* out) {
  if (value && value.Expect(value.is_object(), "a payload object")) *out = value.Text();
}

void DecodePoint(Value value, PointInput* out) {
  if (!value.Expect(value.is_object(), "a point object")) return;
  DecodePointId(value.Required("id"), &out->id);
  const Value vector = value.Either("vector", "vectors");
  if (!vector) return value.Fail("missing field `vector`");
  DecodeVectors(vector, &out->vectors);
  DecodePayload(value["payload"], &out->payload);
}

void CheckCount(Value value, std::string_view what, size_t count, size_t ids) {
  if (count != ids)
    value.Invalid(absl::StrCat("number of ids and ", std::string(what), " must be equal (", ids, " != ", count, ")"));
}

// One vector an id, for one name.
void DecodeVectorColumn(Value column, std::string_view name, std::vector<PointInput>* points) {
  size_t row = 0;
  column.ForEach([&](Value vector) {
    if (row < points->size()) {
      NamedVector& named = (*points)[row].vectors.emplace_back();
      named.name = std::string(name);
      DecodeVector(vector, kStored, &named.value);
    }
    ++row;
  });
  CheckCount(column, "vectors", row, points->size());
}

// One payload or null an id.
void DecodePayloadColumn(Value column, std::vector<std::string>* payloads) {
  size_t row = 0;
  column.ForEach([&](Value payload) {
    if (row < payloads->size()) DecodePayload(payload, &(*payloads)[row]);
    ++row;
  });
  CheckCount(column, "payloads", row, payloads->size());
}

void DecodeBatch(Value batch, std::vector<PointInput>* points) {
  std::vector<PointId> ids;
  if (!batch.Expect(batch.is_object(), "a batch object")) return;
  DecodePointIds(batch.Required("ids"), &ids);
  points->resize(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) (*points)[i].id = ids[i];

  if (Value vectors = batch.Required("vectors")) {
    if (vectors.is_object())
      vectors.ForEachMember([&](std::string_view name, Value column) {
        if (column.Expect(column.is_array(), "a list of vectors")) DecodeVectorColumn(column, name, points);
      });
    else if (vectors.Expect(vectors.is_array(), "a list of vectors or a map of such lists"))
      DecodeVectorColumn(vectors, "", points);
  }
  if (Value column = batch["payloads"]) {
    std::vector<std::string> payloads(points->size());
    DecodePayloadColumn(column, &payloads);
    for (size_t i = 0; i < payloads.size(); ++i) (*points)[i].payload = std::move(payloads[i]);
  }
}

void DecodePayloadsBody(Value body, std::vector<std::string>* out) {
  DecodePayloadColumn(body.Required("payloads"), out);
}

void DecodeUpdateFilter(Value body, std::optional<Filter>* out) {
  if (Value filter = body["update_filter"]) DecodeFilter(filter, &out->emplace());
}

void DecodeUpsertBody(Value body, shard::Operation* out) {
  using Mode = shard::UpdateMode;
  shard::Upsert upsert;
  DecodeUpdateFilter(body, &upsert.update_filter);
  const auto mode = body["update_mode"].Choice({"upsert", "insert_only", "update_only"});
  if (mode) upsert.mode = std::array{Mode::kUpsert, Mode::kInsertOnly, Mode::kUpdateOnly}[*mode];
  if (Value batch = body["batch"]) {
    DecodeBatch(batch, &upsert.points);
  } else if (Value points = body["points"]) {
    upsert.points.reserve(points.size());
    points.ForEach([&](Value point) { DecodePoint(point, &upsert.points.emplace_back()); });
  } else {
    return body.Fail("missing field `points` or `batch`");
  }
  RejectShardKey(body);
  if (upsert.points.empty()) body.Reject(BadRequest("Empty update request"));
  *out = std::move(upsert);
}

void DecodePointVectors(Value value, shard::PointVectors* out) {
  if (!value.Expect(value.is_object(), "a point object")) return;
  DecodePointId(value.Required("id"), &out->id);
  const Value vector = value.Either("vector", "vectors");
  if (!vector) return value.Fail("missing field `vector`");
  DecodeVectors(vector, &out->vectors);
  if (vector.is_object() && vector.size() == 0) vector.Invalid("must specify vectors to update for point");
}

void DecodeUpdateVectorsBody(Value body, shard::Operation* out) {
  shard::UpdateVectors update;
  const Value points = body.Required("points");
  update.points.reserve(points.size());
  points.ForEach([&](Value point) { DecodePointVectors(point, &update.points.emplace_back()); });
  if (points.is_array() && points.size() == 0) points.Invalid("must specify points to update");
  DecodeUpdateFilter(body, &update.update_filter);
  RejectShardKey(body);
  *out = std::move(update);
}

void DecodeDeleteVectorsBody(Value body, shard::Operation* out) {
  shard::DeleteVectors operation;
  const Value names = body.Either("vector", "vectors");
  if (!names) return body.Fail("missing field `vector`");
  names.ForEach([&](Value name) {
    name.Expect(name.is_string(), "a vector name");
    name.Read(&operation.names.emplace_back());
  });
  if (names.is_array() && names.size() == 0) names.Invalid("must specify vector names to delete");
  const Value points = body["points"];
  const Value filter = body["filter"];
  DecodePointIds(points, &operation.points.ids);
  if (filter) DecodeFilter(filter, &operation.points.filter.emplace());
  if (!points && !filter) return DecodeSelection(body, &operation.points);
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodeDeleteBody(Value body, shard::Operation* out) {
  shard::DeletePoints operation;
  DecodeSelection(body, &operation.points);
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodePayloadObject(Value body, Json* out) {
  const Value payload = body.Required("payload");
  if (payload && payload.Expect(payload.is_object(), "a payload object")) *out = payload.ToJson();
}

void DecodeSetBody(Value body, shard::Operation* out) {
  shard::SetPayload operation;
  DecodePayloadObject(body, &operation.payload);
  DecodeSelection(body, &operation.points);
  if (Value key = body["key"]) DecodePayloadPath(key, &operation.key.emplace());
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodeOverwriteBody(Value body, shard::Operation* out) {
  shard::OverwritePayload operation;
  DecodePayloadObject(body, &operation.payload);
  DecodeSelection(body, &operation.points);
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodeDeletePayloadBody(Value body, shard::Operation* out) {
  shard::DeletePayload operation;
  body.Required("keys").ForEach([&](Value key) {
    key.Expect(key.is_string(), "a payload path");
    DecodePayloadPath(key, &operation.keys.emplace_back());
  });
  DecodeSelection(body, &operation.points);
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodeClearBody(Value body, shard::Operation* out) {
  shard::ClearPayload operation;
  DecodeSelection(body, &operation.points);
  RejectShardKey(body);
  *out = std::move(operation);
}

void DecodeCreateIndexBody(Value body, shard::Operation* out) {
  shard::CreateIndex operation;
  DecodePayloadPath(body.Required("field_name"), &operation.field);
  const Value schema = body.Either("field_schema", "field_type");
  if (!schema) return body.Fail("missing field `field_schema`");
  DecodeIndexSchema(schema, &operation.schema);
  RejectShardKey(body);
  *out = std::move(operation);
}

struct BatchEntry {
  std::string_view name;
  void (*decode)(Value body, shard::Operation* out);
};
constexpr BatchEntry kBatchEntries[] = {
    {"upsert", DecodeUpsertBody},
    {"delete", DecodeDeleteBody},
    {"set_payload", DecodeSetBody},
    {"overwrite_payload", DecodeOverwriteBody},
    {"delete_payload", DecodeDeletePayloadBody},
    {"clear_payload", DecodeClearBody},
    {"update_vectors", DecodeUpdateVectorsBody},
    {"delete_vectors", DecodeDeleteVectorsBody},
};

void DecodeUpdateBatchBody(Value body, std::vector<shard::Operation>* out) {
  body.Required("operations").ForEach([&](Value operation) {
    if (!operation.Expect(operation.is_object(), "an update operation")) return;
    for (const BatchEntry& entry : kBatchEntries)
      if (Value inner = operation[entry.name]) return entry.decode(inner, &out->emplace_back());
    operation.Fail(
        "expected one of `upsert`, `delete`, `set_payload`, `overwrite_payload`, `delete_payload`, "
        "`clear_payload`, `update_vectors`, `delete_vectors`");
  });
}

}  // namespace

Result<shard::Operation> DecodeUpsert(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeUpsertBody);
}
Result<std::vector<std::string>> DecodePayloads(const std::string& body, size_t count) {
  return DecodeBody<std::vector<std::string>>(body, DecodePayloadsBody, std::vector<std::string>(count));
}
Result<shard::Operation> DecodeUpdateVectors(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeUpdateVectorsBody);
}
Result<shard::Operation> DecodeDeleteVectors(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeDeleteVectorsBody);
}
Result<std::vector<shard::Operation>> DecodeUpdateBatch(const std::string& body) {
  return DecodeBody<std::vector<shard::Operation>>(body, DecodeUpdateBatchBody);
}
Result<shard::Operation> DecodeDeletePoints(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeDeleteBody);
}
Result<shard::Operation> DecodeSetPayload(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeSetBody);
}
Result<shard::Operation> DecodeOverwritePayload(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeOverwriteBody);
}
Result<shard::Operation> DecodeDeletePayload(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeDeletePayloadBody);
}
Result<shard::Operation> DecodeClearPayload(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeClearBody);
}
Result<shard::Operation> DecodeCreateIndex(const std::string& body) {
  return DecodeBody<shard::Operation>(body, DecodeCreateIndexBody);
}

}  // namespace sextant::wire
