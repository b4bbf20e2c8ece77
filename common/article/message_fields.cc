#include "common/article/message_fields.h"

#include <algorithm>
#include <iterator>

#include "common/article/article_parser.h"
#include "common/base/hash.h"

namespace wirewatch {

namespace {

struct FieldName {
  std::string_view name;
  MessageField field;
  Spelling spelling = Spelling::kNone;
};
constexpr FieldName kFieldNames[] = {
    {"uri", MessageField::kUri},
    {"guid", MessageField::kGuid, Spelling::kLowerCase},
    {"id", MessageField::kId},
    {"_id", MessageField::kId},
    {"version", MessageField::kVersion},
    {"type", MessageField::kType},
    {"headline", MessageField::kHeadline},
    {"headlines", MessageField::kHeadlines, Spelling::kArrays},
    {"title", MessageField::kTitle},
    {"name", MessageField::kTitle},
    {"body_text", MessageField::kBodyPlain, Spelling::kHeadlineVariants},
    {"body", MessageField::kText},
    {"text", MessageField::kText},
    {"full_text", MessageField::kText},
    {"fulltext", MessageField::kText},
    {"articleBody", MessageField::kText},
    {"article_text", MessageField::kText},
    {"maintext", MessageField::kText},
    {"article", MessageField::kText},
    {"story", MessageField::kText},
    {"content", MessageField::kContent},
    {"content_html", MessageField::kBodyHtml},
    {"body_html", MessageField::kBodyHtml, Spelling::kHeadlineVariants},
    {"body_xhtml", MessageField::kBodyHtml, Spelling::kHeadlineVariants},
    {"html", MessageField::kBodyHtml},
    {"bodies", MessageField::kBodies, Spelling::kArrays},
    {"summary", MessageField::kSummary},
    {"abstract", MessageField::kSummary},
    {"description_text", MessageField::kSummary},
    {"descriptions", MessageField::kDescriptions},
    {"description", MessageField::kDescription},
    {"url", MessageField::kUrl},
    {"link", MessageField::kUrl},
    {"canonical_url", MessageField::kUrl},
    {"permalink", MessageField::kUrl},
    {"source", MessageField::kSource},
    {"publisher", MessageField::kSource},
    {"site", MessageField::kSource},
    {"source_name", MessageField::kSource},
    {"outlet", MessageField::kSource},
    {"infosource", MessageField::kInfoSources, Spelling::kLowerCase | Spelling::kHeadlineVariants},
    {"infosources", MessageField::kInfoSources, Spelling::kLowerCase | Spelling::kArrays},
    {"infoSources", MessageField::kInfoSources, Spelling::kCamelCase},
    {"language", MessageField::kLanguage},
    {"lang", MessageField::kLanguage},
    {"locale", MessageField::kLanguage},
    {"published_at", MessageField::kPublished},
    {"publishedAt", MessageField::kPublished},
    {"published", MessageField::kPublished},
    {"pubDate", MessageField::kPublished},
    {"pub_date", MessageField::kPublished},
    {"date", MessageField::kPublished},
    {"datePublished", MessageField::kPublished},
    {"date_published", MessageField::kPublished},
    {"timestamp", MessageField::kPublished},
    {"created_at", MessageField::kPublished},
    {"publish_date", MessageField::kPublished},
    {"time", MessageField::kTime},
    {"versionCreated", MessageField::kVersionCreated, Spelling::kCamelCase},
    {"versioncreated", MessageField::kVersionCreated, Spelling::kLowerCase},
    {"updated_at", MessageField::kVersionCreated},
    {"firstCreated", MessageField::kFirstCreated, Spelling::kCamelCase},
    {"firstcreated", MessageField::kFirstCreated, Spelling::kLowerCase},
    {"firstpublished", MessageField::kFirstCreated},
    {"contentCreated", MessageField::kContentCreated, Spelling::kCamelCase},
    {"contentcreated", MessageField::kContentCreated},
    {"embargoed", MessageField::kEmbargoed, Spelling::kLowerCase},
    {"embargoedUntil", MessageField::kEmbargoed, Spelling::kCamelCase},
    {"expires", MessageField::kExpires},
    {"pubstatus", MessageField::kPubStatus, Spelling::kLowerCase},
    {"pubStatus", MessageField::kPubStatus, Spelling::kCamelCase},
    {"urgency", MessageField::kUrgency},
    {"ednote", MessageField::kEdNote, Spelling::kLowerCase},
    {"edNote", MessageField::kEdNote, Spelling::kCamelCase},
    {"byline", MessageField::kByline},
    {"by", MessageField::kByline},
    {"author", MessageField::kByline},
    {"authors", MessageField::kByline},
    {"located", MessageField::kLocated},
    {"slugline", MessageField::kSlugline},
    {"signal", MessageField::kSignal},
    {"evolvedfrom", MessageField::kEvolvedFrom},
    {"subject", MessageField::kSubjects},
    {"subjects", MessageField::kSubjects, Spelling::kArrays},
    {"place", MessageField::kPlaces},
    {"places", MessageField::kPlaces},
    {"person", MessageField::kPeople},
    {"people", MessageField::kPeople},
    {"organisation", MessageField::kOrganisations},
    {"organisations", MessageField::kOrganisations},
    {"genre", MessageField::kGenres},
    {"genres", MessageField::kGenres},
    {"altids", MessageField::kAltIds},
    {"altIds", MessageField::kAltIds, Spelling::kCamelCase},
    {"copyrightholder", MessageField::kCopyrightHolder},
    {"copyrightHolder", MessageField::kCopyrightHolder, Spelling::kCamelCase},
    {"copyrightnotice", MessageField::kCopyrightNotice},
    {"copyrightNotice", MessageField::kCopyrightNotice},
    {"usageterms", MessageField::kUsageTerms},
    {"usageTerms", MessageField::kUsageTerms},
    {"standard", MessageField::kNinjs2Mark},
    {"$standard", MessageField::kNinjs1Mark},
    {"specversion", MessageField::kSpecVersion},
    {"data", MessageField::kData},
    {"data_base64", MessageField::kDataBase64},
};

// What an entry of article.field_map may lead to.
constexpr FieldName kMappings[] = {
    {"headline", MessageField::kHeadlines},
    {"body", MessageField::kBodyPlain},
    {"body_html", MessageField::kBodyHtml},
    {"summary", MessageField::kSummary},
    {"uri", MessageField::kUri},
    {"url", MessageField::kUrl},
    {"source", MessageField::kSource},
    {"language", MessageField::kLanguage},
    {"published", MessageField::kPublished},
    {"byline", MessageField::kByline},
    {"version", MessageField::kVersion},
};

// Open-addressed table from name to field, made once.
class NameTable {
 public:
  NameTable() {
    for (std::size_t i = 0; i < std::size(kFieldNames); ++i) {
      std::size_t slot = hash_bytes(kFieldNames[i].name) & (kSlots - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (kSlots - 1);
      slots_[slot] = static_cast<std::uint16_t>(i + 1);
    }
  }
  // Null for a name that it does not have.
  [[nodiscard]] const FieldName* find(std::string_view name) const {
    for (std::size_t slot = hash_bytes(name) & (kSlots - 1); slots_[slot] != 0;
         slot = (slot + 1) & (kSlots - 1)) {
      const FieldName& entry = kFieldNames[slots_[slot] - 1U];
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kSlots = 512;
  std::array<std::uint16_t, kSlots> slots_{};
};

}  // namespace

NamedField field_of_name(std::string_view name) {
  static const NameTable kNames;
  if (const FieldName* entry = kNames.find(name); entry != nullptr)
    return {entry->field, entry->spelling};
  if (name.starts_with("headline_")) return {MessageField::kHeadline, Spelling::kHeadlineVariants};
  if (name.starts_with("description_")) return {.field = MessageField::kSummary};
  if (name.starts_with("body_")) return {MessageField::kBodyPlain, Spelling::kHeadlineVariants};
  return {};
}

MessageField field_of_mapping(std::string_view field) {
  for (const FieldName& entry : kMappings) {
    if (entry.name == field) return entry.field;
  }
  return MessageField::kNone;
}

std::span<const std::string_view> mappable_fields() {
  static const auto kNames = [] {
    std::array<std::string_view, std::size(kMappings)> names;
    std::transform(std::begin(kMappings), std::end(kMappings), names.begin(),
                   [](const FieldName& entry) { return entry.name; });
    return names;
  }();
  return kNames;
}

void MessageFields::clear() {
  seen_.fill(false);
  texts_.fill({});
  carried.clear();
  source_address = {};
  bodies_are_html = false;
  spelling_ = Spelling::kNone;
}

std::string_view MessageFields::first_of(std::initializer_list<MessageField> fields) const {
  for (const MessageField field : fields) {
    if (const std::string_view text = get(field); !text.empty()) return text;
  }
  return {};
}

ArticleFormat MessageFields::format() const {
  const bool lower_case = includes(spelling_, Spelling::kLowerCase);
  if (includes(spelling_, Spelling::kCamelCase) && !lower_case) return ArticleFormat::kNinjs3;
  if (includes(spelling_, Spelling::kArrays)) return ArticleFormat::kNinjs2;
  const bool ninjs1 = lower_case || includes(spelling_, Spelling::kHeadlineVariants) ||
                      seen(MessageField::kNinjs1Mark) || seen(MessageField::kNinjs2Mark);
  return ninjs1 ? ArticleFormat::kNinjs1 : ArticleFormat::kFlat;
}

}  // namespace wirewatch
