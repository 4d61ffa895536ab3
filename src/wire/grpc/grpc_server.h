#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

namespace sextant {
class Executor;
}
namespace sextant::service {
class Service;
}

namespace sextant::wire {

struct GrpcServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  // Of one message: the reference has no limit, this one keeps a single request from taking all memory.
  size_t max_message_bytes = size_t{512} << 20;
  std::chrono::milliseconds stop_timeout{10'000};  // for requests in flight when the server stops
  service::Service* service = nullptr;
  Executor* search = nullptr;
  Executor* meta = nullptr;
};

// What: the gRPC interface: the services of api/proto over the same service layer as REST, grpc.health.v1 and
// reflection. Reads run on the search pool, operations on collections on the meta pool; writes call back.
// Threads: gRPC's own event threads, which never block. Stop and the destructor from any other thread.
// Ownership: borrows the service and the executors, which must run until Stop returns.
// Errors: Start fails with kUnavailable when the address cannot be bound. Failures of requests are gRPC statuses.
class GrpcServer {
 public:
  static Result<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  uint16_t port() const;  // the one that is bound
  // Accepts nothing more, lets requests in flight finish within the time limit, cancels the rest and waits for them.
  void Stop();

 private:
  struct Parts;
  explicit GrpcServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sextant::wire
