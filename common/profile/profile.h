// Editors' stored questions: the query language, its compiler, and the matcher.
//
//   const auto set = ProfileSet::compile(sources);           // or the errors
//   const ProfileMatcher matcher(*set);
//   matcher.match({text, article, regions, topics}, scratch, matches);
//
// The language is in README.md. A ProfileSet is immutable; const calls from any thread, one scratch
// and result each. Matching is sub-linear in the number of profiles: one pass finds the terms of
// all profiles, and only profiles with a required term or predicate among them are evaluated.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article.h"
#include "common/base/strong_id.h"
#include "common/lexicon/lexicon.h"
#include "common/region/region.h"
#include "common/text/article_text.h"
#include "common/topic/topic.h"

namespace wirewatch {

using ProfileIndex = StrongId<struct ProfileIndexTag>;

enum class AlertLevel : std::uint8_t { kFlash, kUrgent, kAlert, kInfo };
[[nodiscard]] std::string_view to_string(AlertLevel level);

// An article that a profile must or must not match; `wirewatch test` and the tests run it.
struct ProfileExample {
  bool must_match = true;
  std::string headline;
  std::string body;
  std::string language;
  std::size_t line = 0;
};

// A profile as its editor wrote it.
struct ProfileSource {
  std::string id;  // Lower-case letters, digits and hyphens; also the Kafka key of its alerts.
  std::string title;
  AlertLevel level = AlertLevel::kAlert;
  std::string destination;       // Topic of the desk that gets the alerts; may be empty.
  std::uint32_t cooldown_s = 0;  // For the alerter.
  std::string query;
  double threshold = 1.0;  // Score that the evidence must reach. >= 0.
  std::vector<std::pair<std::string, std::string>> expressions;  // Named parts: `$name` in queries.
  std::vector<std::string> exclude;  // Phrases in which terms do not count.
  std::vector<ProfileExample> examples;
  std::string origin;          // File, for messages.
  std::size_t query_line = 1;  // Line of the query in that file.
};

struct ProfileError {
  std::string origin;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;  // What is wrong and what cures it.
};

struct Profile {
  std::string id;
  std::string title;
  AlertLevel level = AlertLevel::kAlert;
  std::string destination;
  std::uint32_t cooldown_s = 0;
  double threshold = 1.0;
  std::string version;  // 16 hexadecimal digits of a hash of its content.
};

struct Evidence {
  std::string_view clause;  // The term as the profile has it. Lives as long as the ProfileSet.
  SourceSpan span;
  Zone zone = Zone::kBody;
  float weight = 0;
};

struct ProfileMatch {
  ProfileIndex profile;
  float score = 0;
  float threshold = 0;
  std::uint32_t evidence_begin = 0;  // Into ProfileMatches::evidence.
  std::uint32_t evidence_end = 0;
};

struct ProfileMatches {
  std::vector<ProfileMatch> matches;  // In order of the profile set.
  std::vector<Evidence> evidence;
  std::uint32_t candidate_count = 0;  // Profiles that were evaluated.
};

struct ProfileInput {
  const ArticleText& text;  // With zones.
  const Article& article;
  const RegionResult& regions;
  const TopicResult& topics;
};

class ProfileSet {
 public:
  [[nodiscard]] static std::expected<ProfileSet, std::vector<ProfileError>> compile(
      std::span<const ProfileSource> sources);

  ProfileSet();
  ~ProfileSet();
  ProfileSet(ProfileSet&&) noexcept;
  ProfileSet& operator=(ProfileSet&&) noexcept;

  [[nodiscard]] std::span<const Profile> profiles() const;
  [[nodiscard]] const Profile& profile(ProfileIndex index) const {
    return profiles()[index.value()];
  }
  // Hash over all profiles, 16 hexadecimal digits.
  [[nodiscard]] std::string version() const;

 private:
  friend class ProfileMatcher;
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

struct ProfileScratch {
  std::vector<PhraseHit> hits;
  std::vector<std::uint32_t> first;  // By phrase: first of its hits in `next`, or none.
  std::vector<std::uint32_t> next;   // By hit.
  std::vector<std::uint8_t> usable;  // By hit: zone counts and no exclusion covers it.
  std::vector<std::uint8_t> zones;   // By hit.
  std::vector<std::uint32_t> candidates;
  std::vector<std::uint8_t> is_candidate;                         // By profile.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> evidence;  // (term, hit) of one profile.
};

class ProfileMatcher {
 public:
  explicit ProfileMatcher(const ProfileSet& set) : set_(set) {}
  explicit ProfileMatcher(ProfileSet&&) = delete;  // Would dangle.

  // Overwrites `matches`.
  void match(const ProfileInput& input, ProfileScratch& scratch, ProfileMatches& matches) const;

  // Tells in lines of text why a profile matches an article or not: every clause with its outcome
  // and its evidence. Allocates; for people.
  [[nodiscard]] std::string explain(ProfileIndex profile, const ProfileInput& input,
                                    ProfileScratch& scratch) const;

  // At most this many pieces of evidence stand in one match, one per term first.
  static constexpr std::size_t kEvidenceMax = 20;

 private:
  void prepare(const ProfileInput& input, ProfileScratch& scratch) const;
  const ProfileSet& set_;
};

}  // namespace wirewatch
