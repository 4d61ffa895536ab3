#include "types/text_params.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

Result<TextParams> Read(std::string_view text) {
  TextParams params;
  RETURN_IF_ERROR(ReadTextParams(*Json::Parse(text), &params));
  return params;
}

TEST(TextParams, AbsentAndNullMembersKeepTheDefaults) {
  EXPECT_EQ(*Read("{}"), TextParams());
  EXPECT_EQ(*Read(R"({"type":"text","on_disk":true,"tokenizer":null,"lowercase":null,"min_token_len":null,
                      "stopwords":null,"stemmer":null})"),
            TextParams());
}

TEST(TextParams, EveryMemberIsRead) {
  TextParams expected;
  expected.tokenizer = Tokenizer::kPrefix;
  expected.lowercase = false;
  expected.ascii_folding = true;
  expected.phrase_matching = true;
  expected.min_token_len = 2;
  expected.max_token_len = 20;
  expected.stopwords = {{StopwordLanguage::kEnglish, StopwordLanguage::kJapanese}, {"foo"}};
  expected.stemmer = StemmerLanguage::kGerman;
  EXPECT_EQ(*Read(R"({"tokenizer":"prefix","lowercase":false,"ascii_folding":true,"phrase_matching":true,
                      "min_token_len":2,"max_token_len":20,
                      "stopwords":{"languages":["english","jp"],"custom":["foo"]},
                      "stemmer":{"type":"snowball","language":"german"}})"),
            expected);
}

TEST(TextParams, StopwordsMayBeOneLanguageAndGivenOnesReplaceTheDefault) {
  EXPECT_EQ(Read(R"({"stopwords":"hi-en"})")->stopwords, (Stopwords{{StopwordLanguage::kHinglish}, {}}));
  TextParams english;
  english.stopwords.languages = {StopwordLanguage::kEnglish};
  english.stemmer = StemmerLanguage::kEnglish;
  ASSERT_TRUE(
      ReadTextParams(*Json::Parse(R"({"stopwords":{"languages":null},"stemmer":{"type":"none"}})"), &english).ok());
  EXPECT_EQ(english, TextParams());
}

TEST(TextParams, EveryLanguageIsFoundByItsName) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(StopwordLanguage::kTurkish); ++i) {
    const auto language = static_cast<StopwordLanguage>(i);
    EXPECT_EQ(FindStopwordLanguage(LanguageName(language)), language);
  }
  for (uint8_t i = 0; i <= static_cast<uint8_t>(StemmerLanguage::kTurkish); ++i) {
    const auto language = static_cast<StemmerLanguage>(i);
    EXPECT_EQ(FindStemmerLanguage(LanguageName(language)), language);
  }
  EXPECT_EQ(FindStopwordLanguage("tamil"), std::nullopt);
  EXPECT_EQ(FindStemmerLanguage(""), std::nullopt);
}

TEST(TextParams, WrongMembersAreNamed) {
  for (const auto& [text, member] :
       {std::pair(R"({"tokenizer":"ngram"})", "tokenizer"), std::pair(R"({"lowercase":1})", "lowercase"),
        std::pair(R"({"min_token_len":-1})", "min_token_len"), std::pair(R"({"max_token_len":1.5})", "max_token_len"),
        std::pair(R"({"stopwords":"klingon"})", "stopwords"), std::pair(R"({"stopwords":7})", "stopwords"),
        std::pair(R"({"stopwords":{"languages":"english"}})", "stopwords.languages"),
        std::pair(R"({"stopwords":{"languages":["english","tamil"]}})", "stopwords.languages"),
        std::pair(R"({"stopwords":{"custom":[1]}})", "stopwords.custom"),
        std::pair(R"({"stemmer":"english"})", "stemmer"), std::pair(R"({"stemmer":{"type":"porter"}})", "stemmer.type"),
        std::pair(R"({"stemmer":{"type":"snowball"}})", "stemmer.language"),
        std::pair(R"({"stemmer":{"type":"snowball","language":"thai"}})", "stemmer.language"),
        std::pair("[]", "the text options")}) {
    const Status status = Read(text).status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kFormat) << text;
    EXPECT_EQ(std::string(status.message()).find(std::string(member) + ": expected"), 0u) << text << status.message();
  }
}

}  // namespace
}  // namespace sextant
