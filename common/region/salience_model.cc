#include "common/region/salience_model.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

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

}  // namespace

float salience_of(const std::array<float, kSalienceFeatureCount>& values) {
  float sum = kSalienceBase;
  for (const SalienceTree& tree : kSalienceTrees) {
    std::size_t node = 0;
    for (int level = 0; level < 3; ++level) {
      node = 2 * node + 1 + (values[tree.feature[node]] > tree.threshold[node] ? 1U : 0U);
    }
    sum += tree.leaf[node - tree.feature.size()];
  }
  return 1 / (1 + std::exp(-sum));
}

}  // namespace wirewatch
