#include "service/checks/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace sextant::service {
namespace {

constexpr std::string_view kForbiddenInNew("<>:\"/\\|?*\0\x1F", 11);
constexpr std::string_view kForbidden("/\0", 2);
constexpr size_t kMaxNameCharacters = 255;
constexpr size_t kMaxVectorNameBytes = 200;

std::string Printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 ? fmt::format("\\u{{{:x}}}", byte) : std::string(1, c);
}

// Characters of UTF-8 text: bytes that do not continue one.
size_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Status CheckCharacters(std::string_view name, std::string_view forbidden) {
  const size_t at = name.find_first_of(forbidden);
  if (at == std::string_view::npos) return OkStatus();
  return ValidationError(
      fmt::format("[collection_name: collection name cannot contain \"{}\" char]", Printable(name[at])));
}

}  // namespace

Status CheckName(std::string_view name) {
  return CheckCharacters(name, kForbidden);
}

Status CheckNewName(std::string_view name) {
  if (const size_t length = Characters(name); length < 1 || length > kMaxNameCharacters) {
    return ValidationError(fmt::format("[collection_name: value \"{}\" invalid, must be from 1 to {} characters]", name,
                                       kMaxNameCharacters));
  }
  return CheckCharacters(name, kForbiddenInNew);
}

Status CheckVectorName(std::string_view name) {
  if (name.size() > kMaxVectorNameBytes) {
    return WrongInput(
        fmt::format("vector name is {} bytes long, at most {} are allowed", name.size(), kMaxVectorNameBytes));
  }
  if (const size_t at = name.find_first_of(kForbiddenInNew); at != std::string_view::npos) {
    return WrongInput(fmt::format("vector name \"{}\" cannot contain \"{}\" char", name, Printable(name[at])));
  }
  return OkStatus();
}

}  // namespace sextant::service
