// Requests: writes, reads, queries, and the parts that they share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/convert/convert_options.h"
#include "wire/grpc/convert/convert_reads.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/convert_writes.h"
#include "wire/grpc/convert/query/convert_queries.h"
#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using service::QueryRequest;
using testing::HasSubstr;
using testing::StartsWith;

template <typename Operation, typename Request>
Operation Converted(Result<shard::Operation> (*convert)(const Request&), const std::string& text) {
  auto operation = convert(Parse<Request>(text));
  EXPECT_TRUE(operation.ok()) << operation.status() << " " << text;
  if (!operation.ok() || !std::holds_alternative<Operation>(*operation)) return {};
  return std::get<Operation>(*std::move(operation));
}

template <typename Answer, typename Request>
std::string Refused(Result<Answer> (*convert)(const Request&), const std::string& text) {
  return ErrorOf(convert(Parse<Request>(text)));
}

// --- selectors

TEST(ConvertSelectors, WithPayload) {
  using Kind = PayloadSelector::Kind;
  EXPECT_EQ(ConvertWithPayload(Parse<qdrant::WithPayloadSelector>("enable: true"))->kind, Kind::kAll);
  EXPECT_EQ(ConvertWithPayload(Parse<qdrant::WithPayloadSelector>("enable: false"))->kind, Kind::kNone);
  const auto include = ConvertWithPayload(Parse<qdrant::WithPayloadSelector>("include { fields: ['a', 'b[].c'] }"));
  EXPECT_EQ(include->kind, Kind::kInclude);
  EXPECT_EQ(include->paths.at(1).ToString(), "b[].c");
  EXPECT_EQ(ConvertWithPayload(Parse<qdrant::WithPayloadSelector>("exclude { }"))->kind, Kind::kExclude);
  EXPECT_EQ(ErrorOf(ConvertWithPayload({})), "3 No PayloadSelector");
  EXPECT_THAT(ErrorOf(ConvertWithPayload(Parse<qdrant::WithPayloadSelector>("include { fields: '[' }"))),
              HasSubstr("Invalid json path"));
}

TEST(ConvertSelectors, AnEmptySelectorOfVectorsMeansNone) {
  using Kind = VectorSelector::Kind;
  EXPECT_EQ(ConvertWithVectors({}).kind, Kind::kNone);
  EXPECT_EQ(ConvertWithVectors(Parse<qdrant::WithVectorsSelector>("enable: true")).kind, Kind::kAll);
  const auto names = ConvertWithVectors(Parse<qdrant::WithVectorsSelector>("include { names: ['', 'a'] }"));
  EXPECT_EQ(names.kind, Kind::kNames);
  EXPECT_EQ(names.names, (std::vector<std::string>{"", "a"}));
}

TEST(ConvertSelectors, PointsAreNamedOrFiltered) {
  const auto ids = ConvertSelection(Parse<qdrant::PointsSelector>("points { ids { num: 1 } ids { num: 2 } }"));
  EXPECT_EQ(ids->ids.size(), 2u);
  EXPECT_FALSE(ids->filter);
  const auto filter = ConvertSelection(Parse<qdrant::PointsSelector>("filter { }"));
  EXPECT_TRUE(filter->filter);
  EXPECT_THAT(ErrorOf(ConvertSelection({})), StartsWith("3 PointsSelector is missing"));
}

TEST(ConvertSelectors, ShardKeysAreUnknown) {
  EXPECT_TRUE(RejectShardKeys({}).ok());
  EXPECT_EQ(SeenOf(RejectShardKeys(Parse<qdrant::ShardKeySelector>("shard_keys { keyword: 'k' }"))),
            "3 Wrong input: Shard key k not found");
  EXPECT_EQ(SeenOf(RejectShardKeys(Parse<qdrant::ShardKeySelector>("shard_keys { number: 7 }"))),
            "3 Wrong input: Shard key 7 not found");
  EXPECT_EQ(SeenOf(RejectShardKeys(Parse<qdrant::ShardKeySelector>("shard_keys { }"))),
            "3 Empty shard key is not allowed");
}

// --- options

TEST(ConvertOptions, OfReads) {
  EXPECT_FALSE(ConvertReadOptions(qdrant::GetPoints())->timeout_ms);
  const auto options = ConvertReadOptions(Parse<qdrant::GetPoints>("timeout: 3 read_consistency { type: Quorum }"));
  EXPECT_EQ(options->timeout_ms, 3000u);
  EXPECT_TRUE(ConvertReadOptions(Parse<qdrant::GetPoints>("read_consistency { factor: 1 }")).ok());
  EXPECT_THAT(ErrorOf(ConvertReadOptions(Parse<qdrant::GetPoints>("timeout: 0"))), HasSubstr("[timeout: value 0"));
  EXPECT_THAT(ErrorOf(ConvertReadOptions(Parse<qdrant::GetPoints>("read_consistency { factor: 0 }"))),
              HasSubstr("Validation error in body: [read_consistency.factor: value 0"));
  EXPECT_THAT(ErrorOf(ConvertReadOptions(Parse<qdrant::GetPoints>("read_consistency { }"))),
              StartsWith("3 invalid read consistency"));
  qdrant::ReadConsistency unknown;
  unknown.set_type(static_cast<qdrant::ReadConsistencyType>(9));
  EXPECT_EQ(SeenOf(CheckConsistency(unknown)), "3 invalid read consistency type value: 9");
}

TEST(ConvertOptions, OfWrites) {
  EXPECT_FALSE(ConvertWriteOptions(qdrant::UpsertPoints())->wait);
  const auto options =
      ConvertWriteOptions(Parse<qdrant::UpsertPoints>("wait: true timeout: 18446744073709551615 ordering { }"));
  EXPECT_TRUE(options->wait);
  EXPECT_EQ(options->timeout_ms, 24u * 60 * 60 * 1000);
  EXPECT_THAT(ErrorOf(ConvertWriteOptions(Parse<qdrant::UpsertPoints>("timeout: 0"))), HasSubstr("[timeout: value 0"));
  qdrant::WriteOrdering unknown;
  unknown.set_type(static_cast<qdrant::WriteOrderingType>(-1));
  EXPECT_EQ(SeenOf(CheckOrdering(unknown)), "3 invalid write ordering type value: -1");
}

// --- writes

TEST(ConvertWrites, Upsert) {
  const auto upsert = Converted<shard::Upsert>(
      ConvertUpsert,
      "points { id { num: 1 } vectors { vector { data: [1, 2] } } payload { key: 'a' value { } } }"
      "points { id { num: 2 } vectors { vectors { } } }");
  ASSERT_EQ(upsert.points.size(), 2u);
  EXPECT_EQ(upsert.points[0].id, PointId::Number(1));
  EXPECT_EQ(upsert.points[0].payload, R"({"a":null})");
  EXPECT_EQ(upsert.points[0].vectors.at(0).value, VectorValue(DenseVector{1, 2}));
  EXPECT_EQ(upsert.points[1].payload, "");
  EXPECT_TRUE(upsert.points[1].vectors.empty());
}

TEST(ConvertWrites, UpsertNeedsIdsAndVectors) {
  EXPECT_EQ(Refused(ConvertUpsert, "points { vectors { vectors { } } }"), "3 Empty ID is not allowed");
  EXPECT_EQ(Refused(ConvertUpsert, "points { id { num: 1 } }"), "3 Expected some vectors");
  EXPECT_EQ(Refused(ConvertUpsert, "points { id { num: 1 } vectors { } }"), "3 Expected some vectors");
}

shard::UpdateMode ModeOf(qdrant::UpdateMode mode) {
  qdrant::UpsertPoints request;
  request.set_update_mode(mode);
  return std::get<shard::Upsert>(ConvertUpsert(request).value()).mode;
}

TEST(ConvertWrites, UpsertsHaveAModeAndACondition) {
  EXPECT_EQ(ModeOf(qdrant::Upsert), shard::UpdateMode::kUpsert);
  EXPECT_EQ(ModeOf(qdrant::InsertOnly), shard::UpdateMode::kInsertOnly);
  EXPECT_EQ(ModeOf(qdrant::UpdateOnly), shard::UpdateMode::kUpdateOnly);
  EXPECT_EQ(ModeOf(static_cast<qdrant::UpdateMode>(17)), shard::UpdateMode::kUpsert);  // as the reference
  const auto request = Parse<qdrant::UpsertPoints>("update_filter { must { has_vector { has_vector: 'a' } } }");
  const auto upsert = std::get<shard::Upsert>(ConvertUpsert(request).value());
  ASSERT_TRUE(upsert.update_filter && upsert.update_filter->must);
  EXPECT_EQ(std::get<HasVectorCondition>(upsert.update_filter->must->at(0)).name, "a");
}

TEST(ConvertWrites, VectorsAreUpdatedAndDeletedByName) {
  const auto update = std::get<shard::UpdateVectors>(
      ConvertUpdateVectors(
          Parse<qdrant::UpdatePointVectors>(
              "points { id { num: 4 } vectors { vectors { vectors { key: 'a' value { dense { data: 1 } } } } } }"))
          .value());
  ASSERT_EQ(update.points.size(), 1u);
  EXPECT_EQ(update.points[0].id, PointId::Number(4));
  EXPECT_EQ(update.points[0].vectors.at(0).name, "a");
  const auto erase = std::get<shard::DeleteVectors>(
      ConvertDeleteVectors(Parse<qdrant::DeletePointVectors>(
                               "points_selector { points { ids { num: 4 } } } vectors { names: 'a' names: 'b' }"))
          .value());
  EXPECT_THAT(erase.names, testing::ElementsAre("a", "b"));
  EXPECT_EQ(erase.points.ids, std::vector<PointId>{PointId::Number(4)});
  EXPECT_EQ(Refused(ConvertUpdateVectors, "points { id { num: 1 } }"), "3 Expected some vectors");
  EXPECT_THAT(Refused(ConvertDeleteVectors, "points_selector { points { } }"), HasSubstr("`vectors` is missing"));
}

TEST(ConvertWrites, ABatchHoldsEveryKindInOrder) {
  const auto batch = ConvertUpdateBatch(Parse<qdrant::UpdateBatchPoints>(R"pb(
    operations {
      upsert {
        points {
          id { num: 1 }
          vectors { vector { data: 1 } }
        }
        update_mode: InsertOnly
      }
    }
    operations { delete_deprecated { points { ids { num: 1 } } } }
    operations {
      set_payload {
        points_selector { filter {} }
        key: 'a'
      }
    }
    operations { overwrite_payload { points_selector { filter {} } } }
    operations {
      delete_payload {
        keys: 'a'
        points_selector { filter {} }
      }
    }
    operations { clear_payload_deprecated { filter {} } }
    operations {
      update_vectors {
        points {
          id { num: 1 }
          vectors { vector { data: 1 } }
        }
      }
    }
    operations {
      delete_vectors {
        points_selector { filter {} }
        vectors { names: 'a' }
      }
    }
    operations { delete_points { points { filter {} } } }
    operations { clear_payload { points { filter {} } } }
  )pb"));
  ASSERT_TRUE(batch.ok()) << batch.status();
  const auto is = [&](size_t i, auto kind) { return std::holds_alternative<decltype(kind)>(batch->at(i)); };
  ASSERT_EQ(batch->size(), 10u);
  EXPECT_TRUE(is(0, shard::Upsert()) && is(1, shard::DeletePoints()) && is(2, shard::SetPayload()));
  EXPECT_TRUE(is(3, shard::OverwritePayload()) && is(4, shard::DeletePayload()) && is(5, shard::ClearPayload()));
  EXPECT_TRUE(is(6, shard::UpdateVectors()) && is(7, shard::DeleteVectors()) && is(8, shard::DeletePoints()));
  EXPECT_TRUE(is(9, shard::ClearPayload()));
  EXPECT_EQ(std::get<shard::Upsert>(batch->at(0)).mode, shard::UpdateMode::kInsertOnly);
  EXPECT_THAT(Refused(ConvertUpdateBatch, ""), HasSubstr("`operations` is empty"));
  EXPECT_THAT(Refused(ConvertUpdateBatch, "operations { }"), HasSubstr("no member"));
}

TEST(ConvertWrites, ShardKeysAreRefusedEverywhere) {
  const std::string key = "shard_key_selector { shard_keys { keyword: 'k' } }";
  const std::string error = "3 Wrong input: Shard key k not found";
  EXPECT_EQ(Refused(ConvertUpsert, key), error);
  EXPECT_EQ(Refused(ConvertDelete, key), error);
  EXPECT_EQ(Refused(ConvertSetPayload, key), error);
  EXPECT_EQ(Refused(ConvertOverwritePayload, key), error);
  EXPECT_EQ(Refused(ConvertDeletePayload, key), error);
  EXPECT_EQ(Refused(ConvertClearPayload, key), error);
  EXPECT_EQ(Refused(ConvertRetrieve, key), error);
  EXPECT_EQ(Refused(ConvertScroll, key), error);
  EXPECT_EQ(Refused(ConvertCount, key), error);
  EXPECT_EQ(Refused(ConvertQuery, key), error);
  EXPECT_EQ(Refused(ConvertSearch, key), error);
}

TEST(ConvertWrites, PayloadChanges) {
  const std::string selection = "points_selector { points { ids { num: 5 } } }";
  const std::string payload = "payload { key: 'a' value { integer_value: 1 } }";
  const auto set = Converted<shard::SetPayload>(ConvertSetPayload, selection + payload + "key: 'b.c'");
  EXPECT_EQ(set.points.ids, std::vector<PointId>{PointId::Number(5)});
  EXPECT_EQ(set.payload.Dump(), R"({"a":1})");
  EXPECT_EQ(set.key->ToString(), "b.c");
  EXPECT_FALSE(Converted<shard::SetPayload>(ConvertSetPayload, selection).key);
  // Overwriting ignores the key, even a bad one.
  EXPECT_EQ(
      Converted<shard::OverwritePayload>(ConvertOverwritePayload, selection + payload + "key: '['").payload.Dump(),
      R"({"a":1})");
  const auto removed =
      Converted<shard::DeletePayload>(ConvertDeletePayload, "keys: ['a', 'b[]'] points_selector { filter { } }");
  EXPECT_EQ(removed.keys.at(1).ToString(), "b[]");
  EXPECT_TRUE(removed.points.filter);
  EXPECT_TRUE(Converted<shard::ClearPayload>(ConvertClearPayload, "points { filter { } }").points.filter);
}

TEST(ConvertWrites, SelectorsAndPathsAreNeeded) {
  EXPECT_THAT(Refused(ConvertDelete, ""), StartsWith("3 PointsSelector is missing"));
  EXPECT_THAT(Refused(ConvertSetPayload, ""), StartsWith("3 PointsSelector is missing"));
  EXPECT_THAT(Refused(ConvertOverwritePayload, "points_selector { }"), StartsWith("3 PointsSelector is missing"));
  EXPECT_THAT(Refused(ConvertDeletePayload, ""), StartsWith("3 PointsSelector is missing"));
  EXPECT_THAT(Refused(ConvertClearPayload, ""), StartsWith("3 PointsSelector is missing"));
  EXPECT_THAT(Refused(ConvertSetPayload, "points_selector { filter { } } key: 'a..'"), HasSubstr("Invalid json path"));
  EXPECT_THAT(Refused(ConvertDeletePayload, "points_selector { filter { } } keys: ''"), HasSubstr("Invalid json path"));
  EXPECT_THAT(Refused(ConvertDropIndex, "field_name: ''"), HasSubstr("Invalid json path"));
}

// --- reads

TEST(ConvertReads, DefaultsAreThoseOfTheReference) {
  const auto retrieve = ConvertRetrieve({});
  EXPECT_EQ(retrieve->with_payload.kind, PayloadSelector::Kind::kNone);
  const auto scroll = ConvertScroll({});
  EXPECT_EQ(scroll->limit, 10u);
  EXPECT_EQ(scroll->with_payload.kind, PayloadSelector::Kind::kAll);
  EXPECT_EQ(scroll->with_vector.kind, VectorSelector::Kind::kNone);
  EXPECT_FALSE(scroll->offset || scroll->order_by || scroll->filter);
  EXPECT_TRUE(ConvertCount({})->exact);
  EXPECT_FALSE(ConvertCount(Parse<qdrant::CountPoints>("exact: false"))->exact);
  const auto query = ConvertQuery({});
  EXPECT_FALSE(query->query);
  EXPECT_EQ(query->limit, 10u);
  EXPECT_EQ(query->with_payload.kind, PayloadSelector::Kind::kNone);
}

TEST(ConvertReads, Scroll) {
  const auto scroll =
      ConvertScroll(Parse<qdrant::ScrollPoints>("offset { num: 4 } limit: 3 filter { must { has_id { } } } order_by { "
                                                "key: 'n' direction: Desc start_from { integer: 7 } }"
                                                "with_payload { enable: false } with_vectors { enable: true }"));
  ASSERT_TRUE(scroll.ok()) << scroll.status();
  EXPECT_EQ(scroll->offset, PointId::Number(4));
  EXPECT_EQ(scroll->limit, 3u);
  EXPECT_EQ(scroll->filter->must->size(), 1u);
  EXPECT_TRUE(scroll->order_by->descending);
  EXPECT_EQ(scroll->order_by->start_from, 7.0);
  EXPECT_EQ(scroll->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(scroll->with_vector.kind, VectorSelector::Kind::kAll);
}

TEST(ConvertReads, OrderBy) {
  EXPECT_EQ(ConvertOrderBy(Parse<qdrant::OrderBy>("key: 'n' start_from { float: 0.5 }"))->start_from, 0.5);
  EXPECT_THAT(Refused(ConvertOrderBy, "key: 'n' start_from { }"), StartsWith("3 order_by.start_from"));
  EXPECT_THAT(Refused(ConvertOrderBy, ""), HasSubstr("Invalid json path"));
  qdrant::OrderBy unknown = Parse<qdrant::OrderBy>("key: 'n'");
  unknown.set_direction(static_cast<qdrant::Direction>(5));
  EXPECT_FALSE(ConvertOrderBy(unknown)->descending);
}

TEST(ConvertReads, BadIdsAreRefused) {
  EXPECT_EQ(Refused(ConvertRetrieve, "ids { num: 1 } ids { }"), "3 Empty ID is not allowed");
  EXPECT_EQ(Refused(ConvertScroll, "offset { uuid: 'x' }"), "3 Unable to parse UUID: x");
  EXPECT_EQ(Refused(ConvertRetrieve, "with_payload { }"), "3 No PayloadSelector");
}

// --- queries

service::VectorInput NearestTo(const QueryRequest& request) {
  return std::get<service::NearestQuery>(request.query.value()).vector;
}

TEST(ConvertQueries, NearestByVectorAndById) {
  const auto query = ConvertQuery(Parse<qdrant::QueryPoints>(
      "query { nearest { dense { data: [1, 2] } } } using: 'v' limit: 0 offset: 2 score_threshold: 0.5 "
      "params { hnsw_ef: 99999999999 exact: true indexed_only: true quantization { oversampling: 1 } acorn { } }"));
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(NearestTo(*query), service::VectorInput(VectorValue(DenseVector{1, 2})));
  EXPECT_EQ(query->using_name, "v");
  EXPECT_EQ(query->limit, 0u);  // for the service to refuse
  EXPECT_EQ(query->offset, 2u);
  EXPECT_EQ(query->score_threshold, 0.5f);
  EXPECT_EQ(query->params.hnsw_ef, UINT32_MAX);
  EXPECT_TRUE(query->params.exact && query->params.indexed_only);
  const auto by_id = ConvertQuery(Parse<qdrant::QueryPoints>("query { nearest { id { num: 3 } } }"));
  EXPECT_EQ(NearestTo(*by_id), service::VectorInput(PointId::Number(3)));
}

TEST(ConvertQueries, RefusesMembersWithoutAForm) {
  EXPECT_EQ(Refused(ConvertQuery, "query { }"), "3 Query variant is missing");
  EXPECT_EQ(Refused(ConvertQuery, "query { nearest { } }"), "3 VectorInput variant is missing");
  EXPECT_EQ(Refused(ConvertQuery, "query { nearest { id { } } }"), "3 Empty ID is not allowed");
  EXPECT_THAT(Refused(ConvertQuery, "score_threshold: 1"), StartsWith("3 Bad request: A query is needed"));
  EXPECT_THAT(Refused(ConvertQuery, "prefetch { }"), StartsWith("3 Bad request: A query is needed"));
  EXPECT_EQ(Refused(ConvertQuery, "with_payload { }"), "3 No PayloadSelector");
}

TEST(ConvertQueries, ParametersHaveLimits) {
  EXPECT_THAT(Refused(ConvertQuery, "params { quantization { oversampling: 0.5 } }"),
              HasSubstr("Validation error in body: [params.quantization.oversampling: value 0.5 invalid"));
  EXPECT_THAT(Refused(ConvertQuery, "params { acorn { max_selectivity: 1.5 } }"), HasSubstr("max_selectivity"));
  EXPECT_THAT(Refused(ConvertSearch, "params { acorn { max_selectivity: nan } }"), HasSubstr("max_selectivity"));
}

TEST(ConvertQueries, SearchIsTheOlderForm) {
  const auto search = ConvertSearch(Parse<qdrant::SearchPoints>(
      "vector: [1, 2] vector_name: 'v' limit: 7 offset: 1 score_threshold: -1 filter { must { has_id { } } }"
      "with_payload { enable: true }"));
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_EQ(NearestTo(*search), service::VectorInput(VectorValue(DenseVector{1, 2})));
  EXPECT_EQ(search->using_name, "v");
  EXPECT_EQ(search->limit, 7u);
  EXPECT_EQ(search->offset, 1u);
  EXPECT_EQ(search->score_threshold, -1.0f);
  EXPECT_TRUE(search->filter);
  EXPECT_EQ(search->with_payload.kind, PayloadSelector::Kind::kAll);
  EXPECT_EQ(ConvertSearch({})->limit, 0u);  // there is no default; the service refuses it
}

TEST(ConvertQueries, BatchesAreAllOrNothing) {
  EXPECT_EQ(ConvertQueryBatch(Parse<qdrant::QueryBatchPoints>("query_points { } query_points { limit: 2 }"))->size(),
            2u);
  EXPECT_EQ(Refused(ConvertQueryBatch, "query_points { } query_points { query { } }"), "3 Query variant is missing");
  EXPECT_EQ(ConvertSearchBatch(Parse<qdrant::SearchBatchPoints>("search_points { }"))->size(), 1u);
}

}  // namespace
}  // namespace sextant::wire
