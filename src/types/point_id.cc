#include "types/point_id.h"

#include <charconv>

namespace sextant {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<PointId> PointId::ParseUuid(std::string_view text) {
  if (text.size() == 45 && text.substr(0, 9) == "urn:uuid:") text.remove_prefix(9);
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  const bool hyphenated = text.size() == 36;
  if (!hyphenated && text.size() != 32) return std::nullopt;
  uint64_t halves[2] = {0, 0};
  int digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (hyphenated && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexDigit(text[i]);
    if (value < 0) return std::nullopt;
    uint64_t& half = halves[digits / 16];
    half = half << 4 | static_cast<uint64_t>(value);
    ++digits;
  }
  return Uuid(halves[0], halves[1]);
}

std::optional<PointId> PointId::ParsePath(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return Number(number);
  return ParseUuid(text);
}

std::string PointId::ToString() const {
  if (!is_uuid_) return std::to_string(low_);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out.push_back('-');
    const uint64_t half = digit < 16 ? high_ : low_;
    out.push_back(kHex[half >> (60 - 4 * (digit % 16)) & 15]);
  }
  return out;
}

}  // namespace sextant
