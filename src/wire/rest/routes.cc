#include "wire/rest/routes.h"

#include <utility>

#include "types/json.h"
#include "types/payload_path.h"
#include "types/point_id.h"
#include "wire/api_version.h"
#include "wire/rest/answer/answers.h"
#include "wire/rest/answer/explanation.h"
#include "wire/rest/request/collection_requests.h"
#include "wire/rest/request/query/query_requests.h"
#include "wire/rest/request/read_requests.h"
#include "wire/rest/request/write_requests.h"

namespace sextant::wire {
namespace {

using service::ReadOptions;
using service::Service;
using service::WriteOptions;

std::string Text(bool value) {
  return value ? "true" : "false";
}

Result<std::string> Text(const Result<bool>& value) {
  RETURN_IF_ERROR(value);
  return Text(*value);
}

Response PlainResponse(std::string content_type, std::string body) {
  return {200, {{"content-type", std::move(content_type)}}, std::move(body)};
}

Response Root() {
  const Json::Object root{{"title", Json(kApiTitle)}, {"version", Json(kApiVersion)}};
  return PlainResponse("application/json", Json(root).Dump());
}
Response Health() {
  return PlainResponse("text/plain; charset=utf-8", "healthz check passed");
}
Response Ready() {
  return PlainResponse("text/plain; charset=utf-8", "all shards are ready");
}

// Collections and aliases.

Result<std::string> ListCollections(Service& service, const Call&) {
  return EncodeCollectionNames(service.ListCollections());
}

Result<std::string> GetCollection(Service& service, const Call& call) {
  ASSIGN_OR_RETURN(const auto info, service.GetCollection(call.parameters[0]));
  return EncodeCollectionInfo(info);
}

Result<std::string> CreateCollection(Service& service, const Call& call) {
  ASSIGN_OR_RETURN(auto request, DecodeCreateCollection(call.request.body, service.DefaultConfig()));
  return Text(service.Create(call.parameters[0], std::move(request)));
}

Result<std::string> UpdateCollection(Service& service, const Call& call) {
  ASSIGN_OR_RETURN(auto request, DecodeUpdateCollection(call.request.body));
  return Text(service.Update(call.parameters[0], std::move(request)));
}

Result<std::string> DeleteCollection(Service& service, const Call& call) {
  return Text(service.Delete(call.parameters[0]));
}

Result<std::string> CollectionExists(Service& service, const Call& call) {
  return "{\"exists\":" + Text(service.CollectionExists(call.parameters[0])) + "}";
}

Result<std::string> CreateVector(Service& service, const Call& call, const WriteOptions& options) {
  ASSIGN_OR_RETURN(const VectorParams vector, DecodeVectorName(call.request.body));
  ASSIGN_OR_RETURN(const auto result, service.CreateVector(call.parameters[0], call.parameters[1], vector, options));
  return EncodeUpdateResult(result);
}

Result<std::string> DeleteVector(Service& service, const Call& call, const WriteOptions& options) {
  ASSIGN_OR_RETURN(const auto result, service.DeleteVector(call.parameters[0], call.parameters[1], options));
  return EncodeUpdateResult(result);
}

Result<std::string> UpdateAliases(Service& service, const Call& call) {
  ASSIGN_OR_RETURN(const auto actions, DecodeAliasActions(call.request.body));
  return Text(service.UpdateAliases(actions));
}

Result<std::string> ListAliases(Service& service, const Call&) {
  return EncodeAliases(service.ListAliases());
}

Result<std::string> ListCollectionAliases(Service& service, const Call& call) {
  ASSIGN_OR_RETURN(const auto aliases, service.ListCollectionAliases(call.parameters[0]));
  return EncodeAliases(aliases);
}

// Reads.

Result<std::string> Retrieve(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto request, DecodeRetrieve(call.request.body));
  ASSIGN_OR_RETURN(const auto records, service.Retrieve(call.parameters[0], request, options));
  return EncodeRecords(records);
}

Result<std::string> GetPoint(const Service& service, const Call& call, const ReadOptions& options) {
  const auto id = PointId::ParsePath(call.parameters[1]);
  if (!id)
    return WrongInput("Can not recognize \"" + call.parameters[1] +
                      "\" as point id, valid values are either an unsigned integer or a UUID");
  ASSIGN_OR_RETURN(const auto record, service.GetPoint(call.parameters[0], *id, options));
  return EncodeRecord(record);
}

Result<std::string> Scroll(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto request, DecodeScroll(call.request.body));
  ASSIGN_OR_RETURN(const auto page, service.Scroll(call.parameters[0], request, options));
  return EncodeScroll(page);
}

Result<std::string> Count(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto request, DecodeCount(call.request.body));
  ASSIGN_OR_RETURN(const uint64_t count, service.Count(call.parameters[0], request, options));
  return EncodeCount(count);
}

// The hits of one query, printed by `Encode`.
template <auto Decode, auto Encode>
Result<std::string> Query(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto request, Decode(call.request.body));
  service::ApplyRecallTarget(options.recall_target, &request);
  service::QueryReport report;
  ASSIGN_OR_RETURN(const auto hits, service.Query(call.parameters[0], request, options, &report));
  call.stats = report.stats;
  if (report.explanation) call.explanation = EncodeExplanation(*report.explanation);
  return Encode(hits);
}

template <auto Decode, auto Encode>
Result<std::string> QueryBatch(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto requests, Decode(call.request.body));
  for (auto& request : requests) service::ApplyRecallTarget(options.recall_target, &request);
  std::vector<service::QueryReport> reports;
  ASSIGN_OR_RETURN(const auto lists, service.QueryBatch(call.parameters[0], requests, options, &reports));
  for (const service::QueryReport& report : reports) call.stats.Add(report.stats);
  if (options.explain) call.explanation = EncodeExplanations(reports);
  return Encode(lists);
}

template <auto Decode>
Result<std::string> QueryGroups(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto request, Decode(call.request.body));
  service::ApplyRecallTarget(options.recall_target, &request.query);
  ASSIGN_OR_RETURN(const auto groups, service.QueryGroups(call.parameters[0], request, options));
  return EncodeGroups(groups);
}

Result<std::string> Facet(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto request, DecodeFacet(call.request.body));
  ASSIGN_OR_RETURN(const auto hits, service.Facet(call.parameters[0], request, options));
  return EncodeFacet(hits);
}

template <auto Encode>
Result<std::string> Matrix(const Service& service, const Call& call, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto request, DecodeMatrix(call.request.body));
  ASSIGN_OR_RETURN(const auto matrix, service.SearchMatrix(call.parameters[0], request, options));
  return Encode(matrix);
}

// Writes.

template <Result<shard::Operation> (*Decode)(const std::string&)>
Result<shard::Operation> FromBody(const Call& call) {
  return Decode(call.request.body);
}

Result<std::vector<shard::Operation>> UpdateBatch(const Call& call) {
  return DecodeUpdateBatch(call.request.body);
}

Result<shard::Operation> DropIndex(const Call& call) {
  ASSIGN_OR_RETURN(auto field, PayloadPath::Parse(call.parameters[1]));
  return shard::Operation(shard::DropIndex{std::move(field)});
}

}  // namespace

const std::vector<Route>& Routes() {
  static const auto* routes = new std::vector<Route>{
      {"GET", "/", Root},
      {"GET", "/healthz", Health},
      {"GET", "/livez", Health},
      {"GET", "/readyz", Ready},
      {"GET", "/aliases", ListAliases},
      {"GET", "/collections", ListCollections},
      {"POST", "/collections/aliases", UpdateAliases},
      {"GET", "/collections/{}", GetCollection},
      {"PUT", "/collections/{}", CreateCollection},
      {"PATCH", "/collections/{}", UpdateCollection},
      {"DELETE", "/collections/{}", DeleteCollection},
      {"GET", "/collections/{}/exists", CollectionExists},
      {"GET", "/collections/{}/aliases", ListCollectionAliases},
      {"PUT", "/collections/{}/vectors/{}", CreateVector},
      {"DELETE", "/collections/{}/vectors/{}", DeleteVector},
      {"PUT", "/collections/{}/index", FromBody<DecodeCreateIndex>},
      {"DELETE", "/collections/{}/index/{}", DropIndex},
      {"PUT", "/collections/{}/points", FromBody<DecodeUpsert>},
      {"POST", "/collections/{}/points", Retrieve},
      {"GET", "/collections/{}/points/{}", GetPoint},
      {"POST", "/collections/{}/points/delete", FromBody<DecodeDeletePoints>},
      {"PUT", "/collections/{}/points/vectors", FromBody<DecodeUpdateVectors>},
      {"POST", "/collections/{}/points/vectors/delete", FromBody<DecodeDeleteVectors>},
      {"POST", "/collections/{}/points/payload", FromBody<DecodeSetPayload>},
      {"PUT", "/collections/{}/points/payload", FromBody<DecodeOverwritePayload>},
      {"POST", "/collections/{}/points/payload/delete", FromBody<DecodeDeletePayload>},
      {"POST", "/collections/{}/points/payload/clear", FromBody<DecodeClearPayload>},
      {"POST", "/collections/{}/points/batch", UpdateBatch},
      {"POST", "/collections/{}/points/scroll", Scroll},
      {"POST", "/collections/{}/points/count", Count},
      {"POST", "/collections/{}/facet", Facet},
      {"POST", "/collections/{}/points/query", Query<DecodeQuery, EncodePoints>},
      {"POST", "/collections/{}/points/query/batch", QueryBatch<DecodeQueryBatch, EncodePointLists>},
      {"POST", "/collections/{}/points/query/groups", QueryGroups<DecodeQueryGroups>},
      {"POST", "/collections/{}/points/search", Query<DecodeSearch, EncodeHits>},
      {"POST", "/collections/{}/points/search/batch", QueryBatch<DecodeSearchBatch, EncodeHitLists>},
      {"POST", "/collections/{}/points/search/groups", QueryGroups<DecodeSearchGroups>},
      {"POST", "/collections/{}/points/search/matrix/pairs", Matrix<EncodeMatrixPairs>},
      {"POST", "/collections/{}/points/search/matrix/offsets", Matrix<EncodeMatrixOffsets>},
      {"POST", "/collections/{}/points/recommend", Query<DecodeRecommend, EncodeHits>},
      {"POST", "/collections/{}/points/recommend/batch", QueryBatch<DecodeRecommendBatch, EncodeHitLists>},
      {"POST", "/collections/{}/points/recommend/groups", QueryGroups<DecodeRecommendGroups>},
      {"POST", "/collections/{}/points/discover", Query<DecodeDiscover, EncodeHits>},
      {"POST", "/collections/{}/points/discover/batch", QueryBatch<DecodeDiscoverBatch, EncodeHitLists>},
  };
  return *routes;
}

}  // namespace sextant::wire
