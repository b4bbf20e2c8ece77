#include "common/base/closest_name.h"

#include <algorithm>
#include <string>
#include <vector>

namespace wirewatch {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::string_view closest_name(std::string_view name, std::span<const std::string_view> known,
                              std::size_t least) {
  constexpr std::size_t kNameMax = 64;
  if (name.empty() || name.size() > kNameMax) return {};
  const std::string lower = lower_ascii(name);
  std::string_view best;
  std::size_t best_distance = std::max(least, name.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kNameMax) continue;
    const std::size_t distance = edit_distance(lower, lower_ascii(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::size_t least) {
  const std::string_view close = closest_name(name, known, least);
  return close.empty() ? std::string() : "; did you mean \"" + std::string(close) + "\"?";
}

}  // namespace wirewatch
