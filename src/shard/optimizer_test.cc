#include "shard/optimizer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "shard/shard_testing.h"
#include "storage/file_system.h"

namespace sextant::shard {
namespace {

// A writer whose one vector has sealed segments without graphs.
class ChooseMergeTest : public testing::Test {
 protected:
  ChooseMergeTest() {
    config_.optimizers.indexing_threshold_kb = 0;
    writer_.index = payload_index::IndexSnapshot::Empty();
    writer_.vectors.emplace("", VectorState::Make(config_, config_.vectors.at(""), 0));
  }

  // Segments of so many rows, with ids from 1 on.
  void Seal(const std::vector<uint32_t>& sizes) {
    VectorState& state = writer_.vectors.at("");
    vector_index::SegmentSpec spec = SpecOf(state.params, state.hnsw);
    spec.build_graph = false;
    for (const uint32_t rows : sizes) {
      std::shared_ptr<vector_index::GrowingRows> growing = vector_index::MakeGrowingRows(spec, 0);
      for (uint32_t i = 0; i < rows; ++i)
        growing->Append({std::vector<float>(spec.dim, 1), {}}, {.ordinal = Ordinal{next_ordinal_++}});
      const std::string directory = std::to_string(writer_.next_segment_id);
      ASSERT_TRUE(files_->CreateDirs(directory).ok());
      const LiveRows source({growing}, {}, nullptr);
      ASSERT_TRUE(vector_index::WriteSegment(files_.get(), directory, spec, source, {}).ok());
      auto opened = vector_index::OpenSegment(files_.get(), directory, spec.kind, {});
      ASSERT_TRUE(opened.ok());
      state.sealed.push_back({writer_.next_segment_id++, *opened});
    }
  }

  // The ids of the inputs.
  std::vector<uint64_t> Choose(const std::vector<RunningMerge>& running, bool idle = false,
                               uint64_t most_bytes_of_one = UINT64_MAX) {
    Job job;
    if (!ChooseMerge(&writer_, config_.optimizers, {idle, running, most_bytes_of_one}, &job)) return {};
    return RunningMerge::Of(job).inputs;
  }

  using Ids = std::vector<uint64_t>;
  std::unique_ptr<storage::FileSystem> files_ = storage::MakeMemoryFileSystem();
  CollectionConfig config_ = SmallConfig(2, Distance::kDot, 0);
  WriterState writer_;
  uint32_t next_ordinal_ = 0;
};

TEST_F(ChooseMergeTest, AFullTierIsMerged) {
  Seal({10, 10, 10});
  EXPECT_EQ(Choose({}), Ids());
  Seal({10, 100});
  EXPECT_EQ(Choose({}), Ids({1, 2, 3, 4}));
}

TEST_F(ChooseMergeTest, BesideAMergeThereMayBeAMuchSmallerOneOfOtherSegments) {
  Seal({100, 100, 100, 100});
  const std::vector<RunningMerge> running = {{.segment_id = 99, .inputs = {1, 2, 3, 4}, .rows = 400}};
  EXPECT_EQ(Choose(running), Ids());
  Seal({10, 10, 10});
  EXPECT_EQ(Choose(running), Ids()) << "no full tier";
  EXPECT_EQ(Choose(running, true), Ids()) << "the target may be reached by the running merge";
  Seal({10});
  EXPECT_EQ(Choose(running), Ids({5, 6, 7, 8}));
  Seal({80});
  EXPECT_EQ(Choose(running), Ids({5, 6, 7, 8})) << "as many as stay small";
  EXPECT_EQ(Choose({{.segment_id = 99, .inputs = {1, 2, 3, 4}, .rows = 120}}), Ids()) << "not much smaller";
  std::vector<RunningMerge> both = running;
  both.push_back({.segment_id = 100, .inputs = {5, 6, 7, 8}, .rows = 40});
  Seal({1, 1, 1, 1});
  EXPECT_EQ(Choose(both), Ids());
}

TEST_F(ChooseMergeTest, ALargeSegmentThatHasToWaitHoldsUpNoSmallOnes) {
  config_.optimizers.vacuum_min_vector_number = 1;
  Seal({100, 100, 100, 100, 300, 10, 10, 10, 10});
  for (uint32_t row = 0; row < 100; ++row) writer_.vectors.at("").sealed[4].segment->Retire(row, 1);
  EXPECT_EQ(Choose({}), Ids({5}));
  const std::vector<RunningMerge> running = {{.segment_id = 99, .inputs = {1, 2, 3, 4}, .rows = 400}};
  EXPECT_EQ(Choose(running), Ids({6, 7, 8, 9}));
}

TEST_F(ChooseMergeTest, ASealTakesAsManyGrowingPartsAsItsMemoryAllows) {
  config_.optimizers.indexing_threshold_kb = 1;
  VectorState& state = writer_.vectors.at("");
  for (int part = 0; part < 3; ++part) {
    for (int i = 0; i < 200; ++i)
      state.active->Append({std::vector<float>(2, 1), {}}, {.ordinal = Ordinal{next_ordinal_++}});
    state.Rotate();
  }
  const auto parts = [&](uint64_t most_bytes) {
    Job job;
    EXPECT_TRUE(ChooseSeal(&writer_, config_.optimizers, false, most_bytes, &job));
    EXPECT_GT(job.build_bytes, 200 * job.growing.size() * 16 * 4);
    return job.growing.size();
  };
  EXPECT_EQ(parts(UINT64_MAX), 3u);
  EXPECT_EQ(parts(1), 1u);
  Job job;
  ASSERT_TRUE(ChooseSeal(&writer_, config_.optimizers, false, 1, &job));
  EXPECT_EQ(parts(2 * job.build_bytes), 2u);
  EXPECT_EQ(job.growing[0], state.sealing[0]);
}

TEST_F(ChooseMergeTest, WhenNothingIsWrittenSegmentsAreMergedDownToTheTarget) {
  Seal({10, 20, 1000});
  EXPECT_EQ(Choose({}), Ids());
  EXPECT_EQ(Choose({}, true), Ids({1, 2}));
}

TEST_F(ChooseMergeTest, WhereTheTargetIsLeftToTheEngineSegmentsOfLikeSizeBecomeOne) {
  Seal({300, 100, 1000});
  EXPECT_EQ(Choose({}), Ids());
  EXPECT_EQ(Choose({}, true), Ids({2, 1, 3}));
  EXPECT_EQ(Choose({}, true, 1000), Ids({2, 1})) << "it would take too much memory";
  config_.optimizers.default_segment_number = 2;
  EXPECT_EQ(Choose({}, true), Ids({2, 1}));
  config_.optimizers.default_segment_number = 0;
  Seal({2000});
  const Ids all = {2, 1, 3, writer_.vectors.at("").sealed.back().id};
  EXPECT_EQ(Choose({}, true), all);
  Seal({20'000});
  EXPECT_EQ(Choose({}, true), all) << "the largest would be rewritten for the sake of few rows";
}

}  // namespace
}  // namespace sextant::shard
