// How an article's zones are told, step by step; it is no public header.
//
//   zone_labeler.cc     the order of the steps; dateline, repetitions, lede
//   zone_paragraphs.cc  where paragraphs begin
//   zone_page.cc        the article among the lines of a whole page
//   zone_tail.cc        notices, other stories, notes on the author

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/text/aside_line.h"
#include "common/text/cue_table.h"
#include "common/text/text_shape.h"
#include "common/text/zone_labeler.h"

namespace wirewatch {

// Immutable: what is found out about an article is in its Work.
class ZoneLabeler::Impl {
 public:
  void label(ArticleText& text) const;

 private:
  using Cue = text_internal::Cue;
  using CueKind = text_internal::CueKind;
  using LineWords = text_internal::LineWords;
  using Scratch = ArticleText::ZoneScratch;
  using Line = ArticleText::Line;
  using Paragraph = Scratch::Paragraph;

  static constexpr std::size_t kParagraphMax = 4096;  // Further lines belong to the last paragraph.
  // Running text, with or without a full stop.
  static constexpr std::uint32_t kProseTokensMin = 20;
  static constexpr std::uint32_t kHeadingTokensMax = 8;  // A longer line is no heading.

  // What the steps know of one article.
  struct Work {
    ArticleText& text;
    Scratch& scratch;
    std::vector<Paragraph>& paragraphs;
    std::span<const std::uint64_t> hashes;
    std::uint32_t body_begin = 0;  // First token of the body …
    std::uint32_t count = 0;       // … and the end of its tokens.
    bool hard_wrapped = false;
    // The article's paragraphs; what lies before and after on the page of a site is tail.
    std::size_t first = 0;
    std::size_t last = 0;
    // The dateline, when its paragraph is one of the article's.
    std::size_t dateline_paragraph = SIZE_MAX;
    std::uint32_t dateline_end_token = 0;
    std::uint32_t dateline_begin = 0;  // Bytes of the body.
    std::uint32_t dateline_end = 0;
    std::size_t lede = 0;
    bool page = false;  // Of a site, from which the article was cut out.

    [[nodiscard]] std::uint32_t size_of(const Paragraph& paragraph) const {
      return paragraph.token_end - paragraph.token_begin;
    }
    // First token of a paragraph, its dateline left out.
    [[nodiscard]] std::uint32_t begin_of(std::size_t paragraph) const {
      return paragraph == dateline_paragraph ? dateline_end_token
                                             : paragraphs[paragraph].token_begin;
    }
    // The tokens of the body, but for its first one, that begin a line.
    [[nodiscard]] std::span<const Line> lines() const {
      const std::span<const Line> all = text.lines_;
      std::size_t begin = 0;
      while (begin < all.size() && all[begin].token <= body_begin) ++begin;
      std::size_t end = all.size();
      while (end > begin && all[end - 1].token >= count) --end;
      return all.subspan(begin, end - begin);
    }
    // What separates a token from the next one.
    [[nodiscard]] std::string_view gap_after(std::uint32_t token) const {
      return token + 1 < count ? text.gap_before(token + 1)
                               : std::string_view(text.folded_.data() + text.end_of(token),
                                                  text.folded_size_ - text.end_of(token));
    }
    [[nodiscard]] LineWords line_of(const Paragraph& paragraph) const {
      return {text, paragraph.token_begin, paragraph.token_end, gap_after(paragraph.token_end - 1)};
    }
    // Byte of the body where the word of a token begins, and where it ends, with what sticks to it.
    [[nodiscard]] std::uint32_t offset_of(std::uint32_t token) const {
      const std::string_view body = text.body();
      std::uint32_t at = text.source_span(token, token + 1).begin;
      while (at > 0 && !text_internal::is_space(body[at - 1])) --at;
      return at;
    }
    // Where the token itself begins; behind the last one, the end.
    [[nodiscard]] std::uint32_t begin_offset_of(std::uint32_t token) const {
      return token < count ? text.source_span(token, token + 1).begin
                           : static_cast<std::uint32_t>(text.body().size());
    }
    [[nodiscard]] std::uint32_t end_offset_of(std::uint32_t token) const {
      const std::string_view body = text.body();
      std::uint32_t at = text.source_span(token, token + 1).end;
      while (at < body.size() && !text_internal::is_space(body[at])) ++at;
      return at;
    }
  };

  // Where paragraphs begin, and which lines were broken for their length.
  static void find_hard_wrapping(Work& work);
  [[nodiscard]] static bool goes_on(const Work& work, std::uint32_t token, const Cue& cue,
                                    std::uint32_t end);
  [[nodiscard]] bool begins_notice(const Work& work, std::uint32_t token, std::uint32_t end) const;
  [[nodiscard]] static bool is_list(const Work& work, const Paragraph& paragraph);
  void split_paragraphs(Work& work) const;
  static void join_broken_lines(Work& work);

  // The article among the lines of a page, and what of it says nothing new.
  [[nodiscard]] const Cue* heading_at(const Work& work, const Paragraph& paragraph) const;
  void find_article(Work& work) const;
  static void mark_dated_comments(Work& work);
  static void mark_asides(Work& work);
  static void mark_captions(Work& work);
  static void mark_standfirst(Work& work);

  // The cue that begins at a token, with a colon where it wants one, or null.
  [[nodiscard]] const Cue* cue_at(const Work& work, std::uint32_t token, std::uint32_t end) const;
  [[nodiscard]] static bool is_link(const Work& work, const Paragraph& paragraph, const Cue& cue);

  // What is none of the story: notices, other stories, notes on the author.
  [[nodiscard]] const Cue* cue_inside(const Work& work, const Paragraph& paragraph) const;
  [[nodiscard]] const Cue* cue_of(const Work& work, const Paragraph& paragraph) const;
  void mark_tail(Work& work) const;
  void keep_last_line(Work& work) const;
  static void mark_sender(Work& work);
  static void mark_notes(Work& work);
  void keep_flash(Work& work) const;

  // Dateline, repetitions and lede, and the zones that all of it makes.
  static void find_dateline(Work& work);
  static void mark_repetitions(Work& work);
  static void mark_lede(Work& work);
  static void write_zones(Work& work);

  text_internal::CueTable cues_;
};

}  // namespace wirewatch
