#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::wire {

// One answer as it came over the wire, split at its content-length.
struct RawAnswer {
  int status = 0;  // 0: the connection ended or nothing came in time
  std::string head;
  std::string body;

  bool HasHeader(std::string_view line) const { return head.find(line) != std::string::npos; }
};

// What: a TCP client for tests that sends exactly the bytes it is told to, on loopback.
// Threads: one.
class RawClient {
 public:
  explicit RawClient(uint16_t port, int timeout_ms = 10'000);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has closed the connection.
  bool Send(std::string_view bytes);
  void FinishSending();
  // `has_body` is false for answers to HEAD and for 1xx.
  RawAnswer Receive(bool has_body = true);
  // The server closes and has nothing more to say.
  bool IsClosed();

 private:
  bool Fill();

  int socket_ = -1;
  std::string buffer_;
};

// A request with a content-length, and with headers given as whole lines.
std::string MakeRequest(std::string_view method, std::string_view target, std::string_view body = "",
                        const std::vector<std::string>& headers = {});

}  // namespace sextant::wire
