#include "common/event/event_writer.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/article/date_time.h"
#include "common/article/uri.h"
#include "common/base/hash.h"
#include "common/base/hexadecimal.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::string_view kCreator = "wirewatch";

// One bit per byte of `text`, of at most 64 bytes: does a code point begin there?
std::uint64_t lead_bits(std::string_view text) {
  std::uint64_t bits = 0;
#if defined(__AVX2__)
  if (text.size() == kBlockBytes) {
    // Continuation bytes are 0x80 to 0xBF: as signed numbers, those below -64.
    const auto half = [](const char* from) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
      return static_cast<std::uint32_t>(
          _mm256_movemask_epi8(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(-65))));
    };
    return half(text.data()) | std::uint64_t{half(text.data() + 32)} << 32;
  }
#endif
  for (std::size_t i = 0; i < text.size(); ++i)
    bits |= std::uint64_t{(static_cast<unsigned char>(text[i]) & 0xC0) != 0x80} << i;
  return bits;
}

EventId to_id(std::uint64_t high, std::uint64_t low) {
  EventId id{};
  char* out = id.digits;
  for (const std::uint64_t half : {high, low}) {
    const auto digits = hexadecimal(half);
    out = std::copy(digits.begin(), digits.end(), out);
  }
  return id;
}

// Not inline, where there are no registers left for the hashes: each step waits for the one before,
// and would for memory too.
[[gnu::noinline]] std::array<std::uint64_t, 2> content_hash(const Article& article) {
  std::array<std::uint64_t, 2> hash = {1, 2};
  for (const std::string_view part :
       {article.uri, article.version, article.headline, article.body}) {
    hash = hash_bytes(part, hash);
  }
  // A story that is killed, or whose embargo is lifted, may come as it was: its event is no repeat.
  const auto status = static_cast<std::uint64_t>(article.pub_status) << 8 |
                      static_cast<std::uint64_t>(article.signal);
  if (status != 0 || !article.embargoed_until.empty()) {
    hash = hash_bytes(article.embargoed_until, hash);
    for (std::uint64_t& part : hash) part = hash_combine(part, status);
  }
  return hash;
}

std::string_view status_name(PubStatus status) {
  switch (status) {
    case PubStatus::kUsable:
      return "usable";
    case PubStatus::kWithheld:
      return "withheld";
    case PubStatus::kCanceled:
      return "canceled";
  }
  return "usable";
}

std::string_view signal_name(Signal signal) {
  switch (signal) {
    case Signal::kNone:
      return {};
    case Signal::kUpdate:
      return "update";
    case Signal::kCorrection:
      return "correction";
    case Signal::kRefile:
      return "refile";
    case Signal::kRepeat:
      return "repeat";
    case Signal::kKill:
      return "kill";
  }
  return {};
}

// A topic's id of eight digits after a prefix such as "medtop:".
template <std::size_t N>
void put_topic_id(const char (&prefix)[N], TopicId id, JsonWriter& json) {
  char text[N + 7];
  std::memcpy(text, prefix, N - 1);
  std::uint32_t value = id.value();
  for (std::size_t i = N + 6; i >= N - 1; --i) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  json.plain(std::string_view(text, sizeof(text)));
}

std::int64_t percent(float value) {
  return std::clamp<std::int64_t>(std::llround(static_cast<double>(value) * 100), 0, 100);
}

// Members of an array that was carried along, without its brackets.
std::string_view inside(std::string_view array) {
  return array.size() < 2 ? std::string_view() : array.substr(1, array.size() - 2);
}

void put_identity(const Article& article, JsonWriter& json) {
  json.key("uri").string(article.uri).key("type").plain("text");
  json.key("version").string(article.version);
  json.member("language", article.language);
  json.member("firstCreated", article.first_created);
  json.member("versionCreated", article.version_created);
  json.member("contentCreated", article.content_created);
  json.member("embargoedUntil", article.embargoed_until);
  json.member("expires", article.expires);
  json.key("pubStatus").plain(status_name(article.pub_status));
  if (article.urgency > 0) json.key("urgency").number(article.urgency);
  json.member("edNote", article.ed_note);
  json.member("by", article.byline);
  json.member("located", article.located);
  json.member("slugline", article.slugline);
}

void put_info_sources(const Article& article, JsonWriter& json) {
  if (article.source.empty()) return;
  json.key("infoSources").begin_array().begin_object().key("name").string(article.source);
  if (is_uri(article.source_uri)) json.key("uri").string(article.source_uri);
  json.end_object().end_array();
}

void put_topics(const TopicResult& topics, JsonWriter& json) {
  json.begin_array();
  for (const TopicScore& topic : topics.topics) {
    json.begin_object().key("id");
    put_topic_id("medtop:", topic.id, json);
    json.member("name", topic_name(topic.id));
    json.key("level").number(topic.level);
    json.key("confidence").decimal(static_cast<double>(topic.confidence), 3).end_object();
  }
  json.end_array();
}

void put_labels(const TopicResult& topics, JsonWriter& json) {
  if (topics.labels.empty()) return;
  json.key("labels").begin_array();
  for (const LabelScore& label : topics.labels) {
    json.begin_object().key("scheme").string(label.scheme).key("id").string(label.id);
    json.key("confidence").decimal(static_cast<double>(label.confidence), 3).end_object();
  }
  json.end_array();
}

// A piece of JSON for each value, its name between `before` and `after`.
template <typename Value>
void fill_pieces(const std::string& before, std::string_view after,
                 std::span<JsonFragment> pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    pieces[i] =
        JsonFragment(before + std::string(to_string(static_cast<Value>(i))) + std::string(after));
  }
}

// Fills a list of headers anew, in the strings that it has.
class HeaderList {
 public:
  explicit HeaderList(std::vector<OutHeader>& headers) : headers_(headers) {}
  ~HeaderList() { headers_.resize(count_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  // Returns the value, which is empty, to be written.
  std::string& add(std::string_view key) {
    if (count_ == headers_.size()) headers_.emplace_back();
    OutHeader& header = headers_[count_++];
    header.key = key;
    header.value.clear();
    return header.value;
  }
  void add(std::string_view key, std::string_view value) { add(key).append(value); }
  void add(std::string_view key, std::int64_t value) {
    char digits[24];
    add(key).append(digits, std::to_chars(digits, std::end(digits), value).ptr);
  }
  // Of input: without control characters, and cut where it is too long, at a character.
  void add_clean(std::string_view key, std::string_view text, std::size_t size_max) {
    std::string& out = add(key);
    const std::string_view kept = text.substr(0, size_max);
    for (std::size_t at = 0; at < kept.size(); ++at) {
      const auto byte = static_cast<unsigned char>(kept[at]);
      const auto next = at + 1 < kept.size() ? static_cast<unsigned char>(kept[at + 1]) : 0;
      // U+0080 to U+009F: punctuation of Windows-1252 that was decoded as Latin-1.
      const bool c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
      out.push_back(byte < 0x20 || byte == 0x7F || c1 ? ' ' : kept[at]);
      at += c1 ? 1 : 0;
    }
    if (text.size() <= size_max) return;
    while (!out.empty() && is_continuation(out.back())) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  }

 private:
  std::vector<OutHeader>& headers_;
  std::size_t count_ = 0;
};

// A trace context as W3C writes it: version, trace, parent and flags, in hex digits of lower case.
constexpr std::string_view kNoTrace = "00-00000000000000000000000000000000-0000000000000000-00";

// Whether a header is one that says something; later versions may have more at its end.
bool is_traceparent(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() < kNoTrace.size() || text.starts_with("ff")) return false;
  for (std::size_t at = 0; at < kNoTrace.size(); ++at) {
    if (kNoTrace[at] == '-' ? text[at] != '-' : !hex(text[at])) return false;
  }
  const bool longer = text.size() > kNoTrace.size();
  if (longer && (text.starts_with("00") || text[kNoTrace.size()] != '-')) return false;
  return text.substr(3, 32) != kNoTrace.substr(3, 32) &&
         text.substr(36, 16) != kNoTrace.substr(36, 16);
}

}  // namespace

EventWriter::EventWriter(EventMode mode) : mode_(mode) {
  fill_pieces<Field>(R"("field":")", R"(")", fields_);
  fill_pieces<Zone>(R"("zone":")", R"(")", zones_);
  fill_pieces<Field>(R"({"field":")", R"(","start":)", mention_heads_);
  fill_pieces<Zone>(R"(,"zone":")", R"(",)", mention_zones_);
}

void EventWriter::index_field(std::string_view text, std::vector<Block>& blocks) {
  blocks.resize(text.size() / kBlockBytes + 1);
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::uint64_t leads = lead_bits(text.substr(i * kBlockBytes, kBlockBytes));
    blocks[i] = {leads, count};
    count += static_cast<std::uint32_t>(std::popcount(leads));
  }
}

std::uint32_t EventWriter::code_points(Field field, std::uint32_t offset) const {
  const std::vector<Block>& blocks = field == Field::kHeadline ? headline_blocks_ : body_blocks_;
  const std::size_t slot = offset / kBlockBytes;
  if (slot >= blocks.size())
    return blocks.back().before + static_cast<std::uint32_t>(std::popcount(blocks.back().leads));
  const std::uint64_t below = (std::uint64_t{1} << (offset % kBlockBytes)) - 1;
  return blocks[slot].before +
         static_cast<std::uint32_t>(std::popcount(blocks[slot].leads & below));
}

void EventWriter::put_span(const SourceSpan& span, JsonWriter& json) const {
  json.key("start").number(code_points(span.field, span.begin));
  json.key("end").number(code_points(span.field, span.end));
}

void EventWriter::begin(const EventInput& input) {
  input_.emplace(input);
  if (places_version_ != input.rules_version) {
    places_version_ = input.rules_version;
    places_.forget();
  }
  for (const Mention& mention : input.regions.mentions) places_.prefetch(mention);
  for (const CountryScore& score : input.regions.about) countries_.prefetch(score.country);
  content_hash_ = content_hash(input.article);
  index_field(input.text.headline(), headline_blocks_);
  index_field(input.text.body(), body_blocks_);
  shared_.clear();
  evidence_.clear();
  const auto render = [&](const auto& put) {
    const std::size_t begin = shared_.size();
    JsonWriter json(shared_);
    put(json);
    return Piece{begin, shared_.size()};
  };
  regions_ = render([&](JsonWriter& json) { put_regions(json); });
  topics_ = render([&](JsonWriter& json) { put_topics(input.topics, json); });
  if (!input.matches.matches.empty())
    alerted_article_ = render([&](JsonWriter& json) { put_alerted_article(json); });
  for (const ProfileMatch& match : input.matches.matches)
    evidence_.push_back(render([&](JsonWriter& json) { put_evidence(match, json); }));
}

EventId EventWriter::enriched_id() const {
  const std::uint64_t rules = hash_bytes(input_->rules_version, 3);
  return to_id(content_hash_[0], hash_combine(content_hash_[1], rules));
}

EventId EventWriter::alert_id(std::size_t match) const {
  const Profile& profile = input_->profiles.profile(input_->matches.matches[match].profile);
  const std::uint64_t key = hash_bytes(profile.version.text(), hash_bytes(profile.id, 5));
  return to_id(content_hash_[0], hash_combine(content_hash_[1], key));
}

void EventWriter::write_enriched(std::string& out) {
  const EventInput& input = *input_;
  JsonWriter json(out);
  json.begin_object().key("article");
  put_article(json);
  json.key("enrichment").begin_object().key("rules").string(input.rules_version);
  json.member("language", input.topics.language);
  json.member("signal", signal_name(input.article.signal));
  put_zones(json);
  json.key("regions").raw(shared(regions_));
  put_mentions(json);
  json.key("topics").raw(shared(topics_));
  put_labels(input.topics, json);
  put_matches(json);
  json.end_object().end_object();
}

void EventWriter::put_article(JsonWriter& json) const {
  const Article& article = input_->article;
  json.begin_object();
  put_identity(article, json);
  if (mode_ == EventMode::kFull) put_text(json);
  put_info_sources(article, json);
  put_subjects_and_places(json);
  for (const CarriedProperty& property : article.carried) {
    if (property.name != "subjects" && property.name != "places")
      json.key(property.name).raw(property.json);
  }
  if (!article.predecessor_uri.empty()) {
    json.key("altIds").begin_array().begin_object().key("role").plain("evolvedfrom");
    json.key("value").string(article.predecessor_uri).end_object().end_array();
  }
  json.key("standard").raw(R"({"name":"ninjs","version":"3.1"})").end_object();
}

void EventWriter::put_text(JsonWriter& json) const {
  const Article& article = input_->article;
  if (!article.headline.empty()) {
    json.key("headlines").begin_array().begin_object();
    json.key("value").string(article.headline).end_object().end_array();
  }
  if (!article.summary.empty()) {
    json.key("descriptions").begin_array().begin_object().key("contentType").plain("text/plain");
    json.key("value").string(article.summary).end_object().end_array();
  }
  if (!article.body.empty()) {
    json.key("bodies").begin_array().begin_object().key("contentType").plain("text/plain");
    json.key("charCount").number(code_points(Field::kBody, UINT32_MAX));
    json.key("value").string(article.body).end_object().end_array();
  }
  if (is_uri(article.url)) {
    json.key("renditions").begin_array().begin_object().key("name").plain("page");
    json.key("href").string(article.url).end_object().end_array();
  }
}

// The input's own, of which there may be several lists.
void EventWriter::put_own(std::string_view name, JsonWriter& json) const {
  for (const CarriedProperty& property : input_->article.carried) {
    if (property.name == name) json.raw(inside(property.json));
  }
}

void EventWriter::put_subjects_and_places(JsonWriter& json) const {
  json.key("subjects").begin_array();
  put_own("subjects", json);
  for (const TopicScore& topic : input_->topics.topics) {
    json.begin_object().key("uri");
    put_topic_id("http://cv.iptc.org/newscodes/mediatopic/", topic.id, json);
    json.member("name", topic_name(topic.id));
    json.key("creator").plain(kCreator).key("confidence").number(percent(topic.confidence));
    json.end_object();
  }
  json.end_array().key("places").begin_array();
  put_own("places", json);
  for (const CountryScore& score : input_->regions.about) {
    if (score.country.empty()) continue;
    const std::string_view code = score.country.text();
    const char letters[] = {static_cast<char>(code[0] | 0x20), static_cast<char>(code[1] | 0x20),
                            '\0'};
    const std::span<const RenamedCountry> renamed = input_->renamed_countries;
    const auto own = std::find_if(
        renamed.begin(), renamed.end(),
        [&](const RenamedCountry& country) { return country.country == score.country; });
    if (own != renamed.end()) {
      char uri[] = "http://cvx.iptc.org/iso3166-1a2/xx";
      std::memcpy(uri + sizeof(uri) - sizeof(letters), letters, sizeof(letters));
      json.begin_object().key("uri").plain(uri).member("name", own->name);
      json.key("rel").plain("about").end_object();
      continue;
    }
    const std::string_view name = countries_.name(score.country);
    constexpr std::size_t kSizeMax = 160;
    json.value(kSizeMax, [&](JsonText& text) {
      text.literal(R"({"uri":"http://cvx.iptc.org/iso3166-1a2/)").literal(letters);
      if (name.empty()) {
        text.literal(R"(","rel":"about"})");
      } else {
        text.literal(R"(","name":")").padded<event_internal::CountryJson::kPiece>(name);
      }
    });
  }
  json.end_array();
}

void EventWriter::put_zones(JsonWriter& json) const {
  json.key("zones").begin_array();
  for (const ZoneSpan& zone : input_->text.zones()) {
    json.begin_object().fragment(zones_[static_cast<std::size_t>(zone.zone)]);
    json.fragment(fields_[static_cast<std::size_t>(zone.span.field)]);
    put_span(zone.span, json);
    if (zone.repeated) json.key("repeated").boolean(true);
    json.end_object();
  }
  json.end_array();
}

void EventWriter::put_regions(JsonWriter& json) const {
  json.begin_array();
  for (const CountryScore& score : input_->regions.about) {
    if (score.country.empty()) continue;
    const std::string_view code = score.country.text();
    const char letters[] = {code[0], code[1], '\0'};
    const std::string_view regions = countries_.regions(score.country);
    constexpr std::size_t kSizeMax = 256;
    json.value(kSizeMax, [&](JsonText& text) {
      text.literal(R"({"country":")")
          .literal(letters)
          .literal(R"(","salience":)")
          .decimal(static_cast<double>(score.salience), 3)
          .literal(R"(,"mentions":)")
          .number(score.mention_count);
      if (regions.empty()) {
        text.literal(R"(,"m49":[]})");
      } else {
        text.padded<event_internal::CountryJson::kPiece>(regions);
      }
    });
  }
  json.end_array();
}

void EventWriter::put_mentions(JsonWriter& json) {
  json.key("mentions").begin_array();
  for (const Mention& mention : input_->regions.mentions) {
    if (!mention.counts) continue;  // The newsroom's place and what says nothing are not named.
    put_mention(mention, json);
  }
  json.end_array();
}

// There are some in every sentence: most of an event is mentions.
void EventWriter::put_mention(const Mention& mention, JsonWriter& json) {
  const std::string_view place = places_.of(mention);
  const SourceSpan& span = mention.span;
  const std::string_view field = input_->text.field(span.field);
  const std::string_view name = field.substr(span.begin, span.end - span.begin);
  constexpr std::size_t kRestMax = 128;
  json.value(6 * name.size() + place.size() + kRestMax, [&](JsonText& text) {
    text.fragment(mention_heads_[static_cast<std::size_t>(span.field)])
        .number(code_points(span.field, span.begin))
        .literal(R"(,"end":)")
        .number(code_points(span.field, span.end))
        .literal(R"(,"text":)")
        .string(name, field.size() - span.begin)
        .fragment(mention_zones_[static_cast<std::size_t>(mention.zone)])
        .padded<event_internal::PlaceJson::kPiece>(place)
        .literal("}");
  });
}

void EventWriter::put_evidence(const ProfileMatch& match, JsonWriter& json) const {
  json.begin_array();
  for (const Evidence& evidence : input_->matches.evidence_of(match)) {
    const SourceSpan& span = evidence.span;
    const std::string_view field = input_->text.field(span.field);
    const std::string_view found = field.substr(span.begin, span.end - span.begin);
    const auto path = std::span(input_->matches.path)
                          .subspan(evidence.path_begin, evidence.path_end - evidence.path_begin);
    std::size_t size_max = 6 * (evidence.clause.size() + found.size()) + 256;
    for (const auto& step : path) size_max += 6 * step.size() + 3;
    json.value(size_max, [&](JsonText& text) {
      text.literal(R"({"clause":)").string(evidence.clause);
      if (!path.empty()) {
        text.literal(R"(,"path":[)").string(path[0]);
        for (const auto& step : path.subspan(1)) text.literal(",").string(step);
        text.literal("]");
      }
      text.literal(",")
          .fragment(fields_[static_cast<std::size_t>(span.field)])
          .literal(",")
          .fragment(zones_[static_cast<std::size_t>(evidence.zone)])
          .literal(R"(,"start":)")
          .number(code_points(span.field, span.begin))
          .literal(R"(,"end":)")
          .number(code_points(span.field, span.end))
          .literal(R"(,"byte_start":)")
          .number(span.begin)
          .literal(R"(,"byte_end":)")
          .number(span.end)
          .literal(R"(,"text":)")
          .string(found, field.size() - span.begin)
          .literal(R"(,"weight":)")
          .decimal(static_cast<double>(evidence.weight), 2)
          .literal("}");
    });
  }
  json.end_array();
}

void EventWriter::put_matches(JsonWriter& json) const {
  const std::vector<ProfileMatch>& matches = input_->matches.matches;
  json.key("matches").begin_array();
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const Profile& profile = input_->profiles.profile(matches[i].profile);
    json.begin_object()
        .key("profile")
        .string(profile.id)
        .key("version")
        .string(profile.version.text());
    json.key("level").plain(to_string(profile.level));
    json.key("score").decimal(static_cast<double>(matches[i].score), 2);
    json.key("threshold").decimal(static_cast<double>(matches[i].threshold), 2);
    json.member("presearch", matches[i].presearch);
    json.key("evidence").raw(shared(evidence_[i])).end_object();
  }
  json.end_array();
}

void EventWriter::put_alerted_article(JsonWriter& json) const {
  const Article& article = input_->article;
  json.begin_object();
  json.key("uri").string(article.uri).key("version").string(article.version);
  json.member("headline", article.headline);
  json.member("language", article.language);
  json.member("source", article.source);
  json.member("url", is_uri(article.url) ? article.url : std::string_view());
  json.member("versionCreated", article.version_created);
  json.member("embargoedUntil", article.embargoed_until);
  json.key("pubStatus").plain(status_name(article.pub_status));
  json.member("signal", signal_name(article.signal));
  if (article.urgency > 0) json.key("urgency").number(article.urgency);
  json.member("predecessor", article.predecessor_uri);
  json.end_object();
}

void EventWriter::write_alert(std::size_t match, std::string& out) const {
  const ProfileMatch& found = input_->matches.matches[match];
  const Profile& profile = input_->profiles.profile(found.profile);
  JsonWriter json(out);
  json.begin_object().key("id").plain(alert_id(match).view());
  json.key("profile").begin_object().key("id").string(profile.id);
  json.key("title").string(profile.title).key("version").string(profile.version.text());
  json.key("level").plain(to_string(profile.level));
  json.member("destination", profile.destination);
  if (profile.cooldown_s > 0) json.key("cooldown_s").number(profile.cooldown_s);
  json.end_object();
  json.key("score").decimal(static_cast<double>(found.score), 2);
  json.key("threshold").decimal(static_cast<double>(found.threshold), 2);
  json.member("presearch", found.presearch);
  json.key("article").raw(shared(alerted_article_));
  json.key("regions").raw(shared(regions_));
  json.key("topics").raw(shared(topics_));
  json.key("evidence").raw(shared(evidence_[match]));
  json.key("rules").string(input_->rules_version).end_object();
}

void event_headers(std::string_view type, const EventId& id, std::string_view subject,
                   std::int64_t time_ms, std::string_view traceparent,
                   std::vector<OutHeader>& headers) {
  HeaderList list(headers);
  list.add("ce_specversion", "1.0");
  list.add("ce_id", id.view());
  list.add("ce_source", kEventSource);
  list.add("ce_type", type);
  if (time_ms >= 0) append_rfc3339(time_ms, list.add("ce_time"));
  list.add_clean("ce_subject", subject, 512);
  list.add("content-type", "application/json");
  if (is_traceparent(traceparent))
    list.add("ce_traceparent", traceparent.substr(0, kNoTrace.size()));
}

void dead_letter_headers(std::string_view reason, std::string_view detail, std::size_t position,
                         const Provenance& provenance, std::vector<OutHeader>& headers) {
  HeaderList list(headers);
  list.add("wirewatch_reason", reason);
  list.add_clean("wirewatch_detail", detail, 500);
  list.add("wirewatch_position", static_cast<std::int64_t>(position));
  list.add("wirewatch_source_topic", provenance.topic);
  list.add("wirewatch_source_partition", std::int64_t{provenance.partition});
  list.add("wirewatch_source_offset", provenance.offset);
  list.add("wirewatch_source_timestamp", provenance.timestamp_ms);
}

}  // namespace wirewatch
