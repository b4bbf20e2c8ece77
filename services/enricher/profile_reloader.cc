#include "services/enricher/profile_reloader.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "common/base/counted.h"
#include "common/pipeline/example_runner.h"
#include "services/enricher/run_aside.h"

namespace wirewatch {

namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr std::size_t kFaultsLogged = 20;

void log_refusal(const std::vector<std::string>& faults) {
  spdlog::error("profiles refused, the ones in use stay; {}", counted(faults.size(), "fault"));
  for (std::size_t i = 0; i < std::min(faults.size(), kFaultsLogged); ++i)
    spdlog::error("  {}", faults[i]);
}

void log_change(const RuleSet& before, const RuleSet& after) {
  std::map<std::string_view, ProfileVersion> versions;
  for (const Profile& profile : before.profiles().profiles())
    versions.emplace(profile.id, profile.version);
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t kept = 0;
  for (const Profile& profile : after.profiles().profiles()) {
    const auto found = versions.find(profile.id);
    if (found == versions.end())
      ++added;
    else if (found->second != profile.version)
      ++changed;
    else
      ++kept;
  }
  spdlog::info("{} in use: {} added, {} changed, {} removed; rules {}",
               counted(after.profiles().profiles().size(), "profile"), added, changed,
               versions.size() - changed - kept, after.version());
}

}  // namespace

ProfileReloader::ProfileReloader(ProfileReloaderOptions options,
                                 std::shared_ptr<const RuleSet> in_use, Metrics& metrics, Use use)
    : options_(std::move(options)),
      in_use_(std::move(in_use)),
      metrics_(metrics),
      use_(std::move(use)),
      thread_([this] { run(); }) {}

ProfileReloader::~ProfileReloader() {
  stopped_ = true;
  thread_.join();
}

void ProfileReloader::run() {
  auto next_look = std::chrono::steady_clock::now();
  std::uint64_t last_seen = options_.fingerprint;
  while (!stopped_) {
    std::this_thread::sleep_for(kTick);
    let_go();
    bool due = requested_.exchange(false);
    if (!due && (options_.period.count() == 0 || std::chrono::steady_clock::now() < next_look))
      continue;
    const ProfileTexts now = texts();
    if (!due) {
      next_look = std::chrono::steady_clock::now() + options_.period;
      // Twice the same, so that a folder that is being written is not read half-way.
      const std::uint64_t seen = profiles_fingerprint(options_.directory, now);
      due = due || (seen == last_seen && seen != options_.fingerprint);
      last_seen = seen;
    }
    if (due) {
      reload(now);
    } else if (in_use_->profiles().is_layered() &&
               std::chrono::steady_clock::now() - changed_ >= options_.settle) {
      settle();
    }
  }
}

// Of the same sources as before: if they have changed meanwhile, the next look sees it.
void ProfileReloader::settle() {
  changed_ = std::chrono::steady_clock::now();
  std::shared_ptr<const RuleSet> rules;
  run_aside([&] {
    const auto sources = load_profiles(options_.directory, texts());
    if (!sources) return;
    auto profiles = ProfileSet::compile(*sources, in_use_->profiles().frequencies());
    if (!profiles || profiles->version() != in_use_->profiles().version()) return;
    rules = std::make_shared<const RuleSet>(*in_use_, std::move(*profiles));
    give_back_memory();
  });
  if (rules) use(std::move(rules));
}

void ProfileReloader::use(std::shared_ptr<const RuleSet> rules) {
  changed_ = std::chrono::steady_clock::now();
  use_(rules);
  retired_.push_back(std::exchange(in_use_, std::move(rules)));
}

ProfileTexts ProfileReloader::texts() const {
  return options_.texts ? options_.texts() : ProfileTexts();
}

void ProfileReloader::reload(const ProfileTexts& texts) {
  options_.fingerprint = profiles_fingerprint(options_.directory, texts);
  std::vector<std::string> faults;
  std::shared_ptr<const RuleSet> rules;
  run_aside([&] {
    rules = build(texts, faults);
    give_back_memory();
  });
  if (!faults.empty()) {
    metrics_.reload_refused();
    log_refusal(faults);
    return;
  }
  for (const std::string& file : ignored_profile_files(options_.directory))
    spdlog::warn(ignored_file_text(file));
  log_change(*in_use_, *rules);
  metrics_.rules(rules->version(), rules->profiles().profiles().size());
  metrics_.reload_applied();
  examples_hold_ = true;
  use(std::move(rules));
}

std::shared_ptr<const RuleSet> ProfileReloader::build(const ProfileTexts& texts,
                                                      std::vector<std::string>& faults) const {
  const auto gather = [&](const std::vector<ProfileError>& errors) {
    for (const ProfileError& error : errors) faults.push_back(to_text(error));
  };
  std::shared_ptr<const RuleSet> rules;
  if (const auto sources = load_profiles(options_.directory, texts); !sources) {
    gather(sources.error());
  } else if (sources->empty() && !in_use_->profiles().profiles().empty()) {
    // Far more often a folder that was emptied or mounted wrongly than what anybody wants.
    faults.push_back(no_profiles_text(options_.directory) + "; put them back, " +
                     std::to_string(in_use_->profiles().profiles().size()) + " are in use");
  } else if (auto profiles = ProfileSet::compile(*sources, in_use_->profiles()); !profiles) {
    gather(profiles.error());
  } else {
    // What the rules in use had already has done as its examples say; but the service begins with
    // rules whose examples nobody has run.
    const ProfileSet none;
    const auto changed = profiles->changed_since(examples_hold_ ? in_use_->profiles() : none);
    rules = std::make_shared<const RuleSet>(*in_use_, std::move(*profiles));
    for (const FailingExample& failing :
         run_examples(rules, *sources, changed, options_.processor)) {
      faults.push_back(to_text(failing, *sources));
    }
  }
  return rules;
}

void ProfileReloader::let_go() {
  const auto unused = std::partition(retired_.begin(), retired_.end(),
                                     [](const auto& rules) { return rules.use_count() > 1; });
  if (unused == retired_.end()) return;
  run_aside([&] {
    retired_.erase(unused, retired_.end());
    give_back_memory();
  });
}

}  // namespace wirewatch
