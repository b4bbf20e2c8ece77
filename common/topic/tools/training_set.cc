#include "common/topic/tools/training_set.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/check.h"
#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

namespace {

// Makes one entry of the entries from `begin` on that are of one feature.
void join_entries(std::vector<TrainingSet::Entry>& entries, std::size_t begin) {
  std::sort(entries.begin() + static_cast<std::ptrdiff_t>(begin), entries.end(),
            [](const auto& a, const auto& b) { return a.feature < b.feature; });
  std::size_t kept = begin;
  for (std::size_t at = begin; at < entries.size(); ++at) {
    if (kept > begin && entries[kept - 1].feature == entries[at].feature) {
      const unsigned sum = entries[kept - 1].count + entries[at].count;
      entries[kept - 1].count = static_cast<std::uint8_t>(std::min(sum, TopicModel::kCountMax));
    } else {
      entries[kept] = entries[at];
      ++kept;
    }
  }
  entries.resize(kept);
}

}  // namespace

std::vector<CountedToken> counted_tokens(const ArticleText& text, const FeatureOptions& options,
                                         std::uint32_t headline_count) {
  std::vector<CountedToken> tokens;
  for_each_token(text, options, [&](std::uint32_t token, const TokenFeatures& features) {
    CountedToken counted{.word = features.word,
                         .stem = features.stem,
                         .pair = features.pair,
                         .count = token < text.headline_token_count() ? headline_count : 1};
    if (features.pair != 0) counted.pair_words = {text.hashes()[token - 1], features.word};
    tokens.push_back(counted);
  });
  return tokens;
}

std::uint32_t TrainingSet::number(std::uint64_t hash) {
  const auto [at, added] = numbers_.try_emplace(hash, static_cast<std::uint32_t>(features_.size()));
  if (added) features_.push_back({.hash = hash});
  return at->second;
}

std::uint32_t TrainingSet::find(std::uint64_t hash) const {
  const auto found = numbers_.find(hash);
  return found == numbers_.end() ? kNone : found->second;
}

void TrainingSet::add(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                      const DocumentRole& role) {
  if (documents_.empty()) class_count_ = marks.size();
  WIREWATCH_CHECK(marks.size() == class_count_);
  Document document{.begin = static_cast<std::uint32_t>(entries_.size()), .role = role};
  add_entries(tokens);
  join_entries(entries_, document.begin);
  document.end = static_cast<std::uint32_t>(entries_.size());
  std::vector<std::uint32_t> numbers;
  features_of(document, numbers);
  for (const std::uint32_t feature : numbers) ++features_[feature].frequency;
  documents_.push_back(document);
  marks_.insert(marks_.end(), marks.begin(), marks.end());
}

void TrainingSet::add_entries(std::span<const CountedToken> tokens) {
  for (const CountedToken& token : tokens) {
    const auto count = static_cast<std::uint8_t>(token.count);
    if (token.word != 0) {
      const std::uint32_t word = number(token.word);
      if (token.stem != 0) {
        const std::uint32_t stem = number(token.stem);
        features_[word].stem = stem;
      }
      entries_.push_back({.feature = word, .count = count});
    } else if (token.stem != 0) {
      entries_.push_back({.feature = number(token.stem), .count = count});
    }
    if (token.pair != 0) {
      const std::uint32_t pair = number(token.pair);
      const std::uint32_t first = number(token.pair_words[0]);
      const std::uint32_t second = number(token.pair_words[1]);
      features_[pair].first_word = first;
      features_[pair].second_word = second;
      entries_.push_back({.feature = pair, .count = count});
    }
  }
}

std::vector<TrainingSet::Entry> TrainingSet::entries_of(
    std::span<const CountedToken> tokens) const {
  std::vector<Entry> entries;
  for (const CountedToken& token : tokens) {
    for (const std::uint64_t hash : {token.word != 0 ? token.word : token.stem, token.pair}) {
      const std::uint32_t feature = hash == 0 ? kNone : find(hash);
      if (feature == kNone) continue;
      entries.push_back({.feature = feature, .count = static_cast<std::uint8_t>(token.count)});
    }
  }
  join_entries(entries, 0);
  return entries;
}

void TrainingSet::keep(std::span<const CountedToken> tokens) {
  for (const CountedToken& token : tokens) {
    for (const std::uint64_t hash :
         {token.word, token.stem, token.pair, token.pair_words[0], token.pair_words[1]}) {
      const std::uint32_t feature = hash == 0 ? kNone : find(hash);
      if (feature != kNone) features_[feature].is_kept = true;
    }
  }
}

void TrainingSet::features_of(const Document& document, std::vector<std::uint32_t>& numbers) const {
  numbers.clear();
  for (const Entry& entry : entries(document)) {
    numbers.push_back(entry.feature);
    const std::uint32_t stem = features_[entry.feature].stem;
    if (stem != kNone) numbers.push_back(stem);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

std::vector<float> TrainingSet::inverse_frequencies() const {
  // A word is as common as it is in the language where it is most common: among many languages the
  // articles of one are few, and its "the" would pass for a rare word.
  constexpr std::size_t kGroups = 256;
  constexpr float kUnseen = 6;
  constexpr float kLeast = 0.1F;
  std::array<std::vector<const Document*>, kGroups> groups;
  for (const Document& document : documents_) {
    if (document.role.is_real) groups[document.role.group].push_back(&document);
  }
  std::vector<float> idf(features_.size(), std::numeric_limits<float>::infinity());
  std::vector<std::uint32_t> counts(features_.size(), 0);
  std::vector<std::uint32_t> numbers;
  for (const auto& group : groups) {
    for (const Document* document : group) {
      features_of(*document, numbers);
      for (const std::uint32_t feature : numbers) ++counts[feature];
    }
    const auto size = static_cast<float>(group.size());
    for (const Document* document : group) {
      features_of(*document, numbers);
      for (const std::uint32_t feature : numbers) {
        if (counts[feature] == 0) continue;
        const float here = std::log((size + 1) / (static_cast<float>(counts[feature]) + 1));
        idf[feature] = std::min(idf[feature], here + kLeast);
        counts[feature] = 0;
      }
    }
  }
  for (float& value : idf) {
    if (!std::isfinite(value)) value = kUnseen;
  }
  return idf;
}

}  // namespace wirewatch::topic_tools
