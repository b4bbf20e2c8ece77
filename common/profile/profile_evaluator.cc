#include "common/profile/profile_evaluator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "common/base/check.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kMemoWords = 8192;        // Slots; a power of two.
constexpr std::size_t kMemoPatterns = 131'072;  // Of all words together, unless one has more.
constexpr std::uint32_t kPresentBits = 65'536;  // A power of two; 8 KB.
constexpr std::size_t kFoundMax = 256;          // Places looked at per match.
constexpr std::uint32_t kOccurrencesShown = 3;  // Of one clause.
constexpr std::uint32_t kWindowsShown = 2;      // Of one proximity.
constexpr float kZoneDecides = -1;              // Weight of evidence outside weighted lists.

bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

// "ko-KR" is "ko".
bool same_language(std::string_view tag, std::string_view primary) {
  return same_letters(tag.substr(0, tag.find_first_of("-_")), primary);
}

// Whole words of `part` in `whole`, both folded.
bool contains_words(std::string_view whole, std::string_view part) {
  for (std::size_t at = whole.find(part); at != std::string_view::npos;
       at = whole.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    const bool starts = at == 0 || !is_word_byte(whole[at - 1]);
    if (starts && (end == whole.size() || !is_word_byte(whole[end]))) return true;
  }
  return false;
}

std::size_t memo_slot(std::uint64_t word) {
  return word >> 20 & (kMemoWords - 1);
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
  language_ = input.article.language.empty() ? input.topics.language : input.article.language;
  text_begin_ = text_.headline_token_count();
  for (const ZoneSpan& zone : text_.zones()) {
    if (zone.zone == Zone::kDateline) text_begin_ = std::max(text_begin_, zone.token_end);
  }
}

// ---- Terms ----

void Evaluator::find_terms() {
  set_.lexicon.find(text_, buffers_.hits);
  if (!set_.pattern_index.empty()) find_patterns();
  index_hits();
}

void Evaluator::find_patterns() {
  constexpr std::uint32_t kAhead = 16;
  const std::size_t shortest = set_.pattern_index.word_bytes_min();
  const std::span<const std::uint64_t> hashes = text_.hashes();
  prepare_memo();
  for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
    // The memo is larger than what the caches keep from one article to the next.
    if (token + kAhead < hashes.size()) {
      __builtin_prefetch(&buffers_.memo.slots[memo_slot(hashes[token + kAhead])]);
    }
    if (text_.folded(token).size() < shortest) continue;
    for (const std::uint32_t pattern : patterns_of(token)) {
      buffers_.hits.push_back({PhraseId(set_.phrase_count + pattern), token, token + 1});
    }
  }
}

// What was remembered for other patterns is forgotten.
void Evaluator::prepare_memo() {
  Buffers::WordMemo& memo = buffers_.memo;
  if (memo.patterns_hash == set_.patterns_hash && !memo.slots.empty()) return;
  memo.patterns_hash = set_.patterns_hash;
  memo.slots.assign(kMemoWords, {});
  memo.patterns.clear();
  memo.patterns.reserve(kMemoPatterns);
}

// Valid until the next call.
std::span<const std::uint32_t> Evaluator::patterns_of(std::uint32_t token) {
  Buffers::WordMemo& memo = buffers_.memo;
  const std::uint64_t word = text_.hashes()[token];
  Buffers::WordMemo::Slot& slot = memo.slots[memo_slot(word)];
  if (slot.word != word || slot.count == Buffers::WordMemo::kUnknown) {
    if (memo.patterns.size() >= kMemoPatterns / 2) {
      memo.slots.assign(kMemoWords, {});
      memo.patterns.clear();
    }
    const auto begin = static_cast<std::uint32_t>(memo.patterns.size());
    steps_ += set_.pattern_index.find(text_.folded(token), set_.patterns, memo.patterns);
    slot = {word, begin, static_cast<std::uint32_t>(memo.patterns.size()) - begin};
  }
  return std::span(memo.patterns).subspan(slot.begin, slot.count);
}

// Chains the hits of every feature, and selects the groups that are filed under them.
void Evaluator::index_hits() {
  const std::size_t count = buffers_.hits.size();
  if (buffers_.next_hit.size() < count) {
    buffers_.next_hit.resize(count);
    buffers_.hit_zone.resize(count);
  }
  const std::span<const ZoneSpan> zones = text_.zones();
  std::size_t zone = 0;
  for (const PhraseHit& hit : buffers_.hits) {
    __builtin_prefetch(&buffers_.features[hit.phrase.value()]);
    __builtin_prefetch(&set_.feature_postings.begins[hit.phrase.value()]);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const PhraseHit& hit = buffers_.hits[i];
    // Hits come in text order; those of patterns begin anew.
    if (hit.token_begin < zones[zone].token_begin) zone = 0;
    while (zone + 1 < zones.size() && hit.token_begin >= zones[zone].token_end) ++zone;
    const std::uint8_t bit = zones[zone].repeated ? kZoneRepeated : zone_bit(zones[zone].zone);
    buffers_.hit_zone[i] = bit;
    buffers_.next_hit[i] = kNone;
    Buffers::FeatureState& feature = buffers_.features[hit.phrase.value()];
    if (feature.epoch != buffers_.epoch) {
      feature = {buffers_.epoch, i, i, 0};
      buffers_.present.push_back(hit.phrase.value());
      const std::uint32_t present = hit.phrase.value() & (kPresentBits - 1);
      buffers_.present_bits[present / 64] |= std::uint64_t{1} << (present % 64);
    } else {
      buffers_.next_hit[feature.last] = i;
      feature.last = i;
    }
    if ((feature.zones & bit) != 0) continue;
    feature.zones |= bit;
    for (const Posting& posting : set_.feature_postings.row(hit.phrase.value())) {
      if ((posting.zones & bit) == 0) continue;
      select(posting);
    }
  }
}

// ---- Wide nodes ----

// The positions of a wide node's children that can hold: found once, for its truth, its positions
// and its evidence.
Evaluator::Range Evaluator::possible(std::uint32_t wide) {
  Buffers::WideState& state = buffers_.wide[wide];
  if (state.epoch == buffers_.epoch) return state.possible;
  const auto begin = static_cast<std::uint32_t>(buffers_.positions.size());
  push_possible(wide);
  state.epoch = buffers_.epoch;
  state.possible = {begin, static_cast<std::uint32_t>(buffers_.positions.size())};
  return state.possible;
}

// Pushes them, ascending.
void Evaluator::push_possible(std::uint32_t wide) {
  std::vector<std::uint32_t>& positions = buffers_.positions;
  const auto before = static_cast<std::ptrdiff_t>(positions.size());
  for (const WideRun& run : set_.wide.row(wide)) {
    if (run.feature != kNone) {
      push_present(run);
    } else {
      const auto begin = set_.wide_positions.begin() + run.begin;
      positions.insert(positions.end(), begin, begin + run.count);
    }
  }
  const std::ptrdiff_t pushed = std::ssize(positions) - before;
  steps_ += static_cast<std::uint32_t>(pushed);
  if (pushed > 1) std::sort(positions.begin() + before, positions.end());
}

// Those whose features the article shows, asked for 64 at a time.
void Evaluator::push_present(const WideRun& run) {
  std::uint32_t bit = run.feature & (kPresentBits - 1);
  for (std::uint32_t done = 0; done < run.count;) {
    std::uint64_t bits = buffers_.present_bits[bit / 64] >> (bit % 64);
    const std::uint32_t size = std::min(64 - bit % 64, run.count - done);
    if (size < 64) bits &= (std::uint64_t{1} << size) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const auto at = static_cast<std::uint32_t>(std::countr_zero(bits));
      buffers_.positions.push_back(set_.wide_positions[run.begin + done + at]);
    }
    done += size;
    bit = (bit + size) & (kPresentBits - 1);
  }
}

template <typename Visit>
void Evaluator::each_possible(const Node& node, Visit visit) {
  const auto children = set_.children_of(node);
  const std::uint32_t wide =
      node.kind == NodeKind::kWeighted ? set_.weighted[node.payload].wide : node.payload;
  if (wide == kNone) {
    for (std::uint32_t i = 0; i < children.size(); ++i) {
      if (!visit(children[i], i)) return;
    }
    return;
  }
  const Range range = possible(wide);
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    // What is visited may push positions of its own, so that the row moves.
    const std::uint32_t position = buffers_.positions[i];
    if (!visit(children[position], position)) return;
  }
}

const Evaluator::Buffers::FeatureState* Evaluator::found_anywhere(const Term& term) const {
  const Buffers::FeatureState& feature = buffers_.features[term.feature];
  return feature.epoch == buffers_.epoch ? &feature : nullptr;
}

// ---- Truth ----

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
      return list_score(index) >= set_.weighted[node.payload].threshold;
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
      return same_language(language_, set_.text(predicate.text));
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
  return language == kNone || language_.empty() ||
         same_language(language_, set_.languages[language]);
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
      if (end >= json.size()) break;
      if (json[end] == '"' && same_letters(json.substr(at + 1, wanted.size()), wanted)) return true;
    }
  }
  return false;
}

// ---- Positions ----

std::span<const Evaluator::Span> Evaluator::spans(std::uint32_t node) {
  const Range range = range_of(node);
  return std::span(buffers_.spans).subspan(range.begin, range.end - range.begin);
}

Evaluator::Range Evaluator::range_of(std::uint32_t index) {
  Buffers::NodeState& state = buffers_.nodes[index];
  if (state.span_epoch == buffers_.epoch) return state.spans;
  const Node& node = set_.nodes[index];
  // What the node needs first, so that its own spans lie in one piece.
  if (node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast) {
    each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
      if (set_.nodes[child].positional) static_cast<void>(range_of(child));
      return true;
    });
  } else {
    for (const std::uint32_t child : set_.children_of(node)) {
      if (set_.nodes[child].positional) static_cast<void>(range_of(child));
    }
  }
  if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kAtLeast) {
    static_cast<void>(holds(index));
  }
  if (node.kind == NodeKind::kTerm) {
    const Term& term = set_.terms[node.payload];
    if (term.exclusion != kNone) static_cast<void>(exclusion(term.exclusion));
  }
  const auto begin = static_cast<std::uint32_t>(buffers_.spans.size());
  append_spans(node, index);
  make_minimal(begin);
  const auto end = static_cast<std::uint32_t>(buffers_.spans.size());
  steps_ += end - begin;
  state.span_epoch = buffers_.epoch;
  state.spans = {begin, end};
  return state.spans;
}

void Evaluator::append_child(std::uint32_t child) {
  const Range range = range_of(child);
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    const Span span = buffers_.spans[i];
    buffers_.spans.push_back(span);
  }
}

void Evaluator::append_spans(const Node& node, std::uint32_t index) {
  const auto children = set_.children_of(node);
  switch (node.kind) {
    case NodeKind::kTerm:
      return append_term(set_.terms[node.payload]);
    case NodeKind::kMentions:
      return append_mentions(set_.predicates[node.payload]);
    case NodeKind::kAtLeast:
      if (!holds(index)) return;
      [[fallthrough]];
    case NodeKind::kOr:
      return each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
        append_child(child);
        return true;
      });
    case NodeKind::kTimes: {
      const Range range = range_of(children[0]);
      if (range.end - range.begin >= node.number) append_child(children[0]);
      return;
    }
    case NodeKind::kAnd:
      if (holds(index)) append_both(children);
      return;
    default:
      return is_apart(node.kind) ? append_apart(node) : append_together(node);
  }
}

void Evaluator::append_term(const Term& term) {
  const Buffers::FeatureState* feature = found_anywhere(term);
  if (feature == nullptr || (feature->zones & term.zones) == 0) return;
  if (!language_fits(term.language)) return;
  std::vector<Span>& spans = buffers_.spans;
  const Range excluded = term.exclusion == kNone ? Range{} : exclusion(term.exclusion);
  std::uint32_t next_excluded = excluded.begin;
  for (std::uint32_t i = feature->first; i != kNone; i = buffers_.next_hit[i]) {
    const PhraseHit& hit = buffers_.hits[i];
    ++steps_;
    if (!accepts(term, i)) continue;
    while (next_excluded < excluded.end && spans[next_excluded].end <= hit.token_begin) {
      ++next_excluded;
    }
    if (next_excluded < excluded.end && spans[next_excluded].begin < hit.token_end) continue;
    spans.push_back({hit.token_begin, hit.token_end});
  }
}

bool Evaluator::accepts(const Term& term, std::uint32_t index) const {
  const PhraseHit& hit = buffers_.hits[index];
  if ((buffers_.hit_zone[index] & term.zones) == 0) return false;
  if (term.first_words > 0 && !in_first_words(hit.token_begin, term.first_words)) return false;
  return !term.exact || exact_text(term, hit);
}

bool Evaluator::in_first_words(std::uint32_t token, std::uint32_t words) const {
  return token < text_begin_ || token - text_begin_ < words;
}

// Letter for letter; where one has white space, the other has some.
bool Evaluator::exact_text(const Term& term, const PhraseHit& hit) const {
  const std::string_view wanted = set_.text(term.text);
  const std::string_view found = text_.source(text_.source_span(hit.token_begin, hit.token_end));
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < wanted.size() && b < found.size()) {
    if (space(wanted[a]) && space(found[b])) {
      while (a < wanted.size() && space(wanted[a])) ++a;
      while (b < found.size() && space(found[b])) ++b;
    } else if (wanted[a++] != found[b++]) {
      return false;
    }
  }
  return a == wanted.size() && b == found.size();
}

// Occurrences of a set of exclusion phrases, in any zone, joined where they overlap.
Evaluator::Range Evaluator::exclusion(std::uint32_t set) {
  if (buffers_.exclusion_epoch[set] == buffers_.epoch) return buffers_.exclusion_spans[set];
  std::vector<Span>& spans = buffers_.spans;
  const auto begin = static_cast<std::uint32_t>(spans.size());
  for (const std::uint32_t phrase : set_.exclusions[set]) {
    const Buffers::FeatureState& feature = buffers_.features[phrase];
    ++steps_;
    if (feature.epoch != buffers_.epoch) continue;
    for (std::uint32_t i = feature.first; i != kNone; i = buffers_.next_hit[i]) {
      spans.push_back({buffers_.hits[i].token_begin, buffers_.hits[i].token_end});
    }
  }
  std::sort(spans.begin() + begin, spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::uint32_t kept = begin;
  for (std::uint32_t i = begin; i < spans.size(); ++i) {
    if (kept > begin && spans[i].begin < spans[kept - 1].end) {
      spans[kept - 1].end = std::max(spans[kept - 1].end, spans[i].end);
    } else {
      spans[kept++] = spans[i];
    }
  }
  spans.resize(kept);
  buffers_.exclusion_epoch[set] = buffers_.epoch;
  buffers_.exclusion_spans[set] = {begin, kept};
  return buffers_.exclusion_spans[set];
}

void Evaluator::append_mentions(const Predicate& predicate) {
  if (!mentions_hold(predicate)) return;
  for (const Mention& mention : input_.regions.mentions) {
    if (counted(mention, predicate) && mention.token_begin < mention.token_end &&
        mention.token_end <= text_.token_count()) {
      buffers_.spans.push_back({mention.token_begin, mention.token_end});
    }
  }
}

bool Evaluator::same_field(std::uint32_t a, std::uint32_t b) const {
  return (a < text_.headline_token_count()) == (b < text_.headline_token_count());
}

// Whether tokens `first` to `last` lie in one sentence or paragraph, for operators that ask so.
bool Evaluator::in_one_place(NodeKind kind, std::uint32_t first, std::uint32_t last) const {
  if (kind == NodeKind::kSentence || kind == NodeKind::kNotSentence) {
    return text_.same_sentence(first, last);
  }
  if (kind == NodeKind::kParagraph || kind == NodeKind::kNotParagraph) {
    return text_.same_paragraph(first, last);
  }
  return same_field(first, last);
}

// `a` ends before `b` begins.
bool Evaluator::related(const Node& node, const Span& a, const Span& b) const {
  const bool distance = node.kind == NodeKind::kNear || node.kind == NodeKind::kOrderedNear;
  if (distance && b.begin - a.end > node.number) return false;
  return in_one_place(node.kind, a.begin, b.end - 1);
}

// Both sides are sorted and minimal, so that the nearest neighbour on either side gives every
// minimal hull of a pair.
void Evaluator::append_together(const Node& node) {
  const auto children = set_.children_of(node);
  const Range left = range_of(children[0]);
  const Range right = range_of(children[1]);
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t after = right.begin;
  std::uint32_t before = right.begin;  // One past the last that ends before x.
  for (std::uint32_t i = left.begin; i < left.end; ++i) {
    const Span x = spans[i];
    while (after < right.end && spans[after].begin < x.end) ++after;
    if (after < right.end) {
      const Span y = spans[after];
      if (related(node, x, y)) spans.push_back({x.begin, y.end});
    }
    if (node.kind == NodeKind::kOrderedNear) continue;
    while (before < right.end && spans[before].end <= x.begin) ++before;
    if (before > right.begin) {
      const Span y = spans[before - 1];
      if (related(node, y, x)) spans.push_back({y.begin, x.end});
    }
  }
  if (node.kind == NodeKind::kOrderedNear) return;
  // "a NEAR/5 b NEAR/5 c" where c stands between a and b.
  if (set_.nodes[children[0]].window) append_enclosing(node, left, right);
  if (set_.nodes[children[1]].window) append_enclosing(node, right, left);
}

// Windows with one of `inner` strictly inside.
void Evaluator::append_enclosing(const Node& node, Range windows, Range inner) {
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t at = inner.begin;
  for (std::uint32_t i = windows.begin; i < windows.end; ++i) {
    const Span window = spans[i];
    while (at < inner.end && spans[at].begin <= window.begin) ++at;
    if (at == inner.end) return;
    if (spans[at].end < window.end && in_one_place(node.kind, window.begin, window.end - 1)) {
      spans.push_back(window);
    }
  }
}

void Evaluator::append_apart(const Node& node) {
  const auto children = set_.children_of(node);
  const Range left = range_of(children[0]);
  for (std::uint32_t i = left.begin; i < left.end; ++i) {
    const Span x = buffers_.spans[i];
    const bool ruled_out =
        std::any_of(children.begin() + 1, children.end(),
                    [&](std::uint32_t child) { return conflicts(node, x, range_of(child)); });
    if (!ruled_out) buffers_.spans.push_back(x);
  }
}

// Whether one of `others` is too near to `x`. They are sorted, so that the nearest decide.
bool Evaluator::conflicts(const Node& node, const Span& x, Range others) const {
  const auto begin = buffers_.spans.begin() + others.begin;
  const auto end = buffers_.spans.begin() + others.end;
  if (node.kind == NodeKind::kNotIn) {
    const auto y =
        std::partition_point(begin, end, [&](const Span& span) { return span.end <= x.begin; });
    return y != end && y->begin < x.end;
  }
  if (node.kind == NodeKind::kNotNear) {
    const auto y = std::partition_point(begin, end, [&](const Span& span) {
      const bool other_field = span.begin < x.begin && !same_field(span.begin, x.begin);
      return other_field || span.end + node.number < x.begin;
    });
    return y != end && same_field(x.begin, y->begin) && y->begin <= x.end + node.number;
  }
  const auto together = [&](const Span& y) {
    return in_one_place(node.kind, std::min(x.begin, y.begin), std::max(x.end, y.end) - 1);
  };
  const auto y =
      std::partition_point(begin, end, [&](const Span& span) { return span.begin <= x.begin; });
  return (y != begin && together(*(y - 1))) || (y != end && together(*y));
}

// Minimal windows that hold something of every positional child: child after child, the windows of
// what came before with the next.
void Evaluator::append_both(std::span<const std::uint32_t> children) {
  std::vector<Span>& spans = buffers_.spans;
  const auto own = static_cast<std::uint32_t>(spans.size());
  bool first = true;
  for (const std::uint32_t child : children) {
    if (!set_.nodes[child].positional) continue;
    if (first) {
      append_child(child);
      first = false;
      continue;
    }
    const Range range = range_of(child);
    const auto begin = static_cast<std::uint32_t>(spans.size());
    const Range windows{own, begin};
    // Whichever ends last, of the other the last one that ends no later is nearest.
    append_last_before(windows, range);
    append_last_before(range, windows);
    make_minimal(begin);
    spans.erase(spans.begin() + own, spans.begin() + begin);
  }
}

void Evaluator::append_last_before(Range outer, Range inner) {
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t at = inner.begin;
  for (std::uint32_t i = outer.begin; i < outer.end; ++i) {
    const Span x = spans[i];
    while (at < inner.end && spans[at].end <= x.end) ++at;
    if (at == inner.begin) continue;
    const Span y = spans[at - 1];
    if (same_field(x.begin, y.begin)) spans.push_back({std::min(x.begin, y.begin), x.end});
  }
}

// Sorts spans from `begin` on and drops those that contain another.
void Evaluator::make_minimal(std::uint32_t begin) {
  std::vector<Span>& spans = buffers_.spans;
  const auto first = spans.begin() + begin;
  const auto out_of_order = std::adjacent_find(
      first, spans.end(),
      [](const Span& a, const Span& b) { return b.begin <= a.begin || b.end <= a.end; });
  if (out_of_order == spans.end()) return;
  std::sort(first, spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  auto kept = spans.end();
  std::uint32_t end_min = kNone;
  for (auto at = spans.end(); at != first;) {
    --at;
    if (at->end >= end_min) continue;
    end_min = at->end;
    *--kept = *at;
  }
  spans.erase(first, kept);
}

std::uint32_t Evaluator::distance(std::uint32_t a, std::uint32_t b) {
  const Range left = range_of(a);
  const Range right = range_of(b);
  std::uint32_t nearest = kNone;
  for (std::uint32_t i = left.begin; i < left.end; ++i) {
    for (std::uint32_t j = right.begin; j < right.end; ++j) {
      const Span& x = buffers_.spans[i];
      const Span& y = buffers_.spans[j];
      if (!same_field(x.begin, y.begin)) continue;
      if (x.end <= y.begin) nearest = std::min(nearest, y.begin - x.end);
      if (y.end <= x.begin) nearest = std::min(nearest, x.begin - y.end);
    }
  }
  return nearest;
}

// ---- Evidence ----

void Evaluator::collect(std::uint32_t node) {
  buffers_.found.clear();
  buffers_.found_nodes.clear();
  buffers_.trail.clear();
  collect_within(node, {0, text_.token_count()}, kZoneDecides);
}

void Evaluator::collect_within(std::uint32_t index, Span window, float weight) {
  const Node& node = set_.nodes[index];
  if (buffers_.found.size() >= kFoundMax || !holds(index)) return;
  if (node.kind == NodeKind::kTerm) return collect_term(index, window, weight);
  if (node.kind == NodeKind::kMentions || node.kind == NodeKind::kRegion) {
    return collect_mentions(index, window, weight);
  }
  const std::uint32_t outer = step_;
  step_ = static_cast<std::uint32_t>(buffers_.trail.size());
  buffers_.trail.push_back({index, outer});
  collect_parts(node, index, window, weight);
  step_ = outer;
}

void Evaluator::collect_parts(const Node& node, std::uint32_t index, Span window, float weight) {
  const auto children = set_.children_of(node);
  switch (node.kind) {
    case NodeKind::kAnd:
    case NodeKind::kTimes:
      for (const std::uint32_t child : children) collect_within(child, window, weight);
      return;
    case NodeKind::kOr:
    case NodeKind::kAtLeast:
      return each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
        collect_within(child, window, weight);
        return true;
      });
    case NodeKind::kWeighted: {
      const WeightedList& list = set_.weighted[node.payload];
      return each_possible(node, [&](std::uint32_t child, std::uint32_t position) {
        const float own = set_.weights[list.weights + position];
        if (own > 0) collect_within(child, window, own);
        return true;
      });
    }
    default:
      break;
  }
  if (!is_together(node.kind) && !is_apart(node.kind)) return;
  // Only what stands in one of the positions, not every occurrence of the parts.
  const Range range = range_of(index);
  std::uint32_t shown = 0;
  for (std::uint32_t i = range.begin; i < range.end && shown < kWindowsShown; ++i) {
    const Span hull = buffers_.spans[i];
    if (hull.begin < window.begin || hull.end > window.end) continue;
    ++shown;
    collect_within(children[0], hull, weight);
    if (is_together(node.kind)) collect_within(children[1], hull, weight);
  }
}

void Evaluator::append_path(const Root& root, const Buffers::Found& found,
                            std::vector<std::string_view>& path) {
  // A term, or one AND or OR of terms, without names: the path would tell nothing.
  const Node& top = set_.nodes[root.node];
  const bool joins = top.kind == NodeKind::kAnd || top.kind == NodeKind::kOr;
  if (root.names == kNone && top.depth <= (joins ? 2 : 1)) return;
  std::vector<std::uint32_t>& way = buffers_.way;
  way.assign(1, found.node);
  for (std::uint32_t step = found.step; step != kNone; step = buffers_.trail[step].outer) {
    way.push_back(buffers_.trail[step].node);
  }
  const std::size_t begin = path.size();
  for (std::size_t i = way.size() - 1; i > 0; --i) {
    const std::size_t before = path.size();
    append_names(root, way[i], way[i - 1], path);
    const NodeKind kind = set_.nodes[way[i]].kind;
    const bool told = path.size() > before && (kind == NodeKind::kAnd || kind == NodeKind::kOr);
    if (!told && kind != NodeKind::kWeighted) path.push_back(set_.joint(way[i]));
  }
  append_names(root, found.node, kNone, path);
  const bool plain = path.size() == begin + 1 && way.size() == 2 && !path.back().starts_with('$') &&
                     set_.nodes[way[1]].kind <= NodeKind::kOr;
  if (plain) path.pop_back();
}

// Names that stand for a node, or for some of its children of which `inner` is one: an OR within an
// OR has become part of it.
void Evaluator::append_names(const Root& root, std::uint32_t node, std::uint32_t inner,
                             std::vector<std::string_view>& path) const {
  if (root.names == kNone) return;
  const NodeKind kind = set_.nodes[node].kind;
  const bool joins = kind == NodeKind::kAnd || kind == NodeKind::kOr;
  for (const NamedNode& name : set_.names.row(root.names)) {
    const Node& named = set_.nodes[name.node];
    const bool part = joins && named.kind == kind && inner != kNone &&
                      named.child_count < set_.nodes[node].child_count;
    if (name.node == node || (part && has_child(named, inner))) {
      path.push_back(set_.text(name.name));
    }
  }
}

// Of an AND or OR, whose children are in order of frequency.
bool Evaluator::has_child(const Node& node, std::uint32_t child) const {
  const float wanted = set_.nodes[child].frequency;
  const bool rising = node.kind == NodeKind::kAnd;
  const auto children = set_.children_of(node);
  const auto at = std::partition_point(children.begin(), children.end(), [&](std::uint32_t other) {
    const float frequency = set_.nodes[other].frequency;
    if (frequency != wanted) return rising ? frequency < wanted : frequency > wanted;
    return other < child;
  });
  return at != children.end() && *at == child;
}

void Evaluator::add_found(std::uint32_t node, SourceSpan span, Zone zone, float weight,
                          bool scored) {
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < buffers_.found_nodes.size(); ++i) {
    if (buffers_.found_nodes[i] != node) continue;
    if (buffers_.found[i].evidence.span == span) return;
    ++rank;
  }
  if (buffers_.found.size() >= kFoundMax) return;
  buffers_.found_nodes.push_back(node);
  buffers_.found.push_back({{set_.clause(node), span, zone, weight}, node, step_, rank, scored});
}

void Evaluator::collect_term(std::uint32_t index, Span window, float weight) {
  const auto weight_in = [weight](Zone zone) {
    return weight == kZoneDecides ? zone_weight(zone) : weight;
  };
  if (window.begin == 0 && window.end == text_.token_count()) {
    const Range range = first_places(index);
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const Buffers::Place& place = buffers_.places[i];
      add_found(index, place.span, place.zone, weight_in(place.zone), true);
    }
    return;
  }
  const Range range = range_of(index);
  std::uint32_t shown = 0;
  for (std::uint32_t i = range.begin; i < range.end && shown < kOccurrencesShown; ++i) {
    const Span span = buffers_.spans[i];
    if (span.begin < window.begin || span.end > window.end) continue;
    const Zone zone = text_.zone_of(span.begin);
    ++shown;
    add_found(index, text_.source_span(span.begin, span.end), zone, weight_in(zone), true);
  }
}

// Where a term's first occurrences stand in the source: found once, however many profiles share it.
// Text order is the order of the zones' weights, but for the dateline.
Evaluator::Range Evaluator::first_places(std::uint32_t index) {
  Buffers::NodeState& state = buffers_.nodes[index];
  if (state.place_epoch == buffers_.epoch) return state.places;
  const Range range = range_of(index);
  const auto begin = static_cast<std::uint32_t>(buffers_.places.size());
  const std::uint32_t end = std::min(range.end, range.begin + kOccurrencesShown);
  for (std::uint32_t i = range.begin; i < end; ++i) {
    const Span span = buffers_.spans[i];
    buffers_.places.push_back({text_.source_span(span.begin, span.end), text_.zone_of(span.begin)});
  }
  state.place_epoch = buffers_.epoch;
  state.places = {begin, static_cast<std::uint32_t>(buffers_.places.size())};
  return state.places;
}

void Evaluator::collect_mentions(std::uint32_t index, Span window, float weight) {
  const Node& node = set_.nodes[index];
  const Predicate& predicate = set_.predicates[node.payload];
  const CountrySet& countries = set_.country_sets[predicate.number];
  const bool region = node.kind == NodeKind::kRegion;
  std::uint32_t shown = 0;
  for (const Mention& mention : input_.regions.mentions) {
    if (shown >= kOccurrencesShown) return;
    if (mention.token_begin < window.begin || mention.token_end > window.end) continue;
    if (region) {
      if (!mention.counts || mention.country.empty()) continue;
      if (!countries.test(mention.country.index())) continue;
      const auto& about = input_.regions.about;
      const auto score = std::find_if(about.begin(), about.end(), [&](const CountryScore& entry) {
        return entry.country == mention.country;
      });
      if (score == about.end()) continue;
      add_found(index, mention.span, mention.zone, score->salience, false);
    } else {
      if (!counted(mention, predicate)) continue;
      add_found(index, mention.span, mention.zone,
                weight == kZoneDecides ? zone_weight(mention.zone) : weight, true);
    }
    ++shown;
  }
}

}  // namespace wirewatch::profile_internal
