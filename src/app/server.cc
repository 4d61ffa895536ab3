#include "app/server.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "wire/grpc/grpc_server.h"
#include "wire/rest/http/http_server.h"

namespace sextant::app {
namespace {

collection::NodeOptions NodeOptionsOf(const ServerConfig& config) {
  collection::NodeOptions options;
  options.storage_path = config.storage_path;
  options.ephemeral = config.storage_path == kMemoryPath;
  options.sync = config.sync;
  options.defaults = config.defaults;
  options.search_threads = static_cast<int>(config.max_search_threads);
  options.build_threads = static_cast<int>(config.optimizer_cpu_budget);
  options.max_collections = config.max_collections;
  return options;
}

wire::HttpServerOptions HttpOptionsOf(const ServerConfig& config) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  wire::HttpServerOptions options;
  options.host = config.host;
  options.port = config.http_port;
  options.threads = config.max_workers > 0 ? static_cast<int>(config.max_workers) : std::max(1, cores - 1);
  options.max_body_bytes = config.max_request_size_mb << 20;
  options.enable_cors = config.enable_cors;
  options.keep_alive_timeout = std::chrono::seconds(config.http_keep_alive_timeout_sec);
  options.head_timeout = std::chrono::seconds(config.http_client_request_timeout_sec);
  return options;
}

wire::GrpcServerOptions GrpcOptionsOf(const ServerConfig& config, Engine* engine) {
  wire::GrpcServerOptions options;
  options.host = config.host;
  options.port = config.grpc_port;
  options.service = engine->service();
  options.search = engine->node()->search_executor();
  options.meta = engine->node()->meta_executor();
  return options;
}

}  // namespace

// In the order of their making; each borrows those before it.
struct Server::Parts {
  ServerConfig config;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<wire::HttpServer> http;
  std::unique_ptr<wire::GrpcServer> grpc;

  ~Parts() {
    if (http) http->Stop();
    if (grpc) grpc->Stop();
    engine.reset();  // what was posted answers through the servers
  }
};

Result<std::unique_ptr<Server>> Server::Start(const ServerConfig& config) {
  auto parts = std::make_unique<Parts>();
  parts->config = config;
  ASSIGN_OR_RETURN(parts->engine, Engine::Open(NodeOptionsOf(config)));
  Engine* engine = parts->engine.get();
  ASSIGN_OR_RETURN(parts->http, wire::HttpServer::Start(
                                    HttpOptionsOf(config),
                                    [engine](wire::Request request, wire::ResponseCallback done) {
                                      engine->router().Handle(std::move(request), std::move(done));
                                    },
                                    engine->node()->search_executor()));
  ASSIGN_OR_RETURN(parts->grpc, wire::GrpcServer::Start(GrpcOptionsOf(config, engine)));
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

uint16_t Server::http_port() const {
  return parts_->http->port();
}

uint16_t Server::grpc_port() const {
  return parts_->grpc->port();
}

std::string Server::Describe() const {
  const ServerConfig& config = parts_->config;
  const std::string host = config.host.find(':') == std::string::npos ? config.host : "[" + config.host + "]";
  std::error_code ignored;
  const std::string data = config.storage_path == kMemoryPath
                               ? "in memory only"
                               : std::filesystem::absolute(config.storage_path, ignored).lexically_normal().string();
  return absl::StrCat("Sextant listens on http://", host, ":", http_port(), " (REST) and ", host, ":", grpc_port(),
                      " (gRPC), data: ", data);
}

}  // namespace sextant::app
