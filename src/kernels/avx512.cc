// AVX-512 level (F, BW, DQ, VL), with the VNNI dot product where the CPU has it.
#include "kernels/levels.h"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the deliberately undefined operands inside its own AVX-512 header for a mistake.
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <cmath>

#define SEXTANT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define SEXTANT_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

namespace sextant::kernels {
namespace {

// The first `n` of 16 float lanes, or of 64 byte lanes.
SEXTANT_AVX512 inline __mmask16 FloatMask(size_t n) {
  return static_cast<__mmask16>((1U << n) - 1);
}
SEXTANT_AVX512 inline __mmask64 ByteMask(size_t n) {
  return (uint64_t{1} << n) - 1;
}

SEXTANT_AVX512 inline __m512 AddProducts(__m512 a, __m512 b, __m512 sum) {
  return _mm512_fmadd_ps(a, b, sum);
}
SEXTANT_AVX512 inline __m512 AddSquares(__m512 a, __m512 b, __m512 sum) {
  const __m512 d = _mm512_sub_ps(a, b);
  return _mm512_fmadd_ps(d, d, sum);
}
SEXTANT_AVX512 inline __m512 AddAbs(__m512 a, __m512 b, __m512 sum) {
  return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b)));
}

enum class Metric { kDot, kL2, kL1 };

template <Metric kMetric>
SEXTANT_AVX512 inline __m512 AddTerms(__m512 a, __m512 b, __m512 sum) {
  if constexpr (kMetric == Metric::kDot) return AddProducts(a, b, sum);
  if constexpr (kMetric == Metric::kL2) return AddSquares(a, b, sum);
  return AddAbs(a, b, sum);
}

template <Metric kMetric>
SEXTANT_AVX512 float FloatKernel(const float* a, const float* b, size_t n) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    s0 = AddTerms<kMetric>(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
    s1 = AddTerms<kMetric>(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
    s2 = AddTerms<kMetric>(_mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32), s2);
    s3 = AddTerms<kMetric>(_mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48), s3);
  }
  for (; i + 16 <= n; i += 16) s0 = AddTerms<kMetric>(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
  if (i < n) {
    const __mmask16 mask = FloatMask(n - i);
    s1 = AddTerms<kMetric>(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i), s1);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

SEXTANT_AVX512 float Normalize(const float* in, float* out, size_t n) {
  const float length = std::sqrt(FloatKernel<Metric::kDot>(in, in, n));
  const float divisor = length > 0 ? length : 1;
  const __m512 divisors = _mm512_set1_ps(divisor);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) _mm512_storeu_ps(out + i, _mm512_div_ps(_mm512_loadu_ps(in + i), divisors));
  for (; i < n; ++i) out[i] = in[i] / divisor;
  return length;
}

// One step over 64 codes of a row and the query. Every step is exact; the batch subtracts `Bias` times the lane sums
// once at the end.
struct DotWithoutVnni {
  // The products of widened codes: no saturation, one multiplication per 32 codes.
  SEXTANT_AVX512 static __m512i Add(__m512i row, __m512i query, __m512i sum) {
    const __m512i low = _mm512_madd_epi16(_mm512_cvtepi8_epi16(_mm512_castsi512_si256(row)),
                                          _mm512_cvtepi8_epi16(_mm512_castsi512_si256(query)));
    const __m512i high = _mm512_madd_epi16(_mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(row, 1)),
                                           _mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(query, 1)));
    return _mm512_add_epi32(sum, _mm512_add_epi32(low, high));
  }
};

struct L1Distance {
  SEXTANT_AVX512 static __m512i Add(__m512i row, __m512i query, __m512i sum) {
    const __m512i shift = _mm512_set1_epi8(static_cast<char>(0x80));
    return _mm512_add_epi32(sum, _mm512_sad_epu8(_mm512_xor_si512(row, shift), _mm512_xor_si512(query, shift)));
  }
};

SEXTANT_AVX512 inline __m128i SumFour(__m512i s0, __m512i s1, __m512i s2, __m512i s3) {
  const __m512i a = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
  const __m512i b = _mm512_add_epi32(_mm512_unpacklo_epi32(s2, s3), _mm512_unpackhi_epi32(s2, s3));
  const __m512i c = _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
  const __m256i d = _mm256_add_epi32(_mm512_castsi512_si256(c), _mm512_extracti64x4_epi64(c, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(d), _mm256_extracti128_si256(d, 1));
}

inline void PrefetchBytes(const void* bytes, size_t n) {
  for (size_t line = 0; line < n && line < kPrefetchBytes; line += 64)
    __builtin_prefetch(static_cast<const char*>(bytes) + line);
}

// The two families of functions below differ only in the target attribute, which a template parameter cannot carry:
// a function may inline only callees whose target is a subset of its own.
#define SEXTANT_DEFINE_CODE_KERNELS(PREFIX, TARGET, STEP)                                                      \
  TARGET inline int32_t PREFIX##Sum(const int8_t* row, const int8_t* query, size_t n) {                        \
    __m512i s = _mm512_setzero_si512();                                                                        \
    size_t i = 0;                                                                                              \
    for (; i + 64 <= n; i += 64) s = STEP::Add(_mm512_loadu_si512(row + i), _mm512_loadu_si512(query + i), s); \
    if (i < n) {                                                                                               \
      const __mmask64 mask = ByteMask(n - i);                                                                  \
      s = STEP::Add(_mm512_maskz_loadu_epi8(mask, row + i), _mm512_maskz_loadu_epi8(mask, query + i), s);      \
    }                                                                                                          \
    return _mm512_reduce_add_epi32(s);                                                                         \
  }                                                                                                            \
  TARGET inline __m128i PREFIX##Four(const int8_t* query, const int8_t* const* rows, size_t n) {               \
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;                                            \
    size_t i = 0;                                                                                              \
    for (; i + 64 <= n; i += 64) {                                                                             \
      const __m512i q = _mm512_loadu_si512(query + i);                                                         \
      s0 = STEP::Add(_mm512_loadu_si512(rows[0] + i), q, s0);                                                  \
      s1 = STEP::Add(_mm512_loadu_si512(rows[1] + i), q, s1);                                                  \
      s2 = STEP::Add(_mm512_loadu_si512(rows[2] + i), q, s2);                                                  \
      s3 = STEP::Add(_mm512_loadu_si512(rows[3] + i), q, s3);                                                  \
    }                                                                                                          \
    if (i < n) {                                                                                               \
      const __mmask64 mask = ByteMask(n - i);                                                                  \
      const __m512i q = _mm512_maskz_loadu_epi8(mask, query + i);                                              \
      s0 = STEP::Add(_mm512_maskz_loadu_epi8(mask, rows[0] + i), q, s0);                                       \
      s1 = STEP::Add(_mm512_maskz_loadu_epi8(mask, rows[1] + i), q, s1);                                       \
      s2 = STEP::Add(_mm512_maskz_loadu_epi8(mask, rows[2] + i), q, s2);                                       \
      s3 = STEP::Add(_mm512_maskz_loadu_epi8(mask, rows[3] + i), q, s3);                                       \
    }                                                                                                          \
    return SumFour(s0, s1, s2, s3);                                                                            \
  }                                                                                                            \
  TARGET inline void PREFIX##Batch(const int8_t* query, const CodeBatch& batch, int32_t bias, int32_t* out) {  \
    for (size_t i = 0; i < batch.count && i < 4; ++i)                                                          \
      PrefetchBytes(batch.base + batch.ids[i] * batch.stride, batch.length);                                   \
    const __m128i biases = _mm_set1_epi32(bias);                                                               \
    size_t i = 0;                                                                                              \
    for (; i + 4 <= batch.count; i += 4) {                                                                     \
      const int8_t* rows[4];                                                                                   \
      for (size_t r = 0; r < 4; ++r) rows[r] = batch.base + batch.ids[i + r] * batch.stride;                   \
      for (size_t r = i + 4; r < batch.count && r < i + 8; ++r)                                                \
        PrefetchBytes(batch.base + batch.ids[r] * batch.stride, batch.length);                                 \
      const __m128i sums = PREFIX##Four(query, rows, batch.length);                                            \
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_sub_epi32(sums, biases));                      \
    }                                                                                                          \
    for (; i < batch.count; ++i)                                                                               \
      out[i] = PREFIX##Sum(batch.base + batch.ids[i] * batch.stride, query, batch.length) - bias;              \
  }

// vpdpbusd multiplies unsigned by signed: the row is shifted by 128, which adds 128 · (sum of the query's codes). The
// shifted code of a masked-out lane is 128 too, but the query's is 0 there.
struct DotWithVnni {
  SEXTANT_VNNI static __m512i Add(__m512i row, __m512i query, __m512i sum) {
    return _mm512_dpbusd_epi32(sum, _mm512_xor_si512(row, _mm512_set1_epi8(static_cast<char>(0x80))), query);
  }
};

// One step over 64 packed codes, unsigned, and the query's. With at most 4 bits the sums of two products fit 16 bits.
struct PackedWithoutVnni {
  SEXTANT_AVX512 static __m512i Add(__m512i codes, __m512i query, __m512i sum) {
    const __m512i pairs = _mm512_maddubs_epi16(codes, query);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
};
struct PackedWithVnni {
  SEXTANT_VNNI static __m512i Add(__m512i codes, __m512i query, __m512i sum) {
    return _mm512_dpbusd_epi32(sum, codes, query);
  }
};

// Four rows at once; where fewer are left, the last one again.
#define SEXTANT_DEFINE_PACKED_KERNELS(PREFIX, TARGET, STEP)                                                       \
  template <unsigned kBits>                                                                                       \
  TARGET void PREFIX##PackedDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {                 \
    const __m512i low = _mm512_set1_epi8((1 << kBits) - 1);                                                       \
    const size_t n = batch.length;                                                                                \
    for (size_t i = 0; i < batch.count && i < 8; ++i) PrefetchBytes(batch.base + batch.ids[i] * batch.stride, n); \
    for (size_t i = 0; i < batch.count; i += 4) {                                                                 \
      const size_t left = std::min<size_t>(4, batch.count - i);                                                   \
      const int8_t* rows[4];                                                                                      \
      for (size_t r = 0; r < 4; ++r) rows[r] = batch.base + batch.ids[i + std::min(r, left - 1)] * batch.stride;  \
      for (size_t r = i + 8; r < batch.count && r < i + 12; ++r)                                                  \
        PrefetchBytes(batch.base + batch.ids[r] * batch.stride, n);                                               \
      __m512i sums[4] = {};                                                                                       \
      for (size_t at = 0; at < n; at += 64) {                                                                     \
        const __mmask64 in = n - at >= 64 ? ~__mmask64{0} : ByteMask(n - at);                                     \
        __m512i bytes[4];                                                                                         \
        for (size_t r = 0; r < 4; ++r) bytes[r] = _mm512_maskz_loadu_epi8(in, rows[r] + at);                      \
        for (unsigned plane = 0; plane < 8 / kBits; ++plane) {                                                    \
          const __m512i q = _mm512_maskz_loadu_epi8(in, query + plane * n + at);                                  \
          for (size_t r = 0; r < 4; ++r) {                                                                        \
            sums[r] = STEP::Add(_mm512_and_si512(bytes[r], low), q, sums[r]);                                     \
            bytes[r] = _mm512_srli_epi16(bytes[r], kBits);                                                        \
          }                                                                                                       \
        }                                                                                                         \
      }                                                                                                           \
      _mm_mask_storeu_epi32(out + i, static_cast<__mmask8>((1U << left) - 1),                                     \
                            SumFour(sums[0], sums[1], sums[2], sums[3]));                                         \
    }                                                                                                             \
  }

SEXTANT_DEFINE_PACKED_KERNELS(Plain, SEXTANT_AVX512, PackedWithoutVnni)
SEXTANT_DEFINE_PACKED_KERNELS(Vnni, SEXTANT_VNNI, PackedWithVnni)
#undef SEXTANT_DEFINE_PACKED_KERNELS

SEXTANT_DEFINE_CODE_KERNELS(Dot, SEXTANT_AVX512, DotWithoutVnni)
SEXTANT_DEFINE_CODE_KERNELS(L1, SEXTANT_AVX512, L1Distance)
SEXTANT_DEFINE_CODE_KERNELS(VnniDot, SEXTANT_VNNI, DotWithVnni)
#undef SEXTANT_DEFINE_CODE_KERNELS

// 128 · (sum of the codes).
SEXTANT_VNNI inline int32_t VnniBias(const int8_t* codes, size_t n) {
  const __m512i weights = _mm512_set1_epi8(static_cast<char>(0x80));
  __m512i s = _mm512_setzero_si512();
  size_t i = 0;
  for (; i + 64 <= n; i += 64) s = _mm512_dpbusd_epi32(s, weights, _mm512_loadu_si512(codes + i));
  if (i < n) s = _mm512_dpbusd_epi32(s, weights, _mm512_maskz_loadu_epi8(ByteMask(n - i), codes + i));
  return _mm512_reduce_add_epi32(s);
}

SEXTANT_AVX512 int32_t CodeDot(const int8_t* a, const int8_t* b, size_t n) {
  return DotSum(a, b, n);
}
SEXTANT_AVX512 int32_t CodeL1(const int8_t* a, const int8_t* b, size_t n) {
  return L1Sum(a, b, n);
}
SEXTANT_VNNI int32_t VnniCodeDot(const int8_t* a, const int8_t* b, size_t n) {
  return VnniDotSum(a, b, n) - VnniBias(b, n);
}
SEXTANT_AVX512 void CodeDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  DotBatch(query, batch, 0, out);
}
SEXTANT_AVX512 void CodeL1Batch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  L1Batch(query, batch, 0, out);
}
SEXTANT_VNNI void VnniCodeDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  VnniDotBatch(query, batch, VnniBias(query, batch.length), out);
}

// Sums that one tile of max_* keeps in registers, each over 16 query rows, a lane each: the maximum over stored rows
// needs no sum across lanes.
inline constexpr size_t kTileRows = 8;

template <Metric kMetric>
SEXTANT_AVX512 inline __m512 AddSimilarity(__m512 query, __m512 row, __m512 sum) {
  if constexpr (kMetric == Metric::kDot) return _mm512_fmadd_ps(query, row, sum);
  const __m512 d = _mm512_sub_ps(query, row);
  if constexpr (kMetric == Metric::kL2) return _mm512_fnmadd_ps(d, d, sum);
  return _mm512_sub_ps(sum, _mm512_abs_ps(d));
}

// Few sums are each split in several, so that enough additions are under way at once.
template <size_t kSums>
inline constexpr size_t kSplits = kSums <= 4   ? 4
                                  : kSums <= 7 ? 2
                                               : 1;

template <Metric kMetric, size_t kGroups, size_t kRows>
SEXTANT_AVX512 inline void MaxOfTile(const float* groups, size_t dim, const float* rows, float* best) {
  constexpr size_t kSteps = kSplits<kGroups * kRows>;
  __m512 totals[kGroups][kRows] = {};
  for (size_t first = 0; first < dim; first += kDimsPerSum) {
    const size_t end = std::min(dim, first + kDimsPerSum);
    __m512 sums[kSteps][kGroups][kRows] = {};
    size_t d = first;
    for (; d + kSteps <= end; d += kSteps)
      for (size_t s = 0; s < kSteps; ++s)
        for (size_t r = 0; r < kRows; ++r)
          for (size_t g = 0; g < kGroups; ++g)
            sums[s][g][r] = AddSimilarity<kMetric>(_mm512_loadu_ps(groups + (g * dim + d + s) * kQueryLanes),
                                                   _mm512_set1_ps(rows[r * dim + d + s]), sums[s][g][r]);
    for (; d < end; ++d)
      for (size_t r = 0; r < kRows; ++r)
        for (size_t g = 0; g < kGroups; ++g)
          sums[0][g][r] = AddSimilarity<kMetric>(_mm512_loadu_ps(groups + (g * dim + d) * kQueryLanes),
                                                 _mm512_set1_ps(rows[r * dim + d]), sums[0][g][r]);
    for (size_t s = 0; s < kSteps; ++s)
      for (size_t r = 0; r < kRows; ++r)
        for (size_t g = 0; g < kGroups; ++g) totals[g][r] = _mm512_add_ps(totals[g][r], sums[s][g][r]);
  }
  for (size_t g = 0; g < kGroups; ++g) {
    __m512 most = _mm512_loadu_ps(best + g * kQueryLanes);
    // The second operand is the result where the first is not a number.
    for (size_t r = 0; r < kRows; ++r) most = _mm512_max_ps(totals[g][r], most);
    _mm512_storeu_ps(best + g * kQueryLanes, most);
  }
}

template <Metric kMetric, size_t kGroups>
SEXTANT_AVX512 inline void MaxOfGroups(const QueryGroups& query, const float* rows, size_t count, float* best) {
  const float* const groups = query.values;
  const size_t dim = query.dim;
  for (; count >= kTileRows; count -= kTileRows, rows += kTileRows * dim)
    MaxOfTile<kMetric, kGroups, kTileRows>(groups, dim, rows, best);
  switch (count) {
    case 7: return MaxOfTile<kMetric, kGroups, 7>(groups, dim, rows, best);
    case 6: return MaxOfTile<kMetric, kGroups, 6>(groups, dim, rows, best);
    case 5: return MaxOfTile<kMetric, kGroups, 5>(groups, dim, rows, best);
    case 4: return MaxOfTile<kMetric, kGroups, 4>(groups, dim, rows, best);
    case 3: return MaxOfTile<kMetric, kGroups, 3>(groups, dim, rows, best);
    case 2: return MaxOfTile<kMetric, kGroups, 2>(groups, dim, rows, best);
    case 1: return MaxOfTile<kMetric, kGroups, 1>(groups, dim, rows, best);
    default: return;
  }
}

template <Metric kMetric>
SEXTANT_AVX512 void Max(const QueryGroups& query, const float* rows, size_t count, float* best) {
  const size_t group_size = query.dim * kQueryLanes;
  size_t g = 0;
  for (; g + 2 <= query.groups; g += 2)
    MaxOfGroups<kMetric, 2>({query.values + g * group_size, 2, query.dim}, rows, count, best + g * kQueryLanes);
  if (g < query.groups)
    MaxOfGroups<kMetric, 1>({query.values + g * group_size, 1, query.dim}, rows, count, best + g * kQueryLanes);
}

// Rows of a batch are distinct, so that eight sums can be gathered and scattered at once.
// Products of eight at once, added one by one: twice as fast as gathering and scattering the scores.
// The products of four queries with four rows, whose codes are loaded once for all: out[4 · q + r].
SEXTANT_VNNI inline void VnniFourByFour(const int8_t* const* queries, const int8_t* const* rows, size_t n,
                                        __m128i* out) {
  __m512i sums[16];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  for (size_t i = 0; i < n; i += 64) {
    const __mmask64 mask = n - i < 64 ? ByteMask(n - i) : ~__mmask64{0};
    __m512i codes[4];
    for (size_t r = 0; r < 4; ++r)
      codes[r] =
          _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, rows[r] + i), _mm512_set1_epi8(static_cast<char>(0x80)));
    for (size_t q = 0; q < 4; ++q) {
      const __m512i query = _mm512_maskz_loadu_epi8(mask, queries[q] + i);
      for (size_t r = 0; r < 4; ++r) sums[4 * q + r] = _mm512_dpbusd_epi32(sums[4 * q + r], codes[r], query);
    }
  }
  for (size_t q = 0; q < 4; ++q) out[q] = SumFour(sums[4 * q], sums[4 * q + 1], sums[4 * q + 2], sums[4 * q + 3]);
}

// Rows are fetched so far ahead.
constexpr size_t kRowsAhead = 12;

SEXTANT_VNNI void VnniCodeDotQueries(const int8_t* const* queries, size_t count, const CodeBatch& batch, int32_t* out) {
  size_t q = 0;
  for (; q + 4 <= count; q += 4, out += 4 * batch.count) {
    int32_t biases[4];
    for (size_t j = 0; j < 4; ++j) biases[j] = VnniBias(queries[q + j], batch.length);
    for (size_t i = 0; i < batch.count && i < kRowsAhead && q == 0; ++i)
      PrefetchBytes(batch.base + batch.ids[i] * batch.stride, batch.length);
    for (size_t i = 0; i < batch.count; i += 4) {
      const size_t left = std::min<size_t>(4, batch.count - i);
      const int8_t* rows[4];  // the last one again where there are fewer
      for (size_t r = 0; r < 4; ++r) rows[r] = batch.base + batch.ids[i + std::min(r, left - 1)] * batch.stride;
      for (size_t r = i + kRowsAhead; r < batch.count && r < i + kRowsAhead + 4 && q == 0; ++r)
        PrefetchBytes(batch.base + batch.ids[r] * batch.stride, batch.length);
      __m128i sums[4];
      VnniFourByFour(queries + q, rows, batch.length, sums);
      const auto in = static_cast<__mmask8>((1U << left) - 1);
      for (size_t j = 0; j < 4; ++j)
        _mm_mask_storeu_epi32(out + j * batch.count + i, in, _mm_sub_epi32(sums[j], _mm_set1_epi32(biases[j])));
    }
  }
  for (; q < count; ++q, out += batch.count) VnniCodeDotBatch(queries[q], batch, out);
}

SEXTANT_AVX512 void AddPostings(const PostingBatch& batch, float query_weight, double* scores) {
  const __m512d weight = _mm512_set1_pd(query_weight);
  size_t i = 0;
  for (; i + 8 <= batch.count; i += 8) {
    alignas(64) double products[8];
    const __m512d stored = _mm512_cvtps_pd(_mm256_loadu_ps(batch.weights + i));
    _mm512_store_pd(products, _mm512_add_pd(_mm512_mul_pd(weight, stored), _mm512_setzero_pd()));
    for (size_t j = 0; j < 8; ++j) scores[batch.rows[i + j] - batch.first_row] += products[j];
  }
  ScalarAddPostings({batch.rows + i, batch.weights + i, batch.count - i, batch.first_row}, query_weight, scores);
}

SEXTANT_AVX512 size_t SelectAbove(const double* scores, size_t n, double floor, uint32_t* out) {
  const __m512d floors = _mm512_set1_pd(floor);
  const __m512i untouched = _mm512_castpd_si512(_mm512_set1_pd(kUntouched));
  __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  size_t count = 0;
  for (size_t i = 0; i < n; i += 8, numbers = _mm256_add_epi32(numbers, _mm256_set1_epi32(8))) {
    const auto in = static_cast<__mmask8>(n - i >= 8 ? 0xFF : (1U << (n - i)) - 1);
    const __m512d values = _mm512_maskz_loadu_pd(in, scores + i);
    const __mmask8 above = _mm512_mask_cmp_pd_mask(in, values, floors, _CMP_NLE_UQ);
    const __mmask8 mask = _mm512_mask_cmpneq_epi64_mask(above, _mm512_castpd_si512(values), untouched);
    if (mask == 0) continue;
    _mm256_mask_compressstoreu_epi32(out + count, mask, numbers);
    count += static_cast<size_t>(__builtin_popcount(mask));
  }
  return count;
}

SEXTANT_AVX512 size_t SelectMembers(const uint32_t* values, size_t n, const BitSet& set, uint32_t first,
                                    uint32_t* out) {
  const __m512i halves = _mm512_set1_epi32(static_cast<int>(std::min<size_t>(2 * set.word_count, INT32_MAX)));
  const __m512i one = _mm512_set1_epi32(1), low = _mm512_set1_epi32(31);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  size_t count = 0;
  for (size_t i = 0; i < n; i += 16) {
    const __mmask16 in = FloatMask(std::min<size_t>(16, n - i));
    const __m512i v = _mm512_maskz_loadu_epi32(in, values + i);
    const __m512i half = _mm512_srli_epi32(v, 5);
    const __mmask16 inside = _mm512_mask_cmplt_epu32_mask(in, half, halves);
    const __m512i words = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), inside, half, set.words, 4);
    const __m512i bits = _mm512_srlv_epi32(words, _mm512_and_si512(v, low));
    const __mmask16 found = _mm512_mask_test_epi32_mask(inside, bits, one);
    const __m512i numbers =
        _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(first + static_cast<uint32_t>(i))));
    _mm512_mask_compressstoreu_epi32(out + count, found, numbers);
    count += static_cast<size_t>(__builtin_popcount(found));
  }
  return count;
}

SEXTANT_AVX512 std::optional<double> SparseDot(const SparseRow& few, const SparseRow& row) {
  __m512d sums = _mm512_setzero_pd();
  __mmask16 shared = 0;
  for (size_t at = 0; at < row.count; at += 16) {
    const __mmask16 in = FloatMask(std::min<size_t>(16, row.count - at));
    const __m512i indices = _mm512_maskz_loadu_epi32(in, row.indices + at);
    __m512 weights = _mm512_setzero_ps();  // of the query, beside the element of the same index
    __mmask16 found = 0;
    for (size_t i = 0; i < few.count; ++i) {
      const __m512i index = _mm512_set1_epi32(static_cast<int>(few.indices[i]));
      const __mmask16 same = _mm512_mask_cmpeq_epi32_mask(in, indices, index);
      weights = _mm512_mask_mov_ps(weights, same, _mm512_set1_ps(few.values[i]));
      found |= same;
    }
    shared |= found;
    const __m512 values = _mm512_maskz_loadu_ps(found, row.values + at);
    sums = _mm512_fmadd_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(weights)),
                           _mm512_cvtps_pd(_mm512_castps512_ps256(values)), sums);
    sums = _mm512_fmadd_pd(_mm512_cvtps_pd(_mm512_extractf32x8_ps(weights, 1)),
                           _mm512_cvtps_pd(_mm512_extractf32x8_ps(values, 1)), sums);
  }
  return shared != 0 ? std::optional(_mm512_reduce_add_pd(sums)) : std::nullopt;
}

SEXTANT_AVX512 void AddBytes(const uint8_t* bytes, size_t n, uint16_t factor, uint16_t* sums) {
  const __m512i factors = _mm512_set1_epi16(static_cast<int16_t>(factor));
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m512i wide = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i)));
    const __m512i units = _mm512_mulhi_epu16(_mm512_slli_epi16(wide, 8), factors);
    _mm512_storeu_si512(sums + i, _mm512_adds_epu16(_mm512_loadu_si512(sums + i), units));
  }
  ScalarAddBytes(bytes + i, n - i, factor, sums + i);
}

SEXTANT_AVX512 void AddCeilings(const PostingBatch& batch, double factor, uint16_t* sums) {
  const __m512d factors = _mm512_set1_pd(factor);
  size_t i = 0;
  for (; i + 8 <= batch.count; i += 8) {
    alignas(32) uint32_t units[8];
    const __m512d stored = _mm512_cvtps_pd(_mm256_loadu_ps(batch.weights + i));
    const __m512d products = _mm512_max_pd(_mm512_mul_pd(factors, stored), _mm512_setzero_pd());
    _mm256_store_si256(reinterpret_cast<__m256i*>(units), _mm512_cvttpd_epi32(products));
    for (size_t j = 0; j < 8; ++j) {
      uint16_t& sum = sums[batch.rows[i + j] - batch.first_row];
      sum = static_cast<uint16_t>(std::min(sum + 1 + units[j], kMostUnits));
    }
  }
  ScalarAddCeilings({batch.rows + i, batch.weights + i, batch.count - i, batch.first_row}, factor, sums);
}

SEXTANT_AVX512 size_t SelectAtLeast(const uint16_t* sums, size_t n, uint16_t least, uint32_t* out) {
  const __m512i floors = _mm512_set1_epi16(static_cast<int16_t>(least));
  size_t count = 0, i = 0;
  for (; i + 64 <= n; i += 64) {
    const uint64_t low = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(sums + i), floors);
    const uint64_t high = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(sums + i + 32), floors);
    for (uint64_t mask = low | high << 32; mask != 0; mask &= mask - 1)
      out[count++] = static_cast<uint32_t>(i) + static_cast<uint32_t>(__builtin_ctzll(mask));
  }
  for (; i < n; ++i)
    if (sums[i] >= least) out[count++] = static_cast<uint32_t>(i);
  return count;
}

SEXTANT_AVX512 void ExpandHalves(const uint16_t* halves, float* out, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = FloatMask(std::min<size_t>(16, n - i));
    _mm512_mask_storeu_ps(out + i, mask, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, halves + i)));
  }
}

SEXTANT_AVX512 void ExpandBytes(const uint8_t* bytes, const ByteScale& scale, float* out, size_t n) {
  const __m512 step = _mm512_set1_ps(scale.step), min = _mm512_set1_ps(scale.min), max = _mm512_set1_ps(scale.max);
  for (size_t i = 0; i < n; i += 16) {
    const __mmask16 mask = FloatMask(std::min<size_t>(16, n - i));
    const __m512 wide = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, bytes + i)));
    _mm512_mask_storeu_ps(out + i, mask, _mm512_min_ps(_mm512_fmadd_ps(step, wide, min), max));
  }
}

constexpr KernelTable kTable = {.name = "avx512",
                                .dot = FloatKernel<Metric::kDot>,
                                .l2_squared = FloatKernel<Metric::kL2>,
                                .l1 = FloatKernel<Metric::kL1>,
                                .normalize = Normalize,
                                .code_dot = CodeDot,
                                .code_l1 = CodeL1,
                                .code_dot_batch = CodeDotBatch,
                                .code_l1_batch = CodeL1Batch,
                                .code_dot_queries = OneQueryAtATime<CodeDotBatch>,
                                .code_l1_queries = OneQueryAtATime<CodeL1Batch>,
                                .packed1_dot_batch = PlainPackedDotBatch<1>,
                                .packed2_dot_batch = PlainPackedDotBatch<2>,
                                .packed4_dot_batch = PlainPackedDotBatch<4>,
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

constexpr KernelTable kVnniTable = {.name = "avx512vnni",
                                    .dot = FloatKernel<Metric::kDot>,
                                    .l2_squared = FloatKernel<Metric::kL2>,
                                    .l1 = FloatKernel<Metric::kL1>,
                                    .normalize = Normalize,
                                    .code_dot = VnniCodeDot,
                                    .code_l1 = CodeL1,
                                    .code_dot_batch = VnniCodeDotBatch,
                                    .code_l1_batch = CodeL1Batch,
                                    .code_dot_queries = VnniCodeDotQueries,
                                    .code_l1_queries = OneQueryAtATime<CodeL1Batch>,
                                    .packed1_dot_batch = VnniPackedDotBatch<1>,
                                    .packed2_dot_batch = VnniPackedDotBatch<2>,
                                    .packed4_dot_batch = VnniPackedDotBatch<4>,
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

const KernelTable* Avx512Kernels() {
  const bool has_base = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has_base ? &kTable : nullptr;
}

const KernelTable* Avx512VnniKernels() {
  return Avx512Kernels() != nullptr && __builtin_cpu_supports("avx512vnni") ? &kVnniTable : nullptr;
}

}  // namespace sextant::kernels

#else

namespace sextant::kernels {
const KernelTable* Avx512Kernels() {
  return nullptr;
}
const KernelTable* Avx512VnniKernels() {
  return nullptr;
}
}  // namespace sextant::kernels

#endif
