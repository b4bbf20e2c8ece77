// Runs the examples that editors write into their profiles: through the whole pipeline, as
// articles.
//
// Pure, as processor.h is.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/pipeline/processor.h"
#include "common/profile/profile.h"

namespace wirewatch {

// An example that does not do what its editor says.
struct FailingExample {
  ProfileIndex profile;
  std::size_t example = 0;  // Index into ProfileSource::examples.
  std::string explanation;  // Why, as ProfileMatcher::explain() has it.
};

// `sources` are those that the rules' profiles were compiled from. In order of profile.
[[nodiscard]] std::vector<FailingExample> run_examples(const std::shared_ptr<const RuleSet>& rules,
                                                       std::span<const ProfileSource> sources,
                                                       const ProcessorOptions& options);

// The same of some of the profiles, ascending.
[[nodiscard]] std::vector<FailingExample> run_examples(const std::shared_ptr<const RuleSet>& rules,
                                                       std::span<const ProfileSource> sources,
                                                       std::span<const ProfileIndex> profiles,
                                                       const ProcessorOptions& options);

// "file:line: must match, but does not: headline"
[[nodiscard]] std::string to_text(const FailingExample& failing,
                                  std::span<const ProfileSource> sources);

}  // namespace wirewatch
