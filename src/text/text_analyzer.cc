#include "text/text_analyzer.h"

#include <utility>

#include "text/token_pipeline.h"

namespace sextant::text {

TextAnalyzer::TextAnalyzer(TextParams params)
    : params_(std::move(params)), stopwords_(params_.stopwords, [this](std::string_view word, std::string* out) {
        NormalizeStopword(params_, word, out);
      }) {}

TextAnalyzer::~TextAnalyzer() = default;

void TextAnalyzer::ForEachDocumentToken(std::string_view text, TokenSink sink) const {
  std::unique_ptr<TokenPipeline> pipeline = TakePipeline();
  pipeline->RunDocument(text, sink);
  ReturnPipeline(std::move(pipeline));
}

void TextAnalyzer::ForEachQueryToken(std::string_view text, TokenSink sink) const {
  std::unique_ptr<TokenPipeline> pipeline = TakePipeline();
  pipeline->RunQuery(text, sink);
  ReturnPipeline(std::move(pipeline));
}

std::vector<std::string> TextAnalyzer::TokenizeDocument(std::string_view text) const {
  std::vector<std::string> tokens;
  ForEachDocumentToken(text, [&](std::string_view token) { tokens.emplace_back(token); });
  return tokens;
}

std::vector<std::string> TextAnalyzer::TokenizeQuery(std::string_view text) const {
  std::vector<std::string> tokens;
  ForEachQueryToken(text, [&](std::string_view token) { tokens.emplace_back(token); });
  return tokens;
}

std::unique_ptr<TokenPipeline> TextAnalyzer::TakePipeline() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<TokenPipeline> pipeline = std::move(idle_.back());
      idle_.pop_back();
      return pipeline;
    }
  }
  return std::make_unique<TokenPipeline>(params_, stopwords_);
}

void TextAnalyzer::ReturnPipeline(std::unique_ptr<TokenPipeline> pipeline) const {
  pipeline->ReleaseLargeBuffers();
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(pipeline));
}

}  // namespace sextant::text
