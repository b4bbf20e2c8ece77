// The training of the Media Topics from sets of labelled news, seed words, and the taxonomy.

#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

#include "common/topic/tools/linear_trainer.h"

namespace wirewatch::topic_tools {

struct MediaTopicTraining {
  std::filesystem::path corpora;     // Folder with topics-*.jsonl.gz and so on; see MODEL_CARD.md.
  std::filesystem::path seed_words;  // data/seed_words.tsv
  TrainerOptions options;
};

// One article in ten is left out, see is_held_out(). What is reached speaks of all marks of the
// articles, those by seed words too.
[[nodiscard]] std::expected<TrainedModel, std::string> train_media_topics(
    const MediaTopicTraining& training);

}  // namespace wirewatch::topic_tools
