#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "types/payload_path.h"

// The canonical text of a path parses to the same path, and its edits are no trouble on any payload.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sextant::Json;
  using sextant::PayloadPath;
  const auto path = PayloadPath::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!path.ok()) return 0;
  const auto back = PayloadPath::Parse(path->ToString());
  SEXTANT_CHECK(back.ok());
  SEXTANT_CHECK(*back == *path);
  Json payload = *Json::Parse(R"({"a":[{"b":1},[2]],"b":{"a":[3]}})");
  sextant::MergePayloadAt(*path, *Json::Parse(R"({"x":1})"), &payload);
  sextant::DeletePayloadPath(*path, &payload);
  SEXTANT_CHECK(payload.is_object());
  return 0;
}
