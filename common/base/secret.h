// Which configuration keys hold secrets. Pure.

#pragma once

#include <string_view>

namespace wirewatch {

// Whether the value under this name of a Kafka client's property must not be shown. A path to a
// file that holds the secret ("sasl.password.file") may be.
[[nodiscard]] inline bool is_secret_property(std::string_view name) {
  if (name.ends_with(".file")) return false;
  return name.find("password") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos || name.ends_with(".pem") ||
         name == "sasl.oauthbearer.config" || name == "sasl.oauthbearer.token.command";
}

}  // namespace wirewatch
