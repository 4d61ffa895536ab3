// Points with vectors of every kind and datatype, some of them missing: what searches and reads answer while rows are
// growing, sealed and merged, and after a restart, against sums in f64. Names that come and go.

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/manifest.h"
#include "shard/shard_testing.h"

namespace sextant::shard {
namespace {

constexpr uint64_t kKindIds = 300;
constexpr double kTolerance = 5e-3;  // of scores over values of f16, relative

using KindsModel = std::map<uint64_t, std::map<std::string, VectorValue>>;

VectorParams Params(VectorKind kind, uint32_t size, Distance distance, Datatype datatype) {
  VectorParams params;
  params.kind = kind;
  params.size = size;
  params.distance = distance;
  params.datatype = datatype;
  return params;
}

CollectionConfig EveryKind() {
  CollectionConfig config = SmallConfig(8, Distance::kDot, 60);
  config.vectors = {
      {"full", Params(VectorKind::kDense, 8, Distance::kEuclid, Datatype::kFloat32)},
      {"half", Params(VectorKind::kDense, 24, Distance::kCosine, Datatype::kFloat16)},
      {"bytes", Params(VectorKind::kDense, 9, Distance::kCosine, Datatype::kUint8)},
      {"flat", Params(VectorKind::kDense, 7, Distance::kManhattan, Datatype::kUint8)},
      {"rows", Params(VectorKind::kMulti, 5, Distance::kCosine, Datatype::kFloat32)},
      {"far", Params(VectorKind::kMulti, 3, Distance::kEuclid, Datatype::kFloat32)},
      {"words", Params(VectorKind::kSparse, 0, Distance::kDot, Datatype::kFloat32)},
      {"rare", Params(VectorKind::kSparse, 0, Distance::kDot, Datatype::kFloat32)},
  };
  config.vectors["rare"].modifier = SparseModifier::kIdf;
  config.single_unnamed = false;
  for (auto& [name, params] : config.vectors) params.name_id = config.next_name_id++;
  return config;
}

class Numbers {
 public:
  explicit Numbers(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  VectorValue Vector(const VectorParams& params) {
    if (params.kind == VectorKind::kSparse) {
      std::map<uint32_t, float> elements;
      for (uint32_t i = Below(6); i > 0; --i) elements[Below(12)] = normal_(random_);
      SparseVector sparse;
      for (const auto& [index, value] : elements) sparse.indices.push_back(index), sparse.values.push_back(value);
      return sparse;
    }
    if (params.kind == VectorKind::kDense) return Dense(params, params.size);
    return MultiVector{params.size, Dense(params, params.size * (1 + Below(4)))};
  }

 private:
  DenseVector Dense(const VectorParams& params, size_t count) {
    const bool bytes = params.effective_datatype() == Datatype::kUint8;
    DenseVector values(count);
    for (float& value : values) value = bytes ? 120 + 70 * normal_(random_) : normal_(random_);
    return values;
  }

  std::mt19937 random_;
  std::normal_distribution<float> normal_;
};

// A vector as it is stored, in f64: cut to bytes, normalised.
std::vector<double> Stored(const VectorParams& params, std::span<const float> values) {
  std::vector<double> out(values.begin(), values.end());
  if (params.effective_datatype() == Datatype::kUint8) {
    for (double& value : out) value = std::trunc(std::clamp(value, 0.0, 255.0));
  } else if (params.distance == Distance::kCosine) {
    for (size_t row = 0; row < out.size(); row += params.size) {
      double squares = 0;
      for (size_t i = row; i < row + params.size; ++i) squares += out[i] * out[i];
      for (size_t i = row; i < row + params.size; ++i) out[i] /= std::sqrt(squares);
    }
  }
  return out;
}

// Raw similarity of two rows of a dense vector or a multivector.
double RowSimilarity(const VectorParams& params, std::span<const double> a, std::span<const double> b) {
  double dot = 0, squares = 0, lengths = 0, a2 = 0, b2 = 0;
  for (size_t i = 0; i < params.size; ++i) {
    dot += a[i] * b[i], a2 += a[i] * a[i], b2 += b[i] * b[i];
    squares += (a[i] - b[i]) * (a[i] - b[i]), lengths += std::abs(a[i] - b[i]);
  }
  switch (params.distance) {
    case Distance::kCosine: return dot / std::sqrt(a2 * b2);
    case Distance::kDot: return dot;
    case Distance::kEuclid: return -squares;
    case Distance::kManhattan: return -lengths;
  }
  return 0;
}

// What a client gets as score.
double ExpectedScore(const VectorParams& params, const VectorValue& query, const VectorValue& vector) {
  const std::vector<double> a = Stored(params, RefOf(query).values), b = Stored(params, RefOf(vector).values);
  double sum = 0;
  for (size_t i = 0; i < a.size(); i += params.size) {
    double best = -INFINITY;
    for (size_t j = 0; j < b.size(); j += params.size)
      best = std::max(best, RowSimilarity(params, std::span(a).subspan(i), std::span(b).subspan(j)));
    sum += best;
  }
  if (params.distance == Distance::kEuclid) return std::sqrt(-sum);
  return params.distance == Distance::kManhattan ? -sum : sum;
}

double Idf(const KindsModel& model, const std::string& name, uint32_t index) {
  double n = 0, df = 0;
  for (const auto& [id, vectors] : model) {
    const auto vector = vectors.find(name);
    if (vector == vectors.end()) continue;
    const auto& indices = std::get<SparseVector>(vector->second).indices;
    n += 1;
    df += static_cast<double>(std::count(indices.begin(), indices.end(), index));
  }
  return std::log((n - df + 0.5) / (df + 0.5) + 1);
}

std::vector<double> ExpectedScores(const KindsModel& model, const std::string& name, const VectorParams& params,
                                   const VectorValue& query) {
  std::vector<double> scores;
  for (const auto& [id, vectors] : model) {
    const auto vector = vectors.find(name);
    if (vector == vectors.end()) continue;
    if (params.kind != VectorKind::kSparse) {
      scores.push_back(ExpectedScore(params, query, vector->second));
      continue;
    }
    const auto &asked = std::get<SparseVector>(query), &held = std::get<SparseVector>(vector->second);
    double sum = 0;
    bool shared = false;
    for (size_t i = 0; i < asked.indices.size(); ++i)
      for (size_t j = 0; j < held.indices.size(); ++j)
        if (asked.indices[i] == held.indices[j]) {
          shared = true;
          sum += static_cast<double>(asked.values[i]) * held.values[j] *
                 (params.modifier == SparseModifier::kIdf ? Idf(model, name, asked.indices[i]) : 1);
        }
    if (shared) scores.push_back(sum);
  }
  LargerIsNearer(params.distance) ? std::sort(scores.rbegin(), scores.rend()) : std::sort(scores.begin(), scores.end());
  return scores;
}

class VectorKinds : public testing::TestWithParam<ShardHarness::Medium> {
 protected:
  VectorKinds() : harness_(GetParam()), config_(EveryKind()) {}

  void Open(bool create) {
    auto shard = Shard::Open(harness_.environment(), harness_.directory(), config_, create);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
  }

  void Run(Operation operation) {
    const auto outcome = ShardHarness::Run(*shard_, std::move(operation));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }

  // Some operations on points, applied to the model as well.
  void Change(Numbers* numbers, int operations) {
    for (int i = 0; i < operations; ++i) {
      const uint64_t id = numbers->Below(kKindIds);
      if (numbers->Below(10) == 0) {
        Run(DeletePoints{PointSelection{{PointId::Number(id)}, {}}});
        model_.erase(id);
        continue;
      }
      const bool update = numbers->Below(3) == 0 && model_.contains(id);
      std::vector<NamedVector> vectors;
      for (const auto& [name, params] : config_.vectors)
        if (numbers->Below(4) != 0) vectors.push_back({name, numbers->Vector(params)});
      if (!update) model_[id].clear();
      for (const NamedVector& vector : vectors) model_[id][vector.name] = vector.value;
      if (update)
        Run(UpdateVectors{{{PointId::Number(id), vectors}}});
      else
        Run(Upsert{{PointInput{PointId::Number(id), vectors, ""}}});
    }
  }

  std::vector<search::Hit> Search(const std::string& name, const VectorValue& query, bool exact) const {
    search::VectorQuery request;
    request.using_name = name;
    request.vector = query;
    request.limit = 2 * kKindIds;
    request.params.exact = exact;
    auto hits = search::SearchVectors(*shard_->view(), request, nullptr);
    EXPECT_TRUE(hits.ok()) << name << ": " << hits.status();
    return hits.ok() ? *hits : std::vector<search::Hit>();
  }

  // All searches and reads agree with the model.
  void Check(Numbers* numbers, const std::string& when) {
    for (const auto& [name, params] : config_.vectors) {
      const VectorValue query = numbers->Vector(params);
      const std::vector<double> expected = ExpectedScores(model_, name, params, query);
      for (const bool exact : {true, false}) {
        const auto hits = Search(name, query, exact);
        ASSERT_EQ(hits.size(), expected.size()) << name << " " << when;
        for (size_t i = 0; i < hits.size(); ++i)
          ASSERT_NEAR(hits[i].score, expected[i], kTolerance * (1 + std::abs(expected[i]))) << name << " " << when;
      }
    }
    for (const auto& [id, vectors] : model_) {
      const auto found = search::FindPoints(*shard_->view(), {PointId::Number(id)}).value();
      ASSERT_TRUE(found[0].has_value());
      for (const auto& [name, params] : config_.vectors) {
        const auto stored = search::FetchVector(*shard_->view(), *found[0], PointId::Number(id), name);
        const auto expected = vectors.find(name);
        ASSERT_EQ(stored.ok(), expected != vectors.end()) << name << " of " << id << " " << when;
        if (!stored.ok()) continue;
        const VectorRef row = RefOf(*stored), given = RefOf(expected->second);
        ASSERT_TRUE(std::ranges::equal(row.indices, given.indices));
        const std::vector<double> values = params.kind == VectorKind::kSparse
                                               ? std::vector<double>(given.values.begin(), given.values.end())
                                               : Stored(params, given.values);
        ASSERT_EQ(row.size(), values.size());
        for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(row.values[i], values[i], kTolerance);
      }
    }
  }

  bool SegmentsAreLeft() const {
    const auto names = harness_.environment().files->List(SegmentsDirectory(harness_.directory()));
    return names.ok() && !names->empty();
  }

  ShardHarness harness_;
  CollectionConfig config_;
  std::unique_ptr<Shard> shard_;
  KindsModel model_;
};

TEST_P(VectorKinds, AnswerAsTheirValuesSayGrowingSealedAndAfterARestart) {
  Numbers numbers(7);
  Open(true);
  Change(&numbers, 50);
  Check(&numbers, "growing");
  for (int round = 0; round < 4; ++round) {
    Change(&numbers, 300);
    Check(&numbers, "while sealing");
    ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
    Check(&numbers, "sealed");
  }
  EXPECT_TRUE(SegmentsAreLeft());
  if (GetParam() == ShardHarness::Medium::kMemory) return;
  shard_.reset();
  Open(false);
  Check(&numbers, "after a restart");
  Change(&numbers, 100);
  Check(&numbers, "after a restart and changes");
}

TEST_P(VectorKinds, NamesComeAndGoWhilePointsStay) {
  Numbers numbers(8);
  Open(true);
  Change(&numbers, 400);
  const CollectionConfig before = config_;
  for (const std::string name : {"half", "words", "rows"}) config_.vectors.erase(name);
  VectorParams again = Params(VectorKind::kSparse, 0, Distance::kDot, Datatype::kFloat32);  // another kind of "half"
  again.name_id = config_.next_name_id++;
  config_.vectors["half"] = again;
  again = Params(VectorKind::kDense, 6, Distance::kDot, Datatype::kFloat16);
  again.name_id = config_.next_name_id++;
  config_.vectors["new"] = again;
  shard_->UpdateConfig(config_);
  for (auto& [id, vectors] : model_)
    for (const std::string name : {"half", "words", "rows"}) vectors.erase(name);
  Check(&numbers, "after the change");
  search::VectorQuery gone;
  gone.using_name = "words";
  gone.vector = SparseVector{{1}, {1}};
  EXPECT_EQ(ErrorClassOf(search::SearchVectors(*shard_->view(), gone, nullptr).status()), ErrorClass::kWrongInput);
  const auto refused =
      ShardHarness::Run(*shard_, Upsert{{PointInput{PointId::Number(1), {{"words", SparseVector{{1}, {1}}}}, ""}}});
  EXPECT_EQ(ErrorClassOf(refused.status()), ErrorClass::kWrongInput);
  Change(&numbers, 300);
  ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  Check(&numbers, "after updates");
  if (GetParam() == ShardHarness::Medium::kMemory) return;
  shard_.reset();
  Open(false);
  Check(&numbers, "after a restart");
}

// The configuration is changed before the shard is; a crash between leaves rows of a name that nobody knows.
TEST_P(VectorKinds, RowsOfANameDroppedByTheConfigurationGoAtTheNextStart) {
  if (GetParam() == ShardHarness::Medium::kMemory) GTEST_SKIP() << "there is no next start";
  Numbers numbers(9);
  Open(true);
  Change(&numbers, 400);
  ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  shard_.reset();
  const CollectionConfig all = config_;
  for (const auto& [name, params] : all.vectors)
    if (name != "full") config_.vectors.erase(name);
  for (auto& [id, vectors] : model_) std::erase_if(vectors, [](const auto& entry) { return entry.first != "full"; });
  Open(false);
  Check(&numbers, "without the other names");
  const size_t segments = shard_->view()->vectors.at("full").sealed.size();
  EXPECT_EQ(harness_.environment().files->List(SegmentsDirectory(harness_.directory()))->size(), segments);
  shard_.reset();
  Open(false);
  Check(&numbers, "a second time");
}

INSTANTIATE_TEST_SUITE_P(Media, VectorKinds,
                         testing::Values(ShardHarness::Medium::kDisk, ShardHarness::Medium::kMemory));

}  // namespace
}  // namespace sextant::shard
