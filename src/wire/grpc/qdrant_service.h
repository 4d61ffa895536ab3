#pragma once

#include "qdrant.grpc.pb.h"

namespace sextant::wire {

// What: the method with which clients ask for the version of the interface.
class QdrantService final : public qdrant::Qdrant::CallbackService {
 public:
  grpc::ServerUnaryReactor* HealthCheck(grpc::CallbackServerContext* context, const qdrant::HealthCheckRequest* request,
                                        qdrant::HealthCheckReply* reply) override;
};

}  // namespace sextant::wire
