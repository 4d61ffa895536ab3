#include "c_api/sextant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "c_api/c_api_testing.h"
#include "storage/file_system_testing.h"

namespace sextant::c_api {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kDim = 24;

// Ids by descending dot product.
std::vector<uint64_t> BruteForce(const RandomPoints& points, const float* query, uint64_t limit) {
  std::vector<double> scores(points.ids.size());
  for (uint64_t i = 0; i < scores.size(); ++i)
    scores[i] = std::inner_product(query, query + kDim, points.values.data() + i * kDim, 0.0);
  std::vector<uint64_t> order = points.ids;
  std::sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) { return scores[a] > scores[b]; });
  order.resize(limit);
  return order;
}

TEST(CApi, FindsWhatBruteForceFinds) {
  CEngine engine;
  engine.Create(kDim);
  const RandomPoints points(3000, kDim);
  ASSERT_EQ(engine.Upsert(points.points).status, 200);
  const RandomPoints queries(300, kDim, 2);
  constexpr uint64_t kLimit = 7;
  HitArrays found(300, kLimit);
  const auto result =
      engine.Search(SearchFor(queries.values.data(), 300, kDim, R"({"limit":7,"params":{"exact":true}})"), found.hits);
  ASSERT_EQ(result.status, 200) << result.body;
  for (uint64_t q = 0; q < 300; ++q) {
    ASSERT_EQ(found.counts[q], kLimit);
    const std::vector<uint64_t> got(found.ids.begin() + q * kLimit, found.ids.begin() + (q + 1) * kLimit);
    EXPECT_EQ(got, BruteForce(points, queries.values.data() + q * kDim, kLimit)) << "query " << q;
  }
}

TEST(CApi, TakesRowsThatAreApartAndNamedVectors) {
  CEngine engine;
  ASSERT_EQ(engine
                .Send("PUT", "/collections/c",
                      R"({"vectors":{"a":{"size":2,"distance":"Dot"},"b":{"size":1,"distance":"Dot"}}})")
                .status,
            200);
  const std::vector<float> values = {1, 2, 9, 3, 4, 8};  // [2, 3]: a is [:, :2], b is [:, 2:]
  const std::vector<uint64_t> ids = {5, 6};
  const sextant_vectors vectors[] = {{"a", values.data(), 2, 3}, {"b", values.data() + 2, 1, 3}};
  sextant_points points{};
  points.struct_size = sizeof points;
  points.count = 2;
  points.numbers = ids.data();
  points.vectors = vectors;
  points.vectors_count = 2;
  ASSERT_EQ(engine.Upsert(points).status, 200);
  const std::string record = engine.Send("GET", "/collections/c/points/6").body;
  EXPECT_THAT(record, HasSubstr(R"("a":[3.0,4.0])"));
  EXPECT_THAT(record, HasSubstr(R"("b":[8.0])"));
}

TEST(CApi, IdsMayBeUuidsAndPayloadsJson) {
  CEngine engine;
  engine.Create(1);
  const float values[] = {1, 2};
  const uint8_t uuids[32] = {0x55, 0x0e, 0x84, 0, 0xe2, 0x9b, 0x41, 0xd4, 0xa7, 0x16, 0x44, 0x66, 0x55, 0x44, 0, 1,
                             0x55, 0x0e, 0x84, 0, 0xe2, 0x9b, 0x41, 0xd4, 0xa7, 0x16, 0x44, 0x66, 0x55, 0x44, 0, 2};
  const sextant_vectors vectors{nullptr, values, 1, 0};
  const std::string payloads = R"({"payloads": [{"a": 1}, null]})";
  sextant_points points{};
  points.struct_size = sizeof points;
  points.count = 2;
  points.uuids = uuids;
  points.vectors = &vectors;
  points.vectors_count = 1;
  points.payloads = payloads.data();
  points.payloads_size = payloads.size();
  ASSERT_EQ(engine.Upsert(points).status, 200);
  EXPECT_THAT(engine.Send("GET", "/collections/c/points/550e8400-e29b-41d4-a716-446655440001").body,
              HasSubstr(R"("payload":{"a":1})"));
  HitArrays found(1, 3);
  const float query = 1;
  ASSERT_EQ(engine.Search(SearchFor(&query, 1, 1, R"({"limit":3})"), found.hits).status, 200);
  EXPECT_EQ(found.counts[0], 2u);
  EXPECT_EQ(found.is_uuid[0], 1);
  EXPECT_EQ(found.uuids[0], 0x550e8400e29b41d4u);
  EXPECT_EQ(found.ids[0], 0xa716446655440002u);
  EXPECT_EQ(found.scores[0], 2.0f);
}

TEST(CApi, RefusesWhatNoPointMayBeAndWritesNothing) {
  CEngine engine;
  engine.Create(kDim);
  const auto refused = [&](const sextant_points& points, int32_t status, const char* message) {
    const auto result = engine.Upsert(points);
    EXPECT_EQ(result.status, status) << result.body;
    EXPECT_THAT(result.body, HasSubstr(message));
  };
  RandomPoints made(3000, kDim);
  sextant_points points = made.points;
  points.struct_size = 8;
  refused(points, 400, "struct_size");
  points = made.points;
  points.count = 0;
  refused(points, 400, "Empty");
  points = made.points;
  points.numbers = nullptr;
  refused(points, 400, "either numbers or uuids");
  points = made.points;
  points.payloads = "{\"payloads\":[{}]}";
  points.payloads_size = 17;
  refused(points, 422, "3000 != 1");
  points.payloads_size = 16;
  refused(points, 400, "JSON");
  points = made.points;
  const sextant_vectors twice[] = {made.vectors, made.vectors};
  points.vectors = twice;
  points.vectors_count = 2;
  refused(points, 400, "two named");
  sextant_vectors narrow = made.vectors;
  narrow.dim = kDim - 1;
  narrow.row_stride = kDim;
  points = made.points;
  points.vectors = &narrow;
  refused(points, 400, "expected dim: 24, got 23");
  narrow.row_stride = 3;
  refused(points, 400, "row_stride 3");
  made.values[2999 * kDim + 5] = std::nanf("");
  refused(made.points, 422, "row 2999");
  EXPECT_EQ(engine.Upsert(made.points, "absent").status, 422);
  made.values[2999 * kDim + 5] = 0;
  EXPECT_EQ(engine.Upsert(made.points, "absent").status, 404);
  EXPECT_THAT(engine.Send("GET", "/collections/c").body, HasSubstr(R"("points_count":0)"));
}

TEST(CApi, RefusesSearchesThatMeanNothing) {
  CEngine engine;
  engine.Create(kDim);
  std::vector<float> query(kDim, 1.0f);
  HitArrays found(1, 3);
  const auto refused = [&](const sextant_search& search, const sextant_hits& hits, int32_t status,
                           const char* message) {
    const auto result = engine.Search(search, hits);
    EXPECT_EQ(result.status, status) << result.body;
    EXPECT_THAT(result.body, HasSubstr(message));
  };
  refused(SearchFor(query.data(), 1, kDim, R"({"limit":4})"), found.hits, 400, "4 is more than the 3 columns");
  refused(SearchFor(query.data(), 1, kDim, R"({"limit":"x"})"), found.hits, 400, "limit");
  refused(SearchFor(query.data(), 1, 3, R"({"limit":3})"), found.hits, 400, "got 3");
  refused(SearchFor(nullptr, 1, kDim, R"({"limit":3})"), found.hits, 400, "no values");
  sextant_hits missing = found.hits;
  missing.scores = nullptr;
  refused(SearchFor(query.data(), 1, kDim, R"({"limit":3})"), missing, 400, "an array is missing");
  query[3] = INFINITY;
  refused(SearchFor(query.data(), 1, kDim, R"({"limit":3})"), found.hits, 422, "row 0");
  EXPECT_EQ(sextant_search_batch(nullptr, "c", nullptr, nullptr, nullptr), 400);
  EXPECT_EQ(sextant_send(engine.get(), nullptr, nullptr), 400);
}

TEST(CApi, WritesAtOnceWhenAsked) {
  CEngine engine;
  engine.Create(kDim);
  RandomPoints points(5000, kDim);
  EXPECT_THAT(engine.Upsert(points.points).body, HasSubstr(R"("status":"completed")"));
  points.points.at_once = 1;
  const std::string first = engine.Upsert(points.points).body, second = engine.Upsert(points.points).body;
  const auto number = [](const std::string& body) { return std::stoul(body.substr(body.find("operation_id") + 14)); };
  EXPECT_EQ(number(second), number(first) + 1);
}

TEST(CApi, HandsOutHeadersAndStatus) {
  CEngine engine;
  sextant_request request{};
  request.struct_size = sizeof request;
  request.method = "POST";
  request.target = "/collections";
  sextant_answer* answer = nullptr;
  EXPECT_EQ(sextant_send(engine.get(), &request, &answer), 405);
  size_t size = 0;
  EXPECT_THAT(sextant_headers(answer, &size), HasSubstr("allow: GET\n"));
  EXPECT_GT(size, 10u);
  sextant_free(answer);
  EXPECT_EQ(sextant_set_log_level("loud"), 400);
  EXPECT_EQ(sextant_set_log_level("warn"), 200);
}

TEST(CApi, AStorageIsThereAgainAndHasOneOwner) {
  const storage::TemporaryDirectory directory(storage::TemporaryDirectory::kMemory);
  const RandomPoints points(500, kDim);
  {
    CEngine engine(directory.path());
    engine.Create(kDim);
    ASSERT_EQ(engine.Upsert(points.points).status, 200);
    sextant_options options{};
    options.struct_size = sizeof options;
    options.path = directory.path().c_str();
    sextant_engine* second = nullptr;
    sextant_answer* answer = nullptr;
    EXPECT_EQ(sextant_open(&options, &second, &answer), 503);
    EXPECT_THAT(sextant_body(answer, nullptr), HasSubstr("in use"));
    sextant_free(answer);
    EXPECT_EQ(second, nullptr);
  }
  CEngine engine(directory.path());
  EXPECT_THAT(engine.Send("GET", "/collections/c").body, HasSubstr(R"("points_count":500)"));
}

// What the child reports by its exit code.
enum Child { kFine, kCallWorked, kOpenWorked };

TEST(CApi, AChildByForkIsRefusedAndHarmsNothing) {
  const storage::TemporaryDirectory directory(storage::TemporaryDirectory::kMemory);
  auto engine = std::make_unique<CEngine>(directory.path());
  engine->Create(kDim);
  const pid_t child = fork();
  if (child == 0) {
    sextant_request request{};
    request.struct_size = sizeof request;
    request.method = "GET";
    request.target = "/collections";
    if (sextant_send(engine->get(), &request, nullptr) != 503) _exit(kCallWorked);
    sextant_options options{};
    options.struct_size = sizeof options;
    sextant_engine* own = nullptr;
    if (sextant_open(&options, &own, nullptr) != 503) _exit(kOpenWorked);
    sextant_close(engine->get());
    std::exit(kFine);  // which must not wait for threads of the parent
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), kFine);
  const RandomPoints points(10, kDim);
  EXPECT_EQ(engine->Upsert(points.points).status, 200);
  engine.reset();
  CEngine again(directory.path());
  EXPECT_THAT(again.Send("GET", "/collections/c").body, HasSubstr(R"("points_count":10)"));
}

// With AddressSanitizer this shows that nothing is left behind.
TEST(CApi, OpensAndClosesManyTimes) {
  const storage::TemporaryDirectory directory(storage::TemporaryDirectory::kMemory);
  const RandomPoints points(50, kDim);
  for (int round = 0; round < 100; ++round) {
    CEngine engine(round % 2 == 0 ? directory.path() : "");
    if (round == 0 || round % 2 == 1) engine.Create(kDim);
    ASSERT_EQ(engine.Upsert(points.points).status, 200);
  }
}

TEST(CApi, ThreadsSearchWhileOthersWrite) {
  CEngine engine;
  engine.Create(kDim);
  const RandomPoints points(2000, kDim);
  ASSERT_EQ(engine.Upsert(points.points).status, 200);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 5; ++round) {
        if (t == 0) {
          EXPECT_EQ(engine.Upsert(points.points).status, 200);
          continue;
        }
        HitArrays found(20, 5);
        EXPECT_EQ(engine.Search(SearchFor(points.values.data(), 20, kDim, R"({"limit":5})"), found.hits).status, 200);
        EXPECT_EQ(found.counts[19], 5u);
        EXPECT_EQ(engine.Send("POST", "/collections/c/points/count", "{}").status, 200);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant::c_api
