// HTML as news feeds send it → plain text.

#pragma once

#include <string>
#include <string_view>

namespace wirewatch {

// Plain text of an HTML or XHTML fragment: block elements end in a blank line, and so do two <br>,
// of which one ends in a newline; script, style, noscript and template are skipped, and, as long as
// any other text is left, what stands beside the article: nav, aside, footer, button, and elements
// with the attribute hidden. Character references are decoded, runs of white space collapse.
// Appends to `text`. Any bytes are allowed; linear time, no recursion.
void html_to_text(std::string_view html, std::string& text);

// Appends `text` with its character references ("&amp;", "&#8217;") decoded and everything else as
// it is. Gives whether there were any. Linear time.
bool decode_references(std::string_view text, std::string& out);

// Whether a plain text is meant as HTML: it has a whole tag of those that articles use, or a
// comment.
[[nodiscard]] bool looks_like_html(std::string_view text);

}  // namespace wirewatch
