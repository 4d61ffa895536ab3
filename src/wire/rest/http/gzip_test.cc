#include "wire/rest/http/gzip.h"

#include <gtest/gtest.h>

#include <random>

namespace sextant::wire {
namespace {

std::string Random(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Gzip, RoundTrip) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(100'000, 'a') + Random(100'000, 1), Random(3'000'000, 2)}) {
    const auto back = Gunzip(Gzip(text), 1 << 24);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, text);
  }
}

TEST(Gzip, BoundsWhatABodyHolds) {
  const std::string text = Random(200'000, 3);
  EXPECT_TRUE(Gunzip(Gzip(text), 200'000).ok());
  EXPECT_EQ(ErrorClassOf(Gunzip(Gzip(text), 199'999).status()), ErrorClass::kBadRequest);
}

TEST(Gzip, BoundsExpansion) {
  const auto result = Gunzip(Gzip(std::string(30 << 20, ' ')), 1 << 30);
  EXPECT_EQ(ErrorClassOf(result.status()), ErrorClass::kBadRequest);
}

TEST(Gzip, DamagedBodiesAreErrors) {
  const std::string good = Gzip(Random(10'000, 4));
  EXPECT_FALSE(Gunzip("", 1 << 20).ok());
  EXPECT_FALSE(Gunzip("not gzip at all", 1 << 20).ok());
  EXPECT_FALSE(Gunzip(good.substr(0, good.size() / 2), 1 << 20).ok());
  EXPECT_FALSE(Gunzip(good.substr(0, good.size() - 1), 1 << 20).ok());
  EXPECT_FALSE(Gunzip(good + "x", 1 << 20).ok());
  for (size_t at : {size_t{0}, size_t{3}, good.size() / 2, good.size() - 5, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    EXPECT_FALSE(Gunzip(bad, 1 << 20).ok()) << at;
  }
}

TEST(Gzip, ReadsAcceptEncoding) {
  for (const char* accept : {"gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "*", "identity,gzip ;q=0.001"})
    EXPECT_TRUE(AcceptsGzip(accept)) << accept;
  for (const char* accept : {"", "identity", "br", "gzip;q=0", "gzip; q=0.0", "xgzip", ",,", "deflate, gzip;q=0"})
    EXPECT_FALSE(AcceptsGzip(accept)) << accept;
}

}  // namespace
}  // namespace sextant::wire
