#include "kernels/kernels.h"

#include <cstdlib>

#include "kernels/levels.h"

namespace sextant::kernels {

std::vector<const KernelTable*> SupportedKernels() {
  std::vector<const KernelTable*> supported;
  for (const KernelTable* table : {ScalarKernels(), NeonKernels(), Avx2Kernels(), Avx512Kernels(), Avx512VnniKernels()})
    if (table != nullptr) supported.push_back(table);
  return supported;
}

const KernelTable* ChooseKernels(const std::vector<const KernelTable*>& supported, std::string_view override_name) {
  const KernelTable* chosen = nullptr;
  for (const KernelTable* table : supported)
    if (table->name == override_name || (override_name == "avx512" && table->name == "avx512vnni")) chosen = table;
  return chosen == nullptr ? supported.back() : chosen;
}

const KernelTable& Kernels() {
  static const KernelTable* const kChosen = [] {
    const char* override_name = std::getenv("SEXTANT_KERNELS");
    return ChooseKernels(SupportedKernels(), override_name == nullptr ? "" : override_name);
  }();
  return *kChosen;
}

}  // namespace sextant::kernels
