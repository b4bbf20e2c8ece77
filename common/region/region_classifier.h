// Decides which countries an article is about, and which places it mentions.
//
// Names are taken the longest first; what is a person, a street or an ordinary word is left out; of
// several places of one name the text decides: what stands beside it ("Paris, Texas"), which
// countries and states it names otherwise, what lies near, where its source is at home, and last
// the greater place. A country scores by its names: more in the headline and at the beginning,
// nothing in the tail, in a repeated paragraph, or in a dateline that the text does not bear out.
// The rules, with worked examples, are in RULES.md; the names are data, see gazetteer.h.
//
//   const RegionClassifier classifier(gazetteer);
//   classifier.classify(text, {.language = "en"}, scratch, result);
//
// Pure: equal input gives equal output. Const calls from any thread, one scratch and result each.
// Cost: linear in the text plus the names found; nothing is allocated once the buffers have grown.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/gazetteer/gazetteer.h"
#include "common/region/region.h"
#include "common/region/word_model.h"
#include "common/text/article_text.h"

namespace wirewatch {

struct RegionClassifierOptions {
  double salience_min = 0.44;  // Less salient countries are only mentioned. In [0, 1].
  std::size_t about_max = 12;  // Countries given at most. >= 1.
  // Mentions given at most, which bounds the output: names, then sites for which these leave room,
  // the first ones of each. >= 1.
  std::size_t mention_max = 500;
};

// What is known of an article beside its text. May all be empty.
struct RegionContext {
  std::string_view language;  // BCP 47; names of other languages are not looked for.
  std::string_view located;  // Where the content originates: a name of a place or a country's code.
                             // A code that is no country's says nothing.
  std::string_view source;   // Name or domain; where it is at home decides between namesakes.
  // What the feed calls the article's places, keywords and sections. One that is a country's name
  // decides between namesakes, too, and speaks for a town that nothing else points to.
  std::span<const std::string_view> labels{};
};

// Why a name in the text is no mention of a place.
enum class IgnoredReason : std::uint8_t {
  kBlocked,       // A phrase that names no place although a part of it does.
  kPerson,        // "Michael Jordan"
  kStreet,        // "Jordan Street", "Orlando Inc"
  kOrdinaryWord,  // "Reading", where nothing else points to the place.
  kSmallTown,     // A small town's name where nothing else points there.
  kTail,          // It stands in the tail, which is not the article.
  kSilenced,      // The newsroom's own names say that it names nothing.
};
[[nodiscard]] std::string_view to_string(IgnoredReason reason);

struct IgnoredName {
  SourceSpan span;
  IgnoredReason reason = IgnoredReason::kBlocked;
};

// What the salience of a country is computed from. The trained model names them by number.
enum class SalienceFeature : std::uint8_t {
  kShare,              // Of all countries' scores.
  kOfBest,             // Its score by the best one's.
  kScore,              // Sum of its names' weights.
  kHeadline,           // Names in the headline …
  kHeadlineStrong,     // … of these not only cities and subdivisions.
  kOpening,            // Names in the lede and the first tenth.
  kCount,              // Names in all.
  kStrong,             // Of these not only cities and subdivisions.
  kDateline,           // 1 when the dateline names it too, 2 when nothing else does.
  kOthers,             // Other countries with names.
  kFirst,              // Where its first name stands, in [0, 1] …
  kLast,               // … and its last.
  kHome,               // 1 where the source is at home, -1 elsewhere, 0 when that is unknown.
  kTokens,             // Of the article, up to 100: whether it is a brief one.
  kRank,               // Countries with a greater score.
  kHeadlineOthers,     // Other countries in the headline …
  kOpeningOthers,      // … and in the opening.
  kDatelineElsewhere,  // 1 when the dateline names another country.
  kMoneyShare,         // Share of its names that are a currency's ("Swiss francs").
  kNotMoney,           // Names that are not.
  kCountryNames,       // Names by kind.
  kDemonyms,
  kCapitals,
  kBestShare,    // The best country's share.
  kStrongShare,  // Its share of names that are not only cities and subdivisions.
  kHeadlineTokens,
  kWords,  // What other words say for it; only for a country that the dateline alone names.
  kWordsRank,
};
inline constexpr std::size_t kSalienceFeatureCount = 28;
struct SalienceFeatures {
  CountryCode country;
  std::array<float, kSalienceFeatureCount> values{};
};

// For people: filled on request.
struct RegionExplanation {
  std::vector<IgnoredName> ignored;
  std::vector<float> weights;  // What each mention of the result added to its country's score.
  std::vector<SalienceFeatures> features;  // Of each country that was weighed, for training.
  CountryCode home;                        // Of the source.
};

// Memory that is reused from article to article.
struct RegionScratch {
  // One meaning of a name.
  struct Candidate {
    std::uint32_t place = 0;
    std::uint16_t flags = 0;
    std::uint16_t country = 0;
    std::uint16_t admin1 = 0;
    NameKind kind = NameKind::kCountry;
    bool has_coordinates : 1 = false;
    bool is_stem : 1 = false;      // As of GazetteerName …
    std::uint8_t letters : 6 = 0;  // … like these.
    float latitude = 0;
    float longitude = 0;
    float prior = 0;
  };
  // A name in the text.
  struct Name {
    std::uint32_t token_begin = 0;
    std::uint32_t token_end = 0;
    std::uint32_t group = 0;
    std::int32_t forced = -1;  // The candidate that the words beside it tell.
    bool uncounted = false;    // Stands in the name of something else: "Boston Globe".
    bool adjective = false;    // The word is a town's adjective, too: "Киевский" …
    bool demonym = false;      // … or a country's: "Белорусский".
    bool dropped = false;
  };
  // All equal names of the text: one of several places is meant by all of them.
  struct Group {
    std::uint32_t phrase = 0;
    std::int32_t next = -1;  // The one before it whose phrase has the same slot of group_heads.
    std::uint32_t candidate_begin = 0;
    std::uint32_t candidate_count = 0;
    std::uint32_t count = 0;
    std::int32_t chosen = -1;
    float hint = 0;              // What it gives to each subdivision in which it may lie.
    float support = 0;           // What it gives to the country of what it means.
    bool plain_capital = false;  // Capitalised where no sentence begins: hardly an ordinary word.
    bool capital = false;
    bool forced = false;
    bool leads = false;   // One of its places is by far the greatest.
    bool unsure = false;  // It is mentioned, but says nothing of the countries.
    bool owned = false;   // It was asked whose institution it is.
    enum class Sense : std::uint8_t { kUnknown, kName, kWord };
    Sense sense = Sense::kUnknown;  // Whether the text has it in small letters too.
  };
  struct Tally {
    float score = 0;
    float headline = 0;
    float headline_strong = 0;  // Of these not only a city or a subdivision.
    float lede = 0;
    std::uint32_t count = 0;
    std::uint32_t strong = 0;
    std::uint32_t named = 0;  // By kind.
    std::uint32_t capitals = 0;
    std::uint32_t demonyms = 0;
    std::uint32_t money = 0;  // "Swiss francs"
    std::uint32_t opens = 0;  // Its own names in the first sentence; no person's origin.
    std::uint32_t first_token = 0;
    std::uint32_t last_token = 0;
    bool dateline = false;
    bool seen = false;
  };

  // What names no place of the gazetteer but tells of one.
  struct Aside {
    std::uint32_t token_begin = 0;
    std::uint32_t token_end = 0;
    CountryCode
        country;  // Where a firm's shares are listed; empty for a building, street or hamlet.
    std::int32_t name = -1;  // The name that tells where it lies: "Thackerville, Okla."
  };

  std::vector<PhraseHit> hits;
  std::vector<PhraseHit> spare;
  std::vector<Candidate> candidates;
  std::vector<Name> names;
  std::vector<Name> surnames;  // Of leaders, before they are put among the names.
  std::vector<Group> groups;
  std::array<std::int32_t, 256> group_heads{};  // By phrase, modulo: the last group, or -1.
  std::vector<Aside> asides;
  std::vector<PhraseHit> taken;        // Persons and other phrases that are known and no place.
  std::vector<std::uint64_t> persons;  // Hashes of names that were people's.
  // What speaks for a country or a subdivision. Its gain is asked for much oftener than it changes.
  struct Support {
    float sum = 0;
    float gain = 0;  // Of its logarithm; negative while that has not been computed.
  };
  std::array<Support, kCountryIndexCount> country_support{};  // Zero between articles, as the next.
  std::vector<Support> admin1_support;
  std::vector<float> admin1_hints;
  std::array<Tally, kCountryIndexCount> tallies{};
  std::vector<std::uint16_t> seen;    // Countries with a tally.
  std::vector<std::uint16_t> labels;  // Countries that the feed names.
  std::vector<SalienceFeatures> features;
  std::vector<float> saliences;  // One for each of the features.
  ArticleText located;
  WordScratch words;
};

class RegionClassifier {
 public:
  // The gazetteer must outlive the classifier. Options out of range are a programmer's error and
  // end the process.
  explicit RegionClassifier(const Gazetteer& gazetteer, RegionClassifierOptions options = {});
  RegionClassifier(Gazetteer&&, RegionClassifierOptions = {}) = delete;  // Would dangle.

  // What the newsroom's own names call countries. Lives as long as the classifier.
  [[nodiscard]] std::span<const RenamedCountry> renamed_countries() const {
    return renamed_countries_;
  }
  // By these, else by country_name().
  [[nodiscard]] std::string_view name_of(CountryCode country) const;

  // Overwrites `result`, and `explanation` where there is one. The zones of `text` must have been
  // labelled.
  void classify(const ArticleText& text, const RegionContext& context, RegionScratch& scratch,
                RegionResult& result, RegionExplanation* explanation = nullptr) const;

 private:
  struct Work;      // One call's references.
  struct Totals;    // What all countries of an article are to each other.
  struct Meanings;  // Of the same words.
  struct TextCountries;
  class Neighbours;

  static void look_at_case(Work& work);
  void find_names(Work& work) const;
  void find_names_at(Work& work, std::span<const PhraseHit> hits,
                     std::span<const PhraseHit> behind) const;
  [[nodiscard]] std::optional<std::uint16_t> flags_in_text(const Work& work,
                                                           const GazetteerName& name,
                                                           const PhraseHit& hit) const;
  [[nodiscard]] static std::optional<std::uint16_t> seldom_flags_in_text(const Work& work,
                                                                         const GazetteerName& name,
                                                                         const PhraseHit& hit);
  [[nodiscard]] static bool stands_as_adjective(const Work& work, const PhraseHit& hit,
                                                bool capitalised);
  [[nodiscard]] static bool is_state_alone(const Work& work, const PhraseHit& hit);
  static void apply_suffix(Work& work, const GazetteerName& suffix, const PhraseHit& hit);
  [[nodiscard]] static bool is_called_after(const Work& work, const GazetteerName& suffix,
                                            const RegionScratch::Name& name);
  static void mark_uncounted(const GazetteerName& suffix,
                             std::span<const RegionScratch::Candidate> meant,
                             RegionScratch::Name& name);
  [[nodiscard]] static bool names_street(const Work& work, const Meanings& meanings);
  [[nodiscard]] static bool names_accord(const Work& work, const RegionScratch::Name& name);
  static void add_site(Work& work, const PhraseHit& hit);
  static void take_role(Work& work, const GazetteerName& name, const PhraseHit& hit,
                        Meanings& meanings);
  static void add_hamlet_before(Work& work, std::uint32_t covered_end);
  static void add_hamlets_behind(Work& work, const PhraseHit& hit);
  [[nodiscard]] static bool tells_unknown(const Work& work, std::uint32_t token, std::uint32_t end);
  static void add_unknown(Work& work);
  [[nodiscard]] static std::int32_t name_at(const Work& work, std::uint32_t token);
  static void leave_out(Work& work, const Meanings& meanings, IgnoredReason reason);
  static void note_bearer(Work& work, const PhraseHit& hit);
  [[nodiscard]] static bool speaks_of_football(Work& work);
  bool add_shared(Work& work, const Meanings& meanings, std::span<const PhraseHit> behind) const;
  void add_meant(Work& work, const PhraseHit& hit, const Meanings& meanings) const;
  [[nodiscard]] bool is_at_home_only(const GazetteerName& name) const;
  [[nodiscard]] static bool begins_a_word(const Work& work, const GazetteerName& name,
                                          const PhraseHit& hit);
  void add_meanings(Work& work, const PhraseHit& hit, Meanings& meanings) const;
  static void weigh_size(Work& work, Meanings& meanings);
  static void drop_stems(const ArticleText& text, RegionScratch& scratch, Meanings& meanings);
  static void weigh_kinds(const ArticleText& text, RegionScratch& scratch, Meanings& meanings);
  static void note_given(Work& work, const Meanings& meanings, bool is_place);
  [[nodiscard]] bool is_person(const Work& work, const Meanings& meanings,
                               std::span<const PhraseHit> behind) const;
  [[nodiscard]] static bool bears_countrys_name(const Work& work, const Meanings& meanings);
  [[nodiscard]] bool is_person_abroad(const Work& work, const Meanings& meanings,
                                      std::span<const PhraseHit> behind) const;
  [[nodiscard]] bool precedes_given_name(const Work& work, std::uint32_t token,
                                         std::span<const PhraseHit> behind) const;
  static void note_person(Work& work, const Meanings& meanings);
  static bool is_surname_after(const Work& work, std::uint32_t token, bool name_like);
  static void drop_persons(Work& work);
  static void drop_ships(Work& work);
  [[nodiscard]] static bool is_word_here(const Work& work, const PhraseHit& hit,
                                         const RegionScratch::Candidate& likeliest);
  [[nodiscard]] static bool precedes_surname(const Work& work, std::uint32_t token);
  [[nodiscard]] static bool tells_kind(const Work& work, const PhraseHit& hit, bool adjective);
  [[nodiscard]] static bool is_told_place(const Work& work, std::uint32_t begin, std::uint32_t end);
  static void drop_words(Work& work);
  [[nodiscard]] static bool is_anothers(Work& work, const PhraseHit& hit,
                                        const RegionScratch::Candidate& likeliest);
  static void place_institutions(Work& work);
  [[nodiscard]] static TextCountries count_countries(const Work& work);
  [[nodiscard]] static std::uint16_t told_owner(const Work& work, std::uint32_t group);
  [[nodiscard]] std::optional<std::uint32_t> place_of_country(std::uint16_t country,
                                                              RegionScratch& scratch) const;
  void find_owners(Work& work) const;
  void take_adjectives_of_leaders(const Work& work) const;
  void add_surnames(Work& work) const;
  static void merge_surnames(RegionScratch& scratch);
  void add_name(Work& work, const PhraseHit& hit, std::size_t candidate_begin) const;
  [[nodiscard]] static bool stands_among_states(const Work& work, std::size_t number);
  [[nodiscard]] static float containment_of(const RegionScratch::Candidate& inside,
                                            const RegionScratch::Candidate& around);
  static bool link_pair(RegionScratch::Name& small, RegionScratch::Name& large,
                        std::span<const RegionScratch::Candidate> inside,
                        std::span<const RegionScratch::Candidate> around);
  void link_neighbours(Work& work) const;
  [[nodiscard]] static bool is_doubtful(const Work& work, const RegionScratch::Group& group,
                                        const RegionScratch::Candidate& candidate);
  [[nodiscard]] static bool leaves_choice(const Work& work, const RegionScratch::Group& group);
  static void support(RegionScratch& scratch, RegionScratch::Group& group,
                      const RegionScratch::Candidate& candidate, float weight);
  [[nodiscard]] std::uint16_t country_called(std::string_view label, RegionScratch& scratch) const;
  void find_labels(Work& work) const;
  void support_by_labels(Work& work) const;
  void support_by_certain_names(Work& work) const;
  [[nodiscard]] static float score_candidate(const Work& work, const Neighbours& neighbours,
                                             const RegionScratch::Group& group,
                                             const RegionScratch::Candidate& candidate, float best,
                                             int& near);
  [[nodiscard]] static float capital_loss(const Work& work, const Neighbours& neighbours,
                                          const RegionScratch::Group& group);
  [[nodiscard]] static bool gives_way_to_country(const Work& work,
                                                 const RegionScratch::Group& group,
                                                 const RegionScratch::Candidate& candidate);
  [[nodiscard]] static bool is_unsure_abroad(const Work& work,
                                             const RegionScratch::Candidate& candidate);
  static void doubt_towns_abroad(Work& work);
  void choose_places(Work& work) const;
  static void find_listings(Work& work);
  void write_mentions(Work& work) const;
  void write_asides(Work& work, std::uint32_t token_end) const;
  [[nodiscard]] static const RegionScratch::Candidate* meaning_of(const Work& work,
                                                                  std::int32_t name);
  [[nodiscard]] static std::int32_t told_behind(const Work& work, std::uint32_t token);
  bool write_site(Work& work, const RegionScratch::Aside& aside, Mention& mention) const;
  void tally_mention(Work& work, const RegionScratch::Candidate& candidate) const;
  void tally_datelines(Work& work) const;
  [[nodiscard]] static SalienceFeatures features_of(const Work& work, std::uint16_t country,
                                                    const Totals& totals,
                                                    const WordEvidence& words);
  [[nodiscard]] static bool is_partner(const Work& work, const RegionScratch::Tally& tally,
                                       const Totals& totals);
  [[nodiscard]] CountryCode context_of(Work& work) const;
  static void prefer_first_named(const RegionScratch& scratch, std::vector<CountryScore>& about);
  void score_countries(Work& work) const;
  void look_up(std::string_view words, bool any_case, RegionScratch& scratch) const;
  [[nodiscard]] std::optional<Place> home_of(const RegionContext& context,
                                             RegionScratch& scratch) const;

  const Gazetteer& gazetteer_;
  RegionClassifierOptions options_;
  std::vector<RenamedCountry> renamed_countries_;
  TextAnalyzer analyzer_;
};

}  // namespace wirewatch
