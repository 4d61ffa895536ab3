#include "points/point_codec.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "points/point_table.h"

namespace sextant::points {
namespace {

TEST(PointCodec, IdKeysSortAsIdsDo) {
  const PointId ids[] = {PointId::Number(0),  PointId::Number(255),  PointId::Number(256), PointId::Number(UINT64_MAX),
                         PointId::Uuid(0, 1), PointId::Uuid(0, 256), PointId::Uuid(1, 0)};
  for (const PointId& a : ids) {
    ASSERT_EQ(DecodeIdKey(IdKey(a)).value(), a);
    for (const PointId& b : ids) EXPECT_EQ(a < b, IdKey(a) < IdKey(b)) << a.ToString() << " " << b.ToString();
  }
}

TEST(PointCodec, HeadRoundTrips) {
  const PointHead head{PointId::Uuid(7, 9), 42, {{1, 40, 3}, {5, 42, UINT64_MAX}}};
  const PointHead back = DecodeHead(EncodeHead(head)).value();
  EXPECT_EQ(back.id, head.id);
  EXPECT_EQ(back.version, 42u);
  ASSERT_EQ(back.vectors.size(), 2u);
  EXPECT_EQ(back.Find(5)->sequence, UINT64_MAX);
  EXPECT_EQ(back.Find(2), nullptr);
}

TEST(PointCodec, RefusesDamagedBytes) {
  const std::string head = EncodeHead({PointId::Number(1), 2, {{1, 1, 1}}});
  for (size_t cut = 0; cut < head.size(); ++cut) EXPECT_FALSE(DecodeHead(head.substr(0, cut)).ok());
  EXPECT_FALSE(DecodeIdKey("x").ok());
  EXPECT_FALSE(DecodeOrdinalKey("abc").ok());
  EXPECT_FALSE(DecodeVectorRow(VectorKey(1, 2), "short").ok());
}

TEST(PointCodec, VectorRowRoundTrips) {
  const std::vector<float> values = {1.5f, -2.0f, 3.25f, 4.0f};
  const std::string key = VectorKey(3, 77), value = EncodeVectorRow(Ordinal{9}, 12, {values, {}});
  const VectorRow row = DecodeVectorRow(key, value).value();
  EXPECT_EQ(row.name_id, 3u);
  EXPECT_EQ(row.sequence, 77u);
  EXPECT_EQ(row.ordinal, Ordinal{9});
  EXPECT_EQ(row.version, 12u);
  RowBuffer buffer;
  EXPECT_TRUE(std::ranges::equal(ReadVectorRow(row, VectorKind::kDense, 4, &buffer)->values, values));
  EXPECT_TRUE(std::ranges::equal(ReadVectorRow(row, VectorKind::kMulti, 2, &buffer)->values, values));
  EXPECT_FALSE(ReadVectorRow(row, VectorKind::kDense, 3, &buffer).ok());
  EXPECT_FALSE(ReadVectorRow(row, VectorKind::kMulti, 3, &buffer).ok());
}

TEST(PointCodec, SparseRowsRoundTrip) {
  for (const size_t size : {0, 1, 3}) {
    std::vector<uint32_t> indices = {1, 7, 4'000'000'000};
    std::vector<float> values = {-1.0f, 0.0f, 2.5f};
    indices.resize(size);
    values.resize(size);
    const std::string value = EncodeVectorRow(Ordinal{9}, 12, {values, indices});
    const VectorRow row = DecodeVectorRow(VectorKey(3, 77), value).value();
    RowBuffer buffer;
    const VectorRef read = ReadVectorRow(row, VectorKind::kSparse, 0, &buffer).value();
    EXPECT_TRUE(std::ranges::equal(read.values, values));
    EXPECT_TRUE(std::ranges::equal(read.indices, indices));
  }
  const std::vector<float> odd = {1, 2, 3};
  const std::string value = EncodeVectorRow(Ordinal{9}, 12, {odd, {}});
  RowBuffer buffer;
  EXPECT_FALSE(ReadVectorRow(DecodeVectorRow(VectorKey(3, 77), value).value(), VectorKind::kSparse, 0, &buffer).ok());
}

TEST(PointTable, KeepsIdsAndVersionsFarApart) {
  PointTable table;
  for (uint32_t i : {0u, 4095u, 4096u, 5'000'000u, UINT32_MAX})
    table.Set(Ordinal{i}, PointId::Uuid(i, uint64_t{i} + 1), i);
  table.SetVersion(Ordinal{4096}, 99);
  EXPECT_EQ(table.id(Ordinal{UINT32_MAX}), PointId::Uuid(UINT32_MAX, uint64_t{UINT32_MAX} + 1));
  EXPECT_EQ(table.newest_version(Ordinal{4096}), 99u);
  EXPECT_EQ(table.newest_version(Ordinal{5'000'000}), 5'000'000u);
}

}  // namespace
}  // namespace sextant::points
