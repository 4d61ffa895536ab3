#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

// How numbers become bytes in the store. Keys are big-endian, so that their byte order is their numeric order and a
// family can be walked in order; values are little-endian, as the machines we run on have them.
// Readers take a pointer to at least 4 (or 8) bytes, of any alignment; the caller has checked the length.
namespace sextant::storage {

static_assert(std::endian::native == std::endian::little, "fixed integers are copied as they lie in memory");

inline void AppendFixed32(uint32_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

inline void AppendFixed64(uint64_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

inline uint32_t ReadFixed32(const char* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

inline uint64_t ReadFixed64(const char* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

inline void AppendBigEndian32(uint32_t value, std::string* out) {
  AppendFixed32(__builtin_bswap32(value), out);
}
inline void AppendBigEndian64(uint64_t value, std::string* out) {
  AppendFixed64(__builtin_bswap64(value), out);
}
inline uint32_t ReadBigEndian32(const char* bytes) {
  return __builtin_bswap32(ReadFixed32(bytes));
}
inline uint64_t ReadBigEndian64(const char* bytes) {
  return __builtin_bswap64(ReadFixed64(bytes));
}

}  // namespace sextant::storage
