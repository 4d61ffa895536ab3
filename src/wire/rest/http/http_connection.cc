#include "wire/rest/http/http_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <exception>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "runtime/executor.h"
#include "runtime/log.h"
#include "wire/rest/http/gzip.h"

namespace sextant::wire {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr char kContinueExpectation[] = "100-continue";
constexpr size_t kBufferBytes = size_t{64} << 10;
// A JSON parser may look a little past the end; with this much spare room the body is parsed in place.
constexpr size_t kBodyPadding = 64;
constexpr std::chrono::milliseconds kLingerTime{5'000};
constexpr uint64_t kLingerBytes = uint64_t{256} << 20;

std::string_view View(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::string_view Get(const http::fields& fields, http::field name) {
  return View(fields[name]);
}

bool Same(std::string_view a, const char* b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()), b);
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpLoop> loop, Socket socket)
    : loop_(std::move(loop)), socket_(std::move(socket)), buffer_(kBufferBytes) {
  loop_->shared().connections.fetch_add(1, std::memory_order_relaxed);
}

HttpConnection::~HttpConnection() {
  Uncount();
}

void HttpConnection::Uncount() {
  if (std::exchange(counted_, false)) loop_->shared().connections.fetch_sub(1, std::memory_order_relaxed);
}

void HttpConnection::Start() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  loop_->Add(shared_from_this());
  BeginRequest();
}

void HttpConnection::Close() {
  error_code ignored;
  socket_.close(ignored);
  Uncount();  // a late answer may hold this object for much longer
  loop_->Remove(shared_from_this());
}

void HttpConnection::CloseIfIdle() {
  if (state_ == State::kIdle || state_ == State::kLingering) Close();
}

void HttpConnection::CheckTime(std::chrono::steady_clock::time_point now) {
  // A request that is being handled has its own time limit, behind the handler.
  if (state_ == State::kHandling || now < deadline_) return;
  if (state_ == State::kReading) return Refuse(408, "Timeout: the request did not arrive in time");
  Close();
}

void HttpConnection::Allow(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
}

void HttpConnection::BeginRequest() {
  const HttpServerOptions& options = loop_->shared().options;
  parser_.emplace();
  parser_->header_limit(options.max_head_bytes);
  parser_->body_limit(options.max_body_bytes);
  head_accepted_ = false;
  ++request_number_;
  state_ = begin_ < end_ ? State::kReading : State::kIdle;
  if (state_ == State::kIdle && loop_->shared().stopping) return Close();
  Allow(state_ == State::kReading ? options.head_timeout : options.keep_alive_timeout);
  if (state_ == State::kReading)
    Parse();
  else
    Read();
}

void HttpConnection::Read() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::copy(buffer_.begin() + static_cast<ptrdiff_t>(begin_), buffer_.end(), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) return Refuse(431, "Request header fields too large");
  socket_.async_read_some(
      asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
      [self = shared_from_this()](const error_code& error, size_t bytes) { self->OnRead(error, bytes); });
}

void HttpConnection::OnRead(const error_code& error, size_t bytes) {
  // Closed or refused meanwhile (a time limit): whoever did that goes on.
  if (!socket_.is_open() || (state_ != State::kIdle && state_ != State::kReading)) return;
  if (error) return Close();
  const HttpServerOptions& options = loop_->shared().options;
  end_ += bytes;
  if (state_ == State::kIdle) {
    state_ = State::kReading;
    Allow(options.head_timeout);
  } else if (head_accepted_) {
    Allow(options.progress_timeout);
  }
  Parse();
}

void HttpConnection::Parse() {
  if (!head_accepted_ && !ParseHead()) return;
  error_code error;
  while (!parser_->is_done() && begin_ < end_) {
    const size_t used = parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    begin_ += used;
    if (error == http::error::need_more) break;
    if (error) return RefuseBroken(error);
  }
  if (parser_->is_done()) return Handle();
  Read();
}

bool HttpConnection::ParseHead() {
  error_code error;
  begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
  if (error && error != http::error::need_more) {
    RefuseBroken(error);
    return false;
  }
  if (!parser_->is_header_done()) {
    Read();
    return false;
  }
  return AcceptHead();
}

std::optional<ApiError> HttpConnection::CheckHead() const {
  const auto& head = parser_->get();
  const std::string_view transfer = Get(head, http::field::transfer_encoding);
  // Two readings of where a body ends would let one request hide in another.
  if (!transfer.empty() && (head.version() < 11 || head.find(http::field::content_length) != head.end()))
    return ApiError{400, "Bad request: contradicting message lengths"};
  if (!transfer.empty() && !Same(transfer, "chunked"))
    return ApiError{501, "Transfer encoding not supported: only chunked is"};
  if (head.version() >= 11 && head.count(http::field::host) != 1)
    return ApiError{400, "Bad request: exactly one Host header is needed"};
  const std::string_view expect = Get(head, http::field::expect);
  if (!expect.empty() && !Same(expect, kContinueExpectation))
    return ApiError{417, "Expectation failed: only 100-continue is known"};
  return std::nullopt;
}

bool HttpConnection::AcceptHead() {
  const HttpServerOptions& options = loop_->shared().options;
  const auto& head = parser_->get();
  if (auto problem = CheckHead()) {
    Refuse(problem->status, std::move(problem->message));
    return false;
  }
  traits_.keep_alive = parser_->keep_alive();
  traits_.is_head = head.method() == http::verb::head;
  traits_.accepts_gzip = AcceptsGzip(Get(head, http::field::accept_encoding));
  traits_.from_origin = options.enable_cors && head.find(http::field::origin) != head.end();
  head_accepted_ = true;
  Allow(options.progress_timeout);
  if (const auto length = parser_->content_length())
    parser_->get().body().reserve(static_cast<size_t>(*length) + kBodyPadding);
  parser_->eager(true);
  return head.version() < 11 || head.find(http::field::expect) == head.end() || SendContinue();
}

bool HttpConnection::SendContinue() {
  if (parser_->is_done() || begin_ < end_) return true;  // the body is here already
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](const error_code& error, size_t) {
                      if (!self->socket_.is_open() || self->state_ != State::kReading) return;
                      if (error) return self->Close();
                      self->Read();
                    });
  return false;
}

void HttpConnection::RefuseBroken(const error_code& error) {
  const uint64_t limit = loop_->shared().options.max_body_bytes;
  if (error == http::error::header_limit) return Refuse(431, "Request header fields too large");
  if (error == http::error::body_limit) {
    // At the head the announced length is known, in the middle of a chunked body it is not.
    uint64_t length = 0;
    const std::string_view announced = Get(parser_->get(), http::field::content_length);
    if (absl::SimpleAtoi(absl::string_view(announced.data(), announced.size()), &length))
      return Refuse(
          400, absl::StrCat("JSON payload (", length, " bytes) is larger than allowed (limit: ", limit, " bytes)."));
    return Refuse(400, absl::StrCat("JSON payload has exceeded limit (", limit, " bytes)."));
  }
  Refuse(400, absl::StrCat("Bad request: malformed HTTP: ", error.message()));
}

void HttpConnection::Refuse(int status, std::string message) {
  traits_ = {};
  state_ = State::kHandling;
  Write(request_number_, ErrorResponse({status, std::move(message)}, 0.0));
}

void HttpConnection::Handle() {
  state_ = State::kHandling;
  if (loop_->shared().stopping) traits_.keep_alive = false;
  ResponseCallback done = [self = shared_from_this(), number = request_number_, traits = traits_](Response response) {
    const HttpServerOptions& options = self->loop_->shared().options;
    if (traits.accepts_gzip && response.body.size() >= options.compress_min_bytes) {
      response.body = Gzip(response.body);
      response.headers.push_back({"content-encoding", "gzip"});
      response.headers.push_back({"vary", "accept-encoding"});
    }
    auto answer = std::make_shared<Response>(std::move(response));
    self->loop_->Post([self, number, answer] { self->Write(number, std::move(*answer)); });
  };
  try {
    Request request = TakeRequest();
    const bool preflight = traits_.from_origin && request.method == "OPTIONS";
    if (preflight) return Write(request_number_, Preflight());
    const std::string_view encoding = request.HeaderValue("content-encoding");
    if (encoding.empty() || Same(encoding, "identity") || request.body.empty())
      loop_->shared().handler(std::move(request), std::move(done));
    else
      Decompress(std::move(request), std::move(done));
  } catch (const std::exception& error) {
    LogError(std::string("an HTTP request failed: ") + error.what());
    Refuse(500, "Service internal error: the request failed unexpectedly");
  }
}

Request HttpConnection::TakeRequest() {
  auto& message = parser_->get();
  Request request;
  request.method = traits_.is_head ? "GET" : std::string(View(message.method_string()));
  std::string_view target = View(message.target());
  // The absolute form, which proxies use: http://host:port/path.
  if (const size_t scheme = target.find("://"); scheme != std::string_view::npos && target.front() != '/') {
    const size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  for (const auto& field : message)
    request.headers.push_back(
        {absl::AsciiStrToLower(std::string(View(field.name_string()))), std::string(View(field.value()))});
  request.body = std::move(message.body());
  return request;
}

Response HttpConnection::Preflight() {
  const auto& message = parser_->get();
  Response response;
  response.headers.push_back({"access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"});
  const std::string_view asked = View(message["Access-Control-Request-Headers"]);
  response.headers.push_back({"access-control-allow-headers", asked.empty() ? "*" : std::string(asked)});
  response.headers.push_back({"access-control-max-age", "3600"});
  return response;
}

void HttpConnection::Decompress(Request request, ResponseCallback done) {
  const std::string_view encoding = request.HeaderValue("content-encoding");
  if (!Same(encoding, "gzip") && !Same(encoding, "x-gzip") && !Same(encoding, "deflate"))
    return done(
        ErrorResponse({415, absl::StrCat("Content encoding not supported: ", std::string(encoding), ", use gzip")}, 0));
  auto shared_request = std::make_shared<Request>(std::move(request));
  loop_->shared().workers->Post([self = shared_from_this(), shared_request, done = std::move(done)] {
    const HttpShared& shared = self->loop_->shared();
    try {
      auto body = Gunzip(shared_request->body, shared.options.max_body_bytes);
      if (!body.ok()) return done(ErrorResponse(ToApiError(body.status()), 0.0));
      shared_request->body = *std::move(body);
      shared.handler(std::move(*shared_request), done);
    } catch (const std::exception& error) {
      LogError(std::string("an HTTP request failed: ") + error.what());
      done(ErrorResponse(ToApiError(Internal("the request failed unexpectedly")), 0.0));
    }
  });
}

void HttpConnection::Write(uint64_t number, Response response) {
  if (!socket_.is_open() || number != request_number_ || state_ != State::kHandling) return;
  state_ = State::kWriting;
  if (loop_->shared().stopping) traits_.keep_alive = false;
  head_.clear();
  body_ = std::move(response.body);
  AppendHead(response, body_.size());
  if (traits_.is_head) body_.clear();
  Allow(loop_->shared().options.progress_timeout);
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(head_), asio::buffer(body_)};
  // The time limit is on progress: every part that goes out renews it.
  asio::async_write(
      socket_, parts,
      [this](const error_code& error, size_t) -> size_t {
        Allow(loop_->shared().options.progress_timeout);
        return error ? 0 : kBufferBytes;
      },
      [self = shared_from_this()](const error_code& error, size_t) { self->OnWritten(error); });
}

void HttpConnection::AppendHead(const Response& response, size_t body_bytes) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  absl::StrAppend(&head_, "HTTP/1.1 ", response.status, " ", std::string(View(reason)),
                  "\r\ncontent-length: ", body_bytes, "\r\ndate: ", loop_->Date(), "\r\n");
  if (!traits_.keep_alive)
    head_.append("connection: close\r\n");
  else if (parser_->get().version() < 11)
    head_.append("connection: keep-alive\r\n");
  if (traits_.from_origin) head_.append("access-control-allow-origin: *\r\naccess-control-expose-headers: *\r\n");
  for (const Header& header : response.headers) absl::StrAppend(&head_, header.name, ": ", header.value, "\r\n");
  head_.append("\r\n");
}

void HttpConnection::OnWritten(const error_code& error) {
  if (!socket_.is_open() || state_ != State::kWriting) return;
  if (error) return Close();
  body_ = std::string();
  if (traits_.keep_alive) return BeginRequest();
  Linger();
}

// Closing while the client still sends would reset the connection, and the client would lose the answer.
void HttpConnection::Linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error || loop_->shared().stopping) return Close();
  state_ = State::kLingering;
  Allow(kLingerTime);
  Discard();
}

void HttpConnection::Discard() {
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const error_code& error, size_t bytes) {
    if (!self->socket_.is_open()) return;
    self->discarded_bytes_ += bytes;
    if (error || self->discarded_bytes_ > kLingerBytes) return self->Close();
    self->Discard();
  });
}

}  // namespace sextant::wire
