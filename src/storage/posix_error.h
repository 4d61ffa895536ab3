#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace sextant::storage {

// The status of a failed system call: `error` is its errno, `action` a verb ("open"), `path` what it was done to.
inline Status PosixError(int error, std::string_view action, const std::string& path) {
  const std::string text = std::error_code(error, std::generic_category()).message();
  const std::string message = absl::StrCat("cannot ", std::string(action), " '", path, "': ", text);
  if (error == ENOENT) return NotFound(message);
  if (error == ENOSPC || error == EDQUOT) return StorageFull(message);
  return Internal(message);
}

}  // namespace sextant::storage
