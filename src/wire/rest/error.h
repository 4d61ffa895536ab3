#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/status.h"
#include "wire/rest/message.h"

namespace sextant::wire {

// An error as REST clients see it: the status code and the whole text.
struct ApiError {
  int status = 500;
  std::string message;
  std::optional<uint64_t> retry_after_s = std::nullopt;
};

// Status code and message prefix of the error's class.
ApiError ToApiError(const Status& status);

// What a parser of this folder answers: a value, or the error to send.
template <typename T>
using Outcome = std::variant<T, ApiError>;

// {"status":{"error":…},"time":…}
Response ErrorResponse(const ApiError& error, double seconds);

}  // namespace sextant::wire
