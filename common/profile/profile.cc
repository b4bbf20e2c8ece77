#include "common/profile/profile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/profile/profile_tables.h"

namespace wirewatch {

namespace {

using namespace profile_internal;

constexpr std::array<std::pair<AlertLevel, std::string_view>, 4> kLevels = {{
    {AlertLevel::kFlash, "flash"},
    {AlertLevel::kUrgent, "urgent"},
    {AlertLevel::kAlert, "alert"},
    {AlertLevel::kInfo, "info"},
}};

std::string_view zone_prefix(std::uint8_t zones) {
  switch (zones) {
    case kZonesDefault:
      return "";
    case kZoneHeadline:
      return "headline:";
    case kZoneLede:
      return "lede:";
    case kZoneDateline:
      return "dateline:";
    case kZoneTail:
      return "tail:";
    case kZoneLede | kZoneBody:
      return "body:";
    case kZoneHeadline | kZoneLede:
      return "top:";
    case kZonesAll:
      return "anywhere:";
    default:
      return "zone:";
  }
}

}  // namespace

std::string profile_internal::operator_text(const Node& node) {
  const auto with = [&node](std::string_view name) {
    return std::string(name) + std::to_string(node.number);
  };
  switch (node.kind) {
    case NodeKind::kAnd:
      return "AND";
    case NodeKind::kOr:
      return "OR";
    case NodeKind::kNot:
      return "NOT";
    case NodeKind::kAtLeast:
      return with("at least ") + " of";
    case NodeKind::kTimes:
      return with("times/");
    case NodeKind::kNear:
      return with("NEAR/");
    case NodeKind::kOrderedNear:
      return with("ONEAR/");
    case NodeKind::kSentence:
      return "SENTENCE";
    case NodeKind::kParagraph:
      return "PARAGRAPH";
    case NodeKind::kNotNear:
      return with("NOT NEAR/");
    case NodeKind::kNotSentence:
      return "NOT SENTENCE";
    case NodeKind::kNotParagraph:
      return "NOT PARAGRAPH";
    case NodeKind::kNotIn:
      return "NOT IN";
    default:
      return {};
  }
}

std::string to_text(const ProfileError& error) {
  std::string place = error.origin;
  if (error.line > 0) place += ":" + std::to_string(error.line);
  if (error.line > 0 && error.column > 0) place += ":" + std::to_string(error.column);
  return place + ": " + error.message;
}

std::string_view to_string(AlertLevel level) {
  for (const auto& [value, name] : kLevels) {
    if (value == level) return name;
  }
  return "alert";
}

std::optional<AlertLevel> parse_alert_level(std::string_view name) {
  for (const auto& [value, known] : kLevels) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string_view ProfileSet::Compiled::clause(std::uint32_t index) const {
  const Node& node = nodes[index];
  if (node.kind == NodeKind::kTerm) return text(terms[node.payload].text);
  if (node.kind == NodeKind::kWeighted) return text(weighted[node.payload].name);
  if (is_phrase(node)) return text(phrases[node.payload - 1]);
  return node.child_count == 0 ? text(predicates[node.payload].shown) : std::string_view();
}

const Term& ProfileSet::Compiled::first_term(std::uint32_t index) const {
  while (nodes[index].child_count > 0) index = children_of(nodes[index])[0];
  return terms[nodes[index].payload];
}

std::string_view ProfileSet::Compiled::joint(std::uint32_t index) const {
  const Node& node = nodes[index];
  if (node.number == 0) return text(plain_operators[static_cast<std::size_t>(node.kind)]);
  const auto known = operators.find({node.kind, node.number});
  return known == operators.end() ? std::string_view() : text(known->second);
}

void ProfileSet::Compiled::describe(std::uint32_t index, std::string& out, std::size_t size_max,
                                    std::span<const NamedNode> shown_by_name) const {
  const Node& node = nodes[index];
  const auto named = std::ranges::find(shown_by_name, index, &NamedNode::node);
  if (node.child_count > 0 && named != shown_by_name.end()) {
    const Node& first = nodes[children_of(node)[0]];
    const bool of_terms = node.kind == NodeKind::kOr && first.kind == NodeKind::kTerm;
    if (of_terms) out += zone_prefix(terms[first.payload].zones);
    out += text(named->name);
    return;
  }
  if (node.kind == NodeKind::kTerm || is_phrase(node)) {
    const Term& term = first_term(index);
    if (term.first_words > 0) out += "first/" + std::to_string(term.first_words) + ":";
    out += zone_prefix(term.zones);
    const std::string_view words = clause(index);
    const bool regex = node.kind == NodeKind::kTerm && term.pattern && words.starts_with('/');
    if (term.exact) out += '=';
    if (!regex) out += '"';
    out += words;
    if (!regex) out += '"';
    return;
  }
  if (node.kind == NodeKind::kMentions) out += zone_prefix(predicates[node.payload].zones);
  if (node.child_count == 0 || node.kind == NodeKind::kWeighted) {
    out += clause(index);
    return;
  }
  const bool before = node.kind == NodeKind::kNot || node.kind == NodeKind::kTimes;
  const bool counted = node.kind == NodeKind::kAtLeast;
  if (before || counted) out += operator_text(node);
  if (before) out += node.kind == NodeKind::kTimes ? ':' : ' ';
  if (counted) out += ' ';
  if (!before) out += '(';
  const std::string between = counted ? ", " : " " + operator_text(node) + " ";
  bool first = true;
  for (const std::uint32_t child : children_of(node)) {
    if (!first) out += between;
    first = false;
    if (out.size() >= size_max) {
      out += "…";
      break;
    }
    describe(child, out, size_max, shown_by_name);
  }
  if (!before) out += ')';
}

}  // namespace wirewatch
