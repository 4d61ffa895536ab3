// Runs requests of the REST interface inside this process, without a socket: the whole way from the body to the body of
// the answer. Reads one JSON object a line from --requests: {"label", "method", "path", "body"}. Those without a label
// are the set-up, run once, in order; a label's are run one after another by one thread until --seconds have passed,
// after a first round whose answers are written to --answers, a line each. Waits for a line of standard input before
// each label, so that others can be measured in turns, and prints a JSON object after it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <future>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench_support.h"
#include "collection/node.h"
#include "service/service.h"
#include "types/json.h"
#include "wire/rest/router.h"

namespace sextant {
namespace {

struct Options {
  std::string requests, answers, storage = ":memory:";
  std::string clock = "wall";
  double seconds = 2;
  int repeats = 3;
};

struct Labelled {
  std::string label;
  std::vector<wire::Request> requests;
};

// What: a node with its router.
// Threads: one.
class Engine {
 public:
  explicit Engine(const std::string& storage) {
    collection::NodeOptions options;
    options.storage_path = storage;
    options.ephemeral = storage == ":memory:";
    auto node = collection::Node::Open(options);
    if (!node.ok()) Fail(std::string(node.status().message()));
    node_ = *std::move(node);
    service_ = std::make_unique<service::Service>(node_.get());
    wire::Router::Options router;
    router.service = service_.get();
    router.search = node_->search_executor();
    router.meta = node_->meta_executor();
    router_ = std::make_unique<wire::Router>(router);
  }
  ~Engine() {
    node_->search_executor()->Stop();
    node_->meta_executor()->Stop();
  }

  wire::Response Run(wire::Request request) const {
    std::promise<wire::Response> answer;
    router_->Handle(std::move(request), [&](wire::Response response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }

  // Until the collection at this path says green.
  void Settle(const std::string& path) const {
    while (true) {
      wire::Request request;
      request.method = "GET";
      request.path = path;
      if (Run(request).body.find("\"status\":\"green\"") != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

 private:
  std::unique_ptr<collection::Node> node_;
  std::unique_ptr<service::Service> service_;
  std::unique_ptr<wire::Router> router_;
};

wire::Request RequestOf(const Json& line) {
  wire::Request request;
  request.method = line.Find("method")->as_string();
  const std::string& target = line.Find("path")->as_string();
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  if (const Json* body = line.Find("body")) request.body = body->Dump();
  request.headers.push_back({"content-type", "application/json"});
  return request;
}

// Runs the set-up; returns the rest by label, in order of appearance.
std::vector<Labelled> ReadRequests(const Options& options, const Engine& engine) {
  std::ifstream file(options.requests);
  if (!file) Fail("cannot read " + options.requests);
  std::vector<Labelled> labelled;
  std::vector<std::string> settled;
  for (std::string text; std::getline(file, text);) {
    const auto line = Json::Parse(text);
    if (!line.ok()) Fail("not a JSON object: " + text.substr(0, 200));
    wire::Request request = RequestOf(*line);
    if (const Json* label = line->Find("label")) {
      if (labelled.empty() || labelled.back().label != label->as_string()) labelled.push_back({label->as_string(), {}});
      labelled.back().requests.push_back(std::move(request));
    } else if (request.method == "SETTLE") {
      engine.Settle(request.path);
      settled.push_back(request.path);
    } else if (const wire::Response response = engine.Run(std::move(request)); response.status != 200) {
      Fail("the set-up failed: " + response.body);
    }
  }
  // Tails are sealed when nothing was written for a while, see shard/shard_impl.h.
  std::this_thread::sleep_for(std::chrono::seconds(6));
  for (const std::string& path : settled) engine.Settle(path);
  return labelled;
}

// Of the wall, or of the CPU time of all threads, where other work shares the machine.
double Now(const Options& options) {
  return Seconds(options.clock == "cpu" ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC);
}

double RequestsPerSecond(const Engine& engine, const Labelled& kind, const Options& options) {
  const double start = Now(options);
  double elapsed = 0;
  uint64_t done = 0;
  while (elapsed < options.seconds) {
    for (const wire::Request& request : kind.requests) engine.Run(request);
    done += kind.requests.size();
    elapsed = Now(options) - start;
  }
  return static_cast<double>(done) / elapsed;
}

void Measure(const Options& options) {
  const Engine engine(options.storage);
  std::ofstream answers(options.answers);
  const std::vector<Labelled> kinds = ReadRequests(options, engine);
  for (const Labelled& kind : kinds) {
    for (const wire::Request& request : kind.requests) {
      const wire::Response response = engine.Run(request);
      if (response.status != 200) Fail(kind.label + ": " + response.body);
      answers << response.body << '\n';
    }
    for (int i = 0; i < options.repeats; ++i) {
      std::string go;
      std::getline(std::cin, go);
      Json out{Json::Object{}};
      out.Set("label", Json(kind.label));
      out.Set("requests", Json(uint64_t{kind.requests.size()}));
      out.Set("requests_per_second", Json(RequestsPerSecond(engine, kind, options)));
      std::printf("%s\n", out.Dump().c_str());
      std::fflush(stdout);
    }
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
  app.add_option("--seconds", options.seconds, "of each measurement");
  app.add_option("--repeats", options.repeats, "measurements of each kind");
  CLI11_PARSE(app, argc, argv);
  sextant::Measure(options);
  return 0;
}
