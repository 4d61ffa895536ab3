// Loads vectors into a collection of a running server over gRPC, at a fixed rate or as fast as it goes, and waits for
// every acknowledgement. Point i is row i of the file. Prints a JSON object a second: points acknowledged and seconds,
// and how far the load is behind its rate.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench_support.h"
#include "points_connection.h"
#include "vector_index/segment_testing.h"

namespace sextant {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string vectors, collection, target;
  uint32_t count = UINT32_MAX;
  uint32_t batch = 256;
  int connections = 1;
  double rate = 0;
};

// What: sends the batches of one file, each once, from several threads.
// Threads: Send from several.
class Load {
 public:
  Load(const Options& options, const vector_index::NpyMatrix& vectors) : options_(options), vectors_(vectors) {}

  void Send(int connection) {
    const auto stub = Connect(options_.target, connection);
    for (;;) {
      const uint32_t first = next_.fetch_add(options_.batch);
      if (first >= vectors_.rows) return;
      if (options_.rate > 0) std::this_thread::sleep_until(DueAt(first));
      SendBatch(stub.get(), first, std::min(vectors_.rows, first + options_.batch));
    }
  }

  void Report() const {
    const uint32_t done = acknowledged_;
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double behind = options_.rate > 0 ? std::max(0.0, seconds - done / options_.rate) : 0;
    std::printf("{\"acknowledged\": %u, \"seconds\": %.2f, \"seconds_behind\": %.2f}\n", done, seconds, behind);
    std::fflush(stdout);
  }

  bool done() const { return acknowledged_ == vectors_.rows; }

 private:
  Clock::time_point DueAt(uint32_t row) const {
    return start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(row / options_.rate));
  }

  void SendBatch(qdrant::Points::Stub* stub, uint32_t first, uint32_t end) {
    qdrant::UpsertPoints request;
    request.set_collection_name(options_.collection);
    request.set_wait(true);
    for (uint32_t row = first; row < end; ++row) {
      qdrant::PointStruct* const point = request.add_points();
      point->mutable_id()->set_num(row);
      const float* const values = vectors_.values.data() + size_t{row} * vectors_.columns;
      point->mutable_vectors()->mutable_vector()->mutable_dense()->mutable_data()->Add(values,
                                                                                       values + vectors_.columns);
    }
    // A full memory budget is answered with RESOURCE_EXHAUSTED: the client's part is to come again.
    for (;;) {
      grpc::ClientContext context;
      qdrant::PointsOperationResponse response;
      const grpc::Status status = stub->Upsert(&context, request, &response);
      if (status.ok()) break;
      if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) Fail(status.error_message());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    acknowledged_ += end - first;
  }

  const Options& options_;
  const vector_index::NpyMatrix& vectors_;
  const Clock::time_point start_ = Clock::now();
  std::atomic<uint32_t> next_{0};
  std::atomic<uint32_t> acknowledged_{0};
};

void Run(const Options& options) {
  const vector_index::NpyMatrix vectors = LoadMatrix(options.vectors, options.count);
  Load load(options, vectors);
  std::vector<std::thread> threads;
  for (int i = 0; i < options.connections; ++i) threads.emplace_back([&load, i] { load.Send(i); });
  while (!load.done()) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    load.Report();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  sextant::Options options;
  CLI::App app("Loads vectors into a collection over gRPC");
  app.add_option("--vectors", options.vectors, ".npy [n, dim], f16 or f32")->required();
  app.add_option("--collection", options.collection)->required();
  app.add_option("--target", options.target, "host:port of a server")->required();
  app.add_option("--count", options.count, "use the first COUNT vectors");
  app.add_option("--rate", options.rate, "vectors a second; 0: as fast as it goes");
  app.add_option("--batch", options.batch, "points a request");
  app.add_option("--connections", options.connections);
  CLI11_PARSE(app, argc, argv);
  sextant::Run(options);
  return 0;
}
