#include <algorithm>
#include <memory>
#include <random>

#include "search/reader.h"
#include "search/view_points.h"

namespace sextant::search {
namespace {

constexpr size_t kPointsPerDeadlineCheck = 1024;

std::mt19937_64& ThreadRandom() {
  thread_local std::mt19937_64 random{[] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }()};
  return random;
}

struct Draw {
  uint64_t key = 0;
  Ordinal ordinal{};
  friend bool operator<(const Draw& a, const Draw& b) { return a.key < b.key; }
};

// The points with the smallest keys that have the vector. Heads are read in order of keys, so that no more of them are
// read than it takes.
Result<std::vector<Draw>> WithVector(const View& view, const SampleRequest& request, std::vector<Draw> draws) {
  std::sort(draws.begin(), draws.end());
  const ViewPoints points(view);
  std::vector<Draw> chosen;
  for (size_t i = 0; i < draws.size() && chosen.size() < request.limit; ++i) {
    if (i % kPointsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    ASSIGN_OR_RETURN(const bool has_vector, points.HasVector(draws[i].ordinal, *request.with_vector));
    if (has_vector) chosen.push_back(draws[i]);
  }
  return chosen;
}

}  // namespace

Result<std::vector<SampledPoint>> Sample(const View& view, const SampleRequest& request) {
  std::shared_ptr<const OrdinalSet> filtered;
  if (request.within == nullptr) {
    if (request.filter != nullptr) {
      ASSIGN_OR_RETURN(filtered, view.index->Evaluate(*request.filter, ViewPoints(view), request.deadline));
    } else {
      filtered = view.index->AllPoints();
    }
  }
  const OrdinalSet& accept = request.within != nullptr ? *request.within : *filtered;
  std::vector<Draw> draws;
  draws.reserve(accept.size());
  accept.ForEach([&](Ordinal ordinal) {
    draws.push_back({ThreadRandom()(), ordinal});
    return true;
  });
  if (request.with_vector) {
    ASSIGN_OR_RETURN(draws, WithVector(view, request, std::move(draws)));
  } else {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(draws.size(), request.limit));
    std::partial_sort(draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(wanted), draws.end());
    draws.resize(wanted);
  }
  std::vector<SampledPoint> sample;
  for (const Draw& draw : draws) sample.push_back({view.points->id(draw.ordinal), draw.ordinal, draw.key});
  return sample;
}

}  // namespace sextant::search
