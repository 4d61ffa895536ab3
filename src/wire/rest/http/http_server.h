#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "wire/rest/http/http_options.h"

namespace sextant {
class Executor;
}

namespace sextant::wire {

// What: HTTP/1.1 over TCP in front of a handler: keep-alive and pipelined requests (answered in order, one at a time
// per connection), chunked and gzip bodies, Expect: 100-continue, HEAD, CORS, limits on sizes and times.
// Threads: one acceptor and `threads` event loops; connections are dealt to the loops in turn and stay there. Stop and
// the destructor from any thread but theirs.
// Ownership: owns sockets and threads; borrows `workers`, where bodies are decompressed. The handler and `workers` must
// live until every request they got is answered, which may be after Stop's time limit.
// Errors: Start fails with kUnavailable when the address cannot be bound. A broken request is answered with 4xx where
// that is possible, and its connection closed.
class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, HttpHandler handler,
                                                   Executor* workers);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;  // the one that is bound
  // Accepts nothing more, lets requests in flight finish within the time limit, closes the rest.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::wire
