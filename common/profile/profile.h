// Editors' stored questions: what they are, their compiled set, and the matcher.
//
//   const auto set = ProfileSet::compile(sources);  // or the errors, with line, column and cure
//   const ProfileMatcher matcher(*set);
//   ProfileScratch scratch;                         // one per thread, reused
//   ProfileMatches matches;
//   matcher.match({text, article, regions, topics}, scratch, matches);
//
// The language is in README.md. All terms of all profiles are one Lexicon; equal sub-expressions of
// all profiles are one node, evaluated once per article; every profile is filed under the rarest
// things that an article must show for it to match. A pass over the article's words finds the terms
// and with them the candidates, and each candidate is verified exactly.
//
// Threads: a ProfileSet is immutable, const calls from any thread; one scratch and result each.
// Cost of a match: a pass over the tokens, plus the hits, plus the candidates; not the number of
// profiles. Nothing is allocated once the buffers have grown.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article.h"
#include "common/base/strong_id.h"
#include "common/region/region.h"
#include "common/text/article_text.h"
#include "common/topic/topic.h"

namespace wirewatch {

class WordFrequencies;

// Position of a profile in its set: profiles are numbered as their sources were given.
using ProfileIndex = StrongId<struct ProfileIndexTag>;

// How loud an alert is, loudest first.
enum class AlertLevel : std::uint8_t { kFlash, kUrgent, kAlert, kInfo };
[[nodiscard]] std::string_view to_string(AlertLevel level);
[[nodiscard]] std::optional<AlertLevel> parse_alert_level(std::string_view name);

// A piece of text and where its first character stands in its file. Lines and columns count from 1,
// columns in characters; 0 means unknown.
struct ProfileText {
  std::string text;
  std::size_t line = 0;
  std::size_t column = 0;
};

// `$name` in a query.
struct ProfileExpression {
  std::string name;
  ProfileText query;
  bool shared = false;   // From a file that all profiles share; need not be used.
  std::string origin{};  // That file, for messages; empty: the profile's.
};

struct ProfileTerm {
  ProfileText text;      // A word or phrase, "korea*"; with '=' before it letter for letter.
  float weight = 1;      // Only read in weighted lists; may be negative.
  std::string language;  // "de": counts only in articles of that (or unknown) language. Empty: any.
  std::string listed{};  // "de": `$list.de` takes it. Empty: of the list as a whole.
};

// A list of terms, used as `$name`. A plain list holds when any of its terms occurs; a weighted
// list when the weights of its terms that occur add up to the threshold.
struct ProfileTermList {
  std::string name;
  std::vector<ProfileTerm> terms;
  bool weighted = false;
  float threshold = 1;               // > 0; of weighted lists.
  std::uint32_t occurrence_max = 1;  // How many occurrences of one term count. >= 1.
  bool shared = false;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string origin{};  // As that of an expression.
};

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
  std::string description;  // For people, like owner.
  std::string owner;
  AlertLevel level = AlertLevel::kAlert;
  std::string destination;       // Topic of the desk that gets the alerts; may be empty.
  std::uint32_t cooldown_s = 0;  // For the alerter.
  ProfileText query;
  double threshold = 1.0;  // Score that the evidence must reach. >= 0.
  std::vector<ProfileExpression> expressions;
  std::vector<ProfileTermList> term_lists;
  std::vector<ProfileText> exclude;  // No term counts there; see README.md.
  std::vector<ProfileExample> examples;
  std::string origin;    // File, for messages.
  std::size_t line = 1;  // Where the profile begins in it.
};

struct ProfileError {
  std::string origin;
  std::size_t line = 0;  // 0: it concerns the file as a whole.
  std::size_t column = 0;
  std::string message;  // What is wrong and what cures it.
};
// "file:line:column: message", or "file: message"
[[nodiscard]] std::string to_text(const ProfileError& error);

// 16 hexadecimal digits: hash of all that decides what a profile matches and does. No std::string,
// as of millions of profiles these would take more memory than their queries.
struct ProfileVersion {
  std::array<char, 16> digits{};

  [[nodiscard]] std::string_view text() const { return {digits.data(), digits.size()}; }
  friend bool operator==(const ProfileVersion&, const ProfileVersion&) = default;
};

// A compiled profile's outside.
struct Profile {
  std::string id;
  std::string title;
  std::string destination;
  double threshold = 1.0;
  ProfileVersion version;
  std::uint32_t cooldown_s = 0;
  AlertLevel level = AlertLevel::kAlert;
  bool anchored = true;  // False: verified for every article, nothing required is searchable.
};

// One place in the text that is a reason why a profile matched.
struct Evidence {
  std::string_view clause;  // As the profile has it. Lives as long as the ProfileSet.
  SourceSpan span;
  Zone zone = Zone::kBody;
  float weight = 0;  // Of the zone (headline 3, lede 2, else 1), or of the list's term; a region's
                     // salience.
  // What the clause stands in, outermost first, into ProfileMatches::path: operators and the names
  // of expressions and lists ("AND", "$places", "NEAR/5"). A name stands for the AND or OR that it
  // is. Empty where it is no more than one AND or OR.
  std::uint32_t path_begin = 0;
  std::uint32_t path_end = 0;
};

struct ProfileMatch {
  ProfileIndex profile;
  // For a profile that is or requires a weighted list: that list's sum and threshold. Otherwise the
  // sum over its terms of their best zone's weight, which reaches the profile's threshold; a term
  // inside a longer one at the same place adds nothing, and regions and topics add nothing.
  float score = 0;
  float threshold = 0;
  std::uint32_t evidence_begin = 0;  // Into ProfileMatches::reasons.
  std::uint32_t evidence_end = 0;
  // The clause by which presearch found the profile. Lives as long as the ProfileSet; empty when
  // the profile is verified for every article.
  std::string_view presearch;
};

// A profile that was looked at. `steps` is the work of verifying it and of gathering its evidence,
// in nodes and occurrences visited, at least 1; what another profile has evaluated before is free.
struct ProfileCandidate {
  ProfileIndex profile;
  std::uint32_t steps = 0;
};

struct ProfileMatches {
  // The evidence of a match, best first, one of each clause before a second. Lives until the next
  // match().
  [[nodiscard]] auto evidence_of(const ProfileMatch& match) const {
    return std::span(reasons).subspan(match.evidence_begin,
                                      match.evidence_end - match.evidence_begin) |
           std::views::transform(
               [this](std::uint32_t index) -> const Evidence& { return evidence[index]; });
  }

  std::vector<ProfileMatch> matches;         // In order of the profile set.
  std::vector<Evidence> evidence;            // A place may be evidence of many matches.
  std::vector<std::uint32_t> reasons;        // Of each match in a row; indexes of `evidence`.
  std::vector<std::string_view> path;        // Live as long as the ProfileSet.
  std::vector<ProfileCandidate> candidates;  // In order of the profile set.
  std::uint32_t candidate_count = 0;         // candidates.size()
};

struct ProfileInput {
  const ArticleText& text;  // With zones.
  const Article& article;
  const RegionResult& regions;
  const TopicResult& topics;  // The language too: stated ("en-GB", not "eng") or identified.
};

class ProfileSet {
 public:
  struct Compiled;  // Internal, see profile_tables.h.
  struct Data;      // The same.

  // All or nothing. At most kErrorMax errors are collected. Ids must be unique. Not for the hot
  // path: some microseconds per profile.
  // `frequencies` may be null; they decide how fast it matches, not what.
  [[nodiscard]] static std::expected<ProfileSet, std::vector<ProfileError>> compile(
      std::span<const ProfileSource> sources,
      std::shared_ptr<const WordFrequencies> frequencies = nullptr);
  // The same set, for less: of thousands of profiles of which few differ from those of `before`,
  // only these are compiled; the rest is shared with `before`, which need not live on. Every
  // article then passes two sets of tables, until so much has changed that all is compiled anew. By
  // the frequencies that `before` had.
  [[nodiscard]] static std::expected<ProfileSet, std::vector<ProfileError>> compile(
      std::span<const ProfileSource> sources, const ProfileSet& before);
  static constexpr std::size_t kErrorMax = 200;

  ProfileSet();  // No profiles.
  explicit ProfileSet(std::unique_ptr<const Data> data);
  ~ProfileSet();
  ProfileSet(ProfileSet&&) noexcept;
  ProfileSet& operator=(ProfileSet&&) noexcept;

  [[nodiscard]] std::span<const Profile> profiles() const;
  [[nodiscard]] const Profile& profile(ProfileIndex index) const {
    return profiles()[index.value()];
  }
  [[nodiscard]] std::optional<ProfileIndex> find(std::string_view id) const;
  // Those whose sources, with their examples, `before` has not had.
  [[nodiscard]] std::vector<ProfileIndex> changed_since(const ProfileSet& before) const;
  // Hash over all profiles, 16 hexadecimal digits.
  [[nodiscard]] std::string version() const;

  // Sizes, for metrics and reports. memory_bytes() is an estimate.
  [[nodiscard]] std::size_t phrase_count() const;
  [[nodiscard]] std::size_t node_count() const;
  [[nodiscard]] std::size_t memory_bytes() const;

  // Whether every article passes two sets of tables: see compile().
  [[nodiscard]] bool is_layered() const;
  // By which it is filed; may be null.
  [[nodiscard]] std::shared_ptr<const WordFrequencies> frequencies() const;

  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  std::unique_ptr<const Data> data_;
};

// Buffers of one thread; grow to the largest article and set that they have seen.
class ProfileScratch {
 public:
  struct Buffers;  // Internal, see profile_evaluator.h.

  ProfileScratch();
  ~ProfileScratch();
  ProfileScratch(ProfileScratch&&) noexcept;
  ProfileScratch& operator=(ProfileScratch&&) noexcept;

  // Of a layer of the set.
  [[nodiscard]] Buffers& buffers(std::size_t layer) { return *buffers_[layer]; }

 private:
  std::array<std::unique_ptr<Buffers>, 2> buffers_;
};

// Lifetime: holds a reference to the set, which must outlive it.
class ProfileMatcher {
 public:
  explicit ProfileMatcher(const ProfileSet& set) : set_(set) {}
  explicit ProfileMatcher(ProfileSet&&) = delete;  // Would dangle.

  // Overwrites `matches`.
  void match(const ProfileInput& input, ProfileScratch& scratch, ProfileMatches& matches) const;

  // The same by verifying every profile, without presearch. For tests and measurements.
  void match_all(const ProfileInput& input, ProfileScratch& scratch, ProfileMatches& matches) const;

  // Tells in lines of text why a profile matches an article, or what is missing and how near it
  // was. At most kExplainLineMax lines. Allocates; for people.
  [[nodiscard]] std::string explain(ProfileIndex profile, const ProfileInput& input,
                                    ProfileScratch& scratch) const;

  // At most this many pieces of evidence stand in one match.
  static constexpr std::size_t kEvidenceMax = 20;
  static constexpr std::size_t kExplainLineMax = 100;

 private:
  const ProfileSet& set_;
};

}  // namespace wirewatch
