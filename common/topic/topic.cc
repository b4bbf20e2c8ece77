#include "common/topic/topic.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wirewatch {

namespace {

struct NamedTopic {
  std::uint32_t id;
  std::uint8_t level;
  std::uint32_t parent;  // 0 at level 1.
  std::string_view name;
};

// In order of id; see NOTICE.md for where the names come from.
constexpr NamedTopic kNamedTopics[] = {
#include "common/topic/topic_names.inc"
};

const NamedTopic* find_topic(TopicId id) {
  const auto* at = std::lower_bound(
      std::begin(kNamedTopics), std::end(kNamedTopics), id.value(),
      [](const NamedTopic& topic, std::uint32_t value) { return topic.id < value; });
  return at != std::end(kNamedTopics) && at->id == id.value() ? at : nullptr;
}

}  // namespace

std::string_view topic_name(TopicId id) {
  const NamedTopic* topic = find_topic(id);
  return topic == nullptr ? std::string_view() : topic->name;
}

TopicId topic_parent(TopicId id) {
  const NamedTopic* topic = find_topic(id);
  return topic == nullptr ? TopicId{} : TopicId{topic->parent};
}

}  // namespace wirewatch
