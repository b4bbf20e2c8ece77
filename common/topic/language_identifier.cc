#include "common/topic/language_identifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>

#include "common/topic/language_features.h"

namespace wirewatch {

namespace language_internal {

namespace {

struct ScriptRange {
  std::uint32_t first;
  std::uint32_t last;
  Script script;
};

// Folded text: lower case, compatibility forms resolved. In order of `first`.
constexpr ScriptRange kScriptRanges[] = {
    {'a', 'z', Script::kLatin},
    {0x00C0, 0x024F, Script::kLatin},
    {0x0250, 0x02AF, Script::kLatin},
    {0x0370, 0x03FF, Script::kGreek},
    {0x0400, 0x052F, Script::kCyrillic},
    {0x0530, 0x058F, Script::kArmenian},
    {0x0590, 0x05FF, Script::kHebrew},
    {0x0600, 0x06FF, Script::kArabic},
    {0x0750, 0x077F, Script::kArabic},
    {0x08A0, 0x08FF, Script::kArabic},
    {0x0900, 0x097F, Script::kDevanagari},
    {0x0980, 0x09FF, Script::kBengali},
    {0x0A00, 0x0A7F, Script::kGurmukhi},
    {0x0A80, 0x0AFF, Script::kGujarati},
    {0x0B00, 0x0B7F, Script::kOriya},
    {0x0B80, 0x0BFF, Script::kTamil},
    {0x0C00, 0x0C7F, Script::kTelugu},
    {0x0C80, 0x0CFF, Script::kKannada},
    {0x0D00, 0x0D7F, Script::kMalayalam},
    {0x0D80, 0x0DFF, Script::kSinhala},
    {0x0E00, 0x0E7F, Script::kThai},
    {0x0E80, 0x0EFF, Script::kLao},
    {0x0F00, 0x0FFF, Script::kTibetan},
    {0x1000, 0x109F, Script::kMyanmar},
    {0x10A0, 0x10FF, Script::kGeorgian},
    {0x1200, 0x139F, Script::kEthiopic},
    {0x1780, 0x17FF, Script::kKhmer},
    {0x1E00, 0x1EFF, Script::kLatin},
    {0x1F00, 0x1FFF, Script::kGreek},
    {0x2D80, 0x2DDF, Script::kEthiopic},
    {0x3040, 0x30FF, Script::kKana},
    {0x3400, 0x4DBF, Script::kHan},
    {0x4E00, 0x9FFF, Script::kHan},
    {0xAC00, 0xD7A3, Script::kHangul},
    {0xF900, 0xFAFF, Script::kHan},
    {0x20000, 0x3FFFF, Script::kHan},
};

// Where most scripts lie: there ranges begin and end at multiples of 16.
constexpr std::uint32_t kTableLimit = 0x3400;
constexpr auto kTable = [] {
  std::array<Script, kTableLimit / 16> rows{};
  for (const ScriptRange& range : kScriptRanges) {
    if (range.first < 0x80 || range.first >= kTableLimit) continue;
    for (std::uint32_t row = range.first / 16; row <= range.last / 16; ++row)
      rows[row] = range.script;
  }
  return rows;
}();

}  // namespace

Script script_of(std::uint32_t code_point) {
  if (code_point < 0x80) {
    return code_point >= 'a' && code_point <= 'z' ? Script::kLatin : Script::kNone;
  }
  if (code_point < kTableLimit) return kTable[code_point / 16];
  const auto* at = std::upper_bound(
      std::begin(kScriptRanges), std::end(kScriptRanges), code_point,
      [](std::uint32_t value, const ScriptRange& range) { return value < range.first; });
  --at;
  return code_point <= at->last ? at->script : Script::kNone;
}

}  // namespace language_internal

namespace {

using language_internal::kScriptCount;
using language_internal::Script;

// The language that alone uses a script, as far as newspapers go.
std::string_view language_of(Script script) {
  switch (script) {
    case Script::kHan:
      return "zh";
    case Script::kKana:
      return "ja";
    case Script::kHangul:
      return "ko";
    case Script::kGreek:
      return "el";
    case Script::kHebrew:
      return "he";
    case Script::kArmenian:
      return "hy";
    case Script::kGeorgian:
      return "ka";
    case Script::kBengali:
      return "bn";
    case Script::kGurmukhi:
      return "pa";
    case Script::kGujarati:
      return "gu";
    case Script::kOriya:
      return "or";
    case Script::kTamil:
      return "ta";
    case Script::kTelugu:
      return "te";
    case Script::kKannada:
      return "kn";
    case Script::kMalayalam:
      return "ml";
    case Script::kSinhala:
      return "si";
    case Script::kThai:
      return "th";
    case Script::kLao:
      return "lo";
    case Script::kTibetan:
      return "bo";
    case Script::kMyanmar:
      return "my";
    case Script::kKhmer:
      return "km";
    case Script::kNone:
    case Script::kLatin:
    case Script::kCyrillic:
    case Script::kArabic:
    case Script::kDevanagari:
    case Script::kEthiopic:
      return {};
  }
  return {};
}

// Places of the text that are read: kWindows runs of kWindowTokens tokens. Characters of unspaced
// scripts are tokens too, and a run of them says less, but their script says it all.
constexpr std::uint32_t kWindows = 4;
constexpr std::uint32_t kWindowTokens = 12;
constexpr std::uint32_t kBodyTokensMin =
    24;                                   // A body with fewer is read together with the headline.
constexpr std::size_t kShareMin = 60;     // Percent of the letters that the main script must have.
constexpr std::size_t kKanaShareMin = 8;  // Percent of kana that makes Chinese characters Japanese.
constexpr std::size_t kWordBytesMax = 64;  // What is longer is no word.
constexpr std::uint32_t kKnownMin = 12;    // Fewer known features say nothing.

struct TokenRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// The body without what was glued to its end, or the whole text when that is short.
TokenRange readable(const ArticleText& text) {
  TokenRange range{.begin = text.headline_token_count(), .end = text.token_count()};
  for (const ZoneSpan& zone : text.zones()) {
    if (zone.zone == Zone::kBody || zone.zone == Zone::kLede) range.end = zone.token_end;
  }
  if (range.end < range.begin + kBodyTokensMin) range.begin = 0;
  return range;
}

// Calls visit(token) for the tokens that are read.
template <typename Visit>
void for_each_sampled(const ArticleText& text, Visit&& visit) {
  const TokenRange range = readable(text);
  const std::uint32_t size = range.end - range.begin;
  if (size <= kWindows * kWindowTokens) {
    for (std::uint32_t token = range.begin; token < range.end; ++token) visit(token);
    return;
  }
  for (std::uint32_t window = 0; window < kWindows; ++window) {
    const std::uint32_t first =
        range.begin +
        static_cast<std::uint32_t>(std::uint64_t{size - kWindowTokens} * window / (kWindows - 1));
    for (std::uint32_t token = first; token < first + kWindowTokens; ++token) visit(token);
  }
}

// A token that is read.
struct Sampled {
  std::uint32_t token = 0;
  Script script = Script::kNone;
};

Script script_of_token(const ArticleText& text, std::uint32_t token) {
  const std::string_view word = text.folded(token);
  std::size_t at = 0;
  return word.empty() ? Script::kNone
                      : language_internal::script_of(language_internal::next_character(word, at));
}

}  // namespace

LanguageIdentifier::LanguageIdentifier(const TopicModel& model) : model_(model) {}

std::vector<std::string_view> LanguageIdentifier::languages() const {
  std::vector<std::string_view> languages;
  for (std::size_t script = 0; script < kScriptCount; ++script) {
    const std::string_view language = language_of(static_cast<Script>(script));
    if (!language.empty()) languages.push_back(language);
  }
  for (const TopicClass& entry : model_.classes()) {
    languages.push_back(entry.id);
  }
  return languages;
}

LanguageGuess LanguageIdentifier::identify(const ArticleText& text, TopicScratch& scratch) const {
  std::array<std::size_t, kScriptCount> letters{};  // Bytes per script.
  std::size_t letters_total = 0;
  std::array<Sampled, kWindows * kWindowTokens> sampled;
  std::size_t sampled_count = 0;
  for_each_sampled(text, [&](std::uint32_t token) {
    const Script script = script_of_token(text, token);
    if (script == Script::kNone) return;
    sampled[sampled_count++] = {token, script};
    const std::size_t size = text.folded(token).size();
    letters[static_cast<std::size_t>(script)] += size;
    letters_total += size;
  });
  if (letters_total == 0) return {};

  const auto count = [&](Script script) { return letters[static_cast<std::size_t>(script)]; };
  // Japanese mixes kana and Chinese characters, Korean may contain some of the latter.
  std::size_t& kana = letters[static_cast<std::size_t>(Script::kKana)];
  std::size_t& han = letters[static_cast<std::size_t>(Script::kHan)];
  if (kana * 100 >= (kana + han) * kKanaShareMin) {
    kana += han;
    han = 0;
  } else {
    han += kana;
    kana = 0;
  }
  const auto main_script =
      static_cast<Script>(std::max_element(letters.begin(), letters.end()) - letters.begin());
  const std::size_t share = count(main_script) * 100 / letters_total;
  if (share < kShareMin) return {};
  if (const std::string_view language = language_of(main_script); !language.empty()) {
    return {.language = language, .confidence = static_cast<float>(share) / 100};
  }
  if (model_.kind() != TopicModelKind::kLanguages) return {};

  model_.begin(scratch);
  scratch.features.clear();
  for (const auto& [token, script] : std::span(sampled).first(sampled_count)) {
    if (script != main_script) continue;
    scratch.features.push_back(language_internal::word_feature(text.hashes()[token]));
    language_internal::for_each_trigram(
        text.folded(token).substr(0, kWordBytesMax),
        [&](std::uint64_t feature) { scratch.features.push_back(feature); });
  }
  model_.add(scratch.features, 1, scratch);
  model_.finish(scratch);
  if (scratch.known_feature_count < kKnownMin) return {};

  // Scores are means of log-probabilities over the root of their number: their sum is a score times
  // that root, and its exponentials are the probabilities of naive Bayes.
  const float root = std::sqrt(static_cast<float>(scratch.known_feature_count));
  const std::span<const TopicClass> classes = model_.classes();
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t best = kNone;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    if (classes[index].level != static_cast<std::uint32_t>(main_script)) continue;
    if (best == kNone || scratch.scores[index] > scratch.scores[best]) best = index;
  }
  if (best == kNone) return {};
  float sum = 0;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    if (classes[index].level != static_cast<std::uint32_t>(main_script)) continue;
    sum += std::exp((scratch.scores[index] - scratch.scores[best]) * root * classes[index].slope);
  }
  const float confidence = 1 / sum;
  // A text in a language that the model does not have fits even the nearest one badly.
  const bool fits = scratch.scores[best] / root >= classes[best].threshold;
  if (confidence < kConfidenceMin || !fits) return {};
  return {.language = classes[best].id, .confidence = confidence};
}

}  // namespace wirewatch
