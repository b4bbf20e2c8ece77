// How the compiler makes leaves: terms, patterns and predicates; and how equal nodes become one.

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "common/base/closest_name.h"
#include "common/base/hash.h"
#include "common/base/language_codes.h"
#include "common/base/utf8.h"
#include "common/profile/code_point.h"
#include "common/profile/profile_compiler.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kTermBytesMax = 512;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool has_word(std::string_view folded_text) {
  return std::any_of(folded_text.begin(), folded_text.end(), is_word_byte);
}

// Scripts whose words are single characters to the analyzer: a wildcard beside them is idle.
bool is_unspaced(std::uint32_t code) {
  return (code >= 0x0E00 && code <= 0x0EFF) || (code >= 0x1000 && code <= 0x109F) ||
         (code >= 0x1780 && code <= 0x17FF) || (code >= 0x3040 && code <= 0x309F) ||
         (code >= 0x2E80 && code <= 0x2FDF) || (code >= 0x3400 && code <= 0x9FFF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0x20000 && code <= 0x3FFFF);
}

bool is_hangul(std::uint32_t code) {
  return code >= 0xAC00 && code <= 0xD7A3;
}

// Code points of UTF-8 text; other bytes come out as themselves.
std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    out.push_back(next_code_point(text, at));
  }
  return out;
}

// The wildcards of one blank-separated word: none, a plain ending "korea*", or more.
enum class Wildness : std::uint8_t { kNone, kPrefix, kPattern, kUnspaced, kHangulEnding };

Wildness wildness(std::string_view word) {
  const std::size_t first = word.find_first_of("*?%");
  if (first == std::string_view::npos) return Wildness::kNone;
  const std::vector<std::uint32_t> codes = code_points(word);
  if (std::any_of(codes.begin(), codes.end(), is_unspaced)) {
    const bool ending = word[0] == '*' && codes.size() > 1 && is_hangul(codes[1]);
    return ending ? Wildness::kHangulEnding : Wildness::kUnspaced;
  }
  return first + 1 == word.size() && word[first] == '*' ? Wildness::kPrefix : Wildness::kPattern;
}

// "5%" is text: a percent sign is a wildcard only beside a letter.
std::string without_percent_signs(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const bool of_number = word[at] == '%' && at > 0 && word[at - 1] >= '0' && word[at - 1] <= '9';
    if (!of_number) out.push_back(word[at]);
  }
  return out;
}

// The sign before the ending of "Nato-*", or empty where a letter or digit stands there.
std::string_view sign_before_ending(std::string_view word) {
  std::size_t begin = word.size() - 1;  // Of '*'.
  if (begin == 0) return {};
  do {
    --begin;
  } while (begin > 0 && is_continuation(word[begin]));
  const std::string_view sign = word.substr(begin, word.size() - 1 - begin);
  return has_word(folded(sign)) ? std::string_view() : sign;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

// A zone makes a term rarer.
float zone_share(std::uint8_t zones) {
  if ((zones & kZoneBody) != 0) return 1.0F;
  return (zones & kZoneLede) != 0 ? 0.4F : 0.2F;
}

}  // namespace

// Says that an ending stands behind a sign: "Nato-*".
std::unexpected<Compiler::Failure> Compiler::fail_ending(const ProfileText& where,
                                                         std::size_t offset,
                                                         std::string_view word) {
  const std::string sign(sign_before_ending(word));
  const std::string stem(word.substr(0, word.size() - 1 - sign.size()));
  return fail(where, offset, "'" + sign + "' parts words, and '*' ends one",
              "write " + stem + ", which is found before '" + sign + "' too, or " + stem +
                  "* for words that begin so");
}

// Whether an exclusion is words, of which the endings alone may be open; says so where it is not.
// Its other signs are text: "Who Wants to Be a Millionaire?".
bool Compiler::is_plain(const ProfileText& exclusion) {
  for (const std::string_view raw : split_words(exclusion.text)) {
    const std::string word = without_percent_signs(raw);
    const std::size_t first = word.find_first_of("*?%");
    if (first == std::string::npos) continue;
    if (has_word(folded(word.substr(first)))) {
      fail(exclusion, 0, "an exclusion has no wildcard but '*' at the end of a word",
           "write '" + std::string(raw) + "' out, as a phrase for each of its words");
      return false;
    }
    if (wildness(word) == Wildness::kPrefix && !sign_before_ending(word).empty()) {
      fail_ending(exclusion, 0, word);
      return false;
    }
  }
  return true;
}

// Most terms are plain; a phrase with wildcards inside its words becomes a chain of neighbours.
Compiler::Result Compiler::term(std::string_view words, bool exact, const Place& place,
                                const Context& context) {
  if (words.size() > kTermBytesMax) {
    return fail(place.text, place.offset, "the term is too long", "at most 512 bytes");
  }
  Children parts;
  std::string plain;
  bool failed = false;
  const auto keep_part = [&](const Result& part) {
    failed = failed || !part;
    if (part) parts.push_back(*part);
  };
  const auto flush = [&] {
    if (!plain.empty()) keep_part(phrase(plain, exact, place, context));
    plain.clear();
  };
  for (const std::string_view raw : split_words(words)) {
    std::string word = without_percent_signs(raw);
    const Wildness wild =
        exact && raw.find('*') == std::string_view::npos ? Wildness::kNone : wildness(word);
    if (exact && wild != Wildness::kNone) {
      return fail(place.text, place.offset, "a term taken letter for letter has no wildcards",
                  "remove '=' or the wildcard");
    }
    if (raw.size() < words.size() && raw.find_first_not_of("*?%") == std::string_view::npos) {
      return fail(place.text, place.offset, "'" + std::string(raw) + "' stands for no word",
                  "a wildcard stands with letters; for any word between write "
                  "\"minister\" ONEAR/1 \"on monday\"");
    }
    if (wild == Wildness::kHangulEnding) {
      return fail(place.text, place.offset, "Hangul terms begin at the beginning of a word",
                  "remove the '*' before the word and list the compounds");
    }
    if (wild == Wildness::kPrefix && !sign_before_ending(word).empty())
      return fail_ending(place.text, place.offset, word);
    if (wild == Wildness::kPattern) {
      flush();
      auto compiled = WordPattern::from_wildcard(word);
      if (!compiled) {
        return fail(place.text, place.offset, compiled.error().message, compiled.error().cure);
      }
      keep_part(pattern(std::move(*compiled), word, place, context));
      continue;
    }
    if (wild == Wildness::kUnspaced) {
      // 朝鲜* finds what 朝鲜 finds: terms of unspaced scripts match inside a run anyway.
      const std::size_t first = word.find_first_not_of("*?%");
      const std::size_t last = word.find_last_not_of("*?%");
      word = word.substr(first, last - first + 1);
      if (word.find_first_of("*?%") != std::string::npos) {
        return fail(place.text, place.offset, "no wildcard inside words of this script",
                    "join the parts with ONEAR/1");
      }
    }
    plain += (plain.empty() ? "" : " ") + word;
  }
  flush();
  if (failed) return std::unexpected(Failure{});
  if (parts.empty()) {
    return fail(place.text, place.offset, "there is nothing to search for",
                "a term has at least one letter or digit");
  }
  return neighbours(parts, words);
}

// The last link stands for the phrase, of which `words` is what the editor wrote.
Compiler::Result Compiler::neighbours(const Children& parts, std::string_view words) {
  std::uint32_t chain = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    Node node;
    node.kind = NodeKind::kOrderedNear;
    node.positional = true;
    node.frequency = std::min(set_->nodes[chain].frequency, set_->nodes[parts[i]].frequency) * 0.2F;
    const std::array<std::uint32_t, 2> children = {chain, parts[i]};
    const bool last = i + 1 == parts.size();
    if (last) node.payload = static_cast<std::uint32_t>(set_->phrases.size()) + 1;
    const std::size_t before = set_->nodes.size();
    const Result next =
        intern(node, children, last ? hash_bytes(words) : 0, [&](const Node& other) {
          return !last || set_->text(set_->phrases[other.payload - 1]) == words;
        });
    if (!next) return next;
    if (last && set_->nodes.size() > before) set_->phrases.push_back(keep(words));
    chain = *next;
  }
  return chain;
}

std::expected<Compiler::KnownPhrase, Compiler::Failure> Compiler::known_phrase(
    std::string_view words, const Place& place) {
  const auto is_same = [&](std::uint32_t other) {
    return set_->text(phrases_[other].text) == words;
  };
  const std::uint64_t hash = hash_bytes(words);
  if (const auto known = phrase_ids_.find(hash, is_same)) return phrases_[*known];
  const std::string folded_words = folded(words);
  if (!has_word(folded_words)) {
    return fail(place.text, place.offset, "there is nothing to search for",
                "a term has at least one letter or digit");
  }
  const std::optional<PhraseId> id = lexicon_.add(words);
  if (!id) {
    if (words.find('*') != std::string_view::npos) {
      return fail(place.text, place.offset, "too few letters before '*'",
                  "at least two letters, and at most 60 bytes");
    }
    return fail(place.text, place.offset, "the phrase has too many words",
                "at most 40; join two phrases with ONEAR/0");
  }
  know_phrase(*id, words);
  phrase_ids_.find_or_add(hash, phrases_.size(), is_same);
  phrases_.push_back({keep(words), id->value(), estimate_frequency(folded_words, frequencies_)});
  return phrases_.back();
}

Compiler::Result Compiler::phrase(std::string_view words, bool exact, const Place& place,
                                  const Context& context) {
  const auto known = known_phrase(words, place);
  if (!known) return std::unexpected(Failure{});
  Term leaf;
  leaf.feature = known->feature;
  leaf.exact = exact;
  std::string shown(words);
  if (exact) {
    // Compared with the source of a hit, which begins and ends with a letter or digit.
    ArticleText text;
    TextAnalyzer().analyze(words, "", text);
    if (text.token_count() > 0) shown = text.source(text.source_span(0, text.token_count()));
  }
  const float frequency = known->frequency * (exact ? 0.5F : 1.0F);
  return leaf_term(leaf, shown, place.language, frequency, context);
}

// Alternatives at the top of an expression are patterns of their own, so that each is found by its
// own letters.
Compiler::Result Compiler::regex(const QueryNode& node, const ProfileText& text,
                                 const Context& context) {
  const std::string_view whole = node.text;
  Children children;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    const bool end = at == whole.size();
    if (!end && (whole[at] == '(' || whole[at] == '[')) ++depth;
    if (!end && (whole[at] == ')' || whole[at] == ']')) --depth;
    if (!end && (whole[at] != '|' || depth != 0)) continue;
    const std::string_view part = whole.substr(begin, at - begin);
    const std::size_t offset = node.begin + 1 + begin;
    auto compiled = WordPattern::from_regex(part);
    if (!compiled) {
      return fail(text, offset + compiled.error().offset, compiled.error().message,
                  compiled.error().cure);
    }
    const std::string shown = "/" + std::string(part) + "/";
    const Result child = pattern(std::move(*compiled), shown, {text, offset, {}}, context);
    if (!child) return child;
    children.push_back(*child);
    begin = at + 1;
  }
  return disjunction(children);
}

Compiler::Result Compiler::pattern(WordPattern compiled, std::string_view shown, const Place& place,
                                   const Context& context) {
  if (!PatternIndex::can_file(compiled)) {
    return fail(place.text, place.offset, "this pattern would have to be tried on every word",
                "it needs two letters at its beginning or three letters in a row that every match "
                "has");
  }
  // As rare as a word with an ending left open that has the longest of its runs of letters.
  const float frequency = estimate_frequency(compiled.run() + "*", frequencies_);
  const auto next = static_cast<std::uint32_t>(set_->patterns.size());
  const auto [known, inserted] = pattern_ids_.try_emplace(std::string(shown), next);
  if (inserted) {
    set_->patterns.push_back(std::move(compiled));
    set_->patterns_hash = hash_bytes(shown, set_->patterns_hash + 1);
  }
  Term leaf;
  leaf.pattern = true;
  leaf.feature = known->second;
  return leaf_term(leaf, shown, place.language, frequency, context);
}

Compiler::Result Compiler::leaf_term(Term term, std::string_view shown, std::string_view language,
                                     float frequency, const Context& context) {
  term.zones = context.zones;
  term.first_words = context.first_words;
  term.exclusion = exclusion_;
  if (!language.empty()) term.language = language_index(language);
  Node node;
  node.kind = NodeKind::kTerm;
  node.positional = true;
  node.payload = static_cast<std::uint32_t>(set_->terms.size());
  node.frequency = frequency * zone_share(term.zones);
  const std::size_t before = set_->nodes.size();
  const std::uint64_t marks = std::uint64_t{term.feature} << 32 | std::uint64_t{term.zones} << 8 |
                              (term.pattern ? 2U : 0U) | (term.exact ? 1U : 0U);
  const std::uint64_t around = std::uint64_t{term.exclusion} << 32 | term.language;
  const std::uint64_t hash = hash_combine(hash_combine(marks, around), term.first_words);
  const Result result = intern(node, {}, hash, [&](const Node& other) {
    return same_term(set_->terms[other.payload], term, shown);
  });
  if (set_->nodes.size() > before) {
    term.text = keep(shown);
    set_->terms.push_back(term);
  }
  return result;
}

bool Compiler::same_term(const Term& a, const Term& b, std::string_view shown) const {
  return a.feature == b.feature && a.zones == b.zones && a.exact == b.exact &&
         a.pattern == b.pattern && a.first_words == b.first_words && a.exclusion == b.exclusion &&
         a.language == b.language && (!a.exact || set_->text(a.text) == shown);
}

// Fills in what a predicate asks for, by its kind: `value` becomes its normal form.
std::expected<Node, Compiler::Failure> Compiler::resolve(const QueryNode& query_node,
                                                         const ProfileText& text,
                                                         std::string& value, Predicate& made) {
  const auto wrong = [&](std::string message, const std::string& cure) {
    return fail(text, query_node.begin, std::move(message), cure);
  };
  Node node;
  node.frequency = 0.1F;
  switch (query_node.predicate) {
    case PredicateKind::kRegion:
    case PredicateKind::kMentions: {
      const auto set = resolve_region(value);
      if (!set) return wrong("unknown region '" + value + "'", set.error());
      const bool mentions = query_node.predicate == PredicateKind::kMentions;
      node.kind = mentions ? NodeKind::kMentions : NodeKind::kRegion;
      node.positional = mentions;
      const float share = std::min(0.02F * static_cast<float>(set->count()), 0.45F);
      node.frequency = mentions ? share * 2 : share;
      made.number = country_set(*set);
      break;
    }
    case PredicateKind::kTopic: {
      const auto id = resolve_topic(value);
      if (!id) return wrong("unknown topic '" + value + "'", id.error());
      node.kind = NodeKind::kTopic;
      made.number = *id;
      break;
    }
    case PredicateKind::kLabel:
      node.kind = NodeKind::kLabel;
      break;
    case PredicateKind::kLanguage:
      node.kind = NodeKind::kLanguage;
      for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      if (value.size() < 2 || value.size() > 3 ||
          value.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos) {
        return wrong("'" + query_node.text + "' is no language",
                     "use a primary subtag of BCP 47: en, ko, pt, zh");
      }
      value = same_language(value);
      node.frequency = value == "en" ? 0.5F : 0.1F;
      break;
    case PredicateKind::kSource:
      node.kind = NodeKind::kSource;
      value = folded(value);
      keep_words(value);
      if (value.empty()) return wrong("the source has no letters", "source:\"Yonhap\"");
      break;
    case PredicateKind::kUrgency:
      node.kind = NodeKind::kUrgency;
      node.frequency = 0.3F;
      break;
    case PredicateKind::kSignal: {
      const auto signal = resolve_signal(value);
      if (!signal) {
        return wrong("unknown signal '" + value + "'",
                     "none, update, correction, refile, repeat or kill");
      }
      node.kind = NodeKind::kSignal;
      made.number = static_cast<std::uint32_t>(*signal);
      break;
    }
    case PredicateKind::kGenre:
      node.kind = NodeKind::kGenre;
      break;
  }
  return node;
}

std::uint32_t Compiler::country_set(const CountrySet& set) {
  const auto next = static_cast<std::uint32_t>(set_->country_sets.size());
  const auto [known, inserted] = country_set_ids_.try_emplace(set.to_string(), next);
  if (inserted) set_->country_sets.push_back(set);
  return known->second;
}

Compiler::Result Compiler::predicate(const QueryNode& query_node, const ProfileText& text,
                                     const Context& context) {
  const bool mentions = query_node.predicate == PredicateKind::kMentions;
  if (context.zoned && !mentions) {
    return fail(text, query_node.begin, "zones apply to words and mentions:, not to this",
                "write it outside the zone, or mentions:KP for places named there");
  }
  Predicate made;
  made.comparison = query_node.comparison;
  made.value = query_node.value;
  std::string value = query_node.text;
  auto node = resolve(query_node, text, value, made);
  if (!node) return std::unexpected(Failure{});
  if (mentions || node->kind == NodeKind::kRegion) made.zones = context.zones;
  // Kinds whose number does not say all have it in their text.
  const bool named = node->kind == NodeKind::kLabel || node->kind == NodeKind::kLanguage ||
                     node->kind == NodeKind::kSource || node->kind == NodeKind::kGenre;
  std::uint64_t hash = named ? hash_bytes(value) : made.number;
  hash = hash_combine(hash, std::bit_cast<std::uint32_t>(made.value));
  hash = hash_combine(hash,
                      std::uint64_t{made.zones} << 8 | static_cast<std::uint64_t>(made.comparison));
  node->payload = static_cast<std::uint32_t>(set_->predicates.size());
  const std::size_t before = set_->nodes.size();
  const Result result = intern(*node, {}, hash, [&](const Node& other) {
    const Predicate& known = set_->predicates[other.payload];
    return known.zones == made.zones && known.comparison == made.comparison &&
           known.value == made.value && known.number == made.number &&
           (!named || set_->text(known.text) == value);
  });
  if (set_->nodes.size() > before) {
    std::string_view shown(text.text);
    shown = shown.substr(query_node.begin, query_node.end - query_node.begin);
    made.text = keep(value);
    made.shown = keep(shown);
    set_->predicates.push_back(made);
  }
  return result;
}

Compiler::Result Compiler::intern(Node node, std::span<const std::uint32_t> children) {
  return intern(node, children, 0, [](const Node&) { return true; });
}

// Whether positions of such a node span what lies between its parts.
bool Compiler::is_window(const Node& node, std::span<const std::uint32_t> children) const {
  const auto child_is = [this](std::uint32_t child) { return set_->nodes[child].window; };
  if (node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast) {
    return std::any_of(children.begin(), children.end(), child_is);
  }
  if (node.kind == NodeKind::kTimes || is_apart(node.kind)) return child_is(children[0]);
  return node.kind == NodeKind::kAnd || is_together(node.kind);
}

}  // namespace wirewatch::profile_internal
