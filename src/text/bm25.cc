#include "text/bm25.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "text/murmur3.h"

namespace sextant::text {
namespace {

constexpr uint32_t kTokenSeed = 0;
constexpr uint32_t kSecondSeed = 0x9747B28C;  // any other

Status ReadNumber(const Json& json, std::string_view key, double* out) {
  const Json* member = json.Find(key);
  if (member == nullptr || member->is_null()) return OkStatus();
  if (!member->is_number())
    return FormatError(absl::StrCat(absl::string_view(key.data(), key.size()), ": expected a number"));
  *out = member->as_double();
  return OkStatus();
}

Status OutOfRange(std::string_view key, double value, std::string_view expected) {
  return WrongInput(absl::StrCat("BM25 option ", absl::string_view(key.data(), key.size()), " is ", value,
                                 "; it must be ", absl::string_view(expected.data(), expected.size())));
}

// What tells tokens apart and sorts them by index: the index above, another hash below. Counting these instead of
// strings bounds the memory of a token by eight bytes.
uint64_t TokenKey(std::string_view token) {
  return uint64_t{Bm25TokenId(token)} << 32 | Murmur3(token, kSecondSeed);
}

uint32_t IndexOf(uint64_t key) {
  return static_cast<uint32_t>(key >> 32);
}

float Weight(const Bm25Options& options, size_t occurrences, size_t length) {
  const auto n = static_cast<double>(occurrences);
  const double norm = 1.0 - options.b + options.b * static_cast<double>(length) / options.avg_len;
  const double weight = n * (options.k + 1.0) / std::fma(options.k, norm, n);
  // An extreme k overflows.
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(weight <= kLargest ? weight : kLargest);
}

}  // namespace

Bm25Options::Bm25Options(std::string_view language) {
  if (const auto stopwords = FindStopwordLanguage(language)) text.stopwords.languages = {*stopwords};
  text.stemmer = FindStemmerLanguage(language);
}

Result<Bm25Options> Bm25OptionsFromJson(const Json& json) {
  if (json.is_null()) return Bm25Options();
  if (!json.is_object()) return FormatError("options: expected an object");
  Bm25Options options;
  if (const Json* language = json.Find("language"); language != nullptr && !language->is_null()) {
    if (!language->is_string()) return FormatError("language: expected the name of a language");
    options = Bm25Options(language->as_string());
  }
  RETURN_IF_ERROR(ReadNumber(json, "k", &options.k));
  RETURN_IF_ERROR(ReadNumber(json, "b", &options.b));
  RETURN_IF_ERROR(ReadNumber(json, "avg_len", &options.avg_len));
  RETURN_IF_ERROR(ReadTextParams(json, &options.text));
  RETURN_IF_ERROR(CheckBm25Options(options));
  return options;
}

Status CheckBm25Options(const Bm25Options& options) {
  if (!std::isfinite(options.k) || options.k < 0) return OutOfRange("k", options.k, "a finite number, 0 or more");
  if (!(options.b >= 0 && options.b <= 1)) return OutOfRange("b", options.b, "between 0 and 1");
  if (!std::isfinite(options.avg_len) || options.avg_len <= 0)
    return OutOfRange("avg_len", options.avg_len, "a finite number above 0");
  return OkStatus();
}

uint32_t Bm25TokenId(std::string_view token) {
  const uint32_t hash = Murmur3(token, kTokenSeed);
  return hash >> 31 != 0 ? 0u - hash : hash;
}

Result<Bm25Embedder> Bm25Embedder::Create(Bm25Options options) {
  RETURN_IF_ERROR(CheckBm25Options(options));
  return Bm25Embedder(std::move(options));
}

Bm25Embedder::Bm25Embedder(Bm25Options options)
    : options_(std::move(options)), analyzer_(std::make_unique<const TextAnalyzer>(options_.text)) {}

SparseVector Bm25Embedder::EmbedDocument(std::string_view text) const {
  std::vector<uint64_t> keys;
  analyzer_->ForEachDocumentToken(text, [&](std::string_view token) { keys.push_back(TokenKey(token)); });
  std::sort(keys.begin(), keys.end());
  SparseVector vector;
  for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    while (end < keys.size() && keys[end] == keys[begin]) ++end;
    const float weight = Weight(options_, end - begin, keys.size());
    if (!vector.indices.empty() && vector.indices.back() == IndexOf(keys[begin])) {
      vector.values.back() = weight;
      continue;
    }
    vector.indices.push_back(IndexOf(keys[begin]));
    vector.values.push_back(weight);
  }
  return vector;
}

SparseVector Bm25Embedder::EmbedQuery(std::string_view text) const {
  SparseVector vector;
  analyzer_->ForEachQueryToken(text, [&](std::string_view token) { vector.indices.push_back(Bm25TokenId(token)); });
  std::sort(vector.indices.begin(), vector.indices.end());
  vector.indices.erase(std::unique(vector.indices.begin(), vector.indices.end()), vector.indices.end());
  vector.values.assign(vector.indices.size(), 1.0f);
  return vector;
}

}  // namespace sextant::text
