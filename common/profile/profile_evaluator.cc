#include "common/profile/profile_evaluator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/base/language_codes.h"
#include "common/profile/code_point.h"

namespace wirewatch::profile_internal {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

// Whole words of `part` in `whole`, both folded, of one space between words.
bool contains_words(std::string_view whole, std::string_view part) {
  for (std::size_t at = whole.find(part); at != std::string_view::npos;
       at = whole.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    const bool starts = at == 0 || !is_word_byte(whole[at - 1]);
    if (starts && (end == whole.size() || !is_word_byte(whole[end]))) return true;
  }
  return false;
}

}  // namespace

bool compares(float value, Comparison comparison, float limit) {
  switch (comparison) {
    case Comparison::kNone:
      return true;
    case Comparison::kLess:
      return value < limit;
    case Comparison::kLessEqual:
      return value <= limit;
    case Comparison::kEqual:
      return value == limit;
    case Comparison::kGreaterEqual:
      return value >= limit;
    case Comparison::kGreater:
      return value > limit;
  }
  return true;
}

std::uint8_t zone_bit(Zone zone) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(zone));
}

float zone_weight(Zone zone) {
  switch (zone) {
    case Zone::kHeadline:
      return 3;
    case Zone::kLede:
      return 2;
    default:
      return 1;
  }
}

Evaluator::Evaluator(const ProfileSet::Compiled& set, const ProfileInput& input, Buffers& buffers)
    : set_(set), text_(input.text), input_(input), buffers_(buffers) {
  WIREWATCH_CHECK(text_.token_count() == 0 || !text_.zones().empty());
  const auto grow = [](auto& buffer, std::size_t size) {
    if (buffer.size() < size) buffer.resize(size);
  };
  grow(buffers.features, set.phrase_count + set.patterns.size());
  grow(buffers.nodes, set.nodes.size());
  grow(buffers.exclusion_epoch, set.exclusions.size());
  grow(buffers.exclusion_spans, set.exclusions.size());
  grow(buffers.groups, set.group_profiles.begins.size());
  grow(buffers.wide, set.wide.begins.size());
  grow(buffers.present_bits, kPresentBits / 64);
  for (const std::uint32_t feature : buffers.present) {
    buffers.present_bits[(feature & (kPresentBits - 1)) / 64] = 0;
  }
  buffers.present.clear();
  clear_shown();
  if (++buffers.epoch == 0) {
    // After four thousand million articles old marks would look new.
    std::fill(buffers.features.begin(), buffers.features.end(), Buffers::FeatureState{});
    std::fill(buffers.nodes.begin(), buffers.nodes.end(), Buffers::NodeState{});
    std::fill(buffers.exclusion_epoch.begin(), buffers.exclusion_epoch.end(), 0U);
    std::fill(buffers.groups.begin(), buffers.groups.end(), Buffers::GroupState{});
    std::fill(buffers.wide.begin(), buffers.wide.end(), Buffers::WideState{});
    buffers.epoch = 1;
  }
  buffers.spans.clear();
  buffers.places.clear();
  buffers.positions.clear();
  buffers.selected.clear();
  buffers.candidate_count = 0;
  buffers.order.clear();
  language_ = same_language(input.topics.language);
  text_begin_ = text_.headline_token_count();
  for (const ZoneSpan& zone : text_.zones()) {
    if (zone.zone == Zone::kDateline) text_begin_ = std::max(text_begin_, zone.token_end);
  }
}

const Evaluator::Buffers::FeatureState* Evaluator::found_anywhere(const Term& term) const {
  const Buffers::FeatureState& feature = buffers_.features[term.feature];
  return feature.epoch == buffers_.epoch ? &feature : nullptr;
}

bool Evaluator::holds(std::uint32_t index) {
  const Node& node = set_.nodes[index];
  ++steps_;
  if (node.kind == NodeKind::kTerm) {
    const Term& term = set_.terms[node.payload];
    const Buffers::FeatureState* feature = found_anywhere(term);
    if (feature == nullptr || (feature->zones & term.zones) == 0) return false;
    if (term.only_zones()) return true;
  }
  Buffers::NodeState& state = buffers_.nodes[index];
  if (state.truth_epoch == buffers_.epoch) return state.truth;
  const bool truth = compute_truth(node, index);
  state.truth_epoch = buffers_.epoch;
  state.truth = truth;
  return truth;
}

bool Evaluator::compute_truth(const Node& node, std::uint32_t index) {
  const auto children = set_.children_of(node);
  const auto child_holds = [this](std::uint32_t child) { return holds(child); };
  switch (node.kind) {
    case NodeKind::kAnd:
      return std::all_of(children.begin(), children.end(), child_holds);
    case NodeKind::kOr: {
      bool any = false;
      each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
        any = holds(child);
        return !any;
      });
      return any;
    }
    case NodeKind::kNot:
      return !holds(children[0]);
    case NodeKind::kAtLeast:
      return quorum_holds(node);
    case NodeKind::kTimes:
      return holds(children[0]) && spans(children[0]).size() >= node.number;
    case NodeKind::kWeighted:
      return reaches(list_score(index), set_.weighted[node.payload].threshold);
    default:
      break;
  }
  if (node.kind == NodeKind::kTerm || is_together(node.kind) || is_apart(node.kind)) {
    // A side that is absent decides without any positions.
    if (!children.empty() && !holds(children[0])) return false;
    if (is_together(node.kind) && !holds(children[1])) return false;
    const Range range = range_of(index);
    return range.begin != range.end;
  }
  return predicate_holds(node);
}

bool Evaluator::predicate_holds(const Node& node) {
  const Predicate& predicate = set_.predicates[node.payload];
  switch (node.kind) {
    case NodeKind::kMentions:
      return mentions_hold(predicate);
    case NodeKind::kRegion:
      return region_holds(predicate);
    case NodeKind::kTopic:
      return topic_holds(predicate);
    case NodeKind::kLabel:
      return label_holds(predicate);
    case NodeKind::kLanguage:
      return language_ == set_.text(predicate.text);
    case NodeKind::kSource:
      return source_holds(predicate);
    case NodeKind::kUrgency:
      return input_.article.urgency > 0 && compares(static_cast<float>(input_.article.urgency),
                                                    predicate.comparison, predicate.value);
    case NodeKind::kSignal:
      return static_cast<std::uint32_t>(input_.article.signal) == predicate.number;
    default:
      return genre_holds(predicate);
  }
}

bool Evaluator::quorum_holds(const Node& node) {
  std::uint32_t met = 0;
  each_possible(node, [&](std::uint32_t child, std::uint32_t position) {
    if (holds(child)) ++met;
    return met < node.number && met + (node.child_count - position - 1) >= node.number;
  });
  return met == node.number;
}

float Evaluator::list_score(std::uint32_t index) {
  const Node& node = set_.nodes[index];
  const WeightedList& list = set_.weighted[node.payload];
  if (list.overlaps) return overlapping_score(node, list);
  float score = 0;
  each_possible(node, [&](std::uint32_t child, std::uint32_t position) {
    const std::uint32_t count = occurrences(child, list.occurrence_max);
    score += static_cast<float>(count) * set_.weights[list.weights + position];
    return true;
  });
  return score;
}

float Evaluator::overlapping_score(const Node& node, const WeightedList& list) {
  std::vector<Buffers::ListPlace>& places = buffers_.list_places;
  places.clear();
  each_possible(node, [&](std::uint32_t child, std::uint32_t position) {
    if (!holds(child)) return true;
    const Range range = range_of(child);
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      places.push_back({buffers_.spans[i], position});
    }
    return true;
  });
  keep_outer_places(list);
  float score = 0;
  std::uint32_t count = 0;  // Of the places of one term, which follow one another.
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool first = i == 0 || places[i].position != places[i - 1].position;
    count = first ? 1 : count + 1;
    if (count <= list.occurrence_max) score += set_.weights[list.weights + places[i].position];
  }
  return score;
}

void Evaluator::keep_outer_places(const WeightedList& list) {
  std::vector<Buffers::ListPlace>& places = buffers_.list_places;
  using Place = Buffers::ListPlace;
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
    if (a.span.end != b.span.end) return a.span.end > b.span.end;
    const float left = std::abs(set_.weights[list.weights + a.position]);
    const float right = std::abs(set_.weights[list.weights + b.position]);
    return left != right ? left > right : a.position < b.position;
  });
  // Whatever comes before begins no later: a place is inside another when one before reaches as
  // far. Places of one term do not contain each other.
  std::uint32_t reach = 0;
  std::erase_if(places, [&](const Place& place) {
    const bool inside = place.span.end <= reach;
    reach = std::max(reach, place.span.end);
    return inside;
  });
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.position < b.position; });
}

std::uint32_t Evaluator::occurrences(std::uint32_t node, std::uint32_t most) {
  if (!holds(node)) return 0;
  if (most == 1) return 1;
  const Range range = range_of(node);
  return std::min(range.end - range.begin, most);
}

bool Evaluator::language_fits(std::uint32_t language) const {
  return language == kNone || language_.empty() || language_ == set_.languages[language];
}

bool Evaluator::counted(const Mention& mention, const Predicate& predicate) const {
  if (mention.country.empty() || (predicate.zones & zone_bit(mention.zone)) == 0) return false;
  if (!set_.country_sets[predicate.number].test(mention.country.index())) return false;
  // A query that asks for the tail or the dateline means the names there too.
  return mention.counts || (predicate.zones & ~kZonesDefault) != 0;
}

bool Evaluator::mentions_hold(const Predicate& predicate) const {
  const auto& mentions = input_.regions.mentions;
  const auto count = std::count_if(mentions.begin(), mentions.end(), [&](const Mention& mention) {
    return counted(mention, predicate);
  });
  return count > 0 && compares(static_cast<float>(count), predicate.comparison, predicate.value);
}

bool Evaluator::region_holds(const Predicate& predicate) const {
  const CountrySet& set = set_.country_sets[predicate.number];
  const auto& about = input_.regions.about;
  return std::any_of(about.begin(), about.end(), [&](const CountryScore& score) {
    return !score.country.empty() && set.test(score.country.index()) &&
           compares(score.salience, predicate.comparison, predicate.value);
  });
}

bool Evaluator::topic_holds(const Predicate& predicate) const {
  const auto& topics = input_.topics.topics;
  return std::any_of(topics.begin(), topics.end(), [&](const TopicScore& topic) {
    return topic.id.value() == predicate.number &&
           compares(topic.confidence, predicate.comparison, predicate.value);
  });
}

bool Evaluator::label_holds(const Predicate& predicate) const {
  // "crude", or "reuters:crude" with its scheme.
  const std::string_view name = set_.text(predicate.text);
  const auto is_named = [&](const LabelScore& label) {
    if (name == label.id) return true;
    const std::size_t scheme = label.scheme.size();
    return name.size() == scheme + 1 + label.id.size() && name.starts_with(label.scheme) &&
           name[scheme] == ':' && name.ends_with(label.id);
  };
  const auto& labels = input_.topics.labels;
  return std::any_of(labels.begin(), labels.end(), [&](const LabelScore& label) {
    return is_named(label) && compares(label.confidence, predicate.comparison, predicate.value);
  });
}

bool Evaluator::source_holds(const Predicate& predicate) {
  const std::array<std::string_view, 2> names = {input_.article.source, input_.article.source_uri};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    buffers_.folded.clear();
    fold(name, buffers_.folded);
    keep_words(buffers_.folded);
    return contains_words(buffers_.folded, set_.text(predicate.text));
  });
}

bool Evaluator::genre_holds(const Predicate& predicate) const {
  // Genres are carried as JSON; the name or code stands in it as a whole string.
  const std::string_view wanted = set_.text(predicate.text);
  for (const CarriedProperty& property : input_.article.carried) {
    if (property.name != "genres") continue;
    const std::string_view json = property.json;
    for (std::size_t at = json.find('"'); at != std::string_view::npos;
         at = json.find('"', at + 1)) {
      const std::size_t end = at + 1 + wanted.size();
      if (end + 1 >= json.size()) break;
      const bool is_value = json[end] == '"' && json[end + 1] != ':';  // A bracket, at the end.
      if (is_value && same_letters(json.substr(at + 1, wanted.size()), wanted)) return true;
    }
  }
  return false;
}

}  // namespace wirewatch::profile_internal
