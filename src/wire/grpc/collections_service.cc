#include "wire/grpc/collections_service.h"

#include <utility>

#include "wire/grpc/config/convert_collections.h"

namespace sextant::wire {
namespace {

using service::Service;
using Done = qdrant::CollectionOperationResponse;

Status Answer(const Result<bool>& result, Done* reply) {
  RETURN_IF_ERROR(result);
  reply->set_result(*result);
  return OkStatus();
}

Status Get(Service& service, const qdrant::GetCollectionInfoRequest& request,
           qdrant::GetCollectionInfoResponse* reply) {
  ASSIGN_OR_RETURN(const auto info, service.GetCollection(request.collection_name()));
  return FillCollectionInfo(info, reply->mutable_result());
}

Status List(Service& service, const qdrant::ListCollectionsRequest&, qdrant::ListCollectionsResponse* reply) {
  FillCollectionNames(service.ListCollections(), reply);
  return OkStatus();
}

Status Create(Service& service, const qdrant::CreateCollection& request, Done* reply) {
  ASSIGN_OR_RETURN(auto converted, ConvertCreate(request, service.DefaultConfig()));
  return Answer(service.Create(request.collection_name(), std::move(converted)), reply);
}

Status Update(Service& service, const qdrant::UpdateCollection& request, Done* reply) {
  ASSIGN_OR_RETURN(auto converted, ConvertUpdate(request));
  return Answer(service.Update(request.collection_name(), std::move(converted)), reply);
}

Status Delete(Service& service, const qdrant::DeleteCollection& request, Done* reply) {
  return Answer(service.Delete(request.collection_name()), reply);
}

Status UpdateAliases(Service& service, const qdrant::ChangeAliases& request, Done* reply) {
  ASSIGN_OR_RETURN(const auto actions, ConvertAliasActions(request));
  return Answer(service.UpdateAliases(actions), reply);
}

Status ListCollectionAliases(Service& service, const qdrant::ListCollectionAliasesRequest& request,
                             qdrant::ListAliasesResponse* reply) {
  ASSIGN_OR_RETURN(const auto aliases, service.ListCollectionAliases(request.collection_name()));
  FillAliases(aliases, reply);
  return OkStatus();
}

Status ListAliases(Service& service, const qdrant::ListAliasesRequest&, qdrant::ListAliasesResponse* reply) {
  FillAliases(service.ListAliases(), reply);
  return OkStatus();
}

Status Exists(Service& service, const qdrant::CollectionExistsRequest& request,
              qdrant::CollectionExistsResponse* reply) {
  reply->mutable_result()->set_exists(service.CollectionExists(request.collection_name()));
  return OkStatus();
}

}  // namespace

using Reactor = grpc::ServerUnaryReactor;

Reactor* CollectionsService::Get(Context* context, const qdrant::GetCollectionInfoRequest* request,
                                 qdrant::GetCollectionInfoResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::Get);
}

Reactor* CollectionsService::List(Context* context, const qdrant::ListCollectionsRequest* request,
                                  qdrant::ListCollectionsResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::List);
}

Reactor* CollectionsService::Create(Context* context, const qdrant::CreateCollection* request,
                                    qdrant::CollectionOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::Create);
}

Reactor* CollectionsService::Update(Context* context, const qdrant::UpdateCollection* request,
                                    qdrant::CollectionOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::Update);
}

Reactor* CollectionsService::Delete(Context* context, const qdrant::DeleteCollection* request,
                                    qdrant::CollectionOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::Delete);
}

Reactor* CollectionsService::UpdateAliases(Context* context, const qdrant::ChangeAliases* request,
                                           qdrant::CollectionOperationResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::UpdateAliases);
}

Reactor* CollectionsService::ListCollectionAliases(Context* context,
                                                   const qdrant::ListCollectionAliasesRequest* request,
                                                   qdrant::ListAliasesResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::ListCollectionAliases);
}

Reactor* CollectionsService::ListAliases(Context* context, const qdrant::ListAliasesRequest* request,
                                         qdrant::ListAliasesResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::ListAliases);
}

Reactor* CollectionsService::CollectionExists(Context* context, const qdrant::CollectionExistsRequest* request,
                                              qdrant::CollectionExistsResponse* reply) {
  return RunMeta(environment_, context, request, reply, wire::Exists);
}

Reactor* CollectionsService::CollectionClusterInfo(Context* context, const qdrant::CollectionClusterInfoRequest*,
                                                   qdrant::CollectionClusterInfoResponse*) {
  return RefuseMethod(context, "CollectionClusterInfo");
}

Reactor* CollectionsService::UpdateCollectionClusterSetup(Context* context,
                                                          const qdrant::UpdateCollectionClusterSetupRequest*,
                                                          qdrant::UpdateCollectionClusterSetupResponse*) {
  return RefuseMethod(context, "UpdateCollectionClusterSetup");
}

Reactor* CollectionsService::CreateShardKey(Context* context, const qdrant::CreateShardKeyRequest*,
                                            qdrant::CreateShardKeyResponse*) {
  return RefuseMethod(context, "CreateShardKey");
}

Reactor* CollectionsService::DeleteShardKey(Context* context, const qdrant::DeleteShardKeyRequest*,
                                            qdrant::DeleteShardKeyResponse*) {
  return RefuseMethod(context, "DeleteShardKey");
}

Reactor* CollectionsService::ListShardKeys(Context* context, const qdrant::ListShardKeysRequest*,
                                           qdrant::ListShardKeysResponse*) {
  return RefuseMethod(context, "ListShardKeys");
}

}  // namespace sextant::wire
