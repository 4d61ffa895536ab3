#include "wire/rest/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "collection/node.h"
#include "runtime/executor.h"
#include "service/service.h"
#include "types/json.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// A router over a node in memory.
class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    collection::NodeOptions options;
    options.ephemeral = true;
    options.storage_path = "router_test";
    options.defaults.wal_config =
        *Json::Parse(R"({"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1})");
    auto node = collection::Node::Open(std::move(options));
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    service_ = std::make_unique<service::Service>(node_.get());
    Router::Options router;
    router.service = service_.get();
    router.search = node_->search_executor();
    router.meta = node_->meta_executor();
    router_ = std::make_unique<Router>(router);
  }
  void TearDown() override {
    node_->search_executor()->Stop();
    node_->meta_executor()->Stop();
  }

  Response Call(Request request) {
    std::promise<Response> answer;
    router_->Handle(std::move(request), [&](Response response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }
  Response Call(const std::string& method, const std::string& target, const std::string& body = "") {
    const size_t question = target.find('?');
    Request request{method, target.substr(0, question), "", {{"content-type", "application/json"}}, body};
    if (question != std::string::npos) request.query = target.substr(question + 1);
    return Call(std::move(request));
  }
  // The JSON text of `result`.
  std::string Ask(const std::string& method, const std::string& target, const std::string& body = "") {
    const Response response = Call(method, target, body);
    EXPECT_EQ(response.status, 200) << method << " " << target << ": " << response.body;
    const auto json = Json::Parse(response.body);
    if (!json.ok() || json->Find("result") == nullptr) return response.body;
    EXPECT_EQ(*json->Find("status"), Json("ok"));
    EXPECT_TRUE(json->Find("time")->is_number());
    return json->Find("result")->Dump();
  }
  std::string Refused(const std::string& method, const std::string& target, const std::string& body = "") {
    const Response response = Call(method, target, body);
    const auto json = Json::Parse(response.body);
    if (!json.ok() || json->Find("status") == nullptr || !json->Find("status")->is_object()) return response.body;
    EXPECT_EQ(json->Find("result"), nullptr);
    EXPECT_TRUE(json->Find("time")->is_number());
    return std::to_string(response.status) + " " + json->Find("status")->Find("error")->as_string();
  }

  void CreateWithPoints() {
    Ask("PUT", "/collections/c", R"({"vectors":{"size":2,"distance":"Dot"}})");
    Ask("PUT", "/collections/c/points?wait=true",
        R"({"points":[{"id":1,"vector":[1,0],"payload":{"k":"a","n":1}},{"id":2,"vector":[0,1],"payload":{"k":"b","n":2.0}},
                      {"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","vector":[1,1]}]})");
  }

  std::unique_ptr<collection::Node> node_;
  std::unique_ptr<service::Service> service_;
  std::unique_ptr<Router> router_;
};

TEST_F(RouterTest, RootAndHealthHaveNoEnvelope) {
  EXPECT_EQ(Call("GET", "/").body, R"({"title":"qdrant - vector search engine","version":"1.19.0"})");
  EXPECT_EQ(Call("GET", "/healthz").body, "healthz check passed");
  EXPECT_EQ(Call("GET", "/livez/").body, "healthz check passed");
  EXPECT_EQ(Call("GET", "/readyz").body, "all shards are ready");
}

TEST_F(RouterTest, CollectionsLiveAndDie) {
  EXPECT_EQ(Ask("GET", "/collections"), R"({"collections":[]})");
  EXPECT_EQ(Ask("PUT", "/collections/c?timeout=5", R"({"vectors":{"size":2,"distance":"Cosine"},"metadata":{"a":1}})"),
            "true");
  EXPECT_EQ(Ask("GET", "/collections"), R"({"collections":[{"name":"c"}]})");
  EXPECT_EQ(Ask("GET", "/collections/c/exists"), R"({"exists":true})");
  EXPECT_EQ(Ask("PATCH", "/collections/c", R"({"hnsw_config":{"m":8},"metadata":{"a":null,"b":2}})"), "true");
  const std::string info = Ask("GET", "/collections/c");
  EXPECT_THAT(info, HasSubstr(R"("hnsw_config":{"m":8,)"));
  EXPECT_THAT(info, HasSubstr(R"("metadata":{"b":2})"));
  EXPECT_EQ(Ask("DELETE", "/collections/c"), "true");
  EXPECT_EQ(Ask("DELETE", "/collections/c"), "false");
  EXPECT_EQ(Ask("GET", "/collections/c/exists"), R"({"exists":false})");
  EXPECT_EQ(Refused("GET", "/collections/c"), "404 Not found: Collection `c` doesn't exist!");
}

TEST_F(RouterTest, VectorsComeAndGo) {
  Ask("PUT", "/collections/c", R"({"vectors":{"size":2,"distance":"Dot"}})");
  EXPECT_EQ(Ask("PUT", "/collections/c/vectors/s?wait=true", R"({"sparse":{"modifier":"idf"}})"),
            R"({"status":"completed"})");
  EXPECT_THAT(Ask("GET", "/collections/c"), HasSubstr(R"("vectors":{"size":2,"distance":"Dot"})"));
  EXPECT_EQ(Ask("PUT", "/collections/c/vectors/d", R"({"dense":{"size":3,"distance":"Dot"}})"),
            R"({"status":"acknowledged"})");
  EXPECT_THAT(Ask("GET", "/collections/c"),
              HasSubstr(R"("vectors":{"":{"size":2,"distance":"Dot"},"d":{"size":3,"distance":"Dot"}})"));
  EXPECT_THAT(Ask("GET", "/collections/c"), HasSubstr(R"("sparse_vectors":{"s":{"modifier":"idf"}})"));
  EXPECT_EQ(Refused("PUT", "/collections/c/vectors/d", R"({"sparse":{}})"),
            "400 Wrong input: Vector \"d\" already exists with a different configuration");
  EXPECT_EQ(Ask("DELETE", "/collections/c/vectors/d?wait=true"), R"({"status":"completed"})");
  EXPECT_EQ(Refused("DELETE", "/collections/c/vectors/d"), "400 Wrong input: Not existing vector name error: d");
  EXPECT_EQ(Refused("PUT", "/collections/c/vectors/a%3Fb", R"({"sparse":{}})").substr(0, 3), "400");
}

TEST_F(RouterTest, AliasesStandForCollections) {
  CreateWithPoints();
  EXPECT_EQ(
      Ask("POST", "/collections/aliases", R"({"actions":[{"create_alias":{"collection_name":"c","alias_name":"x"}}]})"),
      "true");
  EXPECT_EQ(Ask("GET", "/aliases"), R"({"aliases":[{"alias_name":"x","collection_name":"c"}]})");
  EXPECT_EQ(Ask("GET", "/collections/c/aliases"), R"({"aliases":[{"alias_name":"x","collection_name":"c"}]})");
  EXPECT_EQ(Ask("POST", "/collections/x/points/count", "{}"), R"({"count":3})");
}

TEST_F(RouterTest, PointsAreReadInEveryWay) {
  CreateWithPoints();
  EXPECT_EQ(Ask("GET", "/collections/c/points/2"), R"({"id":2,"payload":{"k":"b","n":2.0},"vector":[0.0,1.0]})");
  EXPECT_EQ(Ask("GET", "/collections/c/points/5C56C79369F34FBF87E6C4BF54C28C26"),
            R"({"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","payload":{},"vector":[1.0,1.0]})");
  EXPECT_EQ(Ask("POST", "/collections/c/points", R"({"ids":[2,9,1]})"), R"([{"id":2},{"id":1}])");
  EXPECT_EQ(Ask("POST", "/collections/c/points/scroll", R"({"limit":1,"with_payload":["k"]})"),
            R"({"points":[{"id":1,"payload":{"k":"a"}}],"next_page_offset":2})");
  EXPECT_EQ(Ask("POST", "/collections/c/points/count", R"({"filter":{"must":[{"key":"k","match":{"value":"a"}}]}})"),
            R"({"count":1})");
}

TEST_F(RouterTest, QueriesAndSearchesDifferInShapeOnly) {
  CreateWithPoints();
  const auto ids = [](const std::string& result) {
    const auto json = Json::Parse(result);
    return json->is_array() ? json->array().size() : json->Find("points")->array().size();
  };
  EXPECT_EQ(Ask("POST", "/collections/c/points/query?timeout=3&consistency=all", R"({"query":[3,1],"limit":1})"),
            R"({"points":[{"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","version":1,"score":4.0}]})");
  EXPECT_EQ(Ask("POST", "/collections/c/points/search", R"({"vector":[3,1],"limit":1})"),
            R"([{"id":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26","version":1,"score":4.0}])");
  EXPECT_EQ(ids(Ask("POST", "/collections/c/points/query", "{}")), 3u);
  EXPECT_THAT(Ask("POST", "/collections/c/points/query/batch",
                  R"({"searches":[{"query":[1,0],"limit":1},{"query":1,"limit":1}]})"),
              MatchesRegex(R"(\[\{"points":\[.*\]\},\{"points":\[.*\]\}\])"));
  EXPECT_THAT(Ask("POST", "/collections/c/points/search/batch", R"({"searches":[{"vector":[1,0],"limit":1}]})"),
              MatchesRegex(R"(\[\[\{"id".*\}\]\])"));
}

TEST_F(RouterTest, PayloadsAndIndexesChange) {
  CreateWithPoints();
  const std::string done = R"("status":"completed"})";
  EXPECT_THAT(Ask("PUT", "/collections/c/index?wait=true", R"({"field_name":"k","field_schema":"keyword"})"),
              HasSubstr(done));
  EXPECT_THAT(Ask("GET", "/collections/c"), HasSubstr(R"("payload_schema":{"k":{"data_type":"keyword","points":2}})"));
  EXPECT_THAT(Ask("POST", "/collections/c/points/payload?wait=true", R"({"payload":{"z":1},"points":[1]})"),
              HasSubstr(done));
  EXPECT_THAT(Ask("GET", "/collections/c/points/1"), HasSubstr(R"("payload":{"k":"a","n":1,"z":1})"));
  EXPECT_THAT(Ask("PUT", "/collections/c/points/payload?wait=true", R"({"payload":{"y":[1.0]},"points":[1]})"),
              HasSubstr(done));
  EXPECT_THAT(Ask("GET", "/collections/c/points/1"), HasSubstr(R"("payload":{"y":[1.0]})"));
  EXPECT_THAT(Ask("POST", "/collections/c/points/payload/delete?wait=true", R"({"keys":["y"],"points":[1]})"),
              HasSubstr(done));
  EXPECT_THAT(Ask("POST", "/collections/c/points/payload/clear?wait=true", R"({"filter":{}})"), HasSubstr(done));
  EXPECT_THAT(Ask("GET", "/collections/c/points/2"), HasSubstr(R"("payload":{})"));
  EXPECT_THAT(Ask("DELETE", "/collections/c/index/k?wait=true"), HasSubstr(done));
  EXPECT_THAT(Ask("POST", "/collections/c/points/delete?wait=true", R"({"points":[1,9]})"), HasSubstr(done));
  EXPECT_EQ(Ask("POST", "/collections/c/points/count", "{}"), R"({"count":2})");
}

TEST_F(RouterTest, VectorsAreUpdatedAndDeleted) {
  Ask("PUT", "/collections/n", R"({"vectors":{"a":{"size":2,"distance":"Dot"},"b":{"size":1,"distance":"Dot"}}})");
  Ask("PUT", "/collections/n/points?wait=true",
      R"({"points":[{"id":1,"vector":{"a":[1,2],"b":[3]},"payload":{"k":1}}]})");
  EXPECT_EQ(Ask("PUT", "/collections/n/points/vectors?wait=true", R"({"points":[{"id":1,"vector":{"a":[5,6]}}]})"),
            R"({"operation_id":2,"status":"completed"})");
  EXPECT_EQ(Ask("GET", "/collections/n/points/1"), R"({"id":1,"payload":{"k":1},"vector":{"a":[5.0,6.0],"b":[3.0]}})");
  Ask("POST", "/collections/n/points/vectors/delete?wait=true",
      R"({"vector":["a"],"filter":{"must":[{"has_id":[1]}]}})");
  EXPECT_EQ(Ask("GET", "/collections/n/points/1"), R"({"id":1,"payload":{"k":1},"vector":{"b":[3.0]}})");
  EXPECT_THAT(
      Refused("PUT", "/collections/n/points/vectors?wait=true", R"({"points":[{"id":9,"vector":{"a":[5,6]}}]})"),
      HasSubstr("404 Not found"));
  EXPECT_THAT(Refused("POST", "/collections/n/points/vectors/delete?wait=true", R"({"vector":["c"],"points":[1]})"),
              HasSubstr("400 Wrong input: Not existing vector name error: c"));
}

TEST_F(RouterTest, BatchesRunInOrderUpToTheFirstError) {
  CreateWithPoints();
  EXPECT_EQ(Ask("POST", "/collections/c/points/batch?wait=true", R"({"operations":[]})"), "[]");
  EXPECT_EQ(Ask("POST", "/collections/c/points/batch?wait=true",
                R"({"operations":[{"set_payload":{"payload":{"k":"x"},"points":[1]}},{"delete":{"points":[2]}},
                                  {"clear_payload":{"filter":{"must":[{"key":"k","match":{"value":"x"}}]}}}]})"),
            R"([{"operation_id":2,"status":"completed"},{"operation_id":3,"status":"completed"},)"
            R"({"operation_id":4,"status":"completed"}])");
  EXPECT_EQ(Ask("POST", "/collections/c/points", R"({"ids":[1,2],"with_payload":true})"), R"([{"id":1,"payload":{}}])");
  EXPECT_THAT(Refused("POST", "/collections/c/points/batch?wait=true",
                      R"({"operations":[{"set_payload":{"payload":{"k":1},"points":[1]}},
                                        {"set_payload":{"payload":{"k":2},"points":[9]}},
                                        {"set_payload":{"payload":{"k":3},"points":[1]}}]})"),
              HasSubstr("404 Not found: No point with id 9 found"));
  EXPECT_EQ(Ask("POST", "/collections/c/points", R"({"ids":[1],"with_payload":true})"),
            R"([{"id":1,"payload":{"k":1}}])");
  EXPECT_THAT(Refused("POST", "/collections/absent/points/batch", R"({"operations":[]})"), HasSubstr("404 Not found"));
}

TEST_F(RouterTest, WritesThatAreNotWaitedForAreAcknowledged) {
  CreateWithPoints();
  EXPECT_THAT(Ask("PUT", "/collections/c/points", R"({"points":[{"id":5,"vector":[1,0]}]})"),
              HasSubstr(R"("status":"acknowledged"})"));
}

TEST_F(RouterTest, LargeBodiesAreDecodedElsewhere) {
  CreateWithPoints();
  std::string body = R"({"points":[{"id":0,"vector":[0,0]})";
  for (int i = 1; i < 5000; ++i) body += ",{\"id\":" + std::to_string(i) + ",\"vector\":[1,0.5]}";
  ASSERT_GT(body.size(), Router::Options().inline_body_bytes);
  Ask("PUT", "/collections/c/points?wait=true", body + "]}");
  EXPECT_EQ(Ask("POST", "/collections/c/points/count", "{}"), R"({"count":5001})");
  EXPECT_THAT(Refused("PUT", "/collections/c/points?wait=true", body), HasSubstr("400 Format error in JSON body"));
}

TEST_F(RouterTest, PathsAreDecoded) {
  Ask("PUT", "/collections/a%20b%C3%A9/", R"({"vectors":{"size":2,"distance":"Dot"}})");
  EXPECT_EQ(Ask("GET", "/collections"), R"({"collections":[{"name":"a bé"}]})");
  EXPECT_EQ(Ask("GET", "//collections//a%20b%C3%A9/exists"), R"({"exists":true})");
  EXPECT_THAT(Ask("DELETE", "/collections/a%20b%C3%A9/index/x[].%22y%22?wait=true"), HasSubstr("completed"));
}

TEST_F(RouterTest, ErrorsHaveStatusAndText) {
  CreateWithPoints();
  EXPECT_EQ(Refused("POST", "/collections/c/points/scroll", R"({"limit":0})"),
            "422 Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]");
  EXPECT_EQ(Refused("GET", "/collections/a%2Fb").substr(0, 45), "422 Validation error in path parameters: [col");
  EXPECT_THAT(Refused("PUT", "/collections/a%00b", "{}"), HasSubstr("422 Validation error in path"));
  EXPECT_THAT(Refused("PUT", "/collections/a%3Ab", "{}"), HasSubstr("422 "));
  EXPECT_EQ(Refused("PUT", "/collections/c?timeout=0", "{}"),
            "422 Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]");
  EXPECT_THAT(Refused("POST", "/collections/c/points/query?timeout=0", "{}"),
              HasSubstr("400 Deserialize error in query"));
  EXPECT_THAT(Refused("PUT", "/collections/c/points?wait=1", "{}"), HasSubstr("400 Deserialize error in query"));
  EXPECT_THAT(Refused("GET", "/collections/c/points/abc"), HasSubstr("400 Wrong input"));
  EXPECT_THAT(Refused("GET", "/collections/c/points/9"), HasSubstr("404 Not found"));
  EXPECT_THAT(Refused("PUT", "/collections/c", R"({"vectors":{"size":2,"distance":"Dot"}})"),
              HasSubstr("409 Wrong input"));
  EXPECT_THAT(Refused("PUT", "/collections/c/points", R"({"points":[{"id":1,"vector":[1]}]})"),
              HasSubstr("400 Wrong input: Vector dimension error: expected dim: 2, got 1"));
  EXPECT_THAT(Refused("DELETE", "/collections/c/index/[0]"), HasSubstr("400 Wrong input: Invalid json path"));
  EXPECT_THAT(Refused("POST", "/collections/c/points/query", ""), HasSubstr("400 Format error in JSON body: EOF"));
}

TEST_F(RouterTest, UnknownEndpointsAreNotFoundAndWrongMethodsNotAllowed) {
  EXPECT_EQ(Refused("GET", "/nothing"), "404 Not found: there is no endpoint GET /nothing");
  EXPECT_THAT(Refused("POST", "/collections/c/cluster", "{}"), HasSubstr("404 "));
  const Response response = Call("PATCH", "/collections/c/points");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.back().name, "allow");
  EXPECT_EQ(response.headers.back().value, "PUT, POST");
}

TEST_F(RouterTest, BodiesOfOtherFormatsAreRefused) {
  CreateWithPoints();
  Request request{"POST", "/collections/c/points/count", "", {{"content-type", "text/plain"}}, "{}"};
  EXPECT_EQ(Call(request).status, 400);
  EXPECT_THAT(Call(request).body, HasSubstr("Content type error"));
  request.headers[0].value = "application/json; charset=utf-8";
  EXPECT_EQ(Call(request).status, 200);
  request.headers.clear();
  EXPECT_EQ(Call(request).status, 200);
}

}  // namespace
}  // namespace sextant::wire
