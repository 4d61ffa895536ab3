#pragma once

#include "snapshots_service.grpc.pb.h"
#include "wire/grpc/rpc_call.h"

namespace sextant::wire {

// What: the methods on snapshots: known by name, none of them there yet.
class SnapshotsService final : public qdrant::Snapshots::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Create(Context* context, const qdrant::CreateSnapshotRequest*, qdrant::CreateSnapshotResponse*) override {
    return RefuseMethod(context, "Create");
  }
  Reactor* List(Context* context, const qdrant::ListSnapshotsRequest*, qdrant::ListSnapshotsResponse*) override {
    return RefuseMethod(context, "List");
  }
  Reactor* Delete(Context* context, const qdrant::DeleteSnapshotRequest*, qdrant::DeleteSnapshotResponse*) override {
    return RefuseMethod(context, "Delete");
  }
  Reactor* CreateFull(Context* context, const qdrant::CreateFullSnapshotRequest*,
                      qdrant::CreateSnapshotResponse*) override {
    return RefuseMethod(context, "CreateFull");
  }
  Reactor* ListFull(Context* context, const qdrant::ListFullSnapshotsRequest*,
                    qdrant::ListSnapshotsResponse*) override {
    return RefuseMethod(context, "ListFull");
  }
  Reactor* DeleteFull(Context* context, const qdrant::DeleteFullSnapshotRequest*,
                      qdrant::DeleteSnapshotResponse*) override {
    return RefuseMethod(context, "DeleteFull");
  }
};

}  // namespace sextant::wire
