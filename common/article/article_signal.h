// What the sender says of this version of an article: whether it may be shown, and what it does to
// earlier ones.
//
// Pure; any bytes are taken, and what is no known term says nothing. Time is linear in the text.

#pragma once

#include <string_view>

#include "common/article/article.h"

namespace wirewatch {

// Of ninjs' `pubStatus`, in any case, with a scheme ("stat:canceled") or without.
[[nodiscard]] PubStatus stated_status(std::string_view term);

// Of `signal` as ninjs and Superdesk have it: terms in any case, a line each, with a scheme
// ("sig:correction", "http://cv.iptc.org/newscodes/signal/kill") or without. The first known one;
// but a kill before all others, then a correction.
[[nodiscard]] Signal stated_signal(std::string_view terms);

// Of the mark that agencies put before a headline: "CORRECTED:", "REFILE-", "UPDATE 2-",
// "KILL KILL KILL", "STORY WITHDRAWN", "(2nd LD)". A word of the headline itself is none ("UPDATE
// your phone", "WITHDRAWN TROOPS RETURN HOME").
[[nodiscard]] Signal marked_signal(std::string_view headline);

}  // namespace wirewatch
