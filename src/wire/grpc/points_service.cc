#include "wire/grpc/points_service.h"

#include "wire/grpc/arena_allocator.h"
#include "wire/grpc/config/convert_collections.h"
#include "wire/grpc/convert/convert_answers.h"
#include "wire/grpc/convert/convert_reads.h"
#include "wire/grpc/convert/convert_writes.h"
#include "wire/grpc/convert/query/convert_queries.h"
#include "wire/grpc/convert/query/convert_query_answers.h"

namespace sextant::wire {
namespace {

using service::ReadOptions;
using service::Service;

Status Get(const Service& service, const qdrant::GetPoints& request, const ReadOptions& options,
           qdrant::GetResponse* reply) {
  ASSIGN_OR_RETURN(const auto converted, ConvertRetrieve(request));
  ASSIGN_OR_RETURN(const auto records, service.Retrieve(request.collection_name(), converted, options));
  return FillRecords(records, reply->mutable_result());
}

Status Scroll(const Service& service, const qdrant::ScrollPoints& request, const ReadOptions& options,
              qdrant::ScrollResponse* reply) {
  ASSIGN_OR_RETURN(const auto converted, ConvertScroll(request));
  ASSIGN_OR_RETURN(const auto page, service.Scroll(request.collection_name(), converted, options));
  return FillScroll(page, reply);
}

Status Count(const Service& service, const qdrant::CountPoints& request, const ReadOptions& options,
             qdrant::CountResponse* reply) {
  ASSIGN_OR_RETURN(const auto converted, ConvertCount(request));
  ASSIGN_OR_RETURN(const uint64_t count, service.Count(request.collection_name(), converted, options));
  reply->mutable_result()->set_count(count);
  return OkStatus();
}

// Queries and searches.
template <auto kConvert, typename Request, typename Reply>
Status One(const Service& service, const Request& request, const ReadOptions& options, Reply* reply) {
  ASSIGN_OR_RETURN(auto converted, kConvert(request));
  service::ApplyRecallTarget(options.recall_target, &converted);
  ASSIGN_OR_RETURN(const auto hits, service.Query(request.collection_name(), converted, options));
  return FillHits(hits, reply->mutable_result());
}

template <auto kConvert, typename Request, typename Reply>
Status Batch(const Service& service, const Request& request, const ReadOptions& options, Reply* reply) {
  ASSIGN_OR_RETURN(auto converted, kConvert(request));
  for (auto& query : converted) service::ApplyRecallTarget(options.recall_target, &query);
  ASSIGN_OR_RETURN(const auto lists, service.QueryBatch(request.collection_name(), converted, options));
  return FillHitLists(lists, reply->mutable_result());
}

template <auto kConvert, typename Request, typename Reply>
Status Groups(const Service& service, const Request& request, const ReadOptions& options, Reply* reply) {
  ASSIGN_OR_RETURN(auto converted, kConvert(request));
  service::ApplyRecallTarget(options.recall_target, &converted.query);
  ASSIGN_OR_RETURN(const auto groups, service.QueryGroups(request.collection_name(), converted, options));
  return FillGroups(groups, reply->mutable_result());
}

Status Facet(const Service& service, const qdrant::FacetCounts& request, const ReadOptions& options,
             qdrant::FacetResponse* reply) {
  ASSIGN_OR_RETURN(const auto converted, ConvertFacet(request));
  ASSIGN_OR_RETURN(const auto hits, service.Facet(request.collection_name(), converted, options));
  FillFacet(hits, reply->mutable_hits());
  return OkStatus();
}

template <auto kFill, typename Reply>
Status Matrix(const Service& service, const qdrant::SearchMatrixPoints& request, const ReadOptions& options,
              Reply* reply) {
  ASSIGN_OR_RETURN(const auto converted, ConvertMatrix(request));
  ASSIGN_OR_RETURN(const auto matrix, service.SearchMatrix(request.collection_name(), converted, options));
  kFill(matrix, reply->mutable_result());
  return OkStatus();
}

Status CreateVector(Service& service, const qdrant::CreateVectorNameRequest& request,
                    qdrant::PointsOperationResponse* reply) {
  ASSIGN_OR_RETURN(const auto options, ConvertWriteOptions(request));
  ASSIGN_OR_RETURN(const VectorParams vector, ConvertVectorName(request));
  ASSIGN_OR_RETURN(const auto result,
                   service.CreateVector(request.collection_name(), request.vector_name(), vector, options));
  FillUpdateResult(result, reply->mutable_result());
  return OkStatus();
}

Status DeleteVector(Service& service, const qdrant::DeleteVectorNameRequest& request,
                    qdrant::PointsOperationResponse* reply) {
  ASSIGN_OR_RETURN(const auto options, ConvertWriteOptions(request));
  ASSIGN_OR_RETURN(const auto result, service.DeleteVector(request.collection_name(), request.vector_name(), options));
  FillUpdateResult(result, reply->mutable_result());
  return OkStatus();
}

}  // namespace

using Reactor = grpc::ServerUnaryReactor;

// Arenas for the methods with large messages.
PointsService::PointsService(const RpcEnvironment& environment) : environment_(environment) {
  SetMessageAllocatorFor_Upsert(ArenaAllocator<qdrant::UpsertPoints, qdrant::PointsOperationResponse>::Instance());
  SetMessageAllocatorFor_SetPayload(
      ArenaAllocator<qdrant::SetPayloadPoints, qdrant::PointsOperationResponse>::Instance());
  SetMessageAllocatorFor_Get(ArenaAllocator<qdrant::GetPoints, qdrant::GetResponse>::Instance());
  SetMessageAllocatorFor_Scroll(ArenaAllocator<qdrant::ScrollPoints, qdrant::ScrollResponse>::Instance());
  SetMessageAllocatorFor_Query(ArenaAllocator<qdrant::QueryPoints, qdrant::QueryResponse>::Instance());
  SetMessageAllocatorFor_QueryBatch(ArenaAllocator<qdrant::QueryBatchPoints, qdrant::QueryBatchResponse>::Instance());
  SetMessageAllocatorFor_Search(ArenaAllocator<qdrant::SearchPoints, qdrant::SearchResponse>::Instance());
  SetMessageAllocatorFor_SearchBatch(
      ArenaAllocator<qdrant::SearchBatchPoints, qdrant::SearchBatchResponse>::Instance());
}

Reactor* PointsService::Upsert(Context* context, const qdrant::UpsertPoints* request,
                               qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertUpsert);
}

Reactor* PointsService::Delete(Context* context, const qdrant::DeletePoints* request,
                               qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertDelete);
}

Reactor* PointsService::Get(Context* context, const qdrant::GetPoints* request, qdrant::GetResponse* reply) {
  return RunRead(environment_, context, request, reply, wire::Get);
}

Reactor* PointsService::UpdateVectors(Context* context, const qdrant::UpdatePointVectors* request,
                                      qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertUpdateVectors);
}

Reactor* PointsService::DeleteVectors(Context* context, const qdrant::DeletePointVectors* request,
                                      qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertDeleteVectors);
}

Reactor* PointsService::SetPayload(Context* context, const qdrant::SetPayloadPoints* request,
                                   qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertSetPayload);
}

Reactor* PointsService::OverwritePayload(Context* context, const qdrant::SetPayloadPoints* request,
                                         qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertOverwritePayload);
}

Reactor* PointsService::DeletePayload(Context* context, const qdrant::DeletePayloadPoints* request,
                                      qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertDeletePayload);
}

Reactor* PointsService::ClearPayload(Context* context, const qdrant::ClearPayloadPoints* request,
                                     qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertClearPayload);
}

Reactor* PointsService::CreateFieldIndex(Context* context, const qdrant::CreateFieldIndexCollection* request,
                                         qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertCreateIndex);
}

Reactor* PointsService::DeleteFieldIndex(Context* context, const qdrant::DeleteFieldIndexCollection* request,
                                         qdrant::PointsOperationResponse* reply) {
  return RunWrite(environment_, context, request, reply, ConvertDropIndex);
}

Reactor* PointsService::CreateVectorName(Context* context, const qdrant::CreateVectorNameRequest* request,
                                         qdrant::PointsOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, CreateVector);
}

Reactor* PointsService::DeleteVectorName(Context* context, const qdrant::DeleteVectorNameRequest* request,
                                         qdrant::PointsOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, DeleteVector);
}

Reactor* PointsService::Search(Context* context, const qdrant::SearchPoints* request, qdrant::SearchResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 One<ConvertSearch, qdrant::SearchPoints, qdrant::SearchResponse>);
}

Reactor* PointsService::SearchBatch(Context* context, const qdrant::SearchBatchPoints* request,
                                    qdrant::SearchBatchResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Batch<ConvertSearchBatch, qdrant::SearchBatchPoints, qdrant::SearchBatchResponse>);
}

Reactor* PointsService::SearchGroups(Context* context, const qdrant::SearchPointGroups* request,
                                     qdrant::SearchGroupsResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Groups<ConvertSearchGroups, qdrant::SearchPointGroups, qdrant::SearchGroupsResponse>);
}

Reactor* PointsService::Scroll(Context* context, const qdrant::ScrollPoints* request, qdrant::ScrollResponse* reply) {
  return RunRead(environment_, context, request, reply, wire::Scroll);
}

Reactor* PointsService::Recommend(Context* context, const qdrant::RecommendPoints* request,
                                  qdrant::RecommendResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 One<ConvertRecommend, qdrant::RecommendPoints, qdrant::RecommendResponse>);
}

Reactor* PointsService::RecommendBatch(Context* context, const qdrant::RecommendBatchPoints* request,
                                       qdrant::RecommendBatchResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Batch<ConvertRecommendBatch, qdrant::RecommendBatchPoints, qdrant::RecommendBatchResponse>);
}

Reactor* PointsService::RecommendGroups(Context* context, const qdrant::RecommendPointGroups* request,
                                        qdrant::RecommendGroupsResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Groups<ConvertRecommendGroups, qdrant::RecommendPointGroups, qdrant::RecommendGroupsResponse>);
}

Reactor* PointsService::Discover(Context* context, const qdrant::DiscoverPoints* request,
                                 qdrant::DiscoverResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 One<ConvertDiscover, qdrant::DiscoverPoints, qdrant::DiscoverResponse>);
}

Reactor* PointsService::DiscoverBatch(Context* context, const qdrant::DiscoverBatchPoints* request,
                                      qdrant::DiscoverBatchResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Batch<ConvertDiscoverBatch, qdrant::DiscoverBatchPoints, qdrant::DiscoverBatchResponse>);
}

Reactor* PointsService::Count(Context* context, const qdrant::CountPoints* request, qdrant::CountResponse* reply) {
  return RunRead(environment_, context, request, reply, wire::Count);
}

Reactor* PointsService::UpdateBatch(Context* context, const qdrant::UpdateBatchPoints* request,
                                    qdrant::UpdateBatchResponse* reply) {
  return RunWrites(environment_, context, request, reply, ConvertUpdateBatch);
}

Reactor* PointsService::Query(Context* context, const qdrant::QueryPoints* request, qdrant::QueryResponse* reply) {
  return RunRead(environment_, context, request, reply, One<ConvertQuery, qdrant::QueryPoints, qdrant::QueryResponse>);
}

Reactor* PointsService::QueryBatch(Context* context, const qdrant::QueryBatchPoints* request,
                                   qdrant::QueryBatchResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Batch<ConvertQueryBatch, qdrant::QueryBatchPoints, qdrant::QueryBatchResponse>);
}

Reactor* PointsService::QueryGroups(Context* context, const qdrant::QueryPointGroups* request,
                                    qdrant::QueryGroupsResponse* reply) {
  return RunRead(environment_, context, request, reply,
                 Groups<ConvertQueryGroups, qdrant::QueryPointGroups, qdrant::QueryGroupsResponse>);
}

Reactor* PointsService::Facet(Context* context, const qdrant::FacetCounts* request, qdrant::FacetResponse* reply) {
  return RunRead(environment_, context, request, reply, wire::Facet);
}

Reactor* PointsService::SearchMatrixPairs(Context* context, const qdrant::SearchMatrixPoints* request,
                                          qdrant::SearchMatrixPairsResponse* reply) {
  return RunRead(environment_, context, request, reply, Matrix<FillMatrixPairs, qdrant::SearchMatrixPairsResponse>);
}

Reactor* PointsService::SearchMatrixOffsets(Context* context, const qdrant::SearchMatrixPoints* request,
                                            qdrant::SearchMatrixOffsetsResponse* reply) {
  return RunRead(environment_, context, request, reply, Matrix<FillMatrixOffsets, qdrant::SearchMatrixOffsetsResponse>);
}

}  // namespace sextant::wire
