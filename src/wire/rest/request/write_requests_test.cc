#include "wire/rest/request/write_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/request/decode_testing.h"

namespace sextant::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kUuid[] = "5c56c793-69f3-4fbf-87e6-c4bf54c28c26";

template <typename T>
T Decoded(const Result<shard::Operation>& operation) {
  EXPECT_TRUE(operation.ok()) << operation.status();
  if (!operation.ok()) return T{};
  EXPECT_TRUE(std::holds_alternative<T>(*operation));
  return std::get<T>(*operation);
}

std::string UpsertError(const std::string& body) {
  return ErrorOf(DecodeUpsert(body));
}
std::string PointError(const std::string& point) {
  return UpsertError("{\"points\":[" + point + "]}");
}

TEST(UpsertCodec, ReadsAListOfPoints) {
  const auto upsert = Decoded<shard::Upsert>(DecodeUpsert(
      R"({"points": [{"id": 7, "vector": [1, 2.5], "payload": {"b": 1.0, "a": [1, null]}},
                     {"id": "5C56C79369F34FBF87E6C4BF54C28C26", "vectors": {"t": [3], "": [4]}},
                     {"id": 18446744073709551615, "vector": {}, "payload": null}], "unknown": 1})"));
  ASSERT_EQ(upsert.points.size(), 3u);
  EXPECT_EQ(upsert.points[0].id, PointId::Number(7));
  ASSERT_EQ(upsert.points[0].vectors.size(), 1u);
  EXPECT_EQ(upsert.points[0].vectors[0].name, "");
  EXPECT_THAT(std::get<DenseVector>(upsert.points[0].vectors[0].value), ElementsAre(1.0f, 2.5f));
  EXPECT_EQ(upsert.points[0].payload, R"({"b":1.0,"a":[1,null]})");
  EXPECT_EQ(upsert.points[1].id.ToString(), kUuid);
  ASSERT_EQ(upsert.points[1].vectors.size(), 2u);
  EXPECT_EQ(upsert.points[1].vectors[0].name, "t");
  EXPECT_EQ(upsert.points[1].vectors[1].name, "");
  EXPECT_EQ(upsert.points[1].payload, "");
  EXPECT_EQ(upsert.points[2].id, PointId::Number(UINT64_MAX));
  EXPECT_TRUE(upsert.points[2].vectors.empty());
}

TEST(UpsertCodec, AnEmptyPayloadObjectStaysOne) {
  EXPECT_EQ(
      Decoded<shard::Upsert>(DecodeUpsert(R"({"points":[{"id":1,"vector":[1],"payload":{}}]})")).points[0].payload,
      "{}");
}

TEST(UpsertCodec, ReadsColumns) {
  const auto upsert = Decoded<shard::Upsert>(DecodeUpsert(
      R"({"batch": {"ids": [1, 2], "vectors": [[1, 2], [3, 4]], "payloads": [{"a": 1}, null]}, "points": []})"));
  ASSERT_EQ(upsert.points.size(), 2u);
  EXPECT_THAT(std::get<DenseVector>(upsert.points[1].vectors[0].value), ElementsAre(3.0f, 4.0f));
  EXPECT_EQ(upsert.points[0].payload, R"({"a":1})");
  EXPECT_EQ(upsert.points[1].payload, "");
  const auto named =
      Decoded<shard::Upsert>(DecodeUpsert(R"({"batch": {"ids": [1], "vectors": {"a": [[1]], "b": [[2]]}}})"));
  ASSERT_EQ(named.points[0].vectors.size(), 2u);
  EXPECT_EQ(named.points[0].vectors[1].name, "b");
}

TEST(UpsertCodec, ColumnsOfUnequalLengthAreViolations) {
  EXPECT_EQ(UpsertError(R"({"batch": {"ids": [1, 2], "vectors": [[1]]}})"),
            "422 Validation error in JSON body: [batch.vectors: number of ids and vectors must be equal (2 != 1)]");
  EXPECT_THAT(UpsertError(R"({"batch": {"ids": [1], "vectors": {"a": [[1], [2]]}}})"), HasSubstr("422 "));
  EXPECT_THAT(UpsertError(R"({"batch": {"ids": [1], "vectors": [[1]], "payloads": []}})"), HasSubstr("(1 != 0)"));
}

TEST(UpsertCodec, RefusesBadIds) {
  for (const char* id : {"1.0", "-1", "18446744073709551616", "\"42\"", "\"\"", "true", "[1]", "{}"}) {
    EXPECT_THAT(PointError(std::string("{\"id\":") + id + ",\"vector\":[1]}"),
                HasSubstr("valid values are either an unsigned integer or a UUID"))
        << id;
  }
  EXPECT_THAT(PointError(R"({"vector":[1]})"),
              HasSubstr("400 Format error in JSON body: points[0]: missing field `id`"));
  EXPECT_THAT(PointError(R"({"id":null,"vector":[1]})"), HasSubstr("missing field `id`"));
}

TEST(UpsertCodec, RefusesBadVectorsAndPayloads) {
  EXPECT_THAT(PointError(R"({"id":1})"), HasSubstr("400 Format error in JSON body: points[0]: missing field `vector`"));
  EXPECT_THAT(PointError(R"({"id":1,"vector":[]})"), HasSubstr("422 Validation error in JSON body: [points[0].vector"));
  EXPECT_THAT(PointError(R"({"id":1,"vector":{"a":[]}})"), HasSubstr("422 "));
  EXPECT_THAT(PointError(R"({"id":1,"vector":[1,"2"]})"), HasSubstr("points[0].vector[1]: invalid type"));
  EXPECT_THAT(PointError(R"({"id":1,"vector":5})"), HasSubstr("400 Format error"));
  EXPECT_THAT(PointError(R"({"id":1,"vector":{"a":5}})"), HasSubstr("points[0].vector.a: invalid type"));
  EXPECT_THAT(PointError(R"({"id":1,"vector":[1],"payload":[1]})"), HasSubstr("expected a payload object"));
  EXPECT_THAT(PointError("5"), HasSubstr("expected a point object"));
}

std::vector<NamedVector> VectorsOf(const std::string& vector) {
  const auto upsert = DecodeUpsert(R"({"points":[{"id":1,"vector":)" + vector + "}]}");
  EXPECT_TRUE(upsert.ok()) << upsert.status();
  return upsert.ok() ? std::get<shard::Upsert>(*upsert).points[0].vectors : std::vector<NamedVector>{};
}

TEST(UpsertCodec, ReadsVectorsOfEveryKind) {
  const auto multi = VectorsOf("[[1,2],[3,4]]");
  ASSERT_EQ(multi.size(), 1u);
  EXPECT_EQ(multi[0].value, VectorValue(MultiVector{2, {1, 2, 3, 4}}));
  const auto named = VectorsOf(R"({"d":[1],"m":[[1],[2]],"s":{"values":[0.5,2],"indices":[9,4]},"e":{"indices":[],
                                   "values":[]}})");
  ASSERT_EQ(named.size(), 4u);
  EXPECT_EQ(named[0].value, VectorValue(DenseVector{1}));
  EXPECT_EQ(named[1].value, VectorValue(MultiVector{1, {1, 2}}));
  EXPECT_EQ(named[2].name, "s");
  EXPECT_EQ(named[2].value, VectorValue(SparseVector{{4, 9}, {2, 0.5}}));
  EXPECT_EQ(named[3].value, VectorValue(SparseVector{}));
  const auto columns = Decoded<shard::Upsert>(DecodeUpsert(
      R"({"batch":{"ids":[1,2],"vectors":{"m":[[[1],[2]],[[3]]],"s":[{"indices":[1],"values":[2]},
          {"indices":[],"values":[]}]}}})"));
  EXPECT_EQ(columns.points[1].vectors[0].value, VectorValue(MultiVector{1, {3}}));
  EXPECT_EQ(columns.points[0].vectors[1].value, VectorValue(SparseVector{{1}, {2}}));
  const auto update = Decoded<shard::UpdateVectors>(
      DecodeUpdateVectors(R"({"points":[{"id":1,"vector":{"s":{"indices":[1],"values":[2]}}}]})"));
  EXPECT_EQ(update.points[0].vectors[0].value, VectorValue(SparseVector{{1}, {2}}));
}

TEST(UpsertCodec, RefusesVectorsThatAreNone) {
  const auto error = [](const std::string& vector) { return PointError(R"({"id":1,"vector":)" + vector + "}"); };
  EXPECT_THAT(error("[[1],[]]"), HasSubstr("422 Validation error in JSON body: [points[0].vector[1]: a row"));
  EXPECT_THAT(error("[[1],[1,2]]"), HasSubstr("[points[0].vector[1]: all rows of a multivector"));
  EXPECT_THAT(error("[[1],2]"), HasSubstr("400 Format error"));
  EXPECT_THAT(error("[1,[2]]"), HasSubstr("400 Format error"));
  EXPECT_THAT(error(R"({"s":{"indices":[1,2],"values":[1]}})"),
              HasSubstr("422 Validation error in JSON body: [points[0].vector.s: values: must be the same length"));
  EXPECT_THAT(error(R"({"s":{"indices":[2,2],"values":[1,1]}})"), HasSubstr("indices: must be unique, 2 is repeated"));
  EXPECT_THAT(error(R"({"s":{"indices":[4294967296],"values":[1]}})"), HasSubstr("s.indices[0]: invalid type"));
  EXPECT_THAT(error(R"({"s":{"indices":[1.0],"values":[1]}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(error(R"({"s":{"indices":[1]}})"), HasSubstr("missing field `values`"));
  EXPECT_THAT(error(R"({"s":{}})"), HasSubstr("missing field `indices`"));
  EXPECT_THAT(error(R"({"s":null})"), HasSubstr("400 Format error"));
  std::string rows = "[[1,2]";
  for (int i = 0; i < (1 << 19) - 1; ++i) rows += ",[1,2]";
  EXPECT_THAT(error(rows + "]"), HasSubstr("fewer than 1048576 values"));
}

TEST(UpsertCodec, MakesVectorsOfTexts) {
  const auto named = VectorsOf(R"({"t":{"text":"Rust rust","model":"Qdrant/BM25","options":{"avg_len":2}}})");
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named[0].name, "t");
  const auto& sparse = std::get<SparseVector>(named[0].value);
  ASSERT_EQ(sparse.indices.size(), 1u);
  EXPECT_FLOAT_EQ(sparse.values[0], 2 * 2.2f / (2 + 1.2f));
  EXPECT_TRUE(std::holds_alternative<SparseVector>(VectorsOf(R"({"text":"rust","model":"bm25"})")[0].value));
  const auto columns = Decoded<shard::Upsert>(DecodeUpsert(
      R"({"batch":{"ids":[1],"vectors":{"t":[{"text":"Rust rust","model":"bm25","options":{"avg_len":2}}]}}})"));
  EXPECT_EQ(columns.points[0].vectors[0].value, named[0].value);
  const auto error = [](const std::string& vector) { return PointError(R"({"id":1,"vector":{"t":)" + vector + "}}"); };
  EXPECT_THAT(error(R"({"text":"a","model":"some/other"})"),
              HasSubstr("500 Service internal error: InferenceService is not initialized"));
  EXPECT_THAT(error(R"({"image":"a","model":"bm25"})"), HasSubstr("400 Wrong input"));
  EXPECT_THAT(error(R"({"object":{},"model":"bm25"})"), HasSubstr("400 Wrong input"));
  EXPECT_THAT(error(R"({"model":"bm25"})"), HasSubstr("400 Format error"));
  EXPECT_THAT(error(R"({"text":1,"model":"bm25"})"), HasSubstr("400 Format error"));
  EXPECT_THAT(error(R"({"text":"a","model":""})"), HasSubstr("422 "));
  EXPECT_THAT(error(R"({"text":"a","model":"bm25","options":{"b":2}})"), HasSubstr("400 Wrong input"));
  EXPECT_THAT(error(R"({"text":"a","model":"bm25","options":5})"), HasSubstr("400 Format error"));
}

TEST(UpsertCodec, NamesWhatIsNotSupportedYet) {
  EXPECT_EQ(UpsertError(R"({"points":[{"id":1,"vector":[1]}],"update_mode":"upsert"})"), "ok");
  EXPECT_THAT(UpsertError(R"({"points":[{"id":1,"vector":[1]}],"update_mode":"x"})"), HasSubstr("unknown variant"));
  EXPECT_EQ(UpsertError(R"({"points":[{"id":1,"vector":[1]}],"shard_key":"k"})"),
            "400 Wrong input: Shard key \"k\" not found");
}

TEST(UpsertCodec, RefusesBodiesWithoutPoints) {
  EXPECT_EQ(UpsertError(R"({"points":[]})"), "400 Bad request: Empty update request");
  EXPECT_EQ(UpsertError(R"({"batch":{"ids":[],"vectors":[]}})"), "400 Bad request: Empty update request");
  EXPECT_EQ(UpsertError("{}"), "400 Format error in JSON body: missing field `points` or `batch`");
}

TEST(UpsertCodec, ReadsConditions) {
  const auto plain = Decoded<shard::Upsert>(DecodeUpsert(R"({"points":[{"id":1,"vector":[1]}],"update_filter":null})"));
  EXPECT_FALSE(plain.update_filter.has_value());
  EXPECT_EQ(plain.mode, shard::UpdateMode::kUpsert);
  const auto conditional = Decoded<shard::Upsert>(DecodeUpsert(
      R"({"batch":{"ids":[1],"vectors":[[1]]},"update_mode":"insert_only",
          "update_filter":{"must":[{"key":"v","match":{"value":1}}]}})"));
  EXPECT_EQ(conditional.mode, shard::UpdateMode::kInsertOnly);
  ASSERT_TRUE(conditional.update_filter.has_value());
  EXPECT_EQ(conditional.update_filter->must->size(), 1u);
  EXPECT_EQ(
      Decoded<shard::Upsert>(DecodeUpsert(R"({"points":[{"id":1,"vector":[1]}],"update_mode":"update_only"})")).mode,
      shard::UpdateMode::kUpdateOnly);
  EXPECT_THAT(UpsertError(R"({"points":[{"id":1,"vector":[1]}],"update_filter":{"musst":[]}})"), HasSubstr("400 "));
}

TEST(VectorsCodec, ReadsUpdates) {
  const auto update = Decoded<shard::UpdateVectors>(DecodeUpdateVectors(
      R"({"points":[{"id":1,"vector":[1,2]},{"id":2,"vector":{"a":[3],"b":[4]},"payload":{}}],"update_filter":{}})"));
  ASSERT_EQ(update.points.size(), 2u);
  EXPECT_THAT(std::get<DenseVector>(update.points[0].vectors[0].value), ElementsAre(1.0f, 2.0f));
  EXPECT_EQ(update.points[1].id, PointId::Number(2));
  EXPECT_EQ(update.points[1].vectors[1].name, "b");
  EXPECT_TRUE(update.update_filter.has_value());
}

TEST(VectorsCodec, RefusesUpdatesOfNothing) {
  EXPECT_THAT(ErrorOf(DecodeUpdateVectors(R"({"points":[]})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeUpdateVectors(R"({"points":[{"id":1,"vector":{}}]})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeUpdateVectors(R"({"points":[{"id":1}]})")), HasSubstr("400 "));
  EXPECT_THAT(ErrorOf(DecodeUpdateVectors("{}")), HasSubstr("missing field `points`"));
}

TEST(VectorsCodec, ReadsDeletionsByIdsFilterOrBoth) {
  const auto both =
      Decoded<shard::DeleteVectors>(DecodeDeleteVectors(R"({"vector":["a",""],"points":[1],"filter":{}})"));
  EXPECT_THAT(both.names, ElementsAre("a", ""));
  EXPECT_EQ(both.points.ids.size(), 1u);
  EXPECT_TRUE(both.points.filter.has_value());
  EXPECT_FALSE(Decoded<shard::DeleteVectors>(DecodeDeleteVectors(R"({"vectors":["a"],"points":[1]})")).points.filter);
  EXPECT_THAT(ErrorOf(DecodeDeleteVectors(R"({"vector":[],"points":[1]})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeDeleteVectors(R"({"vector":["a"]})")), HasSubstr("missing field `points` or `filter`"));
  EXPECT_THAT(ErrorOf(DecodeDeleteVectors(R"({"points":[1]})")), HasSubstr("missing field `vector`"));
  EXPECT_THAT(ErrorOf(DecodeDeleteVectors(R"({"vector":"a","points":[1]})")), HasSubstr("expected a list"));
}

TEST(BatchCodec, ReadsEveryKindOfOperation) {
  const auto operations = DecodeUpdateBatch(R"({"operations":[
      {"upsert":{"points":[{"id":1,"vector":[1]}]}}, {"upsert":{"batch":{"ids":[1],"vectors":[[1]]}}},
      {"delete":{"points":[1]}}, {"set_payload":{"payload":{"a":1},"filter":{}}},
      {"overwrite_payload":{"payload":{},"points":[1]}}, {"delete_payload":{"keys":["a"],"points":[1]}},
      {"clear_payload":{"points":[1]}}, {"update_vectors":{"points":[{"id":1,"vector":[1]}]}},
      {"delete_vectors":{"vector":["a"],"points":[1]}}]})");
  ASSERT_TRUE(operations.ok()) << operations.status();
  ASSERT_EQ(operations->size(), 9u);
  EXPECT_TRUE(std::holds_alternative<shard::Upsert>((*operations)[1]));
  EXPECT_TRUE(std::holds_alternative<shard::DeletePoints>((*operations)[2]));
  EXPECT_TRUE(std::holds_alternative<shard::SetPayload>((*operations)[3]));
  EXPECT_TRUE(std::holds_alternative<shard::OverwritePayload>((*operations)[4]));
  EXPECT_TRUE(std::holds_alternative<shard::DeletePayload>((*operations)[5]));
  EXPECT_TRUE(std::holds_alternative<shard::ClearPayload>((*operations)[6]));
  EXPECT_TRUE(std::holds_alternative<shard::UpdateVectors>((*operations)[7]));
  EXPECT_TRUE(std::holds_alternative<shard::DeleteVectors>((*operations)[8]));
  EXPECT_TRUE(DecodeUpdateBatch(R"({"operations":[]})")->empty());
}

TEST(BatchCodec, RefusesUnknownOperations) {
  const auto error = [](const std::string& body) {
    const auto operations = DecodeUpdateBatch(body);
    if (operations.ok()) return std::string("ok");
    const ApiError refusal = ToApiError(operations.status());
    return std::to_string(refusal.status) + " " + refusal.message;
  };
  EXPECT_THAT(error("{}"), HasSubstr("missing field `operations`"));
  EXPECT_THAT(error(R"({"operations":[{}]})"),
              HasSubstr("400 Format error in JSON body: operations[0]: expected one of"));
  EXPECT_THAT(error(R"({"operations":[{"create_index":{}}]})"), HasSubstr("expected one of"));
  EXPECT_THAT(error(R"({"operations":[1]})"), HasSubstr("400 "));
  EXPECT_THAT(error(R"({"operations":[{"update_vectors":{"points":[]}}]})"), HasSubstr("422 "));
}

TEST(SelectionCodec, PointsWinOverFilter) {
  const auto by_ids = Decoded<shard::DeletePoints>(DecodeDeletePoints(R"({"points":[1,2],"filter":{}})"));
  EXPECT_THAT(by_ids.points.ids, ElementsAre(PointId::Number(1), PointId::Number(2)));
  EXPECT_FALSE(by_ids.points.filter.has_value());
  EXPECT_TRUE(Decoded<shard::DeletePoints>(DecodeDeletePoints(R"({"filter":{}})")).points.filter.has_value());
  EXPECT_THAT(ErrorOf(DecodeDeletePoints("{}")), HasSubstr("400 Format error in JSON body: missing field `points` or"));
  EXPECT_THAT(ErrorOf(DecodeDeletePoints(R"({"points":[null]})")), HasSubstr("points[0]: invalid type: null"));
  EXPECT_THAT(ErrorOf(DecodeDeletePoints(R"({"points":1})")), HasSubstr("expected a list"));
}

TEST(PayloadCodec, ReadsSetOverwriteDeleteAndClear) {
  const auto set =
      Decoded<shard::SetPayload>(DecodeSetPayload(R"({"payload":{"a":null},"points":[1],"key":"x[0].y"})"));
  EXPECT_EQ(set.payload.Dump(), R"({"a":null})");
  EXPECT_EQ(set.key->ToString(), "x[0].y");
  EXPECT_EQ(Decoded<shard::OverwritePayload>(DecodeOverwritePayload(R"({"payload":{},"points":[1],"key":"x"})"))
                .payload.Dump(),
            "{}");
  EXPECT_EQ(Decoded<shard::DeletePayload>(DecodeDeletePayload(R"({"keys":["a","b.c"],"points":[1]})")).keys.size(), 2u);
  EXPECT_EQ(Decoded<shard::ClearPayload>(DecodeClearPayload(R"({"points":[1]})")).points.ids.size(), 1u);
}

TEST(PayloadCodec, RefusesBadRequests) {
  EXPECT_THAT(ErrorOf(DecodeSetPayload(R"({"points":[1]})")), HasSubstr("missing field `payload`"));
  EXPECT_THAT(ErrorOf(DecodeSetPayload(R"({"payload":5,"points":[1]})")), HasSubstr("expected a payload object"));
  EXPECT_THAT(ErrorOf(DecodeSetPayload(R"({"payload":{}})")), HasSubstr("missing field `points` or `filter`"));
  EXPECT_THAT(ErrorOf(DecodeSetPayload(R"({"payload":{},"points":[1],"key":"[0]"})")), HasSubstr("Invalid json path"));
  EXPECT_THAT(ErrorOf(DecodeDeletePayload(R"({"points":[1]})")), HasSubstr("missing field `keys`"));
  EXPECT_THAT(ErrorOf(DecodeDeletePayload(R"({"keys":[5],"points":[1]})")), HasSubstr("keys[0]: invalid type"));
  EXPECT_THAT(ErrorOf(DecodeClearPayload("{}")), HasSubstr("400 "));
}

TEST(IndexCodec, ReadsNamesAndObjects) {
  const auto simple =
      Decoded<shard::CreateIndex>(DecodeCreateIndex(R"({"field_name":"a.b","field_schema":"keyword"})"));
  EXPECT_EQ(simple.field.ToString(), "a.b");
  EXPECT_EQ(simple.schema.type, FieldType::kKeyword);
  EXPECT_FALSE(simple.schema.params.has_value());
  const auto object = Decoded<shard::CreateIndex>(DecodeCreateIndex(
      R"({"field_name":"n","field_type":{"type":"integer","range":false,"lookup":null,"on_disk":true,"other":1}})"));
  EXPECT_EQ(object.schema.type, FieldType::kInteger);
  EXPECT_TRUE(object.schema.lookup);
  EXPECT_FALSE(object.schema.range);
  EXPECT_EQ(object.schema.params->Dump(), R"({"type":"integer","range":false,"on_disk":true})");
}

TEST(IndexCodec, KeepsTheParametersOfEveryType) {
  struct Row {
    FieldType type;
    const char* schema;
  };
  for (const Row& row : {
           Row{FieldType::kKeyword,
               R"({"type":"keyword","is_tenant":true,"prefix":true,"on_disk":false,"memory":"cold"})"},
           Row{FieldType::kInteger, R"({"type":"integer","lookup":true,"range":false,"is_principal":true})"},
           Row{FieldType::kFloat, R"({"type":"float","is_principal":true,"enable_hnsw":false})"},
           Row{FieldType::kBool, R"({"type":"bool","on_disk":true,"memory":"pinned","enable_hnsw":true})"},
           Row{FieldType::kGeo, R"({"type":"geo","on_disk":true})"},
           Row{FieldType::kDatetime, R"({"type":"datetime","is_principal":false})"},
           Row{FieldType::kUuid, R"({"type":"uuid","is_tenant":true})"},
           Row{FieldType::kText,
               R"({"type":"text","tokenizer":"prefix","min_token_len":2,"max_token_len":9,"lowercase":false,)"
               R"("phrase_matching":true,"stopwords":{"languages":["english"],"custom":["x"]},)"
               R"("stemmer":{"type":"snowball","language":"english"},"on_disk":true})"},
       }) {
    const auto index = Decoded<shard::CreateIndex>(
        DecodeCreateIndex(std::string(R"({"field_name":"a","field_schema":)") + row.schema + "}"));
    EXPECT_EQ(index.schema.type, row.type);
    EXPECT_EQ(index.schema.params->Dump(), row.schema);
  }
  EXPECT_EQ(Decoded<shard::CreateIndex>(DecodeCreateIndex(R"({"field_name":"a","field_schema":"geo"})")).schema.type,
            FieldType::kGeo);
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(R"({"field_name":"a","field_schema":{"type":"uuid","is_tenant":1}})")),
              HasSubstr("field_schema.is_tenant: invalid type"));
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(R"({"field_name":"a","field_schema":{"type":"geo","memory":"hot"}})")),
              HasSubstr("unknown variant"));
}

TEST(IndexCodec, RefusesBadSchemas) {
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(R"({"field_name":"a"})")),
              HasSubstr("400 Format error in JSON body: missing field"));
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(R"({"field_schema":"keyword"})")), HasSubstr("missing field `field_name`"));
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(R"({"field_name":"a","field_schema":"nope"})")),
              HasSubstr("unknown variant \"nope\""));
  for (const char* option : {R"("tokenizer":"letters")", R"("lowercase":1)", R"("min_token_len":-1)",
                             R"("stopwords":"klingon")", R"("stemmer":{"type":"snowball","language":"x"})"})
    EXPECT_THAT(
        ErrorOf(DecodeCreateIndex(std::string(R"({"field_name":"a","field_schema":{"type":"text",)") + option + "}}")),
        HasSubstr("400 Format error"))
        << option;
  EXPECT_THAT(ErrorOf(DecodeCreateIndex(
                  R"({"field_name":"a","field_schema":{"type":"integer","range":false,"lookup":false}})")),
              HasSubstr("422 "));
}

}  // namespace
}  // namespace sextant::wire
