#pragma once

#include "absl/status/status.h"
#include "base/status.h"

namespace sextant::wire {

// How clients see a class of errors, whatever the transport.
struct ErrorKind {
  int http_status;
  absl::StatusCode grpc_code;  // its number is gRPC's
  const char* http_prefix;     // of the message
  const char* grpc_prefix;
};

ErrorKind KindOf(ErrorClass error_class);

}  // namespace sextant::wire
