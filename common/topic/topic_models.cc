#include "common/topic/topic_models.h"

#include <optional>
#include <span>
#include <utility>

#include "common/base/hash.h"
#include "common/base/table_memory.h"

namespace wirewatch {

namespace {

struct HeldModel {
  TableMemory bytes;
  std::optional<TopicModel> model;
};

// Nothing for empty bytes; an error in words for bytes that are no model of this kind.
std::expected<HeldModel, std::string> hold(std::string_view bytes, TopicModelKind kind) {
  HeldModel held;
  if (bytes.empty()) return held;
  held.bytes = TableMemory(std::as_bytes(std::span(bytes)));
  auto model = TopicModel::from_bytes(held.bytes.bytes());
  if (!model) return std::unexpected(model.error());
  if (model->kind() != kind) return std::unexpected("topic model: a model of another kind");
  held.model.emplace(std::move(*model));
  return held;
}

}  // namespace

struct TopicModels::Parts {
  HeldModel topics;
  HeldModel languages;
  HeldModel labels;
  std::optional<LanguageIdentifier> identifier;
  std::optional<TopicClassifier> classifier;
};

TopicModels::TopicModels(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
TopicModels::~TopicModels() = default;
TopicModels::TopicModels(TopicModels&&) noexcept = default;
TopicModels& TopicModels::operator=(TopicModels&&) noexcept = default;

std::expected<TopicModels, std::string> TopicModels::from_files(std::string_view topic_bytes,
                                                                std::string_view language_bytes,
                                                                std::string_view label_bytes,
                                                                TopicClassifierOptions options) {
  auto topics = hold(topic_bytes, TopicModelKind::kTopics);
  if (!topics) return std::unexpected(topics.error());
  auto languages = hold(language_bytes, TopicModelKind::kLanguages);
  if (!languages) return std::unexpected(languages.error());
  auto labels = hold(label_bytes, TopicModelKind::kLabels);
  if (!labels) return std::unexpected(labels.error());
  auto parts = std::make_unique<Parts>();
  parts->topics = std::move(*topics);
  parts->languages = std::move(*languages);
  parts->labels = std::move(*labels);
  const auto pointer = [](const HeldModel& held) {
    return held.model ? &*held.model : static_cast<const TopicModel*>(nullptr);
  };
  if (parts->languages.model) parts->identifier.emplace(*parts->languages.model);
  parts->classifier.emplace(pointer(parts->topics), pointer(parts->labels),
                            parts->identifier ? &*parts->identifier : nullptr, options);
  return TopicModels(std::move(parts));
}

const TopicClassifier& TopicModels::classifier() const {
  return *parts_->classifier;
}

std::uint64_t TopicModels::version() const {
  std::uint64_t version = 0;
  for (const HeldModel* held : {&parts_->topics, &parts_->languages, &parts_->labels}) {
    version = hash_combine(version, held->model ? held->model->version() : 0);
  }
  return version;
}

}  // namespace wirewatch
