#include "wire/grpc/convert/convert_options.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace sextant::wire {

Status CheckConsistency(const qdrant::ReadConsistency& consistency) {
  switch (consistency.value_case()) {
    case qdrant::ReadConsistency::kType:
      if (qdrant::ReadConsistencyType_IsValid(consistency.type())) return OkStatus();
      return FormatError(absl::StrCat("invalid read consistency type value: ", static_cast<int>(consistency.type())));
    case qdrant::ReadConsistency::kFactor:
      if (consistency.factor() > 0) return OkStatus();
      return ValidationError("[read_consistency.factor: value 0 invalid, must be 1 or larger]");
    case qdrant::ReadConsistency::VALUE_NOT_SET: break;
  }
  return FormatError("invalid read consistency message: `value` is missing");
}

Status CheckOrdering(const qdrant::WriteOrdering& ordering) {
  if (qdrant::WriteOrderingType_IsValid(ordering.type())) return OkStatus();
  return FormatError(absl::StrCat("invalid write ordering type value: ", static_cast<int>(ordering.type())));
}

Result<uint64_t> ConvertTimeoutMs(uint64_t seconds) {
  constexpr uint64_t kMaxSeconds = 24 * 60 * 60;  // the service waits no longer
  if (seconds == 0) return ValidationError("[timeout: value 0 invalid, must be 1 or larger]");
  return std::min(seconds, kMaxSeconds) * 1000;
}

}  // namespace sextant::wire
