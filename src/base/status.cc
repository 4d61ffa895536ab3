#include "base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

// Abseil's codes are fewer than our classes, so the class travels as a payload.
constexpr char kClassUrl[] = "sextant/error-class";

absl::string_view View(std::string_view s) {
  return {s.data(), s.size()};
}

Status Make(absl::StatusCode code, ErrorClass error_class, std::string_view message) {
  Status status(code, View(message));
  status.SetPayload(kClassUrl, absl::Cord(absl::StrCat(static_cast<int>(error_class))));
  return status;
}

ErrorClass ClassFromCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk: return ErrorClass::kOk;
    case absl::StatusCode::kInvalidArgument: return ErrorClass::kWrongInput;
    case absl::StatusCode::kAlreadyExists: return ErrorClass::kAlreadyExists;
    case absl::StatusCode::kNotFound: return ErrorClass::kNotFound;
    case absl::StatusCode::kPermissionDenied: return ErrorClass::kForbidden;
    case absl::StatusCode::kDeadlineExceeded: return ErrorClass::kTimeout;
    case absl::StatusCode::kUnavailable: return ErrorClass::kUnavailable;
    case absl::StatusCode::kDataLoss: return ErrorClass::kCorruption;
    default: return ErrorClass::kInternal;
  }
}

}  // namespace

Status WrongInput(std::string_view m) {
  return Make(absl::StatusCode::kInvalidArgument, ErrorClass::kWrongInput, m);
}
Status BadRequest(std::string_view m) {
  return Make(absl::StatusCode::kInvalidArgument, ErrorClass::kBadRequest, m);
}
Status FormatError(std::string_view m) {
  return Make(absl::StatusCode::kInvalidArgument, ErrorClass::kFormat, m);
}
Status ValidationError(std::string_view m) {
  return Make(absl::StatusCode::kInvalidArgument, ErrorClass::kValidation, m);
}
Status AlreadyExists(std::string_view m) {
  return Make(absl::StatusCode::kAlreadyExists, ErrorClass::kAlreadyExists, m);
}
Status NotFound(std::string_view m) {
  return Make(absl::StatusCode::kNotFound, ErrorClass::kNotFound, m);
}
Status Forbidden(std::string_view m) {
  return Make(absl::StatusCode::kPermissionDenied, ErrorClass::kForbidden, m);
}
Status TimeoutError(std::string_view m) {
  return Make(absl::StatusCode::kDeadlineExceeded, ErrorClass::kTimeout, m);
}
Status Busy(std::string_view m) {
  return Make(absl::StatusCode::kResourceExhausted, ErrorClass::kBusy, m);
}
Status Unavailable(std::string_view m) {
  return Make(absl::StatusCode::kUnavailable, ErrorClass::kUnavailable, m);
}
Status StorageFull(std::string_view m) {
  return Make(absl::StatusCode::kResourceExhausted, ErrorClass::kStorageFull, m);
}
Status Corruption(std::string_view m) {
  return Make(absl::StatusCode::kDataLoss, ErrorClass::kCorruption, m);
}
Status Internal(std::string_view m) {
  return Make(absl::StatusCode::kInternal, ErrorClass::kInternal, m);
}

ErrorClass ErrorClassOf(const Status& status) {
  if (status.ok()) return ErrorClass::kOk;
  if (auto payload = status.GetPayload(kClassUrl); payload.has_value()) {
    int value = 0;
    for (char c : std::string(*payload)) value = value * 10 + (c - '0');
    return static_cast<ErrorClass>(value);
  }
  return ClassFromCode(status.code());
}

Status Annotate(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  return Make(status.code(), ErrorClassOf(status), absl::StrCat(View(context), ": ", status.message()));
}

}  // namespace sextant
