#include "types/vector_value.h"

namespace sextant {

VectorRef RefOf(const VectorValue& value) {
  if (const auto* dense = std::get_if<DenseVector>(&value)) return {*dense, {}};
  if (const auto* multi = std::get_if<MultiVector>(&value)) return {multi->values, {}};
  const auto& sparse = std::get<SparseVector>(value);
  return {sparse.values, sparse.indices};
}

}  // namespace sextant
