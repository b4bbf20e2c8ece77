// One news article as the pipeline sees it: the input's fields, translated to the names of ninjs 3.
//
// An Article owns nothing. Its views point into the memory of the ArticleParser that filled it, or
// into the message that was parsed, and die with the next call of parse(). What is absent is empty.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wirewatch {

enum class ArticleFormat : std::uint8_t { kNinjs1, kNinjs2, kNinjs3, kFlat };
enum class PubStatus : std::uint8_t { kUsable, kWithheld, kCanceled };

// What the sender says this version is, from ninjs/Superdesk `signal`, `pubStatus` or the
// headline's mark ("CORRECTED:", "REFILE-", "UPDATE 2-", "KILL KILL KILL", "STORY WITHDRAWN").
enum class Signal : std::uint8_t { kNone, kUpdate, kCorrection, kRefile, kRepeat, kKill };

// A property of the output's ninjs 3 document that the pipeline carries along without using it:
// the name as ninjs 3 spells it and its value as JSON text that is valid there.
struct CarriedProperty {
  std::string_view name;
  std::string_view json;
};

struct Article {
  ArticleFormat format = ArticleFormat::kFlat;

  std::string_view uri;       // Never empty after a successful parse: the input's, or made from it.
  bool uri_derived = false;   // True when the input named none.
  std::string_view version;   // As the input says; "1" when it says nothing.
  std::string_view language;  // BCP 47, or empty when the input does not say.

  std::string_view headline;  // Plain text.
  std::string_view body;      // Plain text; HTML has been converted.
  std::string_view summary;   // Plain text of `descriptions[0]`.

  std::string_view source;      // Name of the originator, infoSources[0].name.
  std::string_view source_uri;  // Its address or domain.
  std::string_view url;         // The article's page.
  std::string_view byline;      // `by`
  std::string_view located;     // Where the content originates: not what it is about.
  std::string_view slugline;
  std::string_view ed_note;

  // RFC 3339 date-times; values that are none are left out (and counted as a warning).
  std::string_view first_created;
  std::string_view version_created;
  std::string_view content_created;
  std::string_view embargoed_until;
  std::string_view expires;
  // version_created as milliseconds since 1970-01-01 UTC; kNoTime when absent.
  static constexpr std::int64_t kNoTime = INT64_MIN;
  std::int64_t version_created_ms = kNoTime;
  std::int64_t embargoed_until_ms = kNoTime;

  PubStatus pub_status = PubStatus::kUsable;
  Signal signal = Signal::kNone;
  int urgency = 0;                   // 1 (highest) to 9; 0 when absent.
  std::string_view predecessor_uri;  // `evolvedfrom` of Superdesk.

  // What the feed calls the article's places, subjects, keywords and sections: the first of them.
  static constexpr std::size_t kLabelMax = 16;
  std::vector<std::string_view> labels;

  // Input's own subjects, places, people, organisations, genres, altIds, usageTerms …
  std::vector<CarriedProperty> carried;

  // Defects that were repaired, for metrics and `classify`: lone surrogates replaced, invalid dates
  // left out, text cut at the limit.
  std::uint32_t replaced_characters = 0;
  std::uint32_t invalid_dates = 0;
  bool text_cut = false;
};

}  // namespace wirewatch
