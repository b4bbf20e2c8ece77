// Which documents of a training set a model is made without, so that it can be judged on these.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "common/topic/tools/training_set.h"

namespace wirewatch::topic_tools {

class Folds {
 public:
  static constexpr std::uint32_t kNone = 255;  // Of a model of all documents.

  // Every real document is in one of `count` folds, by its place alone, so that folds do not depend
  // on threads; an excerpt is in its document's. Made-up documents are in none: they are never left
  // out and never judged.
  Folds(const TrainingSet& set, unsigned count) : count_(count) {
    std::mt19937_64 random(0xF01DULL);
    for (const TrainingSet::Document& document : set.documents()) {
      if (document.role.is_excerpt) {
        of_documents_.push_back(of_documents_.back());
        continue;
      }
      of_documents_.push_back(
          static_cast<std::uint8_t>(document.role.is_real ? random() % count : kNone - 1));
    }
  }

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint32_t fold(std::size_t document) const { return of_documents_[document]; }
  [[nodiscard]] bool is_judged(std::size_t document) const {
    return of_documents_[document] < count_;
  }

 private:
  unsigned count_;
  std::vector<std::uint8_t> of_documents_;
};

}  // namespace wirewatch::topic_tools
