#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

struct UBreakIterator;

namespace sextant::text {

// A word as WordBreaker gives it, without cutting it.
std::string EvenSpelling(std::string_view word);

// What: cuts what is written without spaces into words, and gives them the form in which spellings of one word are
// equal. Chinese, Japanese, Thai, Lao, Khmer and Burmese are cut by ICU's dictionaries; other scripts are left whole.
// The form: compatibility characters become what they stand for (full-width letters, ligatures, half-width kana), and
// letters of the Latin, Greek, Arabic, Hebrew and Thai scripts lose their marks (é, tone signs, vowel points).
// Threads: one at a time.
class WordBreaker {
 public:
  WordBreaker();

  // Calls `sink` with each word of `run`, a run of WordCharacters::kWithMarksWithin; the words are lent for the call.
  // Runs longer than any writer's are cut where it happens to be, to bound time and memory.
  void ForEachWord(std::string_view run, absl::FunctionRef<void(std::string_view)> sink);

 private:
  struct Deleter {
    void operator()(UBreakIterator* iterator) const;
  };

  void Break(absl::FunctionRef<void(std::string_view)> sink);  // piece_
  void Emit(std::u16string_view word, absl::FunctionRef<void(std::string_view)> sink);

  std::unique_ptr<UBreakIterator, Deleter> iterator_;
  std::u16string piece_;
  std::string word_;
};

}  // namespace sextant::text
