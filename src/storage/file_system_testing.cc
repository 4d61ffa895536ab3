#include "storage/file_system_testing.h"

#include <cstdlib>
#include <filesystem>

#include "base/check.h"

namespace sextant::storage {

TemporaryDirectory::TemporaryDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "sextant-test-XXXXXX").string();
  SEXTANT_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // a directory left behind in /tmp fails no test
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sextant::storage
