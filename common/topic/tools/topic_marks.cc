#include "common/topic/tools/topic_marks.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>

namespace wirewatch::topic_tools {

namespace {

constexpr std::array<TopicId, kMediaTopicCount> kTopics = {
    TopicId{1000000},  TopicId{2000000},  TopicId{3000000},  TopicId{4000000},  TopicId{5000000},
    TopicId{6000000},  TopicId{7000000},  TopicId{8000000},  TopicId{9000000},  TopicId{10000000},
    TopicId{11000000}, TopicId{12000000}, TopicId{13000000}, TopicId{14000000}, TopicId{15000000},
    TopicId{16000000}, TopicId{17000000}, TopicId{20000002}, TopicId{20000038}, TopicId{20000045},
    TopicId{20000053}, TopicId{20000056}, TopicId{20000065}, TopicId{20000070}, TopicId{20000073},
    TopicId{20000082}, TopicId{20000106}, TopicId{20000129}, TopicId{20000139}, TopicId{20000148},
    TopicId{20000170}, TopicId{20000209}, TopicId{20000344}, TopicId{20000385}, TopicId{20000400},
    TopicId{20000418}, TopicId{20000420}, TopicId{20000424}, TopicId{20000446}, TopicId{20000464},
    TopicId{20000509}, TopicId{20000524}, TopicId{20000538}, TopicId{20000565}, TopicId{20000574},
    TopicId{20000587}, TopicId{20000593}, TopicId{20000621}, TopicId{20000638}, TopicId{20000649},
    TopicId{20000657}, TopicId{20000717}, TopicId{20000756}, TopicId{20000771}, TopicId{20000780},
    TopicId{20000802}, TopicId{20000822}, TopicId{20001108}, TopicId{20001128}, TopicId{20001129},
    TopicId{20001148}, TopicId{20001358}};

// How strongly seed words speak for each topic, against the length of the text.
class SeedReader {
 public:
  SeedReader(const SeedWords& seeds, std::span<const CountedToken> tokens,
             const std::string& language) {
    std::unordered_set<std::uint64_t> seen;
    for (const CountedToken& token : tokens) {
      for (const std::uint64_t feature : {token.word, token.pair, token.stem}) {
        if (feature == 0 || !seen.insert(feature).second) continue;
        const auto* claims = seeds.claims(language, feature);
        if (claims == nullptr) continue;
        for (const SeedWords::Claim& claim : *claims) {
          const std::size_t index = media_topic_index(claim.topic);
          if (index == kMediaTopicCount) continue;
          density_[index] += claim.weight * (token.count > 1 ? 2.0F : 1.0F);
          ++hits_[index];
        }
      }
    }
    const float length = std::sqrt(static_cast<float>(seen.size()) / 3 + kLengthPrior);
    for (float& density : density_) density /= length;
    best_ = *std::max_element(density_.begin(), density_.begin() + kTopTopics);
  }

  [[nodiscard]] bool is_strong(std::size_t index) const {
    return hits_[index] >= 2 && density_[index] >= kStrong && density_[index] >= best_ * kOfBest;
  }
  [[nodiscard]] bool is_absent(std::size_t index) const { return density_[index] <= kAbsent; }

 private:
  static constexpr std::size_t kTopTopics = 17;
  static constexpr float kLengthPrior = 10;
  static constexpr float kStrong = 0.5F;
  static constexpr float kOfBest = 0.5F;  // Of the strongest topic of level 1.
  static constexpr float kAbsent = 0.12F;

  std::array<float, kMediaTopicCount> density_{};
  std::array<int, kMediaTopicCount> hits_{};
  float best_ = 0;
};

}  // namespace

std::span<const TopicId, kMediaTopicCount> media_topics() {
  return kTopics;
}

std::size_t media_topic_index(TopicId topic) {
  const auto* found = std::find(kTopics.begin(), kTopics.end(), topic);
  return static_cast<std::size_t>(found - kTopics.begin());
}

bool is_of_level_one(std::size_t index) {
  return topic_parent(kTopics[index]) == TopicId{};
}

void mark_yes(TopicId topic, TopicMarks& marks) {
  marks[media_topic_index(topic)] = Mark::kYes;
  const TopicId parent = topic_parent(topic);
  if (parent != TopicId{}) marks[media_topic_index(parent)] = Mark::kYes;
}

void complete_marks(const SeedWords& seeds, const std::string& language,
                    std::span<const CountedToken> tokens, TopicMarks& marks) {
  std::optional<SeedReader> read;
  if (seeds.has_language(language)) read.emplace(seeds, tokens, language);
  for (std::size_t index = 0; index < kMediaTopicCount; ++index) {
    if (marks[index] != Mark::kUnknown) continue;
    if (!is_of_level_one(index)) {
      const Mark above = marks[media_topic_index(topic_parent(kTopics[index]))];
      if (above != Mark::kYes) {
        marks[index] = above;
        continue;
      }
    }
    if (!read) continue;
    if (read->is_strong(index)) {
      marks[index] = Mark::kYes;
    } else if (read->is_absent(index)) {
      marks[index] = Mark::kNo;
    }
  }
}

}  // namespace wirewatch::topic_tools
