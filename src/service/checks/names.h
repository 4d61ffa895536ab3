#pragma once

#include <string_view>

#include "base/status.h"

namespace sextant::service {

// Names of collections and aliases in any operation: anything but `/` and NUL. kValidation otherwise.
Status CheckName(std::string_view name);
// Names of new collections and aliases: 1 to 255 characters, none of < > : " / \ | ? * NUL 0x1F. kValidation otherwise.
Status CheckNewName(std::string_view name);
// Names of vectors of a new collection: at most 200 bytes, the same forbidden characters; "" is the unnamed vector.
// kWrongInput otherwise.
Status CheckVectorName(std::string_view name);

}  // namespace sextant::service
