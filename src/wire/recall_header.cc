#include "wire/recall_header.h"

#include <charconv>
#include <string>

namespace sextant::wire {

Result<std::optional<double>> ParseRecallTarget(std::string_view header) {
  if (header.empty()) return std::optional<double>();
  double target = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), target);
  if (error != std::errc() || end != header.data() + header.size())
    return WrongInput(std::string("the header ") + kRecallTargetHeader + " has the value \"" + std::string(header) +
                      "\", it must be a number above 0.0 and at most 1.0");
  return std::optional(target);
}

}  // namespace sextant::wire
