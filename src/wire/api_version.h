#pragma once

namespace sextant::wire {

// What clients ask for first; they compare the version with their own.
inline constexpr char kApiTitle[] = "qdrant - vector search engine";
inline constexpr char kApiVersion[] = "1.19.0";

}  // namespace sextant::wire
