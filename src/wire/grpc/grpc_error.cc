#include "wire/grpc/grpc_error.h"

#include <string>

#include "wire/error_kind.h"

namespace sextant::wire {

grpc::Status ToGrpcStatus(const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorKind kind = KindOf(ErrorClassOf(status));
  return {static_cast<grpc::StatusCode>(kind.grpc_code), kind.grpc_prefix + std::string(status.message())};
}

}  // namespace sextant::wire
