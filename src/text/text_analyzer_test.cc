#include "text/text_analyzer.h"

#include <gtest/gtest.h>

#include <thread>

#include "text/characters/characters.h"

namespace sextant::text {
namespace {

using Strings = std::vector<std::string>;

TextParams With(Tokenizer tokenizer) {
  TextParams params;
  params.tokenizer = tokenizer;
  return params;
}

Strings Document(const TextParams& params, std::string_view text) {
  return TextAnalyzer(params).TokenizeDocument(text);
}

Strings Query(const TextParams& params, std::string_view text) {
  return TextAnalyzer(params).TokenizeQuery(text);
}

TEST(TextAnalyzer, WordSplitsAtWhatIsNeitherLetterNorNumber) {
  EXPECT_EQ(Document({}, "Hello, WORLD! Привет, Мир; don't 3.14 foo_bar 😀ok x² Ⅷ"),
            (Strings{"hello", "world", "привет", "мир", "don", "t", "3", "14", "foo", "bar", "ok", "x²", "ⅷ"}));
  EXPECT_EQ(Document({}, ""), Strings{});
  EXPECT_EQ(Document({}, "—…😀"), Strings{});
  EXPECT_EQ(Document({}, "日本語 テスト"), (Strings{"日本語", "テスト"}));
}

TEST(TextAnalyzer, WhitespaceKeepsEverythingElse) {
  EXPECT_EQ(Document(With(Tokenizer::kWhitespace), " Don't\tfoo_bar-Baz\u3000C++ 😀👍🏽 "),
            (Strings{"don't", "foo_bar-baz", "c++", "😀👍🏽"}));
}

TEST(TextAnalyzer, PrefixGivesDocumentsEveryBeginningAndQueriesTheLongest) {
  TextParams params = With(Tokenizer::kPrefix);
  params.max_token_len = 4;
  EXPECT_EQ(Document(params, "Hello, Мир!"), (Strings{"h", "he", "hel", "hell", "м", "ми", "мир"}));
  EXPECT_EQ(Query(params, "Hello, Мир!"), (Strings{"hell", "мир"}));
  params.min_token_len = 3;
  EXPECT_EQ(Document(params, "hello at the"), (Strings{"hel", "hell", "the"}));
  EXPECT_EQ(Query(params, "hello at the"), (Strings{"hell", "the"}));
  params.max_token_len = 2;
  EXPECT_EQ(Document(params, "hello"), Strings{});
}

TEST(TextAnalyzer, PrefixDropsStopwordsOfDocumentsOnly) {
  TextParams params = With(Tokenizer::kPrefix);
  params.min_token_len = 2;
  params.stopwords.languages = {StopwordLanguage::kEnglish};
  EXPECT_EQ(Document(params, "The theory"), (Strings{"th", "the", "theo", "theor", "theory"}));
  EXPECT_EQ(Query(params, "The"), Strings{"the"});
}

TEST(TextAnalyzer, PrefixesOfEndlessWordsEnd) {
  const TextParams params = With(Tokenizer::kPrefix);
  const std::string word(1 << 20, 'x');
  EXPECT_EQ(Document(params, word).size(), TextAnalyzer::kLongestPrefix);
  EXPECT_EQ(Query(params, word), Strings{std::string(TextAnalyzer::kLongestPrefix, 'x')});
}

TEST(TextAnalyzer, CaseIsKeptOnRequest) {
  TextParams params;
  params.lowercase = false;
  params.stopwords = {{StopwordLanguage::kEnglish}, {"Foo"}};
  EXPECT_EQ(Document(params, "The cat and the FOO foo Foo ÉTÉ"), (Strings{"The", "cat", "FOO", "foo", "ÉTÉ"}));
}

TEST(TextAnalyzer, StopwordsAreComparedInLowerCase) {
  TextParams params;
  params.stopwords = {{StopwordLanguage::kEnglish}, {"Été"}};
  EXPECT_EQ(Document(params, "THE Cat and été ÉTÉ ete"), (Strings{"cat", "ete"}));
}

TEST(TextAnalyzer, FoldsToAsciiBeforeStopwordsAndStems) {
  TextParams params;
  params.ascii_folding = true;
  EXPECT_EQ(Document(params, "Ação CAFÉ straße Łódź ÆSOP İstanbul 日本"),
            (Strings{"acao", "cafe", "strasse", "lodz", "aesop", "istanbul", "日本"}));
  params.stopwords.languages = {StopwordLanguage::kFrench};
  EXPECT_EQ(Document(params, "L'été même à Nice"), Strings{"nice"});
}

TEST(TextAnalyzer, GermanAndTurkishAreStemmed) {
  TextParams german;
  german.stopwords.languages = {StopwordLanguage::kGerman};
  german.stemmer = StemmerLanguage::kGerman;
  EXPECT_EQ(Document(german, "Die Häuser in den GRÖSSTEN Städten"), (Strings{"haus", "grosst", "stadt"}));
  TextParams turkish;
  turkish.stopwords.languages = {StopwordLanguage::kTurkish};
  turkish.stemmer = StemmerLanguage::kTurkish;
  EXPECT_EQ(Document(turkish, "Kitaplardan ve evlerimizden"), (Strings{"kitap", "ev"}));
}

TEST(TextAnalyzer, LengthsAreOfStemsInCharacters) {
  TextParams params;
  params.stemmer = StemmerLanguage::kEnglish;
  params.min_token_len = 3;
  params.max_token_len = 4;
  EXPECT_EQ(Document(params, "is running jumping мир мирный 日本 日本語"), (Strings{"run", "jump", "мир", "日本語"}));
}

TEST(TextAnalyzer, MultilingualCutsTextWithoutSpaces) {
  const TextParams params = With(Tokenizer::kMultilingual);
  EXPECT_EQ(Document(params, "我爱北京天安门。Sextantのコードで、テスト!"),
            (Strings{"我", "爱", "北京", "天安门", "sextant", "の", "コード", "で", "テスト"}));
  EXPECT_EQ(Document(params, "มาทำงานกันเถอะ"), (Strings{"มา", "ทางาน", "กน", "เถอะ"}));
  EXPECT_EQ(Document(params, "What's it? It's Qdrant_like über Größe"),
            (Strings{"what", "s", "it", "it", "s", "qdrant", "like", "uber", "große"}));
}

TEST(TextAnalyzer, MultilingualDropsTokensWithoutLetters) {
  EXPECT_EQ(Document(With(Tokenizer::kMultilingual), "In 2024: 3.14 ½ ٣ h2o \u0301 \u200D"), (Strings{"in", "h2o"}));
}

TEST(TextAnalyzer, MultilingualStopwordsAreEvenedOutToo) {
  TextParams params = With(Tokenizer::kMultilingual);
  params.stopwords = {{StopwordLanguage::kGerman, StopwordLanguage::kJapanese}, {"テスト"}};
  EXPECT_EQ(Document(params, "Für das Haus これはﾃｽﾄです 本日"), (Strings{"haus", "本日"}));
}

TEST(TextAnalyzer, QueriesAreSplitLikeDocumentsButForPrefixes) {
  const std::string_view text = "The quick brown FOX, 今天是 Größe ﬁ don't";
  for (const Tokenizer tokenizer : {Tokenizer::kWord, Tokenizer::kWhitespace, Tokenizer::kMultilingual}) {
    TextParams params = With(tokenizer);
    params.stopwords.languages = {StopwordLanguage::kEnglish};
    params.stemmer = StemmerLanguage::kEnglish;
    EXPECT_EQ(Document(params, text), Query(params, text));
    EXPECT_FALSE(Document(params, text).empty());
  }
}

TEST(TextAnalyzer, BytesThatAreNotUtf8PartWords) {
  const std::string_view text = "ab\xFFyz \xE2\x82 c\xC3 \xED\xA0\x80 日\xE6\x97";
  for (const Tokenizer tokenizer : {Tokenizer::kWord, Tokenizer::kWhitespace, Tokenizer::kMultilingual})
    EXPECT_EQ(Document(With(tokenizer), text), (Strings{"ab", "yz", "c", "日"}));
  EXPECT_EQ(Query(With(Tokenizer::kPrefix), text), (Strings{"ab", "yz", "c", "日"}));
}

TEST(TextAnalyzer, WordsOfAnyLengthPass) {
  const std::string latin(1 << 18, 'A');
  std::string cyrillic;
  for (int i = 0; i < 20000; ++i) cyrillic += "Ж";
  TextParams params;
  params.stemmer = StemmerLanguage::kEnglish;
  const TextAnalyzer analyzer(params);
  const Strings tokens = analyzer.TokenizeDocument(latin + " " + cyrillic + " end");
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0], std::string(1 << 18, 'a'));
  EXPECT_EQ(CountCharacters(tokens[1]), 20000u);
  EXPECT_EQ(tokens[1].substr(0, 2), "ж");
  EXPECT_EQ(tokens[2], "end");
  size_t bytes = 0;
  for (const std::string& token : Document(With(Tokenizer::kMultilingual), cyrillic)) bytes += token.size();
  EXPECT_EQ(bytes, cyrillic.size());
}

TEST(TextAnalyzer, ServesManyThreadsAtOnce) {
  TextParams params = With(Tokenizer::kMultilingual);
  params.stemmer = StemmerLanguage::kEnglish;
  const TextAnalyzer analyzer(params);
  const std::string_view text = "running foxes 今天是星期一 jumped";
  const Strings expected = analyzer.TokenizeDocument(text);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& mine : wrong)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) mine += analyzer.TokenizeDocument(text) != expected;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace sextant::text
