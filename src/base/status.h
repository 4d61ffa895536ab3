#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sextant {

// What: the error type of the whole code base. `Status` and `Result<T>` are Abseil's; the functions below make the
// errors that clients see, so that every layer speaks of the same classes. The wire layers translate a class to an
// HTTP or gRPC code and add the class's prefix ("Wrong input: " and so on); messages here carry no prefix.
// Threads: values; share nothing.
using Status = absl::Status;
template <typename T>
using Result = absl::StatusOr<T>;

inline Status OkStatus() {
  return absl::OkStatus();
}

// The classes of errors a client can meet (see ErrorClassOf).
enum class ErrorClass {
  kOk,
  kWrongInput,     // 400 "Wrong input: ": wrong dimension, unknown vector name, ...
  kBadRequest,     // 400 "Bad request: ": refused by a limit of the collection
  kFormat,         // 400 "Format error in JSON body: ": syntax or type mismatch
  kValidation,     // 422 "Validation error in JSON body: ": well-formed but out of range
  kAlreadyExists,  // 409 "Wrong input: "
  kNotFound,       // 404 "Not found: "
  kForbidden,      // 403 "Forbidden: "
  kTimeout,        // 408 "Timeout: "
  kBusy,           // 429 + Retry-After: the memory budget is used up
  kUnavailable,    // 503 "Shard temporarily unavailable: ": a shard set aside, shutting down
  kStorageFull,    // 507 "Insufficient storage: "
  kCorruption,     // 500 "Service internal error: ": damaged files
  kInternal,       // 500 "Service internal error: "
};

Status WrongInput(std::string_view message);
Status BadRequest(std::string_view message);
Status FormatError(std::string_view message);
Status ValidationError(std::string_view message);
Status AlreadyExists(std::string_view message);
Status NotFound(std::string_view message);
Status Forbidden(std::string_view message);
Status TimeoutError(std::string_view message);
Status Busy(std::string_view message);
Status Unavailable(std::string_view message);
Status StorageFull(std::string_view message);
Status Corruption(std::string_view message);
Status Internal(std::string_view message);

ErrorClass ErrorClassOf(const Status& status);

// The same status with `context` and ": " put before its message; class and code stay.
Status Annotate(const Status& status, std::string_view context);

namespace status_internal {
inline const Status& ToStatus(const Status& s) {
  return s;  // NOLINT(bugprone-return-const-ref-from-parameter): the macros use it within the argument's lifetime
}
template <typename T>
const Status& ToStatus(const Result<T>& r) {
  return r.status();
}
}  // namespace status_internal

}  // namespace sextant

#define SEXTANT_CONCAT_INNER(a, b) a##b
#define SEXTANT_CONCAT(a, b) SEXTANT_CONCAT_INNER(a, b)

// Returns the error of `expr` (a Status or a Result) from the enclosing function, if it is one.
#define RETURN_IF_ERROR(expr)                                                         \
  do {                                                                                \
    if (auto&& sextant_result = (expr); !sextant_result.ok())                         \
      return ::sextant::Status(::sextant::status_internal::ToStatus(sextant_result)); \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()): x takes the value of F(), or the enclosing function returns its error.
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_INNER(SEXTANT_CONCAT(sextant_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(var, lhs, expr)           \
  auto var = (expr);                                     \
  if (!var.ok()) return ::sextant::Status(var.status()); \
  lhs = std::move(var).value()
