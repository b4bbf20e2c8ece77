#include "common/profile/query_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/closest_name.h"
#include "common/base/utf8.h"
#include "common/profile/query_lexer.h"

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

// What other systems call them, as far as no letters tell.
struct OtherName {
  std::string_view name;
  std::string_view ours;
};
constexpr std::array<OtherName, 7> kOtherNames = {{
    {"title", "headline"},
    {"country", "region"},
    {"place", "mentions"},
    {"language", "lang"},
    {"subject", "topic"},
    {"provider", "source"},
    {"priority", "urgency"},
}};

std::string quoted(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  std::size_t size = std::min(text.size(), kShownMax);
  while (size > 0 && size < text.size() && is_continuation(text[size])) {
    --size;
  }
  return "'" + std::string(text.substr(0, size)) + (size < text.size() ? "…'" : "'");
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  std::expected<QueryTree, QueryError> parse() {
    if (text_.size() > kQueryBytesMax) {
      fail(0, "the query is too long", "at most 64 KiB; move parts into named expressions");
    }
    next();
    if (!failed() && token().kind == TokenKind::kEnd) {
      fail(0, "the query is empty",
           "write what the article must say, e.g. \"north korea\" AND missile*");
    }
    std::uint32_t root = 0;
    if (!failed()) root = disjunction(0);
    if (!failed() && token().kind == TokenKind::kClose) {
      fail(token().begin, "')' without '('", "remove it, or open the group");
    }
    if (!failed() && token().kind == TokenKind::kComma) stray_comma();
    if (!failed() && token().kind != TokenKind::kEnd) {
      fail(token().begin, "an operator or the end was expected here",
           "join the parts with AND, OR");
    }
    if (failed()) return std::unexpected(*lexer_.error());
    tree_.root = root;
    return std::move(tree_);
  }

 private:
  [[nodiscard]] const Token& token() const { return lexer_.token(); }
  [[nodiscard]] bool failed() const { return lexer_.error().has_value(); }
  void next() { lexer_.next(); }
  void fail(std::size_t offset, std::string message, std::string cure) {
    lexer_.fail(offset, std::move(message), std::move(cure));
  }

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
    if (failed()) return 0;
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }

  std::uint32_t group(QueryOp op, std::vector<std::uint32_t> children) {
    if (failed()) return 0;
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
    while (!failed() && token().kind == TokenKind::kOr) {
      next();
      children.push_back(conjunction(depth));
    }
    return group(QueryOp::kOr, std::move(children));
  }

  [[nodiscard]] bool at_operand() const {
    switch (token().kind) {
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
    bool was_word = token().kind == TokenKind::kWord;
    std::vector<std::uint32_t> children = {negation(depth)};
    bool side_by_side = false;
    while (!failed()) {
      const bool joined = token().kind == TokenKind::kAnd;
      if (joined) {
        next();
      } else if (!at_operand()) {
        break;
      }
      const bool is_word = token().kind == TokenKind::kWord;
      side_by_side = side_by_side || (!joined && was_word && is_word);
      was_word = is_word;
      children.push_back(negation(depth));
    }
    const std::uint32_t result = group(QueryOp::kAnd, std::move(children));
    if (!failed() && side_by_side) tree_.nodes[result].side_by_side = true;
    return result;
  }

  std::uint32_t negation(std::uint32_t depth) {
    if (token().kind != TokenKind::kNot) return proximity(depth);
    if (depth >= kQueryDepthMax) return too_deep();
    QueryNode node;
    node.op = QueryOp::kNot;
    node.begin = token().begin;
    next();
    const std::uint32_t child = negation(depth + 1);
    if (failed()) return 0;
    node.end = tree_.nodes[child].end;
    node.children = {child};
    return add(std::move(node));
  }

  std::uint32_t too_deep() {
    fail(token().begin, "the query is nested too deeply",
         "at most 64 levels; use named expressions");
    return 0;
  }

  // An operator between positions, or nothing when the next token is none. NOT is one only before
  // NEAR, SENTENCE, PARAGRAPH or IN: otherwise it begins a negation.
  std::optional<QueryOp> proximity_operator() {
    const QueryLexer::Mark first = lexer_.mark();
    const bool negated = first.token.kind == TokenKind::kNot;
    if (negated) {
      next();
      if (failed()) return std::nullopt;
    }
    switch (token().kind) {
      case TokenKind::kNear:
        return negated ? QueryOp::kNotNear : QueryOp::kNear;
      case TokenKind::kOrderedNear:
        if (!negated) return QueryOp::kOrderedNear;
        fail(token().begin, "NOT ONEAR does not exist", "write NOT NEAR/n");
        return std::nullopt;
      case TokenKind::kSentence:
        return negated ? QueryOp::kNotSentence : QueryOp::kSentence;
      case TokenKind::kParagraph:
        return negated ? QueryOp::kNotParagraph : QueryOp::kParagraph;
      case TokenKind::kIn:
        if (negated) return QueryOp::kNotIn;
        fail(token().begin, "IN stands only in NOT IN",
             "put \"in\" in quotes to search for the word");
        return std::nullopt;
      default:
        lexer_.return_to(first);
        return std::nullopt;
    }
  }

  std::uint32_t proximity(std::uint32_t depth) {
    std::uint32_t left = primary(depth);
    while (!failed()) {
      const std::optional<QueryOp> op = proximity_operator();
      if (!op || failed()) break;
      QueryNode node;
      node.op = *op;
      node.number = token().number;
      next();
      const std::uint32_t right = primary(depth);
      if (failed()) break;
      node.begin = tree_.nodes[left].begin;
      node.end = tree_.nodes[right].end;
      node.children = {left, right};
      left = add(std::move(node));
    }
    return failed() ? 0 : left;
  }

  std::uint32_t primary(std::uint32_t depth) {
    if (failed()) return 0;
    if (depth >= kQueryDepthMax) return too_deep();
    QueryNode node;
    node.begin = token().begin;
    node.end = token().end;
    node.text = token().text;
    node.exact = token().exact;
    switch (token().kind) {
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
        node.op = token().kind == TokenKind::kFirst ? QueryOp::kFirst : QueryOp::kTimes;
        node.number = token().number;
        next();
        return prefixed(std::move(node), depth);
      case TokenKind::kEnd:
        fail(token().begin, "a term was expected before the end",
             "finish the expression or remove the operator");
        return 0;
      default:
        fail(token().begin,
             "a term was expected before " +
                 quoted(text_.substr(token().begin, token().end - token().begin)),
             "operators stand between terms; put \"and\" in quotes to search for the word");
        return 0;
    }
    next();
    return add(std::move(node));
  }

  std::uint32_t parenthesis(std::uint32_t depth) {
    const std::size_t opening = token().begin;
    next();
    const std::uint32_t inner = disjunction(depth + 1);
    if (failed()) return 0;
    if (token().kind == TokenKind::kComma) return stray_comma();
    if (token().kind != TokenKind::kClose) {
      fail(opening, "'(' is never closed", "put a ')' where the group ends");
      return 0;
    }
    next();
    tree_.nodes[inner].side_by_side = false;  // Parentheses say what belongs together.
    return inner;
  }

  std::uint32_t stray_comma() {
    fail(token().begin, "a comma stands only in the list of 'at least n of', with n a number",
         "write at least 2 of (a, b, c), or join the parts with OR");
    return 0;
  }

  // What a zone, first/n or times/n applies to.
  std::uint32_t prefixed(QueryNode node, std::uint32_t depth) {
    const std::uint32_t child = primary(depth + 1);
    if (failed()) return 0;
    node.end = tree_.nodes[child].end;
    node.children = {child};
    return add(std::move(node));
  }

  std::uint32_t quorum(std::uint32_t depth) {
    QueryNode node;
    node.op = QueryOp::kAtLeast;
    node.number = token().number;
    node.begin = token().begin;
    next();
    if (failed()) return 0;
    if (token().kind != TokenKind::kOpen) {
      fail(token().begin, "a list was expected after 'at least n of'",
           "write at least 2 of (a, b, c)");
      return 0;
    }
    const std::size_t opening = token().begin;
    do {
      next();
      node.children.push_back(disjunction(depth + 1));
    } while (!failed() && token().kind == TokenKind::kComma);
    if (failed()) return 0;
    if (token().kind != TokenKind::kClose) {
      fail(opening, "'(' is never closed", "put a ')' where the list ends");
      return 0;
    }
    node.end = token().end;
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
    const Token name = token();
    std::vector<std::string_view> known;
    for (const ZoneName& zone : kZoneNames) {
      known.push_back(zone.name);
      if (zone.name != name.text) continue;
      if (!lexer_.take_colon()) {
        fail(lexer_.at(), "a zone is followed by ':'",
             "write " + std::string(zone.name) + ":( … )");
        return 0;
      }
      next();
      QueryNode node;
      node.op = QueryOp::kZone;
      node.zones = zone.zones;
      node.begin = name.begin;
      return prefixed(std::move(node), depth);
    }
    for (const PredicateName& predicate : kPredicateNames) {
      known.push_back(predicate.name);
      if (predicate.name == name.text) return predicate_of(predicate, name);
    }
    const auto* other = std::ranges::find(kOtherNames, name.text, &OtherName::name);
    const std::string_view close =
        other == kOtherNames.end() ? closest_name(name.text, known) : other->ours;
    std::string cure = "did you mean " + std::string(close) + "?";
    if (close.empty()) {
      cure =
          "zones: headline, dateline, lede, body, top, tail, text, anywhere; predicates: region, "
          "mentions, topic, label, lang, source, urgency, signal, genre";
    }
    fail(name.begin, "unknown name " + quoted(name.text), std::move(cure));
    return 0;
  }

  // region:KP>=0.3, topic:"politics and government", urgency<=3
  std::uint32_t predicate_of(const PredicateName& predicate, const Token& name) {
    QueryNode node;
    node.op = QueryOp::kPredicate;
    node.predicate = predicate.kind;
    node.begin = name.begin;
    const std::string spelled(predicate.name);
    if (lexer_.take_colon()) {
      if (predicate.compared) {
        node.comparison = Comparison::kEqual;
      } else if (node.text = lexer_.take_value(); node.text.empty()) {
        const bool group = text_.substr(lexer_.at()).starts_with('(');
        fail(lexer_.at(), spelled + (group ? ": takes one value, no group" : ": needs a value"),
             group ? "write (" + spelled + ":a OR " + spelled + ":b)"
                   : "write " + spelled + ":\"…\"");
        return 0;
      }
    } else if (!predicate.compared) {
      fail(lexer_.at(), spelled + " is followed by ':'", "write " + spelled + ":value");
      return 0;
    }
    if (node.comparison == Comparison::kNone) node.comparison = lexer_.take_comparison();
    if (node.comparison != Comparison::kNone) {
      const std::size_t begin = lexer_.at();
      const std::optional<float> number = predicate.degree ? lexer_.take_decimal() : std::nullopt;
      if (!number) {
        fail(lexer_.at(), predicate.degree ? "a number was expected" : spelled + ": has no degree",
             "write " + spelled +
                 (predicate.compared ? "<=3"
                  : predicate.degree ? ":…>=0.5"
                                     : ":value"));
        return 0;
      }
      node.value = *number;
      if (!degree_fits(predicate, node.value, begin)) return 0;
    } else if (predicate.compared) {
      fail(lexer_.at(), spelled + " needs a comparison", "write " + spelled + "<=3");
      return 0;
    }
    node.end = static_cast<std::uint32_t>(lexer_.at());
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

  std::string_view text_;
  QueryLexer lexer_;
  QueryTree tree_;
};

}  // namespace

std::expected<QueryTree, QueryError> parse_query(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace wirewatch::profile_internal
