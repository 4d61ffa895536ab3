#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sextant::quantizer {

// What: a random rotation of vectors of any dimension: it spreads what few components carry over all of them, so that
// few bits a component say as much as they can. Rounds of random signs and a fast Hadamard transform of the first and
// of the last components in turn, the largest power of two that fits; half-way each component of the lower half is
// turned by 45° with one of the upper, so that both carry alike (Ailon and Chazelle, "The Fast Johnson-Lindenstrauss
// Transform", STOC 2006).
// The same for every process and CPU: part of the format of packed codes.
// Threads: immutable; any thread.
class Rotation {
 public:
  explicit Rotation(uint32_t dim);
  void Apply(float* values) const;  // [dim]

 private:
  uint32_t dim_;
  uint32_t window_;           // of the Hadamard transform
  std::vector<float> signs_;  // [rounds, dim], ±1
};

}  // namespace sextant::quantizer
