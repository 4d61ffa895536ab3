#pragma once

#include <string>

#include "base/status.h"
#include "wire/rest/error.h"

namespace sextant::wire {

// "ok", or what a request is answered that cannot be decoded: "<status> <message>".
template <typename T>
std::string ErrorOf(const Result<T>& result) {
  if (result.ok()) return "ok";
  const ApiError error = ToApiError(result.status());
  return std::to_string(error.status) + " " + error.message;
}

}  // namespace sextant::wire
