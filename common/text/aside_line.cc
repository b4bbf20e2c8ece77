#include "common/text/aside_line.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/text/text_shape.h"

namespace wirewatch::text_internal {

namespace {

constexpr std::uint32_t kBylineTokensMax = 14;
constexpr std::uint32_t kCommentTokensMax = 18;
constexpr std::uint32_t kHeadingTokensMin = 2;
constexpr std::uint32_t kHeadingTokensMax = 6;
constexpr std::uint32_t kLinkTokensMin = 6;
constexpr std::uint32_t kLinkTokensMax = 24;
constexpr std::size_t kLongWordMin = 4;      // Shorter words are small in headlines too.
constexpr std::uint32_t kLoudTokensMin = 4;  // Of a line all in capitals that leads elsewhere.
constexpr std::uint32_t kLoudTokensMax = 30;
constexpr std::uint32_t kCaptionTokensMax = 70;
constexpr std::uint32_t kCreditTokensMax = 12;  // At the end of a caption.
constexpr std::uint32_t kAuthorNoteTokensMax = 70;
constexpr std::uint32_t kNameTokensMax = 4;  // Of the author.
constexpr std::uint32_t kOfficeTokensMax = 8;

// Before the name of who wrote an article.
constexpr std::string_view kByWords[] = {"by", "von", "par", "por", "di", "door", "av", "oleh"};
// Before the name of a site, or of the author, after the article.
constexpr std::string_view kClosingWords[] = {"more", "about", "uber", "sobre"};
// Before the name of who has sent a press release.
constexpr std::string_view kAboutWords[] = {"about", "uber", "sobre", "acerca", "over", "om", "o"};
// What begins the note on an author who is not named.
constexpr std::array<std::string_view, 3> kNoteBeginnings[] = {
    {"the", "writer", "is"},   {"the", "author", "is"}, {"der", "autor", "ist"},
    {"die", "autorin", "ist"}, {"l", "auteur", "est"},  {"l", "autrice", "est"},
    {"el", "autor", "es"},     {"la", "autora", "es"},  {"o", "autor", "e"},
    {"a", "autora", "e"},      {"l", "autore", "e"},    {"de", "auteur", "is"}};
// "Is a", between the author's name and work.
constexpr std::string_view kIsWords[] = {"is", "ist", "est", "es", "e"};
constexpr std::string_view kWriters[] = {
    "reporter",      "writer",      "journalist",   "editor",        "correspondent",
    "columnist",     "freelance",   "freelancer",   "contributor",   "journaliste",
    "correspondant", "periodista",  "redactor",     "jornalista",    "giornalista",
    "redakteur",     "redakteurin", "journalistin", "korrespondent", "korrespondentin",
    "blogger",       "producer"};

// Whose pictures newsrooms print, and what they call a picture.
constexpr std::string_view kAgencies[] = {
    "reuters", "ap",     "afp",          "epa",    "efe",       "getty", "pa",     "dpa",
    "alamy",   "xinhua", "shutterstock", "istock", "bloomberg", "photo", "images", "imago"};
constexpr std::string_view kPictureWords[] = {"photo", "photos", "photograph", "picture",
                                              "image", "credit", "foto",       "fotos",
                                              "bild",  "imagen", "imagem",     "photographie"};

constexpr std::string_view kCreditWords[] = {"by",      "courtesy",  "credit",
                                             "caption", "copyright", "source"};

bool is_number(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_year(std::string_view word) {
  return word.size() == 4 && is_number(word) && (word.starts_with("19") || word.starts_with("20"));
}

bool has(std::string_view gap, char c) {
  return gap.find(c) != std::string_view::npos;
}

bool ends_sentence(const LineWords& line) {
  return text_internal::ends_sentence(line.after.substr(0, line.after.find('\n')));
}

struct Date {
  bool day = false;   // A year and another number.
  bool time = false;  // Of the day.
};

Date date_in(const LineWords& line) {
  std::uint32_t numbers = 0;
  bool year = false;
  Date date;
  for (std::uint32_t token = line.begin; token < line.end; ++token) {
    const std::string_view word = line.text.folded(token);
    if (!is_number(word)) continue;
    ++numbers;
    year = year || is_year(word);
    date.time =
        date.time || (token > line.begin && word.size() == 2 &&
                      line.text.gap_before(token) == ":" && is_number(line.text.folded(token - 1)));
  }
  date.day = year && numbers >= 2;
  return date;
}

// Day or time, and no sentence about either.
bool has_date(const LineWords& line) {
  const Date date = date_in(line);
  return (date.day && !ends_sentence(line)) || date.time;
}

struct LongWords {
  std::uint32_t count = 0;
  std::uint32_t small = 0;  // Of these without a capital.
};

// "Photo: ", "Photo by ", "Image caption", "File photo".
bool begins_credit(const LineWords& line, std::uint32_t token) {
  if (token + 1 >= line.end) return false;
  const std::string_view next = line.text.folded(token + 1);
  if (line.text.folded(token) == "file") return next == "photo";
  if (!is_one_of(line.text.folded(token), kPictureWords)) return false;
  const std::string_view gap = line.text.gap_before(token + 1);
  return gap.starts_with(':') || gap.starts_with("..") || is_one_of(next, kCreditWords);
}

LongWords long_words(const LineWords& line) {
  LongWords words;
  for (std::uint32_t token = line.begin; token < line.end; ++token) {
    const std::string_view word = line.text.folded(token);
    if (word.size() < kLongWordMin || is_number(word)) continue;
    ++words.count;
    words.small += line.text.is_capitalized(token) ? 0U : 1U;
  }
  return words;
}

// A few words with a capital at both ends: "More in Amsterdam".
bool may_head_a_name(const LineWords& line) {
  return line.size() >= kHeadingTokensMin && line.size() <= kHeadingTokensMax &&
         !ends_sentence(line) && line.text.is_capitalized(line.begin) &&
         line.text.is_capitalized(line.end - 1);
}

}  // namespace

bool has_address(const LineWords& line) {
  for (std::uint32_t token = line.begin + 1; token < line.end; ++token) {
    if (has(line.text.gap_before(token), '@')) return true;
  }
  return false;
}

bool is_byline(const LineWords& line) {
  if (line.size() > kBylineTokensMax || line.size() < 2) return false;
  if (is_one_of(line.text.folded(line.begin), kByWords) &&
      line.text.is_capitalized(line.begin + 1) && !ends_sentence(line)) {
    return true;
  }
  // "— Jo Doe (@jodoe) November 18, 2019" ends a quoted message.
  return !has_address(line) && !has(line.text.gap_before(line.begin), '-') && has_date(line);
}

bool is_day_and_time(const LineWords& line) {
  const Date date = date_in(line);
  return date.day && date.time;
}

bool is_comment_head(const LineWords& line) {
  return line.size() <= kCommentTokensMax && line.after.starts_with(':') && has_date(line);
}

bool is_headline_link(const LineWords& line) {
  if (line.size() < kLinkTokensMin || line.size() > kLinkTokensMax || ends_sentence(line)) {
    return false;
  }
  const LongWords words = long_words(line);
  // "with" and "from" are small in some papers.
  return words.count >= kLinkTokensMin / 2 && words.small * 6 <= words.count;
}

bool is_closing_heading(const LineWords& line) {
  return may_head_a_name(line) && is_one_of(line.text.folded(line.begin), kClosingWords) &&
         long_words(line).small == 0;
}

bool is_heading_about(const LineWords& line) {
  if (!may_head_a_name(line)) return false;
  const ArticleText& text = line.text;
  std::uint32_t name = line.begin + 1;
  if (text.folded(line.begin) == "a" && text.folded(name) == "propos") {
    name += 2;  // "À propos de"
  } else if (!is_one_of(text.folded(line.begin), kAboutWords)) {
    return false;
  }
  return name < line.end;
}

bool is_note_on_author(const LineWords& line) {
  if (line.size() > kAuthorNoteTokensMax) return false;
  const ArticleText& text = line.text;
  const auto begins_with = [&](const auto& words) {
    std::uint32_t token = line.begin;
    for (const std::string_view word : words) {
      if (token >= line.end || text.folded(token++) != word) return false;
    }
    return true;
  };
  if (std::any_of(std::begin(kNoteBeginnings), std::end(kNoteBeginnings), begins_with)) {
    return true;
  }
  std::uint32_t token = line.begin;
  while (token < line.end && token - line.begin < kNameTokensMax && text.is_capitalized(token)) {
    ++token;
  }
  if (token == line.begin || token + 1 >= line.end || !is_one_of(text.folded(token), kIsWords)) {
    return false;
  }
  const std::uint32_t last = std::min(line.end, token + kOfficeTokensMax);
  for (++token; token < last; ++token) {
    if (is_one_of(text.folded(token), kWriters)) return true;
  }
  return false;
}

bool is_labelled_caption(const LineWords& line) {
  return line.size() <= kCaptionTokensMax && begins_credit(line, line.begin);
}

bool is_caption(const LineWords& line) {
  const ArticleText& text = line.text;
  const std::uint32_t end = line.end;
  if (line.size() > kCaptionTokensMax) return false;
  if (begins_credit(line, line.begin)) return true;
  if (line.after.starts_with(')') && is_one_of(text.folded(end - 1), kPictureWords)) {
    return true;  // "Jo Doe (submitted photo)"
  }
  std::uint32_t token = end - std::min(line.size(), kCreditTokensMax);
  for (token = std::max(token, line.begin + 1); token < end; ++token) {
    const std::string_view gap = text.gap_before(token);
    if (text.is_capitalized(token) && begins_credit(line, token)) return true;
    const bool agency = is_one_of(text.folded(token), kAgencies);
    if (agency && text.is_capitalized(token) && gap.find_first_of("/|") != std::string_view::npos)
      return true;
    if (text.folded(token - 1) == "reuters" && gap == "/") return true;
    if (agency && token + 1 == end && gap.ends_with('(') && line.after.starts_with(')'))
      return true;
  }
  return false;
}

bool is_loud_link(const LineWords& line) {
  const std::uint32_t size = line.size();
  if (size < kLoudTokensMin || size > kLoudTokensMax || text_internal::ends_sentence(line.after))
    return false;
  for (std::uint32_t token = line.begin; token < line.begin + kLoudTokensMin; ++token) {
    if (!line.text.is_all_caps(token)) return false;
  }
  return true;
}

}  // namespace wirewatch::text_internal
