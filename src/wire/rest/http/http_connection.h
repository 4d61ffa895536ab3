#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wire/rest/error.h"
#include "wire/rest/http/http_loop.h"

namespace sextant::wire {

// What: one client's connection: reads a request, hands it to the handler, writes the answer, and only then looks at
// the next one, which may be in the buffer already.
// Threads: everything on its loop's thread. The callback given to the handler may be called from any.
// Ownership: kept alive by its loop while open and by the callback of a request in flight.
// Errors: any failure closes the connection, after an answer where one can be given.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  HttpConnection(std::shared_ptr<HttpLoop> loop, Socket socket);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void Start();
  void Close();
  void CloseIfIdle();
  void CheckTime(std::chrono::steady_clock::time_point now);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class State { kIdle, kReading, kHandling, kWriting, kLingering };

  // What the answer depends on besides itself.
  struct Traits {
    bool keep_alive = false;
    bool is_head = false;
    bool accepts_gzip = false;
    bool from_origin = false;  // a browser's cross-origin request
  };

  void BeginRequest();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void Parse();
  bool ParseHead();  // false: more bytes are needed, or the request was refused
  std::optional<ApiError> CheckHead() const;
  bool AcceptHead();
  bool SendContinue();
  void RefuseBroken(const boost::system::error_code& error);
  void Refuse(int status, std::string message);

  void Handle();
  Request TakeRequest();
  Response Preflight();
  void Decompress(Request request, ResponseCallback done);
  void Write(uint64_t number, Response response);
  void AppendHead(const Response& response, size_t body_bytes);
  void OnWritten(const boost::system::error_code& error);
  void Linger();
  void Discard();

  void Allow(std::chrono::milliseconds time);
  void Uncount();

  std::shared_ptr<HttpLoop> loop_;  // first: the socket needs its context to the end
  Socket socket_;
  State state_ = State::kIdle;
  bool counted_ = true;  // among the server's connections
  std::chrono::steady_clock::time_point deadline_;
  std::vector<char> buffer_;  // [begin_, end_) is read and not yet parsed
  size_t begin_ = 0;
  size_t end_ = 0;
  std::optional<Parser> parser_;
  bool head_accepted_ = false;
  Traits traits_;
  uint64_t request_number_ = 0;  // an answer to another request than the current one is dropped
  uint64_t discarded_bytes_ = 0;
  std::string head_;
  std::string body_;
};

}  // namespace sextant::wire
