#include "vector_index/graph/locality_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <thread>

namespace sextant::vector_index {
namespace {

constexpr size_t kLeafRows = 8;
constexpr size_t kPivotSample = 64;
constexpr size_t kMeanSample = 256;
// Ranges smaller than this are not worth a thread.
constexpr size_t kParallelRows = 16384;

uint64_t Mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ull;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// What: a direction in the centred space, as a code, so that projections are code products.
class Direction {
 public:
  explicit Direction(const CodeRows& rows) : rows_(rows), values_(rows.stride), code_(rows.stride) {}

  void Clear() { std::fill(values_.begin(), values_.end(), 0.0F); }
  void Add(uint32_t row, float weight) {
    const int8_t* const code = rows_.code(row);
    const float scale = weight * rows_.terms[row].scale;
    for (size_t d = 0; d < values_.size(); ++d) values_[d] += scale * static_cast<float>(code[d]);
  }
  // False when it has no length.
  bool Finish() {
    float largest = 0;
    for (float value : values_) largest = std::max(largest, std::fabs(value));
    if (!(largest > 0) || !std::isfinite(largest)) return false;
    for (size_t d = 0; d < values_.size(); ++d) code_[d] = static_cast<int8_t>(std::lrint(values_[d] / largest * 127));
    return true;
  }
  void Project(std::span<const uint32_t> rows, float* out) {
    constexpr size_t kBatch = 256;
    int32_t products[kBatch];
    for (size_t i = 0; i < rows.size(); i += kBatch) {
      const size_t count = std::min(kBatch, rows.size() - i);
      kernels::Kernels().code_dot_batch(code_.data(), {rows_.codes, rows_.stride, rows_.stride, rows.data() + i, count},
                                        products);
      for (size_t j = 0; j < count; ++j) out[i + j] = rows_.terms[rows[i + j]].scale * static_cast<float>(products[j]);
    }
  }

 private:
  const CodeRows& rows_;
  std::vector<float> values_;
  std::vector<int8_t> code_;
};

// What: splits ranges of the order, recursively.
class Splitter {
 public:
  Splitter(const CodeRows& rows, uint64_t seed, const CancelToken* cancel)
      : rows_(rows), seed_(seed), cancel_(cancel), order_(rows.rows), keys_(rows.rows) {
    std::iota(order_.begin(), order_.end(), 0U);
  }

  void Split(size_t begin, size_t end, int threads) {
    if (end - begin <= kLeafRows || (cancel_ != nullptr && cancel_->cancelled())) return;
    const size_t middle = begin + (end - begin) / 2;
    if (!Partition(begin, middle, end)) return;
    if (threads > 1 && end - begin >= kParallelRows) {
      std::thread left([&] { Split(begin, middle, threads / 2); });
      Split(middle, end, threads - threads / 2);
      left.join();
    } else {
      Split(begin, middle, 1);
      Split(middle, end, 1);
    }
  }
  std::vector<uint32_t> TakeOrder() { return std::move(order_); }

 private:
  std::vector<uint32_t> Sample(size_t begin, size_t end, size_t count) const {
    std::vector<uint32_t> sample;
    const size_t size = end - begin;
    if (size <= count)
      return {order_.begin() + static_cast<ptrdiff_t>(begin), order_.begin() + static_cast<ptrdiff_t>(end)};
    for (size_t i = 0; i < count; ++i) {
      const size_t low = size * i / count, high = size * (i + 1) / count;
      sample.push_back(order_[begin + low + Mix(seed_ ^ Mix(begin * 31 + end) ^ i) % (high - low)]);
    }
    return sample;
  }

  // The row of `sample` least similar to `from`, by centred product.
  uint32_t Farthest(uint32_t from, const std::vector<uint32_t>& sample, Direction* direction) const {
    std::vector<float> similarities(sample.size());
    direction->Clear();
    direction->Add(from, 1);
    if (!direction->Finish()) return sample.back();
    direction->Project(sample, similarities.data());
    // |x|² is left out: the order needs directions that tell rows apart, not exact distances.
    return sample[static_cast<size_t>(std::min_element(similarities.begin(), similarities.end()) -
                                      similarities.begin())];
  }

  // Puts the half of [begin, end) that lies towards one of two centres first; false when all rows are alike.
  bool Partition(size_t begin, size_t middle, size_t end) {
    Direction direction(rows_);
    const std::vector<uint32_t> sample = Sample(begin, end, kPivotSample);
    const uint32_t a = Farthest(sample[0], sample, &direction);
    const uint32_t b = Farthest(a, sample, &direction);
    direction.Clear();
    direction.Add(a, 1);
    direction.Add(b, -1);
    if (!direction.Finish()) return false;

    // One step of 2-means: the centres become the means of the halves of a larger sample.
    std::vector<uint32_t> larger = Sample(begin, end, kMeanSample);
    std::vector<float> projections(larger.size());
    direction.Project(larger, projections.data());
    std::vector<float> sorted = projections;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2), sorted.end());
    const float median = sorted[sorted.size() / 2];
    direction.Clear();
    for (size_t i = 0; i < larger.size(); ++i) direction.Add(larger[i], projections[i] >= median ? 1 : -1);
    if (!direction.Finish()) return false;

    const std::span<uint32_t> range(order_.data() + begin, end - begin);
    direction.Project(range, keys_.data() + begin);
    SplitAtMedian(begin, middle, end);
    return true;
  }

  // Stable, so that equal rows keep their order.
  void SplitAtMedian(size_t begin, size_t middle, size_t end) {
    std::vector<std::pair<float, uint32_t>> keyed;
    keyed.reserve(end - begin);
    for (size_t i = begin; i < end; ++i) keyed.emplace_back(keys_[i], order_[i]);
    std::nth_element(keyed.begin(), keyed.begin() + static_cast<ptrdiff_t>(middle - begin), keyed.end());
    const std::pair<float, uint32_t> median = keyed[middle - begin];
    keyed.clear();
    std::vector<uint32_t> upper;
    upper.reserve(end - middle);
    size_t lower = begin;
    for (size_t i = begin; i < end; ++i) {
      if (std::pair(keys_[i], order_[i]) < median) {
        order_[lower++] = order_[i];
      } else {
        upper.push_back(order_[i]);
      }
    }
    std::copy(upper.begin(), upper.end(), order_.begin() + static_cast<ptrdiff_t>(lower));
  }

  const CodeRows& rows_;
  uint64_t seed_;
  const CancelToken* cancel_;
  std::vector<uint32_t> order_;
  std::vector<float> keys_;
};

}  // namespace

std::vector<uint32_t> LocalityOrder(const CodeRows& rows, int threads, uint64_t seed, const CancelToken* cancel) {
  Splitter splitter(rows, seed, cancel);
  splitter.Split(0, rows.rows, threads);
  return splitter.TakeOrder();
}

std::vector<uint32_t> RangeMedoids(const CodeRows& rows, uint32_t count) {
  std::vector<uint32_t> medoids;
  Direction mean(rows);
  for (uint32_t range = 0; range < count; ++range) {
    const auto begin = static_cast<uint32_t>(uint64_t{rows.rows} * range / count);
    const auto end = static_cast<uint32_t>(uint64_t{rows.rows} * (range + 1) / count);
    if (begin == end) continue;
    const uint32_t step = std::max<uint32_t>(1, (end - begin) / kMeanSample);
    std::vector<uint32_t> sample;
    mean.Clear();
    for (uint32_t row = begin; row < end; row += step) {
      sample.push_back(row);
      mean.Add(row, 1);
    }
    if (!mean.Finish()) {
      medoids.push_back(begin);
      continue;
    }
    std::vector<float> similarities(sample.size());
    mean.Project(sample, similarities.data());
    medoids.push_back(
        sample[static_cast<size_t>(std::max_element(similarities.begin(), similarities.end()) - similarities.begin())]);
  }
  return medoids;
}

}  // namespace sextant::vector_index
