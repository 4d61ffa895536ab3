#include "storage/file_system_testing.h"

#include <cstdlib>
#include <filesystem>

#include "base/check.h"

namespace sextant::storage {

TemporaryDirectory::TemporaryDirectory(Kind kind) {
  constexpr uintmax_t kRoom = 256 << 20;  // containers often have a tiny one
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const bool roomy = std::filesystem::space(memory, error).available >= kRoom && !error;
  const auto parent = kind == kMemory && roomy ? memory : std::filesystem::temp_directory_path();
  path_ = (parent / "sextant-test-XXXXXX").string();
  SEXTANT_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // a directory left behind in /tmp fails no test
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sextant::storage
