#include "common/event/event_writer.h"

#include <algorithm>
#include <cmath>

#include "common/article/date_time.h"
#include "common/base/hash.h"
#include "common/event/json_writer.h"

namespace wirewatch {

namespace {

constexpr std::size_t kIndexStep = 64;
constexpr std::string_view kCreator = "wirewatch";

std::uint32_t count_code_points(std::string_view text) {
  std::uint32_t count = 0;
  for (const char c : text)
    count += static_cast<std::uint32_t>((static_cast<unsigned char>(c) & 0xC0) != 0x80);
  return count;
}

void build_index(std::string_view text, std::vector<std::uint32_t>& index) {
  index.clear();
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += kIndexStep) {
    index.push_back(count);
    count += count_code_points(text.substr(at, kIndexStep));
  }
  index.push_back(count);
}

EventId to_id(std::uint64_t high, std::uint64_t low) {
  constexpr char kHex[] = "0123456789abcdef";
  EventId id{};
  for (std::size_t i = 0; i < 16; ++i) {
    id.digits[i] = kHex[high >> (60 - 4 * i) & 15];
    id.digits[16 + i] = kHex[low >> (60 - 4 * i) & 15];
  }
  return id;
}

std::uint64_t content_hash(const Article& article, std::uint64_t seed) {
  std::uint64_t hash = hash_bytes(article.uri, seed);
  hash = hash_bytes(article.version, hash);
  hash = hash_bytes(article.headline, hash);
  return hash_bytes(article.body, hash);
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

// "medtop:11000000"
void write_topic_id(TopicId id, JsonWriter& json) {
  char text[] = "medtop:00000000";
  std::uint32_t value = id.value();
  for (std::size_t i = 14; i >= 7; --i) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  json.string(std::string_view(text, 15));
}

std::int64_t percent(float value) {
  return std::clamp<std::int64_t>(std::llround(static_cast<double>(value) * 100), 0, 100);
}

std::string_view carried_json(const Article& article, std::string_view name) {
  for (const CarriedProperty& property : article.carried) {
    if (property.name == name) return property.json;
  }
  return {};
}

// Members of an array that was carried along, without its brackets.
std::string_view inside(std::string_view array) {
  return array.size() < 2 ? std::string_view() : array.substr(1, array.size() - 2);
}

void write_common_members(const Article& article, JsonWriter& json) {
  json.key("uri")
      .string(article.uri)
      .key("type")
      .string("text")
      .key("version")
      .string(article.version);
  json.member("language", article.language);
  json.member("firstCreated", article.first_created);
  json.member("versionCreated", article.version_created);
  json.member("contentCreated", article.content_created);
  json.member("embargoedUntil", article.embargoed_until);
  json.member("expires", article.expires);
  json.key("pubStatus").string(status_name(article.pub_status));
  if (article.urgency > 0) json.key("urgency").number(article.urgency);
  json.member("edNote", article.ed_note);
  json.member("by", article.byline);
  json.member("located", article.located);
  json.member("slugline", article.slugline);
}

bool is_absolute_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 1 && colon + 1 < text.size() &&
         text.find(' ') == std::string_view::npos;
}

void write_info_sources(const Article& article, JsonWriter& json) {
  if (article.source.empty()) return;
  json.key("infoSources").begin_array().begin_object().key("name").string(article.source);
  if (is_absolute_uri(article.source_uri)) json.key("uri").string(article.source_uri);
  json.end_object().end_array();
}

void write_regions(const RegionResult& regions, JsonWriter& json) {
  json.key("regions").begin_array();
  for (const CountryScore& score : regions.about) {
    json.begin_object()
        .key("country")
        .string(score.country.text())
        .key("salience")
        .decimal(static_cast<double>(score.salience), 3);
    json.key("mentions").number(score.mention_count).key("m49").begin_array();
    for (const std::string_view region : m49_regions(score.country)) json.string(region);
    json.end_array().end_object();
  }
  json.end_array();
}

void write_topics(const TopicResult& topics, JsonWriter& json) {
  json.key("topics").begin_array();
  for (const TopicScore& topic : topics.topics) {
    json.begin_object().key("id");
    write_topic_id(topic.id, json);
    json.member("name", topic_name(topic.id));
    json.key("level")
        .number(topic.level)
        .key("confidence")
        .decimal(static_cast<double>(topic.confidence), 3)
        .end_object();
  }
  json.end_array();
}

std::string clean_header(std::string_view text, std::size_t size_max) {
  std::string out;
  for (const char c : text.substr(0, size_max)) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
  }
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80 &&
         text.size() > size_max) {
    out.pop_back();  // Do not end inside of a character.
  }
  if (text.size() > size_max && !out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0)
    out.pop_back();
  return out;
}

}  // namespace

EventId enriched_event_id(const EventInput& input) {
  const std::uint64_t rules = hash_bytes(input.rules_version, 3);
  return to_id(content_hash(input.article, 1), hash_combine(content_hash(input.article, 2), rules));
}

EventId alert_event_id(const EventInput& input, const ProfileMatch& match) {
  const Profile& profile = input.profiles.profile(match.profile);
  const std::uint64_t key = hash_bytes(profile.version, hash_bytes(profile.id, 5));
  return to_id(content_hash(input.article, 1), hash_combine(content_hash(input.article, 2), key));
}

void EventWriter::index_text(const ArticleText& text) {
  headline_ = text.headline();
  body_ = text.body();
  build_index(headline_, headline_index_);
  build_index(body_, body_index_);
}

std::int64_t EventWriter::code_points(const SourceSpan& span, std::uint32_t offset) {
  const bool headline = span.field == Field::kHeadline;
  const std::string_view text = headline ? headline_ : body_;
  const std::vector<std::uint32_t>& index = headline ? headline_index_ : body_index_;
  const std::size_t at = std::min<std::size_t>(offset, text.size());
  const std::size_t slot = at / kIndexStep;
  return index[slot] + count_code_points(text.substr(slot * kIndexStep, at - slot * kIndexStep));
}

void EventWriter::write_enriched(const EventInput& input, std::string& out) {
  const Article& article = input.article;
  index_text(input.text);
  JsonWriter json(out);
  json.begin_object().key("article").begin_object();
  write_common_members(article, json);
  if (mode_ == EventMode::kFull) {
    if (!article.headline.empty()) {
      json.key("headlines")
          .begin_array()
          .begin_object()
          .key("value")
          .string(article.headline)
          .end_object()
          .end_array();
    }
    if (!article.summary.empty()) {
      json.key("descriptions")
          .begin_array()
          .begin_object()
          .key("contentType")
          .string("text/plain")
          .key("value")
          .string(article.summary)
          .end_object()
          .end_array();
    }
    if (!article.body.empty()) {
      json.key("bodies").begin_array().begin_object().key("contentType").string("text/plain");
      json.key("charCount")
          .number(body_index_.back())
          .key("value")
          .string(article.body)
          .end_object()
          .end_array();
    }
    if (is_absolute_uri(article.url)) {
      json.key("renditions")
          .begin_array()
          .begin_object()
          .key("name")
          .string("page")
          .key("href")
          .string(article.url)
          .end_object()
          .end_array();
    }
  }
  write_info_sources(article, json);
  json.key("subjects").begin_array();
  if (const std::string_view own = inside(carried_json(article, "subjects")); !own.empty())
    json.raw(own);
  for (const TopicScore& topic : input.topics.topics) {
    char uri[] = "http://cv.iptc.org/newscodes/mediatopic/00000000";
    std::uint32_t value = topic.id.value();
    for (std::size_t i = sizeof(uri) - 2; i >= sizeof(uri) - 9; --i) {
      uri[i] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    json.begin_object().key("uri").string(std::string_view(uri, sizeof(uri) - 1));
    json.member("name", topic_name(topic.id));
    json.key("creator")
        .string(kCreator)
        .key("confidence")
        .number(percent(topic.confidence))
        .end_object();
  }
  json.end_array().key("places").begin_array();
  if (const std::string_view own = inside(carried_json(article, "places")); !own.empty())
    json.raw(own);
  for (const CountryScore& score : input.regions.about) {
    char uri[] = "http://cvx.iptc.org/iso3166-1a2/xx";
    uri[sizeof(uri) - 3] = static_cast<char>(score.country.text()[0] | 0x20);
    uri[sizeof(uri) - 2] = static_cast<char>(score.country.text()[1] | 0x20);
    json.begin_object().key("uri").string(std::string_view(uri, sizeof(uri) - 1));
    json.member("name", country_name(score.country));
    json.key("rel").string("about").end_object();
  }
  json.end_array();
  for (const CarriedProperty& property : article.carried) {
    if (property.name != "subjects" && property.name != "places")
      json.key(property.name).raw(property.json);
  }
  if (!article.predecessor_uri.empty()) {
    json.key("altIds")
        .begin_array()
        .begin_object()
        .key("role")
        .string("evolvedfrom")
        .key("value")
        .string(article.predecessor_uri)
        .end_object()
        .end_array();
  }
  json.key("standard")
      .begin_object()
      .key("name")
      .string("ninjs")
      .key("version")
      .string("3.1")
      .end_object();
  json.end_object();

  json.key("enrichment").begin_object().key("rules").string(input.rules_version);
  json.member("language", input.topics.language);
  json.member("signal", signal_name(article.signal));
  json.key("zones").begin_array();
  for (const ZoneSpan& zone : input.text.zones()) {
    json.begin_object()
        .key("zone")
        .string(to_string(zone.zone))
        .key("field")
        .string(to_string(zone.span.field));
    json.key("start")
        .number(code_points(zone.span, zone.span.begin))
        .key("end")
        .number(code_points(zone.span, zone.span.end));
    if (zone.repeated) json.key("repeated").boolean(true);
    json.end_object();
  }
  json.end_array();
  write_regions(input.regions, json);
  json.key("mentions").begin_array();
  for (const Mention& mention : input.regions.mentions) {
    if (!mention.counts) continue;  // The tail's and the newsroom's places are not named.
    json.begin_object().key("field").string(to_string(mention.span.field));
    json.key("start")
        .number(code_points(mention.span, mention.span.begin))
        .key("end")
        .number(code_points(mention.span, mention.span.end));
    json.key("text")
        .string(input.text.source(mention.span))
        .key("zone")
        .string(to_string(mention.zone));
    json.key("kind").string(to_string(mention.kind));
    json.member("country", mention.country.text())
        .member("admin1", mention.admin1)
        .member("name", mention.name);
    if (mention.has_coordinates) {
      json.key("lat")
          .decimal(static_cast<double>(mention.latitude), 4)
          .key("lon")
          .decimal(static_cast<double>(mention.longitude), 4);
    }
    if (mention.geonames_id != 0) json.key("geonames_id").number(mention.geonames_id);
    json.end_object();
  }
  json.end_array();
  write_topics(input.topics, json);
  if (!input.topics.labels.empty()) {
    json.key("labels").begin_array();
    for (const LabelScore& label : input.topics.labels) {
      json.begin_object()
          .key("id")
          .string(label.id)
          .key("confidence")
          .decimal(static_cast<double>(label.confidence), 3)
          .end_object();
    }
    json.end_array();
  }
  json.key("matches").begin_array();
  for (const ProfileMatch& match : input.matches.matches) {
    const Profile& profile = input.profiles.profile(match.profile);
    json.begin_object().key("profile").string(profile.id).key("version").string(profile.version);
    json.key("level")
        .string(to_string(profile.level))
        .key("score")
        .decimal(static_cast<double>(match.score), 2);
    json.key("threshold")
        .decimal(static_cast<double>(match.threshold), 2)
        .key("evidence")
        .begin_array();
    for (std::uint32_t i = match.evidence_begin; i < match.evidence_end; ++i) {
      const Evidence& evidence = input.matches.evidence[i];
      json.begin_object()
          .key("clause")
          .string(evidence.clause)
          .key("field")
          .string(to_string(evidence.span.field));
      json.key("zone").string(to_string(evidence.zone));
      json.key("start")
          .number(code_points(evidence.span, evidence.span.begin))
          .key("end")
          .number(code_points(evidence.span, evidence.span.end));
      json.key("text")
          .string(input.text.source(evidence.span))
          .key("weight")
          .decimal(static_cast<double>(evidence.weight), 2)
          .end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object().end_object();
}

void EventWriter::write_alert(const EventInput& input, const ProfileMatch& match,
                              std::string& out) {
  const Article& article = input.article;
  const Profile& profile = input.profiles.profile(match.profile);
  index_text(input.text);
  JsonWriter json(out);
  json.begin_object().key("id").string(alert_event_id(input, match).view());
  json.key("profile")
      .begin_object()
      .key("id")
      .string(profile.id)
      .key("title")
      .string(profile.title);
  json.key("version").string(profile.version).key("level").string(to_string(profile.level));
  json.member("destination", profile.destination);
  if (profile.cooldown_s > 0) json.key("cooldown_s").number(profile.cooldown_s);
  json.end_object();
  json.key("score")
      .decimal(static_cast<double>(match.score), 2)
      .key("threshold")
      .decimal(static_cast<double>(match.threshold), 2);
  json.key("article").begin_object();
  json.key("uri").string(article.uri).key("version").string(article.version);
  json.member("headline", article.headline);
  json.member("language", article.language);
  json.member("source", article.source);
  json.member("url", is_absolute_uri(article.url) ? article.url : std::string_view());
  json.member("versionCreated", article.version_created);
  json.member("embargoedUntil", article.embargoed_until);
  json.key("pubStatus").string(status_name(article.pub_status));
  json.member("signal", signal_name(article.signal));
  if (article.urgency > 0) json.key("urgency").number(article.urgency);
  json.member("predecessor", article.predecessor_uri);
  json.end_object();
  write_regions(input.regions, json);
  write_topics(input.topics, json);
  json.key("evidence").begin_array();
  for (std::uint32_t i = match.evidence_begin; i < match.evidence_end; ++i) {
    const Evidence& evidence = input.matches.evidence[i];
    json.begin_object()
        .key("clause")
        .string(evidence.clause)
        .key("field")
        .string(to_string(evidence.span.field));
    json.key("zone").string(to_string(evidence.zone));
    json.key("start")
        .number(code_points(evidence.span, evidence.span.begin))
        .key("end")
        .number(code_points(evidence.span, evidence.span.end));
    json.key("text")
        .string(input.text.source(evidence.span))
        .key("weight")
        .decimal(static_cast<double>(evidence.weight), 2)
        .end_object();
  }
  json.end_array().key("rules").string(input.rules_version).end_object();
}

void event_headers(std::string_view type, const EventId& id, std::string_view subject,
                   std::int64_t time_ms, std::string_view traceparent,
                   std::vector<OutHeader>& headers) {
  headers.clear();
  headers.push_back({"ce_specversion", "1.0"});
  headers.push_back({"ce_id", std::string(id.view())});
  headers.push_back({"ce_source", std::string(kEventSource)});
  headers.push_back({"ce_type", std::string(type)});
  if (time_ms >= 0) {
    std::string time;
    append_rfc3339(time_ms, time);
    headers.push_back({"ce_time", std::move(time)});
  }
  headers.push_back({"ce_subject", clean_header(subject, 512)});
  headers.push_back({"content-type", "application/json"});
  if (!traceparent.empty()) headers.push_back({"ce_traceparent", clean_header(traceparent, 64)});
}

void dead_letter_headers(std::string_view reason, std::string_view detail, std::size_t position,
                         const Provenance& provenance, std::vector<OutHeader>& headers) {
  headers.clear();
  headers.push_back({"wirewatch_reason", std::string(reason)});
  headers.push_back({"wirewatch_detail", clean_header(detail, 500)});
  headers.push_back({"wirewatch_position", std::to_string(position)});
  headers.push_back({"wirewatch_source_topic", std::string(provenance.topic)});
  headers.push_back({"wirewatch_source_partition", std::to_string(provenance.partition)});
  headers.push_back({"wirewatch_source_offset", std::to_string(provenance.offset)});
  headers.push_back({"wirewatch_source_timestamp", std::to_string(provenance.timestamp_ms)});
}

}  // namespace wirewatch
