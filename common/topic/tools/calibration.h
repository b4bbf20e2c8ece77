// From the scores of linear classifiers to confidences and decisions.

#pragma once

#include <span>
#include <utility>
#include <vector>

namespace wirewatch::topic_tools {

// The probability that log odds stand for.
[[nodiscard]] double sigmoid(double log_odds);

struct Scored {
  float score = 0;
  bool right = false;
};

struct Calibration {
  float slope = 1;  // confidence = 1 / (1 + exp(-(slope * score + offset)))
  float offset = 0;
  float threshold = 0.5F;  // Least confidence that counts as a yes.
  float short_slope = 0;   // What a text of nothing would add to slope and offset.
  float short_offset = 0;

  [[nodiscard]] double confidence(float score) const;
};

// Platt's sigmoid (1999) through the scores of articles that the classifier was not trained on, and
// the confidence from which on yes is said so that F1 is best. Both are kept from going further
// than the number of articles allows. The default for no scores. Where right ones are fewer than
// `share_min` of all they count as if they were that many: for articles in which a class is rarer
// than where it will be used.
[[nodiscard]] Calibration calibrate(std::span<const Scored> scored, double share_min = 0);

}  // namespace wirewatch::topic_tools
