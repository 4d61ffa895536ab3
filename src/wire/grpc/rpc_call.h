#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "runtime/executor.h"
#include "service/service.h"
#include "shard/operation.h"
#include "wire/grpc/convert/convert_answers.h"
#include "wire/grpc/convert/convert_options.h"
#include "wire/recall_header.h"

namespace sextant::wire {

// What the methods of the services work with. Borrowed; all outlive the server.
struct RpcEnvironment {
  service::Service* service = nullptr;
  Executor* search = nullptr;
  Executor* meta = nullptr;
  // Writes up to this size are converted by the thread that received them, larger ones on the search pool.
  size_t inline_bytes = size_t{16} << 10;
};

// What: one unary call on its way from the event thread that got it to the answer.
// Threads: a value that is handed from thread to thread. Ownership: gRPC keeps the call's messages until Finish, after
// which nothing of the call may be touched.
class RpcCall {
 public:
  explicit RpcCall(grpc::CallbackServerContext* context);

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }
  // What is left until the client's deadline, if it has one.
  std::optional<uint64_t> PatienceMs() const;
  // The first value that the client sent under this (lower case) name, or "". Lent until Finish.
  std::string_view Metadata(const char* name) const;
  // The client has gone: the answer is not worth computing.
  bool IsCancelled() const { return context_->IsCancelled(); }

  // The operation may wait in a queue for long; its message need not. Nothing may look at the request afterwards.
  void FreeRequest() const { context_->GetRpcAllocatorState()->FreeRequest(); }

  // Ends the call, exactly once.
  template <typename Reply>
  void Finish(const Status& status, Reply* reply) const {
    if (status.ok()) reply->set_time(Seconds());
    FinishWith(status);
  }
  // The last catch of a call. `work` finishes it exactly once unless it throws, which it only does before that.
  void Guard(const std::function<void()>& work) const;

 private:
  double Seconds() const;
  void FinishWith(const Status& status) const;

  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  std::chrono::steady_clock::time_point start_;
};

// The three kinds of methods, and where each runs. A handler fills the reply or returns an error.
template <typename Request, typename Reply>
using MetaMethod = Status (*)(service::Service&, const Request&, Reply*);
template <typename Request, typename Reply>
using ReadMethod = Status (*)(const service::Service&, const Request&, const service::ReadOptions&, Reply*);
template <typename Request>
using WriteMethod = Result<shard::Operation> (*)(const Request&);
template <typename Request>
using WritesMethod = Result<std::vector<shard::Operation>> (*)(const Request&);

// Operations on collections: they block in I/O, on the meta pool.
template <typename Request, typename Reply>
grpc::ServerUnaryReactor* RunMeta(const RpcEnvironment& environment, grpc::CallbackServerContext* context,
                                  const Request* request, Reply* reply, MetaMethod<Request, Reply> method) {
  const RpcCall call(context);
  environment.meta->Post([=, service = environment.service] {
    call.Guard([&] { call.Finish(method(*service, *request, reply), reply); });
  });
  return call.reactor();
}

// Reads: on the search pool, within the call's time.
template <typename Request, typename Reply>
grpc::ServerUnaryReactor* RunRead(const RpcEnvironment& environment, grpc::CallbackServerContext* context,
                                  const Request* request, Reply* reply, ReadMethod<Request, Reply> method) {
  const RpcCall call(context);
  environment.search->Post([=, service = environment.service] {
    call.Guard([&] {
      if (call.IsCancelled()) return call.Finish(TimeoutError("the client has given the request up"), reply);
      auto options = ConvertReadOptions(*request);
      if (!options.ok()) return call.Finish(options.status(), reply);
      const auto recall_target = ParseRecallTarget(call.Metadata(kRecallTargetHeader));
      if (!recall_target.ok()) return call.Finish(recall_target.status(), reply);
      options->recall_target = *recall_target;
      options->patience_ms = call.PatienceMs();
      call.Finish(method(*service, *request, *options, reply), reply);
    });
  });
  return call.reactor();
}

template <typename Request, typename Reply>
void StartWrite(service::Service* service, const RpcCall& call, const Request& request, Reply* reply,
                WriteMethod<Request> method) {
  auto options = ConvertWriteOptions(request);
  if (!options.ok()) return call.Finish(options.status(), reply);
  options->patience_ms = call.PatienceMs();
  auto operation = method(request);
  if (!operation.ok()) return call.Finish(operation.status(), reply);
  const std::string collection = request.collection_name();  // NOLINT(*-unnecessary-copy-*): freed below
  call.FreeRequest();
  service->Write(collection, *std::move(operation), *options,
                 [call, reply](const Result<service::UpdateResult>& result) {
                   if (result.ok()) FillUpdateResult(*result, reply->mutable_result());
                   call.Finish(result.status(), reply);
                 });
}

template <typename Request, typename Reply>
void StartWrites(service::Service* service, const RpcCall& call, const Request& request, Reply* reply,
                 WritesMethod<Request> method) {
  auto options = ConvertWriteOptions(request);
  if (!options.ok()) return call.Finish(options.status(), reply);
  options->patience_ms = call.PatienceMs();
  auto operations = method(request);
  if (!operations.ok()) return call.Finish(operations.status(), reply);
  const std::string collection = request.collection_name();  // NOLINT(*-unnecessary-copy-*): freed below
  call.FreeRequest();
  service->WriteBatch(collection, *std::move(operations), *options,
                      [call, reply](const Result<std::vector<service::UpdateResult>>& results) {
                        if (results.ok())
                          for (const auto& result : *results) FillUpdateResult(result, reply->add_result());
                        call.Finish(results.status(), reply);
                      });
}

// Writes: converted here or on the search pool, answered by the shard's threads.
template <typename Request, typename Start>
grpc::ServerUnaryReactor* RunStart(const RpcEnvironment& environment, grpc::CallbackServerContext* context,
                                   const Request* request, Start start) {
  const RpcCall call(context);
  auto write = [call, start] { call.Guard([&] { start(call); }); };
  if (request->ByteSizeLong() <= environment.inline_bytes)
    write();
  else
    environment.search->Post(std::move(write));
  return call.reactor();
}

template <typename Request, typename Reply>
grpc::ServerUnaryReactor* RunWrite(const RpcEnvironment& environment, grpc::CallbackServerContext* context,
                                   const Request* request, Reply* reply, WriteMethod<Request> method) {
  return RunStart(environment, context, request, [=, service = environment.service](const RpcCall& call) {
    StartWrite(service, call, *request, reply, method);
  });
}

// Several, one after another.
template <typename Request, typename Reply>
grpc::ServerUnaryReactor* RunWrites(const RpcEnvironment& environment, grpc::CallbackServerContext* context,
                                    const Request* request, Reply* reply, WritesMethod<Request> method) {
  return RunStart(environment, context, request, [=, service = environment.service](const RpcCall& call) {
    StartWrites(service, call, *request, reply, method);
  });
}

// Says that a method is not there yet.
grpc::ServerUnaryReactor* RefuseMethod(grpc::CallbackServerContext* context, const char* method);

}  // namespace sextant::wire
