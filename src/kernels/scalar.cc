// The reference level: plain loops that every other level is tested against.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "kernels/levels.h"

namespace sextant::kernels {
namespace {

// Eight partial sums: a single one would lose digits in long vectors.
template <typename Term>
float Sum(size_t n, Term term) {
  float partial[8] = {};
  for (size_t i = 0; i < n; ++i) partial[i % 8] += term(i);
  float sum = 0;
  for (float p : partial) sum += p;
  return sum;
}

float Dot(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return a[i] * b[i]; });
}

float L2Squared(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

float L1(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return std::fabs(a[i] - b[i]); });
}

float Normalize(const float* in, float* out, size_t n) {
  const float length = std::sqrt(Dot(in, in, n));
  const float divisor = length > 0 ? length : 1;
  for (size_t i = 0; i < n; ++i) out[i] = in[i] / divisor;
  return length;
}

int32_t CodeDot(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

int32_t CodeL1(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

void CodeDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  for (size_t i = 0; i < batch.count; ++i)
    out[i] = CodeDot(query, batch.base + batch.ids[i] * batch.stride, batch.length);
}

void CodeL1Batch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  for (size_t i = 0; i < batch.count; ++i)
    out[i] = CodeL1(query, batch.base + batch.ids[i] * batch.stride, batch.length);
}

constexpr KernelTable kTable = {.name = "scalar",
                                .dot = Dot,
                                .l2_squared = L2Squared,
                                .l1 = L1,
                                .normalize = Normalize,
                                .code_dot = CodeDot,
                                .code_l1 = CodeL1,
                                .code_dot_batch = CodeDotBatch,
                                .code_l1_batch = CodeL1Batch};

}  // namespace

const KernelTable* ScalarKernels() {
  return &kTable;
}

}  // namespace sextant::kernels
