#include "common/article/article_parser.h"

#include <algorithm>
#include <cstring>
#include <optional>

#if defined(__AVX2__)
#include <immintrin.h>
#endif
#include <simdjson.h>

#include "common/article/article_signal.h"
#include "common/article/date_time.h"
#include "common/article/html_to_text.h"
#include "common/article/json_fault.h"
#include "common/article/language_tag.h"
#include "common/article/message_fields.h"
#include "common/article/message_reader.h"
#include "common/article/unpacker.h"
#include "common/article/uri.h"
#include "common/base/arena.h"
#include "common/base/base64.h"
#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/hexadecimal.h"
#include "common/base/trimmed.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

// Which bytes a text has somewhere that ask for work; few texts have any.
struct Marks {
  bool ampersand = false;
  bool less = false;
  bool nul = false;
};

Marks marks_of(std::string_view text) {
  Marks marks;
#if defined(__AVX2__)
  __m256i ampersand = _mm256_setzero_si256();
  __m256i less = ampersand;
  __m256i nul = ampersand;
  const __m256i zero = ampersand;
  for (; text.size() >= sizeof(__m256i); text.remove_prefix(sizeof(__m256i))) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data()));
    ampersand = _mm256_or_si256(ampersand, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('&')));
    less = _mm256_or_si256(less, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('<')));
    nul = _mm256_or_si256(nul, _mm256_cmpeq_epi8(bytes, zero));
  }
  marks = {.ampersand = _mm256_movemask_epi8(ampersand) != 0,
           .less = _mm256_movemask_epi8(less) != 0,
           .nul = _mm256_movemask_epi8(nul) != 0};
#endif
  for (const char c : text) {
    marks.ampersand |= c == '&';
    marks.less |= c == '<';
    marks.nul |= c == '\0';
  }
  return marks;
}

// What a field's text is.
enum class Markup : std::uint8_t { kNone, kHtml, kAsItLooks };

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kSpaces) == std::string_view::npos;
}

// The host of an address on the web; empty for anything else.
std::string_view host_of(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme) || !is_uri(text)) continue;
    text.remove_prefix(scheme.size());
    return text.substr(0, text.find_first_of("/:?#"));
  }
  return {};
}

// What may stand before the JSON: a byte order mark, or the five bytes by which Confluent's
// serializers name the schema in their registry.
std::size_t mark_size(std::string_view message) {
  if (message.starts_with("\xEF\xBB\xBF")) return 3;
  constexpr std::size_t kWireFormat = 5;
  return message.size() > kWireFormat && message[0] == '\0' && message[kWireFormat] == '{'
             ? kWireFormat
             : 0;
}

constexpr std::size_t kNameShownMax = 40;

}  // namespace

std::string_view to_string(ParseErrorReason reason) {
  switch (reason) {
    case ParseErrorReason::kEmpty:
      return "empty";
    case ParseErrorReason::kTooLarge:
      return "too_large";
    case ParseErrorReason::kInvalidCompression:
      return "invalid_compression";
    case ParseErrorReason::kInvalidUtf8:
      return "invalid_utf8";
    case ParseErrorReason::kInvalidJson:
      return "invalid_json";
    case ParseErrorReason::kNestingTooDeep:
      return "nesting_too_deep";
    case ParseErrorReason::kNotAnObject:
      return "not_an_object";
    case ParseErrorReason::kNoText:
      return "no_text";
    case ParseErrorReason::kUnsupported:
      return "unsupported";
    case ParseErrorReason::kTypeNotText:
      return "type_not_text";
  }
  return "invalid_json";
}

class ArticleParser::Impl {
 public:
  explicit Impl(ArticleParserOptions options)
      : options_(std::move(options)), reader_(options_.field_map, options_.nesting_max, arena_) {
    WIREWATCH_CHECK(options_.message_bytes_max >= 1024 && options_.text_bytes_max >= 1024);
    WIREWATCH_CHECK(options_.nesting_max >= 8 && options_.nesting_max <= 1024);
  }

  std::expected<void, ParseError> parse(std::string_view message, Article& article,
                                        const CloudEventAttributes& event) {
    event_ = event;
    replaced_ = 0;
    arena_.reset();
    if (message.empty()) {
      return fail(ParseErrorReason::kEmpty,
                  "The message has no bytes (a tombstone); send an article.", 0);
    }
    if (message.size() > options_.message_bytes_max) {
      return fail(ParseErrorReason::kTooLarge,
                  "The message has " + std::to_string(message.size()) + " bytes, more than " +
                      std::to_string(options_.message_bytes_max) +
                      "; raise enricher.message_bytes_max or send less.",
                  0);
    }
    wrapper_.clear();
    outer_ = {};
    if (auto unpacked = unpack(message); !unpacked) return unpacked;
    const std::size_t mark = mark_size(message);
    set_message(message.substr(mark));
    auto result = read(article, kEnvelopesMax);
    if (!result && !outer_.empty()) {  // The summary was all there is.
      wrapper_.clear();
      set_message(outer_);
      result = read(article, 0);
    }
    if (!result && result.error().position > 0) result.error().position += mark;
    return result;
  }

 private:
  using Result = std::expected<void, ParseError>;
  static constexpr int kEnvelopesMax = 4;  // Kafka Connect and Debezium are two.

  static Result fail(ParseErrorReason reason, std::string detail, std::size_t position) {
    return std::unexpected(ParseError{reason, std::move(detail), position});
  }

  // Copies the message with the padding that simdjson asks for.
  void set_message(std::string_view message) {
    size_ = message.size();
    buffer_.resize_and_overwrite(size_ + simdjson::SIMDJSON_PADDING,
                                 [](char*, std::size_t size) { return size; });
    std::memcpy(buffer_.data(), message.data(), size_);
    std::memset(buffer_.data() + size_, ' ', simdjson::SIMDJSON_PADDING);
  }

  // Replaces what is compressed by what it unpacks to.
  Result unpack(std::string_view& message) {
    compression_ = compression_of(message);
    if (compression_ == Compression::kNone) return {};
    const auto size =
        unpacker_.unpack(compression_, message, options_.message_bytes_max, unpacked_);
    if (size) {
      message = {unpacked_.data(), *size};
      return {};
    }
    const std::string name(to_string(compression_));
    if (size.error().too_large) {
      return fail(ParseErrorReason::kTooLarge,
                  "The message is compressed by " + name + " and unpacks to more than " +
                      std::to_string(options_.message_bytes_max) +
                      " bytes; raise enricher.message_bytes_max or send less.",
                  0);
    }
    return fail(ParseErrorReason::kInvalidCompression,
                "The message is compressed by " + name + " and cannot be unpacked: " +
                    size.error().detail + "; send all of it, as it was compressed.",
                wrapper_.empty() ? size.error().position : 0);
  }

  Result refuse(simdjson::error_code code) {
    ParseError error =
        reader_.nested_too_deep()
            ? ParseError{ParseErrorReason::kNestingTooDeep,
                         "The message nests deeper than " + std::to_string(options_.nesting_max) +
                             " levels; raise enricher.nesting_max if that is meant.",
                         reader_.position()}
            : describe_json_fault(code, {buffer_.data(), size_}, reader_.position());
    if (!wrapper_.empty() || compression_ != Compression::kNone) {
      const std::string where = wrapper_.empty()
                                    ? "what " + std::string(to_string(compression_)) + " unpacks to"
                                    : '"' + wrapper_ + '"';
      error.detail =
          "In " + where + ", byte " + std::to_string(error.position) + " of it: " + error.detail;
      error.position = 0;  // Of the message as it is no byte is at fault.
    }
    return std::unexpected(std::move(error));
  }

  // Reads the message, and what it wraps, until there is an article.
  Result read(Article& article, int envelopes_max) {
    bool repaired = false;
    bool event_opened = false;
    for (int envelopes = 0;;) {
      const simdjson::error_code code = reader_.read(buffer_, size_, fields_);
      if (code == simdjson::STRING_ERROR && !repaired) {
        const std::uint32_t count = replace_lone_surrogates(buffer_, size_);
        replaced_ += count;
        repaired = count > 0;
        if (repaired) continue;
      }
      if (code != simdjson::SUCCESS) return refuse(code);
      if (!event_opened && seen(MessageField::kSpecVersion) &&
          (seen(MessageField::kData) || seen(MessageField::kDataBase64))) {
        event_opened = true;
        if (auto opened = open_event(); !opened) return opened;
      } else if (envelopes < envelopes_max && !fields_.has_article() && !fields_.wrapped.empty()) {
        ++envelopes;
        if (outer_.empty() && !summary().empty()) outer_ = arena_.copy({buffer_.data(), size_});
        open(fields_.wrapped, fields_.wrapper);
      } else if (seen(MessageField::kSpecVersion) && !fields_.has_article()) {
        return fail(ParseErrorReason::kNoText,
                    "The CloudEvent carries no data; send the article as its data.", 0);
      } else {
        return fill(article);
      }
      repaired = false;
    }
  }

  // Replaces the message by what the member of this name wraps.
  void open(std::string_view wrapped, std::string_view name) {
    wrapper_.append(wrapper_.empty() ? "" : ".").append(name.substr(0, kNameShownMax));
    set_message(arena_.copy(wrapped));  // The next walk reuses the buffers that the view lives in.
  }

  // Replaces the message by the data of a CloudEvent in structured mode.
  Result open_event() {
    std::string_view data = get(MessageField::kData);
    if (seen(MessageField::kDataBase64) && data.empty()) {
      const std::string_view encoded = get(MessageField::kDataBase64);
      char* out = arena_.allocate(base64_bytes_max(encoded.size()));
      const std::optional<std::size_t> size = decode_base64(encoded, out);
      if (!size) {
        return fail(ParseErrorReason::kUnsupported, "data_base64 of the CloudEvent is no base64.",
                    0);
      }
      data = {out, *size};
      if (auto unpacked = unpack(data); !unpacked) {
        unpacked.error().position = 0;
        return unpacked;
      }
    }
    event_ = {.id = arena_.copy(get(MessageField::kId)),
              .source = arena_.copy(get(MessageField::kSource)),
              .subject = arena_.copy(get(MessageField::kSubjects)),
              .time = arena_.copy(get(MessageField::kTime))};
    if (data.empty()) {
      return fail(ParseErrorReason::kNoText,
                  "The data of the CloudEvent is no article; send one as an object, or as a string "
                  "that holds one.",
                  0);
    }
    open(data, seen(MessageField::kData) ? "data" : "data_base64");
    return {};
  }

  [[nodiscard]] bool seen(MessageField field) const { return fields_.seen(field); }
  [[nodiscard]] std::string_view get(MessageField field) const { return fields_.get(field); }

  // Plain text of a value that may be HTML, with NULs replaced and the limit kept.
  std::string_view finish_text(std::string_view text, Markup markup, Article& article) {
    const Marks marks = marks_of(text);
    bool html = markup == Markup::kHtml ||
                (markup == Markup::kAsItLooks && marks.less && looks_like_html(text));
    bool may_have_nul = marks.nul;
    // A feed that escaped plain text; some do so twice, and then the whole may be markup.
    for (int times = 0; times < 2 && !html && marks.ampersand; ++times) {
      html_.clear();
      if (!decode_references(text, html_)) break;
      text = arena_.copy(html_);
      html = looks_like_html(text);
      may_have_nul = true;
    }
    if (html) {
      html_.clear();
      html_to_text(text, html_);
      text = arena_.copy(html_);
      may_have_nul = true;
    }
    if (may_have_nul && text.find('\0') != std::string_view::npos) {
      html_.clear();
      for (const char c : text) {
        if (c == '\0') {
          html_.append("\xEF\xBF\xBD");
          ++article.replaced_characters;
        } else {
          html_.push_back(c);
        }
      }
      text = arena_.copy(html_);
    }
    if (text.size() > options_.text_bytes_max) {
      std::size_t end = options_.text_bytes_max;
      while (end > 0 && is_continuation(text[end])) --end;
      text = text.substr(0, end);
      article.text_cut = true;
    }
    return text;
  }

  std::string_view date(MessageField field, Article& article, std::int64_t* milliseconds) {
    return date(get(field), article, milliseconds);
  }

  std::string_view date(std::string_view text, Article& article, std::int64_t* milliseconds) {
    if (text.empty()) return {};
    const auto written_so = parse_rfc3339(text);
    const auto parsed = written_so ? written_so : parse_date_time(text);
    if (!parsed) {
      ++article.invalid_dates;
      return {};
    }
    if (milliseconds != nullptr) *milliseconds = *parsed;
    if (written_so) return text;
    scratch_.clear();
    append_rfc3339(*parsed, scratch_);
    return arena_.copy(scratch_);
  }

  Result fill(Article& article) {
    auto carried = std::move(article.carried);
    auto labels = std::move(article.labels);
    article = Article{};
    carried.assign(fields_.carried.begin(), fields_.carried.end());
    labels.assign(fields_.labels.begin(), fields_.labels.end());
    article.carried = std::move(carried);
    article.labels = std::move(labels);
    article.replaced_characters = replaced_;
    if (auto result = fill_format(article); !result) return result;
    fill_texts(article);
    if (!has_letter(article.headline) && !has_letter(article.body)) {
      return fail(ParseErrorReason::kNoText, no_text_detail(article), 0);
    }
    fill_provenance(article);
    fill_dates(article);
    fill_status(article);
    fill_uri(article);
    return {};
  }

  [[nodiscard]] std::string_view summary() const {
    return fields_.first_of(
        {MessageField::kDescriptions, MessageField::kSummary, MessageField::kDescription});
  }

  // What the message has instead of an article, and what would cure that.
  std::string no_text_detail(const Article& article) {
    if (!article.headline.empty() || !article.body.empty())
      return "Headline and body have no letter; there is nothing to classify.";
    std::string detail = "Neither headline nor body has any text. ";
    const bool list = describe_members({buffer_.data(), size_}, wrapper_, detail);
    detail += list ? "Send one article per message, or name" : "Name";
    detail +=
        " them headline, title, body, text, content or body_html, or map their names by "
        "article.field_map.";
    return detail;
  }

  Result fill_format(Article& article) const {
    article.format = fields_.format();
    if (article.format == ArticleFormat::kFlat) return {};
    const std::string_view type = get(MessageField::kType);
    for (const std::string_view other :
         {"picture", "video", "audio", "graphic", "event", "planning"}) {
      if (type == other) {
        return fail(ParseErrorReason::kTypeNotText,
                    "The ninjs type is \"" + std::string(type) + "\"; only text is classified.", 0);
      }
    }
    return {};
  }

  void fill_texts(Article& article) {
    const std::string_view headline =
        fields_.first_of({MessageField::kHeadlines, MessageField::kHeadline, MessageField::kTitle,
                          MessageField::kHeadlineVariant, MessageField::kName});
    article.headline = one_line(finish_text(headline, Markup::kAsItLooks, article));
    std::string_view body = get(MessageField::kBodies);
    Markup markup = fields_.bodies_are_html ? Markup::kHtml : Markup::kNone;
    for (const MessageField field :
         {MessageField::kBodyPlain, MessageField::kText, MessageField::kBodyHtml,
          MessageField::kBodyVariant, MessageField::kContent, MessageField::kPlainCopy}) {
      if (!is_blank(body)) break;
      body = get(field);
      markup = field == MessageField::kBodyHtml    ? Markup::kHtml
               : field == MessageField::kBodyPlain ? Markup::kNone
                                                   : Markup::kAsItLooks;
    }
    std::string_view summary = this->summary();
    if (is_blank(body)) {  // A feed's teaser is all the text there is.
      body = is_blank(summary) ? std::string_view() : summary;
      markup = Markup::kAsItLooks;
      summary = {};
    }
    article.body = finish_text(body, markup, article);
    article.summary = finish_text(summary, Markup::kAsItLooks, article);
  }

  void fill_provenance(Article& article) {
    article.url = get(MessageField::kUrl);
    article.source = fields_.first_of({MessageField::kInfoSources, MessageField::kSource});
    article.source_uri = fields_.source_address;
    fill_source(article);
    article.language = language(get(MessageField::kLanguage));
    article.version = get(MessageField::kVersion);
    if (article.version.empty()) article.version = "1";
    article.byline = fields_.first_of({MessageField::kByline, MessageField::kAuthors});
    article.located = get(MessageField::kLocated);
    article.slugline = get(MessageField::kSlugline);
    article.ed_note = get(MessageField::kEdNote);
    article.predecessor_uri = get(MessageField::kEvolvedFrom);
    std::string_view urgency = get(MessageField::kUrgency);
    if (urgency.size() > 1 && urgency.find_first_not_of('0', 2) == std::string_view::npos &&
        urgency[1] == '.')
      urgency = urgency.substr(0, 1);  // Any number in ninjs 1, and some write 3.0.
    if (urgency.size() == 1 && urgency[0] >= '1' && urgency[0] <= '9')
      article.urgency = urgency[0] - '0';
  }

  // A source without a name has that of its site, or of its address' host.
  void fill_source(Article& article) {
    const std::string_view domain = get(MessageField::kDomain);
    if (article.source_uri.empty()) article.source_uri = domain;
    for (const std::string_view site : {domain, article.source_uri}) {
      if (!article.source.empty()) return;
      const std::string_view host = host_of(site);
      article.source = host.empty() && !is_uri(site) ? site : host;
    }
  }

  // The language of the input as a tag of BCP 47; empty where it states none.
  std::string_view language(std::string_view text) {
    scratch_.clear();
    if (!append_language_tag(text, scratch_)) return {};
    return scratch_ == text ? text : arena_.copy(scratch_);
  }

  // A headline without the line breaks and the white space around it that markup leaves.
  std::string_view one_line(std::string_view text) {
    text = trimmed(text);
    if (text.find('\n') == std::string_view::npos) return text;
    scratch_.clear();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (!scratch_.empty()) scratch_.push_back(' ');
      const std::string_view line = text.substr(at, end - at);
      scratch_.append(line.substr(0, line.find_last_not_of(kSpaces) + 1));
      at = std::min(text.find_first_not_of(kSpaces, end), text.size());
    }
    return arena_.copy(scratch_);
  }

  void fill_dates(Article& article) {
    article.version_created =
        date(MessageField::kVersionCreated, article, &article.version_created_ms);
    article.first_created = date(MessageField::kFirstCreated, article, nullptr);
    article.content_created = date(MessageField::kContentCreated, article, nullptr);
    article.embargoed_until = date(MessageField::kEmbargoed, article, &article.embargoed_until_ms);
    article.expires = date(MessageField::kExpires, article, nullptr);
    // Of an article that was changed since, the publication is its first version's time.
    if (!article.version_created.empty() && article.first_created.empty())
      article.first_created = date(MessageField::kPublished, article, nullptr);
    for (const std::string_view other : {get(MessageField::kPublished), get(MessageField::kDate),
                                         get(MessageField::kTime), event_.time}) {
      if (!article.version_created.empty()) return;
      article.version_created = date(other, article, &article.version_created_ms);
    }
  }

  void fill_status(Article& article) const {
    article.pub_status = stated_status(get(MessageField::kPubStatus));
    article.signal = article.pub_status == PubStatus::kCanceled
                         ? Signal::kKill
                         : stated_signal(get(MessageField::kSignal));
    if (article.signal == Signal::kNone) article.signal = marked_signal(article.headline);
  }

  // What the message calls itself; else its address, else a name of its content.
  void fill_uri(Article& article) {
    for (const MessageField field : {MessageField::kUri, MessageField::kGuid, MessageField::kId}) {
      article.uri = get(field);
      if (is_uri(article.uri)) return;
    }
    article.uri_derived = true;
    if (is_uri(article.url)) {
      article.uri = article.url;
      return;
    }
    std::string_view id =
        fields_.first_of({MessageField::kUri, MessageField::kGuid, MessageField::kId});
    std::uint64_t hash = hash_bytes(id, 1);
    // Numbers are given out by every source.
    if (!article.source.empty()) hash = hash_bytes(article.source, hash);
    if (id.empty()) {
      if (is_uri(event_.subject)) {
        article.uri = event_.subject;
        return;
      }
      id = event_.subject.empty() ? event_.id : event_.subject;  // Unique within the source.
      hash = hash_bytes(event_.source, hash_bytes(id, 3));
    }
    if (id.empty())
      hash = hash_bytes(article.source, hash_bytes(article.headline, hash_bytes(article.body, 7)));
    constexpr std::string_view kPrefix = "urn:wirewatch:article:";
    const auto digits = hexadecimal(hash);
    char* out = arena_.allocate(kPrefix.size() + digits.size());
    std::memcpy(out, kPrefix.data(), kPrefix.size());
    std::memcpy(out + kPrefix.size(), digits.data(), digits.size());
    article.uri = {out, kPrefix.size() + digits.size()};
  }

  ArticleParserOptions options_;
  Arena arena_;
  MessageReader reader_;
  MessageFields fields_;
  Unpacker unpacker_;
  Compression compression_ = Compression::kNone;  // Of the message.
  std::string unpacked_;
  std::string buffer_;  // The message with padding.
  std::size_t size_ = 0;
  std::string scratch_;
  std::string html_;
  CloudEventAttributes event_;
  std::string wrapper_;     // Names of the members that were opened, dotted.
  std::string_view outer_;  // A message that has a summary, around what was opened.
  std::uint32_t replaced_ = 0;
};

ArticleParser::ArticleParser(ArticleParserOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ArticleParser::~ArticleParser() = default;
ArticleParser::ArticleParser(ArticleParser&&) noexcept = default;
ArticleParser& ArticleParser::operator=(ArticleParser&&) noexcept = default;

std::expected<void, ParseError> ArticleParser::parse(std::string_view message, Article& article,
                                                     const CloudEventAttributes& event) {
  return impl_->parse(message, article, event);
}

}  // namespace wirewatch
