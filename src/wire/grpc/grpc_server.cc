#include "wire/grpc/grpc_server.h"

#include <google/protobuf/message.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "health.pb.h"
#include "wire/grpc/collections_service.h"
#include "wire/grpc/points_service.h"
#include "wire/grpc/qdrant_service.h"
#include "wire/grpc/rpc_call.h"
#include "wire/grpc/snapshots_service.h"

namespace sextant::wire {
namespace {

// Settings of the library for the whole process; they take effect for servers built later.
void PrepareLibrary() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // Reflection describes what is linked in, and nothing else refers to this file.
  google::protobuf::LinkMessageReflection<grpc::health::v1::HealthCheckRequest>();
}

RpcEnvironment EnvironmentOf(const GrpcServerOptions& options) {
  RpcEnvironment environment;
  environment.service = options.service;
  environment.search = options.search;
  environment.meta = options.meta;
  return environment;
}

std::string AddressOf(const GrpcServerOptions& options) {
  if (options.host == "localhost") return absl::StrCat("127.0.0.1:", options.port);
  if (options.host.find(':') != std::string::npos) return absl::StrCat("[", options.host, "]:", options.port);
  return absl::StrCat(options.host, ":", options.port);
}

}  // namespace

// The services outlive the server.
struct GrpcServer::Parts {
  explicit Parts(const GrpcServerOptions& given)
      : options(given), collections(EnvironmentOf(given)), points(EnvironmentOf(given)) {}

  void Configure(grpc::ServerBuilder* builder) {
    builder->SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
    // A second server on this port is an error, not a partner.
    builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // Clients may ask as often as they like whether the connection lives.
    builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
    builder->AddListeningPort(AddressOf(options), grpc::InsecureServerCredentials(), &port);
    builder->RegisterService(&collections);
    builder->RegisterService(&points);
    builder->RegisterService(&snapshots);
    builder->RegisterService(&qdrant);
  }

  Status Start() {
    grpc::ServerBuilder builder;
    Configure(&builder);
    server = builder.BuildAndStart();
    if (server == nullptr || port == 0) {
      server = nullptr;
      return Unavailable(absl::StrCat("the gRPC address ", AddressOf(options), " cannot be listened on"));
    }
    for (const char* name : {"qdrant.Collections", "qdrant.Points", "qdrant.Snapshots", "qdrant.Qdrant"})
      server->GetHealthCheckService()->SetServingStatus(name, true);
    return OkStatus();
  }

  void Stop() {
    if (!server) return;
    server->Shutdown(std::chrono::system_clock::now() + options.stop_timeout);
    server->Wait();
    server = nullptr;
  }

  const GrpcServerOptions options;
  CollectionsService collections;
  PointsService points;
  SnapshotsService snapshots;
  QdrantService qdrant;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options) {
  PrepareLibrary();
  auto parts = std::make_unique<Parts>(options);
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(parts)));
}

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GrpcServer::~GrpcServer() {
  parts_->Stop();
}

uint16_t GrpcServer::port() const {
  return static_cast<uint16_t>(parts_->port);
}

void GrpcServer::Stop() {
  parts_->Stop();
}

}  // namespace sextant::wire
