// NEON level: every 64-bit Arm.
#include "kernels/levels.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sextant::kernels {
namespace {

float Dot(const float* a, const float* b, size_t n) {
  float32x4_t s0 = vdupq_n_f32(0), s1 = s0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    s0 = vfmaq_f32(s0, vld1q_f32(a + i), vld1q_f32(b + i));
    s1 = vfmaq_f32(s1, vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
  }
  float sum = vaddvq_f32(vaddq_f32(s0, s1));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

float L2Squared(const float* a, const float* b, size_t n) {
  float32x4_t s0 = vdupq_n_f32(0), s1 = s0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const float32x4_t d0 = vsubq_f32(vld1q_f32(a + i), vld1q_f32(b + i));
    const float32x4_t d1 = vsubq_f32(vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
    s0 = vfmaq_f32(s0, d0, d0);
    s1 = vfmaq_f32(s1, d1, d1);
  }
  float sum = vaddvq_f32(vaddq_f32(s0, s1));
  for (; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

float L1(const float* a, const float* b, size_t n) {
  float32x4_t s0 = vdupq_n_f32(0), s1 = s0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    s0 = vaddq_f32(s0, vabdq_f32(vld1q_f32(a + i), vld1q_f32(b + i)));
    s1 = vaddq_f32(s1, vabdq_f32(vld1q_f32(a + i + 4), vld1q_f32(b + i + 4)));
  }
  float sum = vaddvq_f32(vaddq_f32(s0, s1));
  for (; i < n; ++i) sum += std::fabs(a[i] - b[i]);
  return sum;
}

float Normalize(const float* in, float* out, size_t n) {
  const float length = std::sqrt(Dot(in, in, n));
  const float divisor = length > 0 ? length : 1;
  const float32x4_t divisors = vdupq_n_f32(divisor);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) vst1q_f32(out + i, vdivq_f32(vld1q_f32(in + i), divisors));
  for (; i < n; ++i) out[i] = in[i] / divisor;
  return length;
}

// Widening multiplies: 16 codes a step, pair sums kept in 32 bits, hence exact.
int32_t CodeDot(const int8_t* a, const int8_t* b, size_t n) {
  int32x4_t s0 = vdupq_n_s32(0), s1 = s0;
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const int8x16_t x = vld1q_s8(a + i), y = vld1q_s8(b + i);
    s0 = vpadalq_s16(s0, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
    s1 = vpadalq_s16(s1, vmull_high_s8(x, y));
  }
  int32_t sum = vaddvq_s32(vaddq_s32(s0, s1));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

int32_t CodeL1(const int8_t* a, const int8_t* b, size_t n) {
  uint32x4_t s = vdupq_n_u32(0);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint8x16_t d = vreinterpretq_u8_s8(vabdq_s8(vld1q_s8(a + i), vld1q_s8(b + i)));
    s = vpadalq_u16(s, vpaddlq_u8(d));
  }
  int32_t sum = static_cast<int32_t>(vaddvq_u32(s));
  for (; i < n; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

template <int32_t (*kOne)(const int8_t*, const int8_t*, size_t)>
void Batch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  constexpr size_t kAhead = 4;
  for (size_t i = 0; i < batch.count; ++i) {
    if (i + kAhead < batch.count) {
      const int8_t* next = batch.base + batch.ids[i + kAhead] * batch.stride;
      for (size_t line = 0; line < batch.length && line < kPrefetchBytes; line += 64) __builtin_prefetch(next + line);
    }
    out[i] = kOne(query, batch.base + batch.ids[i] * batch.stride, batch.length);
  }
}

template <unsigned kBits>
int32_t PackedDot(const int8_t* query, const int8_t* codes, size_t n) {
  const auto* const row = reinterpret_cast<const uint8_t*>(codes);
  constexpr uint8_t kLow = (1U << kBits) - 1;
  int32x4_t s0 = vdupq_n_s32(0), s1 = s0;
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    uint8x16_t bytes = vld1q_u8(row + i);
    for (unsigned plane = 0; plane < 8 / kBits; ++plane) {
      const int8x16_t levels = vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(kLow)));
      const int8x16_t q = vld1q_s8(query + plane * n + i);
      s0 = vpadalq_s16(s0, vmull_s8(vget_low_s8(levels), vget_low_s8(q)));
      s1 = vpadalq_s16(s1, vmull_high_s8(levels, q));
      bytes = vshrq_n_u8(bytes, kBits);
    }
  }
  int32_t sum = vaddvq_s32(vaddq_s32(s0, s1));
  for (unsigned plane = 0; plane < 8 / kBits; ++plane)
    for (size_t j = i; j < n; ++j) sum += query[plane * n + j] * static_cast<int32_t>(row[j] >> plane * kBits & kLow);
  return sum;
}

enum class Metric { kDot, kL2, kL1 };

template <Metric kMetric>
inline float32x4_t AddSimilarity(float32x4_t query, float32x4_t row, float32x4_t sum) {
  if constexpr (kMetric == Metric::kDot) return vfmaq_f32(sum, query, row);
  const float32x4_t d = vabdq_f32(query, row);
  if constexpr (kMetric == Metric::kL2) return vfmsq_f32(sum, d, d);
  return vsubq_f32(sum, d);
}

// One group and a few stored rows: a lane is a query row, so that the maximum over stored rows needs no sum across
// lanes.
template <Metric kMetric, size_t kRows>
void MaxOfTile(const float* group, size_t dim, const float* rows, float* best) {
  constexpr size_t kQuads = kQueryLanes / 4;
  float32x4_t totals[kRows][kQuads] = {};
  for (size_t first = 0; first < dim; first += kDimsPerSum) {
    float32x4_t sums[kRows][kQuads] = {};
    for (size_t d = first; d < std::min(dim, first + kDimsPerSum); ++d)
      for (size_t r = 0; r < kRows; ++r)
        for (size_t q = 0; q < kQuads; ++q)
          sums[r][q] = AddSimilarity<kMetric>(vld1q_f32(group + d * kQueryLanes + q * 4),
                                              vdupq_n_f32(rows[r * dim + d]), sums[r][q]);
    for (size_t r = 0; r < kRows; ++r)
      for (size_t q = 0; q < kQuads; ++q) totals[r][q] = vaddq_f32(totals[r][q], sums[r][q]);
  }
  for (size_t r = 0; r < kRows; ++r)
    for (size_t q = 0; q < kQuads; ++q) {
      const float32x4_t most = vld1q_f32(best + q * 4);
      vst1q_f32(best + q * 4, vbslq_f32(vcgtq_f32(totals[r][q], most), totals[r][q], most));
    }
}

template <Metric kMetric>
void Max(const QueryGroups& query, const float* rows, size_t count, float* best) {
  constexpr size_t kTileRows = 4;
  for (size_t g = 0; g < query.groups; ++g) {
    const float* const group = query.values + g * query.dim * kQueryLanes;
    float* const most = best + g * kQueryLanes;
    size_t row = 0;
    for (; row + kTileRows <= count; row += kTileRows)
      MaxOfTile<kMetric, kTileRows>(group, query.dim, rows + row * query.dim, most);
    for (; row < count; ++row) MaxOfTile<kMetric, 1>(group, query.dim, rows + row * query.dim, most);
  }
}

constexpr KernelTable kTable = {.name = "neon",
                                .dot = Dot,
                                .l2_squared = L2Squared,
                                .l1 = L1,
                                .normalize = Normalize,
                                .code_dot = CodeDot,
                                .code_l1 = CodeL1,
                                .code_dot_batch = Batch<CodeDot>,
                                .code_l1_batch = Batch<CodeL1>,
                                .code_dot_queries = OneQueryAtATime<Batch<CodeDot>>,
                                .code_l1_queries = OneQueryAtATime<Batch<CodeL1>>,
                                .packed1_dot_batch = Batch<PackedDot<1>>,
                                .packed2_dot_batch = Batch<PackedDot<2>>,
                                .packed4_dot_batch = Batch<PackedDot<4>>,
                                .max_dot = Max<Metric::kDot>,
                                .max_l2 = Max<Metric::kL2>,
                                .max_l1 = Max<Metric::kL1>,
                                .add_postings = ScalarAddPostings,
                                .select_above = ScalarSelectAbove,
                                .sparse_dot = ScalarSparseDot,
                                .add_bytes = ScalarAddBytes,
                                .add_ceilings = ScalarAddCeilings,
                                .select_at_least = ScalarSelectAtLeast,
                                .select_members = ScalarSelectMembers,
                                .expand_halves = ScalarExpandHalves,
                                .expand_bytes = ScalarExpandBytes};

}  // namespace

const KernelTable* NeonKernels() {
  return &kTable;
}

}  // namespace sextant::kernels

#else

namespace sextant::kernels {
const KernelTable* NeonKernels() {
  return nullptr;
}
}  // namespace sextant::kernels

#endif
