#include "types/values/siphash.h"

#include <bit>
#include <string>

namespace sextant {
namespace {

class SipState {
 public:
  explicit SipState(const std::array<uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736F6D6570736575ull),
        v1_(key[1] ^ 0x646F72616E646F6Dull),
        v2_(key[0] ^ 0x6C7967656E657261ull),
        v3_(key[1] ^ 0x7465646279746573ull) {}

  void Add(uint64_t word) {
    v3_ ^= word;
    Round();
    Round();
    v0_ ^= word;
  }
  uint64_t Finish() {
    v2_ ^= 0xFF;
    for (int i = 0; i < 4; ++i) Round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void Round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); ++i) word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

}  // namespace

uint64_t SipHash24(const std::array<uint64_t, 2>& key, std::string_view bytes) {
  SipState state(key);
  std::string_view rest = bytes;
  for (; rest.size() >= 8; rest.remove_prefix(8)) state.Add(LittleEndian(rest.substr(0, 8)));
  state.Add(LittleEndian(rest) | uint64_t{bytes.size() & 0xFF} << 56);
  return state.Finish();
}

uint64_t SliceHash(const PointId& id) {
  std::string bytes;
  if (id.is_uuid()) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(id.high() >> shift));
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(id.low() >> shift));
  } else {
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(id.number() >> shift));
  }
  return SipHash24({0, 0}, bytes);
}

}  // namespace sextant
