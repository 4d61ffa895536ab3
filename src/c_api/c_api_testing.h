#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "c_api/sextant.h"

namespace sextant::c_api {

// What: an engine as a program in C uses it; every error is a failed expectation unless the status is asked for.
// Threads: as the interface.
class CEngine {
 public:
  // "" keeps all in memory.
  explicit CEngine(const std::string& path = "") {
    sextant_options options{};
    options.struct_size = sizeof options;
    options.path = path.empty() ? nullptr : path.c_str();
    options.no_sync = 1;
    Take(sextant_open(&options, &engine_, &answer_));
  }
  ~CEngine() { sextant_close(engine_); }
  CEngine(const CEngine&) = delete;
  CEngine& operator=(const CEngine&) = delete;

  sextant_engine* get() { return engine_; }

  struct Result {
    int32_t status = 0;
    std::string body;
  };
  Result Send(const char* method, const std::string& target, const std::string& body = "") {
    sextant_request request{};
    request.struct_size = sizeof request;
    request.method = method;
    request.target = target.c_str();
    request.body = body.empty() ? nullptr : body.data();
    request.body_size = body.size();
    sextant_answer* answer = nullptr;
    const int32_t status = sextant_send(engine_, &request, &answer);
    EXPECT_EQ(sextant_status(answer), status);
    Result result{status, sextant_body(answer, nullptr)};
    sextant_free(answer);
    return result;
  }
  Result Upsert(const sextant_points& points, const char* collection = "c") {
    sextant_answer* answer = nullptr;
    const int32_t status = sextant_upsert(engine_, collection, &points, &answer);
    return Free(status, answer);
  }
  Result Search(const sextant_search& search, const sextant_hits& hits, const char* collection = "c") {
    sextant_answer* answer = nullptr;
    const int32_t status = sextant_search_batch(engine_, collection, &search, &hits, &answer);
    return Free(status, answer);
  }
  void Create(uint32_t dim, const char* distance = "Dot", const char* collection = "c") {
    const Result made = Send("PUT", std::string("/collections/") + collection,
                             R"({"vectors":{"size":)" + std::to_string(dim) + R"(,"distance":")" + distance + "\"}}");
    EXPECT_EQ(made.status, 200) << made.body;
  }

 private:
  void Take(int32_t status) {
    const Result result = Free(status, answer_);
    EXPECT_EQ(result.status, 200) << result.body;
  }
  static Result Free(int32_t status, sextant_answer* answer) {
    Result result{status, answer != nullptr ? sextant_body(answer, nullptr) : ""};
    sextant_free(answer);
    return result;
  }

  sextant_engine* engine_ = nullptr;
  sextant_answer* answer_ = nullptr;
};

// What: `count` points with random vectors of one name, ids from 0.
struct RandomPoints {
  std::vector<uint64_t> ids;
  std::vector<float> values;
  sextant_vectors vectors{};
  sextant_points points{};

  RandomPoints(uint64_t count, uint32_t dim, unsigned seed = 1) : values(count * dim) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (float& value : values) value = normal(random);
    for (uint64_t i = 0; i < count; ++i) ids.push_back(i);
    vectors.values = values.data();
    vectors.dim = dim;
    points.struct_size = sizeof points;
    points.count = count;
    points.numbers = ids.data();
    points.vectors = &vectors;
    points.vectors_count = 1;
  }
  RandomPoints(const RandomPoints&) = delete;
  RandomPoints& operator=(const RandomPoints&) = delete;
};

// What: the arrays for the hits of `count` queries.
struct HitArrays {
  std::vector<uint64_t> ids, uuids, counts;
  std::vector<uint8_t> is_uuid;
  std::vector<float> scores;
  sextant_hits hits{};

  HitArrays(uint64_t count, uint64_t limit)
      : ids(count * limit), uuids(count * limit), counts(count), is_uuid(count * limit), scores(count * limit) {
    hits = {sizeof hits, limit, ids.data(), uuids.data(), is_uuid.data(), scores.data(), counts.data()};
  }
  HitArrays(const HitArrays&) = delete;
  HitArrays& operator=(const HitArrays&) = delete;
};

inline sextant_search SearchFor(const float* queries, uint64_t count, uint32_t dim, const std::string& body) {
  return {sizeof(sextant_search), body.data(), body.size(), queries, count, dim, 0};
}

}  // namespace sextant::c_api
