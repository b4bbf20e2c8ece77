// What models reach on documents that they were made without, and the calibration by these.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/topic/tools/calibration.h"
#include "common/topic/tools/folds.h"
#include "common/topic/tools/training_set.h"

namespace wirewatch::topic_tools {

// What the classes reach on articles of the training set that were left out in turn.
struct CrossValidation {
  std::size_t documents = 0;  // That have a class.
  double first_right = 0;     // Share of these whose best class they have.
  double micro_f1 = 0;
  double macro_f1 = 0;  // Mean over classes that occur.
  struct OfClass {
    std::string id;
    std::size_t count = 0;  // Articles that have it.
    double precision = 0;   // 0 where it is never given.
    double recall = 0;
  };
  std::vector<OfClass> classes;  // Those that occur.
};

// The scores of each document for each class, by a model that was made without its fold; 0 where
// the document is in no fold.
class LeftOutScores {
 public:
  // The set and the folds outlive this.
  LeftOutScores(const TrainingSet& set, const Folds& folds)
      : set_(set), folds_(folds), scores_(set.documents().size() * set.class_count(), 0.0F) {}

  [[nodiscard]] const TrainingSet& set() const { return set_; }
  [[nodiscard]] const Folds& folds() const { return folds_; }
  [[nodiscard]] std::span<float> of(std::size_t document) {
    return std::span(scores_).subspan(document * set_.class_count(), set_.class_count());
  }
  [[nodiscard]] std::span<const float> of(std::size_t document) const {
    return std::span(scores_).subspan(document * set_.class_count(), set_.class_count());
  }

  // One calibration per class, by the documents of all folds but one; of all with Folds::kNone.
  // For `share_min` see calibrate().
  [[nodiscard]] std::vector<Calibration> calibrations(std::uint32_t left_out_fold,
                                                      double share_min = 0) const;

  // `exclusive`: a document has the class with the best score alone, else those that reach their
  // thresholds. Thresholds too are judged on documents that did not choose them.
  [[nodiscard]] CrossValidation assess(bool exclusive,
                                       std::span<const std::string> class_ids) const;

 private:
  const TrainingSet& set_;
  const Folds& folds_;
  std::vector<float> scores_;
};

}  // namespace wirewatch::topic_tools
