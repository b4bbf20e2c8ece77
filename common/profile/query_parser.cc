#include "common/profile/query_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/closest_name.h"
#include "common/profile/foreign_syntax.h"

namespace wirewatch::profile_internal {

namespace {

struct ZoneName {
  std::string_view name;
  std::uint8_t zones;
};
constexpr std::array<ZoneName, 8> kZoneNames = {{
    {"headline", kZoneHeadline},
    {"dateline", kZoneDateline},
    {"lede", kZoneLede},
    {"body", kZoneLede | kZoneBody},
    {"top", kZoneHeadline | kZoneLede},
    {"tail", kZoneTail},
    {"text", kZonesDefault},
    {"anywhere", kZonesAll},
}};

struct PredicateName {
  std::string_view name;
  PredicateKind kind;
  bool degree;    // May be followed by a comparison.
  bool compared;  // urgency<=3 rather than urgency:3.
};
constexpr std::array<PredicateName, 9> kPredicateNames = {{
    {"region", PredicateKind::kRegion, true, false},
    {"mentions", PredicateKind::kMentions, true, false},
    {"topic", PredicateKind::kTopic, true, false},
    {"label", PredicateKind::kLabel, true, false},
    {"lang", PredicateKind::kLanguage, false, false},
    {"source", PredicateKind::kSource, false, false},
    {"urgency", PredicateKind::kUrgency, true, true},
    {"signal", PredicateKind::kSignal, false, false},
    {"genre", PredicateKind::kGenre, false, false},
}};

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

std::string quoted(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  std::size_t size = std::min(text.size(), kShownMax);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return "'" + std::string(text.substr(0, size)) + (size < text.size() ? "…'" : "'");
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<QueryTree, QueryError> parse() {
    if (text_.size() > kQueryBytesMax) {
      fail(0, "the query is too long", "at most 64 KiB; move parts into named expressions");
    }
    next();
    if (!error_ && token_.kind == TokenKind::kEnd) {
      fail(0, "the query is empty",
           "write what the article must say, e.g. \"north korea\" AND missile*");
    }
    std::uint32_t root = 0;
    if (!error_) root = disjunction(0);
    if (!error_ && token_.kind == TokenKind::kClose) {
      fail(token_.begin, "')' without '('", "remove it, or open the group");
    }
    if (!error_ && token_.kind != TokenKind::kEnd) {
      fail(token_.begin, "an operator or the end was expected here", "join the parts with AND, OR");
    }
    if (error_) return std::unexpected(std::move(*error_));
    tree_.root = root;
    return std::move(tree_);
  }

 private:
  void fail(std::size_t offset, std::string message, std::string cure) {
    if (!error_) error_ = QueryError{offset, std::move(message), std::move(cure)};
    token_ = {};
  }

  // ---- Tokens ----

  [[nodiscard]] bool starts_with(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }
  [[nodiscard]] bool at_quote() const {
    return starts_with("\"") || starts_with("“") || starts_with("„");
  }
  // Non-breaking and ideographic spaces.
  [[nodiscard]] std::size_t wide_space() const {
    if (starts_with("\xC2\xA0")) return 2;
    return starts_with("\xE3\x80\x80") ? 3 : 0;
  }

  void skip_space() {
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
  void next() {
    if (error_) return;
    skip_space();
    token_ = {};
    token_.begin = static_cast<std::uint32_t>(at_);
    if (at_ < text_.size()) scan();
    if (!error_) token_.end = static_cast<std::uint32_t>(at_);
  }

  void scan() {
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

  void single(TokenKind kind) {
    token_.kind = kind;
    ++at_;
  }

  void exact() {
    ++at_;
    token_.exact = true;
    if (at_quote()) return phrase();
    if (at_ >= text_.size() || ends_word(text_[at_])) {
      return fail(token_.begin, "'=' must stand before a word or phrase",
                  "write =US or =\"White House\"");
    }
    word();
  }

  void phrase() {
    const std::size_t opening = at_;
    at_ += text_[at_] == '"' ? 1U : 3U;
    const std::size_t begin = at_;
    for (; at_ < text_.size(); ++at_) {
      const std::size_t size = text_[at_] == '"'                        ? 1U
                               : (starts_with("”") || starts_with("“")) ? 3U
                                                                        : 0U;
      if (size == 0) continue;
      token_.kind = TokenKind::kPhrase;
      token_.text = text_.substr(begin, at_ - begin);
      at_ += size;
      return;
    }
    fail(opening, "the quote is never closed", "put a \" at the end of the phrase");
  }

  void regex() {
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

  void reference() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && (is_name_byte(text_[at_]) || text_[at_] == '.')) ++at_;
    token_.kind = TokenKind::kReference;
    token_.text = text_.substr(begin, at_ - begin);
    if (token_.text.empty()) {
      fail(begin - 1, "'$' without a name", "write $name of an expression or list");
    }
  }

  std::optional<std::uint32_t> number_at(std::size_t& at) const {
    constexpr std::uint32_t kLarge = 1'000'000;
    if (at >= text_.size() || !is_digit(text_[at])) return std::nullopt;
    std::uint32_t value = 0;
    for (; at < text_.size() && is_digit(text_[at]); ++at) {
      value = std::min(value * 10 + static_cast<std::uint32_t>(text_[at] - '0'), kLarge);
    }
    return value;
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_word(text_[at_]) && wide_space() == 0 && !at_quote()) ++at_;
    token_.kind = TokenKind::kWord;
    token_.text = text_.substr(begin, at_ - begin);
    if (refuse(foreign_sign(token_.text))) return;
    if (!token_.exact) keyword();
  }

  // Of the word that token_ is.
  bool refuse(std::optional<QueryError> foreign) {
    if (!foreign) return false;
    const auto word = static_cast<std::size_t>(token_.text.data() - text_.data());
    fail(word + foreign->offset, std::move(foreign->message), std::move(foreign->cure));
    return true;
  }

  // Operators are words; NEAR/5 and the names before ':' reach beyond the word.
  void keyword() {
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
  void slashed() {
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
    const auto* known = std::find_if(kSlashed.begin(), kSlashed.end(), [&](const Slashed& entry) {
      return entry.name == token_.text;
    });
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
  void at_least() {
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

  // ---- Tree ----

  std::uint32_t add(QueryNode node) {
    for (const std::uint32_t child : node.children) {
      node.depth = std::max(node.depth, tree_.nodes[child].depth + 1);
    }
    if (node.depth > kQueryDepthMax) {
      fail(node.begin, "the query is nested too deeply",
           "at most 64 levels; use named expressions or flat lists");
    } else if (tree_.nodes.size() >= kQueryNodeMax) {
      fail(node.begin, "the query has too many parts", "at most 20000; move words into a list");
    }
    if (error_) return 0;
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }

  std::uint32_t group(QueryOp op, std::vector<std::uint32_t> children) {
    if (error_) return 0;
    if (children.size() == 1) return children[0];
    QueryNode node;
    node.op = op;
    node.begin = tree_.nodes[children.front()].begin;
    node.end = tree_.nodes[children.back()].end;
    node.children = std::move(children);
    return add(std::move(node));
  }

  std::uint32_t disjunction(std::uint32_t depth) {
    std::vector<std::uint32_t> children = {conjunction(depth)};
    while (!error_ && token_.kind == TokenKind::kOr) {
      next();
      children.push_back(conjunction(depth));
    }
    return group(QueryOp::kOr, std::move(children));
  }

  [[nodiscard]] bool at_operand() const {
    switch (token_.kind) {
      case TokenKind::kOpen:
      case TokenKind::kWord:
      case TokenKind::kPhrase:
      case TokenKind::kRegex:
      case TokenKind::kReference:
      case TokenKind::kField:
      case TokenKind::kNot:
      case TokenKind::kAtLeast:
      case TokenKind::kFirst:
      case TokenKind::kTimes:
        return true;
      default:
        return false;
    }
  }

  std::uint32_t conjunction(std::uint32_t depth) {
    bool was_word = token_.kind == TokenKind::kWord;
    std::vector<std::uint32_t> children = {negation(depth)};
    bool side_by_side = false;
    while (!error_) {
      const bool joined = token_.kind == TokenKind::kAnd;
      if (joined) {
        next();
      } else if (!at_operand()) {
        break;
      }
      const bool is_word = token_.kind == TokenKind::kWord;
      side_by_side = side_by_side || (!joined && was_word && is_word);
      was_word = is_word;
      children.push_back(negation(depth));
    }
    const std::uint32_t result = group(QueryOp::kAnd, std::move(children));
    if (!error_ && side_by_side) tree_.nodes[result].side_by_side = true;
    return result;
  }

  std::uint32_t negation(std::uint32_t depth) {
    if (token_.kind != TokenKind::kNot) return proximity(depth);
    if (depth >= kQueryDepthMax) return too_deep();
    QueryNode node;
    node.op = QueryOp::kNot;
    node.begin = token_.begin;
    next();
    const std::uint32_t child = negation(depth + 1);
    if (error_) return 0;
    node.end = tree_.nodes[child].end;
    node.children = {child};
    return add(std::move(node));
  }

  std::uint32_t too_deep() {
    fail(token_.begin, "the query is nested too deeply",
         "at most 64 levels; use named expressions");
    return 0;
  }

  // An operator between positions, or nothing when the next token is none. NOT is one only before
  // NEAR, SENTENCE, PARAGRAPH or IN: otherwise it begins a negation.
  std::optional<QueryOp> proximity_operator() {
    const Token first = token_;
    const std::size_t at = at_;
    const bool negated = first.kind == TokenKind::kNot;
    if (negated) {
      next();
      if (error_) return std::nullopt;
    }
    switch (token_.kind) {
      case TokenKind::kNear:
        return negated ? QueryOp::kNotNear : QueryOp::kNear;
      case TokenKind::kOrderedNear:
        if (!negated) return QueryOp::kOrderedNear;
        fail(token_.begin, "NOT ONEAR does not exist", "write NOT NEAR/n");
        return std::nullopt;
      case TokenKind::kSentence:
        return negated ? QueryOp::kNotSentence : QueryOp::kSentence;
      case TokenKind::kParagraph:
        return negated ? QueryOp::kNotParagraph : QueryOp::kParagraph;
      case TokenKind::kIn:
        if (negated) return QueryOp::kNotIn;
        fail(token_.begin, "IN stands only in NOT IN",
             "put \"in\" in quotes to search for the word");
        return std::nullopt;
      default:
        token_ = first;
        at_ = at;
        return std::nullopt;
    }
  }

  std::uint32_t proximity(std::uint32_t depth) {
    std::uint32_t left = primary(depth);
    while (!error_) {
      const std::optional<QueryOp> op = proximity_operator();
      if (!op || error_) break;
      QueryNode node;
      node.op = *op;
      node.number = token_.number;
      next();
      const std::uint32_t right = primary(depth);
      if (error_) break;
      node.begin = tree_.nodes[left].begin;
      node.end = tree_.nodes[right].end;
      node.children = {left, right};
      left = add(std::move(node));
    }
    return error_ ? 0 : left;
  }

  std::uint32_t primary(std::uint32_t depth) {
    if (error_) return 0;
    if (depth >= kQueryDepthMax) return too_deep();
    QueryNode node;
    node.begin = token_.begin;
    node.end = token_.end;
    node.text = token_.text;
    node.exact = token_.exact;
    switch (token_.kind) {
      case TokenKind::kWord:
      case TokenKind::kPhrase:
        node.op = QueryOp::kTerm;
        break;
      case TokenKind::kRegex:
        node.op = QueryOp::kRegex;
        break;
      case TokenKind::kReference:
        node.op = QueryOp::kReference;
        break;
      case TokenKind::kOpen:
        return parenthesis(depth);
      case TokenKind::kField:
        return field(depth);
      case TokenKind::kAtLeast:
        return quorum(depth);
      case TokenKind::kFirst:
      case TokenKind::kTimes:
        node.op = token_.kind == TokenKind::kFirst ? QueryOp::kFirst : QueryOp::kTimes;
        node.number = token_.number;
        next();
        return prefixed(std::move(node), depth);
      case TokenKind::kEnd:
        fail(token_.begin, "a term was expected before the end",
             "finish the expression or remove the operator");
        return 0;
      default:
        fail(token_.begin,
             "a term was expected before " +
                 quoted(text_.substr(token_.begin, token_.end - token_.begin)),
             "operators stand between terms; put \"and\" in quotes to search for the word");
        return 0;
    }
    next();
    return add(std::move(node));
  }

  std::uint32_t parenthesis(std::uint32_t depth) {
    const std::size_t opening = token_.begin;
    next();
    const std::uint32_t inner = disjunction(depth + 1);
    if (error_) return 0;
    if (token_.kind != TokenKind::kClose) {
      fail(opening, "'(' is never closed", "put a ')' where the group ends");
      return 0;
    }
    next();
    tree_.nodes[inner].side_by_side = false;  // Parentheses say what belongs together.
    return inner;
  }

  // What a zone, first/n or times/n applies to.
  std::uint32_t prefixed(QueryNode node, std::uint32_t depth) {
    const std::uint32_t child = primary(depth + 1);
    if (error_) return 0;
    node.end = tree_.nodes[child].end;
    node.children = {child};
    return add(std::move(node));
  }

  std::uint32_t quorum(std::uint32_t depth) {
    QueryNode node;
    node.op = QueryOp::kAtLeast;
    node.number = token_.number;
    node.begin = token_.begin;
    next();
    if (error_) return 0;
    if (token_.kind != TokenKind::kOpen) {
      fail(token_.begin, "a list was expected after 'at least n of'",
           "write at least 2 of (a, b, c)");
      return 0;
    }
    const std::size_t opening = token_.begin;
    do {
      next();
      node.children.push_back(disjunction(depth + 1));
    } while (!error_ && token_.kind == TokenKind::kComma);
    if (error_) return 0;
    if (token_.kind != TokenKind::kClose) {
      fail(opening, "'(' is never closed", "put a ')' where the list ends");
      return 0;
    }
    node.end = token_.end;
    next();
    if (node.number > node.children.size()) {
      fail(node.begin,
           "at least " + std::to_string(node.number) + " of " +
               std::to_string(node.children.size()) + " can never hold",
           "separate the parts of the list with commas, or lower the number");
      return 0;
    }
    return add(std::move(node));
  }

  std::uint32_t field(std::uint32_t depth) {
    const Token token = token_;
    std::vector<std::string_view> known;
    for (const ZoneName& zone : kZoneNames) {
      known.push_back(zone.name);
      if (zone.name != token.text) continue;
      if (text_[at_] != ':') {
        fail(at_, "a zone is followed by ':'", "write " + std::string(zone.name) + ":( … )");
        return 0;
      }
      ++at_;
      next();
      QueryNode node;
      node.op = QueryOp::kZone;
      node.zones = zone.zones;
      node.begin = token.begin;
      return prefixed(std::move(node), depth);
    }
    for (const PredicateName& predicate : kPredicateNames) {
      known.push_back(predicate.name);
      if (predicate.name == token.text) return predicate_of(predicate, token);
    }
    const std::string_view close = closest_name(token.text, known);
    std::string cure = "did you mean " + std::string(close) + "?";
    if (close.empty()) {
      cure =
          "zones: headline, dateline, lede, body, top, tail, text, anywhere; predicates: region, "
          "mentions, topic, label, lang, source, urgency, signal, genre";
    }
    fail(token.begin, "unknown name " + quoted(token.text), std::move(cure));
    return 0;
  }

  Comparison comparison() {
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

  std::optional<float> decimal() {
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

  // region:KP>=0.3, topic:"politics and government", urgency<=3
  std::uint32_t predicate_of(const PredicateName& predicate, const Token& name) {
    QueryNode node;
    node.op = QueryOp::kPredicate;
    node.predicate = predicate.kind;
    node.begin = name.begin;
    const std::string spelled(predicate.name);
    if (text_[at_] == ':') {
      ++at_;
      if (predicate.compared) {
        node.comparison = Comparison::kEqual;
      } else if (!value(node)) {
        fail(at_, spelled + ": needs a value", "write " + spelled + ":\"…\"");
        return 0;
      }
    } else if (!predicate.compared) {
      fail(at_, spelled + " is followed by ':'", "write " + spelled + ":value");
      return 0;
    }
    if (node.comparison == Comparison::kNone) node.comparison = comparison();
    if (node.comparison != Comparison::kNone) {
      const std::size_t begin = at_;
      const std::optional<float> number = predicate.degree ? decimal() : std::nullopt;
      if (!number) {
        fail(at_, predicate.degree ? "a number was expected" : spelled + ": has no degree",
             "write " + spelled +
                 (predicate.compared ? "<=3"
                  : predicate.degree ? ":…>=0.5"
                                     : ":value"));
        return 0;
      }
      node.value = *number;
      if (!degree_fits(predicate, node.value, begin)) return 0;
    } else if (predicate.compared) {
      fail(at_, spelled + " needs a comparison", "write " + spelled + "<=3");
      return 0;
    }
    node.end = static_cast<std::uint32_t>(at_);
    next();
    return add(std::move(node));
  }

  // Salience and confidence are shares; urgency and numbers of mentions are counted.
  bool degree_fits(const PredicateName& predicate, float number, std::size_t begin) {
    const bool share = predicate.kind == PredicateKind::kRegion ||
                       predicate.kind == PredicateKind::kTopic ||
                       predicate.kind == PredicateKind::kLabel;
    if (!share || number <= 1) return true;
    constexpr float kPercent = 100;
    const int hundredths = number <= kPercent ? static_cast<int>(number) : 0;
    std::string cure = "write 0.8";
    if (number > 10 && hundredths > 0 && hundredths < 100) {
      cure = "write 0." + std::to_string(hundredths);
      if (cure.back() == '0') cure.pop_back();
    }
    fail(begin, std::string(predicate.name) + ": is compared with a number between 0 and 1",
         std::move(cure));
    return false;
  }

  // A quoted value, or one up to a space, parenthesis, comma or comparison; "medtop:11000000" may
  // contain a colon.
  bool value(QueryNode& node) {
    if (at_ < text_.size() && text_[at_] == '"') {
      const std::size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos) return false;
      node.text = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      const std::size_t begin = at_;
      while (at_ < text_.size() && (text_[at_] == ':' || !ends_word(text_[at_]))) ++at_;
      node.text = text_.substr(begin, at_ - begin);
    }
    return !node.text.empty();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  QueryTree tree_;
  std::optional<QueryError> error_;
};

}  // namespace

std::expected<QueryTree, QueryError> parse_query(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace wirewatch::profile_internal
