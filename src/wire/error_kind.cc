#include "wire/error_kind.h"

namespace sextant::wire {
namespace {

// The same prefix over both transports.
ErrorKind Kind(int http_status, absl::StatusCode grpc_code, const char* prefix) {
  return {http_status, grpc_code, prefix, prefix};
}

}  // namespace

ErrorKind KindOf(ErrorClass error_class) {
  using Code = absl::StatusCode;
  switch (error_class) {
    case ErrorClass::kOk: return Kind(200, Code::kOk, "");
    case ErrorClass::kWrongInput: return Kind(400, Code::kInvalidArgument, "Wrong input: ");
    case ErrorClass::kBadRequest: return Kind(400, Code::kInvalidArgument, "Bad request: ");
    case ErrorClass::kFormat: return {400, Code::kInvalidArgument, "Format error in JSON body: ", ""};
    case ErrorClass::kValidation:
      return {422, Code::kInvalidArgument, "Validation error in JSON body: ", "Validation error in body: "};
    case ErrorClass::kAlreadyExists: return Kind(409, Code::kAlreadyExists, "Wrong input: ");
    case ErrorClass::kNotFound: return Kind(404, Code::kNotFound, "Not found: ");
    case ErrorClass::kForbidden: return Kind(403, Code::kPermissionDenied, "Forbidden: ");
    case ErrorClass::kTimeout: return Kind(408, Code::kDeadlineExceeded, "Timeout: ");
    case ErrorClass::kBusy: return Kind(429, Code::kResourceExhausted, "Rate limiting exceeded: ");
    case ErrorClass::kUnavailable: return Kind(503, Code::kUnavailable, "Shard temporarily unavailable: ");
    case ErrorClass::kStorageFull: return Kind(507, Code::kResourceExhausted, "Insufficient storage: ");
    case ErrorClass::kCorruption:
    case ErrorClass::kInternal: break;
  }
  return Kind(500, Code::kInternal, "Service internal error: ");
}

}  // namespace sextant::wire
