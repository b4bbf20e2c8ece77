// Tokens for SASL OAUTHBEARER, obtained from a command of the operator's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace wirewatch {

struct OauthToken {
  std::string value;
  std::int64_t expires_ms = 0;  // Wall clock, since 1970.
  std::string principal;        // The token's subject, "unknown" when it tells none.
};

// What a command printed: a JSON Web Token (RFC 7519), whose claims `exp` and `sub` are read, not
// verified; or the answer of a token endpoint (RFC 6749, section 5.1) as JSON, whose `expires_in`
// counts where its token is no JWT. An error never holds any of the text. Pure.
[[nodiscard]] std::expected<OauthToken, std::string> parse_oauth_token(std::string_view printed,
                                                                       std::int64_t now_ms);

// Runs `command` by /bin/sh and gives what it prints on its standard output, at most `bytes_max`;
// its standard error is that of this process. Killed, with its children, when the time is over.
// Blocks; any thread. An error says how it ended.
[[nodiscard]] std::expected<std::string, std::string> run_command(const std::string& command,
                                                                  int timeout_ms,
                                                                  std::size_t bytes_max);

}  // namespace wirewatch
