// The words of an article, folded and hashed once, shared by every consumer.
//
// TextAnalyzer folds headline and body (case, diacritics, compatibility forms, digits, separators)
// and splits them into tokens with one 64-bit hash each; the gazetteer, the profiles and the topic
// model read the hashes and never look at the text again. ArticleText maps tokens back to byte
// offsets of the source.
//
//   TextAnalyzer analyzer;
//   ArticleText text;
//   analyzer.analyze("Kim in Москва", body, text);
//   text.source_span(2, 3);  // {Field::kHeadline, 7, 19}
//
// What a token is: a run of letters, marks and digits of scripts that put spaces between words;
// one character of scripts that do not (Han, kana, Thai, Lao, Khmer, Myanmar) and one syllable of
// Hangul. Every other character separates. The folding is the same as in the Lexicon's builder and
// in the training of the topic model, so that equal words have equal hashes everywhere.
//
// Lifetime: ArticleText owns all it needs, including a copy of the source.
// Threads: const calls from any thread; analyze() needs the objects to itself.
// Cost: about 2 ns per byte; nothing is allocated once buffers have grown.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/text/article_block.h"
#include "common/text/fold.h"

namespace wirewatch {

enum class Field : std::uint8_t { kHeadline, kBody };
enum class Zone : std::uint8_t { kHeadline, kDateline, kLede, kBody, kTail };
inline constexpr std::size_t kZoneCount = 5;

[[nodiscard]] std::string_view to_string(Field field);
[[nodiscard]] std::string_view to_string(Zone zone);

// A span of one field in bytes of its UTF-8 text, [begin, end).
struct SourceSpan {
  Field field = Field::kHeadline;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

// A zone of the article. Zones are in text order, do not overlap, and cover every token.
struct ZoneSpan {
  Zone zone = Zone::kBody;
  SourceSpan span;
  std::uint32_t token_begin = 0;  // Tokens [token_begin, token_end) lie in it.
  std::uint32_t token_end = 0;
  // True for a paragraph that repeats an earlier one (scrapers repeat the lede): it is text like
  // any other for offsets, but names and terms in it count no second time.
  bool repeated = false;

  // Does it say what the article is about? Datelines, repetitions and tails do not.
  [[nodiscard]] bool counts() const {
    return zone != Zone::kDateline && zone != Zone::kTail && !repeated;
  }
};

class ArticleText {
 public:
  // Hashes of all tokens, headline first. token_count() entries.
  [[nodiscard]] std::span<const std::uint64_t> hashes() const {
    return std::span(hashes_).first(token_count_);
  }
  [[nodiscard]] std::uint32_t token_count() const { return token_count_; }
  // The first eight bytes of each token's folded form, the first one lowest; where a token is
  // shorter, what follows it is among them. 1 for each token that begins with a capital, else 0.
  [[nodiscard]] std::span<const std::uint64_t> first_bytes() const {
    return std::span(first_bytes_).first(token_count_);
  }
  [[nodiscard]] std::span<const std::uint8_t> capitals() const {
    return std::span(capitals_).first(token_count_);
  }
  // Where there is a token, so many more entries of these and of hashes() may be read, so that
  // tokens can be taken by eights. They say nothing.
  static constexpr std::uint32_t kReadableTokens = 8;
  // Tokens [0, headline_token_count()) are the headline's.
  [[nodiscard]] std::uint32_t headline_token_count() const { return headline_token_count_; }

  [[nodiscard]] std::string_view headline() const {
    return std::string_view(source_).substr(0, headline_size_);
  }
  [[nodiscard]] std::string_view body() const {
    return std::string_view(source_).substr(body_begin());
  }
  [[nodiscard]] std::string_view field(Field which) const {
    return which == Field::kHeadline ? headline() : body();
  }

  // The folded form of a token, e.g. "pyongyang". From its first byte on, kReadable bytes may be
  // read whatever its size: what follows it there begins with a byte that no word has.
  static constexpr std::size_t kReadable = 16;
  [[nodiscard]] std::string_view folded(std::uint32_t token) const {
    return {folded_.data() + begin_of(token), end_of(token) - begin_of(token)};
  }
  // The folded text between two neighbouring tokens: separators only.
  [[nodiscard]] std::string_view gap_before(std::uint32_t token) const {
    const std::uint32_t from = token == 0 ? 0 : end_of(token - 1);
    return {folded_.data() + from, begin_of(token) - from};
  }
  // False for a character or syllable that continues a run without a space before it.
  [[nodiscard]] bool starts_word(std::uint32_t token) const {
    return begin_of(token) == 0 || folded_[begin_of(token) - 1] != text_internal::kInnerJoint;
  }

  // Source bytes of tokens [token_begin, token_end), which must be a non-empty range of one field.
  [[nodiscard]] SourceSpan source_span(std::uint32_t token_begin, std::uint32_t token_end) const;
  // Source text of a span.
  [[nodiscard]] std::string_view source(const SourceSpan& span) const {
    return field(span.field).substr(span.begin, span.end - span.begin);
  }
  // True when the token's first source character is an upper-case letter (Latin, Greek, Cyrillic,
  // Armenian, Georgian); false for scripts without case.
  [[nodiscard]] bool is_capitalized(std::uint32_t token) const { return capitals_[token] != 0; }
  // True when any token begins with a capital.
  [[nodiscard]] bool has_capitals() const {
    return token_count_ > 0 && std::memchr(capitals_.data(), 1, token_count_) != nullptr;
  }
  // True when every cased letter of the token is upper case, and there is one.
  [[nodiscard]] bool is_all_caps(std::uint32_t token) const;

  // First token at or after a byte offset of a field; the end of the field's tokens when none.
  [[nodiscard]] std::uint32_t token_at(Field which, std::uint32_t offset) const;

  // The first token in (token, last] that begins another sentence, last + 1 when none does: before
  // it stands a blank line or terminal punctuation, with a space behind it where its script has
  // spaces.
  [[nodiscard]] std::uint32_t sentence_end(std::uint32_t token, std::uint32_t last) const;
  // The same of paragraphs: a blank line stands before it, or, in a body without any, a line end.
  [[nodiscard]] std::uint32_t paragraph_end(std::uint32_t token, std::uint32_t last) const;
  // True when both tokens lie in one.
  [[nodiscard]] bool same_sentence(std::uint32_t a, std::uint32_t b) const {
    return sentence_end(std::min(a, b), std::max(a, b)) > std::max(a, b);
  }
  [[nodiscard]] bool same_paragraph(std::uint32_t a, std::uint32_t b) const {
    return paragraph_end(std::min(a, b), std::max(a, b)) > std::max(a, b);
  }

  // Zones, filled by ZoneLabeler. Until then empty.
  [[nodiscard]] std::span<const ZoneSpan> zones() const { return zones_; }
  // Index into zones() of a token's zone.
  [[nodiscard]] std::uint32_t zone_index(std::uint32_t token) const;
  [[nodiscard]] Zone zone_of(std::uint32_t token) const { return zones_[zone_index(token)].zone; }

 private:
  friend class TextAnalyzer;
  friend class ZoneLabeler;

  [[nodiscard]] std::size_t body_begin() const {
    return source_.size() < headline_size_ + 2 ? source_.size() : headline_size_ + 2;
  }
  // Where a token begins and ends in folded_.
  [[nodiscard]] std::uint32_t begin_of(std::uint32_t token) const {
    return edges_[std::size_t{token} * 2];
  }
  [[nodiscard]] std::uint32_t end_of(std::uint32_t token) const {
    return edges_[std::size_t{token} * 2 + 1];
  }
  [[nodiscard]] std::uint32_t source_offset(std::uint32_t folded_offset) const;
  // First token in [low, high) of which `reached` is true, as it is of all after it; else `high`.
  template <typename Reached>
  [[nodiscard]] static std::uint32_t first_token(std::uint32_t low, std::uint32_t high,
                                                 const Reached& reached) {
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (reached(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  std::string source_;  // headline + "\n\n" + body
  std::size_t headline_size_ = 0;
  std::string folded_;  // And zeros behind it, to be read.
  std::size_t folded_size_ = 0;
  text_internal::FoldTrace trace_;
  // By token. These never shrink, so that nothing is filled with zeros for an article.
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint64_t> first_bytes_;
  std::vector<std::uint32_t> edges_;    // In folded_: its begin, its end.
  std::vector<std::uint8_t> capitals_;  // 1 for a token that begins with a capital, else 0.
  std::uint32_t token_count_ = 0;
  std::uint32_t headline_token_count_ = 0;
  bool has_blank_lines_ = false;  // In the body.
  // A token that begins a line.
  struct Line {
    std::uint32_t token = 0;
    std::uint32_t line_ends = 0;  // Between it and the token before.
  };
  std::vector<Line> lines_;  // Of both fields; perhaps some for tokens beyond token_max.
  std::vector<ZoneSpan> zones_;

  // ZoneLabeler's, which is reused from article to article.
  struct ZoneScratch {
    // A paragraph or line of the body.
    struct Paragraph {
      std::uint32_t token_begin = 0;
      std::uint32_t token_end = 0;
      std::uint64_t hash = 0;       // Of all its tokens.
      std::uint64_t head_hash = 0;  // Of its first tokens.
      Zone zone = Zone::kBody;
      bool repeated = false;
      bool prose = false;      // Reads like running text, not like a headline or a line of a list.
      bool continued = false;  // It goes on with the sentence of the line before.
    };
    std::vector<Paragraph> paragraphs;
    std::vector<std::uint32_t> cue_tokens;  // Where a cue stands.
    std::vector<text_internal::PageLine> page_lines;
    std::vector<std::uint64_t> page_hashes;
  };
  ZoneScratch zone_scratch_;
};

struct TextAnalyzerOptions {
  std::size_t token_max = 200'000;  // Further tokens are left out, which bounds time and memory.
};

class TextAnalyzer {
 public:
  explicit TextAnalyzer(TextAnalyzerOptions options = {}) : options_(options) {}
  // Overwrites `text`, leaving its zones empty. Bytes that are not UTF-8 separate words.
  void analyze(std::string_view headline, std::string_view body, ArticleText& text) const;

 private:
  void split(ArticleText& text) const;
  static void add_line(std::uint32_t token, std::vector<ArticleText::Line>& lines);

  TextAnalyzerOptions options_;
};

// Hash of one folded token, as in ArticleText::hashes().
[[nodiscard]] std::uint64_t token_hash(std::string_view folded);

// Appends the folded form of `text` to `folded`: lower case ASCII letters and digits and bytes
// >= 0x80 belong to words, everything else separates. For builders of lexicons and models.
void fold(std::string_view text, std::string& folded);

}  // namespace wirewatch
