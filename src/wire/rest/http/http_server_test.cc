#include "wire/rest/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "runtime/executor.h"
#include "wire/rest/http/gzip.h"
#include "wire/rest/http/http_client_testing.h"

namespace sextant::wire {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Answers with what it got: "METHOD path?query body". Some paths do something else.
class EchoServer {
 public:
  explicit EchoServer(HttpServerOptions options = {}) {
    auto server = HttpServer::Start(
        options, [this](Request request, ResponseCallback done) { Answer(std::move(request), std::move(done)); },
        &workers_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~EchoServer() { server_.reset(); }

  uint16_t port() const { return server_->port(); }
  HttpServer& server() { return *server_; }
  // The callbacks of requests to /hold, in order of arrival.
  ResponseCallback TakeHeld() {
    const std::lock_guard lock(mutex_);
    if (held_.empty()) return nullptr;
    auto done = std::move(held_.front());
    held_.erase(held_.begin());
    return done;
  }
  ResponseCallback WaitForHeld() {
    while (true) {
      if (auto done = TakeHeld()) return done;
      std::this_thread::yield();
    }
  }

 private:
  void Answer(Request request, ResponseCallback done) {
    if (request.path == "/hold") {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(done));
      return;
    }
    if (request.path == "/throw") throw std::runtime_error("broken handler");
    if (request.path == "/large") return done({200, {{"content-type", "text/plain"}}, std::string(100'000, 'x')});
    std::string text = request.method + " " + request.path + "?" + request.query + " " + request.body;
    if (request.path == "/worker") {
      workers_.Post([done, text] { done({200, {}, text}); });
      return;
    }
    done({200, {{"content-type", "text/plain"}}, text});
  }

  Executor workers_{"workers", 1};
  std::mutex mutex_;
  std::vector<ResponseCallback> held_;
  std::unique_ptr<HttpServer> server_;
};

HttpServerOptions SmallLimits() {
  HttpServerOptions options;
  options.max_body_bytes = 1000;
  options.max_head_bytes = 2000;
  return options;
}

TEST(HttpServer, KeepsConnectionsOpenBetweenRequests) {
  EchoServer server;
  RawClient client(server.port());
  for (int i = 0; i < 50; ++i) {
    const std::string body = "body" + std::to_string(i);
    ASSERT_TRUE(client.Send(MakeRequest("POST", i % 2 == 0 ? "/a?b=c" : "/worker", body)));
    const RawAnswer answer = client.Receive();
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, (i % 2 == 0 ? "POST /a?b=c " : "POST /worker? ") + body);
    EXPECT_TRUE(answer.HasHeader("\r\ndate: ")) << answer.head;
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  EchoServer server;
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += MakeRequest("POST", i % 3 == 0 ? "/worker" : "/a", std::to_string(i));
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(client.Receive().body, testing::EndsWith(" " + std::to_string(i)));
}

TEST(HttpServer, OneRequestOfAConnectionIsHandledAtATime) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/hold") + MakeRequest("GET", "/hold")));
  const auto first = server.WaitForHeld();
  // The second is in the server's buffer, or will be; it is not handled before the first is answered.
  EXPECT_EQ(server.TakeHeld(), nullptr);
  first({200, {}, "one"});
  EXPECT_EQ(client.Receive().body, "one");
  server.WaitForHeld()({200, {}, "two"});
  EXPECT_EQ(client.Receive().body, "two");
}

TEST(HttpServer, TakesRequestsByteByByte) {
  EchoServer server;
  RawClient client(server.port());
  for (char c : MakeRequest("POST", "/a", "slow")) ASSERT_TRUE(client.Send(std::string_view(&c, 1)));
  EXPECT_EQ(client.Receive().body, "POST /a? slow");
}

TEST(HttpServer, TakesChunkedBodies) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  ASSERT_TRUE(client.Send("A;ext=1\r\n0123456789\r\n0\r\nTrailer: y\r\n\r\n" + MakeRequest("GET", "/next")));
  EXPECT_EQ(client.Receive().body, "POST /a? abc0123456789");
  EXPECT_EQ(client.Receive().body, "GET /next? ");
}

TEST(HttpServer, AnswersExpectContinue) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.Receive(false).status, 100);
  ASSERT_TRUE(client.Send("ok"));
  EXPECT_EQ(client.Receive().body, "PUT /a? ok");
  ASSERT_TRUE(client.Send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: magic\r\n\r\n"));
  EXPECT_EQ(client.Receive().status, 417);
}

TEST(HttpServer, RefusesAnOversizedBodyBeforeItComes) {
  EchoServer server(SmallLimits());
  RawClient client(server.port());
  ASSERT_TRUE(client.Send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"));
  const RawAnswer answer = client.Receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(
      answer.body,
      R"({"status":{"error":"JSON payload (1001 bytes) is larger than allowed (limit: 1000 bytes)."},"time":0.0})");
  EXPECT_TRUE(answer.HasHeader("connection: close"));
  EXPECT_TRUE(client.IsClosed());
}

TEST(HttpServer, AClientThatSendsTooMuchStillGetsTheAnswer) {
  EchoServer server(SmallLimits());
  RawClient client(server.port());
  const std::string chunk = "400\r\n" + std::string(0x400, 'x') + "\r\n";
  ASSERT_TRUE(client.Send("PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (int i = 0; i < 1000; ++i) client.Send(chunk);
  const RawAnswer answer = client.Receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("JSON payload has exceeded limit (1000 bytes)."));
}

TEST(HttpServer, TakesABodyOfExactlyTheLimit) {
  EchoServer server(SmallLimits());
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("PUT", "/a", std::string(1000, 'x'))));
  EXPECT_EQ(client.Receive().status, 200);
}

TEST(HttpServer, BoundsTheHead) {
  EchoServer server(SmallLimits());
  RawClient client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: x\r\n"));
  for (int i = 0; i < 100; ++i) client.Send("X-Header-" + std::to_string(i) + ": " + std::string(50, 'y') + "\r\n");
  EXPECT_EQ(client.Receive().status, 431);
}

TEST(HttpServer, RefusesMalformedAndAmbiguousRequests) {
  EchoServer server;
  const std::string host = "Host: x\r\n";
  for (const std::string& request : {
           std::string("nonsense\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
           std::string("GET / HTTP/9.9\r\n") + host + "\r\n",
           std::string("GET /\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n") + host + host + "\r\n",
           std::string("GET / HTTP/1.1\r\n") + host + "Bad Header: 1\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host + "Content-Length: -1\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           std::string("POST / HTTP/1.1\r\n") + host + "Content-Length: 99999999999999999999\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host +
               "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host +
               "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
           std::string("POST / HTTP/1.0\r\n") + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n") + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
           std::string("POST / HTTP/1.1\r\n") + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       }) {
    RawClient client(server.port());
    ASSERT_TRUE(client.Send(request));
    client.FinishSending();
    const RawAnswer answer = client.Receive();
    EXPECT_GE(answer.status, 400) << request;
    EXPECT_LE(answer.status, 505) << request;
    EXPECT_THAT(answer.body, HasSubstr("{\"status\":{\"error\":")) << request;
    EXPECT_TRUE(client.IsClosed()) << request;
  }
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/alive")));
  EXPECT_EQ(client.Receive().status, 200);
}

TEST(HttpServer, ClosesWhenTheClientGivesUp) {
  EchoServer server;
  for (const char* start : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.Send(start));
    client.FinishSending();
    EXPECT_TRUE(client.IsClosed()) << start;
  }
}

TEST(HttpServer, EndsConnectionsAsTheVersionAndHeadersSay) {
  EchoServer server;
  RawClient close(server.port());
  ASSERT_TRUE(close.Send(MakeRequest("GET", "/", "", {"Connection: close"})));
  EXPECT_TRUE(close.Receive().HasHeader("connection: close"));
  EXPECT_TRUE(close.IsClosed());
  RawClient old(server.port());
  ASSERT_TRUE(old.Send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(old.Receive().status, 200);
  EXPECT_TRUE(old.IsClosed());
  RawClient old_alive(server.port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(old_alive.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_TRUE(old_alive.Receive().HasHeader("connection: keep-alive"));
  }
}

TEST(HttpServer, HeadIsGetWithoutItsBody) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("HEAD", "/a") + MakeRequest("GET", "/b")));
  EXPECT_TRUE(client.Receive(false).HasHeader("content-length: 8\r\n"));
  EXPECT_EQ(client.Receive().body, "GET /b? ");
}

TEST(HttpServer, ReadsTheAbsoluteForm) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "http://host:1/a?b#c") + MakeRequest("GET", "http://host")));
  EXPECT_EQ(client.Receive().body, "GET /a?b ");
  EXPECT_EQ(client.Receive().body, "GET /? ");
}

TEST(HttpServer, AHandlerThatThrowsIsA500) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/throw")));
  EXPECT_EQ(client.Receive().status, 500);
}

TEST(HttpServer, CompressesLargeAnswersForClientsThatTakeIt) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/large", "", {"Accept-Encoding: gzip"})));
  const RawAnswer answer = client.Receive();
  EXPECT_TRUE(answer.HasHeader("content-encoding: gzip"));
  EXPECT_LT(answer.body.size(), 10'000u);
  EXPECT_EQ(*Gunzip(answer.body, 1 << 20), std::string(100'000, 'x'));
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/large") + MakeRequest("GET", "/a", "", {"Accept-Encoding: gzip"})));
  EXPECT_EQ(client.Receive().body.size(), 100'000u);
  EXPECT_FALSE(client.Receive().HasHeader("content-encoding"));
}

TEST(HttpServer, DecompressesBodiesWithinTheLimit) {
  EchoServer server(SmallLimits());
  RawClient client(server.port());
  const auto send = [&](std::string_view body, const std::string& encoding) {
    EXPECT_TRUE(client.Send(MakeRequest("POST", "/a", body, {"Content-Encoding: " + encoding})));
    return client.Receive();
  };
  EXPECT_EQ(send(Gzip("hello"), "gzip").body, "POST /a? hello");
  EXPECT_EQ(send("plain", "identity").body, "POST /a? plain");
  EXPECT_EQ(send(Gzip(std::string(1001, 'x')), "gzip").status, 400);
  EXPECT_EQ(send("not gzip", "gzip").status, 400);
  EXPECT_EQ(send("x", "br").status, 415);
  EXPECT_EQ(send(Gzip("still here"), "gzip").body, "POST /a? still here");
}

TEST(HttpServer, LetsBrowsersInWhenCorsIsOn) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("OPTIONS", "/a", "",
                                      {"Origin: http://page", "Access-Control-Request-Method: PUT",
                                       "Access-Control-Request-Headers: api-key,content-type"})));
  const RawAnswer preflight = client.Receive();
  EXPECT_EQ(preflight.status, 200);
  EXPECT_TRUE(preflight.HasHeader("access-control-allow-origin: *"));
  EXPECT_TRUE(preflight.HasHeader("access-control-allow-headers: api-key,content-type"));
  EXPECT_TRUE(preflight.HasHeader("PUT"));
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/a", "", {"Origin: http://page"}) + MakeRequest("GET", "/a")));
  EXPECT_TRUE(client.Receive().HasHeader("access-control-allow-origin: *"));
  EXPECT_FALSE(client.Receive().HasHeader("access-control"));

  HttpServerOptions closed;
  closed.enable_cors = false;
  EchoServer strict(closed);
  RawClient other(strict.port());
  ASSERT_TRUE(other.Send(MakeRequest("GET", "/a", "", {"Origin: http://page"})));
  EXPECT_FALSE(other.Receive().HasHeader("access-control"));
}

TEST(HttpServer, ClosesIdleConnections) {
  HttpServerOptions options;
  options.keep_alive_timeout = milliseconds(20);
  EchoServer server(options);
  EXPECT_TRUE(RawClient(server.port()).IsClosed());
}

TEST(HttpServer, ASlowHeadOrBodyIsATimeout) {
  HttpServerOptions options;
  options.head_timeout = options.progress_timeout = milliseconds(20);
  EchoServer server(options);
  RawClient slow_head(server.port()), slow_body(server.port());
  ASSERT_TRUE(slow_head.Send("GET / HTTP/1.1\r\nHo"));
  ASSERT_TRUE(slow_body.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(slow_head.Receive().status, 408);
  EXPECT_EQ(slow_body.Receive().status, 408);
}

TEST(HttpServer, ARequestBeingHandledHasNoTimeLimitHere) {
  HttpServerOptions options;
  options.head_timeout = options.progress_timeout = milliseconds(20);
  EchoServer server(options);
  RawClient client(server.port()), slow(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/hold")));
  const auto done = server.WaitForHeld();
  // When a later slow request has met its limit, so would this one have.
  ASSERT_TRUE(slow.Send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(slow.Receive().status, 408);
  done({200, {}, "late"});
  EXPECT_EQ(client.Receive().body, "late");
}

TEST(HttpServer, ClosesConnectionsPastItsLimit) {
  HttpServerOptions options;
  options.max_connections = 1;
  EchoServer server(options);
  RawClient first(server.port());
  ASSERT_TRUE(first.Send(MakeRequest("GET", "/a")));
  EXPECT_EQ(first.Receive().status, 200);
  RawClient second(server.port());
  EXPECT_TRUE(second.IsClosed());
}

TEST(HttpServer, StopFinishesWhatIsInFlight) {
  EchoServer server;
  RawClient busy(server.port()), idle(server.port());
  ASSERT_TRUE(idle.Send(MakeRequest("GET", "/a")));
  EXPECT_EQ(idle.Receive().status, 200);
  ASSERT_TRUE(busy.Send(MakeRequest("GET", "/hold")));
  const auto done = server.WaitForHeld();
  auto stopped = std::async(std::launch::async, [&] { server.server().Stop(); });
  EXPECT_TRUE(idle.IsClosed());
  done({200, {}, "finished"});
  const RawAnswer answer = busy.Receive();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_TRUE(answer.HasHeader("connection: close"));
  stopped.get();
}

TEST(HttpServer, StopDoesNotWaitForever) {
  HttpServerOptions options;
  options.stop_timeout = milliseconds(20);
  auto server = std::make_unique<EchoServer>(options);
  RawClient client(server->port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/hold")));
  const auto done = server->WaitForHeld();
  server->server().Stop();
  EXPECT_TRUE(client.IsClosed());
  server.reset();
  done({200, {}, "nobody listens"});  // later than the server: no harm
}

TEST(HttpServer, AnAnswerGivenTwiceCountsOnce) {
  EchoServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(MakeRequest("GET", "/hold") + MakeRequest("GET", "/a")));
  const auto done = server.WaitForHeld();
  done({200, {}, "first"});
  done({200, {}, "second"});
  EXPECT_EQ(client.Receive().body, "first");
  EXPECT_EQ(client.Receive().body, "GET /a? ");
}

TEST(HttpServer, ServesManyConnectionsOnSeveralLoops) {
  HttpServerOptions options;
  options.threads = 3;
  EchoServer server(options);
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&server, c] {
      RawClient client(server.port());
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(c) + "/" + std::to_string(i);
        ASSERT_TRUE(client.Send(MakeRequest("POST", i % 2 == 0 ? "/worker" : "/a", body)));
        ASSERT_THAT(client.Receive().body, testing::EndsWith(" " + body));
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST(HttpServer, AnAddressInUseIsAnError) {
  EchoServer first;
  HttpServerOptions options;
  options.port = first.port();
  Executor workers("workers", 1);
  const auto second = HttpServer::Start(options, [](Request, ResponseCallback) {}, &workers);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("127.0.0.1:" + std::to_string(first.port())));
  options.host = "not-an-address";
  EXPECT_FALSE(HttpServer::Start(options, [](Request, ResponseCallback) {}, &workers).ok());
}

}  // namespace
}  // namespace sextant::wire
