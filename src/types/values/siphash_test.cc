#include "types/values/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

TEST(SipHash, PublishedVectors) {
  // Of the reference implementation: the key is 00 01 … 0f, the message the first n bytes of 00 01 02 ….
  const std::array<uint64_t, 2> key = {0x0706050403020100ull, 0x0F0E0D0C0B0A0908ull};
  std::string message;
  for (int i = 0; i < 63; ++i) message.push_back(static_cast<char>(i));
  struct Row {
    size_t size;
    uint64_t hash;
  };
  for (const Row& row : {Row{0, 0x726fdb47dd0e0e31ull}, Row{1, 0x74f839c593dc67fdull}, Row{7, 0xab0200f58b01d137ull},
                         Row{8, 0x93f5f5799a932462ull}, Row{15, 0xa129ca6149be45e5ull}, Row{63, 0x958a324ceb064572ull}})
    EXPECT_EQ(SipHash24(key, std::string_view(message).substr(0, row.size)), row.hash) << row.size;
}

TEST(SliceHash, HashesNumbersLittleEndianAndUuidsByTheirBytes) {
  // Computed with an independent implementation of SipHash-2-4.
  EXPECT_EQ(SliceHash(PointId::Number(0)), static_cast<uint64_t>(-1708578691874937497));
  EXPECT_EQ(SliceHash(PointId::Number(1)), static_cast<uint64_t>(-9222028817708589218));
  EXPECT_EQ(SliceHash(PointId::Number(42)), 1135563785245924819u);
  EXPECT_EQ(SliceHash(PointId::Number(UINT64_MAX)), static_cast<uint64_t>(-9200641234181697186));
  EXPECT_EQ(SliceHash(*PointId::ParseUuid("550e8400-e29b-41d4-a716-446655440000")),
            static_cast<uint64_t>(-733864493054634748));
}

}  // namespace
}  // namespace sextant
