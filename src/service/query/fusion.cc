#include "service/query/fusion.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace sextant::service {
namespace {

// Adds up the scores of each point.
class Sums {
 public:
  void Add(const QueryHit& hit, float score) {
    const auto [place, fresh] = places_.try_emplace(KeyOf(hit.point), hits_.size());
    if (fresh) {
      hits_.push_back(hit);
      hits_.back().score = score;
      return;
    }
    QueryHit& known = hits_[place->second];
    known.score += score;
    known.version = std::max(known.version, hit.version);
  }

  QueryHits Take() {
    std::stable_sort(hits_.begin(), hits_.end(),
                     [](const QueryHit& a, const QueryHit& b) { return a.score > b.score; });
    return std::move(hits_);
  }

 private:
  QueryHits hits_;
  std::unordered_map<uint64_t, size_t> places_;
};

}  // namespace

QueryHits FuseByRank(const std::vector<QueryHits>& lists, const RrfQuery& rrf) {
  Sums sums;
  const auto k = static_cast<float>(rrf.k);
  for (size_t i = 0; i < lists.size(); ++i) {
    const float weight = rrf.weights ? (*rrf.weights)[i] : 1.0f;
    for (size_t rank = 0; rank < lists[i].size(); ++rank) {
      const float score = weight > 0 ? 1.0f / ((static_cast<float>(rank) + 1.0f) / weight + k - 1.0f) : 0.0f;
      sums.Add(lists[i][rank], score);
    }
  }
  return sums.Take();
}

QueryHits FuseByDistribution(const std::vector<QueryHits>& lists) {
  Sums sums;
  for (const QueryHits& list : lists) {
    const auto count = static_cast<double>(list.size());
    double sum = 0;
    for (const QueryHit& hit : list) sum += hit.score;
    const double mean = sum / count;  // exactly the score where all are equal
    double squares = 0;
    for (const QueryHit& hit : list) squares += (hit.score - mean) * (hit.score - mean);
    const double deviation = list.size() < 2 ? 0 : std::sqrt(squares / (count - 1));
    for (const QueryHit& hit : list) {
      const double scaled = deviation > 0 ? (hit.score - (mean - 3 * deviation)) / (6 * deviation) : 0.5;
      sums.Add(hit, static_cast<float>(scaled));
    }
  }
  return sums.Take();
}

}  // namespace sextant::service
