#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "types/text_params.h"

namespace sextant::text {

// The words of a language's list, separated by spaces.
std::string_view StopwordList(StopwordLanguage language);

// What: the words that one analyzer drops.
// Threads: immutable after construction; any thread.
class StopwordSet {
 public:
  // `normalize(word, &out)` gives a listed word the form in which tokens will be asked for.
  StopwordSet(const Stopwords& stopwords, absl::FunctionRef<void(std::string_view, std::string*)> normalize);

  bool empty() const { return words_.empty(); }
  bool Contains(std::string_view word) const {
    return word.size() <= longest_ && words_.contains(absl::string_view(word.data(), word.size()));
  }

 private:
  absl::flat_hash_set<std::string> words_;
  size_t longest_ = 0;  // bytes; 0 for an empty set
};

}  // namespace sextant::text
