#include "wire/rest/router.h"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/executor.h"
#include "runtime/log.h"
#include "service/checks/names.h"
#include "service/service.h"
#include "types/json.h"
#include "wire/recall_header.h"
#include "wire/rest/answer/answers.h"
#include "wire/rest/answer/explanation.h"
#include "wire/rest/error.h"
#include "wire/rest/query_options.h"
#include "wire/rest/routes.h"

namespace sextant::wire {
namespace {

using CallPointer = std::shared_ptr<Call>;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Answer(const Call& call, std::string_view result) {
  Response response;
  response.headers.push_back({"content-type", "application/json"});
  if (!call.request.HeaderValue(kStatsHeader).empty())
    response.headers.push_back({kStatsHeader, EncodeStats(call.stats)});
  response.body.reserve(result.size() + call.explanation.size() + 64);
  response.body.append("{\"result\":").append(result);
  if (!call.explanation.empty()) response.body.append(",\"explain\":").append(call.explanation);
  response.body.append(",\"status\":\"ok\",\"time\":");
  AppendJsonNumber(SecondsSince(call.start), &response.body);
  response.body.push_back('}');
  call.done(std::move(response));
}

// Requests that were not understood have taken no time, as far as clients are concerned.
void Refuse(const Call& call, const ApiError& error) {
  call.done(ErrorResponse(error, 0.0));
}

void Fail(const Call& call, const Status& status) {
  call.done(ErrorResponse(ToApiError(status), SecondsSince(call.start)));
}

void AnswerResult(const Call& call, const Result<std::string>& result) {
  if (result.ok())
    Answer(call, *result);
  else
    Fail(call, result.status());
}

// The last catch of a request. `work` answers the call exactly once unless it throws, which it only does before that.
template <typename Work>
void Guard(const Call& call, Work&& work) {
  try {
    work();
  } catch (const std::exception& error) {
    LogError("request " + call.request.method + " " + call.request.path + " failed: " + error.what());
    Fail(call, Internal("the request failed unexpectedly"));
  }
}

bool IsParameter(std::string_view segment) {
  return segment == "{}";
}

// Whether the segments have the pattern's shape; fills in what stands for `{}`.
bool Matches(std::string_view pattern, const std::vector<std::string>& segments, std::vector<std::string>* parameters) {
  parameters->clear();
  size_t at = 0;
  while (pattern.size() > 1) {
    pattern.remove_prefix(1);  // the slash
    const std::string_view expected = pattern.substr(0, pattern.find('/'));
    if (at == segments.size()) return false;
    if (IsParameter(expected))
      parameters->push_back(segments[at]);
    else if (segments[at] != expected)
      return false;
    ++at;
    pattern.remove_prefix(expected.size());
  }
  return at == segments.size();
}

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> parameters;
  std::string allowed;  // methods of the same path, when none fits
};

Found FindRoute(std::string_view method, const std::vector<std::string>& segments) {
  Found found;
  std::vector<std::string> parameters;
  for (const Route& route : Routes()) {
    if (!Matches(route.pattern, segments, &parameters)) continue;
    if (route.method != method) {
      found.allowed.append(found.allowed.empty() ? "" : ", ").append(route.method);
    } else if (found.route == nullptr || parameters.size() < found.parameters.size()) {
      found.route = &route;
      found.parameters = parameters;
    }
  }
  return found;
}

void RefuseUnknown(const Call& call, const std::string& allowed) {
  const std::string what = call.request.method + " " + call.request.path;
  if (allowed.empty()) return Refuse(call, {404, "Not found: there is no endpoint " + what});
  Response response = ErrorResponse({405, "Method not allowed: there is no endpoint " + what}, 0.0);
  response.headers.push_back({"allow", allowed});
  call.done(std::move(response));
}

// A body in another format than JSON is refused; one of no stated format is tried.
bool IsJson(const Request& request) {
  const std::string_view type = request.HeaderValue("content-type");
  const std::string_view media = type.substr(0, type.find_first_of("; "));
  return media.empty() || media == "application/json" || media.ends_with("+json");
}

void RunOn(Executor* executor, std::function<void()> task) {
  if (executor != nullptr)
    executor->Post(std::move(task));
  else
    task();
}

// Finds the place for each kind of handler and runs it there.
class Dispatch {
 public:
  Dispatch(const Router::Options& options, CallPointer call) : options_(options), call_(std::move(call)) {}

  void operator()(PlainHandler handler) const { call_->done(handler()); }

  void operator()(MetaHandler handler) const {
    const auto checked = CheckMetaOptions(call_->query);
    if (const auto* error = std::get_if<ApiError>(&checked)) return Refuse(*call_, *error);
    RunOn(options_.meta, [service = options_.service, call = call_, handler] {
      Guard(*call, [&] { AnswerResult(*call, handler(*service, *call)); });
    });
  }

  void operator()(ChangeHandler handler) const {
    const auto parsed = ParseWriteOptions(call_->query);
    if (const auto* error = std::get_if<ApiError>(&parsed)) return Refuse(*call_, *error);
    RunOn(options_.meta, [service = options_.service, call = call_, handler, write = std::get<0>(parsed)] {
      Guard(*call, [&] { AnswerResult(*call, handler(*service, *call, write)); });
    });
  }

  void operator()(ReadHandler handler) const {
    auto parsed = ParseReadOptions(call_->query);
    if (const auto* error = std::get_if<ApiError>(&parsed)) return Refuse(*call_, *error);
    service::ReadOptions& options = std::get<0>(parsed);
    const auto recall_target = ParseRecallTarget(call_->request.HeaderValue(kRecallTargetHeader));
    if (!recall_target.ok()) return Refuse(*call_, ToApiError(recall_target.status()));
    options.recall_target = *recall_target;
    RunOn(options_.search, [service = options_.service, call = call_, handler, read = options] {
      Guard(*call, [&] { AnswerResult(*call, handler(*service, *call, read)); });
    });
  }

  void operator()(WriteHandler handler) const { StartWrite(handler); }
  void operator()(WriteBatchHandler handler) const { StartWrite(handler); }

 private:
  template <typename Handler>
  void StartWrite(Handler handler) const {
    const auto parsed = ParseWriteOptions(call_->query);
    if (const auto* error = std::get_if<ApiError>(&parsed)) return Refuse(*call_, *error);
    auto write = [service = options_.service, call = call_, handler, options = std::get<0>(parsed)] {
      Guard(*call, [&] { Write(*service, call, handler, options); });
    };
    if (call_->request.body.size() <= options_.inline_body_bytes)
      write();
    else
      RunOn(options_.search, std::move(write));
  }

  static void Write(service::Service& service, const CallPointer& call, WriteHandler handler,
                    const service::WriteOptions& options) {
    auto operation = handler(*call);
    if (!operation.ok()) return Fail(*call, operation.status());
    call->request.body = std::string();  // the operation may wait in a queue for long; its text need not
    service.Write(call->parameters[0], *std::move(operation), options, [call](Result<service::UpdateResult> result) {
      if (result.ok())
        Answer(*call, EncodeUpdateResult(*result));
      else
        Fail(*call, result.status());
    });
  }

  static void Write(service::Service& service, const CallPointer& call, WriteBatchHandler handler,
                    const service::WriteOptions& options) {
    auto operations = handler(*call);
    if (!operations.ok()) return Fail(*call, operations.status());
    call->request.body = std::string();
    service.WriteBatch(call->parameters[0], *std::move(operations), options,
                       [call](Result<std::vector<service::UpdateResult>> results) {
                         if (results.ok())
                           Answer(*call, EncodeUpdateResults(*results));
                         else
                           Fail(*call, results.status());
                       });
  }

  const Router::Options& options_;
  CallPointer call_;
};

}  // namespace

void Router::Handle(Request request, ResponseCallback done) const {
  auto call = std::make_shared<Call>();
  call->start = std::chrono::steady_clock::now();
  call->request = std::move(request);
  call->done = std::move(done);
  Guard(*call, [&] {
    Found found = FindRoute(call->request.method, SplitPath(call->request.path));
    if (found.route == nullptr) return RefuseUnknown(*call, found.allowed);
    call->parameters = std::move(found.parameters);
    call->query = SplitQuery(call->request.query);
    if (!call->parameters.empty()) {
      // The service checks names too; here it is known that this one stood in the path.
      if (Status name = service::CheckName(call->parameters[0]); !name.ok())
        return Refuse(*call, {422, "Validation error in path parameters: " + std::string(name.message())});
    }
    if (!call->request.body.empty() && !IsJson(call->request))
      return Refuse(*call, {400, "Content type error: the body must be application/json"});
    std::visit(Dispatch(options_, call), found.route->handler);
  });
}

}  // namespace sextant::wire
