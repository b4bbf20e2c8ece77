// The models of one rule set with the bytes that they read, ready to classify.
//
//   auto models = TopicModels::from_files(topic_bytes, language_bytes, label_bytes);
//   if (!models) fail(models.error());
//   models->classifier().classify(text, article.language, scratch, result);
//
// Immutable after construction; may be moved, its parts stay where they are.
// Threads: const calls from any thread.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "common/topic/topic_classifier.h"

namespace wirewatch {

class TopicModels {
 public:
  // Copies the contents of the model files (about 10 MB). Empty bytes leave that part out. The
  // reason in words when a file is no model or not of the kind that is wanted.
  [[nodiscard]] static std::expected<TopicModels, std::string> from_files(
      std::string_view topic_bytes, std::string_view language_bytes,
      std::string_view label_bytes = {}, TopicClassifierOptions options = {});

  ~TopicModels();
  TopicModels(TopicModels&&) noexcept;
  TopicModels& operator=(TopicModels&&) noexcept;

  [[nodiscard]] const TopicClassifier& classifier() const;
  // Changes with the contents of the files.
  [[nodiscard]] std::uint64_t version() const;

 private:
  struct Parts;
  explicit TopicModels(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace wirewatch
