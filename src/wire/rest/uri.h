#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::wire {

// Percent-decoding that takes what clients really send: unreserved and reserved characters alike may stand unencoded
// (`a[]`), a `%` without two hex digits stands for itself. `+` is a blank in a query only.
std::string DecodePercent(std::string_view text, bool plus_is_blank);

// The decoded segments of a path; empty ones (of doubled and trailing slashes) are dropped.
std::vector<std::string> SplitPath(std::string_view path);

// The decoded parameters of a query, in order.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
QueryParameters SplitQuery(std::string_view query);

}  // namespace sextant::wire
