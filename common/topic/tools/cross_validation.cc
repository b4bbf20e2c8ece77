#include "common/topic/tools/cross_validation.h"

#include <algorithm>
#include <limits>

namespace wirewatch::topic_tools {

namespace {

// Counts what is given rightly and wrongly, by class.
class Answers {
 public:
  explicit Answers(std::size_t class_count) : counts_(class_count) {}

  void add(std::size_t class_index, bool given, bool right) {
    Count& count = counts_[class_index];
    count.hits += given && right ? 1 : 0;
    count.wrong += given && !right ? 1 : 0;
    count.missed += !given && right ? 1 : 0;
  }

  void sum_up(std::span<const std::string> class_ids, CrossValidation& found) const {
    double hits = 0;
    double answers = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
      const Count& count = counts_[index];
      const double gold = count.hits + count.missed;
      const double given = count.hits + count.wrong;
      hits += 2 * count.hits;
      answers += gold + given;
      if (gold == 0) continue;
      found.macro_f1 += 2 * count.hits / (gold + given);
      found.classes.push_back({.id = class_ids[index],
                               .count = static_cast<std::size_t>(gold),
                               .precision = given > 0 ? count.hits / given : 0,
                               .recall = count.hits / gold});
    }
    if (answers > 0) found.micro_f1 = hits / answers;
    if (!found.classes.empty()) found.macro_f1 /= static_cast<double>(found.classes.size());
  }

 private:
  struct Count {
    double hits = 0;
    double wrong = 0;
    double missed = 0;
  };
  std::vector<Count> counts_;
};

}  // namespace

std::vector<Calibration> LeftOutScores::calibrations(std::uint32_t left_out_fold,
                                                     double share_min) const {
  std::vector<Calibration> calibrations;
  for (std::size_t of_class = 0; of_class < set_.class_count(); ++of_class) {
    std::vector<Scored> scored;
    for (std::size_t index = 0; index < set_.documents().size(); ++index) {
      const Mark mark = set_.marks(index)[of_class];
      if (!folds_.is_judged(index) || folds_.fold(index) == left_out_fold) continue;
      if (mark != Mark::kUnknown) scored.push_back({of(index)[of_class], mark == Mark::kYes});
    }
    calibrations.push_back(calibrate(scored, share_min));
  }
  return calibrations;
}

CrossValidation LeftOutScores::assess(bool exclusive,
                                      std::span<const std::string> class_ids) const {
  CrossValidation found;
  Answers answers(set_.class_count());
  std::vector<std::vector<Calibration>> of_folds;
  for (std::uint32_t fold = 0; !exclusive && fold < folds_.count(); ++fold) {
    of_folds.push_back(calibrations(fold));
  }
  for (std::size_t index = 0; index < set_.documents().size(); ++index) {
    if (!folds_.is_judged(index)) continue;
    const std::span<const Mark> marks = set_.marks(index);
    // What is known: a class that is not can be neither right nor wrong.
    std::vector<double> sureness(marks.size(), -std::numeric_limits<double>::infinity());
    for (std::size_t of_class = 0; of_class < marks.size(); ++of_class) {
      if (marks[of_class] == Mark::kUnknown) continue;
      const float score = of(index)[of_class];
      sureness[of_class] = exclusive ? static_cast<double>(score)
                                     : of_folds[folds_.fold(index)][of_class].confidence(score);
    }
    const auto best = static_cast<std::size_t>(std::max_element(sureness.begin(), sureness.end()) -
                                               sureness.begin());
    bool has_any = false;
    for (std::size_t of_class = 0; of_class < marks.size(); ++of_class) {
      const bool given =
          exclusive ? of_class == best
                    : sureness[of_class] >=
                          static_cast<double>(of_folds[folds_.fold(index)][of_class].threshold);
      const bool right = marks[of_class] == Mark::kYes;
      has_any = has_any || right;
      answers.add(of_class, given, right);
    }
    if (!has_any) continue;
    ++found.documents;
    found.first_right += marks[best] == Mark::kYes ? 1 : 0;
  }
  if (found.documents > 0) found.first_right /= static_cast<double>(found.documents);
  answers.sum_up(class_ids, found);
  return found;
}

}  // namespace wirewatch::topic_tools
