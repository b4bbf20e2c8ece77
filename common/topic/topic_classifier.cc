#include "common/topic/topic_classifier.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "common/base/check.h"

namespace wirewatch {

namespace {

struct TopicRow {
  std::uint32_t id;
  int level;
  std::string_view name;
};

#include "common/topic/topic_table.inc"

constexpr double kHeadlineWeight = 3.0;
constexpr double kLedeWeight = 2.0;
constexpr double kPriorEvidence = 1.5;        // Evidence that any confidence must outweigh.
constexpr std::uint8_t kCountPerWordMax = 3;  // A word that is everywhere is one word.

// Language of a text whose script belongs to one language of news; empty otherwise.
std::string_view language_of_script(const ArticleText& text) {
  std::uint32_t hangul = 0;
  std::uint32_t han = 0;
  std::uint32_t kana = 0;
  std::uint32_t thai = 0;
  std::uint32_t devanagari = 0;
  const std::uint32_t count = std::min<std::uint32_t>(text.token_count(), 200);
  for (std::uint32_t token = 0; token < count; ++token) {
    const std::string_view word = text.folded(token);
    if (word.size() < 3) continue;
    const auto a = static_cast<unsigned char>(word[0]);
    const auto b = static_cast<unsigned char>(word[1]);
    kana += static_cast<std::uint32_t>(a == 0xE3 && b >= 0x81 && b <= 0x83);
    han += static_cast<std::uint32_t>(a >= 0xE4 && a <= 0xE9);
    hangul += static_cast<std::uint32_t>(a >= 0xEA && a <= 0xED);
    thai += static_cast<std::uint32_t>(a == 0xE0 && (b == 0xB8 || b == 0xB9));
    devanagari += static_cast<std::uint32_t>(a == 0xE0 && (b == 0xA4 || b == 0xA5));
  }
  const std::uint32_t half = count / 2;
  if (hangul > half) return "ko";
  if (kana + han > half) return kana * 10 > kana + han ? "ja" : "zh";
  if (thai > half) return "th";
  return devanagari > half ? "hi" : std::string_view();
}

}  // namespace

std::string_view topic_name(TopicId id) {
  const auto* row = std::lower_bound(std::begin(kTopics), std::end(kTopics), id.value(),
                                     [](const TopicRow& a, std::uint32_t b) { return a.id < b; });
  return row != std::end(kTopics) && row->id == id.value() ? row->name : std::string_view();
}

std::expected<TopicLexicon, std::string> TopicLexicon::parse(std::string_view text) {
  TopicLexicon lexicon;
  LexiconBuilder builder;
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.empty() || line[0] == '#') continue;
    const auto fail = [&](const std::string& what) {
      return std::unexpected("topic words, line " + std::to_string(line_number) + ": " + what);
    };
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return fail("there is no tab between topic id and words");
    std::uint32_t id = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + tab, id);
    if (error != std::errc() || stop != line.data() + tab || id % 1'000'000 != 0 || id == 0 ||
        id > 17'000'000) {
      return fail("\"" + std::string(line.substr(0, tab)) +
                  "\" is no IPTC Media Topic of level 1; they are 01000000 to 17000000");
    }
    const std::string_view words = line.substr(tab + 1);
    for (std::size_t from = 0; from <= words.size();) {
      const std::size_t bar = std::min(words.find('|', from), words.size());
      const std::string_view word = words.substr(from, bar - from);
      from = bar + 1;
      if (word.empty()) continue;
      const auto phrase = builder.add(word);
      if (!phrase) return fail("\"" + std::string(word) + "\" has no letters or too short a stem");
      if (phrase->value() == lexicon.topics_.size()) lexicon.topics_.push_back(0);
      lexicon.topics_[phrase->value()] |= 1U << (id / 1'000'000 - 1);
    }
  }
  lexicon.lexicon_ = builder.build();
  return lexicon;
}

TopicClassifier::TopicClassifier(const TopicLexicon& lexicon, TopicClassifierOptions options)
    : lexicon_(lexicon), options_(options) {
  WIREWATCH_CHECK(options.topic_max >= 1);
}

void TopicClassifier::classify(const ArticleText& text, std::string_view language,
                               TopicScratch& scratch, TopicResult& result) const {
  result.topics.clear();
  result.labels.clear();
  result.language = language;
  result.language_confidence = language.empty() ? 0.0F : 1.0F;
  if (language.empty()) {
    result.language = language_of_script(text);
    if (!result.language.empty()) result.language_confidence = 0.9F;
  }
  lexicon_.lexicon_.find(text, scratch.hits);
  scratch.counts.resize(lexicon_.topics_.size());
  std::array<double, TopicLexicon::kTopicCount> score{};
  double total = kPriorEvidence;
  const std::span<const ZoneSpan> zones = text.zones();
  std::size_t zone = 0;
  for (const PhraseHit& hit : scratch.hits) {
    while (zone + 1 < zones.size() && zones[zone].token_end <= hit.token_begin) ++zone;
    const ZoneSpan& where = zones[zone];
    if (where.zone == Zone::kTail || where.zone == Zone::kDateline || where.repeated) continue;
    std::uint8_t& count = scratch.counts[hit.phrase.value()];
    if (count == kCountPerWordMax) continue;
    ++count;
    double weight = 1.0;
    if (where.zone == Zone::kHeadline) weight = kHeadlineWeight;
    if (where.zone == Zone::kLede) weight = kLedeWeight;
    // A word of several topics says less for each.
    const std::uint32_t topics = lexicon_.topics_[hit.phrase.value()];
    weight /= std::popcount(topics);
    for (std::uint32_t bits = topics; bits != 0; bits &= bits - 1) {
      score[static_cast<std::size_t>(std::countr_zero(bits))] += weight;
      total += weight;
    }
  }
  for (const PhraseHit& hit : scratch.hits) scratch.counts[hit.phrase.value()] = 0;
  for (std::size_t topic = 0; topic < score.size(); ++topic) {
    const double confidence = score[topic] / total;
    if (confidence >= options_.confidence_min && score[topic] > 0) {
      result.topics.push_back({TopicId(static_cast<std::uint32_t>((topic + 1) * 1'000'000)), 1,
                               static_cast<float>(confidence)});
    }
  }
  std::sort(result.topics.begin(), result.topics.end(),
            [](const TopicScore& a, const TopicScore& b) {
              return a.confidence != b.confidence ? a.confidence > b.confidence : a.id < b.id;
            });
  if (result.topics.size() > options_.topic_max) result.topics.resize(options_.topic_max);
}

}  // namespace wirewatch
