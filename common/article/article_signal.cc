#include "common/article/article_signal.h"

#include <algorithm>
#include <cstddef>

#include "common/base/ascii_case.h"

namespace wirewatch {

namespace {

// A term without its scheme: of "sig:kill" and "http://cv.iptc.org/newscodes/signal/kill" "kill".
std::string_view without_scheme(std::string_view term) {
  return term.substr(term.find_last_of(":/") + 1);
}

Signal known_signal(std::string_view term) {
  term = without_scheme(term);
  if (equals_lower(term, "correction")) return Signal::kCorrection;
  if (equals_lower(term, "update")) return Signal::kUpdate;
  if (equals_lower(term, "repeat")) return Signal::kRepeat;
  if (equals_lower(term, "refile")) return Signal::kRefile;
  if (equals_lower(term, "kill")) return Signal::kKill;
  return Signal::kNone;
}

}  // namespace

PubStatus stated_status(std::string_view term) {
  term = without_scheme(term);
  if (equals_lower(term, "canceled") || equals_lower(term, "cancelled"))
    return PubStatus::kCanceled;
  return equals_lower(term, "withheld") ? PubStatus::kWithheld : PubStatus::kUsable;
}

Signal stated_signal(std::string_view terms) {
  Signal chosen = Signal::kNone;
  while (!terms.empty()) {
    const std::size_t end = std::min(terms.find('\n'), terms.size());
    const Signal signal = known_signal(terms.substr(0, end));
    if (signal == Signal::kKill) return signal;
    if (chosen == Signal::kNone || signal == Signal::kCorrection) chosen = signal;
    terms.remove_prefix(std::min(end + 1, terms.size()));
  }
  return chosen;
}

Signal marked_signal(std::string_view headline) {
  struct Mark {
    std::string_view text;
    Signal signal;
  };
  constexpr Mark kMarks[] = {
      {"KILL", Signal::kKill},
      {"STORY WITHDRAWN", Signal::kKill},
      {"WITHDRAWN", Signal::kKill},
      {"CORRECTED", Signal::kCorrection},
      {"CORRECTION", Signal::kCorrection},
      {"REFILE", Signal::kRefile},
      {"REPEAT", Signal::kRepeat},
      {"RPT", Signal::kRepeat},
      {"UPDATE", Signal::kUpdate},
      {"(LEAD)", Signal::kUpdate},
      {"(2nd LD)", Signal::kUpdate},
      {"(3rd LD)", Signal::kUpdate},
      {"(4th LD)", Signal::kUpdate},
      {"(LD)", Signal::kUpdate},
  };
  for (const Mark& mark : kMarks) {
    if (!headline.starts_with(mark.text)) continue;
    const char next = headline.size() > mark.text.size() ? headline[mark.text.size()] : ':';
    if (mark.text[0] == '(' || next == ':' || next == '-' || next == ' ' || next == '(') {
      // "UPDATE" alone is a word of headlines; the mark is "UPDATE 2-" or "UPDATE:".
      if (mark.signal == Signal::kUpdate && mark.text == "UPDATE" && next == ' ' &&
          !(headline.size() > 7 && headline[7] >= '0' && headline[7] <= '9')) {
        continue;
      }
      if (mark.text == "KILL" && next != ':' && !headline.starts_with("KILL KILL")) continue;
      // "WITHDRAWN TROOPS RETURN HOME": a headline in capitals.
      if (next == ' ' && (mark.signal == Signal::kCorrection || mark.signal == Signal::kRepeat ||
                          mark.signal == Signal::kRefile || mark.text == "WITHDRAWN")) {
        continue;
      }
      return mark.signal;
    }
  }
  return Signal::kNone;
}

}  // namespace wirewatch
