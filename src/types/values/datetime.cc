#include "types/values/datetime.h"

#include <algorithm>

namespace sextant {
namespace {

constexpr int64_t kMicros = 1'000'000;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

int64_t DaysInMonth(int64_t year, int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Days since 1970-01-01 (Howard Hinnant's algorithm: eras of 400 years that start in March).
int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// Takes pieces off the front of a text. After a failure nothing more is taken.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Skip(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool SkipWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void Expect(char wanted) { ok_ = Skip(wanted) && ok_; }
  // Exactly `digits` digits, whose number lies within [least, most].
  int64_t Number(size_t digits, int64_t least, int64_t most) {
    int64_t number = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (!ok_ || !IsDigit(next())) return Fail();
      number = number * 10 + (next() - '0');
      rest_.remove_prefix(1);
    }
    return number >= least && number <= most ? number : Fail();
  }
  // Any digits after a decimal point, at least one, as microseconds.
  int64_t Fraction() {
    if (!IsDigit(next())) return Fail();
    int64_t micros = 0;
    for (int64_t unit = kMicros / 10; IsDigit(next()); unit /= 10, rest_.remove_prefix(1))
      micros += unit * (next() - '0');
    return micros;
  }

 private:
  int64_t Fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// Seconds east of UTC.
int64_t ReadZone(Scanner* in) {
  in->Skip(' ');
  if (in->Skip('Z') || in->Skip('z') || in->SkipWord("UTC")) return 0;
  const int64_t sign = in->next() == '-' ? -1 : 1;
  if (!in->Skip('-')) in->Expect('+');
  const int64_t hours = in->Number(2, 0, 23);
  int64_t minutes = 0;
  if (in->Skip(':') || !in->done()) minutes = in->Number(2, 0, 59);
  return sign * (hours * 60 + minutes) * 60;
}

}  // namespace

std::optional<int64_t> ParseDatetime(std::string_view text) {
  Scanner in(text);
  while (in.Skip(' ')) continue;
  const int64_t year = in.Number(4, 0, 9999);
  in.Expect('-');
  const int64_t month = in.Number(2, 1, 12);
  in.Expect('-');
  const int64_t day = in.Number(2, 1, 31);
  if (!in.ok() || day > DaysInMonth(year, month)) return std::nullopt;
  int64_t seconds = DaysFromCivil(year, month, day) * 86400;
  int64_t micros = 0;
  if (!in.done()) {
    if (!in.Skip('T') && !in.Skip('t')) in.Expect(' ');
    seconds += in.Number(2, 0, 23) * 3600;
    in.Expect(':');
    seconds += in.Number(2, 0, 59) * 60;
    if (in.ok() && in.Skip(':')) {
      seconds += in.Number(2, 0, 60);
      if (in.ok() && in.Skip('.')) micros = in.Fraction();
      if (in.ok() && !in.done()) seconds -= ReadZone(&in);
    }
  }
  if (!in.ok() || !in.done()) return std::nullopt;
  return seconds * kMicros + micros;
}

}  // namespace sextant
