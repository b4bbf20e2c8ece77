#include "common/text/dateline.h"

#include <algorithm>

#include "common/text/text_shape.h"

namespace wirewatch::text_internal {

namespace {

constexpr std::size_t kDatelineBytesMax = 140;

bool starts(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Where `text` has the mark from `from` on with a space before and after it. Dashes are rarer than
// spaces: the search is for them.
std::size_t find_spaced(std::string_view text, std::string_view mark, std::size_t from) {
  for (std::size_t at = text.find(mark[0], from); at != std::string_view::npos;
       at = text.find(mark[0], at + 1)) {
    const std::size_t after = at + mark.size();
    if (at > from && after < text.size() && text[at - 1] == ' ' && text[after] == ' ' &&
        starts(text.substr(at), mark)) {
      return at - 1;
    }
  }
  return std::string_view::npos;
}

// Length of a dash or the like that closes a dateline, at the beginning of `text`; 0 when none.
std::size_t closing_dash(std::string_view text) {
  for (const std::string_view dash : {"---", "--", "—", "–", "-", "_", ":", "="}) {
    if (!starts(text, dash)) continue;
    const std::string_view rest = text.substr(dash.size());
    if (rest.empty() || is_space(rest[0]) || dash == "—" || dash == "--") return dash.size();
  }
  return 0;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
    } else if (starts(text.substr(at), "\u3000")) {
      at += 3;
    } else if (starts(text.substr(at), "\u00a0")) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

bool is_upper_ascii(char c) {
  return c >= 'A' && c <= 'Z';
}

// True when `text` reads like "GROSSETO, Italy" or "SEOUL, Nov. 24" or "МОСКВА, 20 ноября": words
// that begin with a capital or a digit or are short, nothing that ends a sentence.
bool is_place_and_date(std::string_view text) {
  if (text.empty() || text.size() > 90) return false;
  std::size_t words = 0;
  std::size_t lower = 0;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && (is_space(text[at]) || text[at] == ',' || text[at] == '.' ||
                                text[at] == '/' || text[at] == '\'' || text[at] == '-')) {
      ++at;
    }
    if (at >= text.size()) break;
    const char lead = text[at];
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end]) && text[end] != ',' && text[end] != '/') ++end;
    const bool ascii_lower = lead >= 'a' && lead <= 'z';
    if (first && ascii_lower) return false;
    if (lead == '!' || lead == '?' || lead == '"' || lead == ';') return false;
    first = false;
    ++words;
    lower += static_cast<std::size_t>(ascii_lower);
    at = end;
  }
  return words >= 1 && words <= 9 && lower <= 2;
}

// (서울=연합뉴스) 홍길동 기자 =    (ANSA) - ROMA, 20 NOV -
std::size_t bracketed_size(std::string_view text) {
  const std::size_t open = text[0] == '(' || text[0] == '[' ? 1 : 3;
  std::size_t close = text.find_first_of(")]", open);
  std::size_t close_size = 1;
  if (const std::size_t wide = text.find("）", open); wide < close) {
    close = wide;
    close_size = 3;
  }
  if (close > 70) return 0;  // Or npos.
  const std::string_view inside = text.substr(open, close - open);
  const std::size_t after = skip_spaces(text, close + close_size);
  if (inside.find('=') != std::string_view::npos || inside.find("＝") != std::string_view::npos) {
    // (서울=연합뉴스) 홍길동 기자 =
    const std::size_t equals = text.find("= ", after);
    return equals == std::string_view::npos || equals - after > 60 ? after
                                                                   : skip_spaces(text, equals + 1);
  }
  if (inside.ends_with("電") || inside.ends_with("电")) return after;  // （中央社記者…台北24日電）
  // (ANSA) - ROMA, 20 NOV -
  const std::size_t dash = closing_dash(text.substr(after));
  if (dash == 0 || inside.size() > 30) return 0;
  const std::size_t place = skip_spaces(text, after + dash);
  for (const std::string_view mark : {"-", "–", "—", "--"}) {
    const std::size_t second = find_spaced(text, mark, place);
    if (second != std::string_view::npos && is_place_and_date(text.substr(place, second - place))) {
      return skip_spaces(text, second + mark.size() + 2);
    }
  }
  return place;
}

// 新华社北京11月20日电: an agency's name that ends in 社 or 网, a place, a date, "telegram" or
// "news".
std::size_t telegram_size(std::string_view text) {
  for (const std::string_view office : {"社", "网", "網"}) {
    const std::size_t agency = text.find(office);
    if (agency == std::string_view::npos || agency == 0 || agency > 18) continue;
    for (const std::string_view mark : {"日电", "日電", "日讯", "日訊", "电 ", "電 "}) {
      const std::size_t telegram = text.find(mark);
      if (telegram == std::string_view::npos || telegram <= agency || telegram > 70) continue;
      std::size_t at = telegram + (mark[mark.size() - 1] == ' ' ? 3 : 6);
      // (记者 …)
      if (starts(text.substr(skip_spaces(text, at)), "（")) {
        const std::size_t close = text.find("）", at);
        if (close != std::string_view::npos) at = close + 3;
      }
      return skip_spaces(text, at);
    }
  }
  return 0;
}

// PLACE, date (AGENCY) -    МОСКВА, 20 ноября. /ТАСС/.
std::size_t agency_size(std::string_view text) {
  // Not find_first_of(), which asks for each byte whether the set has it.
  const auto find_open = [&](std::size_t from) {
    return std::min(text.find('(', from), text.find('/', from));
  };
  std::size_t open = find_open(0);
  while (open != std::string_view::npos && open > 0 && open <= 90) {
    const char closing = text[open] == '(' ? ')' : '/';
    if (closing == '/' && !is_space(text[open - 1])) {  // "WASHINGTON/LONDON, Nov 24 (Reuters) - "
      open = find_open(open + 1);
      continue;
    }
    const std::size_t close = text.find(closing, open + 1);
    if (close == std::string_view::npos) break;
    const bool agency = close - open - 1 >= 2 && close - open - 1 <= 40;
    std::size_t after = skip_spaces(text, close + 1);
    if (after < text.size() && text[after] == '.') after = skip_spaces(text, after + 1);
    const std::size_t dash = closing_dash(text.substr(after));
    if (agency && (dash > 0 || closing == '/') && is_place_and_date(text.substr(0, open))) {
      return skip_spaces(text, after + dash);
    }
    open = find_open(close + 1);
  }
  return 0;
}

// Of Cyrillic capitals alone.
bool is_cyrillic_capitals(std::string_view word) {
  if (word.size() < 4 || word.size() % 2 != 0) return false;
  for (std::size_t at = 0; at < word.size(); at += 2) {
    const auto next = static_cast<unsigned char>(word[at + 1]);
    if (word[at] != '\xD0' || next < 0x80 || next > 0xAF) return false;
  }
  return true;
}

// Sydney, July 30 AAP -    GENEVA —    ANKARA -    МОСКВА, 24 ноя -
std::size_t dashed_size(std::string_view text) {
  for (const std::string_view mark : {"-", "—", "–", "--"}) {
    const std::size_t dash = find_spaced(text, mark, 0);
    if (dash > 60) continue;  // Or npos.
    const std::string_view before = text.substr(0, dash);
    if (!is_place_and_date(before)) continue;
    const std::size_t last = before.find_last_of(' ');
    const std::string_view agency =
        last == std::string_view::npos ? before : before.substr(last + 1);
    const auto all_caps = [](std::string_view word) {
      return word.size() >= 2 &&
             std::all_of(word.begin(), word.end(),
                         [](char c) {
                           return is_upper_ascii(c) || c == ',' || c == '.' ||
                                  static_cast<unsigned char>(c) >= 0x80;
                         }) &&
             is_upper_ascii(word[0]);
    };
    const std::string_view first = before.substr(0, before.find_first_of(" ,"));
    const bool dated = before.find_first_of("0123456789") != std::string_view::npos;
    if (all_caps(agency) || (all_caps(first) && first.size() >= 3) ||
        (dated && is_cyrillic_capitals(first))) {
      return skip_spaces(text, dash + mark.size() + 2);
    }
  }
  return 0;
}

}  // namespace

std::size_t dateline_size(std::string_view whole) {
  const std::string_view text = whole.substr(0, kDatelineBytesMax);
  if (starts(text, "【")) {  // 【ソウル共同】, 【北京＝…】
    const std::size_t close = text.find("】");
    return close > 90 ? 0 : skip_spaces(text, close + 3);  // npos is more, too.
  }
  if (starts(text, "(") || starts(text, "（") || starts(text, "[")) return bracketed_size(text);
  if (const std::size_t size = telegram_size(text); size > 0) return size;
  if (const std::size_t size = agency_size(text); size > 0) return size;
  return dashed_size(text);
}

}  // namespace wirewatch::text_internal
