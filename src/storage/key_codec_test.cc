#include "storage/key_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sextant::storage {
namespace {

const std::vector<uint64_t> kValues = {
    0, 1, 0xff, 0x100, 0x1234, 0xffff'ffff, 0x1'0000'0000, 0x0102'0304'0506'0708, std::numeric_limits<uint64_t>::max()};

TEST(KeyCodec, BigEndianOrderIsNumericOrder) {
  for (uint64_t a : kValues) {
    for (uint64_t b : kValues) {
      std::string key_a, key_b;
      AppendBigEndian64(a, &key_a);
      AppendBigEndian64(b, &key_b);
      EXPECT_EQ(a < b, key_a < key_b) << a << " " << b;
      std::string short_a, short_b;
      AppendBigEndian32(static_cast<uint32_t>(a), &short_a);
      AppendBigEndian32(static_cast<uint32_t>(b), &short_b);
      EXPECT_EQ(static_cast<uint32_t>(a) < static_cast<uint32_t>(b), short_a < short_b) << a << " " << b;
    }
  }
}

TEST(KeyCodec, EveryNumberReadsBackAtAnyAlignment) {
  for (uint64_t value : kValues) {
    for (size_t shift = 0; shift < 8; ++shift) {
      std::string bytes(shift, 'x');
      AppendBigEndian64(value, &bytes);
      AppendFixed64(value, &bytes);
      AppendBigEndian32(static_cast<uint32_t>(value), &bytes);
      AppendFixed32(static_cast<uint32_t>(value), &bytes);
      ASSERT_EQ(bytes.size(), shift + 24);
      const char* p = bytes.data() + shift;
      EXPECT_EQ(ReadBigEndian64(p), value);
      EXPECT_EQ(ReadFixed64(p + 8), value);
      EXPECT_EQ(ReadBigEndian32(p + 16), static_cast<uint32_t>(value));
      EXPECT_EQ(ReadFixed32(p + 20), static_cast<uint32_t>(value));
    }
  }
}

TEST(KeyCodec, LayoutsAreFixed) {
  std::string bytes;
  AppendBigEndian32(0x01020304, &bytes);
  AppendFixed32(0x01020304, &bytes);
  EXPECT_EQ(bytes, std::string("\x01\x02\x03\x04\x04\x03\x02\x01"));
}

}  // namespace
}  // namespace sextant::storage
