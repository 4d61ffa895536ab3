#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sextant {

// What: the external id of a point, an unsigned 64-bit integer or a UUID. Total order: all integers ascending, then
// all UUIDs by their 128-bit value (the order of scrolls).
// Threads: a value.
class PointId {
 public:
  constexpr PointId() = default;
  static constexpr PointId Number(uint64_t number) { return PointId(0, number, false); }
  static constexpr PointId Uuid(uint64_t high, uint64_t low) { return PointId(high, low, true); }

  // A UUID in any accepted text form: hyphenated, 32 hex digits, `urn:uuid:…`, `{…}`. Case-insensitive.
  static std::optional<PointId> ParseUuid(std::string_view text);
  // The text of a URL path: tried as u64, then as UUID.
  static std::optional<PointId> ParsePath(std::string_view text);

  constexpr bool is_uuid() const { return is_uuid_; }
  constexpr uint64_t number() const { return low_; }
  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }

  // Digits, or the lowercase hyphenated UUID (without quotes).
  std::string ToString() const;

  friend constexpr bool operator==(const PointId&, const PointId&) = default;
  friend constexpr std::strong_ordering operator<=>(const PointId& a, const PointId& b) {
    if (a.is_uuid_ != b.is_uuid_) return a.is_uuid_ ? std::strong_ordering::greater : std::strong_ordering::less;
    if (auto c = a.high_ <=> b.high_; c != 0) return c;
    return a.low_ <=> b.low_;
  }

 private:
  constexpr PointId(uint64_t high, uint64_t low, bool is_uuid) : high_(high), low_(low), is_uuid_(is_uuid) {}

  uint64_t high_ = 0;
  uint64_t low_ = 0;
  bool is_uuid_ = false;
};

struct PointIdHash {
  size_t operator()(const PointId& id) const {
    uint64_t h = id.low() * 0x9E3779B97F4A7C15ull ^ (id.high() + (id.is_uuid() ? 0x51ull : 0)) * 0xC2B2AE3D27D4EB4Full;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93ull;
    return static_cast<size_t>(h ^ (h >> 32));
  }
};

}  // namespace sextant
