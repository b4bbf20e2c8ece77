// Documents of a few seed words of one topic among ordinary words of their language: what the
// weights learn from where no labelled news tells of a topic or a language.

#pragma once

#include <cstddef>
#include <cstdint>
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

  // Calls `visit` for each document. Their number grows with the seed words of a topic in a
  // language, so that further words take nothing from those that were there. Always the same for
  // equal seeds and backgrounds.
  void for_each(
      const std::function<void(const std::string& language, std::span<const CountedToken> tokens,
                               const TopicMarks& marks)>& visit) const;

 private:
  // Seed words in a mixed order, each as often as any other.
  class Deck {
   public:
    void add(const SeedWords::Seed& seed) { seeds_.push_back(&seed); }
    [[nodiscard]] std::size_t size() const { return seeds_.size(); }
    // The next one. There is at least one.
    [[nodiscard]] const SeedWords::Seed& deal(std::mt19937_64& random);

   private:
    std::vector<const SeedWords::Seed*> seeds_;
    std::size_t left_ = 0;  // Of the first ones, until all have had their turn.
  };

  [[nodiscard]] std::vector<CountedToken> make(const std::string& language, TopicId topic,
                                               Deck& own, std::mt19937_64& random,
                                               TopicMarks& marks) const;
  void add_strays(const std::string& language, Deck& all, std::mt19937_64& random,
                  const TopicMarks& marks, std::vector<CountedToken>& tokens) const;
  void leave_open(const std::string& language, std::uint64_t feature, TopicMarks& marks) const;

  const SeedWords& seeds_;
  std::map<std::string, std::vector<CountedToken>> background_;  // By language.
};

}  // namespace wirewatch::topic_tools
