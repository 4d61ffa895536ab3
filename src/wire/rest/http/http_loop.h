#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>

#include "wire/rest/http/http_options.h"

namespace sextant {
class Executor;
}

namespace sextant::wire {

class HttpConnection;

// What the connections of a server share.
struct HttpShared {
  HttpServerOptions options;
  HttpHandler handler;
  Executor* workers = nullptr;
  std::atomic<size_t> connections{0};  // a counter alone
  std::atomic<bool> stopping{false};   // a flag alone: a connection that misses it is told by Drain
};

// What: one event loop thread with the connections that live on it.
// Threads: Post, Drain, CloseAll and Finish from any thread; the rest on the loop's own thread.
// Ownership: connections hold the loop, so that a late answer finds it; the loop holds open connections.
class HttpLoop : public std::enable_shared_from_this<HttpLoop> {
 public:
  explicit HttpLoop(std::shared_ptr<HttpShared> shared);
  void Run();

  HttpShared& shared() { return *shared_; }
  boost::asio::io_context& context() { return context_; }

  // Runs `task` on the loop; drops it once the loop is finished.
  void Post(std::function<void()> task);
  void Add(std::shared_ptr<HttpConnection> connection);
  void Remove(const std::shared_ptr<HttpConnection>& connection);
  // The value of the Date header, renewed every second.
  const std::string& Date();

  void Drain();     // closes idle connections; busy ones close after their answer
  void CloseAll();  // closes every connection
  void Finish();    // runs what is left and joins the thread

 private:
  void RunContext();
  void Tick();

  std::shared_ptr<HttpShared> shared_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer tick_{context_};  // keeps the loop alive and enforces the time limits
  bool ticking_ = true;
  std::unordered_set<std::shared_ptr<HttpConnection>> connections_;
  std::string date_;
  int64_t date_second_ = -1;
  std::mutex mutex_;
  bool finished_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace sextant::wire
