// The tokens of a query's text. The grammar is in README.md.
//
// Words that are operators, distances ("NEAR/5") and names before ':' are tokens of their own. What
// stands behind such a name is not made of tokens (region:KP>=0.3, topic:"politics and
// government"): the parser asks for its parts.
//
// The first fault ends it: from then on the token is kEnd. Internal to common/profile.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/profile/query_parser.h"

namespace wirewatch::profile_internal {

enum class TokenKind : std::uint8_t {
  kEnd,
  kOpen,
  kClose,
  kComma,
  kWord,
  kPhrase,
  kRegex,
  kReference,
  kField,
  kAnd,
  kOr,
  kNot,
  kNear,
  kOrderedNear,
  kSentence,
  kParagraph,
  kIn,
  kAtLeast,
  kFirst,
  kTimes,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool exact = false;
  std::uint32_t number = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view text;  // Word, content of a phrase or regex, name of a reference or field.
};

class QueryLexer {
 public:
  // `text` must outlive the lexer and its tokens. Before the first next() there is no token.
  explicit QueryLexer(std::string_view text) : text_(text) {}

  [[nodiscard]] const Token& token() const { return token_; }
  void next();

  // Only the first is kept.
  void fail(std::size_t offset, std::string message, std::string cure);
  [[nodiscard]] const std::optional<QueryError>& error() const { return error_; }

  // Behind a name, at(): each takes what it finds there, if it does.
  [[nodiscard]] std::size_t at() const { return at_; }
  bool take_colon();
  Comparison take_comparison();
  std::optional<float> take_decimal();
  // A quoted value, or one up to a space, parenthesis, comma or comparison; "medtop:11000000" may
  // contain a colon. Empty: there is none.
  std::string_view take_value();

  // To look further and come back.
  struct Mark {
    Token token;
    std::size_t at = 0;
  };
  [[nodiscard]] Mark mark() const { return {token_, at_}; }
  void return_to(const Mark& mark);

 private:
  [[nodiscard]] bool starts_with(std::string_view what) const;
  [[nodiscard]] bool at_quote() const;
  [[nodiscard]] std::size_t wide_space() const;
  void skip_space();
  void scan();
  void single(TokenKind kind);
  void exact();
  void phrase();
  std::optional<std::string_view> quoted();
  void regex();
  void reference();
  std::optional<std::uint32_t> number_at(std::size_t& at) const;
  void word();
  bool refuse(std::optional<QueryError> foreign);
  void keyword();
  void slashed();
  void at_least();

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  std::optional<QueryError> error_;
};

}  // namespace wirewatch::profile_internal
