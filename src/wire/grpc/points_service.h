#pragma once

#include "points_service.grpc.pb.h"
#include "wire/grpc/rpc_call.h"

namespace sextant::wire {

// What: the methods on points over the service layer.
// Threads: called by gRPC's event threads; never blocks them.
// Errors: every failure is a gRPC status; methods that are not there yet are UNIMPLEMENTED.
class PointsService final : public qdrant::Points::CallbackService {
 public:
  explicit PointsService(const RpcEnvironment& environment);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Upsert(Context* context, const qdrant::UpsertPoints* request,
                  qdrant::PointsOperationResponse* reply) override;
  Reactor* Delete(Context* context, const qdrant::DeletePoints* request,
                  qdrant::PointsOperationResponse* reply) override;
  Reactor* Get(Context* context, const qdrant::GetPoints* request, qdrant::GetResponse* reply) override;
  Reactor* UpdateVectors(Context* context, const qdrant::UpdatePointVectors* request,
                         qdrant::PointsOperationResponse* reply) override;
  Reactor* DeleteVectors(Context* context, const qdrant::DeletePointVectors* request,
                         qdrant::PointsOperationResponse* reply) override;
  Reactor* SetPayload(Context* context, const qdrant::SetPayloadPoints* request,
                      qdrant::PointsOperationResponse* reply) override;
  Reactor* OverwritePayload(Context* context, const qdrant::SetPayloadPoints* request,
                            qdrant::PointsOperationResponse* reply) override;
  Reactor* DeletePayload(Context* context, const qdrant::DeletePayloadPoints* request,
                         qdrant::PointsOperationResponse* reply) override;
  Reactor* ClearPayload(Context* context, const qdrant::ClearPayloadPoints* request,
                        qdrant::PointsOperationResponse* reply) override;
  Reactor* CreateFieldIndex(Context* context, const qdrant::CreateFieldIndexCollection* request,
                            qdrant::PointsOperationResponse* reply) override;
  Reactor* DeleteFieldIndex(Context* context, const qdrant::DeleteFieldIndexCollection* request,
                            qdrant::PointsOperationResponse* reply) override;
  Reactor* CreateVectorName(Context* context, const qdrant::CreateVectorNameRequest* request,
                            qdrant::PointsOperationResponse* reply) override;
  Reactor* DeleteVectorName(Context* context, const qdrant::DeleteVectorNameRequest* request,
                            qdrant::PointsOperationResponse* reply) override;
  Reactor* Search(Context* context, const qdrant::SearchPoints* request, qdrant::SearchResponse* reply) override;
  Reactor* SearchBatch(Context* context, const qdrant::SearchBatchPoints* request,
                       qdrant::SearchBatchResponse* reply) override;
  Reactor* SearchGroups(Context* context, const qdrant::SearchPointGroups* request,
                        qdrant::SearchGroupsResponse* reply) override;
  Reactor* Scroll(Context* context, const qdrant::ScrollPoints* request, qdrant::ScrollResponse* reply) override;
  Reactor* Recommend(Context* context, const qdrant::RecommendPoints* request,
                     qdrant::RecommendResponse* reply) override;
  Reactor* RecommendBatch(Context* context, const qdrant::RecommendBatchPoints* request,
                          qdrant::RecommendBatchResponse* reply) override;
  Reactor* RecommendGroups(Context* context, const qdrant::RecommendPointGroups* request,
                           qdrant::RecommendGroupsResponse* reply) override;
  Reactor* Discover(Context* context, const qdrant::DiscoverPoints* request, qdrant::DiscoverResponse* reply) override;
  Reactor* DiscoverBatch(Context* context, const qdrant::DiscoverBatchPoints* request,
                         qdrant::DiscoverBatchResponse* reply) override;
  Reactor* Count(Context* context, const qdrant::CountPoints* request, qdrant::CountResponse* reply) override;
  Reactor* UpdateBatch(Context* context, const qdrant::UpdateBatchPoints* request,
                       qdrant::UpdateBatchResponse* reply) override;
  Reactor* Query(Context* context, const qdrant::QueryPoints* request, qdrant::QueryResponse* reply) override;
  Reactor* QueryBatch(Context* context, const qdrant::QueryBatchPoints* request,
                      qdrant::QueryBatchResponse* reply) override;
  Reactor* QueryGroups(Context* context, const qdrant::QueryPointGroups* request,
                       qdrant::QueryGroupsResponse* reply) override;
  Reactor* Facet(Context* context, const qdrant::FacetCounts* request, qdrant::FacetResponse* reply) override;
  Reactor* SearchMatrixPairs(Context* context, const qdrant::SearchMatrixPoints* request,
                             qdrant::SearchMatrixPairsResponse* reply) override;
  Reactor* SearchMatrixOffsets(Context* context, const qdrant::SearchMatrixPoints* request,
                               qdrant::SearchMatrixOffsetsResponse* reply) override;

 private:
  const RpcEnvironment environment_;
};

}  // namespace sextant::wire
