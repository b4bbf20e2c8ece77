#include "common/profile/query_lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/profile/foreign_syntax.h"

namespace wirewatch::profile_internal {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Bytes that end a bare word.
bool ends_word(char c) {
  return is_space(c) || std::string_view("(),\"|:$#<>=/").find(c) != std::string_view::npos;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
}

}  // namespace

void QueryLexer::fail(std::size_t offset, std::string message, std::string cure) {
  if (!error_) error_ = QueryError{offset, std::move(message), std::move(cure)};
  token_ = {};
}

void QueryLexer::return_to(const Mark& mark) {
  token_ = mark.token;
  at_ = mark.at;
}

bool QueryLexer::starts_with(std::string_view what) const {
  return text_.substr(at_).starts_with(what);
}
bool QueryLexer::at_quote() const {
  return starts_with("\"") || starts_with("“") || starts_with("„");
}
// Non-breaking and ideographic spaces.
std::size_t QueryLexer::wide_space() const {
  if (starts_with("\xC2\xA0")) return 2;
  return starts_with("\xE3\x80\x80") ? 3 : 0;
}

void QueryLexer::skip_space() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (is_space(text_[at_])) {
      ++at_;
    } else if (const std::size_t size = wide_space(); size > 0) {
      at_ += size;
    } else {
      return;
    }
  }
}

// The next token becomes token_.
void QueryLexer::next() {
  if (error_) return;
  skip_space();
  token_ = {};
  token_.begin = static_cast<std::uint32_t>(at_);
  if (at_ < text_.size()) scan();
  if (!error_) token_.end = static_cast<std::uint32_t>(at_);
}

void QueryLexer::scan() {
  switch (text_[at_]) {
    case '(':
      return single(TokenKind::kOpen);
    case ')':
      return single(TokenKind::kClose);
    case ',':
      return single(TokenKind::kComma);
    case '|':
      if (starts_with("||")) return fail(at_, "'||' is no operator here", "write OR");
      return single(TokenKind::kOr);
    case '$':
      return reference();
    case '/':
      return regex();
    case '=':
      return exact();
    case ':':
    case '<':
    case '>':
      return fail(at_, "'" + std::string(1, text_[at_]) + "' without a name before it",
                  "write region:KP, urgency<=3 or headline:(…)");
    default:
      return at_quote() ? phrase() : word();
  }
}

void QueryLexer::single(TokenKind kind) {
  token_.kind = kind;
  ++at_;
}

void QueryLexer::exact() {
  ++at_;
  token_.exact = true;
  if (at_quote()) return phrase();
  if (at_ >= text_.size() || ends_word(text_[at_])) {
    return fail(token_.begin, "'=' must stand before a word or phrase",
                "write =US or =\"White House\"");
  }
  word();
}

void QueryLexer::phrase() {
  const std::size_t opening = at_;
  const std::optional<std::string_view> content = quoted();
  if (!content) {
    return fail(opening, "the quote is never closed", "put a \" at the end of the phrase");
  }
  token_.kind = TokenKind::kPhrase;
  token_.text = *content;
}

// What stands in the quotes that open here; nothing when they are never closed.
std::optional<std::string_view> QueryLexer::quoted() {
  const std::size_t begin = at_ + (text_[at_] == '"' ? 1U : 3U);
  for (at_ = begin; at_ < text_.size(); ++at_) {
    const std::size_t size = text_[at_] == '"'                        ? 1U
                             : (starts_with("”") || starts_with("“")) ? 3U
                                                                      : 0U;
    if (size == 0) continue;
    const std::string_view content = text_.substr(begin, at_ - begin);
    at_ += size;
    return content;
  }
  return std::nullopt;
}

void QueryLexer::regex() {
  const std::size_t opening = at_++;
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != '/' && text_[at_] != '\n') ++at_;
  if (at_ >= text_.size() || text_[at_] != '/') {
    return fail(opening, "the regular expression is never closed", "put a / at its end");
  }
  token_.kind = TokenKind::kRegex;
  token_.text = text_.substr(begin, at_ - begin);
  ++at_;
  if (token_.text.empty()) {
    fail(opening, "the regular expression is empty", "write /nuclear|atomic/");
  }
}

void QueryLexer::reference() {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && (is_name_byte(text_[at_]) || text_[at_] == '.')) ++at_;
  token_.kind = TokenKind::kReference;
  token_.text = text_.substr(begin, at_ - begin);
  if (token_.text.empty()) {
    fail(begin - 1, "'$' without a name", "write $name of an expression or list");
  }
}

std::optional<std::uint32_t> QueryLexer::number_at(std::size_t& at) const {
  constexpr std::uint32_t kLarge = 1'000'000;
  if (at >= text_.size() || !is_digit(text_[at])) return std::nullopt;
  std::uint32_t value = 0;
  for (; at < text_.size() && is_digit(text_[at]); ++at) {
    value = std::min(value * 10 + static_cast<std::uint32_t>(text_[at] - '0'), kLarge);
  }
  return value;
}

void QueryLexer::word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends_word(text_[at_]) && wide_space() == 0 && !at_quote()) ++at_;
  token_.kind = TokenKind::kWord;
  token_.text = text_.substr(begin, at_ - begin);
  if (refuse(foreign_sign(token_.text))) return;
  if (!token_.exact) keyword();
}

// Of the word that token_ is.
bool QueryLexer::refuse(std::optional<QueryError> foreign) {
  if (!foreign) return false;
  const auto word = static_cast<std::size_t>(token_.text.data() - text_.data());
  fail(word + foreign->offset, std::move(foreign->message), std::move(foreign->cure));
  return true;
}

// Operators are words; NEAR/5 and the names before ':' reach beyond the word.
void QueryLexer::keyword() {
  struct Keyword {
    std::string_view name;
    TokenKind kind;
  };
  static constexpr std::array<Keyword, 10> kKeywords = {{{"AND", TokenKind::kAnd},
                                                         {"and", TokenKind::kAnd},
                                                         {"&", TokenKind::kAnd},
                                                         {"OR", TokenKind::kOr},
                                                         {"or", TokenKind::kOr},
                                                         {"NOT", TokenKind::kNot},
                                                         {"not", TokenKind::kNot},
                                                         {"SENTENCE", TokenKind::kSentence},
                                                         {"PARAGRAPH", TokenKind::kParagraph},
                                                         {"IN", TokenKind::kIn}}};
  const char after = at_ < text_.size() ? text_[at_] : '\0';
  if (after == ':' || after == '<' || after == '>' || after == '=') {
    token_.kind = TokenKind::kField;
    return;
  }
  if (after == '/') return slashed();
  if (refuse(foreign_operator(token_.text))) return;
  for (const Keyword& known : kKeywords) {
    if (token_.text == known.name) token_.kind = known.kind;
  }
  if (token_.text == "at" || token_.text == "AT") at_least();
}

// NEAR/5, ONEAR/5, first/50:, times/3:
void QueryLexer::slashed() {
  struct Slashed {
    std::string_view name;
    TokenKind kind;
  };
  static constexpr std::array<Slashed, 6> kSlashed = {{{"NEAR", TokenKind::kNear},
                                                       {"near", TokenKind::kNear},
                                                       {"ONEAR", TokenKind::kOrderedNear},
                                                       {"onear", TokenKind::kOrderedNear},
                                                       {"first", TokenKind::kFirst},
                                                       {"times", TokenKind::kTimes}}};
  constexpr std::uint32_t kCountMax = 100'000;
  const auto* known = std::find_if(kSlashed.begin(), kSlashed.end(),
                                   [&](const Slashed& entry) { return entry.name == token_.text; });
  if (known == kSlashed.end()) {
    return fail(at_, "'/' in the middle of a term",
                "put the term in quotes; distances are NEAR/5, ONEAR/5, first/50: or times/3:");
  }
  const std::string name(known->name);
  std::size_t at = at_ + 1;
  const std::optional<std::uint32_t> number = number_at(at);
  if (!number) return fail(at_, name + "/ needs a number", "write " + name + "/5");
  const bool distance = known->kind == TokenKind::kNear || known->kind == TokenKind::kOrderedNear;
  if (distance ? *number > kNearMax : (*number == 0 || *number > kCountMax)) {
    return fail(at_ + 1, "the number is out of range",
                distance ? "0 to 1000 words" : "1 to 100000");
  }
  if (!distance) {
    if (at >= text_.size() || text_[at] != ':') {
      return fail(at_, name + "/n is followed by ':'", "write " + name + "/5:( … )");
    }
    ++at;
  }
  token_.kind = known->kind;
  token_.number = *number;
  at_ = at;
}

// "at least 2 of": three more words; without them "at" is a word like any other.
void QueryLexer::at_least() {
  std::size_t at = at_;
  const auto skip = [&] {
    const std::size_t begin = at;
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at > begin;
  };
  const auto take = [&](std::string_view lower, std::string_view upper) {
    const std::string_view rest = text_.substr(at);
    if (!rest.starts_with(lower) && !rest.starts_with(upper)) return false;
    at += lower.size();
    return true;
  };
  if (!skip() || !take("least", "LEAST") || !skip()) return;
  const std::size_t number_begin = at;
  const std::optional<std::uint32_t> number = number_at(at);
  if (!number || !skip() || !take("of", "OF")) return;
  if (*number == 0) {
    return fail(number_begin, "at least 0 of anything always holds",
                "write at least 1 or leave it out");
  }
  token_.kind = TokenKind::kAtLeast;
  token_.number = *number;
  at_ = at;
}

bool QueryLexer::take_colon() {
  if (at_ >= text_.size() || text_[at_] != ':') return false;
  ++at_;
  return true;
}

Comparison QueryLexer::take_comparison() {
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  const bool equal = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
  if (c == '<' || c == '>') {
    at_ += equal ? 2 : 1;
    if (c == '<') return equal ? Comparison::kLessEqual : Comparison::kLess;
    return equal ? Comparison::kGreaterEqual : Comparison::kGreater;
  }
  if (c != '=') return Comparison::kNone;
  ++at_;
  return Comparison::kEqual;
}

std::optional<float> QueryLexer::take_decimal() {
  constexpr std::size_t kDigitsMax = 7;
  std::size_t at = at_;
  float value = 0;
  bool digits = false;
  for (; at < text_.size() && is_digit(text_[at]) && at - at_ < kDigitsMax; ++at) {
    value = value * 10 + static_cast<float>(text_[at] - '0');
    digits = true;
  }
  if (at < text_.size() && text_[at] == '.') {
    float scale = 0.1F;
    for (++at; at < text_.size() && is_digit(text_[at]); ++at, scale /= 10) {
      value += scale * static_cast<float>(text_[at] - '0');
      digits = true;
    }
  }
  if (!digits) return std::nullopt;
  at_ = at;
  return value;
}

std::string_view QueryLexer::take_value() {
  const std::size_t begin = at_;
  if (at_quote()) {
    const std::optional<std::string_view> content = quoted();
    if (!content) at_ = begin;
    return content.value_or(std::string_view());
  }
  while (at_ < text_.size() && (text_[at_] == ':' || !ends_word(text_[at_]))) ++at_;
  return text_.substr(begin, at_ - begin);
}

}  // namespace wirewatch::profile_internal
