// The same nearest-neighbour queries over gRPC and inside this process, for what the protocols cost. With --target it
// sends them to a server, one after another over each of --connections connections; with --storage it opens that node's
// data (no server may run over it) and asks the service layer for them, decoded before, on one thread. Prints a JSON
// object: requests, seconds, the CPU seconds of this process, and the latencies of 50, 95 and 99 % in milliseconds.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "bench_support.h"
#include "collection/node.h"
#include "points_connection.h"
#include "service/service.h"
#include "vector_index/segment_testing.h"
#include "wire/grpc/convert/query/convert_queries.h"

namespace sextant {
namespace {

struct Options {
  std::string queries, collection, target, storage;
  int connections = 1;
  double seconds = 5;
};

std::vector<qdrant::QueryPoints> MakeQueries(const Options& options) {
  const vector_index::NpyMatrix vectors = LoadMatrix(options.queries);
  std::vector<qdrant::QueryPoints> queries(vectors.rows);
  for (uint32_t i = 0; i < vectors.rows; ++i) {
    queries[i].set_collection_name(options.collection);
    queries[i].set_limit(10);
    const float* const values = vectors.values.data() + size_t{i} * vectors.columns;
    queries[i].mutable_query()->mutable_nearest()->mutable_dense()->mutable_data()->Add(values,
                                                                                        values + vectors.columns);
  }
  return queries;
}

// Seconds that each request took.
using Latencies = std::vector<double>;

// Calls ask(i) for query after query until the time is over.
template <typename Ask>
Latencies AskUntil(double end, size_t queries, Ask&& ask) {
  Latencies latencies;
  for (double start = Seconds(CLOCK_MONOTONIC); start < end;) {
    ask(latencies.size() % queries);
    const double now = Seconds(CLOCK_MONOTONIC);
    latencies.push_back(now - start);
    start = now;
  }
  return latencies;
}

// Milliseconds. Sorts.
double Percentile(Latencies* latencies, double share) {
  if (latencies->empty()) return 0;
  std::sort(latencies->begin(), latencies->end());
  return 1e3 * (*latencies)[static_cast<size_t>(share * static_cast<double>(latencies->size() - 1))];
}

// Calls run(end) and prints what came of it; run returns the latencies of its requests.
template <typename Run>
void Measure(const Options& options, Run&& run) {
  const double wall = Seconds(CLOCK_MONOTONIC), cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  Latencies latencies = run(wall + options.seconds);
  std::printf(
      "{\"requests\": %zu, \"seconds\": %.3f, \"cpu_seconds\": %.3f, \"p50\": %.3f, \"p95\": %.3f, \"p99\": %.3f}\n",
      latencies.size(), Seconds(CLOCK_MONOTONIC) - wall, Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
      Percentile(&latencies, 0.5), Percentile(&latencies, 0.95), Percentile(&latencies, 0.99));
}

Latencies AskServer(const Options& options, const std::vector<qdrant::QueryPoints>& queries, double end) {
  std::vector<Latencies> latencies(static_cast<size_t>(options.connections));
  std::vector<std::thread> threads;
  for (int i = 0; i < options.connections; ++i)
    threads.emplace_back([&, i] {
      const auto stub = Connect(options.target, i);
      latencies[static_cast<size_t>(i)] = AskUntil(end, queries.size(), [&](size_t query) {
        grpc::ClientContext context;
        qdrant::QueryResponse response;
        const grpc::Status status = stub->Query(&context, queries[query], &response);
        if (!status.ok()) Fail(status.error_message());
        if (response.result_size() == 0) Fail("an answer without points");
      });
    });
  for (std::thread& thread : threads) thread.join();
  Latencies all;
  for (const Latencies& some : latencies) all.insert(all.end(), some.begin(), some.end());
  return all;
}

void AskInProcess(const Options& options, const std::vector<qdrant::QueryPoints>& queries) {
  collection::NodeOptions node_options;
  node_options.storage_path = options.storage;
  auto node = collection::Node::Open(node_options);
  if (!node.ok()) Fail(std::string(node.status().message()));
  const service::Service service(node->get());
  std::vector<service::QueryRequest> requests;
  for (const qdrant::QueryPoints& query : queries) requests.push_back(*wire::ConvertQuery(query));
  const auto ask = [&](size_t query) {
    const auto points = service.Query(queries[query].collection_name(), requests[query], {});
    if (!points.ok() || points->empty()) Fail("a query failed");
  };
  for (size_t query = 0; query < queries.size(); ++query) ask(query);  // pages of a fresh process
  Measure(options, [&](double end) { return AskUntil(end, queries.size(), ask); });
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  sextant::Options options;
  CLI::App app("Measures queries over gRPC or inside this process");
  app.add_option("--queries", options.queries, ".npy [n, dim]")->required();
  app.add_option("--collection", options.collection)->required();
  app.add_option("--target", options.target, "host:port of a server");
  app.add_option("--storage", options.storage, "a node's data");
  app.add_option("--connections", options.connections);
  app.add_option("--seconds", options.seconds);
  CLI11_PARSE(app, argc, argv);
  const auto queries = sextant::MakeQueries(options);
  if (options.target.empty()) {
    sextant::AskInProcess(options, queries);
  } else {
    sextant::Measure(options, [&](double end) { return sextant::AskServer(options, queries, end); });
  }
  return 0;
}
