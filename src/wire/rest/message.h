#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::wire {

// A request and its answer, free of any transport.

struct Header {
  std::string name;  // lower case
  std::string value;
};

struct Request {
  std::string method;  // upper case
  std::string path;    // percent-encoded, without the query
  std::string query;   // what follows `?`, percent-encoded
  std::vector<Header> headers;
  std::string body;  // decompressed

  // The first header of this (lower case) name, or "".
  std::string_view HeaderValue(std::string_view name) const {
    for (const Header& header : headers)
      if (header.name == name) return header.value;
    return {};
  }
};

struct Response {
  int status = 200;
  std::vector<Header> headers;  // content-type among them; never content-length
  std::string body;
};

using ResponseCallback = std::function<void(Response)>;

}  // namespace sextant::wire
