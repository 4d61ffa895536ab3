#include "wire/rest/http/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "wire/rest/http/http_connection.h"
#include "wire/rest/http/http_loop.h"

namespace sextant::wire {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// After a failed accept (no descriptors left) this long nothing is tried.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kStopPoll{5};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, HttpHandler handler, Executor* workers)
      : shared_(std::make_shared<HttpShared>()) {
    shared_->options = options;
    shared_->handler = std::move(handler);
    shared_->workers = workers;
    for (int i = 0; i < std::max(1, options.threads); ++i) loops_.push_back(std::make_shared<HttpLoop>(shared_));
    acceptor_.emplace(loops_[0]->context());
    pause_.emplace(loops_[0]->context());
  }

  Status Listen() {
    const HttpServerOptions& options = shared_->options;
    error_code error;
    const auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
    if (error) return Failure("is not an IP address", error);
    const tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return Failure("cannot be listened on", error);
    port_ = acceptor_->local_endpoint(error).port();
    Accept();
    for (const auto& loop : loops_) loop->Run();
    return OkStatus();
  }

  void Stop() {
    if (std::exchange(stopped_, true)) return;
    shared_->stopping = true;
    loops_[0]->Post([this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
    for (const auto& loop : loops_) loop->Drain();
    const auto end = std::chrono::steady_clock::now() + shared_->options.stop_timeout;
    while (shared_->connections.load(std::memory_order_relaxed) > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(kStopPoll);
    for (const auto& loop : loops_) loop->Finish();
  }

  uint16_t port() const { return port_; }

 private:
  Status Failure(const char* what, const error_code& error) const {
    const HttpServerOptions& options = shared_->options;
    return Unavailable("the HTTP address " + options.host + ":" + std::to_string(options.port) + " " + what + ": " +
                       error.message());
  }

  void Accept() {
    const std::shared_ptr<HttpLoop>& loop = loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop->context().get_executor(),
                            [this, loop](const error_code& error, HttpConnection::Socket socket) {
                              if (!acceptor_->is_open()) return;
                              if (error) return Pause();
                              // Past the limit the socket is closed at once.
                              if (shared_->connections < shared_->options.max_connections)
                                Hand(loop, std::move(socket));
                              Accept();
                            });
  }

  void Hand(const std::shared_ptr<HttpLoop>& loop, HttpConnection::Socket socket) {
    auto connection = std::make_shared<HttpConnection>(loop, std::move(socket));
    loop->Post([connection] { connection->Start(); });
  }

  void Pause() {
    pause_->expires_after(kAcceptPause);
    pause_->async_wait([this](const error_code& error) {
      if (!error) Accept();
    });
  }

  std::shared_ptr<HttpShared> shared_;
  std::vector<std::shared_ptr<HttpLoop>> loops_;
  // On the first loop; destroyed before it.
  std::optional<asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>> acceptor_;
  std::optional<asio::steady_timer> pause_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;
  bool stopped_ = false;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  if (impl_) impl_->Stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, HttpHandler handler,
                                                      Executor* workers) {
  auto impl = std::make_unique<Impl>(options, std::move(handler), workers);
  RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::port() const {
  return impl_->port();
}

void HttpServer::Stop() {
  impl_->Stop();
}

}  // namespace sextant::wire
