// AVX2 + FMA level with half floats (Haswell and Zen 1 or newer).
#include "kernels/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#define SEXTANT_AVX2 __attribute__((target("avx2,fma,f16c")))

namespace sextant::kernels {
namespace {

SEXTANT_AVX2 inline float SumFloats(__m256 v) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

SEXTANT_AVX2 float Dot(const float* a, const float* b, size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
    s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
    s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
  }
  for (; i + 8 <= n; i += 8) s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
  float sum = SumFloats(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

SEXTANT_AVX2 inline __m256 AddSquare(const float* a, const float* b, __m256 sum) {
  const __m256 d = _mm256_sub_ps(_mm256_loadu_ps(a), _mm256_loadu_ps(b));
  return _mm256_fmadd_ps(d, d, sum);
}

SEXTANT_AVX2 float L2Squared(const float* a, const float* b, size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    s0 = AddSquare(a + i, b + i, s0);
    s1 = AddSquare(a + i + 8, b + i + 8, s1);
    s2 = AddSquare(a + i + 16, b + i + 16, s2);
    s3 = AddSquare(a + i + 24, b + i + 24, s3);
  }
  for (; i + 8 <= n; i += 8) s0 = AddSquare(a + i, b + i, s0);
  float sum = SumFloats(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
  for (; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

SEXTANT_AVX2 inline __m256 AddAbs(const float* a, const float* b, __m256 sum) {
  const __m256 d = _mm256_sub_ps(_mm256_loadu_ps(a), _mm256_loadu_ps(b));
  return _mm256_add_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0F), d), sum);
}

SEXTANT_AVX2 float L1(const float* a, const float* b, size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0;
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = AddAbs(a + i, b + i, s0);
    s1 = AddAbs(a + i + 8, b + i + 8, s1);
  }
  for (; i + 8 <= n; i += 8) s0 = AddAbs(a + i, b + i, s0);
  float sum = SumFloats(_mm256_add_ps(s0, s1));
  for (; i < n; ++i) sum += std::fabs(a[i] - b[i]);
  return sum;
}

SEXTANT_AVX2 float Normalize(const float* in, float* out, size_t n) {
  const float length = std::sqrt(Dot(in, in, n));
  const float divisor = length > 0 ? length : 1;
  const __m256 divisors = _mm256_set1_ps(divisor);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(out + i, _mm256_div_ps(_mm256_loadu_ps(in + i), divisors));
  for (; i < n; ++i) out[i] = in[i] / divisor;
  return length;
}

SEXTANT_AVX2 inline __m256i Load(const int8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

SEXTANT_AVX2 inline int32_t SumInts(__m256i v) {
  __m128i x = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(x, _mm_shuffle_epi32(x, 0xB1)));
}

// sum += a · b per 32-bit lane. maddubs takes unsigned × signed and saturates its 16-bit pair sums: |a| <= 127 moves
// the sign of a to b, and 2 · 127 · 127 = 32258 fits, so that the result is exact.
SEXTANT_AVX2 inline __m256i AddProduct(__m256i a, __m256i b, __m256i sum) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(b, a));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// sum += |a - b| in the low half of every 64-bit lane; adding 128 makes signed codes unsigned for vpsadbw.
SEXTANT_AVX2 inline __m256i AddDifference(__m256i a, __m256i b, __m256i sum) {
  const __m256i shift = _mm256_set1_epi8(static_cast<char>(0x80));
  return _mm256_add_epi32(sum, _mm256_sad_epu8(_mm256_xor_si256(a, shift), _mm256_xor_si256(b, shift)));
}

template <bool kDot>
SEXTANT_AVX2 inline __m256i Accumulate(__m256i a, __m256i b, __m256i sum) {
  if constexpr (kDot) {
    return AddProduct(a, b, sum);
  } else {
    return AddDifference(a, b, sum);
  }
}

template <bool kDot>
SEXTANT_AVX2 inline int32_t Tail(const int8_t* a, const int8_t* b, size_t from, size_t n) {
  int32_t sum = 0;
  for (size_t i = from; i < n; ++i) sum += kDot ? a[i] * b[i] : std::abs(a[i] - b[i]);
  return sum;
}

template <bool kDot>
SEXTANT_AVX2 int32_t One(const int8_t* a, const int8_t* b, size_t n) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0;
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    s0 = Accumulate<kDot>(Load(a + i), Load(b + i), s0);
    s1 = Accumulate<kDot>(Load(a + i + 32), Load(b + i + 32), s1);
  }
  for (; i + 32 <= n; i += 32) s0 = Accumulate<kDot>(Load(a + i), Load(b + i), s0);
  return SumInts(_mm256_add_epi32(s0, s1)) + Tail<kDot>(a, b, i, n);
}

// The sums of four vectors of lanes, in order.
SEXTANT_AVX2 inline __m128i SumFour(__m256i s0, __m256i s1, __m256i s2, __m256i s3) {
  const __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(s0, s1), _mm256_hadd_epi32(s2, s3));
  return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

// Four rows at once: each part of the query is loaded once, and the four sums are reduced together.
template <bool kDot>
SEXTANT_AVX2 inline void Four(const int8_t* query, const int8_t* const* rows, size_t n, int32_t* out) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i q = Load(query + i);
    s0 = Accumulate<kDot>(Load(rows[0] + i), q, s0);
    s1 = Accumulate<kDot>(Load(rows[1] + i), q, s1);
    s2 = Accumulate<kDot>(Load(rows[2] + i), q, s2);
    s3 = Accumulate<kDot>(Load(rows[3] + i), q, s3);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), SumFour(s0, s1, s2, s3));
  if (i == n) return;
  for (size_t r = 0; r < 4; ++r) out[r] += Tail<kDot>(query, rows[r], i, n);
}

inline void PrefetchBytes(const void* bytes, size_t n) {
  for (size_t line = 0; line < n && line < kPrefetchBytes; line += 64)
    __builtin_prefetch(static_cast<const char*>(bytes) + line);
}

template <bool kDot>
SEXTANT_AVX2 void Batch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  for (size_t i = 0; i < batch.count && i < 4; ++i)
    PrefetchBytes(batch.base + batch.ids[i] * batch.stride, batch.length);
  size_t i = 0;
  for (; i + 4 <= batch.count; i += 4) {
    const int8_t* rows[4];
    for (size_t r = 0; r < 4; ++r) rows[r] = batch.base + batch.ids[i + r] * batch.stride;
    for (size_t r = i + 4; r < batch.count && r < i + 8; ++r)
      PrefetchBytes(batch.base + batch.ids[r] * batch.stride, batch.length);
    Four<kDot>(query, rows, batch.length, out + i);
  }
  for (; i < batch.count; ++i) out[i] = One<kDot>(query, batch.base + batch.ids[i] * batch.stride, batch.length);
}

// The products of 32 bytes of four rows with the query, code by code. A sum of 16 bits holds 8 / kBits planes: at most
// 8 · 2 · 127 = 2032 with one bit, 4 · 2 · 3 · 127 = 3048 with two, 2 · 2 · 15 · 127 = 7620 with four.
template <unsigned kBits>
SEXTANT_AVX2 inline void AddPacked(const int8_t* query, size_t plane_length, const __m256i (&rows)[4],
                                   __m256i (&sums)[4]) {
  const __m256i low = _mm256_set1_epi8((1 << kBits) - 1);
  __m256i bytes[4] = {rows[0], rows[1], rows[2], rows[3]};
  __m256i pairs[4] = {};
  for (unsigned plane = 0; plane < 8 / kBits; ++plane) {
    const __m256i q = Load(query + plane * plane_length);
    for (size_t r = 0; r < 4; ++r) {
      pairs[r] = _mm256_add_epi16(pairs[r], _mm256_maddubs_epi16(_mm256_and_si256(bytes[r], low), q));
      bytes[r] = _mm256_srli_epi16(bytes[r], kBits);
    }
  }
  for (size_t r = 0; r < 4; ++r) sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(pairs[r], _mm256_set1_epi16(1)));
}

// The products of the bytes from `from` on.
template <unsigned kBits>
SEXTANT_AVX2 inline int32_t PackedTail(const int8_t* query, const int8_t* codes, size_t from, size_t n) {
  const auto* const row = reinterpret_cast<const uint8_t*>(codes);
  int32_t sum = 0;
  for (unsigned plane = 0; plane < 8 / kBits; ++plane)
    for (size_t j = from; j < n; ++j)
      sum += query[plane * n + j] * static_cast<int32_t>(row[j] >> plane * kBits & ((1U << kBits) - 1));
  return sum;
}

// Four rows at once; where fewer are left, the last one again.
template <unsigned kBits>
SEXTANT_AVX2 void PackedDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  const size_t n = batch.length;
  for (size_t i = 0; i < batch.count && i < 8; ++i) PrefetchBytes(batch.base + batch.ids[i] * batch.stride, n);
  for (size_t i = 0; i < batch.count; i += 4) {
    const size_t left = std::min<size_t>(4, batch.count - i);
    const int8_t* rows[4];
    for (size_t r = 0; r < 4; ++r) rows[r] = batch.base + batch.ids[i + std::min(r, left - 1)] * batch.stride;
    for (size_t r = i + 8; r < batch.count && r < i + 12; ++r)
      PrefetchBytes(batch.base + batch.ids[r] * batch.stride, n);
    __m256i sums[4] = {};
    size_t at = 0;
    for (; at + 32 <= n; at += 32) {
      AddPacked<kBits>(query + at, n, {Load(rows[0] + at), Load(rows[1] + at), Load(rows[2] + at), Load(rows[3] + at)},
                       sums);
    }
    alignas(16) int32_t products[4];
    _mm_store_si128(reinterpret_cast<__m128i*>(products), SumFour(sums[0], sums[1], sums[2], sums[3]));
    for (size_t r = 0; r < left; ++r)
      out[i + r] = products[r] + (at < n ? PackedTail<kBits>(query, rows[r], at, n) : 0);
  }
}

enum class Metric { kDot, kL2, kL1 };

template <Metric kMetric>
SEXTANT_AVX2 inline __m256 AddSimilarity(__m256 query, __m256 row, __m256 sum) {
  if constexpr (kMetric == Metric::kDot) return _mm256_fmadd_ps(query, row, sum);
  const __m256 d = _mm256_sub_ps(query, row);
  if constexpr (kMetric == Metric::kL2) return _mm256_fnmadd_ps(d, d, sum);
  return _mm256_sub_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), d));
}

// What one tile of max_* keeps in registers: two sums a stored row, each over 8 query rows, a lane each: the maximum
// over stored rows needs no sum across lanes. The differences of L2 and L1 need registers too.
template <Metric kMetric>
inline constexpr size_t kTileRows = kMetric == Metric::kDot ? 6 : 4;

// Few sums are each split in several, so that enough additions are under way at once.
template <size_t kRows>
inline constexpr size_t kSplits = kRows == 1   ? 4
                                  : kRows == 2 ? 2
                                               : 1;

template <Metric kMetric, size_t kRows>
SEXTANT_AVX2 inline void MaxOfTile(const float* group, size_t dim, const float* rows, float* best) {
  constexpr size_t kSteps = kSplits<kRows>;
  __m256 totals[kRows][2] = {};
  for (size_t first = 0; first < dim; first += kDimsPerSum) {
    const size_t end = std::min(dim, first + kDimsPerSum);
    __m256 sums[kSteps][kRows][2] = {};
    const auto add = [&](size_t d, size_t s) SEXTANT_AVX2 {
      const __m256 low = _mm256_loadu_ps(group + d * kQueryLanes);
      const __m256 high = _mm256_loadu_ps(group + d * kQueryLanes + 8);
      for (size_t r = 0; r < kRows; ++r) {
        const __m256 row = _mm256_broadcast_ss(rows + r * dim + d);
        sums[s][r][0] = AddSimilarity<kMetric>(low, row, sums[s][r][0]);
        sums[s][r][1] = AddSimilarity<kMetric>(high, row, sums[s][r][1]);
      }
    };
    size_t d = first;
    for (; d + kSteps <= end; d += kSteps)
      for (size_t s = 0; s < kSteps; ++s) add(d + s, s);
    for (; d < end; ++d) add(d, 0);
    for (size_t s = 0; s < kSteps; ++s)
      for (size_t r = 0; r < kRows; ++r)
        for (size_t half = 0; half < 2; ++half) totals[r][half] = _mm256_add_ps(totals[r][half], sums[s][r][half]);
  }
  for (size_t half = 0; half < 2; ++half) {
    __m256 most = _mm256_loadu_ps(best + half * 8);
    // The second operand is the result where the first is not a number.
    for (size_t r = 0; r < kRows; ++r) most = _mm256_max_ps(totals[r][half], most);
    _mm256_storeu_ps(best + half * 8, most);
  }
}

template <Metric kMetric>
SEXTANT_AVX2 inline void MaxOfGroup(const float* group, size_t dim, std::span<const float> rows, float* best) {
  constexpr size_t kMost = kTileRows<kMetric>;
  const float* row = rows.data();
  size_t count = rows.size() / dim;
  for (; count >= kMost; count -= kMost, row += kMost * dim) MaxOfTile<kMetric, kMost>(group, dim, row, best);
  switch (count) {
    case 5: return MaxOfTile<kMetric, 5>(group, dim, row, best);
    case 4: return MaxOfTile<kMetric, 4>(group, dim, row, best);
    case 3: return MaxOfTile<kMetric, 3>(group, dim, row, best);
    case 2: return MaxOfTile<kMetric, 2>(group, dim, row, best);
    case 1: return MaxOfTile<kMetric, 1>(group, dim, row, best);
    default: return;
  }
}

template <Metric kMetric>
SEXTANT_AVX2 void Max(const QueryGroups& query, const float* rows, size_t count, float* best) {
  for (size_t g = 0; g < query.groups; ++g)
    MaxOfGroup<kMetric>(query.values + g * query.dim * kQueryLanes, query.dim, {rows, count * query.dim},
                        best + g * kQueryLanes);
}

// Products are made four at a time; sums go to memory one by one, which a scatter would do no faster.
SEXTANT_AVX2 void AddPostings(const PostingBatch& batch, float query_weight, double* scores) {
  const __m256d weight = _mm256_set1_pd(query_weight);
  size_t i = 0;
  for (; i + 4 <= batch.count; i += 4) {
    alignas(32) double products[4];
    const __m256d stored = _mm256_cvtps_pd(_mm_loadu_ps(batch.weights + i));
    _mm256_store_pd(products, _mm256_add_pd(_mm256_mul_pd(weight, stored), _mm256_setzero_pd()));
    for (size_t j = 0; j < 4; ++j) scores[batch.rows[i + j] - batch.first_row] += products[j];
  }
  ScalarAddPostings({batch.rows + i, batch.weights + i, batch.count - i, batch.first_row}, query_weight, scores);
}

SEXTANT_AVX2 size_t SelectAbove(const double* scores, size_t n, double floor, uint32_t* out) {
  const __m256d floors = _mm256_set1_pd(floor);
  const __m256i untouched = _mm256_castpd_si256(_mm256_set1_pd(kUntouched));
  size_t count = 0, i = 0;
  for (; i + 4 <= n; i += 4) {
    const __m256d values = _mm256_loadu_pd(scores + i);
    const __m256d above = _mm256_cmp_pd(values, floors, _CMP_NLE_UQ);
    const __m256d same = _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_castpd_si256(values), untouched));
    auto mask = static_cast<uint32_t>(_mm256_movemask_pd(_mm256_andnot_pd(same, above)));
    for (; mask != 0; mask &= mask - 1)
      out[count++] = static_cast<uint32_t>(i) + static_cast<uint32_t>(__builtin_ctz(mask));
  }
  const size_t rest = ScalarSelectAbove(scores + i, n - i, floor, out + count);
  for (size_t j = 0; j < rest; ++j) out[count + j] += static_cast<uint32_t>(i);
  return count + rest;
}

SEXTANT_AVX2 size_t SelectMembers(const uint32_t* values, size_t n, const BitSet& set, uint32_t first, uint32_t* out) {
  const __m256i halves = _mm256_set1_epi32(static_cast<int>(std::min<size_t>(2 * set.word_count, INT32_MAX)));
  const __m256i low = _mm256_set1_epi32(31);
  size_t count = 0, i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i));
    const __m256i half = _mm256_srli_epi32(v, 5);
    // Both are below 2^31, so that signed comparison is right.
    const __m256i inside = _mm256_cmpgt_epi32(halves, half);
    const __m256i words =
        _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), reinterpret_cast<const int*>(set.words), half, inside, 4);
    // The bit in question becomes the sign.
    const __m256i bits = _mm256_sllv_epi32(words, _mm256_sub_epi32(low, _mm256_and_si256(v, low)));
    auto found = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(bits)));
    for (; found != 0; found &= found - 1)
      out[count++] = first + static_cast<uint32_t>(i) + static_cast<uint32_t>(__builtin_ctz(found));
  }
  return count + ScalarSelectMembers(values + i, n - i, set, first + static_cast<uint32_t>(i), out + count);
}

SEXTANT_AVX2 std::optional<double> SparseDot(const SparseRow& few, const SparseRow& row) {
  __m256d sums = _mm256_setzero_pd();
  __m256i shared = _mm256_setzero_si256();
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  for (size_t at = 0; at < row.count; at += 8) {
    const auto left = static_cast<int>(std::min<size_t>(8, row.count - at));
    const __m256i in = _mm256_cmpgt_epi32(_mm256_set1_epi32(left), lanes);
    const __m256i indices = _mm256_maskload_epi32(reinterpret_cast<const int*>(row.indices + at), in);
    __m256 weights = _mm256_setzero_ps();  // of the query, beside the element of the same index
    __m256i found = _mm256_setzero_si256();
    for (size_t i = 0; i < few.count; ++i) {
      const __m256i same = _mm256_cmpeq_epi32(indices, _mm256_set1_epi32(static_cast<int>(few.indices[i])));
      weights = _mm256_or_ps(weights, _mm256_and_ps(_mm256_castsi256_ps(same), _mm256_set1_ps(few.values[i])));
      found = _mm256_or_si256(found, same);
    }
    found = _mm256_and_si256(found, in);
    shared = _mm256_or_si256(shared, found);
    weights = _mm256_and_ps(weights, _mm256_castsi256_ps(in));
    const __m256 values = _mm256_maskload_ps(row.values + at, found);
    sums = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(weights)),
                           _mm256_cvtps_pd(_mm256_castps256_ps128(values)), sums);
    sums = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(weights, 1)),
                           _mm256_cvtps_pd(_mm256_extractf128_ps(values, 1)), sums);
  }
  if (_mm256_testz_si256(shared, shared) != 0) return std::nullopt;
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(sums), _mm256_extractf128_pd(sums, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

SEXTANT_AVX2 void AddBytes(const uint8_t* bytes, size_t n, uint16_t factor, uint16_t* sums) {
  const __m256i factors = _mm256_set1_epi16(static_cast<int16_t>(factor));
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i)));
    const __m256i units = _mm256_mulhi_epu16(_mm256_slli_epi16(wide, 8), factors);
    auto* const at = reinterpret_cast<__m256i*>(sums + i);
    _mm256_storeu_si256(at, _mm256_adds_epu16(_mm256_loadu_si256(at), units));
  }
  ScalarAddBytes(bytes + i, n - i, factor, sums + i);
}

SEXTANT_AVX2 void AddCeilings(const PostingBatch& batch, double factor, uint16_t* sums) {
  const __m256d factors = _mm256_set1_pd(factor);
  size_t i = 0;
  for (; i + 4 <= batch.count; i += 4) {
    alignas(16) uint32_t units[4];
    const __m256d stored = _mm256_cvtps_pd(_mm_loadu_ps(batch.weights + i));
    const __m256d products = _mm256_max_pd(_mm256_mul_pd(factors, stored), _mm256_setzero_pd());
    _mm_store_si128(reinterpret_cast<__m128i*>(units), _mm256_cvttpd_epi32(products));
    for (size_t j = 0; j < 4; ++j) {
      uint16_t& sum = sums[batch.rows[i + j] - batch.first_row];
      sum = static_cast<uint16_t>(std::min(sum + 1 + units[j], kMostUnits));
    }
  }
  ScalarAddCeilings({batch.rows + i, batch.weights + i, batch.count - i, batch.first_row}, factor, sums);
}

SEXTANT_AVX2 size_t SelectAtLeast(const uint16_t* sums, size_t n, uint16_t least, uint32_t* out) {
  const __m256i floors = _mm256_set1_epi16(static_cast<int16_t>(least));
  size_t count = 0, i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums + i));
    const __m256i reach = _mm256_cmpeq_epi16(_mm256_max_epu16(values, floors), values);
    // Two bits a value, of which one is kept.
    auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(reach)) & 0x5555'5555;
    for (; mask != 0; mask &= mask - 1)
      out[count++] = static_cast<uint32_t>(i) + static_cast<uint32_t>(__builtin_ctz(mask)) / 2;
  }
  for (; i < n; ++i)
    if (sums[i] >= least) out[count++] = static_cast<uint32_t>(i);
  return count;
}

SEXTANT_AVX2 void ExpandHalves(const uint16_t* halves, float* out, size_t n) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + i))));
  for (; i < n; ++i) out[i] = _cvtsh_ss(halves[i]);
}

SEXTANT_AVX2 void ExpandBytes(const uint8_t* bytes, const ByteScale& scale, float* out, size_t n) {
  const __m256 step = _mm256_set1_ps(scale.step), min = _mm256_set1_ps(scale.min), max = _mm256_set1_ps(scale.max);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + i)));
    _mm256_storeu_ps(out + i, _mm256_min_ps(_mm256_fmadd_ps(step, _mm256_cvtepi32_ps(wide), min), max));
  }
  ScalarExpandBytes(bytes + i, scale, out + i, n - i);
}

constexpr KernelTable kTable = {.name = "avx2",
                                .dot = Dot,
                                .l2_squared = L2Squared,
                                .l1 = L1,
                                .normalize = Normalize,
                                .code_dot = One<true>,
                                .code_l1 = One<false>,
                                .code_dot_batch = Batch<true>,
                                .code_l1_batch = Batch<false>,
                                .code_dot_queries = OneQueryAtATime<Batch<true>>,
                                .code_l1_queries = OneQueryAtATime<Batch<false>>,
                                .packed1_dot_batch = PackedDotBatch<1>,
                                .packed2_dot_batch = PackedDotBatch<2>,
                                .packed4_dot_batch = PackedDotBatch<4>,
                                .max_dot = Max<Metric::kDot>,
                                .max_l2 = Max<Metric::kL2>,
                                .max_l1 = Max<Metric::kL1>,
                                .add_postings = AddPostings,
                                .select_above = SelectAbove,
                                .sparse_dot = SparseDot,
                                .add_bytes = AddBytes,
                                .add_ceilings = AddCeilings,
                                .select_at_least = SelectAtLeast,
                                .select_members = SelectMembers,
                                .expand_halves = ExpandHalves,
                                .expand_bytes = ExpandBytes};

}  // namespace

const KernelTable* Avx2Kernels() {
  const bool has_all =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  return has_all ? &kTable : nullptr;
}

}  // namespace sextant::kernels

#else

namespace sextant::kernels {
const KernelTable* Avx2Kernels() {
  return nullptr;
}
}  // namespace sextant::kernels

#endif
