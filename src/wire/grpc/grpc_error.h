#pragma once

#include <grpcpp/support/status.h>

#include "base/status.h"

namespace sextant::wire {

// Code and message prefix of the error's class.
grpc::Status ToGrpcStatus(const Status& status);

}  // namespace sextant::wire
