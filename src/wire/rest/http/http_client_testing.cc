#include "wire/rest/http/http_client_testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

#include "base/check.h"

namespace sextant::wire {

RawClient::RawClient(uint16_t port, int timeout_ms) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  SEXTANT_CHECK(socket_ >= 0);
  const timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SEXTANT_CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
}

RawClient::~RawClient() {
  ::close(socket_);
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::FinishSending() {
  ::shutdown(socket_, SHUT_WR);
}

bool RawClient::Fill() {
  char part[16384];
  const ssize_t received = ::recv(socket_, part, sizeof(part), 0);
  if (received <= 0) return false;
  buffer_.append(part, static_cast<size_t>(received));
  return true;
}

RawAnswer RawClient::Receive(bool has_body) {
  RawAnswer answer;
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!Fill()) return answer;
  answer.head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  size_t length = 0;
  if (const size_t at = answer.head.find("content-length: "); has_body && at != std::string::npos)
    length = std::strtoull(answer.head.c_str() + at + 16, nullptr, 10);
  while (buffer_.size() < length)
    if (!Fill()) return answer;
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  answer.status = std::atoi(answer.head.c_str() + 9);
  return answer;
}

bool RawClient::IsClosed() {
  char byte = 0;
  return buffer_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

std::string MakeRequest(std::string_view method, std::string_view target, std::string_view body,
                        const std::vector<std::string>& headers) {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: x\r\n");
  if (!body.empty() || method == "POST" || method == "PUT")
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  for (const std::string& header : headers) request.append(header).append("\r\n");
  return request.append("\r\n").append(body);
}

}  // namespace sextant::wire
