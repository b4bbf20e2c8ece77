#include "common/profile_store/profile_toml.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <toml++/toml.h>

#include "common/base/closest_name.h"
#include "common/base/language_codes.h"
#include "common/base/toml_cure.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

using Keys = std::vector<std::string_view>;

constexpr std::uint32_t kCooldownMaxS = 604'800;  // A week.

std::string cure_for(std::string_view key, const Keys& known) {
  const std::string_view close = closest_name(key, known);
  if (!close.empty()) return "did you mean '" + std::string(close) + "'?";
  std::string cure = "there are";
  for (const std::string_view candidate : known) {
    cure += (candidate == known.front() ? " " : ", ") + std::string(candidate);
  }
  return cure;
}

// "90s", "30m", "6h", "1d" → seconds.
std::optional<std::uint32_t> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<char, std::uint32_t>, 4> kUnits = {
      {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
  constexpr std::size_t kDigitsMax = 6;
  std::uint32_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && at < kDigitsMax; ++at) {
    value = value * 10 + static_cast<std::uint32_t>(text[at] - '0');
  }
  if (at == 0 || at + 1 != text.size()) return std::nullopt;
  for (const auto& [unit, seconds] : kUnits) {
    if (text[at] == unit && value <= kCooldownMaxS / seconds) return value * seconds;
  }
  return std::nullopt;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// A primary subtag of BCP 47, as far as its form tells.
bool is_language(std::string_view tag) {
  return (tag.size() == 2 || tag.size() == 3) &&
         std::all_of(tag.begin(), tag.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// "did you mean 'ko'? " of "Korean", "EN" or "pt-BR"; empty when nothing is near.
std::string language_cure(std::string_view tag) {
  struct Named {
    std::string_view name;
    std::string_view code;
  };
  static constexpr std::array<Named, 19> kNames = {{{"arabic", "ar"},
                                                    {"chinese", "zh"},
                                                    {"english", "en"},
                                                    {"french", "fr"},
                                                    {"german", "de"},
                                                    {"hindi", "hi"},
                                                    {"indonesian", "id"},
                                                    {"italian", "it"},
                                                    {"japanese", "ja"},
                                                    {"korean", "ko"},
                                                    {"persian", "fa"},
                                                    {"polish", "pl"},
                                                    {"portuguese", "pt"},
                                                    {"russian", "ru"},
                                                    {"spanish", "es"},
                                                    {"swahili", "sw"},
                                                    {"turkish", "tr"},
                                                    {"ukrainian", "uk"},
                                                    {"vietnamese", "vi"}}};
  std::string code(known_language(tag.substr(0, tag.find_first_of("-_"))));
  if (code.empty()) {
    Keys names;
    for (const Named& entry : kNames) names.push_back(entry.name);
    const std::string_view close = closest_name(tag, names);
    for (const Named& entry : kNames) {
      if (entry.name == close) code = entry.code;
    }
  }
  return code.empty() ? "" : "did you mean '" + code + "'? ";
}

class Reader {
 public:
  Reader(std::string_view toml, std::string_view origin) : origin_(origin) {
    for (std::size_t at = 0; at <= toml.size();) {
      const std::size_t end = std::min(toml.find('\n', at), toml.size());
      lines_.push_back(toml.substr(at, end - at));
      at = end + 1;
    }
  }

  std::optional<toml::table> parse(std::string_view toml) {
    if (toml.size() > kProfileFileBytesMax) {
      fail(1, 1, "the file is too large; at most 4 MiB");
      return std::nullopt;
    }
    try {
      return toml::parse(toml, origin_);
    } catch (const toml::parse_error& error) {
      const toml::source_position place = error.source().begin;
      fail(place.line, place.column,
           with_toml_cure(error.description(), toml, place.line, place.column));
      return std::nullopt;
    }
  }

  void read_profile(const toml::table& table, ProfileSource& profile) {
    check_keys(
        table,
        {"id", "title", "description", "owner", "level", "destination", "cooldown", "cooldown_s",
         "query", "threshold", "exclude", "expressions", "terms", "weighted", "examples"},
        "");
    profile.origin = origin_;
    if (const toml::node* id = table.get("id")) profile.id = text_of(*id, "id").text;
    profile.title = text_of(table, "title").text;
    profile.description = text_of(table, "description").text;
    profile.owner = text_of(table, "owner").text;
    profile.destination = text_of(table, "destination").text;
    profile.query = text_of(table, "query");
    if (profile.title.empty()) missing(table, "title", "title = \"North Korea\"");
    if (profile.query.text.empty()) {
      missing(table, "query", "query = '''headline:\"north korea\"'''");
    }
    read_level(table, profile);
    read_cooldown(table, profile);
    if (const toml::node* threshold = table.get("threshold")) {
      const std::optional<float> value = number_of(*threshold);
      if (value && *value < 0) fail(*threshold, "the threshold must be 0 or more");
      profile.threshold = static_cast<double>(value.value_or(1));
    }
    if (const toml::node* exclude = table.get("exclude")) {
      for_each_text(*exclude, "exclude",
                    [&](ProfileText text) { profile.exclude.push_back(std::move(text)); });
    }
    read_definitions(table, profile.expressions, profile.term_lists);
    read_examples(table, profile.examples);
  }

  void read_library(const toml::table& table, ProfileLibrary& library) {
    check_keys(table, {"expressions", "terms", "weighted"}, "");
    read_definitions(table, library.expressions, library.term_lists);
    const auto share = [this](auto& definitions) {
      for (auto& definition : definitions) {
        definition.shared = true;
        definition.origin = origin_;
      }
    };
    share(library.expressions);
    share(library.term_lists);
  }

  [[nodiscard]] std::vector<ProfileError>& errors() { return errors_; }

 private:
  void fail(std::size_t line, std::size_t column, std::string message) {
    constexpr std::size_t kErrorMax = 50;
    if (errors_.size() < kErrorMax) {
      errors_.push_back({origin_, line, column, std::move(message)});
    }
  }
  void fail(const toml::source_region& where, std::string message) {
    fail(where.begin.line, where.begin.column, std::move(message));
  }
  void fail(const toml::node& where, std::string message) {
    fail(where.source(), std::move(message));
  }

  void check_keys(const toml::table& table, const Keys& known, const std::string& within) {
    for (const auto& [key, value] : table) {
      const std::string_view name = key.str();
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      fail(key.source(),
           "unknown key \"" + std::string(name) + "\"" + within + "; " + cure_for(name, known));
    }
  }

  // In TOML all that stands behind "[expressions]" is of that table: a key that has slipped there
  // is named in its place. One that is there and no text has been named already.
  void missing(const toml::table& table, std::string_view key, std::string_view cure) {
    const toml::node* own = table.get(key);
    if (own != nullptr && !own->is_string()) return;
    const toml::key* slipped = own == nullptr ? find_below(table, key) : nullptr;
    if (slipped == nullptr) {
      fail(1, 1, "a " + std::string(key) + " is missing; " + std::string(cure));
    } else {
      fail(slipped->source(), "this " + std::string(key) +
                                  " is of the [table] above it, and not the profile's; put it "
                                  "before the first line in brackets");
    }
  }

  // A key of that name in a table below `table`, or nullptr.
  static const toml::key* find_below(const toml::table& table, std::string_view key) {
    const auto in = [key](const toml::node& node) -> const toml::key* {
      const toml::table* inner = node.as_table();
      if (inner == nullptr) return nullptr;
      const auto found = inner->find(key);
      return found == inner->cend() ? find_below(*inner, key) : &found->first;
    };
    for (const auto& [name, value] : table) {
      if (const toml::key* found = in(value)) return found;
      const toml::array* entries = value.as_array();
      if (entries == nullptr) continue;
      for (const toml::node& entry : *entries) {
        if (const toml::key* found = in(entry)) return found;
      }
    }
    return nullptr;
  }

  // A string and the place of its first character, behind the opening quotes.
  ProfileText text_of(const toml::node& node, std::string_view key) {
    const auto* value = node.as_string();
    if (value == nullptr) {
      fail(node, std::string(key) + " must be a text; put it in quotes");
      return {};
    }
    ProfileText text{value->get(), node.source().begin.line, node.source().begin.column};
    if (text.line == 0 || text.line > lines_.size()) return text;
    const std::string_view line = lines_[text.line - 1];
    std::size_t at = 0;
    std::size_t column = 1;
    while (at < line.size() && column < text.column) {
      ++at;
      while (at < line.size() && is_continuation(line[at])) ++at;
      ++column;
    }
    const std::string_view rest = line.substr(at);
    const bool triple = rest.starts_with("\"\"\"") || rest.starts_with("'''");
    const std::size_t quotes = triple ? 3 : 1;
    const std::string_view content = rest.substr(std::min(quotes, rest.size()));
    if (triple && content.find_first_not_of('\r') == std::string_view::npos) {
      // The line end right behind the quotes is no part of the text.
      ++text.line;
      text.column = 1;
    } else {
      text.column += quotes;
    }
    return text;
  }

  ProfileText text_of(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    return node == nullptr ? ProfileText{} : text_of(*node, key);
  }

  std::optional<float> number_of(const toml::node& node) {
    constexpr double kNumberMax = 1e6;
    const std::optional<double> value = node.value<double>();
    if (!value || !node.is_number() || !(std::abs(*value) <= kNumberMax)) {
      fail(node, "a number was expected; for example 2 or -1.5");
      return std::nullopt;
    }
    return static_cast<float>(*value);
  }

  template <typename Take>
  void for_each_text(const toml::node& node, std::string_view key, Take&& take) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      fail(node, std::string(key) + " must be a list of texts; write [\"a\", \"b\"]");
      return;
    }
    for (const toml::node& entry : *array) take(text_of(entry, key));
  }

  void read_level(const toml::table& table, ProfileSource& profile) {
    const toml::node* node = table.get("level");
    if (node == nullptr) return;
    const std::string name = text_of(*node, "level").text;
    if (!node->is_string()) return;
    const std::optional<AlertLevel> level = parse_alert_level(name);
    if (!level) {
      fail(*node,
           "unknown level '" + name + "'; " + cure_for(name, {"flash", "urgent", "alert", "info"}));
    }
    profile.level = level.value_or(AlertLevel::kAlert);
  }

  void read_cooldown(const toml::table& table, ProfileSource& profile) {
    const toml::node* both = table.get("cooldown");
    if (both != nullptr && table.get("cooldown_s") != nullptr) {
      const toml::source_position first = both->source().begin;
      fail(*table.get("cooldown_s"), "cooldown_s and cooldown (line " + std::to_string(first.line) +
                                         ") are the same setting; keep one of the two");
      return;
    }
    if (const toml::node* node = table.get("cooldown")) {
      const std::string text = text_of(*node, "cooldown").text;
      if (!node->is_string()) return;
      const std::optional<std::uint32_t> seconds = parse_duration(text);
      if (!seconds) fail(*node, "'" + text + "' is no duration; write 90s, 30m, 6h or 7d at most");
      profile.cooldown_s = seconds.value_or(0);
    }
    if (const toml::node* node = table.get("cooldown_s")) {
      const std::optional<std::int64_t> seconds = node->value<std::int64_t>();
      if (!seconds || *seconds < 0 || *seconds > kCooldownMaxS) {
        fail(*node, "cooldown_s must be 0 to 604800 seconds");
      } else {
        profile.cooldown_s = static_cast<std::uint32_t>(*seconds);
      }
    }
  }

  // The table under `key`; anything else there is reported.
  const toml::table* table_of(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return nullptr;
    const toml::table* found = node->as_table();
    if (found == nullptr)
      fail(*node, std::string(key) + " must be a table; write [" + std::string(key) + "]");
    return found;
  }

  // Expressions and lists share one set of names.
  void check_name(const toml::key& key, std::vector<std::string>& names) {
    const std::string_view name = key.str();
    if (!is_plain_name(name)) {
      fail(key.source(),
           "'" + std::string(name) + "' is no usable name; letters, digits, '_', '-'");
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      fail(key.source(), "the name '" + std::string(name) +
                             "' is used twice; expressions and lists share one set of names");
    }
    names.emplace_back(name);
  }

  void read_definitions(const toml::table& table, std::vector<ProfileExpression>& expressions,
                        std::vector<ProfileTermList>& lists) {
    std::vector<std::string> names;
    if (const toml::table* entries = table_of(table, "expressions")) {
      for (const auto& [key, value] : *entries) {
        check_name(key, names);
        expressions.push_back({std::string(key.str()), text_of(value, key.str()), false});
      }
    }
    if (const toml::table* entries = table_of(table, "terms")) {
      for (const auto& [key, value] : *entries) {
        check_name(key, names);
        read_terms(key, value, lists);
      }
    }
    if (const toml::table* entries = table_of(table, "weighted")) {
      for (const auto& [key, value] : *entries) {
        check_name(key, names);
        read_weighted(key, value, lists);
      }
    }
  }

  static ProfileTermList new_list(const toml::key& key) {
    ProfileTermList list;
    list.name = key.str();
    list.line = key.source().begin.line;
    list.column = key.source().begin.column;
    return list;
  }

  // A list, or a table of lists by language. Terms under "de" are found in every article, those
  // under "de-only" only in German ones and in those of unknown language.
  void read_terms(const toml::key& key, const toml::node& value,
                  std::vector<ProfileTermList>& lists) {
    ProfileTermList list = new_list(key);
    const auto take = [&](const toml::node& node, std::string_view name,
                          const std::string& language, const std::string& listed) {
      for_each_text(node, name, [&](ProfileText text) {
        list.terms.push_back({std::move(text), 1, language, listed});
      });
    };
    const toml::table* languages = value.as_table();
    if (languages == nullptr) {
      take(value, key.str(), "", "");
    } else {
      for (const auto& [language, terms] : *languages) {
        constexpr std::string_view kOnly = "-only";
        std::string_view tag = language.str();
        const bool only = tag.ends_with(kOnly);
        if (only) tag.remove_suffix(kOnly.size());
        if (!is_language(tag)) {
          fail(language.source(), "'" + std::string(language.str()) + "' is no language; " +
                                      language_cure(tag) +
                                      "use codes of BCP 47: en, ko; or de-only");
        }
        take(terms, language.str(), only ? std::string(tag) : std::string(), std::string(tag));
      }
    }
    lists.push_back(std::move(list));
  }

  // Of a weighted term: it counts only in articles of the language and in those of unknown
  // language.
  std::string language_of(const toml::node& node) {
    std::string tag = text_of(node, "a language").text;
    if (node.is_string() && !is_language(tag)) {
      fail(node, "'" + tag + "' is no language; " + language_cure(tag) +
                     "the third part of a weighted term is a code of BCP 47: en, ko");
    }
    return tag;
  }

  void read_weighted(const toml::key& key, const toml::node& value,
                     std::vector<ProfileTermList>& lists) {
    const toml::table* table = value.as_table();
    if (table == nullptr) {
      fail(value, "a weighted list is a table; [weighted.name] with threshold and terms");
      return;
    }
    check_keys(*table, {"threshold", "occurrence_max", "terms"}, " in a weighted list");
    ProfileTermList list = new_list(key);
    list.weighted = true;
    if (const toml::node* threshold = table->get("threshold")) {
      list.threshold = number_of(*threshold).value_or(1);
    } else {
      fail(list.line, list.column, "the list has no threshold; threshold = 5");
    }
    if (const toml::node* most = table->get("occurrence_max")) {
      constexpr float kOccurrencesLimit = 1000;
      const float number = number_of(*most).value_or(1);
      const bool fits = number >= 1 && number <= kOccurrencesLimit;
      if (!fits) fail(*most, "occurrence_max must be 1 to 1000");
      list.occurrence_max = fits ? static_cast<std::uint32_t>(number) : 1;
    }
    const toml::node* terms = table->get("terms");
    const toml::array* entries = terms == nullptr ? nullptr : terms->as_array();
    if (entries == nullptr) {
      fail(list.line, list.column,
           "the list has no terms; terms = [[\"earthquake*\", 3], [\"film\", -2]]");
    } else {
      for (const toml::node& entry : *entries) read_weight(entry, list);
    }
    lists.push_back(std::move(list));
  }

  // [term, weight] or [term, weight, language].
  void read_weight(const toml::node& entry, ProfileTermList& list) {
    const toml::array* parts = entry.as_array();
    if (parts == nullptr || parts->size() < 2 || parts->size() > 3) {
      fail(entry, "a weighted term is [term, weight]; for example [\"earthquake*\", 3]");
      return;
    }
    ProfileTerm term;
    term.text = text_of(*parts->get(0), "a term");
    term.weight = number_of(*parts->get(1)).value_or(1);
    if (parts->size() == 3) term.language = language_of(*parts->get(2));
    list.terms.push_back(std::move(term));
  }

  void read_examples(const toml::table& table, std::vector<ProfileExample>& examples) {
    const toml::node* node = table.get("examples");
    if (node == nullptr) return;
    const toml::array* entries = node->as_array();
    if (entries == nullptr) {
      fail(*node, "examples are written as [[examples]]");
      return;
    }
    for (const toml::node& entry : *entries) {
      const toml::table* fields = entry.as_table();
      if (fields == nullptr) {
        fail(entry, "examples are written as [[examples]]");
        continue;
      }
      check_keys(*fields, {"match", "headline", "body", "language"}, " in an example");
      ProfileExample example;
      const toml::node* match = fields->get("match");
      const std::optional<bool> must_match = match == nullptr ? std::nullopt : match->value<bool>();
      if (!must_match) fail(entry, "an example says match = true or match = false");
      example.must_match = must_match.value_or(true);
      example.headline = text_of(*fields, "headline").text;
      example.body = text_of(*fields, "body").text;
      example.language = text_of(*fields, "language").text;
      example.line = fields->source().begin.line;
      if (example.headline.empty() && example.body.empty()) {
        fail(entry, "the example has no text; headline = \"…\"");
      }
      examples.push_back(std::move(example));
    }
  }

  std::string origin_;
  std::vector<std::string_view> lines_;
  std::vector<ProfileError> errors_;
};

template <typename Definition>
void add_shared(std::vector<Definition>& own, const std::vector<Definition>& shared,
                const std::vector<std::string>& taken) {
  for (const Definition& definition : shared) {
    if (std::find(taken.begin(), taken.end(), definition.name) == taken.end()) {
      own.push_back(definition);
    }
  }
}

}  // namespace

std::expected<ProfileSource, std::vector<ProfileError>> parse_profile(
    std::string_view toml, std::string_view id, std::string_view origin,
    const ProfileLibrary& library) {
  Reader reader(toml, origin);
  ProfileSource profile;
  profile.id = id;
  if (const std::optional<toml::table> table = reader.parse(toml)) {
    reader.read_profile(*table, profile);
  }
  if (!reader.errors().empty()) return std::unexpected(std::move(reader.errors()));
  std::vector<std::string> taken;
  for (const ProfileExpression& expression : profile.expressions) taken.push_back(expression.name);
  for (const ProfileTermList& list : profile.term_lists) taken.push_back(list.name);
  add_shared(profile.expressions, library.expressions, taken);
  add_shared(profile.term_lists, library.term_lists, taken);
  return profile;
}

std::expected<ProfileLibrary, std::vector<ProfileError>> parse_profile_library(
    std::string_view toml, std::string_view origin) {
  Reader reader(toml, origin);
  ProfileLibrary library;
  if (const std::optional<toml::table> table = reader.parse(toml)) {
    reader.read_library(*table, library);
  }
  if (!reader.errors().empty()) return std::unexpected(std::move(reader.errors()));
  return library;
}

}  // namespace wirewatch
