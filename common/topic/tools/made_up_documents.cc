#include "common/topic/tools/made_up_documents.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace wirewatch::topic_tools {

// What chance alone would choose is far from even: with eight turns on average, a word may have
// three of its own topic, and five as a stray against it.
const SeedWords::Seed& MadeUpDocuments::Deck::deal(std::mt19937_64& random) {
  if (left_ == 0) left_ = seeds_.size();
  const std::size_t place = random() % left_;
  std::swap(seeds_[place], seeds_[--left_]);
  return *seeds_[left_];
}

void MadeUpDocuments::add_background(const std::string& language,
                                     std::span<const CountedToken> tokens) {
  std::vector<CountedToken>& words = background_[language];
  for (const CountedToken& token : tokens) {
    words.push_back(token);
    words.back().count = 1;
  }
}

void MadeUpDocuments::for_each(
    const std::function<void(const std::string& language, std::span<const CountedToken> tokens,
                             const TopicMarks& marks)>& visit) const {
  constexpr std::size_t kPerSeed = 3;  // Of four on average, so that each has twelve turns.
  constexpr std::size_t kLeast = 40;
  std::mt19937_64 random(0x5EEDULL);
  for (const auto& [language, all] : seeds_.all()) {
    Deck strays;
    std::map<std::uint32_t, Deck> by_topic;
    for (const SeedWords::Seed& seed : all) {
      strays.add(seed);
      by_topic[seed.topic.value()].add(seed);
    }
    for (auto& [topic, own] : by_topic) {
      if (media_topic_index(TopicId{topic}) == kMediaTopicCount) continue;
      const std::size_t rounds = std::max(own.size() * kPerSeed, kLeast);
      for (std::size_t round = 0; round < rounds; ++round) {
        TopicMarks marks{};
        std::vector<CountedToken> tokens = make(language, TopicId{topic}, own, random, marks);
        add_strays(language, strays, random, marks, tokens);
        visit(language, tokens, marks);
      }
    }
  }
}

// One word of another topic says little beside several of the text's own, and who tells of
// something says nothing of what it is: "police said" does not make a flood a crime.
void MadeUpDocuments::add_strays(const std::string& language, Deck& all, std::mt19937_64& random,
                                 const TopicMarks& marks, std::vector<CountedToken>& tokens) const {
  const auto add = [&](const SeedWords::Seed& seed) {
    tokens.insert(tokens.end(), seed.tokens.begin(), seed.tokens.end());
  };
  const std::span<const SeedWords::Seed> attributions = seeds_.attributions(language);
  if (!attributions.empty() && random() % 2 == 0) add(attributions[random() % attributions.size()]);
  constexpr std::size_t kStrayMax = 2;
  const std::size_t count = random() % (kStrayMax + 1);
  for (std::size_t at = 0; at < count; ++at) {
    const SeedWords::Seed& stray = all.deal(random);
    const std::size_t index = media_topic_index(stray.topic);
    if (index < kMediaTopicCount && marks[index] == Mark::kNo) add(stray);
  }
}

// Nothing is said against the topics that a feature speaks for.
void MadeUpDocuments::leave_open(const std::string& language, std::uint64_t feature,
                                 TopicMarks& marks) const {
  const auto* claims = feature == 0 ? nullptr : seeds_.claims(language, feature);
  if (claims == nullptr) return;
  for (const SeedWords::Claim& claim : *claims) {
    const std::size_t index = media_topic_index(claim.topic);
    if (index < kMediaTopicCount && marks[index] == Mark::kNo) marks[index] = Mark::kUnknown;
  }
}

std::vector<CountedToken> MadeUpDocuments::make(const std::string& language, TopicId topic,
                                                Deck& own, std::mt19937_64& random,
                                                TopicMarks& marks) const {
  marks.fill(Mark::kNo);
  mark_yes(topic, marks);
  std::vector<CountedToken> tokens;
  const std::size_t seed_count = 2 + random() % 5;
  for (std::size_t at = 0; at < seed_count; ++at) {
    for (const CountedToken& token : own.deal(random).tokens) {
      tokens.push_back(token);
      tokens.back().count = 1 + static_cast<std::uint32_t>(random() % 3);
      // A word of several topics says nothing against the others.
      for (const std::uint64_t feature : {token.word, token.stem, token.pair}) {
        leave_open(language, feature, marks);
      }
    }
  }
  // Topics beside each other share words: nothing is said against the siblings.
  const TopicId parent = topic_parent(topic);
  for (std::size_t index = 0; index < kMediaTopicCount; ++index) {
    if (!is_of_level_one(index) && marks[index] == Mark::kNo &&
        topic_parent(media_topics()[index]) == (parent == TopicId{} ? topic : parent)) {
      marks[index] = Mark::kUnknown;
    }
  }
  if (const auto found = background_.find(language); found != background_.end()) {
    const std::vector<CountedToken>& words = found->second;
    const std::size_t noise = 2 + random() % 20;  // Words.
    const std::size_t first = random() % words.size();
    for (std::size_t at = 0; at < noise; ++at) {
      tokens.push_back(words[(first + at) % words.size()]);
    }
  }
  return tokens;
}

}  // namespace wirewatch::topic_tools
