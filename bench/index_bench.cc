// Builds one segment over real vectors and measures recall and single-thread throughput of its searches.
// Prints one JSON object a line: first the build, then one for each measurement. With --interactive, measurements
// are asked for on stdin, one `EF [SELECTIVITY]` a line, so that another program can interleave them with its own.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "bench_support.h"
#include "kernels/kernels.h"
#include "vector_index/graph/parallel_rows.h"
#include "vector_index/recall/recall_curve.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

struct Options {
  std::string vectors, queries, hash;
  uint32_t count = UINT32_MAX;
  uint32_t query_count = 1000;
  uint32_t k = 10;
  int threads = 2;
  uint32_t m = 16;
  uint32_t ef_construct = 200;
  std::string codes = "auto";
  std::vector<uint32_t> efs = {10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512};
  std::vector<double> selectivities;
  std::vector<double> recall_targets;
  bool interactive = false;
};

// What: wall and CPU time since its construction. On a machine shared with others, CPU time is the steadier one.
class Stopwatch {
 public:
  explicit Stopwatch(clockid_t cpu_clock)
      : cpu_clock_(cpu_clock), wall_(Seconds(CLOCK_MONOTONIC)), cpu_(Seconds(cpu_clock)) {}
  double Wall() const { return Seconds(CLOCK_MONOTONIC) - wall_; }
  double Cpu() const { return Seconds(cpu_clock_) - cpu_; }

 private:
  clockid_t cpu_clock_;
  double wall_, cpu_;
};

// A filter that accepts a share of the rows, whatever they are.
struct ShareFilter {
  double share = 1;
  OrdinalSet accept;
  std::vector<bool> in;
};

// Queries a second, by wall and by CPU time.
struct Throughput {
  double wall = 0, cpu = 0;
};

// What: data, segment and exact answers of one run.
class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    NpyMatrix vectors = LoadMatrix(options.vectors, options.count);
    NpyMatrix queries = LoadMatrix(options.queries, options.query_count);
    dim_ = vectors.columns;
    if (queries.columns != dim_) Fail("vectors and queries differ in dimension");
    NormalizeRows(dim_, &vectors.values);
    NormalizeRows(dim_, &queries.values);
    queries_ = std::move(queries.values);
    rows_ = std::make_unique<ArrayRows>(dim_, std::move(vectors.values));
    if (!options.hash.empty()) hash_ = LoadMatrix(options.hash, rows_->size()).values;
  }

  void Build() {
    SegmentSpec spec{.dim = dim_, .m = options_.m, .ef_construct = options_.ef_construct};
    if (options_.codes != "auto") spec.codes.format = static_cast<CodeFormat>(std::stoi(options_.codes) % 8);
    const Stopwatch watch(CLOCK_PROCESS_CPUTIME_ID);
    Status status = fs_->CreateDirs("segment");
    if (status.ok()) status = WriteSegment(fs_.get(), "segment", spec, *rows_, {.threads = options_.threads});
    if (!status.ok()) Fail(std::string(status.message()));
    const double wall = watch.Wall(), cpu = watch.Cpu();
    auto opened = OpenSegment(fs_.get(), "segment", VectorKind::kDense, {});
    if (!opened.ok()) Fail(std::string(opened.status().message()));
    segment_ = *opened;
    const double rows = rows_->size();
    // Files in memory count as resident; on disk the f32 rows may stay there.
    std::printf(
        "{\"rows\": %u, \"dim\": %u, \"threads\": %d, \"kernels\": \"%s\", \"build_seconds\": %.3f, "
        "\"build_cpu_seconds\": %.3f, "
        "\"resident_bytes_per_vector\": %.1f, \"disk_bytes_per_vector\": %.1f, \"row_bytes\": %zu}\n",
        rows_->size(), dim_, options_.threads, std::string(kernels::Kernels().name).c_str(), wall, cpu,
        static_cast<double>(segment_->resident_bytes()) / rows, static_cast<double>(segment_->disk_bytes()) / rows,
        dim_ * sizeof(float));
    std::fflush(stdout);
  }

  // The fewest candidates that are expected to reach a recall; fails where only an exact search does.
  uint32_t EfFor(double recall) const {
    const std::optional<uint32_t> ef = segment_->recall_curve()->EfFor(recall, options_.k);
    if (!ef) Fail("no walk is known to reach recall " + std::to_string(recall));
    return *ef;
  }

  void Measure(uint32_t ef, double share) {
    Prepare(share);
    const uint32_t count = QueryCount();
    std::vector<std::vector<RowHit>> answers(count);
    SearchStats stats;
    const Stopwatch watch(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < count; ++i) {
      auto hits = segment_->SearchGraph({.query = {{queries_.data() + size_t{i} * dim_, dim_}, {}},
                                         .k = options_.k,
                                         .ef = ef,
                                         .accept = share < 1 ? &filter_.accept : nullptr,
                                         .accept_share = share},
                                        &stats);
      if (!hits.ok()) Fail(std::string(hits.status().message()));
      answers[i] = *std::move(hits);
    }
    Report(ef, answers, stats, {count / watch.Wall(), count / watch.Cpu()});
  }

 private:
  uint32_t QueryCount() const { return static_cast<uint32_t>(queries_.size() / dim_); }

  void Report(uint32_t ef, const std::vector<std::vector<RowHit>>& answers, const SearchStats& stats,
              const Throughput& throughput) {
    const double count = static_cast<double>(answers.size());
    double recall = 0;
    uint32_t too_few = 0;
    for (size_t i = 0; i < answers.size(); ++i) {
      recall += Recall(answers[i], truth_[i]) / count;
      too_few += answers[i].size() < truth_[i].size() ? 1 : 0;
    }
    std::printf(
        "{\"ef\": %u, \"selectivity\": %g, \"matches\": %zu, \"recall\": %.5f, \"qps\": %.1f, \"cpu_qps\": %.1f, "
        "\"too_few\": %u, "
        "\"scored_per_query\": %.1f, \"rescored_per_query\": %.1f, \"graph_searches\": %u, \"probes\": %u, \"scans\": "
        "%u}\n",
        ef, filter_.share, filter_.share < 1 ? filter_.accept.size() : rows_->size(), recall, throughput.wall,
        throughput.cpu, too_few, static_cast<double>(stats.rows_scored) / count,
        static_cast<double>(stats.rows_rescored) / count, stats.graph_searches, stats.probes, stats.scans);
    std::fflush(stdout);
  }

  // Filter and exact answers for this share, kept while it stays the same.
  void Prepare(double share) {
    if (!truth_.empty() && filter_.share == share) return;
    filter_ = {.share = share, .accept = {}, .in = std::vector<bool>(rows_->size(), true)};
    if (share < 1) {
      std::vector<uint32_t> accepted;
      for (uint32_t row = 0; row < rows_->size(); ++row) {
        filter_.in[row] = HashOf(row) < share;
        if (filter_.in[row]) accepted.push_back(row);
      }
      filter_.accept = OrdinalSet::FromSorted(std::move(accepted));
    }
    FindTruth();
  }

  double HashOf(uint32_t row) const {
    if (!hash_.empty()) return hash_[row];
    uint64_t x = (row + 1) * 0x9E3779B97F4A7C15ull;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return static_cast<double>((x ^ x >> 31) >> 11) * 0x1p-53;
  }

  // Similarities of the true best k, all queries against blocks of rows that stay in the cache.
  void FindTruth() {
    const uint32_t count = QueryCount(), k = options_.k;
    constexpr uint32_t kBlock = 128;
    truth_.assign(count, {});
    ParallelRows(options_.threads, count, (count + 3) / 4, nullptr, [&](int, size_t begin, size_t end) {
      for (uint32_t first = 0; first < rows_->size(); first += kBlock)
        for (size_t i = begin; i < end; ++i) {
          std::vector<float>& best = truth_[i];
          for (uint32_t row = first; row < std::min(rows_->size(), first + kBlock); ++row) {
            if (!filter_.in[row]) continue;
            best.push_back(kernels::Kernels().dot(queries_.data() + i * dim_, rows_->values(row), dim_));
          }
          std::sort(best.begin(), best.end(), std::greater<>());
          if (best.size() > k) best.resize(k);
        }
    });
  }

  const Options options_;
  uint32_t dim_ = 0;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  std::unique_ptr<ArrayRows> rows_;
  std::vector<float> queries_, hash_;
  std::shared_ptr<SealedRows> segment_;
  ShareFilter filter_;
  std::vector<std::vector<float>> truth_;
};

void Run(const Options& options) {
  Bench bench(options);
  bench.Build();
  if (!options.interactive) {
    for (uint32_t ef : options.efs) bench.Measure(ef, 1);
    for (double target : options.recall_targets) bench.Measure(bench.EfFor(target), 1);
    for (double selectivity : options.selectivities)
      for (uint32_t ef : options.efs) bench.Measure(ef, selectivity);
    for (double selectivity : options.selectivities)
      for (double target : options.recall_targets) bench.Measure(bench.EfFor(target), selectivity);
    return;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    uint32_t ef = 0;
    double selectivity = 1;
    if (!(words >> ef)) Fail("expected `EF [SELECTIVITY]`, got: " + line);
    words >> selectivity;
    bench.Measure(ef, words ? selectivity : 1);
  }
}

}  // namespace
}  // namespace sextant::vector_index

int main(int argc, char** argv) {
  sextant::vector_index::Options options;
  CLI::App app("Recall and throughput of one segment over real vectors (cosine).");
  app.add_option("--vectors", options.vectors, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--queries", options.queries, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--hash", options.hash,
                 ".npy [n, 1] or [n]: numbers in [0, 1) for filters; default a hash of the row");
  app.add_option("--count", options.count, "use the first COUNT vectors");
  app.add_option("--query-count", options.query_count, "use the first COUNT queries");
  app.add_option("-k", options.k, "hits a query");
  app.add_option("--threads", options.threads, "threads of the build");
  app.add_option("--m", options.m, "links: 2 m a row");
  app.add_option("--ef-construct", options.ef_construct, "candidates of the build");
  app.add_option("--codes", options.codes, "bits of a dimension: 1, 2, 4 or 8, or auto")
      ->check(CLI::IsMember({"auto", "1", "2", "4", "8"}));
  app.add_option("--ef", options.efs, "search sizes to measure")->delimiter(',');
  app.add_option("--recall-targets", options.recall_targets, "also measure the search sizes chosen for these recalls")
      ->delimiter(',');
  app.add_option("--selectivities", options.selectivities, "also measure filters that accept these shares")
      ->delimiter(',');
  app.add_flag("--interactive", options.interactive, "measure what stdin asks for, `EF [SELECTIVITY]` a line");
  CLI11_PARSE(app, argc, argv);
  sextant::vector_index::Run(options);
  return 0;
}
