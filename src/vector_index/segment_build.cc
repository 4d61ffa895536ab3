#include "vector_index/segment_build.h"

#include <algorithm>
#include <cstring>

namespace sextant::vector_index {
namespace {

// A codec learns from about this many numbers, but from at least kFewestTrainingRows rows.
constexpr size_t kTrainingValues = size_t{1} << 23;
constexpr size_t kFewestTrainingRows = 256;
// Beyond these, a graph only gets slower to build and to walk.
constexpr uint32_t kMostLinks = 256;
constexpr uint32_t kMostCandidates = 4096;

}  // namespace

Status CheckNotCancelled(const BuildOptions& options) {
  const bool cancelled = options.cancel != nullptr && options.cancel->cancelled();
  return cancelled ? Unavailable("the build of a segment was cancelled") : OkStatus();
}

size_t TrainingRows(size_t rows, uint32_t dim) {
  return std::min(rows, std::max(kFewestTrainingRows, kTrainingValues / dim));
}

void ReorderCodes(std::span<const uint32_t> order, size_t stride, int8_t* codes, std::span<quantizer::RowTerms> terms) {
  std::vector<int8_t> held_code(stride);
  std::vector<bool> done(order.size());
  for (uint32_t first = 0; first < order.size(); ++first) {
    if (done[first]) continue;
    std::memcpy(held_code.data(), codes + first * stride, stride);
    const quantizer::RowTerms held_terms = terms[first];
    uint32_t to = first;
    for (; order[to] != first; to = order[to]) {
      std::memcpy(codes + to * stride, codes + order[to] * stride, stride);
      terms[to] = terms[order[to]];
      done[to] = true;
    }
    std::memcpy(codes + to * stride, held_code.data(), stride);
    terms[to] = held_terms;
    done[to] = true;
  }
}

GraphParams GraphParamsOf(const SegmentSpec& spec, const BuildOptions& options) {
  return {.degree = std::clamp<uint32_t>(2 * spec.m, 2, kMostLinks),
          .ef_construct = std::clamp<uint32_t>(spec.ef_construct, 16, kMostCandidates),
          .threads = options.threads,
          .cancel = options.cancel};
}

}  // namespace sextant::vector_index
