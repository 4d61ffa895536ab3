// Merges segments over real vectors twice, with their graphs reused and anew, and measures what both cost and how well
// the results are searched. Prints one JSON object a line: for each kind of merge, or for stages of many cycles of
// deletions, additions and merges.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench_support.h"
#include "kernels/kernels.h"
#include "vector_index/graph/parallel_rows.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

struct Options {
  std::string vectors, queries;
  uint32_t count = UINT32_MAX, query_count = 1000;
  uint32_t k = 10;
  int threads = 2, rounds = 3;
  uint32_t m = 16, ef_construct = 100;
  std::vector<uint32_t> efs = {32, 64, 128};
  std::string merge;
  uint32_t cycles = 0, seed = 1;
};

// Segments with these shares of the rows are merged, of which a share is dead.
struct MergeKind {
  const char* name;
  std::vector<double> shares;
  double dead = 0;
};

const MergeKind kMergeKinds[] = {
    {"half + half", {0.5, 0.5}},           {"3/4 + 1/4", {0.75, 0.25}},  {"9/10 + 1/10", {0.9, 0.1}},
    {"4 x 1/4", {0.25, 0.25, 0.25, 0.25}}, {"vacuum of 10 %", {1}, 0.1}, {"vacuum of 20 %", {1}, 0.2},
    {"vacuum of 50 %", {1}, 0.5},
};

constexpr uint32_t kStages = 5;   // at which a soak is measured
constexpr uint32_t kTruths = 64;  // nearest rows known of each query: enough when some of them are dead

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

NpyMatrix Load(const std::string& path, uint32_t rows) {
  NpyMatrix matrix = LoadMatrix(path, rows);
  NormalizeRows(matrix.columns, &matrix.values);
  return matrix;
}

// One segment and what it cost.
struct Built {
  std::shared_ptr<SealedRows> segment;
  std::vector<double> cpu_seconds;
};

// What: the vectors, the queries and their nearest rows.
class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), queries_(Load(options.queries, options.query_count)), random_(options.seed) {
    NpyMatrix vectors = Load(options.vectors, options.count);
    if (queries_.columns != vectors.columns) Fail("vectors and queries differ in dimension");
    rows_ = std::make_unique<ArrayRows>(vectors.columns, std::move(vectors.values));
    FindTruth();
  }

  void Merge(const MergeKind& kind) {
    std::vector<std::shared_ptr<SealedRows>> parts;
    std::vector<uint32_t> ids = Shuffled(rows_->size());
    double end = 0;
    uint32_t first = 0;
    for (double share : kind.shares) {
      end += share;
      const auto last = static_cast<uint32_t>(end * rows_->size() + 0.5);
      parts.push_back(Write(PickedRows(*rows_, {ids.begin() + first, ids.begin() + last})));
      first = last;
    }
    for (const auto& part : parts) Delete(kind.dead, part.get());
    Built fresh, reused;
    Compare(parts, options_.rounds, &fresh, &reused);
    Report(kind.name, fresh, reused);
  }

  // A segment of four fifths of the rows: each cycle deletes a tenth of it and merges as many others to it.
  void Soak() {
    std::vector<uint32_t> out = Shuffled(rows_->size());
    std::vector<uint32_t> in(out.begin(), out.begin() + rows_->size() * 4 / 5);
    out.erase(out.begin(), out.begin() + rows_->size() * 4 / 5);
    std::shared_ptr<SealedRows> base = Write(PickedRows(*rows_, in));
    for (uint32_t cycle = 1; cycle <= options_.cycles; ++cycle) {
      const std::vector<uint32_t> deleted = Delete(0.1, base.get());
      std::shuffle(out.begin(), out.end(), random_);
      const std::vector<uint32_t> added(out.end() - static_cast<ptrdiff_t>(deleted.size()), out.end());
      out.resize(out.size() - deleted.size());
      out.insert(out.end(), deleted.begin(), deleted.end());
      const std::vector<std::shared_ptr<SealedRows>> parts = {base, Write(PickedRows(*rows_, added))};
      Built fresh, reused;
      if (cycle % std::max(1U, options_.cycles / kStages) == 0) {
        Compare(parts, 1, &fresh, &reused);
        Report(("cycle " + std::to_string(cycle)).c_str(), fresh, reused);
        base = reused.segment;
      } else {
        base = Write(MergedRows(parts, true));
      }
    }
  }

 private:
  std::vector<uint32_t> Shuffled(uint32_t count) {
    std::vector<uint32_t> ids(count);
    for (uint32_t i = 0; i < count; ++i) ids[i] = i;
    std::shuffle(ids.begin(), ids.end(), random_);
    return ids;
  }

  // Retires rows; returns their numbers among all rows.
  std::vector<uint32_t> Delete(double share, SealedRows* segment) {
    std::vector<uint32_t> rows = Shuffled(segment->rows());
    rows.resize(static_cast<size_t>(share * segment->rows()));
    for (uint32_t& row : rows) {
      segment->Retire(row, 1);
      row = Index(segment->ordinal(row));
    }
    return rows;
  }

  std::shared_ptr<SealedRows> Write(const RowSource& source) {
    const SegmentSpec spec{.dim = rows_->dim(), .m = options_.m, .ef_construct = options_.ef_construct};
    Status status = fs_->CreateDirs("segment");
    if (status.ok()) status = WriteSegment(fs_.get(), "segment", spec, source, {.threads = options_.threads});
    if (!status.ok()) Fail(std::string(status.message()));
    auto opened = OpenSegment(fs_.get(), "segment", VectorKind::kDense, {});
    if (!opened.ok()) Fail(std::string(opened.status().message()));
    // The open segment keeps its files.
    if (status = fs_->RemoveTree("segment"); !status.ok()) Fail(std::string(status.message()));
    return *opened;
  }

  // Both ways in turns.
  void Compare(const std::vector<std::shared_ptr<SealedRows>>& parts, int rounds, Built* fresh, Built* reused) {
    for (int round = 0; round < rounds; ++round)
      for (Built* built : {fresh, reused}) {
        const MergedRows source(parts, built == reused);
        const double start = Seconds(CLOCK_PROCESS_CPUTIME_ID);
        built->segment = Write(source);
        built->cpu_seconds.push_back(Seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
      }
  }

  void Report(const char* name, const Built& fresh, const Built& reused) {
    const double anew = Median(fresh.cpu_seconds), reuse = Median(reused.cpu_seconds);
    std::printf(
        "{\"merge\": \"%s\", \"rows\": %u, \"dim\": %u, \"kernels\": \"%s\", \"anew_cpu_seconds\": %.3f, "
        "\"reuse_cpu_seconds\": %.3f, \"ratio\": %.2f}\n",
        name, reused.segment->rows(), rows_->dim(), std::string(kernels::Kernels().name).c_str(), anew, reuse,
        anew / reuse);
    for (uint32_t ef : options_.efs) {
      constexpr int kTurns = 5;
      std::vector<double> rates[2];
      double recall[2] = {};
      uint64_t scored[2] = {};
      for (int turn = 0; turn < kTurns; ++turn)
        for (int i = 0; i < 2; ++i)
          rates[i].push_back(Search(*(i == 0 ? fresh : reused).segment, ef, &recall[i], &scored[i]));
      std::printf(
          "{\"ef\": %u, \"anew_recall\": %.5f, \"reuse_recall\": %.5f, \"anew_cpu_qps\": %.0f, \"reuse_cpu_qps\": "
          "%.0f, \"anew_scored\": %lu, \"reuse_scored\": %lu}\n",
          ef, recall[0], recall[1], Median(rates[0]), Median(rates[1]), scored[0], scored[1]);
    }
    std::fflush(stdout);
  }

  // Queries a CPU second; also recall and rows scored a query.
  double Search(const SealedRows& segment, uint32_t ef, double* recall, uint64_t* scored) {
    SearchStats stats;
    std::vector<std::vector<RowHit>> answers(queries_.rows);
    const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < queries_.rows; ++i)
      answers[i] = Unwrap(segment.SearchGraph(
          {.query = {{queries_.values.data() + size_t{i} * rows_->dim(), rows_->dim()}, {}}, .k = options_.k, .ef = ef},
          &stats));
    const double seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    *recall = 0;
    for (uint32_t i = 0; i < queries_.rows; ++i) {
      std::vector<float> expected;
      for (const RowHit& hit : truth_[i]) {
        const std::optional<uint32_t> row = segment.RowOf(rows_->identity(hit.row).ordinal);
        if (row && segment.liveness().retired_at(*row) == kNever && expected.size() < options_.k)
          expected.push_back(hit.similarity);
      }
      *recall += Recall(answers[i], expected) / queries_.rows;
    }
    *scored = stats.rows_scored / queries_.rows;
    return queries_.rows / seconds;
  }

  // All queries against blocks of rows that stay in the cache.
  void FindTruth() {
    constexpr uint32_t kBlock = 128;
    truth_.assign(queries_.rows, {});
    ParallelRows(options_.threads, queries_.rows, (queries_.rows + 3) / 4, nullptr, [&](int, size_t begin, size_t end) {
      for (uint32_t first = 0; first < rows_->size(); first += kBlock)
        for (size_t i = begin; i < end; ++i) {
          std::vector<RowHit>& best = truth_[i];
          const float* const query = queries_.values.data() + i * rows_->dim();
          for (uint32_t row = first; row < std::min(rows_->size(), first + kBlock); ++row)
            best.push_back({kernels::Kernels().dot(query, rows_->values(row), rows_->dim()), row});
          std::sort(best.begin(), best.end(),
                    [](const RowHit& a, const RowHit& b) { return a.similarity > b.similarity; });
          if (best.size() > kTruths) best.resize(kTruths);
        }
    });
  }

  const Options options_;
  const NpyMatrix queries_;
  std::unique_ptr<ArrayRows> rows_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  std::mt19937 random_;
  std::vector<std::vector<RowHit>> truth_;
};

void Run(const Options& options) {
  Bench bench(options);
  if (options.cycles > 0) {
    bench.Soak();
    return;
  }
  for (const MergeKind& kind : kMergeKinds)
    if (options.merge.empty() || options.merge == kind.name) bench.Merge(kind);
}

}  // namespace
}  // namespace sextant::vector_index

int main(int argc, char** argv) {
  sextant::vector_index::Options options;
  CLI::App app("What merges cost with graphs reused and anew, over real vectors (cosine), by CPU time.");
  app.add_option("--vectors", options.vectors, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--queries", options.queries, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--count", options.count, "use the first COUNT vectors");
  app.add_option("--query-count", options.query_count, "use the first COUNT queries");
  app.add_option("-k", options.k, "hits a query");
  app.add_option("--threads", options.threads, "threads of the builds");
  app.add_option("--rounds", options.rounds, "builds of each kind; medians count");
  app.add_option("--m", options.m, "links: 2 m a row");
  app.add_option("--ef-construct", options.ef_construct, "candidates of the builds");
  app.add_option("--ef", options.efs, "search sizes to measure")->delimiter(',');
  app.add_option("--merge", options.merge, "only the merge of this name");
  app.add_option("--seed", options.seed, "which rows are in which segment, and die");
  app.add_option("--cycles", options.cycles, "instead: this many cycles of deletions, additions and merges");
  CLI11_PARSE(app, argc, argv);
  sextant::vector_index::Run(options);
  return 0;
}
