#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace sextant::wire {

// The gzip form of `body`, quick rather than small.
std::string Gzip(std::string_view body);

// The content of a gzip or zlib body of at most `max_bytes`. kWrongInput when it is damaged, cut short or followed by
// other bytes, kBadRequest when it holds more than `max_bytes` or expands so much that only an attack explains it.
Result<std::string> Gunzip(std::string_view body, uint64_t max_bytes);

// Whether an Accept-Encoding header takes gzip.
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace sextant::wire
