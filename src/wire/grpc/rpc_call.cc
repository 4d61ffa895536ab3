#include "wire/grpc/rpc_call.h"

#include <algorithm>
#include <string>

#include "base/retry_after.h"
#include "runtime/log.h"
#include "wire/grpc/grpc_error.h"

namespace sextant::wire {

RpcCall::RpcCall(grpc::CallbackServerContext* context)
    : context_(context), reactor_(context->DefaultReactor()), start_(std::chrono::steady_clock::now()) {}

std::optional<uint64_t> RpcCall::PatienceMs() const {
  using std::chrono::system_clock;
  const system_clock::time_point deadline = context_->deadline();
  if (deadline == system_clock::time_point::max()) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - system_clock::now()).count();
  return static_cast<uint64_t>(std::max<int64_t>(left, 0));
}

std::string_view RpcCall::Metadata(const char* name) const {
  const auto& metadata = context_->client_metadata();
  const auto found = metadata.find(name);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

void RpcCall::Guard(const std::function<void()>& work) const {
  try {
    work();
  } catch (const std::exception& error) {
    LogError(std::string("a gRPC request failed: ") + error.what());
    FinishWith(Internal("the request failed unexpectedly"));
  }
}

double RpcCall::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void RpcCall::FinishWith(const Status& status) const {
  if (const auto seconds = RetryAfterOf(status)) context_->AddTrailingMetadata("retry-after", std::to_string(*seconds));
  reactor_->Finish(ToGrpcStatus(status));
}

grpc::ServerUnaryReactor* RefuseMethod(grpc::CallbackServerContext* context, const char* method) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish({grpc::StatusCode::UNIMPLEMENTED, std::string(method) + " is not supported yet"});
  return reactor;
}

}  // namespace sextant::wire
