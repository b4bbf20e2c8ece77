// Which Media Topics hold for an article of the training: as its labels say, and where these leave
// a topic open, as seed words say.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/topic/tools/seed_words.h"
#include "common/topic/tools/training_set.h"
#include "common/topic/topic.h"

namespace wirewatch::topic_tools {

inline constexpr std::size_t kMediaTopicCount = 62;

// The topics that the model knows: all of level 1, and those of level 2 for which there is
// something to learn from. A parent stands before its children. In the order of the model's
// classes.
[[nodiscard]] std::span<const TopicId, kMediaTopicCount> media_topics();

// The place of a topic among media_topics(); kMediaTopicCount where it is none of them.
[[nodiscard]] std::size_t media_topic_index(TopicId topic);
[[nodiscard]] bool is_of_level_one(std::size_t index);

// One for each of media_topics().
using TopicMarks = std::array<Mark, kMediaTopicCount>;

// Marks a topic, and the topic above it, which holds too.
void mark_yes(TopicId topic, TopicMarks& marks);

// Fills what labels have left open: by seed words, dense (yes) or absent (no), and at level 2 by
// the parent. Without seed words for the language level 1 stays open.
void complete_marks(const SeedWords& seeds, const std::string& language,
                    std::span<const CountedToken> tokens, TopicMarks& marks);

}  // namespace wirewatch::topic_tools
