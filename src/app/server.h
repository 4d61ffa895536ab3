#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/status.h"

namespace sextant::app {

// What: one running server: the node with its data, the service, REST and gRPC in front of them.
// Threads: one owner.
// Errors: Start returns what failed: the storage path (kCorruption, kUnavailable) or the address (kUnavailable).
class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(const ServerConfig& config);
  // Stops accepting, finishes requests in flight within a time limit, closes the data.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t http_port() const;
  uint16_t grpc_port() const;
  // One line: where it listens and where the data is.
  std::string Describe() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sextant::app
