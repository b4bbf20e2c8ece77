#include "common/topic/tools/naive_bayes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace wirewatch::topic_tools {

namespace {

// How much each feature occurs in the documents of a class and in those outside.
struct ClassCounts {
  std::vector<double> yes;
  std::vector<double> no;
  double yes_sum = 0;
  double no_sum = 0;
};

// Counts the features of documents, all but those of a fold.
class ClassCounter {
 public:
  ClassCounter(const VectorSpace& space, const Folds& folds, std::uint32_t left_out_fold)
      : space_(space) {
    for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
      if (folds.fold(index) == left_out_fold) continue;
      double sum = 0;
      for (const auto& [dense, value] : space.values(index)) sum += static_cast<double>(value);
      const DocumentRole& role = space.set().documents()[index].role;
      documents_.push_back({.index = index,
                            .group = role.group,
                            .weight = static_cast<double>(role.weight),
                            .sum = sum});
    }
  }

  // As if the class had the same share of every language: else a language's ordinary words would
  // speak for what news in it is often about. Languages in which all documents are on one side say
  // nothing.
  [[nodiscard]] ClassCounts count(std::size_t class_index) const {
    constexpr double kFactorMax = 20;
    std::array<Sums, kGroups> of_groups{};
    Sums all;
    for (const Document& document : documents_) {
      const Mark mark = space_.set().marks(document.index)[class_index];
      if (mark == Mark::kUnknown) continue;
      for (Sums* sums : {&of_groups[document.group], &all}) {
        (mark == Mark::kYes ? sums->yes : sums->no) += document.weight * document.sum;
      }
    }
    ClassCounts counts{.yes = std::vector<double>(space_.size(), 0.0),
                       .no = std::vector<double>(space_.size(), 0.0)};
    for (const Document& document : documents_) {
      const Mark mark = space_.set().marks(document.index)[class_index];
      const Sums& here = of_groups[document.group];
      if (mark == Mark::kUnknown || here.yes == 0 || here.no == 0) continue;
      const bool is_yes = mark == Mark::kYes;
      const double factor = is_yes ? all.share(all.yes) / here.share(here.yes)
                                   : all.share(all.no) / here.share(here.no);
      const double weight = document.weight * std::min(factor, kFactorMax);
      std::vector<double>& own = is_yes ? counts.yes : counts.no;
      for (const auto& [dense, value] : space_.values(document.index)) {
        own[dense] += weight * static_cast<double>(value);
      }
      (is_yes ? counts.yes_sum : counts.no_sum) += weight * document.sum;
    }
    return counts;
  }

 private:
  static constexpr std::size_t kGroups = 256;
  struct Document {
    std::size_t index = 0;
    std::uint8_t group = 0;
    double weight = 1;
    double sum = 0;  // Of its values.
  };
  struct Sums {
    double yes = 0;
    double no = 0;
    [[nodiscard]] double share(double part) const { return part / (yes + no); }
  };

  const VectorSpace& space_;
  std::vector<Document> documents_;
};

Weights log_ratios(const VectorSpace& space, const ClassCounts& counts, double prior) {
  Weights weights(space.weight_count(), 0.0F);
  if (counts.yes_sum == 0 || counts.no_sum == 0) return weights;
  for (std::size_t dense = 0; dense < space.size(); ++dense) {
    const double both = counts.yes[dense] + counts.no[dense];
    if (both == 0) continue;
    const double usual = prior * both / (counts.yes_sum + counts.no_sum);
    const double yes = (counts.yes[dense] + usual) / (counts.yes_sum + prior);
    const double no = (counts.no[dense] + usual) / (counts.no_sum + prior);
    weights[dense] = static_cast<float>(std::log(yes / no));
  }
  return weights;
}

}  // namespace

std::vector<Weights> complement_bayes(const VectorSpace& space, const Folds& folds,
                                      std::uint32_t left_out_fold, double smoothing) {
  const std::size_t size = space.size();
  const std::size_t class_count = space.set().class_count();
  std::vector<std::vector<double>> sums(class_count, std::vector<double>(size, 0));
  std::vector<double> all(size, 0);
  for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
    if (folds.fold(index) == left_out_fold) continue;
    const std::span<const Mark> marks = space.set().marks(index);
    for (const auto& [dense, value] : space.values(index)) {
      all[dense] += static_cast<double>(value);
      for (std::size_t of_class = 0; of_class < class_count; ++of_class) {
        if (marks[of_class] == Mark::kYes) sums[of_class][dense] += static_cast<double>(value);
      }
    }
  }
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  std::vector<double> mean(size, 0);
  for (std::vector<double>& own : sums) {
    const double others = total - std::accumulate(own.begin(), own.end(), 0.0) +
                          smoothing * static_cast<double>(size);
    for (std::size_t dense = 0; dense < size; ++dense) {
      own[dense] = -std::log((all[dense] - own[dense] + smoothing) / others);
      mean[dense] += own[dense] / static_cast<double>(class_count);
    }
  }
  std::vector<Weights> weights(class_count, Weights(space.weight_count(), 0.0F));
  for (std::size_t of_class = 0; of_class < class_count; ++of_class) {
    for (std::size_t dense = 0; dense < size; ++dense) {
      weights[of_class][dense] = static_cast<float>(sums[of_class][dense] - mean[dense]);
    }
  }
  return weights;
}

std::vector<std::vector<Weights>> one_vs_rest_bayes(const VectorSpace& space, const Folds& folds,
                                                    std::uint32_t left_out_fold,
                                                    std::span<const double> priors) {
  std::vector<std::vector<Weights>> weights(priors.size());
  const ClassCounter counter(space, folds, left_out_fold);
  for (std::size_t of_class = 0; of_class < space.set().class_count(); ++of_class) {
    const ClassCounts counts = counter.count(of_class);
    for (std::size_t model = 0; model < priors.size(); ++model) {
      weights[model].push_back(log_ratios(space, counts, priors[model]));
    }
  }
  return weights;
}

}  // namespace wirewatch::topic_tools
