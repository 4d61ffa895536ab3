#pragma once

#include "kernels/kernels.h"

// The tables of the single levels; each returns nullptr when the CPU (or the architecture of this build) lacks it.
namespace sextant::kernels {

// Batches prefetch at most this much of a row by software; the hardware follows longer rows by itself.
inline constexpr size_t kPrefetchBytes = 768;

const KernelTable* ScalarKernels();
const KernelTable* Avx2Kernels();
const KernelTable* Avx512Kernels();
const KernelTable* Avx512VnniKernels();
const KernelTable* NeonKernels();

}  // namespace sextant::kernels
