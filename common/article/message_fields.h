// The fields of a news message under one set of names, whichever format spelled them.
//
// Internal to common/article. MessageReader fills a MessageFields from JSON, ArticleParser makes
// the Article of it. Views point into the reader's buffers. Threads: one at a time.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "common/article/article.h"

namespace wirewatch {

// Every field that any of the formats may use at the top level.
enum class MessageField : std::uint8_t {
  kNone,
  kUri,
  kGuid,
  kId,
  kVersion,
  kType,
  kHeadline,
  kHeadlines,
  kTitle,
  kHeadlineVariant,  // A headline for some use, `headline_seo`.
  kName,             // A headline, or the name of who sends it.
  kBodyPlain,
  kBodyVariant,  // `body_<x>` of ninjs 1, in whatever markup.
  kBodyHtml,
  kBodies,
  kText,
  kContent,
  kPlainCopy,  // What is elsewhere as HTML, without its paragraphs; or the first of them.
  kSummary,
  kDescriptions,
  kDescription,
  kUrl,
  kSource,
  kInfoSources,
  kDomain,  // Of the site that has the article.
  kLanguage,
  kPublished,
  kDate,  // A date that may be of the publication, or a day without its hour.
  kTime,
  kVersionCreated,
  kFirstCreated,
  kContentCreated,
  kEmbargoed,
  kExpires,
  kPubStatus,
  kUrgency,
  kEdNote,
  kByline,
  kAuthors,
  kLocated,
  kSlugline,
  kSignal,
  kEvolvedFrom,
  kSubjects,
  kPlaces,
  kPeople,
  kOrganisations,
  kGenres,
  kKeywords,
  kTags,
  kCategories,
  kSections,
  kAltIds,
  kCopyrightHolder,
  kCopyrightNotice,
  kUsageTerms,
  kNinjs2Mark,
  kNinjs1Mark,
  kSpecVersion,
  kData,
  kDataBase64,
  kWrapper,  // An article may be inside.
  kGraph,    // JSON-LD's list of things, of which one may be an article.
  kBeside,   // An object whose members belong to the article around it.
  kCount,
};
inline constexpr std::size_t kMessageFieldCount = static_cast<std::size_t>(MessageField::kCount);

// What the spelling of a name tells of the version of ninjs that a message is in: several may hold.
enum class Spelling : std::uint8_t {
  kNone = 0,
  kCamelCase = 1,         // Of version 3.
  kLowerCase = 2,         // Of versions 1 and 2.
  kArrays = 4,            // Of version 2, and 3.
  kHeadlineVariants = 8,  // Of version 1.
};
[[nodiscard]] constexpr Spelling operator|(Spelling a, Spelling b) {
  return static_cast<Spelling>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool includes(Spelling all, Spelling one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

// The field that a name at the top level of a message means in any of the formats; kNone for one
// that means nothing. Cost: one hash of the name.
struct NamedField {
  MessageField field = MessageField::kNone;
  Spelling spelling = Spelling::kNone;
};
[[nodiscard]] NamedField field_of_name(std::string_view name);

// The field that `field` of an entry of article.field_map stands for, kNone for none; see
// mappable_fields(). A body is HTML where that is kHtmlMapping.
inline constexpr std::string_view kHtmlMapping = "body_html";
[[nodiscard]] MessageField field_of_mapping(std::string_view field);

// Whether a text has a letter of any script; digits and signs alone name and tell nothing.
[[nodiscard]] bool has_letter(std::string_view text);

class MessageFields {
 public:
  void clear();

  [[nodiscard]] bool seen(MessageField field) const { return seen_[index(field)]; }
  void mark_seen(MessageField field) { seen_[index(field)] = true; }

  // The field's text; empty when it has none.
  [[nodiscard]] std::string_view get(MessageField field) const { return texts_[index(field)]; }
  void set(MessageField field, std::string_view text) { texts_[index(field)] = text; }
  // The first of these fields that has text.
  [[nodiscard]] std::string_view first_of(std::initializer_list<MessageField> fields) const;

  // Learns from the spelling of a name which version of ninjs this is.
  void note_spelling(Spelling spelling) { spelling_ = spelling_ | spelling; }
  // ninjs' own format; kFlat when nothing tells of ninjs.
  [[nodiscard]] ArticleFormat format() const;

  // Whether a headline or a body has text; a summary alone may be that of an envelope.
  [[nodiscard]] bool has_article() const;

  std::vector<CarriedProperty> carried;
  std::vector<std::string_view> labels;  // As Article has them.
  std::string_view source_address;       // Of the first source that has one.
  // JSON of the first member that may wrap an article, an object or a string of one, and its name.
  std::string_view wrapped;
  std::string_view wrapper;
  bool bodies_are_html = false;  // What MessageField::kBodies holds.

 private:
  static std::size_t index(MessageField field) { return static_cast<std::size_t>(field); }

  std::array<bool, kMessageFieldCount> seen_{};
  std::array<std::string_view, kMessageFieldCount> texts_{};
  Spelling spelling_ = Spelling::kNone;
};

}  // namespace wirewatch
