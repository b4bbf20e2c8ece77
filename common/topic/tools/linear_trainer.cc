#include "common/topic/tools/linear_trainer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <utility>

#include "common/base/check.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch::topic_tools {

namespace format = topic_model_format;

namespace {

// The bias is the weight of a feature that every document has with this value.
constexpr float kBiasValue = 0.5F;

// Added up in eight parts, so that the compiler may use vector instructions.
float dot(std::span<const float> a, const float* b) {
  constexpr std::size_t kParts = 8;
  std::array<float, kParts> parts{};
  std::size_t at = 0;
  for (; at + kParts <= a.size(); at += kParts) {
    for (std::size_t part = 0; part < kParts; ++part) parts[part] += a[at + part] * b[at + part];
  }
  for (; at < a.size(); ++at) parts[at % kParts] += a[at] * b[at];
  return std::accumulate(parts.begin(), parts.end(), 0.0F);
}

// Of a word by its rank among the words of the language, by Zipf's law: an article of some 200
// words has each of the most frequent ones. Few articles may lack even a "for", which is not rare
// for that.
float usual_idf(std::size_t rank) {
  constexpr float kInEveryArticle = 20;
  constexpr float kLeast = 0.1F;
  return std::log(std::max(1.0F, static_cast<float>(rank + 1) / kInEveryArticle)) + kLeast;
}

float units_of(std::uint8_t count) {
  return static_cast<float>(format::kUnits[count]) / format::kUnitsPerCount;
}

}  // namespace

std::uint32_t LinearTrainer::number(std::uint64_t hash) {
  const auto [at, added] = numbers_.try_emplace(hash, static_cast<std::uint32_t>(features_.size()));
  if (added) features_.push_back({.hash = hash});
  return at->second;
}

void LinearTrainer::add_document(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                                 const DocumentRole& role) {
  WIREWATCH_CHECK(marks.size() == classes_.size());
  Example example{.begin = static_cast<std::uint32_t>(entries_.size()), .role = role};
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
  // Occurrences of one feature become one entry.
  const auto first = entries_.begin() + example.begin;
  std::sort(first, entries_.end(),
            [](const Entry& a, const Entry& b) { return a.feature < b.feature; });
  std::size_t kept = example.begin;
  for (std::size_t at = example.begin; at < entries_.size(); ++at) {
    if (kept > example.begin && entries_[kept - 1].feature == entries_[at].feature) {
      const unsigned sum = entries_[kept - 1].count + entries_[at].count;
      entries_[kept - 1].count = static_cast<std::uint8_t>(std::min(sum, TopicModel::kCountMax));
    } else {
      entries_[kept] = entries_[at];
      ++kept;
    }
  }
  entries_.resize(kept);
  example.end = static_cast<std::uint32_t>(kept);
  count_frequencies(example);
  examples_.push_back(example);
  marks_.insert(marks_.end(), marks.begin(), marks.end());
}

void LinearTrainer::features_of(const Example& example, std::vector<std::uint32_t>& numbers) const {
  numbers.clear();
  for (std::uint32_t at = example.begin; at < example.end; ++at) {
    const std::uint32_t feature = entries_[at].feature;
    numbers.push_back(feature);
    if (features_[feature].stem != kNone) numbers.push_back(features_[feature].stem);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

void LinearTrainer::count_frequencies(const Example& example) {
  std::vector<std::uint32_t> numbers;
  features_of(example, numbers);
  for (const std::uint32_t feature : numbers) ++features_[feature].frequency;
}

template <typename Work>
void LinearTrainer::for_each_class(Work&& work) const {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t index = next++; index < classes_.size(); index = next++) work(index);
  };
  std::vector<std::jthread> threads;
  for (unsigned extra = 1; extra < options_.thread_count; ++extra) threads.emplace_back(run);
  run();
}

void LinearTrainer::keep(std::span<const CountedToken> tokens) {
  for (const CountedToken& token : tokens) {
    for (const std::uint64_t hash :
         {token.word, token.stem, token.pair, token.pair_words[0], token.pair_words[1]}) {
      const auto found = numbers_.find(hash);
      if (hash != 0 && found != numbers_.end()) features_[found->second].is_kept = true;
    }
  }
}

// Vectors are English: where few words have one they would only be noise.
void LinearTrainer::find_vectors() {
  constexpr double kLeastShare = 0.5;
  uses_vectors_ = false;
  if (options_.vectors == nullptr || options_.vector_share == 0) return;
  double words = 0;
  double found = 0;
  for (Feature& feature : features_) {
    const std::size_t vector = options_.vectors->find(feature.hash);
    if (vector < options_.vectors->size()) feature.vector = static_cast<std::uint32_t>(vector);
  }
  for (const Example& example : examples_) {
    if (!example.role.is_real) continue;
    for (std::uint32_t at = example.begin; at < example.end; ++at) {
      const Feature& feature = features_[entries_[at].feature];
      if (feature.first_word != kNone) continue;
      ++words;
      found += feature.vector == kNone ? 0 : 1;
    }
  }
  uses_vectors_ = found > kLeastShare * words;
  if (uses_vectors_) return;
  for (Feature& feature : features_) feature.vector = kNone;
}

void LinearTrainer::choose_candidates(Vocabulary& vocabulary) {
  // A pair is looked up only where both words have a row, so it brings them along.
  std::vector<bool> wanted(features_.size(), false);
  for (std::uint32_t feature = 0; feature < features_.size(); ++feature) {
    const Feature& entry = features_[feature];
    const bool is_rare = entry.frequency < options_.document_frequency_min;
    if (is_rare && !entry.is_kept && entry.vector == kNone) continue;
    wanted[feature] = true;
    if (entry.first_word == kNone) continue;
    wanted[entry.first_word] = true;
    wanted[entry.second_word] = true;
  }
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t feature = 0; feature < features_.size(); ++feature) {
    if (wanted[feature]) chosen.push_back(feature);
  }
  if (chosen.size() > options_.feature_max) {
    std::stable_sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
      if (features_[a].is_kept != features_[b].is_kept) return features_[a].is_kept;
      return features_[a].frequency > features_[b].frequency;
    });
    chosen.resize(options_.feature_max);
    std::sort(chosen.begin(), chosen.end());
  }
  use_features(vocabulary, std::move(chosen));
}

void LinearTrainer::use_features(Vocabulary& vocabulary, std::vector<std::uint32_t> chosen) {
  vocabulary.feature = std::move(chosen);
  vocabulary.dense.assign(features_.size(), kNone);
  vocabulary.idf.clear();
  vocabulary.stem.clear();
  const std::vector<float> all_idf = inverse_frequencies();
  for (std::size_t dense = 0; dense < vocabulary.feature.size(); ++dense) {
    const std::uint32_t feature = vocabulary.feature[dense];
    vocabulary.dense[feature] = static_cast<std::uint32_t>(dense);
    vocabulary.idf.push_back(all_idf[feature]);
  }
  for (const std::uint32_t feature : vocabulary.feature) {
    const std::uint32_t stem = features_[feature].stem;
    vocabulary.stem.push_back(stem == kNone ? kNone : vocabulary.dense[stem]);
  }
  build_vectors(vocabulary);
}

std::vector<float> LinearTrainer::inverse_frequencies() const {
  // A word is as common as it is in the language where it is most common: among many languages the
  // articles of one are few, and its "the" would pass for a rare word.
  constexpr std::size_t kGroups = 256;
  constexpr float kUnseen = 6;
  constexpr float kLeast = 0.1F;
  std::array<std::vector<const Example*>, kGroups> groups;
  for (const Example& example : examples_) {
    if (example.role.is_real) groups[example.role.group].push_back(&example);
  }
  std::vector<float> idf(features_.size(), std::numeric_limits<float>::infinity());
  std::vector<std::uint32_t> counts(features_.size(), 0);
  std::vector<std::uint32_t> numbers;
  for (const auto& group : groups) {
    if (group.empty()) continue;
    for (const Example* example : group) {
      features_of(*example, numbers);
      for (const std::uint32_t feature : numbers) ++counts[feature];
    }
    const auto documents = static_cast<float>(group.size());
    for (const Example* example : group) {
      features_of(*example, numbers);
      for (const std::uint32_t feature : numbers) {
        if (counts[feature] == 0) continue;
        const float here = std::log((documents + 1) / (static_cast<float>(counts[feature]) + 1));
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

// The vector of a document, not yet scaled, in order of features; its length as the model will
// measure it: by rows.
float LinearTrainer::build_vector(const Vocabulary& vocabulary, const Example& example,
                                  std::vector<SparseValue>& vector) const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  // With their counts.
  for (std::uint32_t at = example.begin; at < example.end; ++at) {
    const auto& [feature, count] = entries_[at];
    std::uint32_t row = vocabulary.dense[feature];
    const std::uint32_t stem = features_[feature].stem;
    if (row == kNone && stem != kNone) row = vocabulary.dense[stem];
    if (row != kNone) rows.emplace_back(row, count);
  }
  std::sort(rows.begin(), rows.end());
  vector.clear();
  float length = 0;
  for (std::size_t at = 0; at < rows.size();) {
    const std::uint32_t row = rows[at].first;
    std::uint32_t count = 0;
    for (; at < rows.size() && rows[at].first == row; ++at) count += rows[at].second;
    const float units = units_of(static_cast<std::uint8_t>(std::min(count, TopicModel::kCountMax)));
    vector.push_back({row, units * vocabulary.idf[row]});
    length += vector.back().value * vector.back().value;
    if (const std::uint32_t stem = vocabulary.stem[row]; stem != kNone) {
      vector.push_back({stem, units * vocabulary.idf[stem]});
      length += vector.back().value * vector.back().value;
    }
  }
  std::sort(vector.begin(), vector.end(),
            [](const SparseValue& a, const SparseValue& b) { return a.dense < b.dense; });
  std::size_t kept = 0;
  for (std::size_t at = 0; at < vector.size(); ++at) {
    if (kept > 0 && vector[kept - 1].dense == vector[at].dense) {
      vector[kept - 1].value += vector[at].value;
    } else {
      vector[kept++] = vector[at];
    }
  }
  vector.resize(kept);
  return std::sqrt(length);
}

void LinearTrainer::build_vectors(Vocabulary& vocabulary) {
  std::vector<float> lengths;
  std::vector<float> lengths_real;
  vocabulary.values.clear();
  std::vector<SparseValue> vector;
  for (Example& example : examples_) {
    lengths.push_back(build_vector(vocabulary, example, vector));
    if (example.role.is_real) lengths_real.push_back(lengths.back());
    example.values_begin = vocabulary.values.size();
    vocabulary.values.insert(vocabulary.values.end(), vector.begin(), vector.end());
    example.values_end = vocabulary.values.size();
  }
  const auto middle = lengths_real.begin() + static_cast<std::ptrdiff_t>(lengths_real.size() / 2);
  std::nth_element(lengths_real.begin(), middle, lengths_real.end());
  const float median = lengths_real.empty() ? 1 : *middle;
  vocabulary.length_floor = std::max(1e-3F, static_cast<float>(options_.length_floor) * median);
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    Example& example = examples_[index];
    const float length = std::max(lengths[index], vocabulary.length_floor);
    for (std::size_t at = example.values_begin; at < example.values_end; ++at) {
      vocabulary.values[at].value /= length;
    }
  }
  build_sums(vocabulary);
}

void LinearTrainer::build_sums(Vocabulary& vocabulary) const {
  const std::size_t size = dimensions();
  vocabulary.sums.assign(examples_.size() * size, 0.0F);
  if (size == 0) return;
  const auto share = static_cast<float>(options_.vector_share);
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    float* const sum = vocabulary.sums.data() + index * size;
    for (const auto& [dense, value] : values_of(vocabulary, examples_[index])) {
      const std::uint32_t vector = features_[vocabulary.feature[dense]].vector;
      if (vector == kNone) continue;
      const std::span<const float> components = options_.vectors->vector(vector);
      for (std::size_t at = 0; at < size; ++at) sum[at] += share * value * components[at];
    }
  }
}

void LinearTrainer::add_vectors(const Vocabulary& vocabulary, Weights& weights) const {
  if (!uses_vectors_) return;
  const auto share = static_cast<float>(options_.vector_share);
  const float* const of_dimensions = weights.data() + vocabulary.feature.size();
  for (std::size_t dense = 0; dense < vocabulary.feature.size(); ++dense) {
    const std::uint32_t vector = features_[vocabulary.feature[dense]].vector;
    if (vector == kNone) continue;
    weights[dense] += share * dot(options_.vectors->vector(vector), of_dimensions);
  }
}

std::span<const LinearTrainer::SparseValue> LinearTrainer::values_of(const Vocabulary& vocabulary,
                                                                     const Example& example) const {
  return std::span(vocabulary.values)
      .subspan(example.values_begin, example.values_end - example.values_begin);
}

float LinearTrainer::score(const Vocabulary& vocabulary, const Weights& weights,
                           const Example& example) const {
  float sum = weights.back() * kBiasValue;
  for (const auto& [dense, value] : values_of(vocabulary, example)) sum += weights[dense] * value;
  return sum;
}

// Coordinate descent in the dual, with the shrinking of Hsieh et al. (algorithm 3): articles that
// are on the right side by more than the last round's worst one are left alone until all others
// fit.
void LinearTrainer::descend(std::vector<DualRow>& rows, std::span<const float> freedom,
                            unsigned epoch_max, std::uint64_t seed, Weights& weights) {
  constexpr double kGapMax = 0.05;
  std::vector<std::uint32_t> active(rows.size());
  std::iota(active.begin(), active.end(), 0U);
  std::mt19937_64 random(seed);
  float& bias = weights.back();
  float* const of_dimensions = weights.data() + freedom.size();
  double shrink_above = std::numeric_limits<double>::infinity();
  for (unsigned epoch = 0; epoch < epoch_max; ++epoch) {
    for (std::size_t at = active.size(); at > 1; --at)
      std::swap(active[at - 1], active[random() % at]);
    double greatest = -std::numeric_limits<double>::infinity();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t at = 0; at < active.size();) {
      DualRow& row = rows[active[at]];
      float sum = bias * kBiasValue;
      for (const auto& [dense, value] : row.values) sum += weights[dense] * value;
      sum += dot(row.sums, of_dimensions);
      const double gradient =
          static_cast<double>(row.sign * sum) - 1 + row.alpha * static_cast<double>(row.diagonal);
      if (row.alpha == 0 && gradient > shrink_above) {
        active[at] = active.back();
        active.pop_back();
        continue;
      }
      ++at;
      const double projected = row.alpha > 0 ? gradient : std::min(gradient, 0.0);
      greatest = std::max(greatest, projected);
      least = std::min(least, projected);
      if (projected == 0) continue;
      const double alpha = std::max(row.alpha - gradient / static_cast<double>(row.square), 0.0);
      const float step = static_cast<float>(alpha - row.alpha) * row.sign;
      row.alpha = alpha;
      bias += step * kBiasValue;
      for (const auto& [dense, value] : row.values) weights[dense] += step * freedom[dense] * value;
      for (std::size_t index = 0; index < row.sums.size(); ++index) {
        of_dimensions[index] += step * row.sums[index];
      }
    }
    if (greatest - least < kGapMax) {
      if (active.size() == rows.size()) return;
      active.resize(rows.size());
      std::iota(active.begin(), active.end(), 0U);
      shrink_above = std::numeric_limits<double>::infinity();
      continue;
    }
    shrink_above = greatest > 0 ? greatest : std::numeric_limits<double>::infinity();
  }
}

// How freely each weight of a class may grow: the further, the more the feature's share differs
// between the articles that have the class and the others.
std::vector<float> LinearTrainer::freedoms(const Vocabulary& vocabulary, std::size_t class_index,
                                           std::uint32_t left_out_fold) const {
  std::vector<float> freedoms(vocabulary.feature.size(), 1.0F);
  if (options_.ratio_power == 0) return freedoms;
  std::vector<double> yes(vocabulary.feature.size(), 0);
  std::vector<double> no(vocabulary.feature.size(), 0);
  std::vector<double> squares(vocabulary.feature.size(), 0);
  double yes_sum = 0;
  double no_sum = 0;
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    const Mark mark = marks_[index * classes_.size() + class_index];
    if (mark == Mark::kUnknown || examples_[index].fold == left_out_fold) continue;
    const auto weight = static_cast<double>(examples_[index].role.weight);
    for (const auto& [dense, value] : values_of(vocabulary, examples_[index])) {
      const double part = weight * static_cast<double>(value);
      (mark == Mark::kYes ? yes : no)[dense] += part;
      (mark == Mark::kYes ? yes_sum : no_sum) += part;
      squares[dense] += part * static_cast<double>(value);
    }
  }
  if (yes_sum == 0 || no_sum == 0) return freedoms;
  const double yes_share = yes_sum / (yes_sum + no_sum);
  const double no_share = no_sum / (yes_sum + no_sum);
  double before = 0;
  double after = 0;
  for (std::size_t dense = 0; dense < vocabulary.feature.size(); ++dense) {
    const double ratio = std::log(yes[dense] / yes_share + options_.ratio_smoothing) -
                         std::log(no[dense] / no_share + options_.ratio_smoothing);
    const double freedom = std::pow(std::fabs(ratio), 2 * options_.ratio_power) + 0.01;
    freedoms[dense] = static_cast<float>(freedom);
    before += squares[dense];
    after += squares[dense] * freedom;
  }
  // On the whole as free as without.
  const auto scale = static_cast<float>(before / after);
  for (std::size_t dense = 0; dense < vocabulary.feature.size(); ++dense) freedoms[dense] *= scale;
  return freedoms;
}

LinearTrainer::Weights LinearTrainer::solve(const Vocabulary& vocabulary, std::size_t class_index,
                                            std::uint32_t left_out_fold, unsigned epoch_max) const {
  std::vector<DualRow> rows;
  double yes = 0;
  double no = 0;
  const std::vector<float> freedom = freedoms(vocabulary, class_index, left_out_fold);
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    const Example& example = examples_[index];
    const Mark mark = marks_[index * classes_.size() + class_index];
    if (mark == Mark::kUnknown || example.fold == left_out_fold) continue;
    (mark == Mark::kYes ? yes : no) += static_cast<double>(example.role.weight);
    float square = kBiasValue * kBiasValue;
    for (const auto& [dense, value] : values_of(vocabulary, examples_[index]))
      square += freedom[dense] * value * value;
    const auto sums = std::span(vocabulary.sums).subspan(index * dimensions(), dimensions());
    square += dot(sums, sums.data());
    rows.push_back({.values = values_of(vocabulary, examples_[index]),
                    .sums = sums,
                    .cost = options_.cost * static_cast<double>(example.role.weight),
                    .sign = mark == Mark::kYes ? 1.0F : -1.0F,
                    .diagonal = 0,
                    .square = square,
                    .alpha = 0});
  }
  Weights weights(vocabulary.feature.size() + dimensions() + 1, 0.0F);
  if (yes == 0 || no == 0) {
    weights.back() = (yes == 0 ? -1 : 1) / kBiasValue;
    return weights;
  }
  const double boost =
      std::clamp(std::pow(no / yes, options_.positive_power), 1.0, options_.positive_cost_max);
  for (DualRow& row : rows) {
    row.diagonal = static_cast<float>(0.5 / (row.cost * (row.sign > 0 ? boost : 1.0)));
    row.square += row.diagonal;
  }
  descend(rows, freedom, epoch_max, 0x5EEDULL + class_index * 31 + left_out_fold, weights);
  add_vectors(vocabulary, weights);
  return weights;
}

std::vector<LinearTrainer::Weights> LinearTrainer::solve_all(const Vocabulary& vocabulary,
                                                             std::uint32_t left_out_fold,
                                                             unsigned epoch_max) const {
  std::vector<Weights> weights(classes_.size());
  for_each_class([&](std::size_t index) {
    weights[index] = solve(vocabulary, index, left_out_fold, epoch_max);
  });
  return weights;
}

// Complement naive Bayes: a feature speaks for a class as far as it is rare in all others.
std::vector<LinearTrainer::Weights> LinearTrainer::bayes(const Vocabulary& vocabulary,
                                                         std::uint32_t left_out_fold) const {
  const std::size_t size = vocabulary.feature.size();
  std::vector<std::vector<double>> sums(classes_.size(), std::vector<double>(size, 0));
  std::vector<double> all(size, 0);
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    if (examples_[index].fold == left_out_fold) continue;
    for (const auto& [dense, value] : values_of(vocabulary, examples_[index])) {
      all[dense] += static_cast<double>(value);
      for (std::size_t of_class = 0; of_class < classes_.size(); ++of_class) {
        if (marks_[index * classes_.size() + of_class] != Mark::kYes) continue;
        sums[of_class][dense] += static_cast<double>(value);
      }
    }
  }
  std::vector<Weights> weights(classes_.size(), Weights(size + dimensions() + 1, 0.0F));
  const double smoothing = options_.bayes_smoothing;
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  std::vector<double> mean(size, 0);
  for (std::size_t of_class = 0; of_class < classes_.size(); ++of_class) {
    std::vector<double>& own = sums[of_class];
    const double others = total - std::accumulate(own.begin(), own.end(), 0.0) +
                          smoothing * static_cast<double>(size);
    for (std::size_t dense = 0; dense < size; ++dense) {
      own[dense] = -std::log((all[dense] - own[dense] + smoothing) / others);
      mean[dense] += own[dense] / static_cast<double>(classes_.size());
    }
  }
  // What is said for all classes alike is not said.
  for (std::size_t of_class = 0; of_class < classes_.size(); ++of_class) {
    for (std::size_t dense = 0; dense < size; ++dense) {
      weights[of_class][dense] = static_cast<float>(sums[of_class][dense] - mean[dense]);
    }
  }
  return weights;
}

void LinearTrainer::add_bayes(const Vocabulary& vocabulary, std::uint32_t left_out_fold,
                              double share, std::vector<Weights>& weights) const {
  if (share == 0) return;
  const std::vector<Weights> others = scaled_bayes(vocabulary, left_out_fold, weights);
  for (std::size_t index = 0; index < weights.size(); ++index) {
    for (std::size_t dense = 0; dense < weights[index].size(); ++dense) {
      weights[index][dense] += static_cast<float>(share) * others[index][dense];
    }
  }
}

// Naive Bayes with scores as widely spread as those of `weights`.
std::vector<LinearTrainer::Weights> LinearTrainer::scaled_bayes(
    const Vocabulary& vocabulary, std::uint32_t left_out_fold,
    const std::vector<Weights>& weights) const {
  std::vector<Weights> others = bayes(vocabulary, left_out_fold);
  const auto spread = [&](const std::vector<Weights>& of) {
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (const Example& example : examples_) {
      if (example.fold == left_out_fold) continue;
      for (const Weights& of_class : of) {
        const auto value = static_cast<double>(score(vocabulary, of_class, example));
        sum += value;
        squares += value * value;
        ++count;
      }
    }
    return std::sqrt(std::max(squares / count - sum * sum / (count * count), 1e-12));
  };
  const auto factor = static_cast<float>(spread(weights) / spread(others));
  for (Weights& of_class : others) {
    for (float& weight : of_class) weight *= factor;
  }
  return others;
}

std::vector<float> LinearTrainer::left_out_scores(
    const Vocabulary& vocabulary, const std::vector<std::vector<Weights>>& of_folds) const {
  std::vector<float> scores(examples_.size() * classes_.size(), 0.0F);
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    const Example& example = examples_[index];
    if (example.fold >= of_folds.size()) continue;
    for (std::size_t of_class = 0; of_class < classes_.size(); ++of_class) {
      scores[index * classes_.size() + of_class] =
          score(vocabulary, of_folds[example.fold][of_class], example);
    }
  }
  return scores;
}

// The share of naive Bayes at which most of the articles that were left out get their class.
double LinearTrainer::best_bayes_share(const Vocabulary& vocabulary,
                                       const std::vector<std::vector<Weights>>& of_folds) const {
  std::vector<std::vector<Weights>> bayes_of_folds;
  for (std::uint32_t fold = 0; fold < of_folds.size(); ++fold) {
    bayes_of_folds.push_back(scaled_bayes(vocabulary, fold, of_folds[fold]));
  }
  const std::vector<float> scores = left_out_scores(vocabulary, of_folds);
  const std::vector<float> others = left_out_scores(vocabulary, bayes_of_folds);
  double best_share = 0;
  std::size_t best_right = 0;
  for (const double share : {0.0, 0.25, 0.5, 1.0, 2.0}) {
    std::size_t right = 0;
    for (std::size_t index = 0; index < examples_.size(); ++index) {
      if (examples_[index].fold >= of_folds.size()) continue;
      std::size_t best = index * classes_.size();
      float best_score = -std::numeric_limits<float>::infinity();
      for (std::size_t at = index * classes_.size(); at < (index + 1) * classes_.size(); ++at) {
        const float here = scores[at] + static_cast<float>(share) * others[at];
        if (here > best_score) best = at;
        best_score = std::max(best_score, here);
      }
      right += marks_[best] == Mark::kYes ? 1U : 0U;
    }
    if (right > best_right) best_share = share;
    best_right = std::max(best_right, right);
  }
  return best_share;
}

std::vector<Calibration> LinearTrainer::calibrations(std::span<const float> scores,
                                                     std::uint32_t left_out_fold) const {
  std::vector<Calibration> calibrations;
  for (std::size_t of_class = 0; of_class < classes_.size(); ++of_class) {
    std::vector<Scored> scored;
    for (std::size_t index = 0; index < examples_.size(); ++index) {
      const std::uint32_t fold = examples_[index].fold;
      const std::size_t at = index * classes_.size() + of_class;
      if (fold >= options_.fold_count || fold == left_out_fold || marks_[at] == Mark::kUnknown) {
        continue;
      }
      scored.push_back({scores[at], marks_[at] == Mark::kYes});
    }
    calibrations.push_back(calibrate(scored));
  }
  return calibrations;
}

CrossValidation LinearTrainer::assess(std::span<const float> scores) const {
  struct Count {
    double hits = 0;
    double wrong = 0;
    double missed = 0;
  };
  std::vector<Count> counts(classes_.size());
  CrossValidation found;
  // Articles of a fold are judged by the other folds, so that thresholds too are judged on articles
  // that did not choose them.
  std::vector<std::vector<Calibration>> of_folds;
  for (std::uint32_t fold = 0; fold < options_.fold_count; ++fold) {
    of_folds.push_back(calibrations(scores, fold));
  }
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    if (examples_[index].fold >= of_folds.size()) continue;
    const std::span marks = std::span(marks_).subspan(index * classes_.size(), classes_.size());
    const std::vector<Calibration>& calibration = of_folds[examples_[index].fold];
    std::vector<double> confidences(marks.size(), -1);  // Of what is not known.
    for (std::size_t of_class = 0; of_class < marks.size(); ++of_class) {
      if (marks[of_class] == Mark::kUnknown) continue;
      confidences[of_class] =
          calibration[of_class].confidence(scores[index * marks.size() + of_class]);
    }
    const auto best = static_cast<std::size_t>(
        std::max_element(confidences.begin(), confidences.end()) - confidences.begin());
    bool has_any = false;
    for (std::size_t of_class = 0; of_class < marks.size(); ++of_class) {
      const bool given =
          options_.exclusive
              ? of_class == best
              : confidences[of_class] >= static_cast<double>(calibration[of_class].threshold);
      const bool right = marks[of_class] == Mark::kYes;
      has_any = has_any || right;
      counts[of_class].hits += given && right ? 1 : 0;
      counts[of_class].wrong += given && !right ? 1 : 0;
      counts[of_class].missed += !given && right ? 1 : 0;
    }
    if (!has_any) continue;
    ++found.documents;
    found.first_right += marks[best] == Mark::kYes ? 1 : 0;
  }
  if (found.documents > 0) found.first_right /= static_cast<double>(found.documents);
  double hits = 0;
  double answers = 0;
  for (std::size_t of_class = 0; of_class < counts.size(); ++of_class) {
    const Count& count = counts[of_class];
    const double gold = count.hits + count.missed;
    const double given = count.hits + count.wrong;
    hits += 2 * count.hits;
    answers += gold + given;
    if (gold == 0) continue;
    found.macro_f1 += 2 * count.hits / (gold + given);
    found.classes.push_back({.id = classes_[of_class].id,
                             .count = static_cast<std::size_t>(gold),
                             .precision = given > 0 ? count.hits / given : 0,
                             .recall = count.hits / gold});
  }
  if (answers > 0) found.micro_f1 = hits / answers;
  if (!found.classes.empty()) found.macro_f1 /= static_cast<double>(found.classes.size());
  return found;
}

std::vector<std::uint32_t> LinearTrainer::most_influential(
    const Vocabulary& vocabulary, const std::vector<Weights>& weights) const {
  struct Ranked {
    float influence;
    std::uint32_t feature;
  };
  std::vector<Ranked> ranked;
  ranked.reserve(vocabulary.feature.size());
  for (std::uint32_t dense = 0; dense < vocabulary.feature.size(); ++dense) {
    float sum = 0;
    for (const Weights& of_class : weights) sum += of_class[dense] * of_class[dense];
    const auto frequency = static_cast<float>(features_[vocabulary.feature[dense]].frequency);
    ranked.push_back(
        {std::sqrt(sum) * vocabulary.idf[dense] * std::sqrt(frequency), vocabulary.feature[dense]});
  }
  for (Ranked& entry : ranked) {
    if (features_[entry.feature].is_kept) {
      entry.influence = std::numeric_limits<float>::infinity();
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.influence > b.influence; });
  std::vector<bool> kept(features_.size(), false);
  std::vector<std::uint32_t> chosen;
  const auto keep = [&](std::uint32_t feature) {
    if (kept[feature]) return;
    kept[feature] = true;
    chosen.push_back(feature);
  };
  constexpr std::size_t kMostAtOnce = 3;
  for (const Ranked& entry : ranked) {
    if (chosen.size() + kMostAtOnce > options_.row_max) break;
    const Feature& feature = features_[entry.feature];
    if (feature.first_word != kNone) {
      if (vocabulary.dense[feature.first_word] == kNone ||
          vocabulary.dense[feature.second_word] == kNone) {
        continue;
      }
      keep(feature.first_word);
      keep(feature.second_word);
    }
    keep(entry.feature);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::string LinearTrainer::train() {
  // Folds by the contents' order, so that they do not depend on threads.
  std::mt19937_64 random(0xF01DULL);
  for (Example& example : examples_) {
    example.fold = static_cast<std::uint8_t>(example.role.is_real ? random() % options_.fold_count
                                                                  : kNoFold - 1);
  }
  find_vectors();
  Vocabulary vocabulary;
  choose_candidates(vocabulary);
  if (vocabulary.feature.size() > options_.row_max) {
    std::vector<std::uint32_t> chosen =
        most_influential(vocabulary, solve_all(vocabulary, kNoFold, options_.candidate_epoch_max));
    use_features(vocabulary, std::move(chosen));
  }
  std::vector<Weights> weights = solve_all(vocabulary, kNoFold, options_.epoch_max);
  std::vector<std::vector<Weights>> of_folds;
  for (std::uint32_t fold = 0; fold < options_.fold_count; ++fold) {
    of_folds.push_back(solve_all(vocabulary, fold, options_.epoch_max));
  }
  if (options_.exclusive) {
    const double share = best_bayes_share(vocabulary, of_folds);
    add_bayes(vocabulary, kNoFold, share, weights);
    for (std::uint32_t fold = 0; fold < options_.fold_count; ++fold) {
      add_bayes(vocabulary, fold, share, of_folds[fold]);
    }
  }
  const std::vector<float> scores = left_out_scores(vocabulary, of_folds);
  cross_validation_ = assess(scores);
  return write(vocabulary, weights, calibrations(scores, kNoFold));
}

std::string LinearTrainer::write(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                                 const std::vector<Calibration>& calibrations) const {
  ModelContents contents{.kind = options_.kind,
                         .scheme = options_.scheme,
                         .exclusive = options_.exclusive,
                         .features = options_.features,
                         .headline_count = options_.headline_count,
                         .length_floor = vocabulary.length_floor,
                         .classes = {},
                         .rows = {}};
  for (std::size_t index = 0; index < classes_.size(); ++index) {
    contents.classes.push_back({.id = classes_[index].id,
                                .parent = classes_[index].parent,
                                .level = classes_[index].level,
                                .scale = 1,
                                .bias = weights[index].back() * kBiasValue,
                                .slope = calibrations[index].slope,
                                .offset = calibrations[index].offset,
                                .threshold = calibrations[index].threshold});
  }
  // Of features that it cannot tell apart the writer keeps the earlier one: the more frequent.
  std::vector<std::uint32_t> order(vocabulary.feature.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return features_[vocabulary.feature[a]].frequency > features_[vocabulary.feature[b]].frequency;
  });
  for (const std::uint32_t dense : order) {
    const std::uint32_t stem = vocabulary.stem[dense];
    const float idf = vocabulary.idf[dense];
    const float stem_idf = stem == kNone ? 0 : vocabulary.idf[stem];
    const Feature& feature = features_[vocabulary.feature[dense]];
    ModelRow row{.feature = feature.hash,
                 .pair_words = {},
                 .length = std::hypot(idf, stem_idf),
                 .weights = {}};
    if (feature.first_word != kNone) {
      row.pair_words = {features_[feature.first_word].hash, features_[feature.second_word].hash};
    }
    for (const Weights& of_class : weights) {
      row.weights.push_back(of_class[dense] * idf +
                            (stem == kNone ? 0 : of_class[stem] * stem_idf));
    }
    contents.rows.push_back(std::move(row));
  }
  add_unseen(vocabulary, weights, contents.rows);
  return write_model(std::move(contents));
}

void LinearTrainer::add_unseen(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                               std::vector<ModelRow>& rows) const {
  if (!uses_vectors_) return;
  const float idf_max = *std::max_element(vocabulary.idf.begin(), vocabulary.idf.end());
  const auto share = static_cast<float>(options_.vector_share);
  const WordVectors& vectors = *options_.vectors;
  for (std::size_t index = 0; index < vectors.size() && rows.size() < options_.row_max; ++index) {
    const std::string& word = vectors.word(index);
    if (numbers_.contains(token_hash(word))) continue;
    const float idf = std::min(usual_idf(index), idf_max);
    std::uint32_t stem = kNone;
    if (const std::size_t size = stem_size(word); options_.features.stems && size > 0) {
      const auto found = numbers_.find(stem_feature(std::string_view(word).substr(0, size)));
      if (found != numbers_.end()) stem = vocabulary.dense[found->second];
    }
    const float stem_idf = stem == kNone ? 0 : vocabulary.idf[stem];
    ModelRow row{.feature = token_hash(word),
                 .pair_words = {},
                 .length = std::hypot(idf, stem_idf),
                 .weights = {}};
    for (const Weights& of_class : weights) {
      const float* const of_dimensions = of_class.data() + vocabulary.feature.size();
      row.weights.push_back(idf * share * dot(vectors.vector(index), of_dimensions) +
                            (stem == kNone ? 0 : of_class[stem] * stem_idf));
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace wirewatch::topic_tools
