#pragma once

#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace sextant::wire {

// What this version does not do is named and refused, never ignored.
inline Status Unsupported(std::string_view feature) {
  return WrongInput(absl::StrCat(absl::string_view(feature.data(), feature.size()), " is not supported yet"));
}

}  // namespace sextant::wire
