#include "common/topic/tools/train_media_topics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/topic/tools/corpus_reader.h"
#include "common/topic/tools/labelled_sets.h"
#include "common/topic/tools/made_up_documents.h"
#include "common/topic/tools/seed_words.h"
#include "common/topic/tools/taxonomy_reader.h"
#include "common/topic/tools/topic_marks.h"
#include "common/topic/tools/train_labels.h"
#include "common/topic/topic.h"

namespace wirewatch::topic_tools {

namespace {

std::string primary(const std::string& language) {
  return language.substr(0, language.find_first_of("-_"));
}

class Training {
 public:
  Training(const MediaTopicTraining& training, const SeedWords& seeds)
      : training_(training), seeds_(seeds), made_up_(seeds), trainer_(training.options) {
    for (const TopicId topic : media_topics()) {
      const TopicId parent = topic_parent(topic);
      const bool is_first = parent == TopicId{};
      std::string digits = std::to_string(topic.value());
      digits.insert(0, 8 - digits.size(), '0');
      trainer_.add_class(
          {.id = "medtop:" + digits,
           .parent = is_first ? -1 : static_cast<std::int32_t>(media_topic_index(parent)),
           .level = is_first ? 1U : 2U});
    }
  }

  [[nodiscard]] std::expected<TrainedModel, std::string> run() {
    for (const LabelledSet& set : labelled_sets()) {
      if (auto read = add_set(set); !read) return std::unexpected(read.error());
    }
    if (auto read = add_reuters(); !read) return std::unexpected(read.error());
    if (auto read = add_taxonomy(); !read) return std::unexpected(read.error());
    add_made_up_documents();
    for (const auto& [language, seeds] : seeds_.all()) {
      for (const SeedWords::Seed& seed : seeds) trainer_.keep(seed.tokens);
    }
    return trainer_.train();
  }

 private:
  [[nodiscard]] std::vector<CountedToken> tokens_of(const CorpusDocument& document) {
    return reader_.read(document, training_.options.features, training_.options.headline_count);
  }

  void add_document(const CorpusDocument& document, TopicMarks& marks, float weight,
                    bool is_mixed_news = false) {
    const std::vector<CountedToken> tokens = tokens_of(document);
    const std::string language = primary(document.language.empty() ? "en" : document.language);
    count_news(language, tokens);
    const TopicMarks labelled = marks;
    complete_marks(seeds_, language, tokens, marks);
    DocumentRole role{.weight = weight, .group = groups_.group(language)};
    trainer_.add_document(tokens, marks, role);
    add_beginnings(tokens, is_mixed_news);
    if (tokens.size() < kLongText || ++long_text_count_ % kExcerptEvery != 0) return;
    // What an alert or a first take would say. Seed words speak by what stands there.
    const auto start = std::span(tokens).first(kExcerptTokens);
    TopicMarks marks_of_start = labelled;
    complete_marks(seeds_, language, start, marks_of_start);
    role.is_excerpt = true;
    trainer_.add_document(start, marks_of_start, role);
  }

  // What an editor gets first: half a headline, the headline, and with it some words or a sentence;
  // of labelled news, of which there is enough, one of these.
  void add_beginnings(std::span<const CountedToken> tokens, bool is_mixed_news) {
    const auto headline = static_cast<std::size_t>(
        std::find_if(tokens.begin(), tokens.end(),
                     [&](const CountedToken& token) {
                       return token.count < training_.options.headline_count;
                     }) -
        tokens.begin());
    if (headline == 0) return;
    const std::array<std::size_t, 4> sizes = {(headline + 1) / 2, headline, headline + 10,
                                              headline + 25};
    const std::size_t turn = document_count_++;
    for (std::size_t at = 0; at < sizes.size(); ++at) {
      if (sizes[at] > tokens.size() || (!is_mixed_news && turn % sizes.size() != at)) continue;
      trainer_.add_beginning(tokens.first(sizes[at]), is_mixed_news);
    }
  }

  [[nodiscard]] std::expected<void, std::string> add_set(const LabelledSet& set) {
    const CorpusFields fields{.body = std::string(set.body), .label = std::string(set.label)};
    return read_corpus(training_.corpora / set.file, fields, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      if (set.label == "sib_topic") {
        made_up_.add_background(primary(document.language), tokens_of(document));
      }
      TopicMarks marks{};
      for (const std::uint32_t topic : set.excluded) {
        marks[media_topic_index(TopicId{topic})] = Mark::kNo;
      }
      for (const std::uint32_t topic : topics_of(set, document)) mark_yes(TopicId{topic}, marks);
      add_document(document, marks, set.weight, set.labels.empty());
    });
  }

  [[nodiscard]] std::expected<void, std::string> add_reuters() {
    const CorpusFields fields{.body = "body", .label = std::string(kReutersLabel)};
    return read_corpus(training_.corpora / kReutersFile, fields, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      if (document.labels.empty() && !document.labelled) return;
      TopicMarks marks{};
      for (const std::uint32_t topic : reuters_topics(document)) mark_yes(TopicId{topic}, marks);
      // One source of one year must not outweigh all others.
      add_document(document, marks, 0.5F);
    });
  }

  [[nodiscard]] std::expected<void, std::string> add_taxonomy() {
    constexpr float kWeight = 0.4F;
    return read_taxonomy(
        training_.corpora / "iptc-media-topics.json", [&](const TaxonomyEntry& entry) {
          TopicMarks marks{};
          for (const TopicId topic : entry.lineage) {
            if (media_topic_index(topic) < kMediaTopicCount) mark_yes(topic, marks);
          }
          for (std::size_t index = 0; index < kMediaTopicCount; ++index) {
            // Near relations overlap, so at level 2 nothing is said against the others.
            if (marks[index] == Mark::kUnknown && is_of_level_one(index)) marks[index] = Mark::kNo;
          }
          CorpusDocument document;
          document.title = entry.name;
          document.body = entry.definition;
          trainer_.add_document(
              tokens_of(document), marks,
              {.weight = kWeight, .group = groups_.group(entry.language), .is_real = false});
        });
  }

  void add_made_up_documents() {
    constexpr float kWeight = 0.6F;
    std::vector<CountedToken> own;
    made_up_.for_each([&](const std::string& language, std::span<const CountedToken> tokens,
                          const TopicMarks& marks) {
      if (!languages_.contains(language)) {
        own.assign(tokens.begin(), tokens.end());
        leave_to_news(own);
        tokens = own;
      }
      trainer_.add_document(
          tokens, marks, {.weight = kWeight, .group = groups_.group(language), .is_real = false});
    });
  }

  // A language without news does not change what words say that news of others has: "program",
  // or "polit", which begins politics and in Danish the police.
  void leave_to_news(std::vector<CountedToken>& tokens) const {
    constexpr std::uint32_t kCommon = 20;  // Articles.
    const auto leave = [&](std::uint64_t& feature) {
      const auto found = news_.find(feature);
      if (found != news_.end() && found->second >= kCommon) feature = 0;
    };
    for (CountedToken& token : tokens) {
      leave(token.word);
      leave(token.stem);
    }
  }

  void count_news(const std::string& language, std::span<const CountedToken> tokens) {
    languages_.insert(language);
    std::unordered_set<std::uint64_t> seen;
    for (const CountedToken& token : tokens) {
      for (const std::uint64_t feature : {token.word, token.stem}) {
        if (seen.insert(feature).second) ++news_[feature];
      }
    }
  }

  // News comes in short texts too, of which the sets have few: of some long texts the beginning
  // takes part as well.
  static constexpr std::size_t kLongText = 120;      // Tokens.
  static constexpr std::size_t kExcerptTokens = 45;  // As an alert with its headline.
  static constexpr std::size_t kExcerptEvery = 3;

  std::size_t long_text_count_ = 0;
  std::size_t document_count_ = 0;
  const MediaTopicTraining& training_;
  const SeedWords& seeds_;
  MadeUpDocuments made_up_;
  LinearTrainer trainer_;
  FeatureReader reader_;
  LanguageGroups groups_;
  std::set<std::string> languages_;                        // Of which there are real texts.
  std::unordered_map<std::uint64_t, std::uint32_t> news_;  // How many of these have a feature.
};

}  // namespace

std::expected<TrainedModel, std::string> train_media_topics(const MediaTopicTraining& training) {
  const auto seeds = SeedWords::read(training.seed_words);
  if (!seeds) return std::unexpected(seeds.error());
  return Training(training, *seeds).run();
}

}  // namespace wirewatch::topic_tools
