#include "common/topic/tools/train_media_topics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <random>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "common/topic/tools/corpus_reader.h"
#include "common/topic/tools/labelled_sets.h"
#include "common/topic/tools/seed_words.h"
#include "common/topic/tools/train_labels.h"
#include "common/topic/topic.h"
#include "common/topic/topic_classifier.h"

namespace wirewatch::topic_tools {

namespace {

// The topics that the model knows: all of level 1, and those of level 2 for which there is
// something to learn from. A parent stands before its children.
constexpr std::uint32_t kTopics[] = {
    1000000,  2000000,  3000000,  4000000,  5000000,  6000000,  7000000,  8000000,  9000000,
    10000000, 11000000, 12000000, 13000000, 14000000, 15000000, 16000000, 17000000, 20000002,
    20000038, 20000045, 20000053, 20000056, 20000065, 20000070, 20000073, 20000082, 20000106,
    20000129, 20000139, 20000148, 20000170, 20000209, 20000344, 20000385, 20000400, 20000418,
    20000420, 20000424, 20000446, 20000464, 20000509, 20000524, 20000538, 20000565, 20000574,
    20000587, 20000593, 20000621, 20000638, 20000649, 20000657, 20000717, 20000756, 20000771,
    20000780, 20000802, 20000822, 20001108, 20001128, 20001129, 20001148, 20001358};
constexpr std::size_t kTopicCount = std::size(kTopics);

using Marks = std::array<Mark, kTopicCount>;

std::size_t index_of(TopicId topic) {
  const auto* found = std::find(std::begin(kTopics), std::end(kTopics), topic.value());
  return static_cast<std::size_t>(found - std::begin(kTopics));  // kTopicCount when there is none.
}
std::size_t index_of(std::uint32_t topic) {
  return index_of(TopicId{topic});
}

bool is_top(std::size_t index) {
  return topic_parent(TopicId{kTopics[index]}) == TopicId{};
}

// How strongly seed words speak for each topic, against the length of the text.
class SeedReader {
 public:
  SeedReader(const SeedWords& seeds, const std::vector<CountedToken>& tokens,
             const std::string& language) {
    std::unordered_set<std::uint64_t> seen;
    for (const CountedToken& token : tokens) {
      for (const std::uint64_t feature : {token.word, token.pair, token.stem}) {
        if (feature == 0 || !seen.insert(feature).second) continue;
        const auto* claims = seeds.claims(language, feature);
        if (claims == nullptr) continue;
        for (const SeedWords::Claim& claim : *claims) {
          const std::size_t index = index_of(claim.topic);
          if (index == kTopicCount) continue;
          density_[index] += claim.weight * (token.count > 1 ? 2.0F : 1.0F);
          ++hits_[index];
        }
      }
    }
    const float length = std::sqrt(static_cast<float>(seen.size()) / 3 + kLengthPrior);
    for (float& density : density_) density /= length;
    best_ = *std::max_element(density_.begin(), density_.begin() + kTopTopics);
  }

  [[nodiscard]] bool is_strong(std::size_t index) const {
    return hits_[index] >= 2 && density_[index] >= kStrong && density_[index] >= best_ * kOfBest;
  }
  [[nodiscard]] bool is_absent(std::size_t index) const { return density_[index] <= kAbsent; }

 private:
  static constexpr std::size_t kTopTopics = 17;
  static constexpr float kLengthPrior = 10;
  static constexpr float kStrong = 0.5F;
  static constexpr float kOfBest = 0.5F;  // Of the strongest topic of level 1.
  static constexpr float kAbsent = 0.12F;

  std::array<float, kTopicCount> density_{};
  std::array<int, kTopicCount> hits_{};
  float best_ = 0;
};

void mark_yes(std::uint32_t topic, Marks& marks) {
  const std::size_t index = index_of(topic);
  marks[index] = Mark::kYes;
  const TopicId parent = topic_parent(TopicId{topic});
  if (parent != TopicId{}) marks[index_of(parent)] = Mark::kYes;
}

// Fills what labels have left open: by seed words, and at level 2 by the parent.
void complete_marks(const SeedReader* seeds, Marks& marks) {
  for (std::size_t index = 0; index < kTopicCount; ++index) {
    if (marks[index] != Mark::kUnknown) continue;
    if (!is_top(index)) {
      const TopicId parent = topic_parent(TopicId{kTopics[index]});
      const Mark above = marks[index_of(parent)];
      if (above != Mark::kYes) {
        marks[index] = above;
        continue;
      }
    }
    if (seeds == nullptr) continue;
    if (seeds->is_strong(index)) {
      marks[index] = Mark::kYes;
    } else if (seeds->is_absent(index)) {
      marks[index] = Mark::kNo;
    }
  }
}

std::string primary(const std::string& language) {
  return language.substr(0, language.find_first_of("-_"));
}

class Training {
 public:
  Training(const MediaTopicTraining& training, const SeedWords& seeds)
      : training_(training), seeds_(seeds), trainer_(training.options) {
    for (const std::uint32_t topic : kTopics) {
      const TopicId parent = topic_parent(TopicId{topic});
      std::string digits = std::to_string(topic);
      digits.insert(0, 8 - digits.size(), '0');
      trainer_.add_class(
          {.id = "medtop:" + digits,
           .parent = parent == TopicId{} ? -1 : static_cast<std::int32_t>(index_of(parent)),
           .level = parent == TopicId{} ? 1U : 2U});
    }
  }

  [[nodiscard]] std::expected<std::string, std::string> run() {
    for (const LabelledSet& set : labelled_sets()) {
      if (auto read = add_set(set); !read) return std::unexpected(read.error());
    }
    if (auto read = add_reuters(); !read) return std::unexpected(read.error());
    if (auto read = add_taxonomy(); !read) return std::unexpected(read.error());
    add_pseudo_documents();
    for (const auto& [language, seeds] : seeds_.all()) {
      for (const SeedWords::Seed& seed : seeds) trainer_.keep(seed.tokens);
    }
    return trainer_.train();
  }

 private:
  [[nodiscard]] std::vector<CountedToken> tokens_of(const CorpusDocument& document) {
    return reader_.read(document, training_.options.features, training_.options.headline_count);
  }

  void add_document(const CorpusDocument& document, Marks& marks, float weight) {
    const std::vector<CountedToken> tokens = tokens_of(document);
    const std::string language = primary(document.language.empty() ? "en" : document.language);
    if (seeds_.has_language(language)) {
      const SeedReader seeds(seeds_, tokens, language);
      complete_marks(&seeds, marks);
    } else {
      complete_marks(nullptr, marks);
    }
    trainer_.add_document(tokens, marks,
                          {.weight = weight, .group = groups_.group(language), .is_real = true});
  }

  [[nodiscard]] std::expected<void, std::string> add_set(const LabelledSet& set) {
    const CorpusFields fields{.body = std::string(set.body), .label = std::string(set.label)};
    return read_corpus(training_.corpora / set.file, fields, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      if (set.label == "sib_topic") keep_background(document);
      Marks marks{};
      for (const std::uint32_t topic : set.excluded) marks[index_of(topic)] = Mark::kNo;
      for (const std::uint32_t topic : topics_of(set, document)) mark_yes(topic, marks);
      add_document(document, marks, set.weight);
    });
  }

  [[nodiscard]] std::expected<void, std::string> add_reuters() {
    const CorpusFields fields{.body = "body", .label = std::string(kReutersLabel)};
    return read_corpus(training_.corpora / kReutersFile, fields, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      Marks marks{};
      for (const std::uint32_t topic : reuters_topics(document)) mark_yes(topic, marks);
      if (document.labels.empty() && !document.labelled) return;
      // One source of one year must not outweigh all others.
      add_document(document, marks, 0.5F);
    });
  }

  // The names and definitions of the taxonomy, in all its languages, each with the topics above.
  [[nodiscard]] std::expected<void, std::string> add_taxonomy() {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    const std::filesystem::path path = training_.corpora / "iptc-media-topics.json";
    simdjson::dom::array concepts;
    if (parser.load(path.string()).get(root) != simdjson::SUCCESS ||
        root["concepts"].get(concepts) != simdjson::SUCCESS) {
      return std::unexpected("cannot read " + path.string());
    }
    std::unordered_map<std::string, std::vector<std::string>> broader;
    for (const simdjson::dom::element& entry : concepts) {
      std::string_view id;
      simdjson::dom::array parents;
      if (entry["id"].get(id) != simdjson::SUCCESS) continue;
      if (entry["broader"].get(parents) != simdjson::SUCCESS) continue;
      for (const simdjson::dom::element& parent : parents) {
        std::string_view parent_id;
        if (parent.get(parent_id) == simdjson::SUCCESS) {
          broader[std::string(id)].emplace_back(parent_id);
        }
      }
    }
    for (const simdjson::dom::element& entry : concepts) {
      bool retired = true;
      std::string_view id;
      if (entry["retired"].get(retired) != simdjson::SUCCESS || retired) continue;
      if (entry["id"].get(id) != simdjson::SUCCESS) continue;
      Marks marks{};
      mark_ancestors(std::string(id), broader, marks, 0);
      for (std::size_t index = 0; index < kTopicCount; ++index) {
        // Near relations overlap, so at level 2 nothing is said against the others.
        if (marks[index] == Mark::kUnknown && is_top(index)) marks[index] = Mark::kNo;
      }
      add_concept(entry, marks);
    }
    return {};
  }

  void mark_ancestors(const std::string& id,
                      const std::unordered_map<std::string, std::vector<std::string>>& broader,
                      Marks& marks, int depth) {
    constexpr int kDepthMax = 8;
    if (const auto topic = parse_topic_id(id); topic && index_of(*topic) < kTopicCount) {
      mark_yes(topic->value(), marks);
    }
    const auto parents = broader.find(id);
    if (parents == broader.end() || depth == kDepthMax) return;
    for (const std::string& parent : parents->second) {
      mark_ancestors(parent, broader, marks, depth + 1);
    }
  }

  void add_concept(const simdjson::dom::element& entry, const Marks& marks) {
    constexpr float kWeight = 0.4F;
    const auto add = [&](std::string_view language, std::string_view name,
                         std::string_view definition) {
      CorpusDocument document;
      document.title = name;
      document.body = definition;
      trainer_.add_document(
          tokens_of(document), marks,
          {.weight = kWeight, .group = groups_.group(std::string(language)), .is_real = false});
    };
    std::string_view name;
    std::string_view definition;
    if (entry["name"].get(name) != simdjson::SUCCESS) return;
    if (entry["definition"].get(definition) != simdjson::SUCCESS) definition = "";
    add("en", name, definition);
    simdjson::dom::object names;
    if (entry["names"].get(names) != simdjson::SUCCESS) return;
    for (const auto& translation : names) {
      std::string_view translated;
      if (translation.key.starts_with("en")) continue;
      if (translation.value.get(translated) != simdjson::SUCCESS) continue;
      std::string_view explained;
      if (entry["definitions"][translation.key].get(explained) != simdjson::SUCCESS) explained = "";
      add(translation.key, translated, explained);
    }
  }

  // Sentences of ordinary language, among which pseudo-documents scatter their seed words.
  void keep_background(const CorpusDocument& document) {
    std::vector<CountedToken>& words = background_[primary(document.language)];
    for (const CountedToken& token : tokens_of(document)) {
      words.push_back(token);
      words.back().count = 1;
    }
  }

  // Made-up documents of a few seed words of one topic among ordinary words.
  void add_pseudo_documents() {
    constexpr std::size_t kPerSeed = 2;
    constexpr std::size_t kLeast = 40;
    constexpr std::size_t kMost = 200;
    constexpr float kWeight = 0.6F;
    std::mt19937_64 random(0x5EEDULL);
    for (const auto& [language, all] : seeds_.all()) {
      std::map<std::uint32_t, std::vector<const SeedWords::Seed*>> by_topic;
      for (const SeedWords::Seed& seed : all) by_topic[seed.topic.value()].push_back(&seed);
      for (const auto& [topic, own] : by_topic) {
        if (index_of(topic) == kTopicCount) continue;
        const std::size_t rounds = std::clamp(own.size() * kPerSeed, kLeast, kMost);
        for (std::size_t round = 0; round < rounds; ++round) {
          Marks marks{};
          const std::vector<CountedToken> tokens =
              pseudo_document(language, topic, own, random, marks);
          trainer_.add_document(
              tokens, marks,
              {.weight = kWeight, .group = groups_.group(language), .is_real = false});
        }
      }
    }
  }

  // Nothing is said against the topics that a feature speaks for.
  void leave_open(const std::string& language, std::uint64_t feature, Marks& marks) const {
    const auto* claims = feature == 0 ? nullptr : seeds_.claims(language, feature);
    if (claims == nullptr) return;
    for (const SeedWords::Claim& claim : *claims) {
      const std::size_t index = index_of(claim.topic);
      if (index < kTopicCount && marks[index] == Mark::kNo) marks[index] = Mark::kUnknown;
    }
  }

  std::vector<CountedToken> pseudo_document(const std::string& language, std::uint32_t topic,
                                            const std::vector<const SeedWords::Seed*>& own,
                                            std::mt19937_64& random, Marks& marks) {
    marks.fill(Mark::kNo);
    mark_yes(topic, marks);
    std::vector<CountedToken> tokens;
    const std::size_t seed_count = 2 + random() % 5;
    for (std::size_t at = 0; at < seed_count; ++at) {
      for (const CountedToken& token : own[random() % own.size()]->tokens) {
        tokens.push_back(token);
        tokens.back().count = 1 + static_cast<std::uint32_t>(random() % 3);
        // A word of several topics says nothing against the others.
        for (const std::uint64_t feature : {token.word, token.stem, token.pair}) {
          leave_open(language, feature, marks);
        }
      }
    }
    // Topics beside each other share words: nothing is said against the siblings.
    const TopicId parent = topic_parent(TopicId{topic});
    for (std::size_t index = 0; index < kTopicCount; ++index) {
      if (!is_top(index) && marks[index] == Mark::kNo &&
          topic_parent(TopicId{kTopics[index]}) ==
              (parent == TopicId{} ? TopicId{topic} : parent)) {
        marks[index] = Mark::kUnknown;
      }
    }
    if (const auto found = background_.find(language); found != background_.end()) {
      const std::vector<CountedToken>& words = found->second;
      const std::size_t noise = 2 + random() % 20;  // Words.
      const std::size_t first = random() % words.size();
      for (std::size_t at = 0; at < noise; ++at) {
        tokens.push_back(words[(first + at) % words.size()]);
      }
    }
    return tokens;
  }

  const MediaTopicTraining& training_;
  const SeedWords& seeds_;
  LinearTrainer trainer_;
  FeatureReader reader_;
  LanguageGroups groups_;
  std::map<std::string, std::vector<CountedToken>> background_;
};

}  // namespace

std::expected<std::string, std::string> train_media_topics(const MediaTopicTraining& training) {
  const auto seeds = SeedWords::read(training.seed_words);
  if (!seeds) return std::unexpected(seeds.error());
  return Training(training, *seeds).run();
}

}  // namespace wirewatch::topic_tools
