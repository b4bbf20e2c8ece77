#include "tests/profile/reference_evaluator.h"

#include <algorithm>
#include <regex>
#include <string_view>

#include <gtest/gtest.h>

#include "common/text/proclitics.h"

namespace wirewatch {

using namespace profile_internal;

ReferenceEvaluator::ReferenceEvaluator(const ProfileInput& input,
                                       const std::vector<std::string>& exclusions)
    : input_(input) {
  for (const std::string& phrase : exclusions) {
    for (const Span& span : occurrences(phrase)) excluded_.push_back(span);
  }
}

bool ReferenceEvaluator::holds(const std::string& query) {
  const auto tree = parse_query(query);
  EXPECT_TRUE(tree) << query;
  return tree && evaluate(*tree, tree->root, kZonesDefault, 0).truth;
}

std::uint8_t ReferenceEvaluator::zone_of(std::uint32_t token) const {
  const ZoneSpan& zone = input_.text.zones()[input_.text.zone_index(token)];
  return zone.repeated ? kZoneRepeated
                       : static_cast<std::uint8_t>(1U << static_cast<unsigned>(zone.zone));
}

bool ReferenceEvaluator::same_field(std::uint32_t a, std::uint32_t b) const {
  const std::uint32_t border = input_.text.headline_token_count();
  return (a < border) == (b < border);
}

namespace {

std::size_t character_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

bool fits(std::string_view pattern, std::string_view word) {
  if (pattern.empty()) return word.empty();
  const char first = pattern[0];
  const std::string_view rest = pattern.substr(1);
  if ((first == '*' || first == '%') && fits(rest, word)) return true;
  if (word.empty()) return false;
  const std::string_view left = word.substr(character_size(word));
  if (first == '*') return fits(pattern, left);
  if (first == '?' || first == '%') return fits(rest, left);
  return first == word[0] && fits(rest, word.substr(1));
}

// A wildcard that is no plain ending.
bool is_pattern(std::string_view words) {
  return words.find_first_of("*?%") < words.size() - 1 || words.ends_with('?') ||
         words.ends_with('%');
}

}  // namespace

ReferenceEvaluator::Spans ReferenceEvaluator::pattern_occurrences(const std::string& word,
                                                                  bool regex) const {
  const std::regex expression(regex ? word : "");
  Spans found;
  for (std::uint32_t token = 0; token < input_.text.token_count(); ++token) {
    const std::string folded(input_.text.folded(token));
    const bool equal = regex ? std::regex_match(folded, expression) : fits(word, folded);
    if (equal) found.push_back({token, token + 1});
  }
  return found;
}

// Of the words and of their forms; the article's language is unknown, so that there are some.
ReferenceEvaluator::Spans ReferenceEvaluator::occurrences(const std::string& words) const {
  if (words.starts_with('/')) return pattern_occurrences(words.substr(1), true);
  if (is_pattern(words)) return pattern_occurrences(words, false);
  std::vector<std::string> forms = {words};
  append_proclitic_forms(words, {.article = true, .pairs = true}, forms);
  Spans found;
  for (const std::string& form : forms) {
    for (const Span& span : occurrences_of(form)) found.push_back(span);
  }
  std::sort(found.begin(), found.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  return found;
}

// Words are compared as text, token by token.
ReferenceEvaluator::Spans ReferenceEvaluator::occurrences_of(const std::string& words) const {
  struct Word {
    std::string text;
    bool prefix = false;
  };
  std::vector<Word> wanted;
  std::string folded;
  fold(words, folded);
  const auto is_word = [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9');
  };
  for (std::size_t at = 0; at < folded.size();) {
    while (at < folded.size() && !is_word(folded[at])) ++at;
    std::size_t end = at;
    while (end < folded.size() && is_word(folded[end])) ++end;
    if (end > at) {
      wanted.push_back({folded.substr(at, end - at), end < folded.size() && folded[end] == '*'});
    }
    at = end;
  }
  const ArticleText& text = input_.text;
  Spans found;
  for (std::uint32_t begin = 0; begin + wanted.size() <= text.token_count(); ++begin) {
    bool equal =
        text.starts_word(begin) || text.folded(begin)[0] < '\xEA' || text.folded(begin).size() != 3;
    for (std::uint32_t i = 0; equal && i < wanted.size(); ++i) {
      const std::string_view token = text.folded(begin + i);
      equal = wanted[i].prefix ? token.starts_with(wanted[i].text) : token == wanted[i].text;
      if (i == 0) continue;
      const std::string_view gap = text.gap_before(begin + i);
      equal = equal && begin + i != text.headline_token_count() &&
              std::count(gap.begin(), gap.end(), '\n') < 2;
    }
    if (equal) found.push_back({begin, begin + static_cast<std::uint32_t>(wanted.size())});
  }
  return found;
}

ReferenceEvaluator::Spans ReferenceEvaluator::find(const std::string& words, std::uint8_t zones,
                                                   std::uint32_t first) const {
  std::uint32_t text_begin = input_.text.headline_token_count();
  for (const ZoneSpan& zone : input_.text.zones()) {
    if (zone.zone == Zone::kDateline) text_begin = zone.token_end;
  }
  Spans spans;
  for (const Span& span : occurrences(words)) {
    if ((zone_of(span.begin) & zones) == 0) continue;
    if (first > 0 && span.begin >= text_begin && span.begin - text_begin >= first) continue;
    const bool excluded = std::any_of(excluded_.begin(), excluded_.end(), [&](const Span& other) {
      const bool longer = span.begin <= other.begin && other.end <= span.end && !(other == span);
      return other.begin < span.end && span.begin < other.end && !longer;
    });
    if (!excluded) spans.push_back(span);
  }
  return spans;
}

// Spans that contain no other.
ReferenceEvaluator::Spans ReferenceEvaluator::minimal(const Spans& spans) {
  Spans kept;
  for (const Span& span : spans) {
    const bool contains = std::any_of(spans.begin(), spans.end(), [&](const Span& other) {
      return !(other == span) && span.begin <= other.begin && other.end <= span.end;
    });
    if (!contains && std::find(kept.begin(), kept.end(), span) == kept.end()) kept.push_back(span);
  }
  return kept;
}

// For a before b, apart.
bool ReferenceEvaluator::in_order(const QueryNode& node, const Span& a, const Span& b) const {
  if (a.end > b.begin) return false;
  if (node.op == QueryOp::kSentence) return input_.text.same_sentence(a.begin, b.end - 1);
  if (node.op == QueryOp::kParagraph) return input_.text.same_paragraph(a.begin, b.end - 1);
  return same_field(a.begin, b.begin) && b.begin - a.end <= node.number;
}

ReferenceEvaluator::Value ReferenceEvaluator::together(const QueryNode& node, const Value& a,
                                                       const Value& b) const {
  Value value;
  value.positional = value.window = true;
  const auto inside = [&](const Span& inner, const Span& window) {
    if (inner.begin <= window.begin || inner.end >= window.end) return false;
    if (node.op == QueryOp::kSentence) {
      return input_.text.same_sentence(window.begin, window.end - 1);
    }
    return node.op != QueryOp::kParagraph ||
           input_.text.same_paragraph(window.begin, window.end - 1);
  };
  for (const Span& x : a.spans) {
    for (const Span& y : b.spans) {
      if (in_order(node, x, y)) value.spans.push_back({x.begin, y.end});
      if (node.op == QueryOp::kOrderedNear) continue;
      if (in_order(node, y, x)) value.spans.push_back({y.begin, x.end});
      if (a.window && inside(y, x)) value.spans.push_back(x);
      if (b.window && inside(x, y)) value.spans.push_back(y);
    }
  }
  value.spans = minimal(value.spans);
  value.truth = !value.spans.empty();
  return value;
}

bool ReferenceEvaluator::near(const QueryNode& node, const Span& a, const Span& b) const {
  const std::uint32_t first = std::min(a.begin, b.begin);
  const std::uint32_t last = std::max(a.end, b.end) - 1;
  switch (node.op) {
    case QueryOp::kNotIn:
      return a.begin < b.end && b.begin < a.end;
    case QueryOp::kNotSentence:
      return input_.text.same_sentence(first, last);
    case QueryOp::kNotParagraph:
      return input_.text.same_paragraph(first, last);
    default:
      return same_field(a.begin, b.begin) && a.begin <= b.end + node.number &&
             b.begin <= a.end + node.number;
  }
}

ReferenceEvaluator::Value ReferenceEvaluator::apart(const Tree& tree, const QueryNode& node,
                                                    const Value& a, std::uint8_t zones,
                                                    std::uint32_t first) {
  // Alternatives at the right are held apart one by one.
  std::vector<std::uint32_t> others = {node.children[1]};
  for (std::size_t i = 0; i < others.size(); ++i) {
    const QueryNode other = tree.nodes[others[i]];
    if (other.op != QueryOp::kOr) continue;
    others[i] = other.children[0];
    others.insert(others.end(), other.children.begin() + 1, other.children.end());
    --i;
  }
  Value value = a;
  for (const std::uint32_t other : others) {
    const Value b = evaluate(tree, other, zones, first);
    std::erase_if(value.spans, [&](const Span& x) {
      return std::any_of(b.spans.begin(), b.spans.end(),
                         [&](const Span& y) { return near(node, x, y); });
    });
  }
  value.truth = !value.spans.empty();
  return value;
}

ReferenceEvaluator::Value ReferenceEvaluator::evaluate(const Tree& tree, std::uint32_t index,
                                                       std::uint8_t zones, std::uint32_t first) {
  const QueryNode& node = tree.nodes[index];
  Value value;
  if (node.op == QueryOp::kTerm || node.op == QueryOp::kRegex) {
    const std::string mark = node.op == QueryOp::kRegex ? "/" : "";
    value.spans = minimal(find(mark + node.text, zones, first));
    value.truth = !value.spans.empty();
    value.positional = true;
    return value;
  }
  if (node.op == QueryOp::kZone) return evaluate(tree, node.children[0], node.zones, first);
  if (node.op == QueryOp::kFirst) return evaluate(tree, node.children[0], zones, node.number);
  std::vector<Value> children;
  for (const std::uint32_t child : node.children) {
    children.push_back(evaluate(tree, child, zones, first));
  }
  const auto met = static_cast<std::size_t>(std::count_if(
      children.begin(), children.end(), [](const Value& child) { return child.truth; }));
  switch (node.op) {
    case QueryOp::kNot:
      value.truth = met == 0;
      return value;
    case QueryOp::kAnd: {
      value.truth = met == children.size();
      value.window = true;
      bool begun = false;
      for (const Value& child : children) {
        if (!child.positional) continue;
        value.positional = true;
        Spans windows;
        for (const Span& x : value.spans) {
          for (const Span& y : child.spans) {
            if (same_field(x.begin, y.begin)) {
              windows.push_back({std::min(x.begin, y.begin), std::max(x.end, y.end)});
            }
          }
        }
        value.spans = begun ? minimal(windows) : child.spans;
        begun = true;
      }
      if (!value.truth) value.spans.clear();
      return value;
    }
    case QueryOp::kOr:
    case QueryOp::kAtLeast: {
      value.truth = met >= (node.op == QueryOp::kOr ? 1U : node.number);
      value.positional = true;
      for (const Value& child : children) {
        value.positional = value.positional && child.positional;
        value.window = value.window || child.window;
        value.spans.insert(value.spans.end(), child.spans.begin(), child.spans.end());
      }
      value.spans = value.truth ? minimal(value.spans) : Spans{};
      return value;
    }
    case QueryOp::kTimes:
      value = children[0];
      value.truth = value.spans.size() >= node.number;
      if (!value.truth) value.spans.clear();
      return value;
    case QueryOp::kNear:
    case QueryOp::kOrderedNear:
    case QueryOp::kSentence:
    case QueryOp::kParagraph:
      return together(node, children[0], children[1]);
    default:
      return apart(tree, node, children[0], zones, first);
  }
}

}  // namespace wirewatch
