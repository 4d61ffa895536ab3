#include "service/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "text/bm25.h"

namespace sextant::service {
namespace {

constexpr std::array<std::string_view, 2> kBm25Names = {"qdrant/bm25", "bm25"};
constexpr size_t kMaxQuotedName = 200;
constexpr size_t kMaxKeptOptions = 1024;  // bytes of text

// `lower` is in lower case.
bool EqualsIgnoringCase(std::string_view name, std::string_view lower) {
  const auto same = [](char c, char l) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == l; };
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), same);
}

bool IsBm25(std::string_view model) {
  return std::any_of(kBm25Names.begin(), kBm25Names.end(),
                     [&](std::string_view name) { return EqualsIgnoringCase(model, name); });
}

using EmbedderPointer = std::shared_ptr<const text::Bm25Embedder>;

Result<EmbedderPointer> MakeEmbedder(const Json& json) {
  auto options = text::Bm25OptionsFromJson(json);
  if (!options.ok()) return Annotate(options.status(), fmt::format("options of {}", kBm25Names[0]));
  ASSIGN_OR_RETURN(text::Bm25Embedder embedder, text::Bm25Embedder::Create(*std::move(options)));
  return std::make_shared<const text::Bm25Embedder>(std::move(embedder));
}

// Making an embedder takes longer than most texts, and the texts of a request have the same options: each thread keeps
// its last one, unless its options are large.
Result<EmbedderPointer> EmbedderOf(const Json& options) {
  thread_local std::string last_options;
  thread_local EmbedderPointer last;
  std::string key = options.Dump();
  if (last != nullptr && key == last_options) return last;
  ASSIGN_OR_RETURN(EmbedderPointer embedder, MakeEmbedder(options));
  if (key.size() > kMaxKeptOptions) return embedder;
  last_options = std::move(key);
  last = embedder;
  return embedder;
}

}  // namespace

Result<VectorValue> Infer(const InferenceInput& input, VectorUse use) {
  if (!IsBm25(input.model))
    return Internal(
        fmt::format("InferenceService is not initialized. Please check if it was properly configured and initialized "
                    "during startup. The model \"{}\" needs it, only qdrant/bm25 does not.",
                    input.model.size() <= kMaxQuotedName ? input.model : "…"));
  if (input.kind != InferenceInput::Kind::kText)
    return WrongInput(fmt::format("the model {} makes vectors of texts only", kBm25Names[0]));
  ASSIGN_OR_RETURN(const auto embedder, EmbedderOf(input.options));
  return VectorValue(use == VectorUse::kStored ? embedder->EmbedDocument(input.text)
                                               : embedder->EmbedQuery(input.text));
}

}  // namespace sextant::service
