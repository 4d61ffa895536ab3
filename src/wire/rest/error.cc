#include "wire/rest/error.h"

#include <string>

#include "base/retry_after.h"
#include "types/json.h"
#include "wire/error_kind.h"

namespace sextant::wire {

ApiError ToApiError(const Status& status) {
  const ErrorKind kind = KindOf(ErrorClassOf(status));
  return {kind.http_status, kind.http_prefix + std::string(status.message()), RetryAfterOf(status)};
}

Response ErrorResponse(const ApiError& error, double seconds) {
  Response response;
  response.status = error.status;
  response.headers.push_back({"content-type", "application/json"});
  if (error.retry_after_s) response.headers.push_back({"retry-after", std::to_string(*error.retry_after_s)});
  response.body = "{\"status\":{\"error\":";
  AppendJsonString(error.message, &response.body);
  response.body.append("},\"time\":");
  AppendJsonNumber(seconds, &response.body);
  response.body.push_back('}');
  return response;
}

}  // namespace sextant::wire
