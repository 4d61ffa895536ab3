#include "wire/grpc/qdrant_service.h"

#include "wire/api_version.h"

namespace sextant::wire {

grpc::ServerUnaryReactor* QdrantService::HealthCheck(grpc::CallbackServerContext* context,
                                                     const qdrant::HealthCheckRequest*,
                                                     qdrant::HealthCheckReply* reply) {
  reply->set_title(kApiTitle);
  reply->set_version(kApiVersion);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace sextant::wire
