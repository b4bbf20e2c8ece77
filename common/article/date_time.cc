#include "common/article/date_time.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/trimmed.h"

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
  void skip_to_end() { at_ = text_.size(); }
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
  if (c.year < 1900 || c.month < 1 || c.month > 12 || c.day < 1 ||
      c.day > days_in_month(c.year, c.month) || c.hour > 23 || c.minute > 59 || c.second > 60) {
    return std::nullopt;
  }
  const std::int64_t seconds = days_from_civil(c.year, c.month, c.day) * 86400 +
                               std::int64_t{c.hour} * 3600 + std::int64_t{c.minute} * 60 +
                               c.second - std::int64_t{c.offset_minutes} * 60;
  // Held back or kept for ever is written as the end of 9999; nothing later has four digits.
  constexpr std::int64_t kSecondsMax = 253'402'300'800;
  if (seconds >= kSecondsMax) return std::nullopt;
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
  const bool digits = cursor.peek() >= '0' && cursor.peek() <= '9';
  const auto minutes = !digits && !colon ? 0 : cursor.number(2, 2);
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

// The zone at the end: none, which is UTC, an offset, a name, or an offset and what Go ("+0000
// UTC") and Java ("Z[GMT]", "+01:00[Europe/Paris]") write after it.
bool read_zone(Cursor& cursor, Civil& civil) {
  cursor.skip_spaces();
  if (cursor.done() || cursor.take('z')) return cursor.done();
  if (!read_offset(cursor, civil)) {
    if (!read_zone_name(cursor, civil)) return false;
  } else if (cursor.take(' ')) {
    cursor.word();
  }
  if (cursor.peek() == '[') cursor.skip_to_end();
  return cursor.done();
}

// Within a date: "+0000 ", or nothing.
bool read_offset_or_none(Cursor& cursor, Civil& civil) {
  cursor.skip_spaces();
  return (cursor.peek() != '+' && cursor.peek() != '-') || read_offset(cursor, civil);
}

std::optional<std::int64_t> parse_iso(std::string_view text) {
  Cursor cursor(text);
  Civil civil;
  const auto year = cursor.number(4, 4);
  const char between = cursor.peek() == '/' ? '/' : '-';
  if (!year || !cursor.take(between)) return std::nullopt;
  const auto month = cursor.number(2, 2);
  if (!month || !cursor.take(between)) return std::nullopt;
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
  if (!read_zone(cursor, civil)) return std::nullopt;
  return to_milliseconds(civil);
}

// "20261124T063000Z", "20261124063000", "20261124": the basic form of ISO 8601.
std::optional<std::int64_t> parse_basic_iso(std::string_view text) {
  constexpr std::size_t kDate = 8;
  constexpr std::size_t kTime = 6;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits != kDate && digits != kDate + kTime) return std::nullopt;
  Cursor cursor(text);
  Civil civil;
  civil.year = cursor.number(4, 4).value_or(0);
  civil.month = cursor.number(2, 2).value_or(0);
  civil.day = cursor.number(2, 2).value_or(0);
  if (cursor.done()) return to_milliseconds(civil);
  if (digits == kDate && !cursor.take('T')) return std::nullopt;
  const auto hour = cursor.number(2, 2);
  const auto minute = cursor.number(2, 2);
  const auto second = cursor.number(2, 2);
  if (!hour || !minute || !second) return std::nullopt;
  civil.hour = *hour;
  civil.minute = *minute;
  civil.second = *second;
  if (!read_fraction(cursor, civil) || !read_zone(cursor, civil)) return std::nullopt;
  return to_milliseconds(civil);
}

// "06:30", "06:30:00", "6:30 AM".
bool read_clock(Cursor& cursor, Civil& civil) {
  const auto hour = cursor.number(1, 2);
  if (!hour || !cursor.take(':')) return false;
  const auto minute = cursor.number(2, 2);
  if (!minute) return false;
  civil.hour = *hour;
  civil.minute = *minute;
  if (cursor.take(':')) {
    const auto second = cursor.number(2, 2);
    if (!second) return false;
    civil.second = *second;
  }
  Cursor ahead = cursor;
  ahead.skip_spaces();
  const std::string_view half = ahead.word();
  const bool am = half == "AM" || half == "am";
  const bool pm = half == "PM" || half == "pm";
  if (!am && !pm) return true;
  if (civil.hour < 1 || civil.hour > 12) return false;
  civil.hour = civil.hour % 12 + (pm ? 12 : 0);
  cursor = ahead;
  return true;
}

// "Nov", "November", "Sept"; 0 for no month.
int month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (name.size() >= 3 && kMonths[i].starts_with(name)) return static_cast<int>(i) + 1;
  }
  return 0;
}

// "Tue, 24 Nov 2026 06:30:00 +0000", "24 November 2026"; years of two digits as RFC 2822 reads
// them.
std::optional<std::int64_t> parse_rfc822(std::string_view text) {
  Cursor cursor(text);
  Civil civil;
  if (!cursor.word().empty()) cursor.take(',');
  cursor.skip_spaces();
  const auto day = cursor.number(1, 2);
  if (!day) return std::nullopt;
  cursor.skip_spaces();
  civil.day = *day;
  civil.month = month_of(cursor.word());
  cursor.skip_spaces();
  Cursor digits = cursor;
  const auto year = cursor.number(2, 4);
  if (civil.month == 0 || !year) return std::nullopt;
  civil.year = digits.number(4, 4) ? *year : *year + (*year < 50 ? 2000 : 1900);
  cursor.take(',');
  cursor.skip_spaces();
  if (cursor.done()) return to_milliseconds(civil);
  if (!read_clock(cursor, civil) || !read_zone(cursor, civil)) return std::nullopt;
  return to_milliseconds(civil);
}

// "November 24, 2026", "Nov 24, 2026, 6:30 AM", and with the weekday before and the year at the end
// "Tue Nov 24 06:30:00 +0000 2026".
std::optional<std::int64_t> parse_month_first(std::string_view text) {
  Cursor cursor(text);
  Civil civil;
  civil.month = month_of(cursor.word());
  if (civil.month == 0) {  // A weekday.
    cursor.take(',');
    cursor.skip_spaces();
    civil.month = month_of(cursor.word());
  }
  cursor.take('.');
  cursor.skip_spaces();
  const auto day = cursor.number(1, 2);
  if (civil.month == 0 || !day) return std::nullopt;
  civil.day = *day;
  const bool year_at_end = !cursor.take(',');
  cursor.skip_spaces();
  if (year_at_end && (!read_clock(cursor, civil) || !read_offset_or_none(cursor, civil)))
    return std::nullopt;
  cursor.skip_spaces();
  const auto year = cursor.number(4, 4);
  if (!year) return std::nullopt;
  civil.year = *year;
  if (cursor.done()) return to_milliseconds(civil);
  cursor.take(',');
  cursor.skip_spaces();
  if (year_at_end || !read_clock(cursor, civil) || !read_zone(cursor, civil)) return std::nullopt;
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
  // Milliseconds; and microseconds and nanoseconds, as databases have them.
  for (const std::int64_t per_millisecond : {1, 1000, 1'000'000}) {
    const std::int64_t milliseconds = value / per_millisecond;
    if (milliseconds < kSecondsMax) return std::nullopt;
    if (milliseconds < kSecondsMax * 1000) return milliseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_date_time(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kTextMax) return std::nullopt;
  for (const auto& parse :
       {parse_iso, parse_basic_iso, parse_rfc822, parse_month_first, parse_epoch}) {
    if (const auto time = parse(text)) return time;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const std::size_t size = text.size();
  if (size < 20 || size > kTextMax || text[7] != '-' || text[10] != 'T' || text[16] != ':' ||
      text[17] == '6' ||  // A leap second, which most readers of dates refuse.
      text.find_first_of(" ,[") != std::string_view::npos) {
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
