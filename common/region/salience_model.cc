#include "common/region/salience_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "common/base/eight.h"

namespace wirewatch {

namespace {

// A complete tree of three levels: node n has the children 2n + 1, where the feature is at most the
// threshold, and 2n + 2; leaves follow the seven nodes.
struct SalienceTree {
  std::array<std::uint8_t, 7> feature;
  std::array<float, 7> threshold;
  std::array<float, 8> leaf;
};

#include "common/region/salience_model.inc"

// The values of some countries, by feature.
struct FeatureLanes {
  EightFloats values[kSalienceFeatureCount] = {};
};

// The sum of the trees' leaves for each of the countries. All of a tree is computed, so that no
// country waits for where another one goes.
void sum_trees(const FeatureLanes& countries, EightFloats& sum) {
  sum = EightFloats{} + kSalienceBase;
  for (const SalienceTree& tree : kSalienceTrees) {
    const auto above = [&](std::size_t node, EightIntegers& mask) {
      mask = countries.values[tree.feature[node]] > tree.threshold[node];
    };
    EightFloats side[4];  // Of the four nodes of the last level.
    for (std::size_t i = 0; i < 4; ++i) {
      EightIntegers mask;
      above(3 + i, mask);
      side[i] = mask ? tree.leaf[2 * i + 1] : tree.leaf[2 * i];
    }
    EightIntegers root;
    EightIntegers left;
    EightIntegers right;
    above(0, root);
    above(1, left);
    above(2, right);
    const EightFloats low = left ? side[1] : side[0];
    const EightFloats high = right ? side[3] : side[2];
    sum += root ? high : low;
  }
}

// The same of one country, its way through each tree alone.
float sum_trees(const SalienceFeatures& country) {
  float sum = kSalienceBase;
  for (const SalienceTree& tree : kSalienceTrees) {
    std::size_t node = 0;
    for (int level = 0; level < 3; ++level) {
      const bool above = country.values[tree.feature[node]] > tree.threshold[node];
      node = 2 * node + 1 + (above ? 1 : 0);
    }
    sum += tree.leaf[node - tree.feature.size()];
  }
  return sum;
}

float chance_of(float sum) {
  return 1 / (1 + std::exp(-sum));
}

// Of so few countries, as most articles have, each takes less by itself.
constexpr std::size_t kFewCountries = 3;

}  // namespace

void find_saliences(std::span<const SalienceFeatures> countries, std::vector<float>& saliences) {
  saliences.clear();
  for (std::size_t from = 0; from < countries.size(); from += kEight) {
    const auto some =
        countries.subspan(from, std::min<std::size_t>(kEight, countries.size() - from));
    if (some.size() <= kFewCountries) {
      for (const SalienceFeatures& country : some) {
        saliences.push_back(chance_of(sum_trees(country)));
      }
      continue;
    }
    FeatureLanes features;
    for (std::size_t lane = 0; lane < some.size(); ++lane) {
      for (std::size_t i = 0; i < kSalienceFeatureCount; ++i) {
        features.values[i][lane] = some[lane].values[i];
      }
    }
    EightFloats sum;
    sum_trees(features, sum);
    for (std::size_t lane = 0; lane < some.size(); ++lane) {
      saliences.push_back(chance_of(sum[lane]));
    }
  }
}

}  // namespace wirewatch
