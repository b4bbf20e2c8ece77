#include "common/profile/profile_compiler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/closest_name.h"
#include "common/base/hash.h"
#include "common/base/hexadecimal.h"
#include "common/base/language_codes.h"
#include "common/base/utf8.h"
#include "common/text/proclitics.h"

namespace wirewatch::profile_internal {

namespace {

bool is_plain_name(std::string_view name, std::string_view extra) {
  constexpr std::size_t kNameMax = 200;
  return !name.empty() && name.size() <= kNameMax &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                  extra.find(c) != std::string_view::npos;
         });
}

}  // namespace

Compiler::Compiler(const WordFrequencies* frequencies)
    : frequencies_(frequencies), set_(std::make_unique<ProfileSet::Compiled>()) {
  set_->names.begins = {0};
}

std::expected<std::shared_ptr<const ProfileSet::Compiled>, std::vector<ProfileError>>
Compiler::compile(std::span<const ProfileSource* const> sources, std::vector<Profile>& profiles) {
  profiles_ = &profiles;
  for (const ProfileSource* source : sources) {
    compile_profile(*source);
    if (errors_.size() >= ProfileSet::kErrorMax) break;
  }
  if (!errors_.empty()) return std::unexpected(std::move(errors_));
  add_attached_forms();
  set_->lexicon = lexicon_.build();
  // Patterns are features after the phrases, whose number is only known now.
  for (Term& term : set_->terms) {
    if (term.pattern) term.feature += set_->phrase_count;
  }
  set_->pattern_index = PatternIndex(set_->patterns);
  build_presearch(*set_);
  // They grow by doubling, and live long.
  const auto shrink = [](auto&... tables) { (tables.shrink_to_fit(), ...); };
  shrink(set_->nodes, set_->children, set_->terms, set_->predicates, set_->weights, set_->roots,
         set_->names.values, set_->names.begins, set_->texts);
  return std::shared_ptr<const ProfileSet::Compiled>(std::move(set_));
}

std::unexpected<Compiler::Failure> Compiler::fail(const ProfileText& where, std::size_t offset,
                                                  std::string message, const std::string& cure) {
  if (errors_.size() >= ProfileSet::kErrorMax) return std::unexpected(Failure{});
  ProfileError error{std::string(origin_), where.line, where.column, std::move(message)};
  if (!cure.empty()) error.message += "; " + cure;
  if (where.line > 0) {
    for (const char c : std::string_view(where.text).substr(0, offset)) {
      if (c == '\n') {
        ++error.line;
        error.column = 1;
      } else if (!is_continuation(c)) {
        ++error.column;
      }
    }
  }
  // What profiles share is at fault for each of them, and told once.
  const bool told = std::any_of(errors_.begin(), errors_.end(), [&](const ProfileError& other) {
    return other.origin == error.origin && other.line == error.line &&
           other.column == error.column && other.message == error.message;
  });
  if (!told) errors_.push_back(std::move(error));
  return std::unexpected(Failure{});
}

TextRange Compiler::keep(std::string_view text) {
  const auto [index, added] =
      texts_.find_or_add(hash_bytes(text), kept_.size(),
                         [&](std::uint32_t other) { return set_->text(kept_[other]) == text; });
  if (added) {
    kept_.push_back(
        {static_cast<std::uint32_t>(set_->texts.size()), static_cast<std::uint32_t>(text.size())});
    set_->texts += text;
  }
  return kept_[index];
}

std::uint32_t Compiler::language_index(std::string_view code) {
  const std::string_view language = same_language(code);
  const auto next = static_cast<std::uint32_t>(set_->languages.size());
  const auto [where, inserted] = languages_.try_emplace(std::string(language), next);
  if (inserted) set_->languages.emplace_back(language);
  return where->second;
}

void Compiler::know_phrase(PhraseId id, std::string_view words) {
  set_->phrase_count = std::max(set_->phrase_count, id.value() + 1);
  std::vector<std::string> forms;
  append_proclitic_forms(words, {.article = true, .pairs = true}, forms);
  for (std::string& form : forms) forms_.emplace_back(std::move(form), id);
}

// Behind all other phrases, so that the terms of a list have numbers that follow each other: these
// are asked for 64 at a time.
void Compiler::add_attached_forms() {
  std::vector<AttachedForm>& attached = set_->attached;
  for (const auto& [form, id] : forms_) {
    const std::optional<PhraseId> phrase = lexicon_.add(form);
    if (!phrase || *phrase == id) continue;
    set_->phrase_count = std::max(set_->phrase_count, phrase->value() + 1);
    attached.push_back({phrase->value(), id.value()});
  }
  std::sort(attached.begin(), attached.end());
  attached.erase(std::unique(attached.begin(), attached.end()), attached.end());
}

// False when another profile has it.
bool Compiler::know_id(std::string_view id) {
  const bool added = ids_.find_or_add(hash_bytes(id), id_names_.size(),
                                      [&](std::uint32_t other) { return id_names_[other] == id; })
                         .second;
  if (added) id_names_.push_back(id);
  return added;
}

void Compiler::check_header(const ProfileSource& source) {
  const ProfileText top{"", source.line, 1};
  if (!is_plain_name(source.id, "")) {
    fail(top, 0, "the id '" + source.id + "' is not usable",
         "lower-case letters, digits and hyphens, e.g. north-korea");
  } else if (!know_id(source.id)) {
    fail(top, 0, "the id '" + source.id + "' is taken by another profile",
         "give every beat its own id");
  }
  if (source.title.empty()) fail(top, 0, "the title is missing", "title = \"North Korea\"");
  if (!source.destination.empty() &&
      !is_plain_name(source.destination, "._ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    fail(top, 0, "the destination '" + source.destination + "' is no Kafka topic name",
         "letters, digits, '.', '_' and '-'");
  }
  if (!(source.threshold >= 0)) {
    fail(top, 0, "the threshold must be 0 or more", "2 leaves out a passing mention");
  }
}

void Compiler::compile_profile(const ProfileSource& source) {
  source_ = &source;
  origin_ = source.origin;
  expanded_.clear();
  used_.clear();
  open_.clear();
  names_.clear();
  const std::size_t errors_before = errors_.size();
  check_header(source);
  exclusion_ = exclusion_set(source);
  const Result root = query(source.query, {});
  const std::uint32_t names = keep_names();
  compile_unused_names(source);
  if (!root || errors_.size() > errors_before) return;
  profiles_->push_back({.id = source.id,
                        .title = source.title,
                        .destination = source.destination,
                        .threshold = source.threshold,
                        .version = {hexadecimal(version_of(source))},
                        .cooldown_s = source.cooldown_s,
                        .level = source.level});
  // The score is that of a weighted list which the query is or requires.
  Children required = {*root};
  if (set_->nodes[*root].kind == NodeKind::kAnd) {
    const auto children = set_->children_of(set_->nodes[*root]);
    required.assign(children.begin(), children.end());
  }
  const auto list = std::find_if(required.begin(), required.end(), [this](std::uint32_t child) {
    return set_->nodes[child].kind == NodeKind::kWeighted;
  });
  set_->roots.push_back({*root, list == required.end() ? kNone : *list,
                         static_cast<float>(source.threshold), names, kNone});
}

// The row of the names that the query has used, kNone without any: what stands for more first, of
// equals the one that was complete later.
std::uint32_t Compiler::keep_names() {
  if (names_.empty()) return kNone;
  for (NamedNode& name : names_) {
    const Node& node = set_->nodes[name.node];
    name.kind = node.kind;
    name.child_count = node.child_count;
    for (const std::uint32_t child : set_->children_of(node)) {
      name.child_min = std::min(name.child_min, child);
      name.child_max = std::max(name.child_max, child);
    }
  }
  std::reverse(names_.begin(), names_.end());
  std::stable_sort(names_.begin(), names_.end(), [](const NamedNode& a, const NamedNode& b) {
    return a.child_count > b.child_count;
  });
  set_->names.values.insert(set_->names.values.end(), names_.begin(), names_.end());
  set_->names.begins.push_back(static_cast<std::uint32_t>(set_->names.values.size()));
  return static_cast<std::uint32_t>(set_->names.begins.size() - 2);
}

// Names that the query does not use are compiled too, so that a typing error in them is seen today
// and not when somebody begins to use them.
void Compiler::compile_unused_names(const ProfileSource& source) {
  const std::set<std::string, std::less<>> used = used_;
  for (const ProfileExpression& expression : source.expressions) {
    if (expression.shared || used.contains(expression.name)) continue;
    QueryNode node;
    node.op = QueryOp::kReference;
    node.text = expression.name;
    static_cast<void>(reference(node, expression.query, {}));
  }
  used_ = used;
}

std::uint32_t Compiler::exclusion_set(const ProfileSource& source) {
  std::vector<std::uint32_t> features;
  for (const ProfileText& exclusion : source.exclude) {
    if (!is_plain(exclusion)) continue;
    const std::optional<PhraseId> id = lexicon_.add(exclusion.text);
    if (!id) {
      fail(exclusion, 0, "this exclusion has nothing to search for",
           "write a phrase, e.g. \"Korea House\"");
      continue;
    }
    know_phrase(*id, exclusion.text);
    features.push_back(id->value());
  }
  if (features.empty()) return kNone;
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  const auto next = static_cast<std::uint32_t>(set_->exclusions.size());
  const auto [where, inserted] = exclusion_ids_.try_emplace(features, next);
  if (inserted) set_->exclusions.push_back(std::move(features));
  return where->second;
}

std::uint64_t Compiler::version_of(const ProfileSource& source) const {
  std::string content;
  const auto add = [&content](std::string_view part) {
    append_bytes(content, part.size());
    content += part;
  };
  add(source.id);
  add(source.title);
  add(source.destination);
  add(to_string(source.level));
  append_bytes(content, source.cooldown_s);
  append_bytes(content, source.threshold);
  add(source.query.text);
  for (const ProfileText& exclusion : source.exclude) add(exclusion.text);
  for (const ProfileExpression& expression : source.expressions) {
    if (!used_.contains(expression.name)) continue;
    add(expression.name);
    add(expression.query.text);
  }
  for (const ProfileTermList& terms : source.term_lists) {
    if (!used_.contains(terms.name)) continue;
    add(terms.name);
    append_bytes(content, terms.threshold);
    append_bytes(content, terms.occurrence_max);
    append_bytes(content, terms.weighted);
    for (const ProfileTerm& term : terms.terms) {
      add(term.text.text);
      add(term.language);
      add(term.listed);
      append_bytes(content, term.weight);
    }
  }
  return hash_bytes(content);
}

}  // namespace wirewatch::profile_internal
