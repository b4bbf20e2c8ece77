// The trained model of a country's salience: boosted trees over SalienceFeatures.
//
// Internal to common/region. Written by tools/train_salience.py into salience_model.inc;
// MODEL_CARD.md says on what. Pure; small trees, eight countries at a time, about thirty
// nanoseconds a country where there are many.

#pragma once

#include <span>
#include <vector>

#include "common/region/region_classifier.h"

namespace wirewatch {

// Overwrites `saliences` with the chance in (0, 1) that an editor would file the article under each
// of the countries.
void find_saliences(std::span<const SalienceFeatures> countries, std::vector<float>& saliences);

}  // namespace wirewatch
