#include "text/murmur3.h"

#include <bit>
#include <cstddef>

namespace sextant::text {
namespace {

uint32_t Scramble(uint32_t block) {
  block *= 0xCC9E2D51u;
  block = std::rotl(block, 15);
  return block * 0x1B873593u;
}

// Up to four bytes as a little-endian number.
uint32_t Load(std::string_view bytes) {
  uint32_t block = 0;
  for (size_t i = bytes.size(); i-- > 0;) block = block << 8 | static_cast<uint8_t>(bytes[i]);
  return block;
}

}  // namespace

uint32_t Murmur3(std::string_view bytes, uint32_t seed) {
  uint32_t hash = seed;
  size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    hash ^= Scramble(Load(bytes.substr(at, 4)));
    hash = std::rotl(hash, 13) * 5 + 0xE6546B64u;
  }
  hash ^= Scramble(Load(bytes.substr(at)));  // 0 for no bytes
  hash ^= static_cast<uint32_t>(bytes.size());
  hash ^= hash >> 16;
  hash *= 0x85EBCA6Bu;
  hash ^= hash >> 13;
  hash *= 0xC2B2AE35u;
  return hash ^ hash >> 16;
}

}  // namespace sextant::text
