#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the process when `condition` is false. For bugs of this program only, never for input, disk or network.
#define SEXTANT_CHECK(condition)                                                         \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
