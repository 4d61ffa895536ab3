#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "shard/optimizer.h"
#include "storage/file_system.h"

namespace sextant::shard {
namespace {

TEST(LiveRows, ALiveSealedRowSaysWhereItLiesAndAGrowingOneThatItLiesInNoSegment) {
  const vector_index::SegmentSpec spec{.dim = 2, .distance = Distance::kDot};
  const uint32_t count = 20;
  std::shared_ptr<vector_index::GrowingRows> sealing = vector_index::MakeGrowingRows(spec, 0);
  std::shared_ptr<vector_index::GrowingRows> growing = vector_index::MakeGrowingRows(spec, count);
  for (uint32_t i = 0; i < count; ++i) {
    const std::vector<float> values = {1, static_cast<float>(i)};
    sealing->Append({values, {}}, {.ordinal = Ordinal{i}});
  }
  growing->Append(sealing->Row(0), {.ordinal = Ordinal{count}});
  auto files = storage::MakeMemoryFileSystem();
  ASSERT_TRUE(files->CreateDirs("s").ok());
  ASSERT_TRUE(vector_index::WriteSegment(files.get(), "s", spec, LiveRows({sealing}, {}, nullptr), {}).ok());
  const auto sealed = vector_index::OpenSegment(files.get(), "s", VectorKind::kDense, {});
  ASSERT_TRUE(sealed.ok());
  (*sealed)->Retire(3, 1);

  const LiveRows live({growing}, {*sealed}, nullptr);
  ASSERT_EQ(live.size(), count);
  EXPECT_EQ(live.sealed_place(0).segment, nullptr);
  for (uint32_t i = 1; i < live.size(); ++i) {
    const vector_index::SealedPlace place = live.sealed_place(i);
    ASSERT_EQ(place.segment, sealed->get());
    EXPECT_NE(place.row, 3);
    EXPECT_EQ(place.segment->ordinal(place.row), live.identity(i).ordinal);
  }
}

}  // namespace
}  // namespace sextant::shard
