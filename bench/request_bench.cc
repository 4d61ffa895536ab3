// Runs requests of the REST interface inside this process, without a socket: the whole way from the body to the body of
// the answer. Reads one JSON object a line from --requests: {"label", "method", "path", "body"}. Those without a label
// are the set-up, run once, in order, after which a JSON object is printed: what opening the storage and each LOAD and
// SETTLE took. Then each line of standard input names a label to measure, so that others can be measured in turns: its
// requests are run one after another by one thread, again and again until --seconds have passed, and a JSON object is
// printed. The answers of a label's first round are appended to --answers, a line each.
//
// Four methods are this program's own. ASK is a POST of points/query that is decoded beforehand and goes to the
// service at once, on the calling thread: the search without the protocol. UPSERT is the same for a PUT of points,
// whose end it waits for. SETTLE waits until the collection at the path stays green. LOAD makes a collection's points
// of files, {"vectors": .npy, "payload": {field: .npy}, "count", "batch"}, ids counting from 0, and upserts them in
// batches; making the bodies is not part of its time.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench_support.h"
#include "engine/engine.h"
#include "types/json.h"
#include "vector_index/segment_testing.h"
#include "wire/rest/answer/answers.h"
#include "wire/rest/request/query/query_requests.h"
#include "wire/rest/request/write_requests.h"

namespace sextant {
namespace {

struct Options {
  std::string requests, answers, storage = ":memory:";
  std::string clock = "wall";
  double seconds = 2;
};

// A LOAD or SETTLE of the set-up: what it took, by the chosen clock.
struct Step {
  std::string method, path;
  double seconds = 0;
  uint64_t indexed_vectors = 0;  // afterwards, of a SETTLE
};

constexpr char kAsk[] = "ASK";
constexpr char kUpsert[] = "UPSERT";
constexpr char kSettle[] = "SETTLE";
constexpr char kLoad[] = "LOAD";

// What: wall time, or CPU time where other work shares the machine.
class Clock {
 public:
  explicit Clock(const std::string& kind) : cpu_(kind == "cpu") {}
  double Now() const { return Seconds(cpu_ ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC); }
  // Of the calling thread alone: what its own work adds to Now.
  double ThreadNow() const { return Seconds(cpu_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC); }

 private:
  bool cpu_;
};

wire::Request MakeRequest(std::string method, const std::string& target, std::string body) {
  wire::Request request;
  request.method = std::move(method);
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  request.body = std::move(body);
  request.headers.push_back({"content-type", "application/json"});
  return request;
}

// A request that is measured.
struct Prepared {
  wire::Request request;
  std::optional<service::QueryRequest> query;  // decoded, of an ASK
  std::optional<shard::Operation> write;       // decoded, of an UPSERT
  std::string collection;                      // of these
};

Prepared Prepare(const std::string& method, const std::string& path, const Json* body) {
  Prepared prepared{.request = MakeRequest(method, path, body != nullptr ? body->Dump() : ""),
                    .query = {},
                    .write = {},
                    .collection = {}};
  if (method == kAsk) {
    auto query = wire::DecodeQuery(prepared.request.body);
    if (!query.ok()) Fail(std::string(query.status().message()));
    prepared.query = *std::move(query);
  } else if (method == kUpsert) {
    auto write = wire::DecodeUpsert(prepared.request.body);
    if (!write.ok()) Fail(std::string(write.status().message()));
    prepared.write = *std::move(write);
  } else {
    return prepared;
  }
  const size_t begin = path.find('/', 1) + 1;
  prepared.collection = path.substr(begin, path.find('/', begin) - begin);
  return prepared;
}

// What: an engine and what this program asks of it.
// Threads: one.
class Asker {
 public:
  Asker(const std::string& storage, const Clock& clock) : clock_(clock) {
    collection::NodeOptions options;
    options.storage_path = storage;
    options.ephemeral = storage == ":memory:";
    auto engine = Engine::Open(options);
    if (!engine.ok()) Fail(std::string(engine.status().message()));
    engine_ = *std::move(engine);
  }

  // The body of the answer, which must be a success.
  std::string Run(wire::Request request) const {
    if (request.method == kSettle) {
      Settle(request.path);
      return "{}";
    }
    const std::string name = request.method + " " + request.path;
    std::promise<wire::Response> answer;
    engine_->router().Handle(std::move(request),
                             [&](wire::Response response) { answer.set_value(std::move(response)); });
    wire::Response response = answer.get_future().get();
    if (response.status != 200) Fail(name + ": " + response.body);
    return std::move(response.body);
  }

  struct Settled {
    double time = 0;  // at which it became green
    uint64_t indexed_vectors = 0;
  };
  std::string Run(const Prepared& prepared) const {
    if (prepared.write) return Write(prepared);
    if (!prepared.query) return Run(prepared.request);
    const auto hits = engine_->service()->Query(prepared.collection, *prepared.query, {});
    if (!hits.ok()) Fail(std::string(hits.status().message()));
    return R"({"result":)" + wire::EncodePoints(*hits) + "}";
  }

  // Waits until the collection at this path stays green.
  Settled Settle(const std::string& path) const {
    // Tails are sealed when nothing was written for a while, see shard/shard_impl.h.
    constexpr std::chrono::seconds kQuiet(6);
    constexpr std::chrono::milliseconds kPause(50);
    auto last_busy = std::chrono::steady_clock::now();
    Settled settled{.time = clock_.Now()};
    while (std::chrono::steady_clock::now() - last_busy < kQuiet) {
      const auto answer = Json::Parse(Run(MakeRequest("GET", path, "")));
      if (!answer.ok()) Fail(std::string(answer.status().message()));
      const Json& info = *answer->Find("result");
      settled.indexed_vectors = info.Find("indexed_vectors_count")->as_uint();
      if (info.Find("status")->as_string() != "green") {
        last_busy = std::chrono::steady_clock::now();
        settled.time = clock_.Now();
      }
      std::this_thread::sleep_for(kPause);
    }
    return settled;
  }

 private:
  std::string Write(const Prepared& prepared) const {
    std::promise<Status> answer;
    engine_->service()->Write(prepared.collection, *prepared.write, {.wait = true},
                              [&](const auto& result) { answer.set_value(result.status()); });
    const Status status = answer.get_future().get();
    if (!status.ok()) Fail(std::string(status.message()));
    return "{}";
  }

  const Clock clock_;
  std::unique_ptr<Engine> engine_;
};

// What: the points that a LOAD describes, as bodies of upserts.
class PointFiles {
 public:
  explicit PointFiles(const Json& description) {
    const uint32_t count =
        description.Find("count") ? static_cast<uint32_t>(description.Find("count")->as_uint()) : UINT32_MAX;
    vectors_ = LoadMatrix(description.Find("vectors")->as_string(), count);
    for (const auto& [field, path] : description.Find("payload")->object())
      fields_.emplace_back(field, LoadMatrix(path.as_string(), count));
  }
  uint32_t size() const { return vectors_.rows; }

  std::string Body(uint32_t first, uint32_t end) const {
    std::string body = R"({"points":[)";
    for (uint32_t row = first; row < end; ++row) {
      if (row > first) body += ',';
      body += R"({"id":)";
      AppendJsonNumber(uint64_t{row}, &body);
      body += R"(,"vector":[)";
      for (uint32_t i = 0; i < vectors_.columns; ++i) {
        if (i > 0) body += ',';
        AppendJsonNumber(vectors_.values[size_t{row} * vectors_.columns + i], &body);
      }
      body += R"(],"payload":{)";
      for (size_t i = 0; i < fields_.size(); ++i) {
        if (i > 0) body += ',';
        AppendJsonString(fields_[i].first, &body);
        body += ':';
        AppendJsonNumber(fields_[i].second.values[row], &body);
      }
      body += "}}";
    }
    return body + "]}";
  }

 private:
  vector_index::NpyMatrix vectors_;
  std::vector<std::pair<std::string, vector_index::NpyMatrix>> fields_;
};

// What it took, making the bodies aside.
double Load(const Asker& asker, const Clock& clock, const std::string& path, const Json& description) {
  const PointFiles points(description);
  const auto batch = static_cast<uint32_t>(description.Find("batch")->as_uint());
  const double start = clock.Now();
  double making = 0;
  for (uint32_t first = 0; first < points.size(); first += batch) {
    const double before = clock.ThreadNow();
    std::string body = points.Body(first, std::min(points.size(), first + batch));
    making += clock.ThreadNow() - before;
    asker.Run(MakeRequest("PUT", path + "/points?wait=true", std::move(body)));
  }
  return clock.Now() - start - making;
}

// What: the lines of --requests: the set-up, done while they are read, and the requests to measure.
class Lines {
 public:
  Lines(const Options& options, const Asker& asker, const Clock& clock) : asker_(asker), clock_(clock) {
    std::ifstream file(options.requests);
    if (!file) Fail("cannot read " + options.requests);
    for (std::string text; std::getline(file, text);) {
      const auto line = Json::Parse(text);
      if (!line.ok()) Fail("not a JSON object: " + text.substr(0, 200));
      Take(*line);
    }
  }

  const std::vector<Step>& steps() const { return steps_; }
  // In order.
  const std::vector<Prepared>& OfLabel(const std::string& label) const {
    const auto found = labelled_.find(label);
    if (found == labelled_.end()) Fail("no requests of label " + label);
    return found->second;
  }

 private:
  void Take(const Json& line) {
    const std::string& method = line.Find("method")->as_string();
    const std::string& path = line.Find("path")->as_string();
    const Json* body = line.Find("body");
    if (const Json* label = line.Find("label")) {
      labelled_[label->as_string()].push_back(Prepare(method, path, body));
    } else if (method == kSettle) {
      const double start = clock_.Now();
      const Asker::Settled settled = asker_.Settle(path);
      steps_.push_back({method, path, settled.time - start, settled.indexed_vectors});
    } else if (method == kLoad) {
      steps_.push_back({method, path, Load(asker_, clock_, path, *body), 0});
    } else {
      asker_.Run(MakeRequest(method, path, body != nullptr ? body->Dump() : ""));
    }
  }

  const Asker& asker_;
  const Clock& clock_;
  std::vector<Step> steps_;
  std::map<std::string, std::vector<Prepared>> labelled_;
};

void Print(const Json& line) {
  std::printf("%s\n", line.Dump().c_str());
  std::fflush(stdout);
}

// Rate and latencies of one measurement. Answers of its first round go to `answers` unless that is null.
Json MeasureOnce(const Asker& asker, const Clock& clock, const std::vector<Prepared>& requests, const Options& options,
                 std::ostream* answers) {
  std::vector<double> latencies;
  std::vector<std::string> first_answers;
  const double start = clock.Now();
  double before = start;
  do {
    for (const Prepared& request : requests) {
      std::string answer = asker.Run(request);
      if (latencies.size() < requests.size()) first_answers.push_back(std::move(answer));
      const double now = clock.Now();
      latencies.push_back(now - before);
      before = now;
    }
  } while (before - start < options.seconds);
  if (answers != nullptr)
    for (const std::string& answer : first_answers) *answers << answer << '\n';
  Json out{Json::Object{}};
  out.Set("requests_per_second", Json(static_cast<double>(latencies.size()) / (before - start)));
  out.Set("first_seconds", Json(latencies.front()));
  std::sort(latencies.begin(), latencies.end());
  out.Set("p50_seconds", Json(latencies[latencies.size() / 2]));
  out.Set("p95_seconds", Json(latencies[latencies.size() * 95 / 100]));
  return out;
}

// Resident bytes of this process that no file backs.
uint64_t AnonymousBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
  Fail("no RssAnon in /proc/self/status");
}

void Measure(const Options& options) {
  const Clock clock(options.clock);
  const uint64_t anonymous = AnonymousBytes();
  const double start = clock.Now();
  const Asker asker(options.storage, clock);
  Json ready{Json::Object{}};
  ready.Set("open_seconds", Json(clock.Now() - start));
  ready.Set("anonymous_bytes_before", Json(anonymous));
  const Lines lines(options, asker, clock);
  Json::Array steps;
  for (const Step& step : lines.steps())
    steps.push_back(Json::Object{{"method", step.method},
                                 {"path", step.path},
                                 {"seconds", step.seconds},
                                 {"indexed_vectors", step.indexed_vectors}});
  ready.Set("steps", Json(std::move(steps)));
  Print(ready);
  std::ofstream answers(options.answers);
  std::set<std::string> answered;
  for (std::string label; std::getline(std::cin, label);) {
    const bool is_first = answered.insert(label).second;
    Json report = MeasureOnce(asker, clock, lines.OfLabel(label), options, is_first ? &answers : nullptr);
    report.Set("label", Json(label));
    Print(report);
  }
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  sextant::Options options;
  CLI::App app("Measures requests inside this process");
  app.add_option("--requests", options.requests)->required();
  app.add_option("--answers", options.answers)->required();
  app.add_option("--storage", options.storage);
  app.add_option("--clock", options.clock)->check(CLI::IsMember({"wall", "cpu"}));
  app.add_option("--seconds", options.seconds, "of each measurement; each request runs at least once");
  CLI11_PARSE(app, argc, argv);
  sextant::Measure(options);
  return 0;
}
