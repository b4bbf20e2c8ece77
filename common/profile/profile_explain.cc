// ProfileMatcher::explain(): the tree of a query with what is there and what is missing.

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/counted.h"
#include "common/base/language_codes.h"
#include "common/base/utf8.h"
#include "common/profile/predicate_codes.h"
#include "common/profile/profile.h"
#include "common/profile/profile_evaluator.h"

namespace wirewatch {

namespace {

using namespace profile_internal;
using Buffers = ProfileScratch::Buffers;

constexpr std::size_t kClauseBytes = 100;
constexpr std::size_t kAlternativesShown = 5;
constexpr std::size_t kValuesShown = 4;
constexpr std::size_t kRefusedShown = 5;    // Terms of a list that are there but do not count.
constexpr std::uint32_t kContextWords = 4;  // Shown on either side of a place.

std::string number(float value) {
  std::array<char, 32> out{};
  const int size = std::snprintf(out.data(), out.size(), "%.4g", static_cast<double>(value));
  return {out.data(), static_cast<std::size_t>(std::max(size, 0))};
}

// The values among the strings of a JSON text: those that are no keys.
std::vector<std::string_view> json_values(std::string_view json) {
  std::vector<std::string_view> values;
  for (std::size_t at = json.find('"'); at != std::string_view::npos; at = json.find('"', at)) {
    const std::size_t end = json.find('"', at + 1);
    if (end == std::string_view::npos) break;
    if (end + 1 >= json.size() || json[end + 1] != ':') {
      values.push_back(json.substr(at + 1, end - at - 1));
    }
    at = end + 1;
  }
  return values;
}

std::string zone_name(std::uint8_t bit) {
  if (bit == kZoneRepeated) return "a repeated paragraph";
  for (std::size_t i = 0; i < kZoneCount; ++i) {
    const auto zone = static_cast<Zone>(i);
    if (zone_bit(zone) == bit) return "the " + std::string(to_string(zone));
  }
  return "the text";
}

class Explainer {
 public:
  Explainer(const ProfileSet& whole, const ProfileSet::Compiled& set, const ProfileInput& input,
            Buffers& buffers)
      : whole_(whole),
        set_(set),
        input_(input),
        buffers_(buffers),
        evaluator_(set, input, buffers) {
    evaluator_.find_terms();
    evaluator_.select_candidates({});
  }

  // `index` is the profile's in the layer; `match` is its in `matches`, or null.
  std::string explain(const Profile& profile, std::uint32_t index, const ProfileMatches& matches,
                      const ProfileMatch* match) {
    const Root& root = set_.roots[index];
    if (root.names != kNone) names_ = set_.names.row(root.names);
    const bool holds = evaluator_.holds(root.node);
    std::string heading = profile.id + (match != nullptr ? " matches" : " does not match");
    if (match != nullptr) {
      heading += ", score " + number(match->score) + ", threshold " + number(match->threshold);
    }
    line(0, heading + " (version " + std::string(profile.version.text()) + ", profiles " +
                whole_.version() + ")");
    if (match == nullptr) unlisted_language(root);
    presearch(index);
    if (holds) score(root, match != nullptr);
    if (holds) {
      held(root.node, 1);
    } else {
      missing(root.node, 1);
    }
    if (match != nullptr) evidence(matches, *match);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_full() const { return lines_ >= ProfileMatcher::kExplainLineMax; }
  void line(std::size_t depth, const std::string& text) {
    if (is_full()) return;
    const bool last = ++lines_ == ProfileMatcher::kExplainLineMax;
    out_.append(depth * 2, ' ').append(last ? "…" : text).append("\n");
  }

  // Marks what stands under a node, and what stands under a NOT there.
  void mark(std::uint32_t index, bool unwanted, std::vector<bool>& wanted_seen,
            std::vector<bool>& unwanted_seen) const {
    std::vector<bool>& seen = unwanted ? unwanted_seen : wanted_seen;
    if (seen[index]) return;
    seen[index] = true;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool turned = node.kind == NodeKind::kNot || (is_apart(node.kind) && i > 0);
      mark(children[i], unwanted || turned, wanted_seen, unwanted_seen);
    }
  }

  // The commonest reason of all why a profile misses a story.
  void unlisted_language(const Root& root) {
    const std::string_view language = same_language(input_.topics.language);
    if (language.empty()) return;
    const std::string wanted = " " + std::string(language) + " ";
    std::vector<bool> sought(set_.nodes.size());
    std::vector<bool> ruled_out(set_.nodes.size());
    mark(root.node, false, sought, ruled_out);
    std::string lists;
    for (const NamedNode& named : names_) {
      const std::string_view has = set_.text(named.languages);
      if (has.empty() || has.find(wanted) != std::string_view::npos) continue;
      if (ruled_out[named.node] && !sought[named.node]) continue;
      if (evaluator_.holds(named.node)) continue;
      const std::string name(set_.text(named.name));
      if ((lists + ",").find(name + ",") != std::string::npos) continue;  // In several zones.
      lists += (lists.empty() ? "" : ", ") + name;
    }
    if (lists.empty()) return;
    line(1, "the article is in '" + std::string(language) + "', of which there are no terms in " +
                lists);
  }

  // What stands between a query that holds and its threshold.
  void score(const Root& root, bool matches) {
    if (root.weighted != kNone) return;
    evaluator_.collect(root.node);
    const float reached = score_found(buffers_);
    if (!matches) {
      return line(1, "the query holds, but stays under the threshold: score " + number(reached) +
                         " of " + number(root.threshold) +
                         "; a term counts once, 3 in the headline, 2 in the lede, else 1");
    }
    const bool weighed = std::any_of(buffers_.found.begin(), buffers_.found.end(),
                                     [](const auto& entry) { return entry.scored; });
    if (!weighed) line(1, "no term is there to be weighed, so that the threshold does not count");
  }

  // Whether presearch found the profile, by what, or what it is filed under.
  void presearch(std::uint32_t index) {
    const Root& root = set_.roots[index];
    if (root.anchor == kNone) {
      return line(1, "looked at for every article: nothing that it requires can be searched for");
    }
    const std::uint32_t leaf = evaluator_.selected_by(root);
    const bool found =
        std::ranges::any_of(std::span(buffers_.candidates).first(buffers_.candidate_count),
                            [&](const auto& one) { return one.member.profile == index; });
    if (found) {
      return line(1, "found by " + clause(leaf));
    }
    if (leaf != kNone && evaluator_.holds(leaf)) {
      return line(1, "not looked at further: " + clause(leaf) +
                         " is there, but not all else that it requires");
    }
    const std::vector<std::uint32_t> leaves = leaves_of(root);
    std::string text = "not looked at further: it requires";
    if (leaves.size() > 1) text += " one of";
    for (std::size_t i = 0; i < std::min(leaves.size(), kAlternativesShown); ++i) {
      text += (i == 0 ? " " : ", ") + clause(leaves[i]);
    }
    if (leaves.size() > kAlternativesShown) {
      text += " and " + std::to_string(leaves.size() - kAlternativesShown) + " more";
    }
    line(1, text + (leaves.size() == 1 ? ", which is not there" : ", none of which is there"));
  }

  [[nodiscard]] std::vector<std::uint32_t> leaves_of(const Root& root) const {
    if (root.anchor < kManyLeaves) return {root.anchor};
    std::vector<std::uint32_t> leaves;
    const auto take = [&](const Posting& posting) {
      if (posting.group == root.anchor - kManyLeaves) leaves.push_back(posting.node);
    };
    for (const auto* rows :
         {&set_.feature_postings, &set_.about_postings, &set_.mention_postings}) {
      std::for_each(rows->values.begin(), rows->values.end(), take);
    }
    for (const auto& [topic, posting] : set_.topic_postings) take(posting);
    std::sort(leaves.begin(), leaves.end());
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    return leaves;
  }

  // All that the alert tells, piece by piece.
  void evidence(const ProfileMatches& matches, const ProfileMatch& match) {
    if (match.evidence_begin == match.evidence_end) return;
    line(1, "evidence of the alert:");
    for (const Evidence& piece : matches.evidence_of(match)) {
      std::string text = std::string(piece.clause) + " in the " +
                         std::string(to_string(piece.zone)) + " " + characters(piece.span) +
                         ", weight " + number(piece.weight);
      for (std::uint32_t step = piece.path_begin; step < piece.path_end; ++step) {
        text += (step == piece.path_begin ? ", within " : " > ") + std::string(matches.path[step]);
      }
      line(2, text);
    }
  }

  // "7-18": where a place begins and ends in its field, in characters.
  [[nodiscard]] std::string characters(const SourceSpan& span) const {
    const std::string_view field = input_.text.field(span.field);
    const auto point = [&](std::uint32_t end) {
      return std::to_string(count_code_points(field.substr(0, end)));
    };
    return point(span.begin) + "-" + point(span.end);
  }

  [[nodiscard]] std::string clause(std::uint32_t node) const {
    std::string text;
    set_.describe(node, text, kClauseBytes, names_);
    return text;
  }

  // A few words on either side, within the field.
  [[nodiscard]] std::string quote(std::uint32_t begin, std::uint32_t end) const {
    const ArticleText& text = input_.text;
    const bool headline = begin < text.headline_token_count();
    const std::uint32_t low = headline ? 0 : text.headline_token_count();
    const std::uint32_t high = headline ? text.headline_token_count() : text.token_count();
    const std::uint32_t from = begin - std::min(begin - low, kContextWords);
    const std::uint32_t to = std::max(std::min(end + kContextWords, high), from + 1);
    std::string words(text.source(text.source_span(from, to)));
    std::replace(words.begin(), words.end(), '\n', ' ');
    return "\"" + std::string(from > low ? "…" : "") + words + (to < high ? "…" : "") + "\"";
  }

  // The best place of a node that holds.
  std::string where(std::uint32_t node) {
    evaluator_.collect(node);
    if (buffers_.found.empty()) return {};
    const auto best = std::max_element(
        buffers_.found.begin(), buffers_.found.end(), [](const auto& a, const auto& b) {
          return a.rank != b.rank ? a.rank > b.rank : a.evidence.weight < b.evidence.weight;
        });
    const SourceSpan span = best->evidence.span;
    const std::uint32_t token = input_.text.token_at(span.field, span.begin);
    const std::uint32_t end = input_.text.token_at(span.field, span.end);
    return " in the " + std::string(to_string(best->evidence.zone)) + " " + characters(span) +
           ": " + quote(token, std::max(end, token + 1));
  }

  void held(std::uint32_t index, std::size_t depth) {
    if (is_full()) return;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    switch (node.kind) {
      case NodeKind::kAnd:
      case NodeKind::kOr:
      case NodeKind::kAtLeast:
        for (const std::uint32_t child : children) {
          if (evaluator_.holds(child)) held(child, depth);
        }
        return;
      case NodeKind::kNot:
        return line(depth, "+ absent, as wanted: " + clause(children[0]));
      case NodeKind::kWeighted:
        return list(index, depth, "+ ");
      default:
        return held_leaf(index, depth);
    }
  }

  // Such as "+ region:KP: the article is about …; it is mentioned 4 times, foremost in the headline
  // 7-18: …".
  void held_leaf(std::uint32_t index, std::size_t depth) {
    const std::string value = found(index);
    const std::string place = where(index);
    const std::string_view between = value.empty() || place.empty() ? "" : ", foremost";
    line(depth, "+ " + clause(index) + value + std::string(between) + place);
  }

  // What the article has where a predicate holds; empty for other nodes.
  [[nodiscard]] std::string found(std::uint32_t index) const {
    const Node& node = set_.nodes[index];
    if (node.kind == NodeKind::kMentions) return "";
    const std::string value = value_of(node);
    return value.empty() ? "" : ": " + value;
  }

  void held_or_missing(std::uint32_t index, std::size_t depth) {
    if (evaluator_.holds(index)) {
      held_leaf(index, depth);
    } else {
      missing(index, depth);
    }
  }

  void list(std::uint32_t index, std::size_t depth, const std::string& sign) {
    const Node& node = set_.nodes[index];
    const WeightedList& entry = set_.weighted[node.payload];
    line(depth, sign + clause(index) + " reaches " + number(evaluator_.list_score(index)) + " of " +
                    number(entry.threshold));
    std::vector<bool> counted(node.child_count, !entry.overlaps);
    if (entry.overlaps) {
      for (const auto& place : buffers_.list_places) counted[place.position] = true;
    }
    const auto children = set_.children_of(node);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (evaluator_.holds(children[i])) {
        line(depth + 1, "+ " + clause(children[i]) + ", weight " +
                            number(set_.weights[entry.weights + i]) +
                            (counted[i] ? "," : ", only inside other terms, adds nothing,") +
                            where(children[i]));
      } else if (refused < kRefusedShown && nearness(children[i]) > 0) {
        ++refused;
        missing(children[i], depth + 1);
      }
    }
  }

  void missing(std::uint32_t index, std::size_t depth) {
    if (is_full()) return;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    switch (node.kind) {
      case NodeKind::kAnd:
        return missing_all(node, depth);
      case NodeKind::kOr:
        return missing_any(node, depth, none_of(index));
      case NodeKind::kAtLeast:
        return missing_quorum(node, depth);
      case NodeKind::kNot:
        line(depth, "- excluded by " + clause(children[0]) + where(children[0]));
        // Which part of it was there.
        if (set_.nodes[children[0]].child_count > 0) held(children[0], depth + 1);
        return;
      case NodeKind::kTerm:
        return missing_term(index, depth);
      case NodeKind::kTimes:
        line(depth, "- " + clause(index) + ": found " +
                        counted(evaluator_.spans(children[0]).size(), "time") + " of " +
                        std::to_string(node.number));
        if (!evaluator_.holds(children[0])) missing(children[0], depth + 1);
        return;
      case NodeKind::kWeighted:
        return list(index, depth, "- ");
      default:
        break;
    }
    if (is_together(node.kind) || is_apart(node.kind)) return missing_proximity(index, depth);
    missing_predicate(index, depth);
  }

  [[nodiscard]] std::string none_of(std::uint32_t index) const {
    const std::size_t count = set_.children_of(set_.nodes[index]).size();
    const bool named = std::ranges::find(names_, index, &NamedNode::node) != names_.end();
    if (!named) return "none of " + counted(count, "alternative") + " holds";
    return "none of the " + std::to_string(count) + " of " + clause(index) + " holds";
  }

  void missing_all(const Node& node, std::size_t depth) {
    const auto children = set_.children_of(node);
    const auto absent =
        std::count_if(children.begin(), children.end(),
                      [this](std::uint32_t child) { return !evaluator_.holds(child); });
    line(depth, "- needs all of " + counted(children.size(), "part") + "; " +
                    std::to_string(absent) + (absent == 1 ? " is missing" : " are missing"));
    for (const std::uint32_t child : children) held_or_missing(child, depth + 1);
  }

  // How near a node came: the more of its terms are there, the nearer.
  [[nodiscard]] std::size_t nearness(std::uint32_t index) {
    const Node& node = set_.nodes[index];
    if (node.kind == NodeKind::kTerm) {
      return evaluator_.found_anywhere(set_.terms[node.payload]) != nullptr ? 1 : 0;
    }
    if (const auto known = nearness_.find(index); known != nearness_.end()) return known->second;
    std::size_t near = evaluator_.holds(index) ? 1 : 0;
    if (node.kind != NodeKind::kNot) {
      for (const std::uint32_t child : set_.children_of(node)) near += nearness(child);
    }
    nearness_.emplace(index, near);
    return near;
  }

  void missing_any(const Node& node, std::size_t depth, const std::string& heading) {
    const auto children = set_.children_of(node);
    std::vector<std::pair<std::size_t, std::uint32_t>> near;
    for (const std::uint32_t child : children) {
      if (evaluator_.holds(child)) continue;
      const std::size_t value = nearness(child);
      if (value > 0) near.emplace_back(value, child);
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text = "- " + heading;
    if (near.empty()) {
      for (std::size_t i = 0; i < std::min(children.size(), kAlternativesShown); ++i) {
        text += (i == 0 ? ": " : ", ") + clause(children[i]);
      }
      if (children.size() > kAlternativesShown) text += ", …";
      return line(depth, text);
    }
    line(depth, text + "; the nearest:");
    for (std::size_t i = 0; i < std::min(near.size(), kAlternativesShown); ++i) {
      missing(near[i].second, depth + 1);
    }
  }

  void missing_quorum(const Node& node, std::size_t depth) {
    const auto children = set_.children_of(node);
    const auto met = std::count_if(children.begin(), children.end(),
                                   [this](std::uint32_t child) { return evaluator_.holds(child); });
    missing_any(node, depth,
                std::to_string(met) + " of the " + std::to_string(node.number) + " wanted of " +
                    counted(children.size(), "part") + " hold");
    for (const std::uint32_t child : children) {
      if (evaluator_.holds(child)) line(depth + 1, "+ " + clause(child) + where(child));
    }
  }

  void missing_term(std::uint32_t index, std::size_t depth) {
    const Term& term = set_.terms[set_.nodes[index].payload];
    const std::string text = "- " + clause(index);
    const Buffers::FeatureState* feature = evaluator_.found_anywhere(term);
    if (feature == nullptr) return line(depth, text + " does not occur");
    // Each occurrence was refused for a reason; the one that came nearest stands for all.
    std::uint32_t nearest = feature->first;
    for (std::uint32_t i = feature->first; i != kNone; i = buffers_.next_hit[i]) {
      if (evaluator_.refusal(term, i) > evaluator_.refusal(term, nearest)) nearest = i;
    }
    const PhraseHit& hit = buffers_.hits[nearest];
    line(depth, text + refusal(term, nearest) + ": " + quote(hit.token_begin, hit.token_end));
  }

  std::string refusal(const Term& term, std::uint32_t hit) {
    if (!evaluator_.language_fits(term.language)) {
      return " counts only in articles in '" + set_.languages[term.language] + "'";
    }
    switch (evaluator_.refusal(term, hit)) {
      case Evaluator::Refusal::kZone:
        return " occurs only in " + zone_name(buffers_.hit_zone[hit]) +
               ", which does not count here";
      case Evaluator::Refusal::kLaterWords:
        return " comes after the first " + std::to_string(term.first_words) + " words";
      case Evaluator::Refusal::kSpelling:
        return " is spelled differently";
      case Evaluator::Refusal::kNothing:
        break;
    }
    return " occurs only in words of an excluded phrase";
  }

  void missing_proximity(std::uint32_t index, std::size_t depth) {
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    const bool apart = is_apart(node.kind);
    const std::string text = "- " + clause(index);
    if (!evaluator_.holds(children[0]) || (!apart && !evaluator_.holds(children[1]))) {
      line(depth, text + (is_phrase(node) ? ": a word is missing" : ": a side is missing"));
      for (const std::uint32_t child : children.first(apart ? 1 : 2)) {
        held_or_missing(child, depth + 1);
      }
      return;
    }
    if (apart) return line(depth, text + ": every occurrence is ruled out" + where(children[0]));
    const std::uint32_t distance = evaluator_.distance(children[0], children[1]);
    if (distance == kNone) {
      return line(depth, text + ": both occur, but not side by side in one field");
    }
    const std::string apart_by = "the nearest are " + counted(distance, "word") + " apart";
    if (node.kind == NodeKind::kSentence) {
      return line(depth, text + ": never in one sentence; " + apart_by);
    }
    if (node.kind == NodeKind::kParagraph) {
      return line(depth, text + ": never in one paragraph; " + apart_by);
    }
    line(depth, text + ": " + (distance > node.number ? apart_by : "near, but not in this order"));
  }

  // "the topics are politics (0.9), sport (0.2)": `write` gives one of the values.
  template <typename Values, typename Write>
  static std::string listed(const Values& values, std::string_view none, std::string_view some,
                            const Write& write) {
    if (values.empty()) return std::string(none);
    std::string text(some);
    for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), kValuesShown); ++i) {
      text += (i == 0 ? " " : ", ") + write(values[i]);
    }
    return text;
  }
  static std::string measured(std::string_view name, float value) {
    return std::string(name) + " (" + number(value) + ")";
  }

  [[nodiscard]] std::string regions(const Predicate& predicate) const {
    std::string text = listed(
        input_.regions.about, "the article is about no country", "the article is about",
        [](const CountryScore& entry) { return measured(entry.country.text(), entry.salience); });
    const CountrySet& countries = set_.country_sets[predicate.number];
    const auto& mentions = input_.regions.mentions;
    const auto count = std::count_if(mentions.begin(), mentions.end(), [&](const Mention& entry) {
      return entry.counts && !entry.country.empty() && countries.test(entry.country.index());
    });
    return text + "; it is mentioned " + counted(static_cast<std::size_t>(count), "time");
  }

  // The one that is asked for first: it may have too little confidence.
  [[nodiscard]] std::string topics(const Predicate& predicate) const {
    std::vector<TopicScore> topics = {input_.topics.topics.begin(), input_.topics.topics.end()};
    std::stable_partition(topics.begin(), topics.end(), [&](const TopicScore& topic) {
      return topic.id.value() == predicate.number;
    });
    return listed(
        topics, "the article has no topic", "the topics are",
        [](const TopicScore& topic) { return measured(topic_name(topic.id), topic.confidence); });
  }

  [[nodiscard]] std::string genres() const {
    std::vector<std::string_view> names;
    for (const CarriedProperty& property : input_.article.carried) {
      if (property.name == "genres") names = json_values(property.json);
    }
    return listed(names, "the article names no genre", "the genres are",
                  [](std::string_view name) { return std::string(name); });
  }

  // What the article has of that which a predicate asks for; empty for other nodes.
  [[nodiscard]] std::string value_of(const Node& node) const {
    const Article& article = input_.article;
    switch (node.kind) {
      case NodeKind::kRegion:
      case NodeKind::kMentions:
        return regions(set_.predicates[node.payload]);
      case NodeKind::kTopic:
        return topics(set_.predicates[node.payload]);
      case NodeKind::kLabel:
        return listed(input_.topics.labels, "the article has no label", "the labels are",
                      [](const LabelScore& label) {
                        return measured(std::string(label.scheme) + ":" + std::string(label.id),
                                        label.confidence);
                      });
      case NodeKind::kLanguage: {
        const std::string_view language = input_.topics.language;
        return language.empty() ? "the language is unknown"
                                : "the language is " + std::string(language);
      }
      case NodeKind::kSource:
        return article.source.empty() ? "the article names no source"
                                      : "the source is " + std::string(article.source);
      case NodeKind::kUrgency:
        return article.urgency == 0 ? "the article has no urgency"
                                    : "the urgency is " + std::to_string(article.urgency);
      case NodeKind::kSignal:
        return "the signal is " + std::string(signal_name(article.signal));
      case NodeKind::kGenre:
        return genres();
      default:
        return {};
    }
  }

  void missing_predicate(std::uint32_t index, std::size_t depth) {
    line(depth, "- " + clause(index) + ": " + value_of(set_.nodes[index]));
  }

  const ProfileSet& whole_;
  const ProfileSet::Compiled& set_;
  const ProfileInput& input_;
  Buffers& buffers_;
  Evaluator evaluator_;
  std::span<const NamedNode> names_;  // Of the profile.
  std::string out_;
  std::size_t lines_ = 0;
  std::unordered_map<std::uint32_t, std::size_t> nearness_;  // Of nodes with parts.
};

}  // namespace

std::string ProfileMatcher::explain(ProfileIndex profile, const ProfileInput& input,
                                    ProfileScratch& scratch) const {
  ProfileMatches matches;
  match(input, scratch, matches);
  const auto found =
      std::find_if(matches.matches.begin(), matches.matches.end(),
                   [&](const ProfileMatch& entry) { return entry.profile == profile; });
  const auto [layer, index] = set_.data().place(profile.value());
  return Explainer(set_, *set_.data().layers[layer].compiled, input, scratch.buffers(layer))
      .explain(set_.profile(profile), index, matches,
               found == matches.matches.end() ? nullptr : &*found);
}

}  // namespace wirewatch
