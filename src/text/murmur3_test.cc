#include "text/murmur3.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::text {
namespace {

// SMHasher's own check of the algorithm: the hash over the hashes of {}, {0}, {0, 1}, … under seeds 256, 255, ….
TEST(Murmur3, PassesTheVerificationOfItsAuthor) {
  std::string key, hashes;
  for (uint32_t i = 0; i < 256; ++i) {
    const uint32_t hash = Murmur3(key, 256 - i);
    for (int shift = 0; shift < 32; shift += 8) hashes.push_back(static_cast<char>(hash >> shift));
    key.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(Murmur3(hashes, 0), 0xB0F57EE3u);
}

TEST(Murmur3, EqualsPublishedHashes) {
  EXPECT_EQ(Murmur3("", 0), 0u);
  EXPECT_EQ(Murmur3("", 1), 0x514E28B7u);
  EXPECT_EQ(Murmur3("\xFF\xFF\xFF\xFF", 0), 0x76293B50u);
  EXPECT_EQ(Murmur3("a", 0), 0x3C2569B2u);
  EXPECT_EQ(Murmur3("ab", 0), 0x9BBFD75Fu);
  EXPECT_EQ(Murmur3("abc", 0), 0xB3DD93FAu);
  EXPECT_EQ(Murmur3("abcd", 0x9747B28C), 0xF0478627u);
  EXPECT_EQ(Murmur3("The quick brown fox jumps over the lazy dog", 0x9747B28C), 0x2FA826CDu);
}

}  // namespace
}  // namespace sextant::text
