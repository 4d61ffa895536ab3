// Builds one segment of multivectors, made of consecutive real vectors, and measures recall and single-thread
// throughput of its searches against the exact one. Prints one JSON object a line: first the build, then one for each
// measurement.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "bench_support.h"
#include "kernels/kernels.h"
#include "vector_index/multi/multi_sealed_segment.h"
#include "vector_index/multi/multi_testing.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

struct Options {
  std::string vectors, queries;
  uint32_t count = UINT32_MAX, queries_run = 100, most_tokens = 16;
  uint32_t k = 10;
  int threads = 2;
  uint32_t m = 16, ef_construct = 100;
  std::vector<uint32_t> query_rows = {1, 4, 16, 32};
  std::vector<uint32_t> efs = {50, 100, 200};
  std::vector<double> selectivities = {1, 0.5, 0.1, 0.01};
};

template <typename T>
T Unwrap(Result<T> result) {
  if (!result.ok()) Fail(std::string(result.status().message()));
  return *std::move(result);
}

NpyMatrix Load(const std::string& path, uint32_t rows) {
  NpyMatrix matrix = LoadMatrix(path, rows);
  NormalizeRows(matrix.columns, &matrix.values);
  return matrix;
}

// What: data, segment and exact answers of one run.
class Bench {
 public:
  explicit Bench(const Options& options) : options_(options), queries_(Load(options.queries, UINT32_MAX)) {
    const NpyMatrix vectors = Load(options.vectors, options.count);
    if (queries_.columns != vectors.columns) Fail("vectors and queries differ in dimension");
    rows_ = std::make_unique<MultiArrayRows>(vectors.columns,
                                             CutIntoRows(vectors.columns, vectors.values, options.most_tokens, 1));
  }

  void Build() {
    const SegmentSpec spec{
        .kind = VectorKind::kMulti, .dim = rows_->dim(), .m = options_.m, .ef_construct = options_.ef_construct};
    const double start = Seconds(CLOCK_MONOTONIC);
    Status status = fs_->CreateDirs("segment");
    if (status.ok()) status = WriteMultiSegment(fs_.get(), "segment", spec, *rows_, {.threads = options_.threads});
    if (!status.ok()) Fail(std::string(status.message()));
    const double seconds = Seconds(CLOCK_MONOTONIC) - start;
    segment_ = Unwrap(MultiSealedSegment::Open(fs_.get(), "segment", {}));
    std::printf(
        "{\"rows\": %u, \"tokens\": %lu, \"dim\": %u, \"kernels\": \"%s\", \"build_seconds\": %.3f, "
        "\"disk_bytes_per_token\": %.1f, \"resident_bytes_per_token\": %.1f}\n",
        rows_->size(), static_cast<unsigned long>(rows_->tokens()), rows_->dim(),
        std::string(kernels::Kernels().name).c_str(), seconds,
        static_cast<double>(segment_->disk_bytes()) / static_cast<double>(rows_->tokens()),
        static_cast<double>(segment_->resident_bytes()) / static_cast<double>(rows_->tokens()));
    std::fflush(stdout);
  }

  void Measure() {
    for (const uint32_t query_rows : options_.query_rows)
      for (const double share : options_.selectivities) {
        const auto step = static_cast<uint32_t>(std::lround(1 / share));
        std::vector<uint32_t> accepted;
        for (uint32_t row = 0; row < rows_->size(); row += step) accepted.push_back(row);
        const OrdinalSet set = OrdinalSet::FromSorted(std::move(accepted));
        const SearchRequest request{.query = {}, .k = options_.k, .accept = step > 1 ? &set : nullptr};
        const auto truth = Run(query_rows, request, {});
        for (const uint32_t ef : options_.efs) {
          SearchRequest walk = request;
          walk.ef = ef;
          Run(query_rows, walk, truth);
        }
      }
  }

 private:
  using Answers = std::vector<std::vector<RowHit>>;

  // Exact, or where there is a truth through the graph.
  Answers Run(uint32_t query_rows, SearchRequest request, const Answers& truth) const {
    Answers answers;
    SearchStats stats;
    const bool exact = truth.empty();
    const double wall = Seconds(CLOCK_MONOTONIC), cpu = Seconds(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < options_.queries_run; ++i) {
      const uint32_t first = i * 7 % (queries_.rows - query_rows);
      request.query = {
          {queries_.values.data() + size_t{first} * queries_.columns, size_t{query_rows} * queries_.columns}, {}};
      answers.push_back(
          Unwrap(exact ? segment_->SearchExact(request, &stats) : segment_->SearchGraph(request, &stats)));
    }
    const double count = static_cast<double>(answers.size());
    const double ms = (Seconds(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e3 / count,
                 wall_ms = (Seconds(CLOCK_MONOTONIC) - wall) * 1e3 / count;
    double recall = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      std::vector<float> expected;
      for (const RowHit& hit : truth[i]) expected.push_back(hit.similarity);
      recall += Recall(answers[i], expected) / count;
    }
    std::printf(
        "{\"search\": \"%s\", \"query_rows\": %u, \"accepted\": %g, \"ef\": %u, \"recall\": %.4f, \"cpu_ms\": %.3f, "
        "\"wall_ms\": %.3f, \"codes_scored\": %.0f, \"rows_rescored\": %.1f, \"graph_searches\": %u}\n",
        exact ? "exact" : "graph", query_rows,
        request.accept == nullptr ? 1 : static_cast<double>(request.accept->size()) / rows_->size(), request.ef,
        exact ? 1 : recall, ms, wall_ms, static_cast<double>(stats.rows_scored) / count,
        static_cast<double>(stats.rows_rescored) / count, stats.graph_searches);
    std::fflush(stdout);
    return answers;
  }

  const Options options_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  NpyMatrix queries_;
  std::unique_ptr<MultiArrayRows> rows_;
  std::shared_ptr<MultiSealedSegment> segment_;
};

}  // namespace
}  // namespace sextant::vector_index

int main(int argc, char** argv) {
  sextant::vector_index::Options options;
  CLI::App app("Recall and throughput of one segment of multivectors: consecutive real vectors (cosine).");
  app.add_option("--vectors", options.vectors, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--queries", options.queries, ".npy [n, dim], f16 or f32; a query is some consecutive ones")
      ->required();
  app.add_option("--count", options.count, "use the first COUNT vectors");
  app.add_option("--most-tokens", options.most_tokens, "multivectors have 1 to this many rows");
  app.add_option("--query-count", options.queries_run, "queries to run");
  app.add_option("--query-rows", options.query_rows, "rows of a query")->delimiter(',');
  app.add_option("-k", options.k, "hits a query");
  app.add_option("--threads", options.threads, "threads of the build");
  app.add_option("--m", options.m, "links: 2 m a token");
  app.add_option("--ef-construct", options.ef_construct, "candidates of the build");
  app.add_option("--ef", options.efs, "search sizes to measure")->delimiter(',');
  app.add_option("--selectivities", options.selectivities, "measure filters that accept these shares")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  sextant::vector_index::Bench bench(options);
  bench.Build();
  bench.Measure();
  return 0;
}
