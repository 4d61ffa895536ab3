#include "wire/grpc/grpc_server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "collection/node.h"
#include "collections_service.grpc.pb.h"
#include "points_service.grpc.pb.h"
#include "qdrant.grpc.pb.h"
#include "runtime/executor.h"
#include "service/service.h"
#include "wire/grpc/grpc_error.h"
#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

TEST(GrpcError, EachClassHasItsCodeAndPrefix) {
  const std::array<std::pair<Status, const char*>, 12> expected = {{
      {WrongInput("m"), "3 Wrong input: m"},
      {BadRequest("m"), "3 Bad request: m"},
      {FormatError("m"), "3 m"},
      {ValidationError("[m]"), "3 Validation error in body: [m]"},
      {AlreadyExists("m"), "6 Wrong input: m"},
      {NotFound("m"), "5 Not found: m"},
      {Forbidden("m"), "7 Forbidden: m"},
      {TimeoutError("m"), "4 Timeout: m"},
      {Busy("m"), "8 Rate limiting exceeded: m"},
      {Unavailable("m"), "14 Shard temporarily unavailable: m"},
      {StorageFull("m"), "8 Insufficient storage: m"},
      {Corruption("m"), "13 Service internal error: m"},
  }};
  for (const auto& [status, seen] : expected) EXPECT_EQ(SeenOf(status), seen);
  EXPECT_TRUE(ToGrpcStatus(OkStatus()).ok());
}

// A server over a node in memory, and stubs that talk to it.
class GrpcServerTest : public testing::Test {
 protected:
  void SetUp() override {
    collection::NodeOptions options;
    options.ephemeral = true;
    options.storage_path = "grpc_server_test";
    options.defaults.wal_config = Json(Json::Object{});
    auto node = collection::Node::Open(std::move(options));
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    service_ = std::make_unique<service::Service>(node_.get());
    auto server = GrpcServer::Start(Options(0));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                         grpc::InsecureChannelCredentials(), arguments);
    collections_ = qdrant::Collections::NewStub(channel_);
    points_ = qdrant::Points::NewStub(channel_);
  }
  void TearDown() override {
    server_->Stop();
    node_->search_executor()->Stop();
    node_->meta_executor()->Stop();
  }

  GrpcServerOptions Options(uint16_t port) {
    GrpcServerOptions options;
    options.port = port;
    options.service = service_.get();
    options.search = node_->search_executor();
    options.meta = node_->meta_executor();
    return options;
  }

  // Calls a method with a request from its text form; the reply's text without its time, or the error.
  template <typename Stub, typename Request, typename Reply>
  std::string Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                   const std::string& request) {
    grpc::ClientContext context;
    Reply reply;
    const grpc::Status status = (stub.*method)(&context, Parse<Request>(request), &reply);
    if (!status.ok()) return std::to_string(status.error_code()) + " " + status.error_message();
    EXPECT_GT(reply.time(), 0);
    reply.clear_time();
    return TextOf(reply);
  }

  void CreateWithPoints() {
    EXPECT_EQ(Call(*collections_, &qdrant::Collections::Stub::Create,
                   "collection_name: 'c' vectors_config { params { size: 2 distance: Dot } }"),
              "result: true");
    EXPECT_THAT(Call(*points_, &qdrant::Points::Stub::Upsert,
                     "collection_name: 'c' wait: true "
                     "points { id { num: 1 } vectors { vector { data: [1, 0] } } payload { key: 'k' value { "
                     "string_value: 'a' } } }"
                     "points { id { num: 2 } vectors { vector { data: [0, 1] } } }"),
                HasSubstr("status: Completed"));
  }

  std::unique_ptr<collection::Node> node_;
  std::unique_ptr<service::Service> service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<qdrant::Collections::Stub> collections_;
  std::unique_ptr<qdrant::Points::Stub> points_;
};

TEST_F(GrpcServerTest, TellsItsVersion) {
  const auto stub = qdrant::Qdrant::NewStub(channel_);
  grpc::ClientContext context;
  qdrant::HealthCheckReply reply;
  ASSERT_TRUE(stub->HealthCheck(&context, {}, &reply).ok());
  EXPECT_EQ(TextOf(reply), "title: \"qdrant - vector search engine\" version: \"1.19.0\"");
}

TEST_F(GrpcServerTest, CollectionsAndAliasesLiveAndDie) {
  using Stub = qdrant::Collections::Stub;
  CreateWithPoints();
  EXPECT_EQ(Call(*collections_, &Stub::List, ""), "collections { name: \"c\" }");
  EXPECT_THAT(Call(*collections_, &Stub::Get, "collection_name: 'c'"), HasSubstr("points_count: 2"));
  EXPECT_EQ(
      Call(*collections_, &Stub::UpdateAliases, "actions { create_alias { collection_name: 'c' alias_name: 'a' } }"),
      "result: true");
  EXPECT_EQ(Call(*collections_, &Stub::ListAliases, ""), "aliases { alias_name: \"a\" collection_name: \"c\" }");
  EXPECT_EQ(Call(*collections_, &Stub::ListCollectionAliases, "collection_name: 'c'"),
            "aliases { alias_name: \"a\" collection_name: \"c\" }");
  EXPECT_EQ(Call(*collections_, &Stub::CollectionExists, "collection_name: 'a'"), "result { exists: true }");
  EXPECT_EQ(Call(*collections_, &Stub::Update, "collection_name: 'c' hnsw_config { m: 5 }"), "result: true");
  EXPECT_THAT(Call(*collections_, &Stub::Get, "collection_name: 'a'"), HasSubstr("hnsw_config { m: 5 "));
  EXPECT_EQ(Call(*collections_, &Stub::Delete, "collection_name: 'c'"), "result: true");
  EXPECT_EQ(Call(*collections_, &Stub::Delete, "collection_name: 'c'"), "");
  EXPECT_EQ(Call(*collections_, &Stub::Get, "collection_name: 'c'"), "5 Not found: Collection `c` doesn't exist!");
}

TEST_F(GrpcServerTest, PointsAreReadInEveryWay) {
  using Stub = qdrant::Points::Stub;
  CreateWithPoints();
  EXPECT_EQ(
      Call(*points_, &Stub::Get, "collection_name: 'c' ids { num: 2 } ids { num: 9 } with_vectors { enable: true }"),
      "result { id { num: 2 } vectors { vector { dense { data: 0 data: 1 } } } }");
  EXPECT_EQ(
      Call(*points_, &Stub::Scroll, "collection_name: 'c' limit: 1"),
      "next_page_offset { num: 2 } result { id { num: 1 } payload { key: \"k\" value { string_value: \"a\" } } }");
  EXPECT_EQ(Call(*points_, &Stub::Count, "collection_name: 'c'"), "result { count: 2 }");
  EXPECT_THAT(
      Call(*points_, &Stub::Query, "collection_name: 'c' limit: 1 query { nearest { dense { data: [0, 1] } } }"),
      HasSubstr("id { num: 2 } score: 1"));
  EXPECT_THAT(Call(*points_, &Stub::Search, "collection_name: 'c' limit: 1 vector: [0, 1]"),
              HasSubstr("id { num: 2 } score: 1"));
  EXPECT_THAT(Call(*points_, &Stub::QueryBatch, "collection_name: 'c' query_points { limit: 1 } query_points { }"),
              HasSubstr("result { result { id { num: 1 } score: 1 } }"));
  EXPECT_THAT(
      Call(*points_, &Stub::SearchBatch,
           "collection_name: 'c' search_points { limit: 1 vector: [1, 0] } search_points { limit: 0 vector: [1, 0] }"),
      HasSubstr("3 Validation error in body: [limit: value 0"));
}

TEST_F(GrpcServerTest, WritesAnswerFromTheShard) {
  using Stub = qdrant::Points::Stub;
  CreateWithPoints();
  const std::string one = "collection_name: 'c' wait: true points_selector { points { ids { num: 1 } } } ";
  EXPECT_THAT(Call(*points_, &Stub::SetPayload, one + "payload { key: 'n' value { integer_value: 3 } }"),
              HasSubstr("status: Completed"));
  EXPECT_THAT(Call(*points_, &Stub::CreateFieldIndex,
                   "collection_name: 'c' wait: true field_name: 'n' field_type: FieldTypeInteger"),
              HasSubstr("status: Completed"));
  EXPECT_EQ(
      Call(*points_, &Stub::Count, "collection_name: 'c' filter { must { field { key: 'n' match { integer: 3 } } } }"),
      "result { count: 1 }");
  EXPECT_THAT(Call(*points_, &Stub::DeletePayload, one + "keys: 'k'"), HasSubstr("status: Completed"));
  EXPECT_EQ(Call(*points_, &Stub::SetPayload,
                 "collection_name: 'c' wait: true points_selector { points { ids { num: 77 } } }"),
            "5 Not found: No point with id 77 found");
  EXPECT_THAT(Call(*points_, &Stub::Delete, "collection_name: 'c' wait: true points { filter { } }"),
              HasSubstr("status: Completed"));
  EXPECT_EQ(Call(*points_, &Stub::Count, "collection_name: 'c'"), "result { }");
}

TEST_F(GrpcServerTest, MethodsThatAreNotThereYetAreNamed) {
  EXPECT_EQ(Call(*collections_, &qdrant::Collections::Stub::ListShardKeys, ""),
            "12 ListShardKeys is not supported yet");
}

TEST_F(GrpcServerTest, ACallWhoseDeadlinePassesWhileItWaitsIsDropped) {
  CreateWithPoints();
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < node_->search_executor()->threads(); ++i)
    node_->search_executor()->Post([released] { released.wait(); });
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  qdrant::CountResponse reply;
  const auto status = points_->Count(&context, Parse<qdrant::CountPoints>("collection_name: 'c'"), &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  release.set_value();
  EXPECT_EQ(Call(*points_, &qdrant::Points::Stub::Count, "collection_name: 'c'"), "result { count: 2 }");
}

TEST_F(GrpcServerTest, ASecondServerOnThePortIsRefused) {
  const auto second = GrpcServer::Start(Options(server_->port()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(ErrorClassOf(second.status()), ErrorClass::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(server_->port())));
}

TEST_F(GrpcServerTest, StopsWhileClientsAreConnected) {
  CreateWithPoints();
  server_->Stop();
  EXPECT_THAT(Call(*points_, &qdrant::Points::Stub::Count, "collection_name: 'c'"), testing::StartsWith("14 "));
}

}  // namespace
}  // namespace sextant::wire
