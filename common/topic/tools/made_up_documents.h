// Documents of a few seed words of one topic among ordinary words of their language: what the
// weights learn from where no labelled news tells of a topic or a language.

#pragma once

#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "common/topic/tools/seed_words.h"
#include "common/topic/tools/topic_marks.h"
#include "common/topic/tools/training_set.h"

namespace wirewatch::topic_tools {

class MadeUpDocuments {
 public:
  // `seeds` outlives this.
  explicit MadeUpDocuments(const SeedWords& seeds) : seeds_(seeds) {}

  // Ordinary text of a language, among which seed words will be scattered.
  void add_background(const std::string& language, std::span<const CountedToken> tokens);

  // Calls `visit` for each document: the more, the more seed words a topic has in a language.
  // Always the same for equal seeds and backgrounds.
  void for_each(
      const std::function<void(const std::string& language, std::span<const CountedToken> tokens,
                               const TopicMarks& marks)>& visit) const;

 private:
  [[nodiscard]] std::vector<CountedToken> make(const std::string& language, TopicId topic,
                                               const std::vector<const SeedWords::Seed*>& own,
                                               std::mt19937_64& random, TopicMarks& marks) const;
  void add_strays(const std::string& language, const std::vector<SeedWords::Seed>& all,
                  std::mt19937_64& random, const TopicMarks& marks,
                  std::vector<CountedToken>& tokens) const;
  void leave_open(const std::string& language, std::uint64_t feature, TopicMarks& marks) const;

  const SeedWords& seeds_;
  std::map<std::string, std::vector<CountedToken>> background_;  // By language.
};

}  // namespace wirewatch::topic_tools
