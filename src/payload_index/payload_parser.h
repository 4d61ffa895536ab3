#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "payload_index/json_value.h"
#include "simdjson.h"
#include "types/json.h"

namespace sextant::payload_index {

// What: reads stored payload texts one after the other and hands each to a visitor as a JSON value, reusing its
// buffers. No payload ("") is null, and so is a text that is not JSON (the writers only store what Json::Dump prints).
// Threads: one at a time; see ThreadPayloadParser.
class PayloadParser {
 public:
  // Returns `visit(value)`, where the value is one of the two kinds in json_value.h and lives during the call.
  template <typename Visitor>
  auto With(std::string_view payload, Visitor&& visit) {
    if (payload.size() <= kLargestKept) return Read(payload, visit);
    PayloadParser own;  // so that one huge payload does not leave huge buffers behind
    return own.Read(payload, visit);
  }

 private:
  static constexpr size_t kLargestKept = size_t{1} << 18;

  template <typename Visitor>
  auto Read(std::string_view payload, Visitor&& visit) {
    static const Json kNull;
    if (payload.empty()) return visit(&kNull);
    if (buffer_.size() < payload.size() + simdjson::SIMDJSON_PADDING)
      buffer_.resize(2 * payload.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer_.data(), payload.data(), payload.size());
    simdjson::dom::element root;
    constexpr bool kCopyToPad = false;
    if (parser_.parse(buffer_.data(), payload.size(), kCopyToPad).get(root) == simdjson::SUCCESS) return visit(root);
    // Integers beyond u64 are an error for simdjson but a double in our JSON.
    const auto tree = Json::Parse(payload);
    return visit(tree.ok() ? &*tree : &kNull);
  }

  simdjson::dom::parser parser_;
  std::vector<char> buffer_;
};

// The calling thread's parser. Not to be used again inside a visitor of its own.
inline PayloadParser& ThreadPayloadParser() {
  thread_local PayloadParser parser;
  return parser;
}

}  // namespace sextant::payload_index
