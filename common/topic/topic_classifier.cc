#include "common/topic/topic_classifier.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "common/base/check.h"
#include "common/base/language_codes.h"

namespace wirewatch {

namespace {

// Stable insertion by falling confidence; the lists are short.
template <typename Score>
void insert_best(std::vector<Score>& list, std::size_t size_max, const Score& score) {
  auto at = list.end();
  while (at != list.begin() && (at - 1)->confidence < score.confidence) --at;
  if (static_cast<std::size_t>(at - list.begin()) >= size_max) return;
  if (list.size() == size_max) {
    const auto position = at - list.begin();
    list.pop_back();
    at = list.begin() + position;
  }
  list.insert(at, score);
}

float log_odds(float probability) {
  return std::log(probability / (1 - probability));
}

float probability(float log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

// "en" of "en-GB" and "EN_gb"; empty where the tag does not begin with two or three letters.
std::string_view primary_subtag(std::string_view tag) {
  std::size_t size = 0;
  while (size < tag.size() && tag[size] != '-' && tag[size] != '_') ++size;
  return size == 2 || size == 3 ? tag.substr(0, size) : std::string_view();
}

}  // namespace

std::optional<TopicId> parse_topic_id(std::string_view id) {
  constexpr std::string_view kPrefix = "medtop:";
  constexpr std::size_t kDigits = 8;
  if (!id.starts_with(kPrefix) || id.size() != kPrefix.size() + kDigits) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = id.data() + id.size();
  const auto [at, error] = std::from_chars(id.data() + kPrefix.size(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return TopicId{number};
}

TopicClassifier::TopicClassifier(const TopicModel* topics, const TopicModel* labels,
                                 const LanguageIdentifier* languages,
                                 TopicClassifierOptions options)
    : topics_(topics), labels_(labels), languages_(languages), options_(options) {
  WIREWATCH_CHECK(options.topic_max >= 1 && options.label_max >= 1);
  if (topics_ == nullptr) return;
  for (const TopicClass& entry : topics_->classes()) {
    topic_ids_.push_back(parse_topic_id(entry.id));
    topic_odds_.push_back(log_odds(entry.threshold));
  }
}

void TopicClassifier::classify(const ArticleText& text, std::string_view stated_language,
                               TopicScratch& scratch, TopicResult& result) const {
  result.topics.clear();
  result.labels.clear();
  result.language = {};
  result.language_confidence = 0;
  if (const std::string_view stated = primary_subtag(stated_language); !stated.empty()) {
    result.language = known_language(stated);
    if (!result.language.empty()) result.language_confidence = 1;
  }
  if (result.language.empty() && languages_ != nullptr) {
    const LanguageGuess guess = languages_->identify(text, scratch);
    result.language = guess.language;
    result.language_confidence = guess.confidence;
  }
  if (topics_ != nullptr) {
    topics_->score(text, scratch);
    add_topics(scratch, result);
  }
  if (labels_ != nullptr) {
    labels_->score(text, scratch);
    add_labels(scratch, result);
  }
}

void TopicClassifier::add_topics(TopicScratch& scratch, TopicResult& result) const {
  if (scratch.known_feature_count == 0) return;
  const std::span<const TopicClass> classes = topics_->classes();
  const std::span<float> odds = scratch.scores;
  constexpr std::size_t kNone = SIZE_MAX;
  const float shortness = TopicModel::shortness(scratch.known_feature_count);
  std::size_t best = kNone;  // Of level 1.
  bool any = false;
  // Scores become log odds in place: they compare like confidences, and only what is given needs
  // the exponential. A parent stands before its children.
  for (std::size_t index = 0; index < classes.size(); ++index) {
    odds[index] = TopicModel::bounded(topics_->log_odds(index, odds[index], shortness),
                                      scratch.known_feature_count);
    if (classes[index].parent >= 0) {
      odds[index] = std::min(odds[index], odds[static_cast<std::size_t>(classes[index].parent)]);
    } else if (topic_ids_[index].has_value()) {
      any = any || odds[index] >= topic_odds_[index];
      if (best == kNone || odds[index] > odds[best]) best = index;
    }
  }
  const bool give_best =
      !any && best != kNone && probability(odds[best]) >= options_.best_confidence_min;
  const auto is_given = [&](std::size_t index) {
    return odds[index] >= topic_odds_[index] || (give_best && index == best);
  };
  for (std::size_t index = 0; index < classes.size(); ++index) {
    const TopicClass& entry = classes[index];
    if (!is_given(index) || !topic_ids_[index].has_value()) continue;
    if (entry.parent >= 0 && !is_given(static_cast<std::size_t>(entry.parent))) continue;
    insert_best(result.topics, options_.topic_max,
                {.id = *topic_ids_[index],
                 .level = static_cast<std::uint8_t>(entry.level),
                 .confidence = probability(odds[index])});
  }
}

void TopicClassifier::add_labels(TopicScratch& scratch, TopicResult& result) const {
  if (scratch.known_feature_count == 0) return;
  const std::span<const TopicClass> classes = labels_->classes();
  const float shortness = TopicModel::shortness(scratch.known_feature_count);
  float sum = 0;
  for (std::size_t index = 0; index < classes.size(); ++index) {
    scratch.scores[index] = labels_->confidence(index, scratch.scores[index], shortness);
    sum += scratch.scores[index];
  }
  // Of labels that exclude each other one is right: the confidences share 1, and the best is given.
  const float share = labels_->is_exclusive() && sum > 0 ? 1 / sum : 1;
  std::size_t best = 0;
  for (std::size_t index = 1; index < classes.size(); ++index) {
    if (scratch.scores[index] > scratch.scores[best]) best = index;
  }
  for (std::size_t index = 0; index < classes.size(); ++index) {
    const float confidence = std::min(1.0F, scratch.scores[index] * share);
    const bool given =
        labels_->is_exclusive() ? index == best : scratch.scores[index] >= classes[index].threshold;
    if (given) {
      insert_best(result.labels, options_.label_max,
                  {.scheme = labels_->scheme(), .id = classes[index].id, .confidence = confidence});
    }
  }
}

namespace {

std::vector<TopicEvidence> explain_class(const TopicModel& model, const ArticleText& text,
                                         std::size_t class_index, std::size_t evidence_max) {
  std::vector<TopicEvidence> evidence;
  std::unordered_set<std::uint64_t> seen;
  const auto add = [&](std::uint64_t feature, std::uint32_t begin, std::uint32_t end) {
    const float weight = model.weight(feature, class_index);
    if (feature == 0 || weight == 0 || !seen.insert(feature).second) return;
    evidence.push_back({.token_begin = begin, .token_end = end, .weight = weight});
  };
  for_each_token(text, model.features(), [&](std::uint32_t token, const TokenFeatures& features) {
    add(model.knows(features.word) ? features.word : features.stem, token, token + 1);
    if (features.pair != 0) add(features.pair, token - 1, token + 1);
  });
  std::stable_sort(evidence.begin(), evidence.end(),
                   [](const TopicEvidence& a, const TopicEvidence& b) {
                     return std::fabs(a.weight) > std::fabs(b.weight);
                   });
  if (evidence.size() > evidence_max) evidence.resize(evidence_max);
  return evidence;
}

}  // namespace

std::vector<TopicEvidence> TopicClassifier::explain(const ArticleText& text, TopicId topic,
                                                    std::size_t evidence_max) const {
  const auto found = std::find(topic_ids_.begin(), topic_ids_.end(), topic);
  if (found == topic_ids_.end()) return {};
  return explain_class(*topics_, text, static_cast<std::size_t>(found - topic_ids_.begin()),
                       evidence_max);
}

std::vector<TopicEvidence> TopicClassifier::explain(const ArticleText& text,
                                                    const LabelScore& label,
                                                    std::size_t evidence_max) const {
  if (labels_ == nullptr) return {};
  const auto classes = labels_->classes();
  const auto found = std::find_if(classes.begin(), classes.end(),
                                  [&](const TopicClass& one) { return one.id == label.id; });
  if (found == classes.end()) return {};
  return explain_class(*labels_, text, static_cast<std::size_t>(found - classes.begin()),
                       evidence_max);
}

}  // namespace wirewatch
