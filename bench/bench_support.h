#pragma once

#include <errno.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "vector_index/segment_testing.h"

// What the benchmarks share.
namespace sextant {

// Ends the program, which names itself.
[[noreturn]] inline void Fail(const std::string& message) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, message.c_str());
  std::exit(1);
}

// What a clock says: CLOCK_MONOTONIC, or CPU time of the process or the thread.
inline double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// At most `most_rows` rows of a .npy file of floats.
inline vector_index::NpyMatrix LoadMatrix(const std::string& path, uint32_t most_rows = UINT32_MAX) {
  std::optional<vector_index::NpyMatrix> matrix = vector_index::ReadNpy(path, most_rows);
  if (!matrix) Fail("cannot read " + path + " as .npy of floats");
  return *std::move(matrix);
}

}  // namespace sextant
