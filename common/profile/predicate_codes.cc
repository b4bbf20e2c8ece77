#include "common/profile/predicate_codes.h"

#include <array>
#include <vector>

#include "common/base/closest_name.h"
#include "common/profile/query_parser.h"
#include "common/region/country_codes.h"
#include "common/topic/topic.h"

namespace wirewatch::profile_internal {

namespace {

struct GroupName {
  std::string_view code;
  std::string_view name;
};
// UN M49 groups by their English names.
constexpr std::array<GroupName, 30> kGroups = {{
    {"001", "World"},
    {"002", "Africa"},
    {"015", "Northern Africa"},
    {"202", "Sub-Saharan Africa"},
    {"014", "Eastern Africa"},
    {"017", "Middle Africa"},
    {"018", "Southern Africa"},
    {"011", "Western Africa"},
    {"019", "Americas"},
    {"419", "Latin America and the Caribbean"},
    {"029", "Caribbean"},
    {"013", "Central America"},
    {"005", "South America"},
    {"021", "Northern America"},
    {"142", "Asia"},
    {"143", "Central Asia"},
    {"030", "Eastern Asia"},
    {"035", "South-eastern Asia"},
    {"034", "Southern Asia"},
    {"145", "Western Asia"},
    {"150", "Europe"},
    {"151", "Eastern Europe"},
    {"154", "Northern Europe"},
    {"039", "Southern Europe"},
    {"155", "Western Europe"},
    {"009", "Oceania"},
    {"053", "Australia and New Zealand"},
    {"054", "Melanesia"},
    {"057", "Micronesia"},
    {"061", "Polynesia"},
}};

// What people write, and ISO 3166 and UN M49 do not have.
struct RegionCure {
  std::string_view name;
  std::string_view cure;
};
constexpr std::array<RegionCure, 4> kRegionCures = {{
    {"UK", "the United Kingdom is GB"},
    {"EU", "no such group is in UN M49; Europe is 150, or name the member states"},
    {"EL", "Greece is GR"},
    {"ASEAN", "no such group is in UN M49; South-eastern Asia is 035"},
}};

struct TopicAlias {
  std::string_view name;
  std::uint32_t id;
};
// Short names of the seventeen top-level Media Topics.
constexpr std::array<TopicAlias, 17> kTopicAliases = {{
    {"arts", 1000000},
    {"crime", 2000000},
    {"disaster", 3000000},
    {"economy", 4000000},
    {"education", 5000000},
    {"environment", 6000000},
    {"health", 7000000},
    {"human-interest", 8000000},
    {"labour", 9000000},
    {"lifestyle", 10000000},
    {"politics", 11000000},
    {"religion", 12000000},
    {"science", 13000000},
    {"society", 14000000},
    {"sport", 15000000},
    {"conflict", 16000000},
    {"weather", 17000000},
}};
// Media Topics below the top level are numbered upwards from here.
constexpr std::uint32_t kTopicDeepBegin = 20'000'000;
constexpr std::uint32_t kTopicDeepEnd = 20'002'000;

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// "kp" and "prk" in capitals, "30" in three digits; empty when that is no code either.
std::string code_as_written(std::string_view name) {
  const bool digits = name.find_first_not_of("0123456789") == std::string_view::npos;
  std::string code = (digits && name.size() < 3 ? std::string(3 - name.size(), '0') : "");
  for (const char c : name) code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return code != name && resolve_region(code) ? code : std::string();
}

template <typename Visitor>
void for_each_country(Visitor&& visit) {
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const std::array<char, 2> letters = {first, second};
      const CountryCode code(std::string_view(letters.data(), letters.size()));
      if (!country_name(code).empty()) visit(code);
    }
  }
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known,
                       std::string otherwise) {
  const std::string_view close = closest_name(name, known);
  return close.empty() ? std::move(otherwise) : "did you mean \"" + std::string(close) + "\"?";
}

constexpr std::array<std::pair<std::string_view, Signal>, 6> kSignals = {{
    {"none", Signal::kNone},
    {"update", Signal::kUpdate},
    {"correction", Signal::kCorrection},
    {"refile", Signal::kRefile},
    {"repeat", Signal::kRepeat},
    {"kill", Signal::kKill},
}};

}  // namespace

std::expected<CountrySet, std::string> resolve_region(std::string_view name) {
  CountrySet set;
  std::string_view group;
  for (const GroupName& entry : kGroups) {
    if (name == entry.code || same_name(name, entry.name)) group = entry.code;
  }
  std::vector<std::string_view> known;
  for_each_country([&](CountryCode code) {
    known.push_back(country_name(code));
    if (group.empty()) {
      if (name == code.text() || same_name(name, country_name(code))) set.set(code.index());
      return;
    }
    for (const std::string_view region : m49_regions(code)) {
      if (region == group) set.set(code.index());
    }
  });
  if (const CountryCode code = country_of_code(name); set.none() && !code.empty()) {
    set.set(code.index());
  }
  if (set.any()) return set;
  for (const GroupName& entry : kGroups) known.push_back(entry.name);
  if (name.size() <= 3) {
    if (const std::string code = code_as_written(name); !code.empty()) {
      return std::unexpected("codes have capitals, or three digits: " + code);
    }
  }
  for (const RegionCure& entry : kRegionCures) {
    if (same_name(name, entry.name)) return std::unexpected(std::string(entry.cure));
  }
  return std::unexpected(suggestion(
      name, known, "use an ISO 3166 code (KP), a UN M49 code (030) or an English name in quotes"));
}

std::expected<std::uint32_t, std::string> resolve_topic(std::string_view name) {
  const std::string_view bare = name.starts_with("medtop:") ? name.substr(7) : name;
  std::vector<std::string_view> known;
  for (const TopicAlias& alias : kTopicAliases) {
    const std::string_view title = topic_name(TopicId(alias.id));
    if (same_name(bare, alias.name) || (!title.empty() && same_name(bare, title))) return alias.id;
    known.push_back(alias.name);
    if (!title.empty()) known.push_back(title);
  }
  if (bare.size() == 8 && bare.find_first_not_of("0123456789") == std::string_view::npos) {
    std::uint32_t id = 0;
    for (const char c : bare) id = id * 10 + static_cast<std::uint32_t>(c - '0');
    for (const TopicAlias& alias : kTopicAliases) {
      if (alias.id == id) return id;
    }
    if (!topic_name(TopicId(id)).empty()) return id;
    return std::unexpected("Media Topics have eight digits, 11000000 or 20000xxx; see cv.iptc.org");
  }
  for (std::uint32_t id = kTopicDeepBegin; id < kTopicDeepEnd; ++id) {
    const std::string_view title = topic_name(TopicId(id));
    if (title.empty()) continue;
    if (same_name(bare, title)) return id;
    known.push_back(title);
  }
  return std::unexpected(
      suggestion(bare, known,
                 "use politics, conflict, disaster, economy, health …, or a Media Topic's number"));
}

std::optional<Signal> resolve_signal(std::string_view name) {
  for (const auto& [known, signal] : kSignals) {
    if (known == name) return signal;
  }
  return std::nullopt;
}

std::string_view signal_name(Signal signal) {
  for (const auto& [name, known] : kSignals) {
    if (known == signal) return name;
  }
  return "none";
}

}  // namespace wirewatch::profile_internal
