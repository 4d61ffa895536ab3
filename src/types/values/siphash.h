#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "types/point_id.h"

namespace sextant {

// SipHash-2-4 (Aumasson and Bernstein, 2012) with the 128-bit key as two little-endian halves.
uint64_t SipHash24(const std::array<uint64_t, 2>& key, std::string_view bytes);

// The hash that divides points into slices: SipHash-2-4 with the zero key over 8 little-endian bytes of a number or
// the 16 bytes of a UUID. Clients rely on it: it never changes.
uint64_t SliceHash(const PointId& id);

}  // namespace sextant
