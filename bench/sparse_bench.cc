// Builds one segment of sparse vectors like those of BM25 (Zipf distributed terms) and measures exactness and
// single-thread throughput of its searches. Prints one JSON object a line: first the build, then one for each
// measurement: queries with equal weights and with IDF, without a filter and with filters.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "bench_support.h"
#include "kernels/kernels.h"
#include "vector_index/sparse/sparse_growing_segment.h"
#include "vector_index/sparse/sparse_testing.h"

namespace sextant::vector_index {
namespace {

struct Options {
  uint32_t rows = 100000, terms = 40, vocabulary = 30000;
  uint32_t queries = 500, query_terms = 8, checked = 50;
  uint32_t k = 10;
  double skew = 1;
  std::string datatype = "float32";
  std::vector<double> selectivities = {0.5, 0.1, 0.01, 0.001};
};

template <typename T>
T Unwrap(Result<T> result) {
  if (!result.ok()) Fail(std::string(result.status().message()));
  return *std::move(result);
}

Datatype DatatypeOf(const std::string& name) {
  return name == "uint8" ? Datatype::kUint8 : name == "float16" ? Datatype::kFloat16 : Datatype::kFloat32;
}

// What: data, segments and queries of one run.
class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), rows_(RandomSparse(ShapeOf(options.terms, true), options.rows, 1)) {
    plain_ = RandomSparse(ShapeOf(options.query_terms, false), options.queries, 2);
    for (SparseVector& query : plain_) std::fill(query.values.begin(), query.values.end(), 1.0F);
  }

  void Build() {
    const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
    Status status = fs_->CreateDirs("segment");
    if (status.ok())
      status = WriteSparseSegment(fs_.get(), "segment", {.datatype = DatatypeOf(options_.datatype)}, rows_, {});
    if (!status.ok()) Fail(std::string(status.message()));
    const double seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    segment_ = Unwrap(SparseSealedSegment::Open(fs_.get(), "segment", {}));
    const double append_start = Seconds(CLOCK_THREAD_CPUTIME_ID);
    for (uint32_t i = 0; i < rows_.size(); ++i) growing_.Append(rows_.row(i), rows_.identity(i));
    std::printf(
        "{\"rows\": %u, \"datatype\": \"%s\", \"kernels\": \"%s\", \"build_cpu_seconds\": %.3f, "
        "\"append_cpu_us\": %.2f, \"disk_bytes_per_row\": %.1f}\n",
        rows_.size(), options_.datatype.c_str(), std::string(kernels::Kernels().name).c_str(), seconds,
        (Seconds(CLOCK_THREAD_CPUTIME_ID) - append_start) * 1e6 / rows_.size(),
        static_cast<double>(segment_->disk_bytes()) / rows_.size());
    WeightByIdf();
  }

  void Measure() {
    for (const auto& [weights, queries] : {std::pair{"equal", &plain_}, {"idf", &idf_}}) {
      Run({weights, queries, 1, false});
      Run({weights, queries, 1, true});
      for (const double share : options_.selectivities) Run({weights, queries, share, false});
    }
  }

 private:
  struct Measurement {
    const char* weights;
    const std::vector<SparseVector>* queries;
    double share;
    bool growing;
  };

  SparseShape ShapeOf(uint32_t terms, bool bm25) const {
    return {.vocabulary = options_.vocabulary, .terms = terms, .skew = options_.skew, .bm25 = bm25};
  }

  void WeightByIdf() {
    idf_ = plain_;
    for (SparseVector& query : idf_) {
      const DocumentFrequencies found = Unwrap(segment_->CountDocuments({.query = RefOf(query)}));
      for (size_t i = 0; i < query.values.size(); ++i) {
        const auto count = static_cast<double>(found.counts[i]), rows = static_cast<double>(found.rows);
        query.values[i] = static_cast<float>(std::log((rows - count + 0.5) / (count + 0.5) + 1));
      }
    }
  }

  void Run(const Measurement& what) {
    std::vector<uint32_t> accepted;
    const auto step = static_cast<uint32_t>(std::lround(1 / what.share));
    for (uint32_t row = 0; row < rows_.size(); row += step) accepted.push_back(row);
    const OrdinalSet set = OrdinalSet::FromSorted(std::move(accepted));
    std::vector<std::vector<RowHit>> answers;
    SearchStats stats;
    const double wall = Seconds(CLOCK_MONOTONIC), cpu = Seconds(CLOCK_THREAD_CPUTIME_ID);
    for (const SparseVector& query : *what.queries) {
      const SearchRequest request{.query = RefOf(query), .k = options_.k, .accept = what.share < 1 ? &set : nullptr};
      answers.push_back(Unwrap(what.growing ? growing_.Search(request, growing_.rows(), &stats)
                                            : segment_->SearchExact(request, &stats)));
    }
    const double count = static_cast<double>(answers.size());
    const double qps = count / (Seconds(CLOCK_MONOTONIC) - wall),
                 cpu_qps = count / (Seconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
    std::printf(
        "{\"weights\": \"%s\", \"part\": \"%s\", \"selectivity\": %g, \"recall\": %.5f, \"qps\": %.1f, "
        "\"cpu_qps\": %.1f, \"scored_per_query\": %.1f}\n",
        what.weights, what.growing ? "growing" : "sealed", what.share, Recall(what, answers, step), qps, cpu_qps,
        static_cast<double>(stats.rows_scored) / count);
    std::fflush(stdout);
  }

  // The share of true hits' scores that the first answers reach. Quantised weights are measured against true ones.
  double Recall(const Measurement& what, const std::vector<std::vector<RowHit>>& answers, uint32_t step) const {
    const size_t checked = std::min<size_t>(options_.checked, answers.size());
    double found = 0, expected = 0;
    for (size_t i = 0; i < checked; ++i) {
      const SparseTruth truth =
          SparseBruteForce(rows_, RefOf((*what.queries)[i]), options_.k, [&](uint32_t row) { return row % step == 0; });
      expected += static_cast<double>(truth.hits.size());
      for (const RowHit& hit : truth.hits)
        found +=
            std::any_of(answers[i].begin(), answers[i].end(), [&](const RowHit& given) { return given.row == hit.row; })
                ? 1
                : 0;
    }
    return expected == 0 ? 1 : found / expected;
  }

  const Options options_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  SparseArrayRows rows_;
  std::shared_ptr<SparseSealedSegment> segment_;
  SparseGrowingSegment growing_{0};
  std::vector<SparseVector> plain_, idf_;
};

}  // namespace
}  // namespace sextant::vector_index

int main(int argc, char** argv) {
  sextant::vector_index::Options options;
  CLI::App app("Recall and throughput of one segment of sparse vectors (synthetic, like BM25).");
  app.add_option("--rows", options.rows, "documents");
  app.add_option("--terms", options.terms, "terms a document, on average");
  app.add_option("--vocabulary", options.vocabulary, "different terms");
  app.add_option("--skew", options.skew, "exponent of the Zipf distribution");
  app.add_option("--queries", options.queries, "queries to run");
  app.add_option("--query-terms", options.query_terms, "terms a query");
  app.add_option("--checked", options.checked, "queries whose answers are compared with brute force");
  app.add_option("-k", options.k, "hits a query");
  app.add_option("--datatype", options.datatype, "float32, float16 or uint8");
  app.add_option("--selectivities", options.selectivities, "also measure filters that accept these shares")
      ->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  sextant::vector_index::Bench bench(options);
  bench.Build();
  bench.Measure();
  return 0;
}
