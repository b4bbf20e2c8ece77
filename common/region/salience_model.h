// The trained model of a country's salience: boosted trees over SalienceFeatures.
//
// Internal to common/region. Written by tools/train_salience.py into salience_model.inc, which says
// on what. Pure; some 60 small trees, about a hundred nanoseconds.

#pragma once

#include <array>

#include "common/region/region_classifier.h"

namespace wirewatch {

// The chance in (0, 1) that an editor would file the article under the country.
[[nodiscard]] float salience_of(const std::array<float, kSalienceFeatureCount>& values);

}  // namespace wirewatch
