// Signs and words that other query languages take for operators.
//
// The analyzer would drop the signs and the query would ask for something else, "korea -japan" for
// the opposite of what was meant: so they are errors, with what to write instead. Offsets of the
// errors are bytes of the word.
//
// Internal to common/profile.

#pragma once

#include <optional>
#include <string_view>

#include "common/profile/query_parser.h"

namespace wirewatch::profile_internal {

// The first such sign in a bare word of a query.
[[nodiscard]] std::optional<QueryError> foreign_sign(std::string_view word);

// A bare word that is an operator elsewhere, "NEAR" without a number or "ADJ3".
[[nodiscard]] std::optional<QueryError> foreign_operator(std::string_view word);

}  // namespace wirewatch::profile_internal
