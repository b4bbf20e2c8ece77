#include "common/profile/profile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/profile/profile_compiler.h"
#include "common/profile/profile_evaluator.h"
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

std::string operator_text(const Node& node) {
  switch (node.kind) {
    case NodeKind::kAnd:
      return " AND ";
    case NodeKind::kOr:
      return " OR ";
    case NodeKind::kNear:
      return " NEAR/" + std::to_string(node.number) + " ";
    case NodeKind::kOrderedNear:
      return " ONEAR/" + std::to_string(node.number) + " ";
    case NodeKind::kSentence:
      return " SENTENCE ";
    case NodeKind::kParagraph:
      return " PARAGRAPH ";
    case NodeKind::kNotNear:
      return " NOT NEAR/" + std::to_string(node.number) + " ";
    case NodeKind::kNotSentence:
      return " NOT SENTENCE ";
    case NodeKind::kNotParagraph:
      return " NOT PARAGRAPH ";
    case NodeKind::kNotIn:
      return " NOT IN ";
    default:
      return ", ";
  }
}

template <typename Value>
std::size_t bytes_of(const std::vector<Value>& values) {
  return values.capacity() * sizeof(Value);
}

}  // namespace

std::string to_text(const ProfileError& error) {
  return error.origin + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) +
         ": " + error.message;
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
  return node.child_count == 0 ? text(predicates[node.payload].shown) : std::string_view();
}

void ProfileSet::Compiled::describe(std::uint32_t index, std::string& out,
                                    std::size_t size_max) const {
  const Node& node = nodes[index];
  if (node.kind == NodeKind::kTerm) {
    const Term& term = terms[node.payload];
    if (term.first_words > 0) out += "first/" + std::to_string(term.first_words) + ":";
    out += zone_prefix(term.zones);
    const std::string_view words = clause(index);
    const bool regex = term.pattern && words.starts_with('/');
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
  if (node.kind == NodeKind::kNot) out += "NOT ";
  if (node.kind == NodeKind::kTimes) out += "times/" + std::to_string(node.number) + ":";
  if (node.kind == NodeKind::kAtLeast) out += "at least " + std::to_string(node.number) + " of ";
  const bool bare = node.kind == NodeKind::kNot || node.kind == NodeKind::kTimes;
  if (!bare) out += '(';
  bool first = true;
  for (const std::uint32_t child : children_of(node)) {
    if (!first) out += operator_text(node);
    first = false;
    if (out.size() >= size_max) {
      out += "…";
      break;
    }
    describe(child, out, size_max);
  }
  if (!bare) out += ')';
}

ProfileSet::ProfileSet() {
  *this = std::move(compile({}).value());
}
ProfileSet::ProfileSet(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
ProfileSet::~ProfileSet() = default;
ProfileSet::ProfileSet(ProfileSet&&) noexcept = default;
ProfileSet& ProfileSet::operator=(ProfileSet&&) noexcept = default;

std::expected<ProfileSet, std::vector<ProfileError>> ProfileSet::compile(
    std::span<const ProfileSource> sources) {
  return Compiler().compile(sources);
}

std::span<const Profile> ProfileSet::profiles() const {
  return compiled_->profiles;
}

std::optional<ProfileIndex> ProfileSet::find(std::string_view id) const {
  const auto where = compiled_->by_id.find(id);
  if (where == compiled_->by_id.end()) return std::nullopt;
  return ProfileIndex(where->second);
}

std::string ProfileSet::version() const {
  return compiled_->version;
}
std::size_t ProfileSet::phrase_count() const {
  return compiled_->phrase_count;
}
std::size_t ProfileSet::node_count() const {
  return compiled_->nodes.size();
}

std::size_t ProfileSet::memory_bytes() const {
  const Compiled& c = *compiled_;
  std::size_t bytes =
      sizeof(Compiled) + c.lexicon.memory_bytes() + bytes_of(c.nodes) + bytes_of(c.children) +
      bytes_of(c.terms) + bytes_of(c.predicates) + bytes_of(c.weighted) + bytes_of(c.weights) +
      bytes_of(c.profiles) + bytes_of(c.roots) + bytes_of(c.feature_postings.begins) +
      bytes_of(c.feature_postings.values) + bytes_of(c.about_postings.values) +
      bytes_of(c.mention_postings.values) + bytes_of(c.group_profiles.begins) +
      bytes_of(c.group_profiles.values) + bytes_of(c.wide.begins) + bytes_of(c.wide.values) +
      bytes_of(c.wide_positions) + c.pattern_index.memory_bytes() + bytes_of(c.country_sets) +
      c.texts.capacity();
  // One entry of the id table: key, value, chain pointer, hash.
  constexpr std::size_t kEntryBytes = 40;
  bytes += c.by_id.size() * kEntryBytes;
  for (const WordPattern& pattern : c.patterns) bytes += pattern.memory_bytes();
  for (const auto& set : c.exclusions) bytes += bytes_of(set) + sizeof(set);
  return bytes;
}

ProfileScratch::ProfileScratch() : buffers_(std::make_unique<Buffers>()) {}
ProfileScratch::~ProfileScratch() = default;
ProfileScratch::ProfileScratch(ProfileScratch&&) noexcept = default;
ProfileScratch& ProfileScratch::operator=(ProfileScratch&&) noexcept = default;

}  // namespace wirewatch
