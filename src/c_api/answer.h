#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "c_api/sextant.h"
#include "wire/rest/error.h"

struct sextant_answer {
  int32_t status = 200;
  std::string body;
  std::string headers;  // each `name: value\n`
};

namespace sextant::c_api {

// Moves a response of the router into `*answer` (if the caller wants it) and returns its status.
inline int32_t Answer(wire::Response response, sextant_answer** answer) {
  if (answer == nullptr) return response.status;
  auto made = std::make_unique<sextant_answer>();
  made->status = response.status;
  made->body = std::move(response.body);
  for (const wire::Header& header : response.headers) made->headers += header.name + ": " + header.value + "\n";
  *answer = made.release();
  return response.status;
}

// 200, or the error as REST answers it.
inline int32_t Answer(const Status& status, sextant_answer** answer) {
  if (status.ok()) return 200;
  return Answer(wire::ErrorResponse(wire::ToApiError(status), 0.0), answer);
}

}  // namespace sextant::c_api
