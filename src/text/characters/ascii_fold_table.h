#pragma once

#include <cstdint>
#include <span>

namespace sextant::text {

struct AsciiFold {
  uint16_t character;
  char ascii[5];  // ends with a zero
};

// Every character that folds, ascending.
std::span<const AsciiFold> AsciiFolds();

}  // namespace sextant::text
