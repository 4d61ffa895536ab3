#include "wire/rest/error.h"

#include "types/json.h"

namespace sextant::wire {
namespace {

struct ErrorKind {
  int status;
  const char* prefix;
};

ErrorKind KindOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kOk: return {200, ""};
    case ErrorClass::kWrongInput: return {400, "Wrong input: "};
    case ErrorClass::kBadRequest: return {400, "Bad request: "};
    case ErrorClass::kFormat: return {400, "Format error in JSON body: "};
    case ErrorClass::kValidation: return {422, "Validation error in JSON body: "};
    case ErrorClass::kAlreadyExists: return {409, "Wrong input: "};
    case ErrorClass::kNotFound: return {404, "Not found: "};
    case ErrorClass::kForbidden: return {403, "Forbidden: "};
    case ErrorClass::kTimeout: return {408, "Timeout: "};
    case ErrorClass::kBusy: return {429, "Rate limiting exceeded: "};
    case ErrorClass::kUnavailable: return {503, "Shard temporarily unavailable: "};
    case ErrorClass::kStorageFull: return {507, "Insufficient storage: "};
    case ErrorClass::kCorruption:
    case ErrorClass::kInternal: break;
  }
  return {500, "Service internal error: "};
}

}  // namespace

ApiError ToApiError(const Status& status) {
  const ErrorKind kind = KindOf(ErrorClassOf(status));
  return {kind.status, kind.prefix + std::string(status.message())};
}

Response ErrorResponse(const ApiError& error, double seconds) {
  Response response;
  response.status = error.status;
  response.headers.push_back({"content-type", "application/json"});
  // The memory budget frees up as soon as rows are sealed.
  if (error.status == 429) response.headers.push_back({"retry-after", "1"});
  response.body = "{\"status\":{\"error\":";
  AppendJsonString(error.message, &response.body);
  response.body.append("},\"time\":");
  AppendJsonNumber(seconds, &response.body);
  response.body.push_back('}');
  return response;
}

}  // namespace sextant::wire
