#include "wire/rest/http/http_loop.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>
#include <exception>
#include <utility>
#include <vector>

#include "runtime/log.h"
#include "wire/rest/http/http_connection.h"

namespace sextant::wire {
namespace {

// Time limits are checked this often, or four times within the shortest.
constexpr std::chrono::milliseconds kLongestTick{500};

std::chrono::milliseconds TickOf(const HttpServerOptions& options) {
  const auto shortest = std::min({options.keep_alive_timeout, options.head_timeout, options.progress_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), kLongestTick);
}

}  // namespace

HttpLoop::HttpLoop(std::shared_ptr<HttpShared> shared) : shared_(std::move(shared)) {}

void HttpLoop::Run() {
  Tick();
  thread_ = std::thread([self = shared_from_this()] {
    pthread_setname_np(pthread_self(), "http");
    self->RunContext();
  });
}

void HttpLoop::RunContext() {
  while (true) {
    // The last catch of what runs on the loop, such as a body that finds no memory. The connection it belonged to
    // waits for nothing any more and is closed by its time limit.
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {
      LogError(std::string("an HTTP connection failed: ") + error.what());
    }
  }
}

void HttpLoop::Post(std::function<void()> task) {
  // Under the lock, so that nothing is left in a context that nobody runs any more.
  const std::lock_guard lock(mutex_);
  if (!finished_) boost::asio::post(context_, std::move(task));
}

void HttpLoop::Add(std::shared_ptr<HttpConnection> connection) {
  connections_.insert(std::move(connection));
}

void HttpLoop::Remove(const std::shared_ptr<HttpConnection>& connection) {
  connections_.erase(connection);
}

const std::string& HttpLoop::Date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    std::tm parts = {};
    gmtime_r(&now, &parts);
    char text[64];
    date_.assign(text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    date_second_ = now;
  }
  return date_;
}

void HttpLoop::Drain() {
  Post([self = shared_from_this()] {
    const std::vector<std::shared_ptr<HttpConnection>> all(self->connections_.begin(), self->connections_.end());
    for (const auto& connection : all) connection->CloseIfIdle();
  });
}

void HttpLoop::CloseAll() {
  Post([self = shared_from_this()] {
    const std::vector<std::shared_ptr<HttpConnection>> all(self->connections_.begin(), self->connections_.end());
    for (const auto& connection : all) connection->Close();
  });
}

void HttpLoop::Finish() {
  CloseAll();
  Post([self = shared_from_this()] {
    self->ticking_ = false;  // cancel() alone misses a wait that is over and about to start the next
    self->tick_.cancel();
  });
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void HttpLoop::Tick() {
  tick_.expires_after(TickOf(shared_->options));
  tick_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || !self->ticking_) return;
    const auto now = std::chrono::steady_clock::now();
    const std::vector<std::shared_ptr<HttpConnection>> all(self->connections_.begin(), self->connections_.end());
    for (const auto& connection : all) connection->CheckTime(now);
    self->Tick();
  });
}

}  // namespace sextant::wire
