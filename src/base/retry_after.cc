#include "base/retry_after.h"

#include <charconv>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr char kRetryUrl[] = "sextant/retry-after";

}  // namespace

Status WithRetryAfter(Status status, uint64_t seconds) {
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(seconds)));
  return status;
}

std::optional<uint64_t> RetryAfterOf(const Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  if (!payload) return std::nullopt;
  const std::string text(*payload);
  uint64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

}  // namespace sextant
