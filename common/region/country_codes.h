// The codes of countries beside those that events and rules use.

#pragma once

#include <string_view>

#include "common/region/region.h"

namespace wirewatch {

// The country of an ISO 3166-1 alpha-3 code ("PRK") or number ("408", which UN M49 has as well);
// the empty one for anything else. Looks at all of them: not for every article.
[[nodiscard]] CountryCode country_of_code(std::string_view code);

}  // namespace wirewatch
