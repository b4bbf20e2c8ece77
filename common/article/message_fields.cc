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
    {"urn", MessageField::kUri},
    {"@id", MessageField::kUri},
    {"guid", MessageField::kGuid, Spelling::kLowerCase},
    {"id", MessageField::kId},
    {"_id", MessageField::kId},
    {"uuid", MessageField::kId},
    {"article_id", MessageField::kId},
    {"version", MessageField::kVersion},
    {"type", MessageField::kType},
    {"headline", MessageField::kHeadline},
    {"headLine", MessageField::kHeadline},
    {"headlines", MessageField::kHeadlines, Spelling::kArrays},
    {"title", MessageField::kTitle},
    {"webTitle", MessageField::kTitle},
    {"name", MessageField::kName},
    {"body_text", MessageField::kBodyPlain, Spelling::kHeadlineVariants},
    {"body", MessageField::kText},
    {"text", MessageField::kText},
    {"full_text", MessageField::kText},
    {"fulltext", MessageField::kText},
    {"fullText", MessageField::kText},
    {"articleBody", MessageField::kText},
    {"article_text", MessageField::kText},
    {"article_body", MessageField::kText},
    {"maintext", MessageField::kText},
    {"cleaned_text", MessageField::kText},
    {"content_text", MessageField::kText},
    {"plain_text", MessageField::kText},
    {"content", MessageField::kContent},
    {"bodyText", MessageField::kPlainCopy},
    {"textContent", MessageField::kPlainCopy},
    {"plaintext", MessageField::kPlainCopy},
    {"raw_text", MessageField::kPlainCopy},
    {"contentSnippet", MessageField::kPlainCopy},
    {"lead_paragraph", MessageField::kPlainCopy},
    {"content_html", MessageField::kBodyHtml},
    {"content:encoded", MessageField::kBodyHtml},
    {"content_encoded", MessageField::kBodyHtml},
    {"article_html", MessageField::kBodyHtml},
    {"body_html", MessageField::kBodyHtml, Spelling::kHeadlineVariants},
    {"body_xhtml", MessageField::kBodyHtml, Spelling::kHeadlineVariants},
    {"body_nitf", MessageField::kBodyHtml, Spelling::kHeadlineVariants},
    {"bodyHtml", MessageField::kBodyHtml},
    {"bodyXhtml", MessageField::kBodyHtml},
    {"html", MessageField::kBodyHtml},
    {"bodies", MessageField::kBodies, Spelling::kArrays},
    {"summary", MessageField::kSummary},
    {"abstract", MessageField::kSummary},
    {"excerpt", MessageField::kSummary},
    {"teaser", MessageField::kSummary},
    {"snippet", MessageField::kSummary},
    {"trailText", MessageField::kSummary},
    {"standfirst", MessageField::kSummary},
    {"description_text", MessageField::kSummary},
    {"descriptions", MessageField::kDescriptions},
    {"description", MessageField::kDescription},
    {"url", MessageField::kUrl},
    {"link", MessageField::kUrl},
    {"canonical_url", MessageField::kUrl},
    {"canonicalUrl", MessageField::kUrl},
    {"canonical_link", MessageField::kUrl},
    {"permalink", MessageField::kUrl},
    {"webUrl", MessageField::kUrl},
    {"web_url", MessageField::kUrl},
    {"pageUrl", MessageField::kUrl},
    {"alternate", MessageField::kUrl},
    {"mainEntityOfPage", MessageField::kUrl},
    {"source", MessageField::kSource},
    {"publisher", MessageField::kSource},
    {"provider", MessageField::kSource},
    {"site", MessageField::kSource},
    {"site_name", MessageField::kSource},
    {"siteName", MessageField::kSource},
    {"sitename", MessageField::kSource},
    {"source_name", MessageField::kSource},
    {"source-hostname", MessageField::kSource},
    {"outlet", MessageField::kSource},
    {"origin", MessageField::kSource},
    {"domain", MessageField::kDomain},
    {"hostname", MessageField::kDomain},
    {"source_domain", MessageField::kDomain},
    {"source_url", MessageField::kDomain},
    {"infosource", MessageField::kInfoSources, Spelling::kLowerCase | Spelling::kHeadlineVariants},
    {"infosources", MessageField::kInfoSources, Spelling::kLowerCase | Spelling::kArrays},
    {"infoSources", MessageField::kInfoSources, Spelling::kCamelCase},
    {"language", MessageField::kLanguage},
    {"lang", MessageField::kLanguage},
    {"locale", MessageField::kLanguage},
    {"inLanguage", MessageField::kLanguage},
    {"humanLanguage", MessageField::kLanguage},
    {"langcode", MessageField::kLanguage},
    {"language_code", MessageField::kLanguage},
    {"meta_lang", MessageField::kLanguage},
    {"published_at", MessageField::kPublished},
    {"publishedAt", MessageField::kPublished},
    {"published", MessageField::kPublished},
    {"publishedTime", MessageField::kPublished},
    {"pubDate", MessageField::kPublished},
    {"pub_date", MessageField::kPublished},
    {"datePublished", MessageField::kPublished},
    {"date_published", MessageField::kPublished},
    {"date_publish", MessageField::kPublished},
    {"publish_date", MessageField::kPublished},
    {"publishDate", MessageField::kPublished},
    {"published_date", MessageField::kPublished},
    {"publication_date", MessageField::kPublished},
    {"webPublicationDate", MessageField::kPublished},
    {"dateTimePub", MessageField::kPublished},
    {"date_gmt", MessageField::kPublished},
    {"dc:date", MessageField::kPublished},
    {"isoDate", MessageField::kPublished},
    {"date", MessageField::kDate},
    {"timestamp", MessageField::kDate},
    {"created_at", MessageField::kDate},
    {"createdAt", MessageField::kDate},
    {"created", MessageField::kDate},
    {"seendate", MessageField::kDate},
    {"time", MessageField::kTime},
    {"versionCreated", MessageField::kVersionCreated, Spelling::kCamelCase},
    {"versioncreated", MessageField::kVersionCreated, Spelling::kLowerCase},
    {"version_created", MessageField::kVersionCreated},
    {"updated_at", MessageField::kVersionCreated},
    {"updatedAt", MessageField::kVersionCreated},
    {"updated", MessageField::kVersionCreated},
    {"dateModified", MessageField::kVersionCreated},
    {"date_modified", MessageField::kVersionCreated},
    {"modified_gmt", MessageField::kVersionCreated},
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
    {"editorNote", MessageField::kEdNote},
    {"byline", MessageField::kByline},
    {"byLine", MessageField::kByline},
    {"by", MessageField::kByline},
    {"bylines", MessageField::kByline},
    {"author", MessageField::kAuthors},
    {"authors", MessageField::kAuthors},
    {"creator", MessageField::kAuthors},
    {"dc:creator", MessageField::kAuthors},
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
    {"keywords", MessageField::kKeywords},
    {"keyword", MessageField::kKeywords},
    {"news_keywords", MessageField::kKeywords},
    {"meta_keywords", MessageField::kKeywords},
    {"tags", MessageField::kTags},
    {"categories", MessageField::kCategories},
    {"category", MessageField::kCategories},
    {"section", MessageField::kSections},
    {"sections", MessageField::kSections},
    {"sectionName", MessageField::kSections},
    {"articleSection", MessageField::kSections},
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
    {"article", MessageField::kWrapper},
    {"story", MessageField::kWrapper},
    {"item", MessageField::kWrapper},
    {"post", MessageField::kWrapper},
    {"entry", MessageField::kWrapper},
    {"document", MessageField::kWrapper},
    {"record", MessageField::kWrapper},
    {"payload", MessageField::kWrapper},
    {"message", MessageField::kWrapper},
    {"after", MessageField::kWrapper},
    {"current", MessageField::kWrapper},
    {"fullDocument", MessageField::kWrapper},
    {"_source", MessageField::kWrapper},
    {"@graph", MessageField::kGraph},
    {"fields", MessageField::kBeside},
    {"attributes", MessageField::kBeside},
};

// What an entry of article.field_map may lead to: the one that counts before all others like it.
constexpr FieldName kMappings[] = {
    {"headline", MessageField::kHeadlines},
    {"body", MessageField::kBodies},
    {kHtmlMapping, MessageField::kBodies},
    {"summary", MessageField::kDescriptions},
    {"uri", MessageField::kUri},
    {"url", MessageField::kUrl},
    {"source", MessageField::kInfoSources},
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
  static constexpr std::size_t kSlots = 1024;
  std::array<std::uint16_t, kSlots> slots_{};
};

}  // namespace

NamedField field_of_name(std::string_view name) {
  static const NameTable kNames;
  if (const FieldName* entry = kNames.find(name); entry != nullptr)
    return {entry->field, entry->spelling};
  if (name.starts_with("headline_"))
    return {MessageField::kHeadlineVariant, Spelling::kHeadlineVariants};
  if (name.starts_with("description_")) return {.field = MessageField::kSummary};
  if (name.starts_with("body_")) return {MessageField::kBodyVariant, Spelling::kHeadlineVariants};
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

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

void MessageFields::clear() {
  seen_.fill(false);
  texts_.fill({});
  carried.clear();
  labels.clear();
  source_address = {};
  wrapped = {};
  wrapper = {};
  bodies_are_html = false;
  spelling_ = Spelling::kNone;
}

std::string_view MessageFields::first_of(std::initializer_list<MessageField> fields) const {
  for (const MessageField field : fields) {
    if (const std::string_view text = get(field); !text.empty()) return text;
  }
  return {};
}

bool MessageFields::has_article() const {
  using enum MessageField;
  return !first_of({kHeadlines, kHeadline, kTitle, kBodies, kBodyPlain, kText, kBodyHtml,
                    kBodyVariant, kContent, kPlainCopy})
              .empty();
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
