// Measures how fast an array in memory can be read: --bytes of it by --threads, each its own part. Prints a JSON object
// when it is ready, and one with bytes a second after each line of standard input, so that others can be measured in
// turns. With
// --clock cpu a second is one of the CPU time of each thread.
#include <sys/mman.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bench_support.h"

namespace sextant {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

struct Free {
  void operator()(uint64_t* words) const { std::free(words); }  // NOLINT(cppcoreguidelines-no-malloc)
};

// Touches every word once, in four streams, which the hardware fetches ahead better than one. Compiled for wide
// registers where there are some.
__attribute__((target_clones("avx512f", "avx2", "default"))) uint64_t Sum(std::span<const uint64_t> words) {
  const size_t quarter = words.size() / 4;
  const uint64_t* const first = words.data();
  uint64_t a = 0, b = 0, c = 0, d = 0;
  for (size_t i = 0; i < quarter; ++i) {
    a += first[i];
    b += first[quarter + i];
    c += first[2 * quarter + i];
    d += first[3 * quarter + i];
  }
  return a + b + c + d;
}

struct Options {
  size_t bytes = size_t{1} << 30;
  size_t threads = 1;
  std::string clock = "wall";
};

// Of the wall, or the mean CPU time of the reading threads.
double Now(const Options& options) {
  if (options.clock != "cpu") return Seconds(CLOCK_MONOTONIC);
  return Seconds(CLOCK_PROCESS_CPUTIME_ID) / static_cast<double>(options.threads);
}

double BytesPerSecond(std::span<const uint64_t> words, const Options& options) {
  std::vector<uint64_t> sums(options.threads);
  const double start = Now(options);
  {
    std::vector<std::jthread> readers;
    for (size_t i = 0; i < options.threads; ++i)
      readers.emplace_back([&, i] {
        const size_t first = words.size() * i / options.threads;
        sums[i] = Sum(words.subspan(first, words.size() * (i + 1) / options.threads - first));
      });
  }
  const double elapsed = Now(options) - start;
  // The sums are known; asking for them keeps the reads from being left out.
  for (const uint64_t sum : sums)
    if (sum == 0) std::exit(1);
  return static_cast<double>(words.size_bytes()) / elapsed;
}

void Measure(const Options& options) {
  const size_t rounded = (options.bytes + kHugePage - 1) / kHugePage * kHugePage;
  const std::unique_ptr<uint64_t, Free> owner(static_cast<uint64_t*>(std::aligned_alloc(kHugePage, rounded)));
  if (owner == nullptr) std::exit(1);
  madvise(owner.get(), rounded, MADV_HUGEPAGE);
  const std::span<uint64_t> words(owner.get(), rounded / sizeof(uint64_t));
  for (size_t i = 0; i < words.size(); ++i) words[i] = i | 1;
  const auto print = [](const char* name, double value) {
    std::printf("{\"%s\": %.0f}\n", name, value);
    std::fflush(stdout);
  };
  print("bytes", static_cast<double>(words.size_bytes()));
  for (std::string go; std::getline(std::cin, go);) print("bytes_per_second", BytesPerSecond(words, options));
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  sextant::Options options;
  CLI::App app("Measures how fast memory can be read");
  app.add_option("--bytes", options.bytes);
  app.add_option("--threads", options.threads);
  app.add_option("--clock", options.clock)->check(CLI::IsMember({"wall", "cpu"}));
  CLI11_PARSE(app, argc, argv);
  sextant::Measure(options);
  return 0;
}
