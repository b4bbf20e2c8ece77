#include "common/pipeline/example_runner.h"

#include <algorithm>
#include <cstdint>

#include "common/base/check.h"
#include "common/base/json_writer.h"

namespace wirewatch {

std::vector<FailingExample> run_examples(const std::shared_ptr<const RuleSet>& rules,
                                         std::span<const ProfileSource> sources,
                                         const ProcessorOptions& options) {
  std::vector<ProfileIndex> all;
  for (std::uint32_t i = 0; i < sources.size(); ++i) all.emplace_back(i);
  return run_examples(rules, sources, all, options);
}

std::vector<FailingExample> run_examples(const std::shared_ptr<const RuleSet>& rules,
                                         std::span<const ProfileSource> sources,
                                         std::span<const ProfileIndex> profiles,
                                         const ProcessorOptions& options) {
  WIREWATCH_CHECK(rules->profiles().profiles().size() == sources.size());
  Processor processor(rules, options);
  std::vector<FailingExample> failing;
  std::string message;
  for (const ProfileIndex index : profiles) {
    const std::uint32_t i = index.value();
    for (std::size_t k = 0; k < sources[i].examples.size(); ++k) {
      const ProfileExample& example = sources[i].examples[k];
      message.clear();
      JsonWriter json(message);
      json.begin_object()
          .key("title")
          .string(example.headline)
          .key("text")
          .string(example.body)
          .member("language", example.language)
          .end_object();
      const Outcome& outcome = processor.process(message, {});
      const auto& matches = processor.match_result().matches;
      const bool matched =
          !outcome.dead && std::any_of(matches.begin(), matches.end(), [i](const auto& match) {
            return match.profile.value() == i;
          });
      if (!outcome.dead && matched == example.must_match) continue;
      failing.push_back(
          {ProfileIndex(i), k,
           outcome.dead ? outcome.error.detail + "\n" : processor.explain(ProfileIndex(i))});
    }
  }
  return failing;
}

std::string to_text(const FailingExample& failing, std::span<const ProfileSource> sources) {
  const ProfileSource& source = sources[failing.profile.value()];
  const ProfileExample& example = source.examples[failing.example];
  return source.origin + ":" + std::to_string(example.line) + ": must " +
         (example.must_match ? "match, but does not: " : "not match, but does: ") +
         example.headline;
}

}  // namespace wirewatch
