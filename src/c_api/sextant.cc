#include "c_api/sextant.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "c_api/answer.h"
#include "c_api/point_columns.h"
#include "c_api/search_batch.h"
#include "c_api/write_window.h"
#include "engine/engine.h"
#include "runtime/log.h"
#include "wire/rest/answer/answers.h"

struct sextant_engine {
  std::unique_ptr<sextant::Engine> engine;
  pid_t owner = 0;
};

namespace sextant::c_api {
namespace {

// The process that opened the first engine. Threads of the storage library, which its children by fork lack, last as
// long as the process.
std::atomic<pid_t> first_owner{0};
std::atomic<bool> log_level_is_chosen{false};

// The threads of the storage library are not in a child by fork, whose exit would wait for them for ever in that
// library's destructors: it leaves without them.
void LeaveAtOnce(int status, void* /*unused*/) {
  std::fflush(nullptr);
  _exit(status);
}

void AfterForkInChild() {
  on_exit(LeaveAtOnce, nullptr);
}

// What the body of a function of the interface returns, as a Status: nothing is thrown into the caller's language.
template <typename Body>
int32_t Guard(sextant_answer** answer, Body&& body) {
  if (answer != nullptr) *answer = nullptr;
  try {
    return Answer(body(), answer);
  } catch (const std::exception& error) {
    return Answer(Internal(std::string("the call failed unexpectedly: ") + error.what()), answer);
  }
}

template <typename Struct>
Status CheckStruct(const Struct* given, std::string_view name) {
  if (given == nullptr) return WrongInput(std::string(name) + " is missing");
  if (given->struct_size < sizeof(Struct))
    return WrongInput(std::string(name) + ": struct_size is not the size of the structure");
  return OkStatus();
}

Status CheckEngine(const sextant_engine* engine) {
  if (engine == nullptr) return WrongInput("engine is missing");
  if (engine->owner != getpid())
    return Unavailable("this process was forked from the one that opened the engine; open one after the fork");
  return OkStatus();
}

Status Open(const sextant_options* options, sextant_engine** engine) {
  RETURN_IF_ERROR(CheckStruct(options, "options"));
  if (engine == nullptr) return WrongInput("engine is missing");
  pid_t none = 0;
  if (!first_owner.compare_exchange_strong(none, getpid()) && none != getpid())
    return Unavailable(
        "this process was forked from one that had opened an engine, whose threads it lacks; start it with exec "
        "(multiprocessing: `spawn` or `forkserver`), or open the first engine after the fork");
  static const int kWatchesForks = pthread_atfork(nullptr, nullptr, AfterForkInChild);
  if (kWatchesForks != 0) return Internal("cannot watch for forks: there is no memory");
  if (!log_level_is_chosen) SetLogLevel(LogLevel::kWarning);
  collection::NodeOptions node;
  node.ephemeral = options->path == nullptr;
  if (options->path != nullptr) node.storage_path = options->path;
  node.sync = options->no_sync == 0;
  node.search_threads = options->search_threads;
  node.build_threads = options->build_threads;
  node.memory_limit_bytes = options->memory_limit_bytes;
  auto made = std::make_unique<sextant_engine>();
  ASSIGN_OR_RETURN(made->engine, Engine::Open(node, Engine::ReadsRun::kOnCaller));
  made->owner = getpid();
  *engine = made.release();
  return OkStatus();
}

std::string_view View(const char* text) {
  return text != nullptr ? text : "";
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::vector<wire::Header> SplitHeaders(std::string_view text) {
  std::vector<wire::Header> headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      headers.push_back({Lower(line.substr(0, colon)), std::string(line.substr(colon + 2))});
  }
  return headers;
}

wire::Request RequestOf(const sextant_request& request) {
  const std::string_view target = View(request.target);
  const size_t mark = target.find('?');
  wire::Request made;
  made.method = View(request.method);
  made.path = target.substr(0, mark);
  if (mark != std::string_view::npos) made.query = target.substr(mark + 1);
  made.headers = SplitHeaders(View(request.headers));
  if (request.body != nullptr) made.body.assign(request.body, request.body_size);
  return made;
}

Result<service::UpdateResult> Upsert(sextant_engine* engine, const char* collection, const sextant_points* points) {
  RETURN_IF_ERROR(CheckEngine(engine));
  RETURN_IF_ERROR(CheckStruct(points, "points"));
  ASSIGN_OR_RETURN(PointColumns columns, PointColumns::Open(*points));
  WriteWindow window(engine->engine->service(), std::string(View(collection)));
  for (uint64_t begin = 0; begin < columns.size(); begin += columns.batch_rows()) {
    ASSIGN_OR_RETURN(auto operation, columns.Upsert(begin, std::min(columns.size(), begin + columns.batch_rows())));
    if (!window.Push(std::move(operation))) break;
  }
  return window.Finish();
}

Status Search(sextant_engine* engine, const char* collection, const sextant_search* search, const sextant_hits* hits) {
  RETURN_IF_ERROR(CheckEngine(engine));
  RETURN_IF_ERROR(CheckStruct(search, "search"));
  RETURN_IF_ERROR(CheckStruct(hits, "hits"));
  return SearchBatch(*engine->engine->service(), std::string(View(collection)), *search, *hits);
}

}  // namespace
}  // namespace sextant::c_api

namespace c_api = sextant::c_api;

uint32_t sextant_abi_version(void) {
  return 1;
}

const char* sextant_version(void) {
  return SEXTANT_VERSION;
}

int32_t sextant_set_log_level(const char* level) {
  sextant::LogLevel parsed{};
  if (!sextant::ParseLogLevel(c_api::View(level), &parsed)) return 400;
  c_api::log_level_is_chosen = true;
  sextant::SetLogLevel(parsed);
  return 200;
}

int32_t sextant_open(const sextant_options* options, sextant_engine** engine, sextant_answer** answer) {
  return c_api::Guard(answer, [&] { return c_api::Open(options, engine); });
}

// A child by fork leaves it be: its threads are in another process, its files in use there.
void sextant_close(sextant_engine* engine) {
  if (engine != nullptr && engine->owner == getpid()) delete engine;
}

int32_t sextant_send(sextant_engine* engine, const sextant_request* request, sextant_answer** answer) {
  sextant::wire::Response response;
  const int32_t refused = c_api::Guard(answer, [&]() -> sextant::Status {
    RETURN_IF_ERROR(c_api::CheckEngine(engine));
    RETURN_IF_ERROR(c_api::CheckStruct(request, "request"));
    std::promise<sextant::wire::Response> done;
    engine->engine->router().Handle(c_api::RequestOf(*request),
                                    [&](sextant::wire::Response made) { done.set_value(std::move(made)); });
    response = done.get_future().get();
    return sextant::OkStatus();
  });
  return refused != 200 ? refused : c_api::Answer(std::move(response), answer);
}

int32_t sextant_upsert(sextant_engine* engine, const char* collection, const sextant_points* points,
                       sextant_answer** answer) {
  std::string result;
  const int32_t status = c_api::Guard(answer, [&]() -> sextant::Status {
    ASSIGN_OR_RETURN(const auto update, c_api::Upsert(engine, collection, points));
    result = sextant::wire::EncodeUpdateResult(update);
    return sextant::OkStatus();
  });
  if (status != 200) return status;
  return c_api::Answer({200, {}, R"({"result":)" + result + R"(,"status":"ok"})"}, answer);
}

int32_t sextant_search_batch(sextant_engine* engine, const char* collection, const sextant_search* search,
                             const sextant_hits* hits, sextant_answer** answer) {
  return c_api::Guard(answer, [&] { return c_api::Search(engine, collection, search, hits); });
}

int32_t sextant_status(const sextant_answer* answer) {
  return answer->status;
}

const char* sextant_body(const sextant_answer* answer, size_t* size) {
  if (size != nullptr) *size = answer->body.size();
  return answer->body.c_str();
}

const char* sextant_headers(const sextant_answer* answer, size_t* size) {
  if (size != nullptr) *size = answer->headers.size();
  return answer->headers.c_str();
}

void sextant_free(sextant_answer* answer) {
  delete answer;
}
