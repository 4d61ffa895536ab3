#include "wire/rest/query_options.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace sextant::wire {
namespace {

constexpr uint64_t kMaxTimeoutSeconds = UINT64_MAX / 1000;

// Reads parameters one by one; the first problem is kept.
class Reader {
 public:
  explicit Reader(const QueryParameters& parameters) : parameters_(parameters) {}

  std::optional<uint64_t> Timeout(int status_of_zero) {
    const std::string* text = Find("timeout");
    if (text == nullptr) return std::nullopt;
    const auto seconds = Number(*text);
    if (!seconds || *seconds > kMaxTimeoutSeconds) {
      Unreadable("timeout", *text, "a number of seconds");
      return std::nullopt;
    }
    if (*seconds == 0 && status_of_zero == 400) Unreadable("timeout", *text, "1 or larger");
    if (*seconds == 0) OutOfRange("[timeout: value 0 invalid, must be 1 or larger]");
    return *seconds * 1000;
  }

  bool Flag(std::string_view name) {
    const std::string* text = Find(name);
    if (text == nullptr) return false;
    if (*text != "true" && *text != "false") Unreadable(name, *text, "`true` or `false`");
    return *text == "true";
  }

  void Consistency() {
    const std::string* text = Find("consistency");
    if (text == nullptr || text->empty() || *text == "majority" || *text == "quorum" || *text == "all") return;
    const auto factor = Number(*text);
    if (!factor) return Unreadable("consistency", *text, "a positive number, `majority`, `quorum` or `all`");
    if (*factor == 0) OutOfRange("[consistency: value 0 invalid, must be 1 or larger]");
  }

  void Ordering() {
    const std::string* text = Find("ordering");
    if (text == nullptr || *text == "weak" || *text == "medium" || *text == "strong") return;
    Unreadable("ordering", *text, "`weak`, `medium` or `strong`");
  }

  template <typename T>
  Outcome<T> Answer(T value) {
    if (error_) return *std::move(error_);
    return value;
  }

 private:
  const std::string* Find(std::string_view name) const {
    for (const auto& [key, value] : parameters_)
      if (key == name) return &value;
    return nullptr;
  }

  static std::optional<uint64_t> Number(const std::string& text) {
    uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
    return number;
  }

  void Unreadable(std::string_view name, const std::string& value, std::string_view expected) {
    if (error_) return;
    error_ = ApiError{400, "Deserialize error in query parameters: " + std::string(name) + ": invalid value \"" +
                               value + "\", expected " + std::string(expected)};
  }

  void OutOfRange(const std::string& problem) {
    if (!error_) error_ = ApiError{422, "Validation error in query parameters: " + problem};
  }

  const QueryParameters& parameters_;
  std::optional<ApiError> error_;
};

}  // namespace

Outcome<service::ReadOptions> ParseReadOptions(const QueryParameters& parameters) {
  Reader reader(parameters);
  service::ReadOptions options;
  options.timeout_ms = reader.Timeout(400);
  options.explain = reader.Flag("explain");
  reader.Consistency();
  return reader.Answer(options);
}

Outcome<service::WriteOptions> ParseWriteOptions(const QueryParameters& parameters) {
  Reader reader(parameters);
  service::WriteOptions options;
  options.wait = reader.Flag("wait");
  options.timeout_ms = reader.Timeout(400);
  reader.Ordering();
  return reader.Answer(options);
}

Outcome<bool> CheckMetaOptions(const QueryParameters& parameters) {
  Reader reader(parameters);
  reader.Timeout(422);
  return reader.Answer(true);
}

}  // namespace sextant::wire
