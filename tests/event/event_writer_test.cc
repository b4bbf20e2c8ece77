#include "common/event/event_writer.h"

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "common/text/zone_labeler.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

using simdjson::dom::element;

std::string code_point_slice(std::string_view text, std::int64_t begin, std::int64_t end) {
  std::string out;
  std::int64_t at = -1;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++at;
    if (at >= begin && at < end) out.push_back(c);
  }
  return out;
}

// An article in which one profile matches, with a mention at every "Сеул" of the body.
class EventWriterTest : public testing::Test {
 protected:
  EventWriterTest() {
    ProfileSource source;
    source.id = "seoul";
    source.title = "Seoul \"watch\"";
    source.query = {"сеул", 1, 1};
    profiles_ = *ProfileSet::compile(std::span(&source, 1));
    headline_ = "Сеул and “Tokyo”";
    for (int i = 0; i < 30; ++i) body_ += "Ein Ärgernis für Сеул, sagte 金正恩 gestern dort.\n\n";
    article_.uri = "urn:test:1";
    article_.version = "1";
    article_.headline = headline_;
    article_.body = body_;
    TextAnalyzer().analyze(headline_, body_, text_);
    ZoneLabeler().label(text_);
    for (std::size_t at = body_.find("Сеул"); at != std::string::npos;
         at = body_.find("Сеул", at + 1)) {
      Mention mention;
      mention.country = CountryCode("KR");
      mention.name = "Seoul";
      const auto begin = static_cast<std::uint32_t>(at);
      mention.span = {Field::kBody, begin, begin + 8};
      regions_.mentions.push_back(mention);
    }
    regions_.about.push_back({CountryCode("KR"), 0.75F, 30});
    ProfileMatcher(profiles_).match({text_, article_, regions_, topics_}, scratch_, matches_);
  }
  [[nodiscard]] EventInput input() const {
    return {article_, text_, regions_, topics_, profiles_, matches_, "rules-1"};
  }

  std::string headline_;
  std::string body_;
  Article article_;
  ArticleText text_;
  RegionResult regions_;
  TopicResult topics_;
  ProfileSet profiles_;
  ProfileScratch scratch_;
  ProfileMatches matches_;
};

TEST_F(EventWriterTest, OffsetsCountCodePointsOfTheEventsOwnText) {
  EventWriter writer;
  std::string out;
  writer.begin(input());
  writer.write_enriched(out);
  simdjson::dom::parser parser;
  const element event = parser.parse(out);
  const std::string_view body = event["article"]["bodies"].at(0)["value"];
  EXPECT_EQ(body, body_);
  std::size_t count = 0;
  for (const element mention : event["enrichment"]["mentions"]) {
    EXPECT_EQ(code_point_slice(body, mention["start"], mention["end"]), "Сеул");
    EXPECT_EQ(std::string_view(mention["text"]), "Сеул");
    ++count;
  }
  EXPECT_EQ(count, 30U);
  const std::string_view headline = event["article"]["headlines"].at(0)["value"];
  const element evidence = event["enrichment"]["matches"].at(0)["evidence"].at(0);
  EXPECT_EQ(std::string_view(evidence["field"]), "headline");
  EXPECT_EQ(code_point_slice(headline, evidence["start"], evidence["end"]), "Сеул");
  const auto last = static_cast<std::size_t>(code_point_slice(body, 0, 1'000'000).size());
  EXPECT_EQ(last, body.size());
  EXPECT_EQ(code_point_slice(body, 0, event["article"]["bodies"].at(0)["charCount"]), body);
}

TEST_F(EventWriterTest, AlertTellsWhatTheEnrichedEventTells) {
  EventWriter writer;
  std::string enriched;
  std::string alert;
  writer.begin(input());
  writer.write_enriched(enriched);
  writer.write_alert(0, alert);
  simdjson::dom::parser first;
  simdjson::dom::parser second;
  const element whole = first.parse(enriched);
  const element one = second.parse(alert);
  EXPECT_EQ(simdjson::to_string(one["regions"]),
            simdjson::to_string(whole["enrichment"]["regions"]));
  EXPECT_EQ(simdjson::to_string(one["evidence"]),
            simdjson::to_string(whole["enrichment"]["matches"].at(0)["evidence"]));
  EXPECT_EQ(std::string_view(one["profile"]["title"]), "Seoul \"watch\"");
  EXPECT_EQ(std::string_view(one["id"]), writer.alert_id(0).view());
  EXPECT_NE(writer.alert_id(0).view(), writer.enriched_id().view());
}

TEST_F(EventWriterTest, IdsComeFromUriVersionAndText) {
  EventWriter writer;
  writer.begin(input());
  const std::string id(writer.enriched_id().view());
  writer.begin(input());
  EXPECT_EQ(writer.enriched_id().view(), id);
  article_.version = "2";
  writer.begin(input());
  EXPECT_NE(writer.enriched_id().view(), id);
}

// Consumers drop the ids that they have seen: a kill of the same version and text must not be among
// them.
TEST_F(EventWriterTest, AStatusOfItsOwnHasIdsOfItsOwn) {
  EventWriter writer;
  std::set<std::string> ids;
  const auto add_ids = [&] {
    writer.begin(input());
    ids.emplace(writer.enriched_id().view());
    ids.emplace(writer.alert_id(0).view());
  };
  add_ids();
  article_.embargoed_until = "2026-12-01T00:00:00Z";
  add_ids();
  article_.embargoed_until = {};
  article_.pub_status = PubStatus::kWithheld;
  add_ids();
  article_.pub_status = PubStatus::kCanceled;
  article_.signal = Signal::kKill;
  add_ids();
  article_.pub_status = PubStatus::kUsable;
  article_.signal = Signal::kCorrection;
  add_ids();
  EXPECT_EQ(ids.size(), 10U);
  add_ids();
  EXPECT_EQ(ids.size(), 10U) << "a repeat";
}

TEST_F(EventWriterTest, AddressesAreUris) {
  EventWriter writer;
  const auto enriched = [&] {
    std::string out;
    writer.begin(input());
    writer.write_enriched(out);
    return out;
  };
  article_.source = "Wire";
  article_.source_uri = "https://wire.example";
  article_.url = "https://wire.example/1";
  EXPECT_NE(enriched().find(R"("uri":"https://wire.example"})"), std::string::npos);
  EXPECT_NE(enriched().find(R"("href":"https://wire.example/1")"), std::string::npos);
  for (const char* none : {"12:30", "wire.example/1", "CNN: \"live\"", "x:<a>"}) {
    article_.source_uri = none;
    article_.url = none;
    EXPECT_EQ(enriched().find("renditions"), std::string::npos) << none;
    EXPECT_NE(enriched().find(R"("infoSources":[{"name":"Wire"}])"), std::string::npos) << none;
  }
}

// What is written of a place is kept and copied, in fewer slots than there are places here.
TEST_F(EventWriterTest, EveryMentionTellsOfItsOwnPlace) {
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) names.push_back("Place \"" + std::to_string(i) + "\"");
  names.emplace_back(500, 'x');  // Too long to be kept.
  const Mention one = regions_.mentions[0];
  regions_.mentions.clear();
  for (std::size_t i = 0; i < 2 * names.size(); ++i) {
    Mention& mention = regions_.mentions.emplace_back(one);
    mention.name = names[i / 2];
    mention.kind = i % 2 == 0 ? PlaceKind::kCity : PlaceKind::kSite;
    mention.geonames_id = static_cast<std::uint32_t>(i);
  }
  EventWriter writer;
  for (int round = 0; round < 2; ++round) {
    std::string out;
    writer.begin(input());
    writer.write_enriched(out);
    simdjson::dom::parser parser;
    std::size_t at = 0;
    for (const element mention : parser.parse(out)["enrichment"]["mentions"]) {
      EXPECT_EQ(std::string_view(mention["name"]), names[at / 2]);
      EXPECT_EQ(std::string_view(mention["kind"]), at % 2 == 0 ? "city" : "site");
      if (at > 0) {
        EXPECT_EQ(std::uint64_t(mention["geonames_id"]), at);
      }
      ++at;
    }
    EXPECT_EQ(at, 2 * names.size());
  }
}

// Another gazetteer may keep another name where one was kept.
TEST_F(EventWriterTest, OtherRulesHaveOtherPlaces) {
  std::string name = "Seoul";
  for (Mention& mention : regions_.mentions) mention.name = name;
  EventWriter writer;
  const auto first_name = [&](std::string_view rules) {
    std::string out;
    writer.begin({article_, text_, regions_, topics_, profiles_, matches_, rules});
    writer.write_enriched(out);
    simdjson::dom::parser parser;
    return std::string(std::string_view(parser.parse(out)["enrichment"]["mentions"].at(0)["name"]));
  };
  EXPECT_EQ(first_name("rules-1"), "Seoul");
  name.replace(0, name.size(), "Busan");
  EXPECT_EQ(first_name("rules-2"), "Busan");
}

TEST_F(EventWriterTest, AllocatesNothingOnceGrown) {
  EventWriter writer;
  std::string enriched;
  std::string alert;
  for (int round = 0; round < 3; ++round) {
    enriched.clear();
    alert.clear();
    const std::size_t before = allocation_count();
    writer.begin(input());
    writer.write_enriched(enriched);
    writer.write_alert(0, alert);
    if (round > 0) {
      EXPECT_EQ(allocation_count(), before);
    }
  }
}

std::string value_of(const std::vector<OutHeader>& headers, std::string_view key) {
  for (const OutHeader& header : headers) {
    if (header.key == key) return header.value;
  }
  return "none";
}

TEST(EventHeadersTest, AreThoseOfTheLastEventAlone) {
  const EventId id{"0123456789abcdef0123456789abcde"};
  std::vector<OutHeader> headers;
  constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event_headers(kEnrichedType, id, "urn:a:\nlong", 0, kTrace, headers);
  EXPECT_EQ(headers.size(), 8U);
  EXPECT_EQ(value_of(headers, "ce_subject"), "urn:a: long");
  EXPECT_EQ(value_of(headers, "ce_time"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(value_of(headers, "ce_traceparent"), kTrace);
  event_headers(kAlertType, id, "b", -1, "", headers);
  EXPECT_EQ(headers.size(), 6U);
  EXPECT_EQ(value_of(headers, "ce_type"), kAlertType);
  EXPECT_EQ(value_of(headers, "ce_subject"), "b");
  EXPECT_EQ(value_of(headers, "ce_time"), "none");
  dead_letter_headers("no_text", "why", 7, {"raw", 3, 1041, -1}, headers);
  EXPECT_EQ(headers.size(), 7U);
  EXPECT_EQ(value_of(headers, "wirewatch_position"), "7");
  EXPECT_EQ(value_of(headers, "wirewatch_source_offset"), "1041");
  EXPECT_EQ(value_of(headers, "wirewatch_source_timestamp"), "-1");
}

// Headers of input are bytes of any kind, and attributes of CloudEvents are not.
TEST(EventHeadersTest, ATraceThatIsNoneEndsHere) {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::pair<std::string, std::string> rows[] = {
      {"cc" + good.substr(2) + "-more", "cc" + good.substr(2)},
      {"\xFF\xFE\n", "none"},
      {"00-trace", "none"},
      {good + "-more", "none"},
      {good + "x", "none"},
      {"ff" + good.substr(2), "none"},
      {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "none"},
      {"00-00000000000000000000000000000000-b7ad6b7169203331-01", "none"},
      {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "none"},
      {std::string(55, '0'), "none"},
  };
  std::vector<OutHeader> headers;
  for (const auto& [given, taken] : rows) {
    event_headers(kEnrichedType, EventId{}, "b", 0, given, headers);
    EXPECT_EQ(value_of(headers, "ce_traceparent"), taken) << given;
  }
}

TEST(EventHeadersTest, AreCutBetweenCharacters) {
  const EventId id{};
  std::vector<OutHeader> headers;
  event_headers(kEnrichedType, id, std::string(511, 'x') + "é", 0, "", headers);
  EXPECT_EQ(value_of(headers, "ce_subject"), std::string(511, 'x'));
}

// CloudEvents forbids them in attributes: U+0000 to U+001F, and U+007F to U+009F.
TEST(EventHeadersTest, HaveNoControlCharacters) {
  const EventId id{};
  std::vector<OutHeader> headers;
  event_headers(kEnrichedType, id, "a\tb\x7F c\u0092d\u009F\u00A0é\u0080", 0, "", headers);
  EXPECT_EQ(value_of(headers, "ce_subject"), "a b  c d \u00A0é ");
}

TEST(EventHeadersTest, AllocateNothingOnceGrown) {
  const EventId id{};
  const std::string subject(100, 's');
  std::vector<OutHeader> headers;
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = allocation_count();
    event_headers(kEnrichedType, id, subject, 1'700'000'000'000, "", headers);
    event_headers(kAlertType, id, subject, 1'700'000'000'000, "", headers);
    if (round > 0) {
      EXPECT_EQ(allocation_count(), before);
    }
  }
}

}  // namespace
}  // namespace wirewatch
