#pragma once

#include <string>
#include <string_view>

#include "app/config.h"
#include "base/status.h"

namespace sextant::app {

// What becomes of a setting.
enum class SettingUse {
  kApplied,    // ApplySetting puts it into the configuration
  kRestricts,  // limits access in a way that is not there yet: refused when it is on
  kUnused,     // known from the reference; has no effect here
  kUnknown,
};
SettingUse UseOf(std::string_view key);

// Precondition: UseOf(key) is kApplied. kWrongInput says what the value should be.
Status ApplySetting(std::string_view key, const std::string& value, ServerConfig* config);

// Whether the value of a restricting setting switches it on. Anything but an empty text and the ways to write "no"
// does.
bool IsOn(std::string_view key, const std::string& value);

}  // namespace sextant::app
