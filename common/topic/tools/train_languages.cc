#include "common/topic/tools/train_languages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/language_features.h"
#include "common/topic/language_identifier.h"
#include "common/topic/tools/language_sources.h"
#include "common/topic/tools/language_statistics.h"
#include "common/topic/tools/model_writer.h"

namespace wirewatch::topic_tools {

namespace {

constexpr std::size_t kRowMax = 48'000;
// Trigrams of one word overlap: each says less than a word of its own.
constexpr float kTrigramWeight = 0.45F;
constexpr float kLogRatioMin = -3.5F;
constexpr float kLogRatioMax = 6.0F;
// What a rare language must be better by, in log odds.
constexpr float kRareOffset = -2.5F;
// Of texts that no model was made with, so many in a thousand may be told not to fit.
constexpr std::size_t kMisfitsPerThousand = 5;
// But no more is asked than this share of the pieces' mean, for news is further from these texts
// than they are from each other; most so where all pieces are of one document.
constexpr float kFitShareMax = 0.6F;
constexpr float kFitShareMaxOfOneDocument = 0.4F;

std::vector<LanguageStatistics> statistics_of(std::span<const LanguageMaterial> material,
                                              std::size_t fold_left_out) {
  std::vector<LanguageStatistics> statistics;
  for (std::size_t index = 0; index < material.size(); ++index) {
    statistics.emplace_back(material[index], language_sources()[index].script, fold_left_out);
  }
  return statistics;
}

// Naive Bayes on words, trigrams and marked letters: its rows.
class Rows {
 public:
  explicit Rows(std::span<const LanguageStatistics> statistics) : statistics_(statistics) {
    add([](const LanguageStatistics& of) -> const FeatureCounts& { return of.words(); },
        {.weight = 1, .prior = 5'000});
    add([](const LanguageStatistics& of) -> const FeatureCounts& { return of.trigrams(); },
        {.weight = kTrigramWeight, .prior = 5'000});
    add([](const LanguageStatistics& of) -> const FeatureCounts& { return of.marks(); },
        {.weight = 1, .prior = 500});
  }

  // Those that tell most, of all kinds together.
  std::vector<ModelRow> take() {
    std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second.feature < b.second.feature;
    });
    if (candidates_.size() > kRowMax) candidates_.resize(kRowMax);
    std::vector<ModelRow> rows;
    for (auto& [gain, row] : candidates_) rows.push_back(std::move(row));
    return rows;
  }

 private:
  struct Kind {
    float weight = 1;
    // Shares are smoothed by so many occurrences as in the mean of all languages: what a language
    // with little text has not shown may yet be in it.
    double prior = 0;
  };

  template <typename Select>
  void add(Select&& select, Kind kind) {
    const auto count = static_cast<double>(statistics_.size());
    std::vector<double> totals(statistics_.size());
    std::map<std::uint64_t, std::vector<double>> shares;
    for (std::size_t index = 0; index < statistics_.size(); ++index) {
      const FeatureCounts& counts = select(statistics_[index]);
      totals[index] = total(counts);
      for (const auto& [feature, of_language] : counts) {
        std::vector<double>& of_feature = shares[feature];
        of_feature.resize(statistics_.size());
        of_feature[index] = of_language / totals[index];
      }
    }
    for (const auto& [feature, share] : shares) {
      double mean = 0;
      for (const double of_language : share) mean += of_language / count;
      // Once in a small text is no evidence.
      constexpr double kRare = 5e-7;
      if (mean < kRare) continue;
      ModelRow row{.feature = feature, .pair_words = {}, .length = 1, .weights = {}};
      double gain = 0;
      for (std::size_t index = 0; index < statistics_.size(); ++index) {
        const double smoothed =
            (share[index] * totals[index] + mean * kind.prior) / (totals[index] + kind.prior);
        const float ratio =
            std::clamp(static_cast<float>(std::log(smoothed / mean)), kLogRatioMin, kLogRatioMax);
        row.weights.push_back(ratio * kind.weight);
        gain = std::max(gain, share[index] * std::fabs(static_cast<double>(ratio)));
      }
      candidates_.emplace_back(gain * static_cast<double>(kind.weight), std::move(row));
    }
  }

  std::span<const LanguageStatistics> statistics_;
  std::vector<std::pair<double, ModelRow>> candidates_;
};

std::vector<TopicClass> uncalibrated_classes() {
  std::vector<TopicClass> classes;
  for (const LanguageSource& language : language_sources()) {
    classes.push_back({.id = language.code,
                       .parent = -1,
                       .level = static_cast<std::uint32_t>(language.script),
                       .scale = 1,
                       .bias = 0,
                       .slope = 1,
                       .offset = language.rarity == Rarity::kRare ? kRareOffset : 0,
                       .threshold = 0});
  }
  return classes;
}

std::string model_of(std::span<const LanguageStatistics> statistics,
                     std::vector<TopicClass> classes) {
  return write_model({.kind = TopicModelKind::kLanguages,
                      .scheme = "language",
                      .exclusive = true,
                      .features = {},
                      .headline_count = 1,
                      .length_floor = 1,
                      .classes = std::move(classes),
                      .rows = Rows(statistics).take()});
}

// What a model that was made without it says of a piece of text.
struct Judged {
  std::size_t language = 0;
  float root = 0;  // Of the number of known features.
  // Sums of weights, by language; those of other scripts are not looked at.
  std::vector<float> sums;
};

class Judge {
 public:
  // Pieces of the texts of a fold.
  void run(std::span<const LanguageMaterial> material, std::size_t fold,
           std::vector<Judged>& judged) {
    const std::string bytes = model_of(statistics_of(material, fold), uncalibrated_classes());
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    const auto model =
        TopicModel::from_bytes({reinterpret_cast<const std::byte*>(aligned.data()), bytes.size()});
    if (!model) return;
    for (std::size_t language = 0; language < material.size(); ++language) {
      const std::vector<std::string>& texts = material[language].texts;
      for (std::size_t index = fold; index < texts.size() && index < kTextsMax * kLanguageFolds;
           index += kLanguageFolds) {
        const std::size_t tokens = kPieceTokens[index / kLanguageFolds % kPieceTokens.size()];
        if (auto piece = judge(*model, language, texts[index], tokens)) {
          judged.push_back(std::move(*piece));
        }
      }
    }
  }

 private:
  // A headline, a headline and a sentence, and as much as is ever read of a text.
  static constexpr std::array<std::uint32_t, 3> kPieceTokens = {8, 20, 48};
  static constexpr std::size_t kTextsMax = 150;  // Of a language and fold.

  std::optional<Judged> judge(const TopicModel& model, std::size_t language,
                              const std::string& text, std::size_t tokens) {
    analyzer_.analyze("", text, text_);
    model.begin(scratch_);
    scratch_.features.clear();
    const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(text_.token_count(), tokens));
    language_internal::add_features(text_, 0, end, language_sources()[language].script,
                                    scratch_.features);
    model.add(scratch_.features, 1, scratch_);
    model.finish(scratch_);
    if (scratch_.known_feature_count < LanguageIdentifier::kKnownMin) return std::nullopt;
    Judged judged{.language = language,
                  .root = std::sqrt(static_cast<float>(scratch_.known_feature_count)),
                  .sums = {}};
    for (const float score : scratch_.scores) judged.sums.push_back(score * judged.root);
    return judged;
  }

  TextAnalyzer analyzer_;
  ArticleText text_;
  TopicScratch scratch_;
};

// The best language of a judged piece, its confidence, and whether it fits.
struct Answer {
  std::size_t language = 0;
  double confidence = 0;
  double of_gold = 0;  // The probability of the language that it is in.
  bool fits = false;
};

Answer answer_of(const Judged& judged, std::span<const TopicClass> classes) {
  const auto script = classes[judged.language].level;
  const auto log_odds = [&](std::size_t index) {
    return static_cast<double>(judged.sums[index] * classes[index].slope + classes[index].offset);
  };
  std::size_t best = judged.language;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    if (classes[index].level == script && log_odds(index) > log_odds(best)) best = index;
  }
  double sum = 0;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    const bool other = index == best || classes[index].id != classes[best].id;
    if (classes[index].level == script && other) sum += std::exp(log_odds(index) - log_odds(best));
  }
  const float fit = judged.sums[best] / (judged.root * judged.root);
  return {.language = best,
          .confidence = 1 / sum,
          .of_gold = std::exp(log_odds(judged.language) - log_odds(best)) / sum,
          .fits = fit >= classes[best].threshold - language_internal::kFitSpread / judged.root};
}

// Naive Bayes takes neighbouring features for independent and is too sure of itself: its log odds
// count as much as is likeliest on the judged pieces, each language counting the same.
void fit_slope(std::span<const Judged> judged, std::vector<TopicClass>& classes) {
  std::vector<double> counts(classes.size());
  for (const Judged& piece : judged) ++counts[piece.language];
  double best_loss = 0;
  float best_slope = 0;
  for (float slope = 0.05F; slope < 1; slope *= 1.1F) {
    for (TopicClass& entry : classes) entry.slope = slope;
    double loss = 0;
    for (const Judged& piece : judged) {
      if (classes[piece.language].offset < 0) continue;
      constexpr double kLeast = 1e-9;
      loss -=
          std::log(std::max(answer_of(piece, classes).of_gold, kLeast)) / counts[piece.language];
    }
    if (best_slope == 0 || loss < best_loss) {
      best_loss = loss;
      best_slope = slope;
    }
  }
  for (TopicClass& entry : classes) entry.slope = best_slope;
}

bool is_one_document(const LanguageMaterial& material) {
  constexpr std::size_t kTexts = 100;
  constexpr std::size_t kWords = 1'000;
  return material.texts.size() < kTexts && material.words.size() < kWords;
}

// A language's threshold is what nearly all of its judged pieces reach.
void fit_thresholds(std::span<const Judged> judged, std::span<const LanguageMaterial> material,
                    std::vector<TopicClass>& classes) {
  std::vector<std::vector<float>> fits(classes.size());
  for (const Judged& piece : judged) {
    fits[piece.language].push_back(piece.sums[piece.language] / (piece.root * piece.root) +
                                   language_internal::kFitSpread / piece.root);
  }
  for (std::size_t index = 0; index < classes.size(); ++index) {
    std::vector<float>& of_language = fits[index];
    if (of_language.empty()) continue;
    std::sort(of_language.begin(), of_language.end());
    const float mean = std::accumulate(of_language.begin(), of_language.end(), 0.0F) /
                       static_cast<float>(of_language.size());
    const float share = is_one_document(material[index]) && classes[index].offset == 0
                            ? kFitShareMaxOfOneDocument
                            : kFitShareMax;
    classes[index].threshold =
        std::min(of_language[of_language.size() * kMisfitsPerThousand / 1000], share * mean);
  }
}

std::vector<TrainedLanguages::Reached> reached_on(std::span<const Judged> judged,
                                                  std::span<const TopicClass> classes) {
  std::vector<TrainedLanguages::Reached> reached;
  for (const TopicClass& entry : classes) reached.push_back({.language = entry.id});
  for (const Judged& piece : judged) {
    const Answer answer = answer_of(piece, classes);
    TrainedLanguages::Reached& of_language = reached[piece.language];
    ++of_language.pieces;
    if (answer.confidence < static_cast<double>(LanguageIdentifier::kConfidenceMin) ||
        !answer.fits) {
      continue;
    }
    ++(classes[answer.language].id == of_language.language ? of_language.right : of_language.wrong);
  }
  return reached;
}

}  // namespace

std::expected<TrainedLanguages, std::string> train_languages(const LanguageTraining& training) {
  const auto material = read_language_material(training);
  if (!material) return std::unexpected(material.error());
  std::vector<Judged> judged;
  Judge judge;
  for (std::size_t fold = 0; fold < kLanguageFolds; ++fold) judge.run(*material, fold, judged);
  std::vector<TopicClass> classes = uncalibrated_classes();
  fit_slope(judged, classes);
  fit_thresholds(judged, *material, classes);
  return TrainedLanguages{.bytes = model_of(statistics_of(*material, kNoFold), classes),
                          .reached = reached_on(judged, classes)};
}

}  // namespace wirewatch::topic_tools
