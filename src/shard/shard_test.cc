#include "shard/shard.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <random>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/shard_testing.h"
#include "types/vector_math.h"

namespace sextant::shard {
namespace {

constexpr uint32_t kShardDim = 16;

std::vector<float> RandomVector(std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> v(kShardDim);
  for (float& x : v) x = normal(random);
  return v;
}

PointInput MakePoint(PointId id, std::vector<float> vector, std::string payload = "") {
  PointInput point;
  point.id = id;
  point.vectors.push_back({"", std::move(vector)});
  point.payload = std::move(payload);
  return point;
}

// Points 0 to count - 1.
void UpsertRandom(Shard& shard, uint64_t count, std::mt19937_64& random) {
  Upsert upsert;
  for (uint64_t i = 0; i < count; ++i) upsert.points.push_back(MakePoint(PointId::Number(i), RandomVector(random)));
  ASSERT_TRUE(ShardHarness::Run(shard, upsert).ok());
}

class ShardTest : public testing::TestWithParam<ShardHarness::Medium> {
 protected:
  ShardTest() : harness_(GetParam()) {}

  std::unique_ptr<Shard> Open(const CollectionConfig& config, bool create) {
    auto shard = Shard::Open(harness_.environment(), harness_.directory(), config, create);
    EXPECT_TRUE(shard.ok()) << shard.status();
    return shard.ok() ? std::move(*shard) : nullptr;
  }

  static std::vector<search::Hit> Search(const Shard& shard, const std::vector<float>& vector, uint64_t limit,
                                         const Filter* filter = nullptr, bool exact = true) {
    search::VectorQuery query;
    query.vector = vector;
    query.limit = limit;
    query.filter = filter;
    query.params.exact = exact;
    auto hits = search::SearchVectors(*shard.view(), query, nullptr);
    EXPECT_TRUE(hits.ok()) << hits.status();
    return hits.ok() ? *hits : std::vector<search::Hit>();
  }

  ShardHarness harness_;
};

// What a shard must agree with: every point with its normalised vector and payload number.
struct ShardModel {
  struct Point {
    std::vector<float> vector;
    int64_t group = 0;
  };
  std::map<PointId, Point> points;

  std::vector<std::pair<float, PointId>> Nearest(std::vector<float> query, int64_t group) const {
    NormalizeForCosine(query);
    std::vector<std::pair<float, PointId>> all;
    for (const auto& [id, point] : points) {
      if (group >= 0 && point.group != group) continue;
      float dot = 0;
      for (uint32_t i = 0; i < kShardDim; ++i) dot += query[i] * point.vector[i];
      all.emplace_back(dot, id);
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    return all;
  }
};

void ExpectAgrees(const Shard& shard, const ShardModel& model, std::mt19937_64& random) {
  EXPECT_EQ(shard.view()->point_count, model.points.size());
  for (int64_t group : {-1, 1, 7}) {
    const std::vector<float> query = RandomVector(random);
    const Filter filter = FieldIs("group", group);
    search::VectorQuery request;
    request.vector = query;
    request.limit = 10;
    request.params.exact = true;
    if (group >= 0) request.filter = &filter;
    const auto hits = search::SearchVectors(*shard.view(), request, nullptr);
    ASSERT_TRUE(hits.ok()) << hits.status();
    const auto expected = model.Nearest(query, group);
    ASSERT_EQ(hits->size(), std::min<size_t>(10, expected.size()));
    for (size_t i = 0; i < hits->size(); ++i) EXPECT_NEAR((*hits)[i].score, expected[i].first, 1e-5);
  }
  search::ScrollRequest scroll;
  scroll.limit = model.points.size() + 1;
  const auto page = search::Scroll(*shard.view(), scroll);
  ASSERT_TRUE(page.ok());
  std::vector<PointId> ids;
  for (const auto& [id, point] : model.points) ids.push_back(id);
  EXPECT_EQ(page->ids, ids);
}

void Mutate(Shard& shard, ShardModel* model, std::mt19937_64& random, int operations) {
  for (int i = 0; i < operations; ++i) {
    const int kind = static_cast<int>(random() % 10);
    const auto random_id = [&] {
      const uint64_t n = random() % 400;
      return n % 5 == 0 ? PointId::Uuid(n, n * 7) : PointId::Number(n);
    };
    if (kind < 6) {
      Upsert upsert;
      for (int p = 0; p < 8; ++p) {
        const PointId id = random_id();
        ShardModel::Point point{RandomVector(random), static_cast<int64_t>(random() % 10)};
        upsert.points.push_back(MakePoint(id, point.vector, "{\"group\":" + std::to_string(point.group) + "}"));
        NormalizeForCosine(point.vector);
        model->points[id] = point;
      }
      ASSERT_TRUE(ShardHarness::Run(shard, upsert).ok());
    } else if (kind < 8) {
      DeletePoints erase;
      erase.points.ids = {random_id(), random_id()};
      for (const PointId& id : erase.points.ids) model->points.erase(id);
      ASSERT_TRUE(ShardHarness::Run(shard, erase).ok());
    } else if (kind == 8) {
      const int64_t group = static_cast<int64_t>(random() % 10);
      DeletePoints erase;
      erase.points.filter = FieldIs("group", group);
      if (random() % 4 == 0) {
        std::erase_if(model->points, [&](const auto& entry) { return entry.second.group == group; });
        ASSERT_TRUE(ShardHarness::Run(shard, erase).ok());
      }
    } else if (!model->points.empty()) {
      auto it = model->points.begin();
      std::advance(it, static_cast<long>(random() % model->points.size()));
      SetPayload set;
      set.points.ids = {it->first};
      set.payload = Json(Json::Object{{"group", Json(int64_t{7})}});
      it->second.group = 7;
      ASSERT_TRUE(ShardHarness::Run(shard, set).ok());
    }
  }
}

TEST_P(ShardTest, RandomOperationsAgreeWithModelThroughSealsAndMerges) {
  const uint64_t seed = 20261122;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const CollectionConfig config = SmallConfig(kShardDim, Distance::kCosine, 128);
  auto shard = Open(config, true);
  ASSERT_NE(shard, nullptr);
  ASSERT_TRUE(
      ShardHarness::Run(*shard, CreateIndex{PayloadPath::Parse("group").value(), {FieldType::kInteger, {}, true, true}})
          .ok());
  ShardModel model;
  for (int round = 0; round < 12; ++round) {
    Mutate(*shard, &model, random, 40);
    ExpectAgrees(*shard, model, random);
    if (round % 4 == 3) {
      ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
      EXPECT_GT(shard->info().indexed_vectors, 0u);
      ExpectAgrees(*shard, model, random);
    }
    if (GetParam() == ShardHarness::Medium::kDisk && round % 3 == 2) {
      const OperationNumber before = shard->view()->version;
      shard.reset();
      shard = Open(config, false);
      ASSERT_NE(shard, nullptr);
      EXPECT_EQ(shard->view()->version, before);
      ExpectAgrees(*shard, model, random);
    }
  }
}

TEST_P(ShardTest, ATailIsSealedWhenNothingIsWrittenForLong) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kCosine, 64), true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(6);
  uint64_t next = 0;
  const auto add = [&](uint64_t count) {
    Upsert upsert;
    for (const uint64_t end = next + count; next < end; ++next)
      upsert.points.push_back(MakePoint(PointId::Number(next), RandomVector(random)));
    ASSERT_TRUE(ShardHarness::Run(*shard, upsert).ok());
  };
  add(40);
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  EXPECT_EQ(shard->info().indexed_vectors, 0u) << "fewer than the threshold are not indexed";
  add(30);
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  EXPECT_EQ(shard->info().indexed_vectors, 70u);
  add(20);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(shard->info().indexed_vectors, 70u) << "more may come";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (shard->info().indexed_vectors < 90 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(shard->info().indexed_vectors, 90u);
  add(4);
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  EXPECT_EQ(shard->info().indexed_vectors, 90u) << "too few to be worth a segment";
}

TEST_P(ShardTest, SegmentsAreRebuiltWithTheCodesThatTheConfigurationAsksFor) {
  CollectionConfig config = SmallConfig(kShardDim, Distance::kCosine, 64);
  auto shard = Open(config, true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(5);
  UpsertRandom(*shard, 100, random);
  const auto formats = [&] {
    EXPECT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
    std::vector<std::optional<CodeFormat>> found;
    for (const auto& segment : shard->view()->vectors.at("").sealed) found.push_back(segment->spec().codes.format);
    return found;
  };
  EXPECT_THAT(formats(), testing::ElementsAre(std::nullopt));
  for (const auto& [kind, format] :
       {std::pair{"binary", std::optional(CodeFormat::kPacked1)},
        std::pair{"turbo", std::optional(CodeFormat::kPacked4)}, std::pair{"", std::optional<CodeFormat>()}}) {
    config.quantization_config.reset();
    if (*kind != 0) config.quantization_config = Json(Json::Object{{kind, Json(Json::Object{})}});
    shard->UpdateConfig(config);
    EXPECT_THAT(formats(), testing::ElementsAre(format)) << kind;
    EXPECT_EQ(Search(*shard, RandomVector(random), 200).size(), 100u);
  }
}

TEST_P(ShardTest, RunsOfPayloadIndexesAreMergedWhenNothingIsWrittenForLong) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kCosine, 10'000), true);
  ASSERT_NE(shard, nullptr);
  ASSERT_TRUE(
      ShardHarness::Run(*shard, CreateIndex{PayloadPath::Parse("group").value(), {FieldType::kInteger, {}, true, true}})
          .ok());
  std::mt19937_64 random(6);
  uint64_t next = 0;
  // Sizes of several classes, of which updates leave up to three runs each.
  for (const uint64_t count : {400, 400, 100, 100, 100, 20, 20, 5, 5}) {
    Upsert upsert;
    for (const uint64_t end = next + count; next < end; ++next)
      upsert.points.push_back(MakePoint(PointId::Number(next), RandomVector(random), R"({"group":1})"));
    ASSERT_TRUE(ShardHarness::Run(*shard, upsert).ok());
  }
  ASSERT_TRUE(shard->view()->index->HasRunsToMerge(true));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (shard->view()->index->HasRunsToMerge(true) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(shard->view()->index->HasRunsToMerge(true));
  const Filter filter = FieldIs("group", 1);
  EXPECT_EQ(Search(*shard, RandomVector(random), 2000, &filter).size(), next);
}

TEST_P(ShardTest, ADamagedFileOfRowsIsNamedAndNotCopiedIntoAnotherSegment) {
  if (GetParam() != ShardHarness::Medium::kDisk) GTEST_SKIP() << "there are no files";
  CollectionConfig config = SmallConfig(kShardDim, Distance::kCosine, 64);
  auto shard = Open(config, true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(5);
  UpsertRandom(*shard, 3000, random);
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  shard.reset();
  std::string rows;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(harness_.directory()))
    if (entry.path().filename() == "rows.bin") rows = entry.path();
  {
    std::fstream file(rows, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100'000);
    file.write("damaged!", 8);
    ASSERT_TRUE(file.good()) << rows;
  }
  harness_.environment().rows_verified_at_open = 0;
  shard = Open(config, false);
  ASSERT_NE(shard, nullptr);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!shard->info().optimizer_error && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_THAT(shard->info().optimizer_error.value_or(""), testing::HasSubstr(rows));

  search::VectorQuery query;
  query.vector = RandomVector(random);
  query.limit = 5;
  query.params.exact = true;
  const Status status = search::SearchVectors(*shard->view(), query, nullptr).status();
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
  config.quantization_config = Json(Json::Object{{"binary", Json(Json::Object{})}});
  shard->UpdateConfig(config);
  EXPECT_FALSE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(1))).ok());
  ASSERT_EQ(shard->view()->vectors.at("").sealed.size(), 1u);
  EXPECT_EQ(shard->view()->vectors.at("").sealed[0]->spec().codes.format, std::nullopt);
}

TEST_P(ShardTest, RowsOfATenantLieSideBySideInSegments) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kCosine, 100), true);
  ASSERT_NE(shard, nullptr);
  FieldSchema schema;
  schema.params = *Json::Parse(R"({"type":"keyword","is_tenant":true})");
  ASSERT_TRUE(ShardHarness::Run(*shard, CreateIndex{*PayloadPath::Parse("user"), schema}).ok());
  std::mt19937_64 random(5);
  const auto user_of = [](uint64_t id) { return id * 31 % 7; };
  for (uint64_t first = 0; first < 400; first += 50) {
    Upsert upsert;
    for (uint64_t id = first; id < first + 50; ++id)
      upsert.points.push_back(
          MakePoint(PointId::Number(id), RandomVector(random), R"({"user":"u)" + std::to_string(user_of(id)) + "\"}"));
    ASSERT_TRUE(ShardHarness::Run(*shard, upsert).ok());
  }
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  uint32_t rows = 0;
  for (const auto& segment : shard->view()->vectors.at("").sealed) {
    std::vector<uint64_t> users;
    for (uint32_t row = 0; row < segment->rows(); ++row)
      users.push_back(user_of(shard->view()->points->id(segment->ordinal(row)).low()));
    EXPECT_TRUE(std::is_sorted(users.begin(), users.end()));
    rows += segment->rows();
  }
  EXPECT_GE(rows, 300u);
}

TEST_P(ShardTest, AFailedOperationChangesNothing) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kCosine, 1000), true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(1);
  ASSERT_TRUE(
      ShardHarness::Run(*shard, Upsert{{MakePoint(PointId::Number(1), RandomVector(random), "{\"a\":1}")}}).ok());
  SetPayload set;
  set.points.ids = {PointId::Number(1), PointId::Number(2)};
  set.payload = Json(Json::Object{{"a", Json(2)}});
  const auto outcome = ShardHarness::Run(*shard, set);
  EXPECT_EQ(ErrorClassOf(outcome.status()), ErrorClass::kNotFound) << outcome.status();
  const auto found = search::FindPoints(*shard->view(), {PointId::Number(1)}).value();
  PayloadSelector all;
  all.kind = PayloadSelector::Kind::kAll;
  const Record record = search::FetchRecord(*shard->view(), *found[0], PointId::Number(1), all, {}).value();
  EXPECT_EQ(record.payload, "{\"a\":1}");
  EXPECT_FALSE(ShardHarness::Run(*shard, Upsert{{MakePoint(PointId::Number(3), {1.0f})}}).ok());
  EXPECT_EQ(shard->view()->version, 1u);
}

TEST_P(ShardTest, AnOldViewStaysAsItWas) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kEuclid, 64), true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(2);
  std::vector<std::vector<float>> vectors;
  Upsert upsert;
  for (uint64_t i = 0; i < 200; ++i) {
    vectors.push_back(RandomVector(random));
    upsert.points.push_back(MakePoint(PointId::Number(i), vectors.back()));
  }
  ASSERT_TRUE(ShardHarness::Run(*shard, upsert).ok());
  const auto old_view = shard->view();
  DeletePoints erase;
  for (uint64_t i = 0; i < 150; ++i) erase.points.ids.push_back(PointId::Number(i));
  ASSERT_TRUE(ShardHarness::Run(*shard, erase).ok());
  Upsert again;  // takes ordinals while the old view still names the deleted points'
  for (uint64_t i = 1000; i < 1150; ++i) again.points.push_back(MakePoint(PointId::Number(i), RandomVector(random)));
  ASSERT_TRUE(ShardHarness::Run(*shard, again).ok());
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  for (uint64_t i = 0; i < 200; ++i) {
    search::VectorQuery query;
    query.vector = vectors[i];
    query.limit = 1;
    query.params.exact = true;
    const auto hits = search::SearchVectors(*old_view, query, nullptr).value();
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].id, PointId::Number(i));
    EXPECT_EQ(search::FetchVector(*old_view, hits[0].ordinal, hits[0].id, "").value(), VectorValue(vectors[i]));
  }
}

TEST_P(ShardTest, ReadersSeeAnOverwrittenPointExactlyOnce) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kDot, 64), true);
  ASSERT_NE(shard, nullptr);
  std::mt19937_64 random(3);
  constexpr uint64_t kPoints = 100;
  const auto write_all = [&] {
    Upsert upsert;
    for (uint64_t i = 0; i < kPoints; ++i) upsert.points.push_back(MakePoint(PointId::Number(i), RandomVector(random)));
    ASSERT_TRUE(ShardHarness::Run(*shard, std::move(upsert)).ok());
  };
  write_all();
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t)
    readers.emplace_back([&, t] {
      std::mt19937_64 own(static_cast<uint64_t>(t));
      while (!stop.load()) {
        const auto hits = Search(*shard, RandomVector(own), kPoints + 10);
        std::vector<PointId> ids;
        for (const auto& hit : hits) ids.push_back(hit.id);
        std::sort(ids.begin(), ids.end());
        EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
        EXPECT_EQ(ids.size(), kPoints);
        ++reads;
      }
    });
  for (int round = 0; round < 30; ++round) write_all();
  while (reads.load() < 10) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_P(ShardTest, OperationsThatWaitTogetherShareOneCommit) {
  auto shard = Open(SmallConfig(kShardDim, Distance::kCosine, 100000), true);
  ASSERT_NE(shard, nullptr);
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < harness_.environment().writers->threads(); ++i)
    harness_.environment().writers->Post([released] { released.wait(); });
  std::mt19937_64 random(4);
  std::atomic<int> acknowledged{0};
  constexpr int kOperations = 100;
  for (uint64_t i = 0; i < kOperations; ++i)
    shard->Submit(Upsert{{MakePoint(PointId::Number(i), RandomVector(random))}}, [&](Result<WriteOutcome> outcome) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
      ++acknowledged;
    });
  release.set_value();
  ASSERT_TRUE(shard->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  EXPECT_EQ(acknowledged.load(), kOperations);
  EXPECT_EQ(shard->info().commit_groups, 1u);
  EXPECT_EQ(shard->view()->version, 100u);
}

INSTANTIATE_TEST_SUITE_P(Media, ShardTest, testing::Values(ShardHarness::Medium::kDisk, ShardHarness::Medium::kMemory),
                         [](const auto& medium) {
                           return medium.param == ShardHarness::Medium::kDisk ? "Disk" : "Memory";
                         });

}  // namespace
}  // namespace sextant::shard
