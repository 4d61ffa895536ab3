// What each operation on points does to a shard of two named vectors, against a model.

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/shard_testing.h"

namespace sextant::shard {
namespace {

constexpr uint32_t kDimA = 16;
constexpr uint32_t kDimB = 32;

// A point as the shard should hold it. Payload "" is none.
struct ModelPoint {
  std::map<std::string, DenseVector> vectors;
  std::string payload;
  friend bool operator==(const ModelPoint&, const ModelPoint&) = default;
};
using WritesModel = std::map<uint64_t, ModelPoint>;

std::ostream& operator<<(std::ostream& out, const ModelPoint& point) {
  for (const auto& [name, vector] : point.vectors) out << name << "=" << vector[0] << " ";
  return out << point.payload;
}

CollectionConfig TwoVectors(uint64_t seal_rows) {
  CollectionConfig config = SmallConfig(kDimA, Distance::kEuclid, seal_rows);
  VectorParams a = config.vectors[""];
  VectorParams b = a;
  b.name_id = 2;
  b.size = kDimB;
  config.vectors = {{"a", a}, {"b", b}};
  config.single_unnamed = false;
  config.next_name_id = 3;
  return config;
}

std::string Group(int64_t group) {
  return "{\"group\":" + std::to_string(group) + "}";
}

PointSelection Ids(const std::vector<uint64_t>& ids) {
  PointSelection selection;
  for (uint64_t id : ids) selection.ids.push_back(PointId::Number(id));
  return selection;
}

DenseVector Filled(uint32_t dim, float value) {
  return DenseVector(dim, value);
}

NamedVector A(float value) {
  return {"a", Filled(kDimA, value)};
}
NamedVector B(float value) {
  return {"b", Filled(kDimB, value)};
}

// What the shard holds; fails the test where search and storage do not agree.
WritesModel ContentsOf(const Shard& shard) {
  WritesModel contents;
  const auto view = shard.view();
  search::ScrollRequest scroll;
  scroll.limit = 100000;
  const auto page = search::Scroll(*view, scroll).value();
  std::map<std::string, size_t> with_vector;
  for (size_t i = 0; i < page.ids.size(); ++i) {
    PayloadSelector payload;
    payload.kind = PayloadSelector::Kind::kAll;
    VectorSelector vectors;
    vectors.kind = VectorSelector::Kind::kAll;
    const Record record = search::FetchRecord(*view, page.ordinals[i], page.ids[i], payload, vectors).value();
    ModelPoint& point = contents[page.ids[i].number()];
    point.payload = *record.payload == "{}" ? "" : *record.payload;
    for (const NamedVector& vector : *record.vectors) {
      point.vectors[vector.name] = std::get<DenseVector>(vector.value);
      ++with_vector[vector.name];
    }
  }
  for (const auto& [name, dim] : {std::pair<std::string, uint32_t>{"a", kDimA}, {"b", kDimB}}) {
    search::VectorQuery query;
    query.using_name = name;
    query.vector = Filled(dim, 1);
    query.limit = 100000;
    query.params.exact = true;
    const auto hits = search::SearchVectors(*view, query, nullptr).value();
    EXPECT_EQ(hits.size(), with_vector[name]) << name;
    for (const auto& hit : hits) EXPECT_TRUE(contents[hit.id.number()].vectors.contains(name));
  }
  EXPECT_EQ(view->point_count, contents.size());
  return contents;
}

class WritesTest : public testing::TestWithParam<ShardHarness::Medium> {
 protected:
  WritesTest() : harness_(GetParam()) {}

  void Open(uint64_t seal_rows, bool create = true) {
    shard_.reset();
    auto shard = Shard::Open(harness_.environment(), harness_.directory(), TwoVectors(seal_rows), create);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = std::move(*shard);
  }
  Status Run(Operation operation) { return ShardHarness::Run(*shard_, std::move(operation)).status(); }
  WritesModel Now() const { return ContentsOf(*shard_); }
  // Random operations, with seals, merges and restarts in between.
  void RunRandomly(uint64_t seed);

  ShardHarness harness_;
  std::unique_ptr<Shard> shard_;
};

TEST_P(WritesTest, UpdatingVectorsKeepsTheOthersAndThePayload) {
  Open(1000);
  ASSERT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1), B(1)}, Group(5)}, {PointId::Number(2), {}, ""}}}).ok());
  EXPECT_EQ(Now()[2], ModelPoint());
  ASSERT_TRUE(Run(UpdateVectors{{{PointId::Number(1), {A(2)}}, {PointId::Number(2), {B(3)}}}}).ok());
  EXPECT_EQ(Now(), (WritesModel{{1, {{{"a", Filled(kDimA, 2)}, {"b", Filled(kDimB, 1)}}, Group(5)}},
                                {2, {{{"b", Filled(kDimB, 3)}}, ""}}}));
}

TEST_P(WritesTest, UpdatesOfOnePointInOneOperationMergeAndTheLastWins) {
  Open(1000);
  ASSERT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1)}, ""}}}).ok());
  ASSERT_TRUE(
      Run(UpdateVectors{{{PointId::Number(1), {A(2)}}, {PointId::Number(1), {B(3)}}, {PointId::Number(1), {A(4)}}}})
          .ok());
  EXPECT_EQ(Now(), (WritesModel{{1, {{{"a", Filled(kDimA, 4)}, {"b", Filled(kDimB, 3)}}, ""}}}));
}

TEST_P(WritesTest, AnUpdateThatNamesAMissingPointChangesNothing) {
  Open(1000);
  ASSERT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1), B(1)}, ""}}}).ok());
  const WritesModel before = Now();
  const auto update = Run(UpdateVectors{{{PointId::Number(1), {A(2)}}, {PointId::Number(9), {A(2)}}}});
  EXPECT_EQ(ErrorClassOf(update), ErrorClass::kNotFound) << update;
  EXPECT_EQ(ErrorClassOf(Run(DeleteVectors{Ids({1, 9}), {"a"}})), ErrorClass::kNotFound);
  EXPECT_EQ(ErrorClassOf(Run(DeleteVectors{Ids({1}), {"a", "c"}})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(Run(UpdateVectors{{{PointId::Number(1), {{"c", Filled(kDimA, 1)}}}}})),
            ErrorClass::kWrongInput);
  EXPECT_EQ(Now(), before);
}

TEST_P(WritesTest, DeletedVectorsAreGoneAndTheirPointsStay) {
  Open(1000);
  ASSERT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1), B(1)}, Group(1)},
                          {PointId::Number(2), {A(2), B(2)}, Group(2)},
                          {PointId::Number(3), {A(3)}, Group(2)}}})
                  .ok());
  DeleteVectors by_both{Ids({1}), {"b"}};
  by_both.points.filter = FieldIs("group", 2);
  ASSERT_TRUE(Run(by_both).ok());
  EXPECT_EQ(Now(), (WritesModel{{1, {{{"a", Filled(kDimA, 1)}}, Group(1)}},
                                {2, {{{"a", Filled(kDimA, 2)}}, Group(2)}},
                                {3, {{{"a", Filled(kDimA, 3)}}, Group(2)}}}));
  ASSERT_TRUE(Run(DeleteVectors{Ids({1, 2, 3}), {"a", "b"}}).ok());
  for (const auto& [id, point] : Now()) EXPECT_TRUE(point.vectors.empty());
}

// The table of update modes.
TEST_P(WritesTest, ModesDecideWhichPointsAreWritten) {
  Open(1000);
  // Point 1 matches the filter, point 2 does not, point 3 is absent.
  const auto written = [&](UpdateMode mode, bool filtered) {
    EXPECT_TRUE(Run(DeletePoints{Ids({1, 2, 3})}).ok());
    EXPECT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1)}, Group(1)}, {PointId::Number(2), {A(1)}, Group(2)}}}).ok());
    Upsert upsert;
    for (uint64_t id : {1, 2, 3}) upsert.points.push_back({PointId::Number(id), {A(9)}, Group(9)});
    upsert.mode = mode;
    if (filtered) upsert.update_filter = FieldIs("group", 1);
    EXPECT_TRUE(Run(upsert).ok());
    std::vector<uint64_t> ids;
    for (const auto& [id, point] : Now())
      if (point == ModelPoint{{{"a", Filled(kDimA, 9)}}, Group(9)}) ids.push_back(id);
    return ids;
  };
  using V = std::vector<uint64_t>;
  EXPECT_EQ(written(UpdateMode::kUpsert, false), (V{1, 2, 3}));
  EXPECT_EQ(written(UpdateMode::kUpsert, true), (V{1, 3}));
  EXPECT_EQ(written(UpdateMode::kInsertOnly, false), V{3});
  EXPECT_EQ(written(UpdateMode::kInsertOnly, true), V{3});
  EXPECT_EQ(written(UpdateMode::kUpdateOnly, false), (V{1, 2}));
  EXPECT_EQ(written(UpdateMode::kUpdateOnly, true), V{1});
}

TEST_P(WritesTest, ConditionsSeeVectorsAndIdsOfTheStoredPoint) {
  Open(1000);
  ASSERT_TRUE(Run(Upsert{{{PointId::Number(1), {A(1)}, ""}, {PointId::Number(2), {B(1)}, ""}}}).ok());
  UpdateVectors update{{{PointId::Number(1), {A(5)}}, {PointId::Number(2), {A(5)}}}};
  update.update_filter = Filter();
  update.update_filter->must = std::vector<Condition>{HasVectorCondition{"a"}};
  ASSERT_TRUE(Run(update).ok());
  EXPECT_EQ(Now()[1].vectors.at("a")[0], 5);
  EXPECT_FALSE(Now()[2].vectors.contains("a"));
  update.update_filter->must = std::vector<Condition>{HasIdCondition{{PointId::Number(2)}}};
  ASSERT_TRUE(Run(update).ok());
  EXPECT_TRUE(Now()[2].vectors.contains("a"));
}

TEST_P(WritesTest, ConditionsSeeWhatEarlierOperationsOfTheSameCommitDid) {
  Open(1000);
  ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < harness_.environment().writers->threads(); ++i)
    harness_.environment().writers->Post([released] { released.wait(); });
  std::vector<std::future<Status>> answers;
  const auto submit = [&](Operation operation) {
    auto answer = std::make_shared<std::promise<Status>>();
    answers.push_back(answer->get_future());
    shard_->Submit(std::move(operation), [answer](const Result<WriteOutcome>& o) { answer->set_value(o.status()); });
  };
  // Each step only happens if the one before it is seen: a counter raised by compare-and-set.
  submit(Upsert{{{PointId::Number(1), {A(0)}, Group(0)}}});
  for (int64_t step = 0; step < 20; ++step) {
    Upsert upsert{{{PointId::Number(1), {A(static_cast<float>(step + 1))}, Group(step + 1)}}};
    upsert.update_filter = FieldIs("group", step);
    submit(upsert);
    upsert.points[0].payload = Group(-1);  // too late
    submit(upsert);
  }
  submit(DeleteVectors{Ids({1}), {"a"}});
  release.set_value();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(shard_->info().commit_groups, 1u);
  EXPECT_EQ(Now(), (WritesModel{{1, {{}, Group(20)}}}));
}

TEST_P(WritesTest, APointIsFoundAgainAfterItsVectorsMovedToSegments) {
  Open(64);
  Upsert upsert;
  for (uint64_t id = 0; id < 400; ++id) upsert.points.push_back({PointId::Number(id), {A(1), B(1)}, ""});
  ASSERT_TRUE(Run(upsert).ok());
  ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  ASSERT_TRUE(Run(UpdateVectors{{{PointId::Number(7), {A(2)}}}}).ok());
  ASSERT_TRUE(Run(DeleteVectors{Ids({8}), {"a"}}).ok());
  const WritesModel now = Now();
  EXPECT_EQ(now.at(7).vectors.at("a")[0], 2);
  EXPECT_EQ(now.at(7).vectors.at("b")[0], 1);
  EXPECT_EQ(now.at(8).vectors.size(), 1u);
  if (GetParam() == ShardHarness::Medium::kMemory) return;
  Open(64, /*create=*/false);
  EXPECT_EQ(Now(), now);
}

// Random operations of every kind.
class RandomWrites {
 public:
  explicit RandomWrites(uint64_t seed) : random_(seed) {}

  // The next operation; `model` becomes what the points are after it.
  Operation Next(WritesModel* model) {
    switch (random_() % 8) {
      case 0:
      case 1: return MakeUpsert(model);
      case 2: return MakeUpdateVectors(model);
      case 3: return MakeDeleteVectors(model);
      case 4: return MakeDelete(model);
      case 5: return MakeOverwrite(model);
      case 6: return MakeClear(model);
      default: return MakeSet(model);
    }
  }

 private:
  uint64_t Id() { return random_() % 120; }
  int64_t RandomGroup() { return static_cast<int64_t>(random_() % 6); }
  float Value() { return static_cast<float>(random_() % 1000); }
  static bool InGroup(const ModelPoint& point, int64_t group) { return point.payload == Group(group); }

  // Existing ids, or a group; `apply` is called for each selected point.
  template <typename Apply>
  PointSelection Select(WritesModel* model, Apply&& apply) {
    PointSelection selection;
    if (random_() % 2 == 0 || model->empty()) {
      const int64_t group = RandomGroup();
      selection.filter = FieldIs("group", group);
      for (auto& [id, point] : *model)
        if (InGroup(point, group)) apply(&point);
    } else {
      for (int i = 0; i < 6; ++i) {
        auto at = model->begin();
        std::advance(at, static_cast<long>(random_() % model->size()));
        selection.ids.push_back(PointId::Number(at->first));
        apply(&at->second);
      }
    }
    return selection;
  }

  std::vector<NamedVector> Vectors(ModelPoint* point) {
    std::vector<NamedVector> vectors;
    if (random_() % 4 != 0) vectors.push_back(A(Value()));
    if (random_() % 4 != 0) vectors.push_back(B(Value()));
    for (const NamedVector& vector : vectors) point->vectors[vector.name] = std::get<DenseVector>(vector.value);
    return vectors;
  }

  Operation MakeUpsert(WritesModel* model) {
    Upsert upsert;
    upsert.mode = static_cast<UpdateMode>(random_() % 3);
    const int64_t group = RandomGroup();
    if (random_() % 2 == 0) upsert.update_filter = FieldIs("group", group);
    const WritesModel before = *model;
    for (int i = 0; i < 10; ++i) {
      const uint64_t id = Id();
      ModelPoint point{{}, random_() % 5 == 0 ? "" : Group(RandomGroup())};
      PointInput input{PointId::Number(id), Vectors(&point), point.payload};
      upsert.points.push_back(std::move(input));
      const auto old = before.find(id);
      const bool written = old == before.end() ? upsert.mode != UpdateMode::kUpdateOnly
                                               : upsert.mode != UpdateMode::kInsertOnly &&
                                                     (!upsert.update_filter || InGroup(old->second, group));
      if (written) (*model)[id] = std::move(point);
    }
    return upsert;
  }

  Operation MakeUpdateVectors(WritesModel* model) {
    UpdateVectors update;
    const int64_t group = RandomGroup();
    if (random_() % 2 == 0) update.update_filter = FieldIs("group", group);
    for (auto& [id, point] : *model) {
      if (random_() % 8 != 0) continue;
      ModelPoint given;
      PointVectors input{PointId::Number(id), Vectors(&given)};
      if (input.vectors.empty()) continue;
      update.points.push_back(std::move(input));
      if (update.update_filter && !InGroup(point, group)) continue;
      for (auto& [name, vector] : given.vectors) point.vectors[name] = std::move(vector);
    }
    if (update.points.empty()) return MakeUpsert(model);
    return update;
  }

  Operation MakeDeleteVectors(WritesModel* model) {
    DeleteVectors erase;
    erase.names = {random_() % 2 == 0 ? "a" : "b"};
    erase.points = Select(model, [&](ModelPoint* point) { point->vectors.erase(erase.names[0]); });
    return erase;
  }

  Operation MakeDelete(WritesModel* model) {
    DeletePoints erase;
    std::vector<const ModelPoint*> gone;
    erase.points = Select(model, [&](ModelPoint* point) { gone.push_back(point); });
    std::erase_if(*model,
                  [&](const auto& entry) { return std::find(gone.begin(), gone.end(), &entry.second) != gone.end(); });
    return erase;
  }

  Operation MakeOverwrite(WritesModel* model) {
    const int64_t group = RandomGroup();
    return OverwritePayload{Select(model, [&](ModelPoint* point) { point->payload = Group(group); }),
                            Json(Json::Object{{"group", Json(group)}})};
  }
  Operation MakeSet(WritesModel* model) {
    const int64_t group = RandomGroup();
    return SetPayload{Select(model, [&](ModelPoint* point) { point->payload = Group(group); }),
                      Json(Json::Object{{"group", Json(group)}}), std::nullopt};
  }
  Operation MakeClear(WritesModel* model) {
    if (random_() % 2 == 0) return ClearPayload{Select(model, [](ModelPoint* point) { point->payload.clear(); })};
    return DeletePayload{Select(model, [](ModelPoint* point) { point->payload.clear(); }),
                         {PayloadPath::Parse("group").value()}};
  }

  std::mt19937_64 random_;
};

void WritesTest::RunRandomly(uint64_t seed) {
  SCOPED_TRACE(seed);
  Open(64);
  RandomWrites writes(seed);
  WritesModel model;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 40; ++i) {
      const Status status = Run(writes.Next(&model));
      ASSERT_TRUE(status.ok()) << status;
    }
    ASSERT_EQ(Now(), model);
    if (round % 3 == 0) {
      ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
      ASSERT_EQ(Now(), model);
    }
    if (round % 4 == 1 && GetParam() == ShardHarness::Medium::kDisk) {
      Open(64, /*create=*/false);
      ASSERT_EQ(Now(), model);
    }
  }
}

TEST_P(WritesTest, RandomOperationsOfEveryKindAgreeWithTheModel) {
  RunRandomly(20261125);
}

TEST_P(WritesTest, RandomLargeOperationsAgreeWithTheModel) {
  harness_.environment().batch_limits.points = 4;
  RunRandomly(20261126);
}

INSTANTIATE_TEST_SUITE_P(Media, WritesTest, testing::Values(ShardHarness::Medium::kDisk, ShardHarness::Medium::kMemory),
                         [](const auto& medium) {
                           return medium.param == ShardHarness::Medium::kDisk ? "Disk" : "Memory";
                         });

}  // namespace
}  // namespace sextant::shard
