#include "vector_index/dense/code_format.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "vector_index/dense/row_values.h"
#include "vector_index/row_distance.h"

namespace sextant::vector_index {
namespace {

// Below this, codes of bytes take few cache lines already.
constexpr uint32_t kFewDimensions = 256;
// Fewer rows lie in caches, whatever their codes.
constexpr uint32_t kFewRows = 4096;
constexpr uint32_t kSampledRows = 2048;
constexpr uint32_t kSampledQueries = 64;
// From here on two bits a dimension are tried before four: errors of many dimensions cancel out, and a walk waits for
// memory more than anything else.
constexpr uint32_t kManyDimensions = 640;
// Codes must have this share of the kNearest rows among the kRescored that they take for nearest; every search rescores
// more. Two bits may miss some, which their searches make good by keeping a few more candidates in the same time.
constexpr size_t kNearest = 10;
constexpr size_t kRescored = 16;
constexpr double kLeastFound = 0.99;
constexpr double kLeastFoundOfTwoBits = 0.97;

// What: rows of a segment, evenly spread, as they compare.
// Ownership: owns copies.
class Sample {
 public:
  Sample(const SegmentSpec& spec, const RowSource& rows) : spec_(spec), values_(size_t{kSampledRows} * spec.dim) {
    RowScratch scratch;
    for (uint32_t i = 0; i < kSampledRows; ++i) {
      const VectorRef row = rows.row(static_cast<uint32_t>(uint64_t{rows.size()} * i / kSampledRows), &scratch);
      std::copy_n(ComparableValues(spec, row.values.data(), &scratch), spec.dim, values_.data() + size_t{i} * spec.dim);
    }
    nearest_.reserve(kSampledQueries);
    for (uint32_t q = 0; q < kSampledQueries; ++q) nearest_.push_back(Nearest(query(q)));
  }

  // The share of the nearest rows of sampled queries that are found among those that the codes take for nearest.
  double Found(const quantizer::Codec& codec) const {
    const size_t stride = codec.code_stride();
    std::vector<int8_t> codes(kSampledRows * stride);
    std::vector<quantizer::RowTerms> terms(kSampledRows);
    std::vector<float> scratch(spec_.dim);
    for (uint32_t i = 0; i < kSampledRows; ++i) terms[i] = codec.EncodeRow(row(i), &codes[i * stride], scratch.data());
    std::vector<uint32_t> ids(kSampledRows);
    std::iota(ids.begin(), ids.end(), 0U);
    std::vector<int8_t> query_code(codec.query_stride());
    std::vector<int32_t> distances(kSampledRows);
    std::vector<float> estimates(kSampledRows);
    size_t found = 0;
    for (uint32_t q = 0; q < kSampledQueries; ++q) {
      const quantizer::QueryTerms query_terms = codec.EncodeQuery(query(q), query_code.data(), scratch.data());
      codec.kernel()(query_code.data(), {codes.data(), stride, stride, ids.data(), ids.size()}, distances.data());
      for (uint32_t i = 0; i < kSampledRows; ++i)
        estimates[i] = quantizer::Similarity(query_terms, terms[i], distances[i]);
      found += CountFound(nearest_[q], estimates);
    }
    return static_cast<double>(found) / (kSampledQueries * kNearest);
  }

 private:
  const float* row(uint32_t i) const { return values_.data() + size_t{i} * spec_.dim; }
  const float* query(uint32_t q) const { return row(q * (kSampledRows / kSampledQueries)); }

  std::vector<uint32_t> Nearest(const float* query) const {
    const RowDistance distance(spec_.distance);
    std::vector<float> similarities(kSampledRows);
    for (uint32_t i = 0; i < kSampledRows; ++i) similarities[i] = distance.Similarity(query, row(i), spec_.dim);
    return Best(similarities, kNearest);
  }

  static std::vector<uint32_t> Best(const std::vector<float>& similarities, size_t k) {
    std::vector<uint32_t> best(similarities.size());
    std::iota(best.begin(), best.end(), 0U);
    std::partial_sort(best.begin(), best.begin() + static_cast<ptrdiff_t>(k), best.end(), [&](uint32_t a, uint32_t b) {
      return similarities[a] != similarities[b] ? similarities[a] > similarities[b] : a < b;
    });
    best.resize(k);
    return best;
  }

  static size_t CountFound(const std::vector<uint32_t>& nearest, const std::vector<float>& estimates) {
    const std::vector<uint32_t> rescored = Best(estimates, kRescored);
    return static_cast<size_t>(std::count_if(nearest.begin(), nearest.end(), [&](uint32_t row) {
      return std::find(rescored.begin(), rescored.end(), row) != rescored.end();
    }));
  }

  const SegmentSpec& spec_;
  std::vector<float> values_;                   // [kSampledRows, dim]
  std::vector<std::vector<uint32_t>> nearest_;  // of each query
};

}  // namespace

CodeFormat ChooseCodeFormat(const SegmentSpec& spec, const RowSource& rows, const quantizer::CodecParams& params) {
  if (spec.distance == Distance::kManhattan) return CodeFormat::kInt8;
  if (spec.codes.format) return *spec.codes.format;
  if (spec.dim < kFewDimensions || rows.size() < kFewRows) return CodeFormat::kInt8;
  quantizer::CodecParams packed = params;
  const Sample sample(spec, rows);
  const auto suffices = [&](CodeFormat format, double least) {
    packed.format = format;
    return sample.Found(*quantizer::MakeCodec(packed)) >= least;
  };
  if (spec.dim >= kManyDimensions && suffices(CodeFormat::kPacked2, kLeastFoundOfTwoBits)) return CodeFormat::kPacked2;
  return suffices(CodeFormat::kPacked4, kLeastFound) ? CodeFormat::kPacked4 : CodeFormat::kInt8;
}

}  // namespace sextant::vector_index
