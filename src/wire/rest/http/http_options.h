#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "wire/rest/message.h"

namespace sextant::wire {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  int threads = 1;    // event loops
  uint64_t max_body_bytes = uint64_t{32} << 20;
  uint32_t max_head_bytes = 32 << 10;  // request line and headers
  size_t max_connections = 10'000;
  bool enable_cors = true;
  size_t compress_min_bytes = 8 << 10;                   // smaller answers go uncompressed
  std::chrono::milliseconds keep_alive_timeout{75'000};  // between requests
  std::chrono::milliseconds head_timeout{10'000};        // from a request's first byte to the end of its head
  std::chrono::milliseconds progress_timeout{60'000};    // without a byte of a body moving, either way
  std::chrono::milliseconds stop_timeout{10'000};        // for requests in flight when the server stops
};

// Answers one request: calls `done` exactly once, from any thread. Runs on an event loop and must not block.
using HttpHandler = std::function<void(Request, ResponseCallback done)>;

}  // namespace sextant::wire
