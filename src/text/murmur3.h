#pragma once

#include <cstdint>
#include <string_view>

namespace sextant::text {

// MurmurHash3_x86_32 of Austin Appleby (public domain): the hash by which BM25 numbers tokens, on every machine alike.
uint32_t Murmur3(std::string_view bytes, uint32_t seed);

}  // namespace sextant::text
