#include "common/profile/profile.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "common/base/hash.h"

namespace wirewatch {

namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::size_t kDepthMax = 64;

std::uint8_t bit(Zone zone) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(zone));
}

// A query counts headline, lede and body; the dateline and the tail only when asked for by name.
const std::uint8_t kStoryZones =
    static_cast<std::uint8_t>(bit(Zone::kHeadline) | bit(Zone::kLede) | bit(Zone::kBody));

enum class Op : std::uint8_t {
  kTerm,
  kAnd,
  kOr,
  kNot,
  kNear,
  kSentence,
  kParagraph,
  kAtLeast,
  kRegion,
  kMentions,
  kTopic,
  kLanguage,
  kSource,
  kUrgency,
  kSignal,
};

struct Node {
  Op op = Op::kTerm;
  std::uint8_t zones = 0;        // kTerm: where it counts.
  bool exact_case = false;       // kTerm: every letter as written, only capitals checked.
  bool ordered = false;          // kNear.
  bool less_or_equal = true;     // kUrgency.
  std::uint32_t phrase = kNone;  // kTerm.
  std::uint32_t number = 0;      // kNear: words between; kAtLeast: how many; kUrgency; kTopic: id.
  CountryCode country;
  std::string text;  // As written, for people; for kLanguage and kSource the value.
  std::vector<std::uint32_t> children;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

std::string hex(std::uint64_t value) {
  char buffer[17];
  std::snprintf(buffer, sizeof(buffer), "%016llx", static_cast<unsigned long long>(value));
  return buffer;
}

constexpr std::pair<std::string_view, std::uint32_t> kTopicNames[] = {
    {"arts", 1},        {"culture", 1},     {"entertainment", 1},  {"crime", 2},
    {"law", 2},         {"justice", 2},     {"disaster", 3},       {"accident", 3},
    {"economy", 4},     {"business", 4},    {"finance", 4},        {"education", 5},
    {"environment", 6}, {"health", 7},      {"human-interest", 8}, {"labour", 9},
    {"lifestyle", 10},  {"politics", 11},   {"government", 11},    {"religion", 12},
    {"science", 13},    {"technology", 13}, {"society", 14},       {"sport", 15},
    {"conflict", 16},   {"war", 16},        {"peace", 16},         {"weather", 17}};

constexpr std::pair<std::string_view, Zone> kZoneNames[] = {{"headline", Zone::kHeadline},
                                                            {"dateline", Zone::kDateline},
                                                            {"lede", Zone::kLede},
                                                            {"body", Zone::kBody},
                                                            {"tail", Zone::kTail}};

struct Failure {
  std::size_t at;
  std::string message;
};

// Recursive descent over one query; nodes go to `nodes`, terms to `builder`.
class Parser {
 public:
  Parser(std::string_view query, std::vector<Node>& nodes, LexiconBuilder& builder,
         const std::map<std::string, std::string, std::less<>>& expressions, std::size_t depth = 0)
      : query_(query), nodes_(nodes), builder_(builder), expressions_(expressions), depth_(depth) {}

  std::expected<std::uint32_t, Failure> parse() {
    auto root = parse_or(kStoryZones);
    if (!root) return root;
    skip();
    if (at_ < query_.size())
      return fail("unexpected \"" + std::string(query_.substr(at_, 12)) +
                  "\"; join clauses by AND or OR");
    return root;
  }

 private:
  using Result = std::expected<std::uint32_t, Failure>;

  std::unexpected<Failure> fail(std::string message) const {
    return std::unexpected(Failure{at_, std::move(message)});
  }
  void skip() {
    while (at_ < query_.size()) {
      if (std::isspace(static_cast<unsigned char>(query_[at_])) != 0) {
        ++at_;
      } else if (query_[at_] == '#') {  // A comment to the line's end.
        while (at_ < query_.size() && query_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  [[nodiscard]] char peek() const { return at_ < query_.size() ? query_[at_] : '\0'; }
  // The word at the cursor, up to a space or a structural character.
  [[nodiscard]] std::string_view word() const {
    std::size_t end = at_;
    while (end < query_.size() && std::isspace(static_cast<unsigned char>(query_[end])) == 0 &&
           query_[end] != '(' && query_[end] != ')' && query_[end] != '"' && query_[end] != ',') {
      ++end;
    }
    return query_.substr(at_, end - at_);
  }
  bool take_keyword(std::string_view upper) {
    skip();
    const std::string_view here = word();
    if (here != upper && here != lower(upper)) return false;
    at_ += here.size();
    return true;
  }
  std::uint32_t add(Node node) {
    nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  Result parse_or(std::uint8_t zones) {
    if (++depth_ > kDepthMax)
      return fail("the query nests deeper than 64 levels; name parts with [expressions]");
    auto first = parse_and(zones);
    if (!first) return first;
    std::vector<std::uint32_t> children{*first};
    while (take_keyword("OR")) {
      auto next = parse_and(zones);
      if (!next) return next;
      children.push_back(*next);
    }
    --depth_;
    if (children.size() == 1) return children[0];
    Node node;
    node.op = Op::kOr;
    node.text = "OR";
    node.children = std::move(children);
    return add(std::move(node));
  }

  [[nodiscard]] bool at_clause() {
    skip();
    if (at_ >= query_.size() || peek() == ')' || peek() == ',') return false;
    const std::string_view here = word();
    return here != "OR" && here != "or";
  }

  Result parse_and(std::uint8_t zones) {
    auto first = parse_near(zones);
    if (!first) return first;
    std::vector<std::uint32_t> children{*first};
    while (true) {
      const bool keyword = take_keyword("AND");
      if (!keyword && !at_clause()) break;  // Clauses side by side are joined by AND.
      auto next = parse_near(zones);
      if (!next) return next;
      children.push_back(*next);
    }
    if (children.size() == 1) return children[0];
    Node node;
    node.op = Op::kAnd;
    node.text = "AND";
    node.children = std::move(children);
    return add(std::move(node));
  }

  Result parse_near(std::uint8_t zones) {
    auto left = parse_unary(zones);
    if (!left) return left;
    while (true) {
      skip();
      const std::string here = lower(word());
      const bool near = here.starts_with("near/");
      const bool ordered = here.starts_with("onear/");
      const bool sentence = word() == "SENTENCE";
      const bool paragraph = word() == "PARAGRAPH";
      if (!near && !ordered && !sentence && !paragraph) return left;
      Node node;
      node.text = std::string(word());
      node.op = sentence ? Op::kSentence : paragraph ? Op::kParagraph : Op::kNear;
      node.ordered = ordered;
      if (near || ordered) {
        const std::string_view digits = std::string_view(here).substr(here.find('/') + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
        if (error != std::errc() || end != digits.data() + digits.size() || node.number > 1000) {
          return fail("NEAR wants a number of words from 0 to 1000, as in NEAR/5");
        }
      }
      at_ += here.size();
      auto right = parse_unary(zones);
      if (!right) return right;
      for (const std::uint32_t side : {*left, *right}) {
        if (!only_terms(side))
          return fail(node.text + " joins words, phrases and OR-groups of them only");
      }
      node.children = {*left, *right};
      left = add(std::move(node));
    }
  }

  [[nodiscard]] bool only_terms(std::uint32_t index) const {
    const Node& node = nodes_[index];
    if (node.op == Op::kTerm) return true;
    return node.op == Op::kOr && std::all_of(node.children.begin(), node.children.end(),
                                             [&](std::uint32_t c) { return only_terms(c); });
  }

  Result parse_unary(std::uint8_t zones) {
    if (take_keyword("NOT")) {
      if (++depth_ > kDepthMax) return fail("the query nests deeper than 64 levels");
      auto inner = parse_unary(zones);
      --depth_;
      if (!inner) return inner;
      Node node;
      node.op = Op::kNot;
      node.text = "NOT";
      node.children = {*inner};
      return add(std::move(node));
    }
    skip();
    if (peek() == '(') {
      ++at_;
      auto inner = parse_or(zones);
      if (!inner) return inner;
      skip();
      if (peek() != ')') return fail("a parenthesis is not closed");
      ++at_;
      return inner;
    }
    if (peek() == '"') return parse_phrase(zones, false);
    if (peek() == '$') return parse_expression(zones);
    if (peek() == '=') {
      ++at_;
      if (peek() == '"') return parse_phrase(zones, true);
      return parse_word(zones, true);
    }
    const std::string_view here = word();
    if (here.empty()) return fail("a word, a phrase or a parenthesis is missing");
    const std::size_t at_least = at_;
    if (take_keyword("AT")) {
      if (take_keyword("LEAST")) return parse_at_least(zones);
      at_ = at_least;
    }
    if (here.starts_with("urgency")) return parse_urgency();
    const std::size_t colon = here.find(':');
    if (colon != std::string_view::npos && colon > 0 &&
        here.find("://") == std::string_view::npos) {
      return parse_qualified(here.substr(0, colon));
    }
    return parse_word(zones, false);
  }

  Result parse_at_least(std::uint8_t zones) {
    skip();
    Node node;
    node.op = Op::kAtLeast;
    const std::string_view digits = word();
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
    if (error != std::errc() || end != digits.data() + digits.size() || node.number == 0) {
      return fail("AT LEAST wants a number, as in AT LEAST 2 OF (a, b, c)");
    }
    at_ += digits.size();
    if (!take_keyword("OF")) return fail("AT LEAST n is followed by OF (a, b, c)");
    skip();
    if (peek() != '(') return fail("AT LEAST n OF is followed by a parenthesis");
    ++at_;
    while (true) {
      auto inner = parse_or(zones);
      if (!inner) return inner;
      node.children.push_back(*inner);
      skip();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      if (peek() == ')') break;
      return fail("the clauses of AT LEAST are parted by commas");
    }
    ++at_;
    if (node.number > node.children.size())
      return fail("AT LEAST asks for more clauses than there are");
    node.text = "AT LEAST " + std::to_string(node.number);
    return add(std::move(node));
  }

  Result parse_urgency() {
    const std::string_view here = word();
    const bool less = here.starts_with("urgency<=");
    if (!less && !here.starts_with("urgency>="))
      return fail("urgency is compared by <= or >=, as in urgency<=3");
    Node node;
    node.op = Op::kUrgency;
    node.less_or_equal = less;
    const std::string_view digits = here.substr(9);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
    if (error != std::errc() || end != digits.data() + digits.size() || node.number < 1 ||
        node.number > 9) {
      return fail("urgency is a number from 1 to 9");
    }
    node.text = std::string(here);
    at_ += here.size();
    return add(std::move(node));
  }

  Result parse_qualified(std::string_view name) {
    for (const auto& [zone_name, zone] : kZoneNames) {
      if (name != zone_name) continue;
      at_ += name.size() + 1;
      if (++depth_ > kDepthMax) return fail("the query nests deeper than 64 levels");
      auto inner = parse_unary(bit(zone));
      --depth_;
      return inner;
    }
    Node node;
    if (name == "region") {
      node.op = Op::kRegion;
    } else if (name == "mentions") {
      node.op = Op::kMentions;
    } else if (name == "topic") {
      node.op = Op::kTopic;
    } else if (name == "lang") {
      node.op = Op::kLanguage;
    } else if (name == "source") {
      node.op = Op::kSource;
    } else if (name == "signal") {
      node.op = Op::kSignal;
    } else {
      return fail("\"" + std::string(name) +
                  ":\" is unknown; there are headline: dateline: lede: body: tail: region: "
                  "mentions: topic: lang: source: signal:");
    }
    const std::size_t begin = at_;
    at_ += name.size() + 1;
    std::string value;
    if (peek() == '"') {
      const std::size_t close = query_.find('"', at_ + 1);
      if (close == std::string_view::npos) return fail("a quotation mark is not closed");
      value = std::string(query_.substr(at_ + 1, close - at_ - 1));
      at_ = close + 1;
    } else {
      value = std::string(word());
      at_ += value.size();
    }
    if (value.empty()) return fail("a value is missing after \"" + std::string(name) + ":\"");
    node.text = std::string(query_.substr(begin, at_ - begin));
    if (node.op == Op::kRegion || node.op == Op::kMentions) {
      node.country = CountryCode(value);
      if (node.country.empty() || country_name(node.country).empty()) {
        return fail("\"" + value + "\" is no ISO 3166-1 alpha-2 code in capitals, as in region:KP");
      }
    } else if (node.op == Op::kTopic) {
      std::string_view digits = value;
      if (digits.starts_with("medtop:")) digits.remove_prefix(7);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
      if (error != std::errc() || end != digits.data() + digits.size()) {
        node.number = 0;
        for (const auto& [topic, number] : kTopicNames) {
          if (topic == value) node.number = number * 1'000'000;
        }
      }
      if (topic_name(TopicId(node.number)).empty()) {
        return fail("topic \"" + value +
                    "\" is unknown; write an IPTC id (topic:11000000) or a name such as politics, "
                    "economy, health");
      }
    } else {
      node.text = std::string(name) + ":" + lower(value);
    }
    return add(std::move(node));
  }

  Result parse_expression(std::uint8_t zones) {
    std::size_t end = at_ + 1;
    while (end < query_.size() && (std::isalnum(static_cast<unsigned char>(query_[end])) != 0 ||
                                   query_[end] == '_' || query_[end] == '-'))
      ++end;
    const std::string_view name = query_.substr(at_ + 1, end - at_ - 1);
    const auto found = expressions_.find(name);
    if (found == expressions_.end()) {
      std::string known;
      for (const auto& [other, text] : expressions_) known += (known.empty() ? "" : ", ") + other;
      return fail("$" + std::string(name) + " is not defined in [expressions]" +
                  (known.empty() ? "" : "; there are " + known));
    }
    if (depth_ + 1 > kDepthMax) return fail("$" + std::string(name) + " refers to itself");
    at_ = end;
    Parser inner(found->second, nodes_, builder_, expressions_, depth_ + 8);
    auto root = inner.parse_or(zones);
    if (!root) return fail("in $" + std::string(name) + ": " + root.error().message);
    return root;
  }

  Result parse_phrase(std::uint8_t zones, bool exact) {
    const std::size_t close = query_.find('"', at_ + 1);
    if (close == std::string_view::npos) return fail("a quotation mark is not closed");
    const std::string_view text = query_.substr(at_ + 1, close - at_ - 1);
    auto node = term(text, zones, exact);
    if (node) at_ = close + 1;
    return node;
  }

  Result parse_word(std::uint8_t zones, bool exact) {
    const std::string_view text = word();
    auto node = term(text, zones, exact);
    if (node) at_ += text.size();
    return node;
  }

  Result term(std::string_view text, std::uint8_t zones, bool exact) {
    const auto phrase = builder_.add(text);
    if (!phrase) {
      return fail("\"" + std::string(text) +
                  "\" has no letter or digit, or a stem of fewer than two characters before its *");
    }
    Node node;
    node.op = Op::kTerm;
    node.zones = zones;
    node.phrase = phrase->value();
    node.exact_case = exact;
    node.text = std::string(text);
    return add(std::move(node));
  }

  std::string_view query_;
  std::size_t at_ = 0;
  std::vector<Node>& nodes_;
  LexiconBuilder& builder_;
  const std::map<std::string, std::string, std::less<>>& expressions_;
  std::size_t depth_;
};

}  // namespace

std::string_view to_string(AlertLevel level) {
  switch (level) {
    case AlertLevel::kFlash:
      return "flash";
    case AlertLevel::kUrgent:
      return "urgent";
    case AlertLevel::kAlert:
      return "alert";
    case AlertLevel::kInfo:
      return "info";
  }
  return "alert";
}

struct ProfileSet::Compiled {
  std::vector<Profile> profiles;
  std::vector<std::uint32_t> roots;
  std::vector<Node> nodes;
  Lexicon lexicon;
  std::size_t phrase_count = 0;
  // Presearch: profiles by phrase, and those that no phrase can anchor.
  std::vector<std::vector<std::uint32_t>> by_phrase;
  std::vector<std::uint32_t> always;
  std::vector<std::vector<std::uint32_t>>
      excluded;  // By profile: phrases in which terms do not count.
  std::string version;

  // Phrases of which one must be present for `index` to be true; nullopt when it may be true
  // without.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> required(std::uint32_t index) const {
    const Node& node = nodes[index];
    switch (node.op) {
      case Op::kTerm:
        return std::vector<std::uint32_t>{node.phrase};
      case Op::kOr:
      case Op::kAtLeast: {
        std::vector<std::uint32_t> all;
        for (const std::uint32_t child : node.children) {
          auto one = required(child);
          if (!one) return std::nullopt;
          all.insert(all.end(), one->begin(), one->end());
        }
        return all;
      }
      case Op::kAnd:
      case Op::kNear:
      case Op::kSentence:
      case Op::kParagraph: {
        std::optional<std::vector<std::uint32_t>> best;
        for (const std::uint32_t child : node.children) {
          auto one = required(child);
          if (one && (!best || one->size() < best->size())) best = std::move(one);
        }
        return best;
      }
      default:
        return std::nullopt;
    }
  }
};

ProfileSet::ProfileSet() : compiled_(std::make_unique<Compiled>()) {}
ProfileSet::~ProfileSet() = default;
ProfileSet::ProfileSet(ProfileSet&&) noexcept = default;
ProfileSet& ProfileSet::operator=(ProfileSet&&) noexcept = default;
std::span<const Profile> ProfileSet::profiles() const {
  return compiled_->profiles;
}
std::string ProfileSet::version() const {
  return compiled_->version;
}

std::expected<ProfileSet, std::vector<ProfileError>> ProfileSet::compile(
    std::span<const ProfileSource> sources) {
  auto compiled = std::make_unique<Compiled>();
  std::vector<ProfileError> errors;
  LexiconBuilder builder;
  std::uint64_t all = 0;
  std::set<std::string> ids;
  for (const ProfileSource& source : sources) {
    const auto error = [&](std::size_t line, std::size_t column, std::string message) {
      errors.push_back({source.origin, line, column, std::move(message)});
    };
    const bool good_id = !source.id.empty() && source.id.size() <= 64 &&
                         std::all_of(source.id.begin(), source.id.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                         });
    if (!good_id)
      error(1, 1,
            "id \"" + source.id + "\" must be 1 to 64 lower-case letters, digits and hyphens");
    if (!ids.insert(source.id).second)
      error(1, 1, "there are two profiles with the id \"" + source.id + "\"");
    if (source.threshold < 0) error(1, 1, "threshold must not be negative");
    const std::map<std::string, std::string, std::less<>> expressions(source.expressions.begin(),
                                                                      source.expressions.end());
    Parser parser(source.query, compiled->nodes, builder, expressions);
    const auto root = parser.parse();
    if (!root) {
      const std::string_view before = std::string_view(source.query).substr(0, root.error().at);
      const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
      const std::size_t line_begin =
          before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
      error(source.query_line + lines, before.size() - line_begin + 1, root.error().message);
      continue;
    }
    std::vector<std::uint32_t> excluded;
    for (const std::string& phrase : source.exclude) {
      const auto id = builder.add(phrase);
      if (id) {
        excluded.push_back(id->value());
      } else {
        error(1, 1, "exclusion \"" + phrase + "\" has no letter or digit");
      }
    }
    std::uint64_t hash = hash_bytes(source.query, hash_bytes(source.id));
    for (const auto& [name, text] : source.expressions)
      hash = hash_bytes(text, hash_bytes(name, hash));
    for (const std::string& phrase : source.exclude) hash = hash_bytes(phrase, hash);
    hash = hash_bytes(source.title + std::string(to_string(source.level)) + source.destination +
                          std::to_string(source.threshold),
                      hash);
    all = hash_combine(all, hash);
    compiled->profiles.push_back({source.id, source.title, source.level, source.destination,
                                  source.cooldown_s, source.threshold, hex(hash)});
    compiled->roots.push_back(*root);
    compiled->excluded.push_back(std::move(excluded));
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  compiled->lexicon = builder.build();
  compiled->phrase_count = compiled->lexicon.phrase_count();
  compiled->by_phrase.resize(compiled->phrase_count);
  for (std::uint32_t i = 0; i < compiled->roots.size(); ++i) {
    const auto anchors = compiled->required(compiled->roots[i]);
    if (!anchors) {
      compiled->always.push_back(i);
      continue;
    }
    for (const std::uint32_t phrase : *anchors) {
      auto& list = compiled->by_phrase[phrase];
      if (list.empty() || list.back() != i) list.push_back(i);
    }
  }
  compiled->version = hex(all);
  ProfileSet set;
  set.compiled_ = std::move(compiled);
  return set;
}

namespace {

// One profile's evaluation over the hits of one article.
class Evaluation {
 public:
  Evaluation(const std::vector<Node>& nodes, const ProfileInput& input, ProfileScratch& scratch,
             const std::vector<std::uint32_t>& excluded)
      : nodes_(nodes), input_(input), scratch_(scratch), excluded_(excluded) {}

  // True when the node holds; `collect` notes the hits that made it so.
  bool holds(std::uint32_t index, bool collect) {
    const Node& node = nodes_[index];
    switch (node.op) {
      case Op::kTerm: {
        bool any = false;
        for_each_hit(node, [&](std::uint32_t hit) {
          any = true;
          if (collect) note(index, hit);
          return collect;
        });
        return any;
      }
      case Op::kAnd: {
        // All first, so that evidence is not noted for a clause that fails later.
        for (const std::uint32_t child : node.children) {
          if (!holds(child, false)) return false;
        }
        if (collect) {
          for (const std::uint32_t child : node.children) holds(child, true);
        }
        return true;
      }
      case Op::kOr: {
        bool any = false;
        for (const std::uint32_t child : node.children) {
          if (holds(child, collect)) {
            any = true;
            if (!collect) return true;
          }
        }
        return any;
      }
      case Op::kAtLeast: {
        std::uint32_t count = 0;
        for (const std::uint32_t child : node.children)
          count += static_cast<std::uint32_t>(holds(child, false));
        if (count < node.number) return false;
        if (collect) {
          for (const std::uint32_t child : node.children) holds(child, true);
        }
        return true;
      }
      case Op::kNot:
        return !holds(node.children[0], false);
      case Op::kNear:
      case Op::kSentence:
      case Op::kParagraph:
        return near(node, collect);
      case Op::kRegion:
        return input_.regions.is_about(node.country);
      case Op::kMentions:
        return input_.regions.mentions_country(node.country);
      case Op::kTopic:
        return input_.topics.has(TopicId(node.number));
      case Op::kLanguage: {
        const std::string_view wanted = std::string_view(node.text).substr(5);
        return input_.topics.language.starts_with(wanted) ||
               input_.article.language.starts_with(wanted);
      }
      case Op::kSource:
        return lower(input_.article.source) == std::string_view(node.text).substr(7);
      case Op::kUrgency: {
        const auto urgency = static_cast<std::uint32_t>(input_.article.urgency);
        if (urgency == 0) return false;
        return node.less_or_equal ? urgency <= node.number : urgency >= node.number;
      }
      case Op::kSignal: {
        const std::string_view wanted = std::string_view(node.text).substr(7);
        switch (input_.article.signal) {
          case Signal::kUpdate:
            return wanted == "update";
          case Signal::kCorrection:
            return wanted == "correction";
          case Signal::kRefile:
            return wanted == "refile";
          case Signal::kRepeat:
            return wanted == "repeat";
          case Signal::kKill:
            return wanted == "kill";
          case Signal::kNone:
            return wanted == "none";
        }
        return false;
      }
    }
    return false;
  }

  // Calls f(hit) for the hits of a term that count, until it returns false.
  template <typename F>
  void for_each_hit(const Node& node, F f) {
    for (std::uint32_t hit = scratch_.first[node.phrase]; hit != kNone; hit = scratch_.next[hit]) {
      const bool default_zones = node.zones == kStoryZones;
      if ((node.zones & scratch_.zones[hit]) == 0) continue;
      if (default_zones && scratch_.usable[hit] == 0) continue;
      if (covered(hit)) continue;
      if (node.exact_case && !same_case(node, scratch_.hits[hit])) continue;
      if (!f(hit)) return;
    }
  }

 private:
  void note(std::uint32_t term, std::uint32_t hit) {
    for (const auto& [other_term, other_hit] : scratch_.evidence) {
      if (other_hit == hit && other_term == term) return;
    }
    if (scratch_.evidence.size() < 200) scratch_.evidence.emplace_back(term, hit);
  }

  // Inside of an exclusion phrase?
  [[nodiscard]] bool covered(std::uint32_t hit) const {
    const PhraseHit& span = scratch_.hits[hit];
    for (const std::uint32_t phrase : excluded_) {
      for (std::uint32_t other = scratch_.first[phrase]; other != kNone;
           other = scratch_.next[other]) {
        if (scratch_.hits[other].token_begin <= span.token_begin &&
            span.token_end <= scratch_.hits[other].token_end) {
          return true;
        }
      }
    }
    return false;
  }

  [[nodiscard]] bool same_case(const Node& node, const PhraseHit& hit) const {
    return input_.text.source(input_.text.source_span(hit.token_begin, hit.token_end)) == node.text;
  }

  template <typename F>
  void for_each_term_hit(std::uint32_t index, F f) {
    const Node& node = nodes_[index];
    if (node.op == Op::kTerm) {
      for_each_hit(node, [&](std::uint32_t hit) {
        f(index, hit);
        return true;
      });
      return;
    }
    for (const std::uint32_t child : node.children) for_each_term_hit(child, f);
  }

  bool near(const Node& node, bool collect) {
    bool any = false;
    for_each_term_hit(node.children[0], [&](std::uint32_t left_term, std::uint32_t left) {
      for_each_term_hit(node.children[1], [&](std::uint32_t right_term, std::uint32_t right) {
        if ((any && !collect) || left == right) return;
        const PhraseHit& a = scratch_.hits[left];
        const PhraseHit& b = scratch_.hits[right];
        const bool in_order = a.token_end <= b.token_begin;
        const bool reversed = b.token_end <= a.token_begin;
        if (!in_order && (node.ordered || !reversed)) return;
        const std::uint32_t from = in_order ? a.token_end : b.token_end;
        const std::uint32_t to = in_order ? b.token_begin : a.token_begin;
        const std::uint32_t border = input_.text.headline_token_count();
        if ((from <= border && from > 0 && from - 1 < border) && to >= border)
          return;  // Headline and body.
        if (node.op == Op::kNear && to - from > node.number) return;
        if (node.op == Op::kSentence && !input_.text.same_sentence(from - 1, to)) return;
        if (node.op == Op::kParagraph && !input_.text.same_paragraph(from - 1, to)) return;
        any = true;
        if (collect) {
          note(left_term, left);
          note(right_term, right);
        }
      });
    });
    return any;
  }

  const std::vector<Node>& nodes_;
  const ProfileInput& input_;
  ProfileScratch& scratch_;
  const std::vector<std::uint32_t>& excluded_;
};

float zone_weight(Zone zone) {
  switch (zone) {
    case Zone::kHeadline:
      return 3.0F;
    case Zone::kLede:
      return 2.0F;
    default:
      return 1.0F;
  }
}

}  // namespace

void ProfileMatcher::prepare(const ProfileInput& input, ProfileScratch& scratch) const {
  const ProfileSet::Compiled& set = *set_.compiled_;
  if (scratch.first.size() != set.phrase_count) scratch.first.assign(set.phrase_count, kNone);
  set.lexicon.find(input.text, scratch.hits);
  const std::size_t count = scratch.hits.size();
  scratch.next.resize(count);
  scratch.usable.resize(count);
  scratch.zones.resize(count);
  const std::span<const ZoneSpan> zones = input.text.zones();
  std::size_t zone = 0;
  for (std::uint32_t hit = 0; hit < count; ++hit) {
    while (zone + 1 < zones.size() && zones[zone].token_end <= scratch.hits[hit].token_begin)
      ++zone;
    scratch.zones[hit] = bit(zones[zone].zone);
    scratch.usable[hit] = static_cast<std::uint8_t>(!zones[zone].repeated);
  }
  // Lists in text order: hits are prepended from the end.
  for (auto hit = static_cast<std::uint32_t>(count); hit-- > 0;) {
    std::uint32_t& first = scratch.first[scratch.hits[hit].phrase.value()];
    scratch.next[hit] = first;
    first = hit;
  }
}

void ProfileMatcher::match(const ProfileInput& input, ProfileScratch& scratch,
                           ProfileMatches& matches) const {
  const ProfileSet::Compiled& set = *set_.compiled_;
  matches.matches.clear();
  matches.evidence.clear();
  prepare(input, scratch);
  scratch.is_candidate.resize(set.profiles.size());
  scratch.candidates.clear();
  const auto add = [&](std::uint32_t profile) {
    if (scratch.is_candidate[profile] != 0) return;
    scratch.is_candidate[profile] = 1;
    scratch.candidates.push_back(profile);
  };
  for (const std::uint32_t profile : set.always) add(profile);
  for (const PhraseHit& hit : scratch.hits) {
    if (scratch.first[hit.phrase.value()] == kNone) continue;
    for (const std::uint32_t profile : set.by_phrase[hit.phrase.value()]) add(profile);
  }
  std::sort(scratch.candidates.begin(), scratch.candidates.end());
  matches.candidate_count = static_cast<std::uint32_t>(scratch.candidates.size());
  for (const std::uint32_t profile : scratch.candidates) {
    scratch.is_candidate[profile] = 0;
    scratch.evidence.clear();
    Evaluation evaluation(set.nodes, input, scratch, set.excluded[profile]);
    if (!evaluation.holds(set.roots[profile], true)) continue;
    // Score: every term counts once, where it stands best.
    float score = 0;
    ProfileMatch match;
    match.profile = ProfileIndex(profile);
    match.threshold = static_cast<float>(set.profiles[profile].threshold);
    match.evidence_begin = static_cast<std::uint32_t>(matches.evidence.size());
    std::sort(scratch.evidence.begin(), scratch.evidence.end(), [&](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second < b.second;
    });
    std::uint32_t last_term = kNone;
    for (const auto& [term, hit] : scratch.evidence) {
      if (term == last_term) continue;
      last_term = term;
      // The first hit in text order is in the best zone: headline, lede, body.
      const PhraseHit& where = scratch.hits[hit];
      const Zone zone = input.text.zone_of(where.token_begin);
      const float weight = zone_weight(zone);
      // A term inside a longer one at the same place adds nothing.
      bool inside = false;
      for (std::size_t i = match.evidence_begin; i < matches.evidence.size(); ++i) {
        const SourceSpan span = input.text.source_span(where.token_begin, where.token_end);
        const SourceSpan& other = matches.evidence[i].span;
        inside = inside ||
                 (other.field == span.field && other.begin <= span.begin && span.end <= other.end);
      }
      if (inside) continue;
      score += weight;
      if (matches.evidence.size() - match.evidence_begin < kEvidenceMax) {
        matches.evidence.push_back({set.nodes[term].text,
                                    input.text.source_span(where.token_begin, where.token_end),
                                    zone, weight});
      }
    }
    match.evidence_end = static_cast<std::uint32_t>(matches.evidence.size());
    match.score = score;
    // A profile of predicates alone has no terms to weigh.
    if (score < match.threshold && match.evidence_begin != match.evidence_end) {
      matches.evidence.resize(match.evidence_begin);
      continue;
    }
    matches.matches.push_back(match);
  }
  for (const PhraseHit& hit : scratch.hits) scratch.first[hit.phrase.value()] = kNone;
}

std::string ProfileMatcher::explain(ProfileIndex profile, const ProfileInput& input,
                                    ProfileScratch& scratch) const {
  const ProfileSet::Compiled& set = *set_.compiled_;
  ProfileMatches matches;
  match(input, scratch, matches);
  const auto found = std::find_if(matches.matches.begin(), matches.matches.end(),
                                  [&](const ProfileMatch& m) { return m.profile == profile; });
  std::string out = set.profiles[profile.value()].id;
  char number[512];
  if (found != matches.matches.end()) {
    std::snprintf(number, sizeof(number), ": matches, score %.1f, threshold %.1f\n",
                  static_cast<double>(found->score), static_cast<double>(found->threshold));
    out += number;
  } else {
    out += ": does not match\n";
  }
  prepare(input, scratch);
  Evaluation evaluation(set.nodes, input, scratch, set.excluded[profile.value()]);
  std::size_t lines = 0;
  const auto describe = [&](auto&& self, std::uint32_t index, std::size_t depth) -> void {
    if (++lines > 200) return;
    const Node& node = set.nodes[index];
    const bool holds = evaluation.holds(index, false);
    // Of a long OR-group only what was found; when nothing was, its size says enough.
    out.append(2 + depth * 2, ' ');
    out += holds ? "yes  " : "no   ";
    out += node.op == Op::kTerm ? "\"" + node.text + "\"" : node.text;
    if (node.op == Op::kTerm && holds) {
      std::size_t shown = 0;
      evaluation.for_each_hit(node, [&](std::uint32_t hit) {
        const PhraseHit& where = scratch.hits[hit];
        const SourceSpan span = input.text.source_span(where.token_begin, where.token_end);
        out += std::string("  ") + std::string(to_string(input.text.zone_of(where.token_begin))) +
               " " + std::to_string(span.begin) + "-" + std::to_string(span.end) + " \"" +
               std::string(input.text.source(span)) + "\"";
        return ++shown < 3;
      });
    } else if (node.op == Op::kTerm && scratch.first[node.phrase] != kNone) {
      const PhraseHit& where = scratch.hits[scratch.first[node.phrase]];
      out += "  (only in the " + std::string(to_string(input.text.zone_of(where.token_begin))) +
             ", which does not count here)";
    }
    out += '\n';
    std::size_t left_out = 0;
    for (const std::uint32_t child : node.children) {
      const bool long_group = node.op == Op::kOr && node.children.size() > 6;
      if (long_group && !evaluation.holds(child, false) &&
          !(set.nodes[child].op == Op::kTerm && scratch.first[set.nodes[child].phrase] != kNone)) {
        ++left_out;
        continue;
      }
      self(self, child, depth + 1);
    }
    if (left_out > 0) {
      out.append(4 + depth * 2, ' ');
      out += "… and " + std::to_string(left_out) + " more that the article does not have\n";
    }
  };
  describe(describe, set.roots[profile.value()], 0);
  if (found == matches.matches.end() && evaluation.holds(set.roots[profile.value()], false)) {
    std::snprintf(number, sizeof(number),
                  "  the query holds, but the score stays under the threshold of %.1f\n",
                  set.profiles[profile.value()].threshold);
    out += number;
  }
  for (const PhraseHit& hit : scratch.hits) scratch.first[hit.phrase.value()] = kNone;
  return out;
}

}  // namespace wirewatch
