#pragma once

#include "collections_service.grpc.pb.h"
#include "wire/grpc/rpc_call.h"

namespace sextant::wire {

// What: the methods on collections and aliases over the service layer.
// Threads: called by gRPC's event threads; never blocks them.
// Errors: every failure is a gRPC status; methods of a cluster are UNIMPLEMENTED.
class CollectionsService final : public qdrant::Collections::CallbackService {
 public:
  explicit CollectionsService(const RpcEnvironment& environment) : environment_(environment) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Get(Context* context, const qdrant::GetCollectionInfoRequest* request,
               qdrant::GetCollectionInfoResponse* reply) override;
  Reactor* List(Context* context, const qdrant::ListCollectionsRequest* request,
                qdrant::ListCollectionsResponse* reply) override;
  Reactor* Create(Context* context, const qdrant::CreateCollection* request,
                  qdrant::CollectionOperationResponse* reply) override;
  Reactor* Update(Context* context, const qdrant::UpdateCollection* request,
                  qdrant::CollectionOperationResponse* reply) override;
  Reactor* Delete(Context* context, const qdrant::DeleteCollection* request,
                  qdrant::CollectionOperationResponse* reply) override;
  Reactor* UpdateAliases(Context* context, const qdrant::ChangeAliases* request,
                         qdrant::CollectionOperationResponse* reply) override;
  Reactor* ListCollectionAliases(Context* context, const qdrant::ListCollectionAliasesRequest* request,
                                 qdrant::ListAliasesResponse* reply) override;
  Reactor* ListAliases(Context* context, const qdrant::ListAliasesRequest* request,
                       qdrant::ListAliasesResponse* reply) override;
  Reactor* CollectionExists(Context* context, const qdrant::CollectionExistsRequest* request,
                            qdrant::CollectionExistsResponse* reply) override;

  Reactor* CollectionClusterInfo(Context* context, const qdrant::CollectionClusterInfoRequest* request,
                                 qdrant::CollectionClusterInfoResponse* reply) override;
  Reactor* UpdateCollectionClusterSetup(Context* context, const qdrant::UpdateCollectionClusterSetupRequest* request,
                                        qdrant::UpdateCollectionClusterSetupResponse* reply) override;
  Reactor* CreateShardKey(Context* context, const qdrant::CreateShardKeyRequest* request,
                          qdrant::CreateShardKeyResponse* reply) override;
  Reactor* DeleteShardKey(Context* context, const qdrant::DeleteShardKeyRequest* request,
                          qdrant::DeleteShardKeyResponse* reply) override;
  Reactor* ListShardKeys(Context* context, const qdrant::ListShardKeysRequest* request,
                         qdrant::ListShardKeysResponse* reply) override;

 private:
  const RpcEnvironment environment_;
};

}  // namespace sextant::wire
