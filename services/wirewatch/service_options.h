// What the services are to do, as the configuration says it.

#pragma once

#include "common/config/config.h"
#include "common/pipeline/processor.h"
#include "services/canary/canary.h"
#include "services/enricher/enricher.h"
#include "services/enricher/profile_reloader.h"
#include "services/wirewatch/setup.h"

namespace wirewatch {

[[nodiscard]] EnricherOptions enricher_options(const Config& config);
[[nodiscard]] CanaryOptions canary_options(const Config& config);
// For changes of the folder that `rules` were loaded from.
[[nodiscard]] ProfileReloaderOptions reloader_options(const Config& config, const Rules& rules);

// Whether the profile is there that the canary waits for; when not, the log says what to do.
bool knows_canary(const Config& config, const RuleSet& rules);

}  // namespace wirewatch
