#include "text/bm25.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sextant::text {
namespace {

using Components = std::vector<std::pair<uint32_t, float>>;

Bm25Embedder Embedder(const Bm25Options& options = {}) {
  return *Bm25Embedder::Create(options);
}

void ExpectVector(const SparseVector& vector, const Components& expected) {
  ASSERT_EQ(vector.indices.size(), expected.size());
  ASSERT_EQ(vector.values.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(vector.indices[i], expected[i].first);
    EXPECT_FLOAT_EQ(vector.values[i], expected[i].second) << expected[i].first;
  }
}

void ExpectQuery(const SparseVector& vector, const Components& document) {
  Components expected = document;
  for (auto& [index, weight] : expected) weight = 1.0f;
  ExpectVector(vector, expected);
}

// The numbers of these tests come from the formula in Python, over other implementations of the hash and the stemmers.
TEST(Bm25, EmbedsEnglishByDefault) {
  const std::string_view text = "The quick brown foxes are jumping over the lazy dog's back; foxes jump, don't they?";
  const Components expected = {{226376294, 1.6520973443984985f},  {741580288, 1.6520973443984985f},
                               {771291085, 1.6520973443984985f},  {823588779, 1.6520973443984985f},
                               {1312749093, 1.6520973443984985f}, {1621867415, 1.8870832920074463f},
                               {1913189942, 1.8870832920074463f}};
  ExpectVector(Embedder().EmbedDocument(text), expected);
  ExpectQuery(Embedder().EmbedQuery(text), expected);
}

TEST(Bm25, ParametersShapeTheWeights) {
  Bm25Options options;
  options.k = 2.0;
  options.b = 0.5;
  options.avg_len = 5.0;
  ExpectVector(Embedder(options).EmbedDocument("Time travel: travellers travelled through time in 1984"),
               {{973725785, 0.9375f}, {1183495594, 1.7307692766189575f}, {2058513491, 1.4285714626312256f}});
}

TEST(Bm25, LanguageDecidesStopwordsAndStemmer) {
  ExpectVector(
      Embedder(Bm25Options("german")).EmbedDocument("Die Häuser in den größten Städten sind über hundert Jahre alt"),
      {{18554856, 1.6652867794036865f},
       {571520356, 1.6652867794036865f},
       {938819560, 1.6652867794036865f},
       {1407327463, 1.6652867794036865f},
       {1620730712, 1.6652867794036865f},
       {2137308367, 1.6652867794036865f}});
  ExpectVector(
      Embedder(Bm25Options("ru")).EmbedDocument("Программисты пишут программы для программистов"),
      {{442537792, 1.6741974353790283f}, {1806141652, 1.9014179706573486f}, {2041434225, 1.6741974353790283f}});
}

TEST(Bm25, TextsWithoutTokensAreEmptyVectors) {
  for (const char* text : {"", "  ", "the and of", "?!"}) {
    EXPECT_EQ(Embedder().EmbedDocument(text), SparseVector()) << text;
    EXPECT_EQ(Embedder().EmbedQuery(text), SparseVector()) << text;
  }
}

TEST(Bm25, PrefixTokensOfQueriesAreFoundInDocuments) {
  Bm25Options options("none");
  options.text.tokenizer = Tokenizer::kPrefix;
  const SparseVector document = Embedder(options).EmbedDocument("theory");
  EXPECT_EQ(document.indices.size(), 6u);
  EXPECT_EQ(Embedder(options).EmbedQuery("theo").indices, std::vector{Bm25TokenId("theo")});
  EXPECT_TRUE(std::binary_search(document.indices.begin(), document.indices.end(), Bm25TokenId("theo")));
}

TEST(Bm25, TokenIdIsTheAbsoluteValueOfTheSignedHash) {
  EXPECT_EQ(Bm25TokenId("hello"), 0x248BFA47u);
  EXPECT_EQ(Bm25TokenId("abc"), 0u - 0xB3DD93FAu);
}

TEST(Bm25, OneOfTheTokensWithOneIndexDecidesTheWeight) {
  // The first two words of this form with one index.
  const std::string first = "w30181", second = "w38066";
  ASSERT_EQ(Bm25TokenId(first), Bm25TokenId(second));
  Bm25Options options("none");
  const SparseVector vector = Embedder(options).EmbedDocument(first + " " + second + " " + second);
  ASSERT_EQ(vector.indices, std::vector{Bm25TokenId(first)});
  const double norm = 1.2 * (0.25 + 0.75 * 3 / 256);
  const auto once = static_cast<float>(2.2 / (1 + norm));
  const auto twice = static_cast<float>(2 * 2.2 / (2 + norm));
  EXPECT_TRUE(vector.values[0] == once || vector.values[0] == twice) << vector.values[0];
  EXPECT_EQ(Embedder(options).EmbedQuery(first + " " + second).values, std::vector{1.0f});
}

TEST(Bm25, WeightsOfExtremeParametersAreFinite) {
  Bm25Options options;
  for (const double k : {0.0, 1e-300, 1e300, std::numeric_limits<double>::max()})
    for (const double b : {0.0, 1.0})
      for (const double avg_len : {1e-300, 1e300}) {
        options.k = k;
        options.b = b;
        options.avg_len = avg_len;
        for (const float weight : Embedder(options).EmbedDocument("fox fox dog").values)
          EXPECT_TRUE(std::isfinite(weight) && weight >= 0) << k << " " << b << " " << avg_len;
      }
}

TEST(Bm25, OptionsAreReadFromJson) {
  EXPECT_EQ(*Bm25OptionsFromJson(Json()), Bm25Options());
  EXPECT_EQ(*Bm25OptionsFromJson(*Json::Parse("{}")), Bm25Options("english"));
  EXPECT_EQ(*Bm25OptionsFromJson(*Json::Parse(R"({"language":"none"})")), Bm25Options("none"));
  Bm25Options expected("german");
  expected.k = 2;
  expected.b = 0;
  expected.avg_len = 10.5;
  expected.text.tokenizer = Tokenizer::kMultilingual;
  expected.text.lowercase = false;
  expected.text.ascii_folding = true;
  expected.text.min_token_len = 1;
  expected.text.max_token_len = 9;
  expected.text.stopwords = {{}, {"x"}};
  EXPECT_EQ(*Bm25OptionsFromJson(*Json::Parse(
                R"({"k":2,"b":0,"avg_len":10.5,"language":"german","tokenizer":"multilingual","lowercase":false,
                    "ascii_folding":true,"min_token_len":1,"max_token_len":9,"stopwords":{"custom":["x"]},"other":1})")),
            expected);
  EXPECT_EQ(Bm25OptionsFromJson(*Json::Parse(R"({"stemmer":{"type":"none"}})"))->text.stemmer, std::nullopt);
}

TEST(Bm25, WrongOptionsAreRefused) {
  for (const auto& [text, error] :
       {std::pair(R"({"k":-0.1})", ErrorClass::kWrongInput), std::pair(R"({"b":1.01})", ErrorClass::kWrongInput),
        std::pair(R"({"b":-1})", ErrorClass::kWrongInput), std::pair(R"({"avg_len":0})", ErrorClass::kWrongInput),
        std::pair(R"({"k":"1"})", ErrorClass::kFormat), std::pair(R"({"language":1})", ErrorClass::kFormat),
        std::pair(R"({"tokenizer":"x"})", ErrorClass::kFormat), std::pair("[]", ErrorClass::kFormat)})
    EXPECT_EQ(ErrorClassOf(Bm25OptionsFromJson(*Json::Parse(text)).status()), error) << text;
  Bm25Options options;
  options.k = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Bm25Embedder::Create(options).status().message(),
            "BM25 option k is inf; it must be a finite number, 0 or more");
  options.k = 1.2;
  options.avg_len = std::nan("");
  EXPECT_FALSE(Bm25Embedder::Create(options).ok());
}

}  // namespace
}  // namespace sextant::text
