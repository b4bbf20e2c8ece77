#include "common/article/date_time.h"

#include <array>
#include <charconv>

namespace wirewatch {

namespace {

constexpr std::size_t kTextMax = 64;  // What is longer is no date.

// Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date
// algorithms").
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const auto day_of_year =
      static_cast<unsigned>((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1);
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }
  // A number of min to max digits.
  std::optional<int> number(int min, int max) {
    int value = 0;
    int digits = 0;
    while (digits < max && peek() >= '0' && peek() <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      ++digits;
    }
    if (digits < min) return std::nullopt;
    return value;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while ((peek() >= 'A' && peek() <= 'Z') || (peek() >= 'a' && peek() <= 'z')) ++at_;
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Civil {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int offset_minutes = 0;
};

std::optional<std::int64_t> to_milliseconds(const Civil& c) {
  if (c.year < 1900 || c.year > 2199 || c.month < 1 || c.month > 12 || c.day < 1 ||
      c.day > days_in_month(c.year, c.month) || c.hour > 23 || c.minute > 59 || c.second > 60) {
    return std::nullopt;
  }
  const std::int64_t seconds = days_from_civil(c.year, c.month, c.day) * 86400 +
                               std::int64_t{c.hour} * 3600 + std::int64_t{c.minute} * 60 +
                               c.second - std::int64_t{c.offset_minutes} * 60;
  return seconds * 1000 + c.millisecond;
}

bool read_fraction(Cursor& cursor, Civil& civil) {
  if (!cursor.take('.') && !cursor.take(',')) return true;
  int digits = 0;
  int value = 0;
  while (cursor.peek() >= '0' && cursor.peek() <= '9') {
    const int digit = cursor.number(1, 1).value_or(0);
    if (digits < 3) value = value * 10 + digit;
    ++digits;
  }
  if (digits == 0 || digits > 12) return false;
  for (int i = digits; i < 3; ++i) value *= 10;
  civil.millisecond = value;
  return true;
}

// "+09:00", "+0900", "+09".
bool read_offset(Cursor& cursor, Civil& civil) {
  const bool minus = cursor.peek() == '-';
  if (!cursor.take('+') && !cursor.take('-')) return false;
  const auto hours = cursor.number(2, 2);
  const bool colon = cursor.take(':');
  const auto minutes = cursor.done() && !colon ? 0 : cursor.number(2, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return false;
  civil.offset_minutes = (*hours * 60 + *minutes) * (minus ? -1 : 1);
  return true;
}

// The names of RFC 822. Others, such as IST, are of several zones.
bool read_zone_name(Cursor& cursor, Civil& civil) {
  struct Name {
    std::string_view name;
    int hours;
  };
  static constexpr std::array<Name, 12> kNames = {{{"GMT", 0},
                                                   {"UTC", 0},
                                                   {"UT", 0},
                                                   {"Z", 0},
                                                   {"EST", -5},
                                                   {"EDT", -4},
                                                   {"CST", -6},
                                                   {"CDT", -5},
                                                   {"MST", -7},
                                                   {"MDT", -6},
                                                   {"PST", -8},
                                                   {"PDT", -7}}};
  const std::string_view word = cursor.word();
  for (const Name& known : kNames) {
    if (known.name != word) continue;
    civil.offset_minutes = known.hours * 60;
    return true;
  }
  return false;
}

std::optional<std::int64_t> parse_iso(std::string_view text) {
  Cursor cursor(text);
  Civil civil;
  const auto year = cursor.number(4, 4);
  if (!year || !cursor.take('-')) return std::nullopt;
  const auto month = cursor.number(2, 2);
  if (!month || !cursor.take('-')) return std::nullopt;
  const auto day = cursor.number(2, 2);
  if (!day) return std::nullopt;
  civil.year = *year;
  civil.month = *month;
  civil.day = *day;
  if (cursor.done()) return to_milliseconds(civil);
  if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) return std::nullopt;
  const auto hour = cursor.number(2, 2);
  if (!hour || !cursor.take(':')) return std::nullopt;
  const auto minute = cursor.number(2, 2);
  if (!minute) return std::nullopt;
  civil.hour = *hour;
  civil.minute = *minute;
  if (cursor.take(':')) {
    const auto second = cursor.number(2, 2);
    if (!second) return std::nullopt;
    civil.second = *second;
    if (!read_fraction(cursor, civil)) return std::nullopt;
  }
  cursor.skip_spaces();
  if (!cursor.done() && !cursor.take('z') && !read_offset(cursor, civil) &&
      !read_zone_name(cursor, civil)) {
    return std::nullopt;
  }
  if (!cursor.done()) return std::nullopt;
  return to_milliseconds(civil);
}

// "Tue, 24 Nov 2026 06:30:00 +0000"
std::optional<std::int64_t> parse_rfc822(std::string_view text) {
  Cursor cursor(text);
  Civil civil;
  if (!cursor.word().empty()) cursor.take(',');
  cursor.skip_spaces();
  const auto day = cursor.number(1, 2);
  if (!day) return std::nullopt;
  cursor.skip_spaces();
  const std::string_view name = cursor.word();
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t month =
      name.size() < 3 ? std::string_view::npos : kMonths.find(name.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  cursor.skip_spaces();
  const auto year = cursor.number(4, 4);
  cursor.skip_spaces();
  const auto hour = cursor.number(2, 2);
  if (!year || !hour || !cursor.take(':')) return std::nullopt;
  const auto minute = cursor.number(2, 2);
  if (!minute) return std::nullopt;
  civil.year = *year;
  civil.month = static_cast<int>(month / 3) + 1;
  civil.day = *day;
  civil.hour = *hour;
  civil.minute = *minute;
  if (cursor.take(':')) {
    const auto second = cursor.number(2, 2);
    if (!second) return std::nullopt;
    civil.second = *second;
  }
  cursor.skip_spaces();
  if (!read_offset(cursor, civil) && !read_zone_name(cursor, civil)) return std::nullopt;
  if (!cursor.done()) return std::nullopt;
  return to_milliseconds(civil);
}

std::optional<std::int64_t> parse_epoch(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  Cursor rest(text.substr(static_cast<std::size_t>(end - text.data())));
  Civil fraction;
  if (!read_fraction(rest, fraction) || !rest.done()) return std::nullopt;
  constexpr std::int64_t kSecondsMax = 7'258'118'400;  // 2200-01-01
  if (value >= 100'000'000 && value < kSecondsMax) return value * 1000 + fraction.millisecond;
  if (value >= kSecondsMax && value < kSecondsMax * 1000) return value;
  return std::nullopt;
}

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

}  // namespace

std::optional<std::int64_t> parse_date_time(std::string_view text) {
  text = without_spaces_around(text);
  if (text.size() > kTextMax) return std::nullopt;
  if (const auto iso = parse_iso(text)) return iso;
  if (const auto mail = parse_rfc822(text)) return mail;
  return parse_epoch(text);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const std::size_t size = text.size();
  if (size < 20 || size > kTextMax || text[10] != 'T' || text[16] != ':' ||
      text.find_first_of(" ,") != std::string_view::npos) {
    return std::nullopt;
  }
  const bool has_offset = text[size - 3] == ':' && (text[size - 6] == '+' || text[size - 6] == '-');
  return text.back() == 'Z' || has_offset ? parse_iso(text) : std::nullopt;
}

namespace {

// With leading zeros; `value` has no more digits and is not negative.
void append_digits(std::int64_t value, std::size_t digits, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + digits);
  for (std::size_t at = begin + digits; at-- > begin; value /= 10)
    out[at] = static_cast<char>('0' + value % 10);
}

}  // namespace

void append_rfc3339(std::int64_t milliseconds, std::string& out) {
  std::int64_t days = milliseconds / 86'400'000;
  std::int64_t rest = milliseconds % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  // The inverse of days_from_civil.
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = static_cast<unsigned>(days - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned day = doy - (153 * mp + 2) / 5 + 1;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) {
    append_digits(year, 4, out);
  } else {
    out.append(std::to_string(year));
  }
  out.push_back('-');
  append_digits(month, 2, out);
  out.push_back('-');
  append_digits(day, 2, out);
  out.push_back('T');
  append_digits(rest / 3'600'000, 2, out);
  out.push_back(':');
  append_digits(rest / 60'000 % 60, 2, out);
  out.push_back(':');
  append_digits(rest / 1000 % 60, 2, out);
  if (rest % 1000 != 0) {
    out.push_back('.');
    append_digits(rest % 1000, 3, out);
  }
  out.push_back('Z');
}

}  // namespace wirewatch
