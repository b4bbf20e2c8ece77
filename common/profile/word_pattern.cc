#include "common/profile/word_pattern.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "common/profile/code_point.h"
#include "common/text/article_text.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::uint32_t kMaxCodePoint = 0x10FFFF;
constexpr std::size_t kDepthMax = 16;

struct Piece {
  bool nullable = true;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

}  // namespace

// Builds the position automaton (Glushkov 1961) while reading; a counted repetition reads its atom
// again for every copy.
class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : text_(text) {}

  std::expected<WordPattern, PatternError> wildcard() {
    Piece whole;
    while (at_ < text_.size() && !error_) {
      const char c = text_[at_];
      Piece piece;
      if (c == '*' || c == '?' || c == '%') {
        piece = any_character();
        end_run();
        if (c == '*') repeat(piece);
        if (c != '?') piece.nullable = true;
        ++at_;
      } else {
        piece = literal();
      }
      whole = concatenate(whole, piece);
    }
    return finish(whole);
  }

  std::expected<WordPattern, PatternError> regex() {
    const Piece whole = alternatives(0);
    if (at_ < text_.size()) fail("')' without '('", "remove it: words have no parentheses");
    return finish(whole);
  }

 private:
  std::expected<WordPattern, PatternError> finish(const Piece& whole) {
    if (error_) return std::unexpected(*error_);
    pattern_.first_ = whole.first;
    pattern_.last_ = whole.last;
    pattern_.nullable_ = whole.nullable;
    if (!top_alternative_) {
      pattern_.prefix_ = runs_.front();
      pattern_.suffix_ = runs_.back();
      pattern_.run_ = *std::max_element(
          runs_.begin(), runs_.end(),
          [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
    }
    return std::move(pattern_);
  }

  void fail(std::string message, std::string cure) {
    if (!error_) error_ = PatternError{at_, std::move(message), std::move(cure)};
  }

  Piece position(WordPattern::Class characters) {
    const std::size_t index = pattern_.classes_.size();
    if (index >= WordPattern::kPositionMax) {
      fail("the pattern is too long", "at most 64 characters, counted repetitions written out");
      return {};
    }
    pattern_.classes_.push_back(std::move(characters));
    pattern_.follow_.push_back(0);
    const std::uint64_t bit = std::uint64_t{1} << index;
    return {false, bit, bit};
  }

  Piece any_character() { return position({true, {}}); }

  void link(std::uint64_t from, std::uint64_t to) {
    for (; from != 0; from &= from - 1) {
      pattern_.follow_[static_cast<std::size_t>(std::countr_zero(from))] |= to;
    }
  }

  Piece concatenate(const Piece& a, const Piece& b) {
    link(a.last, b.first);
    return {a.nullable && b.nullable, a.nullable ? a.first | b.first : a.first,
            b.nullable ? a.last | b.last : b.last};
  }

  void repeat(const Piece& piece) { link(piece.last, piece.first); }

  // The folded form of the character at at_, which it consumes.
  std::string folded_character() {
    const std::size_t size = std::min(sequence_size(text_[at_]), text_.size() - at_);
    std::string folded;
    fold(text_.substr(at_, size), folded);
    std::erase_if(folded, [](char c) { return !is_word_byte(c); });
    if (folded.empty()) {
      fail("words contain letters and digits only",
           "leave '" + std::string(text_.substr(at_, size)) + "' out");
    }
    at_ += size;
    return folded;
  }

  Piece literal() {
    const std::string folded = folded_character();
    Piece piece;
    for (std::size_t i = 0; i < folded.size() && !error_;) {
      const std::uint32_t code = next_code_point(folded, i);
      piece = concatenate(piece, position({false, {{code, code}}}));
    }
    if (depth_ == 0) runs_.back() += folded;
    return piece;
  }

  // Ends the literal run before whatever is not a plain letter.
  void end_run() {
    if (depth_ == 0) runs_.emplace_back();
  }

  Piece alternatives(std::size_t depth) {
    Piece result = sequence(depth);
    while (!error_ && at_ < text_.size() && text_[at_] == '|') {
      if (depth == 0) top_alternative_ = true;
      ++at_;
      const Piece other = sequence(depth);
      result = {result.nullable || other.nullable, result.first | other.first,
                result.last | other.last};
    }
    return result;
  }

  Piece sequence(std::size_t depth) {
    Piece result;
    while (!error_ && at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')') {
      result = concatenate(result, quantified(depth));
    }
    return result;
  }

  Piece quantified(std::size_t depth) {
    const std::size_t begin = at_;
    const std::size_t run_size = runs_.back().size();
    Piece piece = atom(depth);
    if (error_ || at_ >= text_.size()) return piece;
    const char c = text_[at_];
    if (c != '?' && c != '*' && c != '+' && c != '{') return piece;
    if (depth_ == 0) {
      // The quantified letter is not required; the run ends before it.
      runs_.back().resize(std::min(run_size, runs_.back().size()));
      end_run();
    }
    ++at_;
    if (c != '{') {
      if (c != '?') repeat(piece);
      if (c != '+') piece.nullable = true;
      return piece;
    }
    return counted(piece, begin, depth);
  }

  std::optional<std::uint32_t> number() {
    constexpr std::uint32_t kLarge = 1000;
    if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') return std::nullopt;
    std::uint32_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = std::min(value * 10 + static_cast<std::uint32_t>(text_[at_] - '0'), kLarge);
    }
    return value;
  }

  Piece counted(const Piece& one, std::size_t begin, std::size_t depth) {
    const std::optional<std::uint32_t> least = number();
    std::optional<std::uint32_t> most = least;
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      most = number();
    }
    const bool closed = at_ < text_.size() && text_[at_] == '}';
    if (!least || !most || *most < *least || *most == 0 || !closed) {
      fail("a repetition is {n} or {n,m}", "for example [0-9]{2,4}");
      return {};
    }
    const std::size_t end = ++at_;
    ++depth_;  // Copies add nothing to the literal run.
    Piece result = one;
    if (*least == 0) result.nullable = true;
    for (std::uint32_t i = 1; i < *most && !error_; ++i) {
      at_ = begin;
      Piece copy = atom(depth);
      if (i >= *least) copy.nullable = true;
      result = concatenate(result, copy);
    }
    --depth_;
    at_ = end;
    return result;
  }

  Piece atom(std::size_t depth) {
    const char c = text_[at_];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        end_run();
        return character_class();
      case '.':
        end_run();
        ++at_;
        return any_character();
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
      case '{':
        fail("nothing to repeat before '" + std::string(1, c) + "'",
             "put a letter or a group before it");
        return {};
      case '^':
      case '$':
        fail("anchors are not needed", "leave it out: the whole word always has to match");
        return {};
      case ' ':
      case '\t':
      case '\n':
        fail("a regular expression matches one word", "join words with ONEAR/0");
        return {};
      default:
        return literal();
    }
  }

  Piece group(std::size_t depth) {
    if (depth >= kDepthMax) {
      fail("groups are nested too deeply", "at most 16 levels");
      return {};
    }
    end_run();
    ++at_;
    if (at_ < text_.size() && text_[at_] == '?') {
      fail("(?...) is not supported", "use plain groups; case and accents are ignored anyway");
      return {};
    }
    ++depth_;
    const Piece piece = alternatives(depth + 1);
    --depth_;
    if (error_) return {};
    if (at_ >= text_.size()) {
      fail("'(' without ')'", "close the group");
      return {};
    }
    ++at_;
    return piece;
  }

  Piece escape() {
    end_run();
    if (at_ + 1 < text_.size() && text_[at_ + 1] == 'd') {
      at_ += 2;
      return position({false, {{'0', '9'}}});
    }
    fail("only \\d can be escaped", "words contain letters and digits only");
    return {};
  }

  std::optional<std::uint32_t> class_member() {
    const std::string folded = folded_character();
    if (error_) return std::nullopt;
    std::size_t i = 0;
    const std::uint32_t code = next_code_point(folded, i);
    if (i != folded.size()) {
      fail("this character folds to several", "write it as an alternative, (ss|s)");
      return std::nullopt;
    }
    return code;
  }

  Piece character_class() {
    WordPattern::Class characters;
    ++at_;
    if (at_ < text_.size() && text_[at_] == '^') {
      characters.negated = true;
      ++at_;
    }
    while (!error_ && at_ < text_.size() && text_[at_] != ']') {
      const std::optional<std::uint32_t> low = class_member();
      if (!low) break;
      std::uint32_t high = *low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        const std::optional<std::uint32_t> end = class_member();
        if (!end) break;
        high = *end;
        if (high < *low) fail("the range runs backwards", "write [a-z], not [z-a]");
      }
      characters.ranges.emplace_back(*low, high);
    }
    if (at_ >= text_.size()) fail("'[' without ']'", "close the class");
    if (characters.ranges.empty()) fail("an empty class", "name its characters, [abc]");
    if (error_) return {};
    ++at_;
    return position(std::move(characters));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;  // Inside groups and copies nothing is required literally.
  WordPattern pattern_;
  std::optional<PatternError> error_;
  std::vector<std::string> runs_ = std::vector<std::string>(1);  // Required letters, in order.
  bool top_alternative_ = false;
};

std::expected<WordPattern, PatternError> WordPattern::from_wildcard(std::string_view text) {
  auto pattern = PatternParser(text).wildcard();
  const bool plain = text.find_first_of("*?%", 1) >= text.size() - 1 && text.size() > 1;
  if (pattern && plain && text.front() == '*') {
    if (text.back() == '*') pattern->drop_automaton(Shape::kContains);
    if (text.find_first_of("*?%", 1) == std::string_view::npos) {
      pattern->drop_automaton(Shape::kEndsWith);
    }
  }
  return pattern;
}

std::expected<WordPattern, PatternError> WordPattern::from_regex(std::string_view text) {
  return PatternParser(text).regex();
}

void WordPattern::drop_automaton(Shape shape) {
  shape_ = shape;
  classes_ = {};
  follow_ = {};
}

std::size_t WordPattern::memory_bytes() const {
  std::size_t bytes = sizeof(*this) + classes_.capacity() * sizeof(Class) +
                      follow_.capacity() * sizeof(std::uint64_t);
  for (const Class& characters : classes_) {
    bytes += characters.ranges.capacity() * sizeof(characters.ranges[0]);
  }
  return bytes;
}

bool WordPattern::matches(std::string_view word) const {
  if (shape_ == Shape::kEndsWith) return word.ends_with(run_);
  if (shape_ == Shape::kContains) return word.find(run_) != std::string_view::npos;
  if (word.empty()) return nullable_;
  std::uint64_t reachable = first_;
  std::uint64_t active = 0;
  for (std::size_t at = 0; at < word.size();) {
    const std::uint32_t code = std::min(next_code_point(word, at), kMaxCodePoint);
    active = 0;
    for (std::uint64_t left = reachable; left != 0; left &= left - 1) {
      const auto index = static_cast<std::size_t>(std::countr_zero(left));
      const Class& characters = classes_[index];
      const bool within = std::any_of(
          characters.ranges.begin(), characters.ranges.end(),
          [code](const auto& range) { return code >= range.first && code <= range.second; });
      if (within != characters.negated) active |= std::uint64_t{1} << index;
    }
    if (active == 0) return false;
    reachable = 0;
    for (std::uint64_t left = active; left != 0; left &= left - 1) {
      reachable |= follow_[static_cast<std::size_t>(std::countr_zero(left))];
    }
  }
  return (active & last_) != 0;
}

}  // namespace wirewatch::profile_internal
