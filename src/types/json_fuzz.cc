#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "types/json.h"

// Whatever parses prints, and what it prints parses to the same value again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sextant::Json;
  const auto json = Json::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!json.ok()) return 0;
  const std::string text = json->Dump();
  const auto back = Json::Parse(text);
  SEXTANT_CHECK(back.ok());
  SEXTANT_CHECK(*back == *json);
  SEXTANT_CHECK(back->Dump() == text);
  return 0;
}
