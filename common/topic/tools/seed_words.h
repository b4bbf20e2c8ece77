// The hand-written words per topic and language, see data/seed_words.tsv.

#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/topic/tools/linear_trainer.h"
#include "common/topic/topic.h"

namespace wirewatch::topic_tools {

class SeedWords {
 public:
  // One word or phrase.
  struct Seed {
    TopicId topic;
    std::vector<CountedToken> tokens;
  };

  // The reason in words, with the line's number, when the file cannot be read.
  [[nodiscard]] static std::expected<SeedWords, std::string> read(
      const std::filesystem::path& path);

  // By language.
  [[nodiscard]] const std::map<std::string, std::vector<Seed>>& all() const { return seeds_; }

  // Phrases that name who says so, as "police said": they speak for no topic.
  [[nodiscard]] std::span<const Seed> attributions(const std::string& language) const {
    const auto found = attributions_.find(language);
    return found == attributions_.end() ? std::span<const Seed>() : std::span(found->second);
  }

  // Topics for which a feature speaks in a language, also the parents of those of level 2. Empty
  // for an unknown language.
  struct Claim {
    TopicId topic;
    float weight = 1;  // A phrase says more than a word.
  };
  [[nodiscard]] const std::vector<Claim>* claims(const std::string& language,
                                                 std::uint64_t feature) const;
  [[nodiscard]] bool has_language(const std::string& language) const {
    return seeds_.contains(language);
  }

 private:
  void add(TopicId topic, const std::string& language, std::string_view words);

  std::map<std::string, std::vector<Seed>> seeds_;
  std::map<std::string, std::vector<Seed>> attributions_;
  std::map<std::string, std::unordered_map<std::uint64_t, std::vector<Claim>>> claims_;
};

}  // namespace wirewatch::topic_tools
