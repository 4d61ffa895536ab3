#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "types/config.h"
#include "vector_index/segment.h"

// How the values of dense rows lie in files. Whatever a row was given as, its values are those that the datatype holds,
// so that storing them loses nothing.
namespace sextant::vector_index {

constexpr size_t ValueBytes(Datatype datatype) {
  switch (datatype) {
    case Datatype::kFloat32: return 4;
    case Datatype::kFloat16: return 2;
    case Datatype::kUint8: return 1;
  }
  return 0;
}

// Writes values.size() · ValueBytes(datatype) bytes.
void StoreValues(Datatype datatype, std::span<const float> values, uint8_t* stored);
// The stored values as f32: where they lie if they are, or else in `scratch`.
const float* LoadValues(Datatype datatype, const uint8_t* stored, size_t count, RowScratch* scratch);

// Whether rows of Cosine keep their length: codes and walks need normalised ones.
constexpr bool IsKeptUnnormalized(const SegmentSpec& spec) {
  return spec.distance == Distance::kCosine && spec.datatype == Datatype::kUint8;
}

// The values of a row, [spec.dim], as codes and walks compare them: where they lie, or normalised in `scratch`, where
// they may lie already.
const float* ComparableValues(const SegmentSpec& spec, const float* values, RowScratch* scratch);

}  // namespace sextant::vector_index
