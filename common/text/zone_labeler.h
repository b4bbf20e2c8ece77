// Labels the zones of an article: headline, dateline, lede, body, tail.
//
// Feeds glue things to an article: a dateline before it, a repeated lede, a legal notice, an
// agency's sign-off, related headlines of other stories, "read more", newsletter and share lines
// after it. The labeler says where they are; nothing is cut away. The rules, with examples, are in
// README.md.
//
// Pure and immutable after construction; label() from any thread, one ArticleText per thread.
// Cost: linear; nothing is allocated once buffers have grown.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/text/article_text.h"

namespace wirewatch {

class ZoneLabeler {
 public:
  ZoneLabeler();
  ~ZoneLabeler();
  ZoneLabeler(const ZoneLabeler&) = delete;
  ZoneLabeler& operator=(const ZoneLabeler&) = delete;

  // Fills text.zones(). Every token lies in exactly one zone; the headline's tokens in kHeadline.
  void label(ArticleText& text) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace wirewatch
