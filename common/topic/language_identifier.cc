#include "common/topic/language_identifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

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

std::uint32_t marked_letter(std::uint32_t code_point) {
  // Latin-1: capitals stand 32 before small letters; × and ÷ are no letters.
  if (code_point >= 0xC0 && code_point <= 0xFF) {
    if (code_point == 0xD7 || code_point == 0xF7) return 0;
    return code_point < 0xDF ? code_point + 0x20 : code_point;
  }
  // Elsewhere capital and small letters alternate; between U+0139 and U+0148 and from U+0179 on
  // capitals are odd.
  if ((code_point >= 0x139 && code_point <= 0x148) ||
      (code_point >= 0x179 && code_point <= 0x17E)) {
    return code_point + (code_point & 1U);
  }
  if (code_point == 0x178) return 0xFF;   // Ÿ
  if (code_point == 0x18F) return 0x259;  // Ə
  if ((code_point >= 0x100 && code_point <= 0x17E) ||
      (code_point >= 0x1DE && code_point <= 0x233) ||
      (code_point >= 0x1E00 && code_point <= 0x1EFF)) {
    return code_point | 1U;
  }
  if (code_point >= 0x180 && code_point <= 0x2AF) return code_point;
  // Cyrillic: letters that are not in the row from А to я, and й.
  if (code_point >= 0x400 && code_point <= 0x40F) return code_point + 0x50;
  if (code_point == 0x419 || code_point == 0x439) return 0x439;
  if (code_point >= 0x450 && code_point <= 0x45F) return code_point;
  return code_point >= 0x48A && code_point <= 0x52F ? code_point | 1U : 0;
}

namespace {

// Calls visit(std::uint32_t token, std::string_view word) for the tokens of the script.
template <typename Visit>
void for_each_word(const ArticleText& text, std::uint32_t begin, std::uint32_t end, Script script,
                   Visit&& visit) {
  for (std::uint32_t token = begin; token < end; ++token) {
    const std::string_view word = text.folded(token);
    std::size_t at = 0;
    if (word.empty() || script_of(next_character(word, at)) != script) continue;
    visit(token, word);
  }
}

}  // namespace

void add_words(const ArticleText& text, std::uint32_t begin, std::uint32_t end, Script script,
               std::vector<std::uint64_t>& features) {
  for_each_word(text, begin, end, script, [&](std::uint32_t token, std::string_view /*word*/) {
    features.push_back(word_feature(text.hashes()[token]));
  });
}

void add_features(const ArticleText& text, std::uint32_t begin, std::uint32_t end, Script script,
                  std::vector<std::uint64_t>& features) {
  constexpr std::size_t kWordBytesMax = 64;  // What is longer is no word.
  if (begin == end) return;
  const auto add = [&](std::uint64_t feature) { features.push_back(feature); };
  for_each_word(text, begin, end, script, [&](std::uint32_t token, std::string_view word) {
    add(word_feature(text.hashes()[token]));
    for_each_trigram(word.substr(0, kWordBytesMax), add);
  });
  for_each_mark(text.source(text.source_span(begin, end)), script, add);
}

}  // namespace language_internal

namespace {

using language_internal::kScriptCount;
using language_internal::Script;

// The language that alone uses a script, as far as newspapers go.
std::string_view language_of(Script script) {
  switch (script) {
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
    case Script::kHan:
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
// A body with fewer tokens is read together with the headline.
constexpr std::uint32_t kBodyTokensMin = 24;
// Confidence at which the words alone, or half of the places, are enough.
constexpr float kSureByWords = 0.99F;
constexpr float kSure = 0.9999F;
// How much better than it must the words alone fit: they do not show that a text is in a language
// which the model lacks, and which shares many words with one that it has.
constexpr float kWordFitMargin = 2;
constexpr std::size_t kShareMin = 60;     // Percent of the letters that the main script must have.
constexpr std::size_t kKanaShareMin = 8;  // Percent of kana that makes Chinese characters Japanese.

struct TokenRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What is read of a text: ranges of tokens, each of one field.
struct Sample {
  std::array<TokenRange, kWindows> ranges;
  std::size_t count = 0;

  void add(std::uint32_t begin, std::uint32_t end) {
    if (begin < end) ranges[count++] = {begin, end};
  }
  [[nodiscard]] std::span<const TokenRange> all() const { return std::span(ranges).first(count); }
};

// Of the body without what was glued to its end, or of the whole text when that is short.
Sample sample_of(const ArticleText& text) {
  TokenRange body{.begin = text.headline_token_count(), .end = text.token_count()};
  for (const ZoneSpan& zone : text.zones()) {
    if (zone.zone == Zone::kBody || zone.zone == Zone::kLede) body.end = zone.token_end;
  }
  Sample sample;
  const std::uint32_t size = body.end - body.begin;
  if (size <= kWindows * kWindowTokens) {
    if (size < kBodyTokensMin) sample.add(0, std::min(body.begin, kWindows * kWindowTokens));
    sample.add(body.begin, body.end);
    return sample;
  }
  for (std::uint32_t window = 0; window < kWindows; ++window) {
    const std::uint32_t first =
        body.begin +
        static_cast<std::uint32_t>(std::uint64_t{size - kWindowTokens} * window / (kWindows - 1));
    sample.add(first, first + kWindowTokens);
  }
  return sample;
}

// Bytes of the words that are read, by script.
std::array<std::size_t, kScriptCount> letters_of(const ArticleText& text, const Sample& sample) {
  std::array<std::size_t, kScriptCount> letters{};
  for (const TokenRange& range : sample.all()) {
    for (std::uint32_t token = range.begin; token < range.end; ++token) {
      const std::string_view word = text.folded(token);
      if (word.empty()) continue;
      std::size_t at = 0;
      const Script script =
          language_internal::script_of(language_internal::next_character(word, at));
      letters[static_cast<std::size_t>(script)] += word.size();
    }
  }
  letters[static_cast<std::size_t>(Script::kNone)] = 0;
  // Japanese mixes kana and Chinese characters, Korean may contain some of the latter.
  std::size_t& kana = letters[static_cast<std::size_t>(Script::kKana)];
  std::size_t& han = letters[static_cast<std::size_t>(Script::kHan)];
  std::size_t& all = kana * 100 >= (kana + han) * kKanaShareMin ? kana : han;
  all = std::exchange(kana, 0) + std::exchange(han, 0);
  return letters;
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
  std::sort(languages.begin(), languages.end());
  languages.erase(std::unique(languages.begin(), languages.end()), languages.end());
  return languages;
}

LanguageGuess LanguageIdentifier::identify(const ArticleText& text, TopicScratch& scratch) const {
  const Sample sample = sample_of(text);
  const std::array<std::size_t, kScriptCount> letters = letters_of(text, sample);
  const std::size_t letters_total = std::accumulate(letters.begin(), letters.end(), std::size_t{0});
  if (letters_total == 0) return {};
  const auto* const most = std::max_element(letters.begin(), letters.end());
  const auto script = static_cast<Script>(most - letters.begin());
  const std::size_t share = *most * 100 / letters_total;
  if (share < kShareMin) return {};
  if (const std::string_view language = language_of(script); !language.empty()) {
    return {.language = language, .confidence = static_cast<float>(share) / 100};
  }
  if (model_.kind() != TopicModelKind::kLanguages) return {};

  const auto guess_by = [&](const auto& add, std::size_t stride, float fit_margin) {
    model_.begin(scratch);
    scratch.features.clear();
    for (std::size_t at = 0; at < sample.count; at += stride) {
      const TokenRange& range = sample.ranges[at];
      add(text, range.begin, range.end, script, scratch.features);
    }
    model_.add(scratch.features, 1, scratch);
    model_.finish(scratch);
    return best_language(script, scratch, fit_margin);
  };
  // Of a long text the words alone tell nearly always, for a fifth of the features; else two of the
  // places do, for half of them.
  if (sample.count == kWindows) {
    const LanguageGuess by_words = guess_by(language_internal::add_words, 1, kWordFitMargin);
    if (by_words.confidence >= kSureByWords) return by_words;
    const LanguageGuess by_half = guess_by(language_internal::add_features, 2, 0);
    if (by_half.confidence >= kSure) return by_half;
  }
  return guess_by(language_internal::add_features, 1, 0);
}

LanguageGuess LanguageIdentifier::best_language(language_internal::Script script,
                                                TopicScratch& scratch, float fit_margin) const {
  if (scratch.known_feature_count < kKnownMin) return {};
  // Scores are means of log-probabilities over the root of their number: their sum is a score times
  // that root, and its exponentials are the probabilities of naive Bayes.
  const float root = std::sqrt(static_cast<float>(scratch.known_feature_count));
  const std::span<const TopicClass> classes = model_.classes();
  const auto of_script = static_cast<std::uint32_t>(script);
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t best = kNone;
  float best_odds = 0;
  float best_score = 0;
  const std::span<float> odds = scratch.scores;  // Scores become log odds in place.
  for (std::size_t index = 0; index < classes.size(); ++index) {
    if (classes[index].level != of_script) continue;
    const float score = odds[index];
    odds[index] = score * root * classes[index].slope + classes[index].offset;
    if (best != kNone && odds[index] <= best_odds) continue;
    best = index;
    best_odds = odds[index];
    best_score = score;
  }
  if (best == kNone) return {};
  // A text in a language that the model does not have fits even the nearest one badly. The fewer
  // features, the further a text may by chance be from what is usual.
  const float fit = best_score / root;
  const float fit_min = classes[best].threshold - language_internal::kFitSpread / root + fit_margin;
  if (fit < fit_min) return {};
  // Those further from the best than this add nothing that is seen.
  constexpr float kFar = -12;
  float sum = 1;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    if (odds[index] - best_odds <= kFar || index == best) continue;
    // Chinese has a class for each way of writing it.
    if (classes[index].level != of_script || classes[index].id == classes[best].id) continue;
    sum += std::exp(odds[index] - best_odds);
  }
  const float confidence = 1 / sum;
  if (confidence < kConfidenceMin) return {};
  return {.language = classes[best].id, .confidence = confidence};
}

}  // namespace wirewatch
