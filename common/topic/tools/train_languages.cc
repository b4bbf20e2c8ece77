#include "common/topic/tools/train_languages.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/language_features.h"
#include "common/topic/tools/language_sources.h"
#include "common/topic/tools/language_statistics.h"
#include "common/topic/tools/model_writer.h"

namespace wirewatch::topic_tools {

namespace {

constexpr std::size_t kRowMax = 28'000;
// Trigrams of one word overlap: each says less than a word of its own.
constexpr float kTrigramWeight = 0.45F;
constexpr float kLogRatioMin = -3.5F;
constexpr float kLogRatioMax = 6.0F;
// Naive Bayes takes neighbouring features for independent and is too sure of itself.
constexpr float kTemperature = 0.5F;
// A text fits its language when it fits at least this well, against the language's own texts.
constexpr float kFitShare = 0.35F;

// Naive Bayes on words and trigrams, as a model file.
class ModelOfLanguages {
 public:
  explicit ModelOfLanguages(std::vector<LanguageStatistics> statistics)
      : statistics_(std::move(statistics)) {}

  std::string write() {
    ModelContents contents{.kind = TopicModelKind::kLanguages,
                           .scheme = "language",
                           .exclusive = true,
                           .features = {},
                           .headline_count = 1,
                           .length_floor = 1,
                           .classes = {},
                           .rows = rows()};
    for (const LanguageSource& language : language_sources()) {
      contents.classes.push_back({.id = language.code,
                                  .parent = -1,
                                  .level = static_cast<std::uint32_t>(language.script),
                                  .scale = 1,
                                  .bias = 0,
                                  .slope = kTemperature,
                                  .offset = 0,
                                  .threshold = 0});
    }
    const std::string first = write_model(contents);
    set_thresholds(first, contents.classes);
    return write_model(std::move(contents));
  }

 private:
  // Rows of the features that tell most, words and trigrams together.
  std::vector<ModelRow> rows() {
    std::vector<std::pair<double, ModelRow>> candidates;
    add_rows([](const LanguageStatistics& of) -> const FeatureCounts& { return of.words(); }, 1,
             candidates);
    add_rows([](const LanguageStatistics& of) -> const FeatureCounts& { return of.trigrams(); },
             kTrigramWeight, candidates);
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second.feature < b.second.feature;
    });
    if (candidates.size() > kRowMax) candidates.resize(kRowMax);
    std::vector<ModelRow> rows;
    for (auto& [gain, row] : candidates) rows.push_back(std::move(row));
    return rows;
  }

  template <typename Select>
  void add_rows(Select&& select, float weight,
                std::vector<std::pair<double, ModelRow>>& candidates) {
    std::vector<double> totals(statistics_.size());
    std::map<std::uint64_t, std::vector<double>> shares;
    for (std::size_t index = 0; index < statistics_.size(); ++index) {
      const FeatureCounts& counts = select(statistics_[index]);
      totals[index] = total(counts);
      for (const auto& [feature, count] : counts) {
        std::vector<double>& of_feature = shares[feature];
        of_feature.resize(statistics_.size());
        of_feature[index] = count / totals[index];
      }
    }
    for (const auto& [feature, share] : shares) {
      double mean = 0;
      for (const double of_language : share) {
        mean += of_language / static_cast<double>(statistics_.size());
      }
      // Once in a small text is no evidence.
      constexpr double kRare = 1e-6;
      if (mean < kRare) continue;
      ModelRow row{.feature = feature, .pair_words = {}, .length = 1, .weights = {}};
      double gain = 0;
      for (std::size_t index = 0; index < statistics_.size(); ++index) {
        // Smoothed by a few occurrences at the mean rate: small texts are trusted less.
        const double prior = kPrior / (kPrior + totals[index] / 1000);
        const double smoothed =
            totals[index] == 0 ? mean : share[index] * (1 - prior) + mean * kFloor * (1 + prior);
        const float ratio =
            std::clamp(static_cast<float>(std::log(smoothed / mean)), kLogRatioMin, kLogRatioMax);
        row.weights.push_back(ratio * weight);
        gain += share[index] * std::fabs(static_cast<double>(ratio));
      }
      candidates.emplace_back(gain * static_cast<double>(weight), std::move(row));
    }
  }

  void set_thresholds(const std::string& bytes, std::vector<TopicClass>& classes) {
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    const auto model =
        TopicModel::from_bytes({reinterpret_cast<const std::byte*>(aligned.data()), bytes.size()});
    if (!model) return;
    TopicScratch scratch;
    for (std::size_t index = 0; index < statistics_.size(); ++index) {
      double sum = 0;
      for (const std::string& sample : statistics_[index].samples()) {
        analyzer_.analyze("", sample, text_);
        model->begin(scratch);
        scratch.features.clear();
        for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
          if (!is_of_script(text_.folded(token), language_sources()[index].script)) continue;
          scratch.features.push_back(language_internal::word_feature(text_.hashes()[token]));
          language_internal::for_each_trigram(text_.folded(token), [&](std::uint64_t feature) {
            scratch.features.push_back(feature);
          });
        }
        model->add(scratch.features, 1, scratch);
        model->finish(scratch);
        if (scratch.known_feature_count == 0) continue;
        sum += static_cast<double>(scratch.scores[index]) /
               std::sqrt(static_cast<double>(scratch.known_feature_count));
      }
      const auto count =
          static_cast<double>(std::max<std::size_t>(statistics_[index].samples().size(), 1));
      classes[index].threshold = kFitShare * static_cast<float>(sum / count);
    }
  }

  static constexpr double kPrior = 5;
  static constexpr double kFloor = 0.02;

  std::vector<LanguageStatistics> statistics_;
  TextAnalyzer analyzer_;
  ArticleText text_;
};

}  // namespace

std::expected<std::string, std::string> train_languages(const LanguageTraining& training) {
  auto statistics = read_language_statistics(training);
  if (!statistics) return std::unexpected(statistics.error());
  return ModelOfLanguages(std::move(*statistics)).write();
}

}  // namespace wirewatch::topic_tools
