// Under which series the profiles of the rules in use are counted.
//
// To find them takes some hundred nanoseconds a profile, of thousands milliseconds: too long for a
// worker between two articles. So who changes the rules prepares them, for all workers.
//
// Threads: from any.

#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "common/pipeline/processor.h"
#include "common/telemetry/telemetry.h"

namespace wirewatch {

class ProfileSeries {
 public:
  ProfileSeries(Metrics& metrics, const RuleSet& rules) : metrics_(metrics) { prepare(rules); }

  // Before workers get the rules.
  void prepare(const RuleSet& rules) {
    auto slots = find(rules);
    for (const Profile& profile : rules.profiles().profiles())
      metrics_.may_alert(profile.id, to_string(profile.level));
    const std::lock_guard lock(mutex_);
    slots_.swap(slots);
    rules_ = &rules;
  }

  // Those prepared, if they are of these rules and not of newer ones.
  [[nodiscard]] std::shared_ptr<const Metrics::ProfileSlots> of(const RuleSet& rules) const {
    {
      const std::lock_guard lock(mutex_);
      if (rules_ == &rules) return slots_;
    }
    return find(rules);
  }

 private:
  [[nodiscard]] std::shared_ptr<const Metrics::ProfileSlots> find(const RuleSet& rules) const {
    std::vector<std::string_view> ids;
    for (const Profile& profile : rules.profiles().profiles()) ids.push_back(profile.id);
    return metrics_.profile_slots(ids);
  }

  Metrics& metrics_;
  mutable std::mutex mutex_;
  const RuleSet* rules_ = nullptr;  // Only compared.
  std::shared_ptr<const Metrics::ProfileSlots> slots_;
};

}  // namespace wirewatch
