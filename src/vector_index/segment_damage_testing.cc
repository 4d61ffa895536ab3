#include "vector_index/segment_damage_testing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sextant::vector_index {
namespace {

void ExpectCorruption(const SegmentOnDisk& segment, const std::string& name, const std::string& how) {
  const Status status = segment.open();
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << name << how << ": " << status;
  EXPECT_NE(status.message().find(name), std::string::npos) << status;
}

}  // namespace

void ExpectFlippedBitsToBeFound(const SegmentOnDisk& segment) {
  ASSERT_TRUE(segment.open().ok());
  for (const std::string name : segment.names) {
    const std::string path = segment.directory + "/" + name;
    const auto size = std::filesystem::file_size(path);
    for (const uint64_t at : {uint64_t{0}, uint64_t{size / 2}, uint64_t{size - 1}}) {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(file.get());
      const auto put = [&](char value) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put(value);
        file.flush();
      };
      put(static_cast<char>(byte ^ 0x10));
      ExpectCorruption(segment, name, " byte " + std::to_string(at));
      put(byte);
    }
  }
  EXPECT_TRUE(segment.open().ok());
}

void ExpectMissingAndCutFilesToBeFound(const SegmentOnDisk& segment) {
  for (const std::string name : segment.names) {
    const std::string path = segment.directory + "/" + name;
    const std::string kept = path + ".kept";
    for (const bool remove : {true, false}) {
      std::filesystem::copy_file(path, kept);
      if (remove) {
        std::filesystem::remove(path);
      } else {
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
      }
      ExpectCorruption(segment, name, remove ? " missing" : " cut");
      std::filesystem::remove(path);
      std::filesystem::rename(kept, path);
    }
  }
  EXPECT_TRUE(segment.open().ok());
}

void ExpectFilesOfAnotherToBeFound(const SegmentOnDisk& segment, const std::string& other) {
  for (const std::string name : segment.names) {
    const std::string path = segment.directory + "/" + name;
    std::filesystem::rename(path, path + ".kept");
    std::filesystem::copy_file(other + "/" + name, path);
    EXPECT_EQ(ErrorClassOf(segment.open()), ErrorClass::kCorruption) << name;
    std::filesystem::rename(path + ".kept", path);
  }
}

}  // namespace sextant::vector_index
