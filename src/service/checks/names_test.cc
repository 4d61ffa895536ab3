#include "service/checks/names.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::service {
namespace {

TEST(CheckName, ForbidsOnlySlashAndNul) {
  EXPECT_TRUE(CheckName("a b:c*").ok());
  EXPECT_TRUE(CheckName("").ok());
  EXPECT_EQ(ErrorClassOf(CheckName("a/b")), ErrorClass::kValidation);
  EXPECT_EQ(ErrorClassOf(CheckName(std::string("a\0b", 3))), ErrorClass::kValidation);
}

TEST(CheckNewName, ForbidsWhatCouldNotBeAFileName) {
  EXPECT_TRUE(CheckNewName("books-2_ü.v1").ok());
  for (const char c : std::string("<>:\"/\\|?*\0\x1F", 11)) {
    EXPECT_EQ(ErrorClassOf(CheckNewName("a" + std::string(1, c))), ErrorClass::kValidation) << static_cast<int>(c);
  }
  EXPECT_EQ(CheckNewName("a/b").message(), R"([collection_name: collection name cannot contain "/" char])");
}

TEST(CheckNewName, CountsCharactersNotBytes) {
  EXPECT_FALSE(CheckNewName("").ok());
  EXPECT_TRUE(CheckNewName(std::string(255, 'a')).ok());
  EXPECT_FALSE(CheckNewName(std::string(256, 'a')).ok());
  std::string umlauts;
  for (int i = 0; i < 255; ++i) umlauts += "ü";
  EXPECT_TRUE(CheckNewName(umlauts).ok());
}

TEST(CheckVectorName, AllowsTheUnnamedAndTwoHundredBytes) {
  EXPECT_TRUE(CheckVectorName("").ok());
  EXPECT_TRUE(CheckVectorName(std::string(200, 'a')).ok());
  EXPECT_EQ(ErrorClassOf(CheckVectorName(std::string(201, 'a'))), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(CheckVectorName("a?")), ErrorClass::kWrongInput);
}

}  // namespace
}  // namespace sextant::service
