#include "common/article/article_parser.h"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "common/article/cloud_event.h"
#include "common/article/date_time.h"
#include "common/article/html_to_text.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

struct FormatCase {
  const char* name;
  std::string message;
  ArticleFormat format;
  const char* headline;
  const char* body;
  const char* uri;
};
void PrintTo(const FormatCase& c, std::ostream* out) {
  *out << c.name;
}

class Formats : public testing::TestWithParam<FormatCase> {};

TEST_P(Formats, AreRecognised) {
  ArticleParser parser;
  Article article;
  const auto parsed = parser.parse(GetParam().message, article);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(article.format, GetParam().format);
  EXPECT_EQ(article.headline, GetParam().headline);
  EXPECT_EQ(article.body, GetParam().body);
  EXPECT_EQ(article.uri, GetParam().uri);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Formats,
    testing::Values(
        FormatCase{
            "ninjs3",
            R"({"uri":"urn:a:1","versionCreated":"2026-11-20T01:02:03Z","headlines":[{"value":"Head"}],"bodies":[{"contentType":"text/html","value":"<p>H</p>"},{"contentType":"text/plain","value":"Plain\ntext"}]})",
            ArticleFormat::kNinjs3, "Head", "Plain\ntext", "urn:a:1"},
        FormatCase{
            "ninjs2",
            R"({"uri":"urn:a:2","versioncreated":"2026-11-20T01:02:03Z","headlines":[{"value":"Head"}],"bodies":[{"contenttype":"text/html","value":"<p>One</p><p>Two &amp; three</p>"}]})",
            ArticleFormat::kNinjs2, "Head", "One\n\nTwo & three", "urn:a:2"},
        FormatCase{
            "ninjs1",
            R"({"uri":"urn:a:3","headline":"Head","body_html":"<p>x</p>","body_text":"y","versioncreated":"2026-11-20T01:02:03Z"})",
            ArticleFormat::kNinjs1, "Head", "y", "urn:a:3"},
        FormatCase{
            "superdesk",
            R"({"guid":"urn:newsml:localhost:4","headline":"Head","body_html":"<p>x<br/>y</p>","service":[{"name":"a"}]})",
            ArticleFormat::kNinjs1, "Head", "x\ny", "urn:newsml:localhost:4"},
        FormatCase{
            "flat",
            R"({"title":"Head","content":"a  b","url":"https://example.org/x","source":{"name":"S"}})",
            ArticleFormat::kFlat, "Head", "a  b", "https://example.org/x"},
        FormatCase{
            "flat_html",
            R"({"title":"Head","content":"<div>a</div><script>no()</script><div>b</div>","id":"17"})",
            ArticleFormat::kFlat, "Head", "a\n\nb", "urn:wirewatch:article:0403e4d582613db7"},
        FormatCase{
            "cloud_event",
            R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"title":"Head","text":"b","url":"https://e.org/1"}})",
            ArticleFormat::kFlat, "Head", "b", "https://e.org/1"},
        FormatCase{
            "cloud_event_base64",
            R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"eyJ0aXRsZSI6IkgiLCJ0ZXh0IjoiYiIsInVybCI6Imh0dHBzOi8vZS5vcmcvMSJ9"})",
            ArticleFormat::kFlat, "H", "b", "https://e.org/1"},
        FormatCase{
            "cloud_event_names_the_article",
            R"({"specversion":"1.0","id":"1","source":"/s","subject":"urn:a:7","type":"t","data":{"title":"H","text":"b"}})",
            ArticleFormat::kFlat, "H", "b", "urn:a:7"},
        FormatCase{
            "paragraphs_in_an_array",
            R"({"title":"H","text":["One.",{"text":"Two."},"",null],"url":"https://e.org/1"})",
            ArticleFormat::kFlat, "H", "One.\n\nTwo.", "https://e.org/1"},
        FormatCase{"html_in_an_array",
                   R"({"title":"H","body_html":["<p>One.</p>","<p>Two.</p>"],"guid":"urn:a:1"})",
                   ArticleFormat::kNinjs1, "H", "One.\n\nTwo.", "urn:a:1"},
        FormatCase{
            "references_in_plain_text",
            R"({"title":"AT&amp;T &#8217;s","text":"a &amp; b\nR&D","url":"https://e.org/1"})",
            ArticleFormat::kFlat, "AT&T \u2019s", "a & b\nR&D", "https://e.org/1"},
        FormatCase{
            "references_that_were_escaped_themselves",
            R"({"title":"AT&amp;amp;T &amp;#8217;s","text":"a &amp;lt; b","url":"https://e.org/1"})",
            ArticleFormat::kFlat, "AT&T \u2019s", "a < b", "https://e.org/1"},
        FormatCase{
            "markup_that_is_escaped",
            R"({"title":"H","text":"&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b &amp;amp; c&lt;/p&gt;","url":"https://e.org/1"})",
            ArticleFormat::kFlat, "H", "a\n\nb & c", "https://e.org/1"},
        FormatCase{
            "the_first_name_that_is_a_uri",
            R"({"uri":"/2026/1","id":"urn:a:9","title":"H","text":"b","url":"https://e.org/1"})",
            ArticleFormat::kFlat, "H", "b", "urn:a:9"},
        FormatCase{"first_duplicate_wins",
                   R"({"title":"One","title":"Two","text":"b","url":"https://e.org/1"})",
                   ArticleFormat::kFlat, "One", "b", "https://e.org/1"},
        FormatCase{"byte_order_mark",
                   "\xEF\xBB\xBF{\"title\":\"One\",\"text\":\"b\",\"url\":\"https://e.org/1\"}",
                   ArticleFormat::kFlat, "One", "b", "https://e.org/1"},
        FormatCase{"lone_high_surrogate",
                   R"({"title":"A \ud83d cut","text":"b","url":"https://e.org/1"})",
                   ArticleFormat::kFlat, "A \xEF\xBF\xBD cut", "b", "https://e.org/1"},
        FormatCase{"lone_low_surrogate_at_the_end",
                   R"({"title":"A \udc00","text":"b","url":"https://e.org/1"})",
                   ArticleFormat::kFlat, "A \xEF\xBF\xBD", "b", "https://e.org/1"},
        FormatCase{"pair_survives_beside_a_lone_one",
                   R"({"title":"\ud83d\ude00 \ud83d","text":"b","url":"https://e.org/1"})",
                   ArticleFormat::kFlat, "\xF0\x9F\x98\x80 \xEF\xBF\xBD", "b", "https://e.org/1"},
        FormatCase{"nul_escape", R"({"title":"A\u0000B","text":"b","url":"https://e.org/1"})",
                   ArticleFormat::kFlat,
                   "A\xEF\xBF\xBD"
                   "B",
                   "b", "https://e.org/1"}),
    [](const testing::TestParamInfo<FormatCase>& row) { return std::string(row.param.name); });

struct DeadCase {
  const char* name;
  std::string message;
  ParseErrorReason reason;
};
void PrintTo(const DeadCase& c, std::ostream* out) {
  *out << c.name;
}

class Dead : public testing::TestWithParam<DeadCase> {};

TEST_P(Dead, HasAReason) {
  ArticleParser parser({.message_bytes_max = 1 << 16});
  Article article;
  const auto parsed = parser.parse(GetParam().message, article);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(to_string(parsed.error().reason), to_string(GetParam().reason))
      << parsed.error().detail;
  EXPECT_FALSE(parsed.error().detail.empty());
}

std::string nested(std::size_t depth) {
  return "{\"title\":\"a\",\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}
// The member of this name holds arrays in arrays.
std::string nested_field(std::string_view name, std::size_t depth) {
  return "{\"" + std::string(name) + "\":" + std::string(depth, '[') + "\"a\"" +
         std::string(depth, ']') + ",\"text\":\"a\"}";
}

INSTANTIATE_TEST_SUITE_P(
    Table, Dead,
    testing::Values(
        DeadCase{"tombstone", "", ParseErrorReason::kEmpty},
        DeadCase{"white_space", " \n ", ParseErrorReason::kEmpty},
        DeadCase{"truncated", R"({"title":"a","text":"b)", ParseErrorReason::kInvalidJson},
        DeadCase{"trailing", R"({"title":"a"} x)", ParseErrorReason::kInvalidJson},
        DeadCase{"two_objects", R"({"title":"a"}{"title":"b"})", ParseErrorReason::kInvalidJson},
        DeadCase{"array", R"([{"title":"a"}])", ParseErrorReason::kNotAnObject},
        DeadCase{"string", R"("a")", ParseErrorReason::kNotAnObject},
        DeadCase{"empty_object", "{}", ParseErrorReason::kNoText},
        DeadCase{"no_text", R"({"title":"123","text":" "})", ParseErrorReason::kNoText},
        DeadCase{"invalid_utf8", "{\"title\":\"a\xFF\"}", ParseErrorReason::kInvalidUtf8},
        DeadCase{"raw_nul", std::string("{\"title\":\"a\0b\"}", 15),
                 ParseErrorReason::kInvalidJson},
        DeadCase{"not_a_number", R"({"title":"a","x":NaN})", ParseErrorReason::kInvalidJson},
        DeadCase{"begins_like_null", R"({"title":"a","x":nt})", ParseErrorReason::kInvalidJson},
        DeadCase{"begins_like_null_in_a_field", R"({"title":"a","text":nul,"source":[n]})",
                 ParseErrorReason::kInvalidJson},
        DeadCase{"begins_like_true", R"({"title":"a","x":[tru]})", ParseErrorReason::kInvalidJson},
        DeadCase{"depth_bomb", nested(2000), ParseErrorReason::kNestingTooDeep},
        // Fields that are read are walked by other functions than those that are not.
        DeadCase{"depth_bomb_in_a_headline", nested_field("title", 20'000),
                 ParseErrorReason::kNestingTooDeep},
        DeadCase{"depth_bomb_in_a_body", nested_field("text", 20'000),
                 ParseErrorReason::kNestingTooDeep},
        DeadCase{"depth_bomb_in_a_source", nested_field("source", 20'000),
                 ParseErrorReason::kNestingTooDeep},
        DeadCase{"depth_bomb_in_headlines", nested_field("headlines", 20'000),
                 ParseErrorReason::kNestingTooDeep},
        DeadCase{"depth_bomb_in_subjects", nested_field("subjects", 20'000),
                 ParseErrorReason::kNestingTooDeep},
        DeadCase{"picture",
                 R"({"uri":"urn:x:1","type":"picture","headline":"a","versioncreated":"x"})",
                 ParseErrorReason::kTypeNotText},
        DeadCase{"too_large", std::string(1 << 17, ' '), ParseErrorReason::kTooLarge}),
    [](const testing::TestParamInfo<DeadCase>& row) { return std::string(row.param.name); });

TEST(ArticleParser, AnErrorSaysWhereItIs) {
  const std::pair<std::string, std::size_t> rows[] = {
      {R"({"title":"a","text":"b)", 22},       // Cut in a string: the end.
      {R"({"title":"a","text":["b")", 24},     // … and in an array.
      {R"({"title":"a"} {"title":"b"})", 14},  // Where the second begins.
      {R"({"title":"a"} xx)", 14},
      {R"({"title":"a","x":NaN,"text":"b"})", 17},
      {"{\"title\":\"a\xFF\"}", 11},
      {"\xEF\xBB\xBF{\"title\":\"a\xFF\"}", 14},  // The mark counts.
      {R"({"title":]  )", 0},                     // Nothing follows the bracket that ends nothing.
      {"{\"title\":\"a\",\n\"text\":\"b \\\" \n\"}", 27},  // A line break in a string, as it is.
  };
  ArticleParser parser;
  Article article;
  for (const auto& [message, position] : rows) {
    const auto parsed = parser.parse(message, article);
    ASSERT_FALSE(parsed) << message;
    EXPECT_EQ(parsed.error().position, position) << message << ": " << parsed.error().detail;
  }
  EXPECT_NE(parser.parse(R"({"title":"a"} {"title":"b"})", article).error().detail.find("follows"),
            std::string::npos);
  EXPECT_EQ(parser.parse("{\"title\":\"a\tb\"}", article).error().detail,
            "A control character (U+0009) stands in a string as it is; write it as an escape.");
}

TEST(ArticleParser, CloudEventSaysWhatTheArticleDoesNot) {
  ArticleParser parser;
  Article article;
  const std::string bare = R"({"title":"h","text":"b"})";
  ASSERT_TRUE(parser.parse(
      bare, article,
      {.id = "1", .source = "/s", .subject = "urn:a:7", .time = "2026-11-20T01:02:03Z"}));
  EXPECT_EQ(article.uri, "urn:a:7");
  EXPECT_EQ(article.version_created, "2026-11-20T01:02:03Z");
  // Without a URI a name of the event: the same for the same id of the same source.
  const auto uri_of = [&](const CloudEventAttributes& event) {
    EXPECT_TRUE(parser.parse(bare, article, event));
    return std::string(article.uri);
  };
  EXPECT_EQ(uri_of({.id = "1", .source = "/s"}), uri_of({.id = "1", .source = "/s", .time = "x"}));
  EXPECT_NE(uri_of({.id = "1", .source = "/s"}), uri_of({.id = "2", .source = "/s"}));
  EXPECT_NE(uri_of({.id = "1", .source = "/s"}), uri_of({.id = "1", .source = "/t"}));
  // What the article says itself counts.
  ASSERT_TRUE(parser.parse(
      R"({"uri":"urn:a:1","title":"h","published":"2026-01-01T00:00:00Z"})", article,
      {.id = "1", .source = "/s", .subject = "urn:a:7", .time = "2026-11-20T01:02:03Z"}));
  EXPECT_EQ(article.uri, "urn:a:1");
  EXPECT_EQ(article.version_created, "2026-01-01T00:00:00Z");
}

TEST(ArticleParser, ALanguageIsATagOfBcp47) {
  ArticleParser parser;
  Article article;
  for (const auto& [given, taken] :
       {std::pair(R"("en")", "en"), std::pair(R"("EN_us")", "en-US"), std::pair(R"("eng")", "en"),
        std::pair(R"("English")", "en"), std::pair(R"(["pt_BR"])", "pt-BR"),
        std::pair(R"({"code":"de","name":"German"})", "de"), std::pair(R"("und")", ""),
        std::pair("7", ""), std::pair(R"("")", "")}) {
    ASSERT_TRUE(parser.parse(std::string(R"({"title":"h","language":)") + given + "}", article));
    EXPECT_EQ(article.language, taken) << given;
  }
}

// Readers of dead letters are promised every reason there is.
TEST(ParseErrorReason, AsyncApiNamesAll) {
  std::ifstream file(WIREWATCH_SOURCE_DIR "/deploy/schemas/asyncapi.yaml");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t begin = text.find("wirewatch_reason: {");
  ASSERT_NE(begin, std::string::npos);
  const std::string promised = text.substr(begin, text.find('}', begin) - begin);
  for (std::size_t i = 0; i < kParseErrorReasonCount; ++i) {
    const std::string_view name = to_string(static_cast<ParseErrorReason>(i));
    EXPECT_NE(promised.find(name), std::string::npos) << name;
  }
}

TEST(ArticleParser, EveryTruncationIsAnErrorAndNoCrash) {
  const std::string message =
      R"({"uri":"urn:a:1","headlines":[{"value":"H\ud83d\ude00"}],"bodies":[{"value":"b"}],"subjects":[{"name":"x"}],"urgency":3})";
  ArticleParser parser;
  Article article;
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parser.parse(message.substr(0, size), article)) << size;
  }
  EXPECT_TRUE(parser.parse(message, article));
}

TEST(ArticleParser, CountsReplacedCharacters) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"title":"\ud83d x \u0000","text":"b"})", article));
  EXPECT_EQ(article.replaced_characters, 2U);
}

TEST(ArticleParser, TranslatesFields) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(
      R"({"uri":"urn:a:1","headline":"CORRECTED: Head","body_text":"b","versioncreated":"2026-11-20T01:02:03Z","embargoed":"2026-12-01T00:00:00Z","pubstatus":"usable","urgency":2,"subject":[{"name":"politics","code":"11000000","scheme":"x"}],"infosource":[{"name":"Wire"}],"evolvedfrom":"urn:a:0","language":"en"})",
      article));
  EXPECT_EQ(article.signal, Signal::kCorrection);
  EXPECT_EQ(article.version_created_ms, 1795136523000);
  EXPECT_EQ(article.embargoed_until, "2026-12-01T00:00:00Z");
  EXPECT_EQ(article.urgency, 2);
  EXPECT_EQ(article.source, "Wire");
  EXPECT_EQ(article.predecessor_uri, "urn:a:0");
  ASSERT_EQ(article.carried.size(), 1U);
  EXPECT_EQ(article.carried[0].name, "subjects");
  EXPECT_EQ(article.carried[0].json, R"([{"name":"politics","literal":"11000000"}])");
}

TEST(ArticleParser, LabelsAreTheNamesOfPlacesSubjectsAndKeywords) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(
      R"({"title":"t","text":"b","keywords":["Spain","floods"],"places":[{"name":"Valencia"}]})",
      article));
  const std::vector<std::string_view> all = {"Spain", "floods", "Valencia"};
  EXPECT_EQ(article.labels, all);
  ASSERT_TRUE(parser.parse(R"({"title":"t","text":"b","section":"Kenya"})", article));
  EXPECT_EQ(article.labels, std::vector<std::string_view>{"Kenya"});
  std::string many = R"({"title":"t","text":"b","keywords":"k)";
  for (int i = 0; i < 100; ++i) many += ",k" + std::to_string(i);
  ASSERT_TRUE(parser.parse(many + "\"}", article));
  EXPECT_EQ(article.labels.size(), Article::kLabelMax);
}

// All subjects that the parser carries along, as JSON.
std::string subjects_of(std::string_view message) {
  ArticleParser parser;
  Article article;
  EXPECT_TRUE(parser.parse(message, article));
  std::string all;
  for (const CarriedProperty& property : article.carried) {
    if (property.name == "subjects") all.append(property.json);
  }
  return all;
}

TEST(ArticleParser, WhatAFeedSaysOfItsSubjectsIsKept) {
  EXPECT_EQ(
      subjects_of(R"({"headline":"H","subject":[{"code":"medtop:20000065","name":"unrest"}]})"),
      R"([{"uri":"http://cv.iptc.org/newscodes/mediatopic/20000065","name":"unrest"}])");
  EXPECT_EQ(subjects_of(R"({"headlines":[{"value":"H"}],"subjects":[{"name":"a","confidence":77,)"
                        R"("relevance":0},{"name":"b","confidence":101,"relevance":1.5}]})"),
            R"([{"name":"a","confidence":77,"relevance":0},{"name":"b"}])");
  EXPECT_EQ(subjects_of(R"({"title":"H","keywords":"storm, sea;, 7","tags":["x",{"name":"y"},3],)"
                        R"("category":{"name":"Sport","url":"https://s.example/sport"},)"
                        R"("section":"World","author":{"tags":["no"]}})"),
            R"([{"name":"storm"},{"name":"sea"}][{"name":"x"},{"name":"y"}])"
            R"([{"name":"Sport","uri":"https://s.example/sport"}][{"name":"World"}])");
  EXPECT_EQ(subjects_of(R"({"title":"H","tags":[],"categories":[7,8],"keywords":null})"), "");
}

TEST(ArticleParser, CanceledIsAKill) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"uri":"urn:a:1","headline":"x","pubstatus":"cancelled"})", article));
  EXPECT_EQ(article.pub_status, PubStatus::kCanceled);
  EXPECT_EQ(article.signal, Signal::kKill);
}

TEST(ArticleParser, TermsMayHaveASchemeAndNumbersAFraction) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"headline":"x","urgency":3.0,)"
                           R"("pubStatus":"http://cv.iptc.org/newscodes/pubstatusg2/canceled"})",
                           article));
  EXPECT_EQ(article.urgency, 3);
  EXPECT_EQ(article.pub_status, PubStatus::kCanceled);
  ASSERT_TRUE(
      parser.parse(R"({"headline":"x","urgency":3.5,"pubStatus":"stat:withheld"})", article));
  EXPECT_EQ(article.urgency, 0);
  EXPECT_EQ(article.pub_status, PubStatus::kWithheld);
}

// Superdesk has a list of them, content warnings among them.
TEST(ArticleParser, OfSeveralSignalsTheGravestCounts) {
  const std::pair<const char*, Signal> rows[] = {
      {R"(["update","kill"])", Signal::kKill},
      {R"([{"name":"Content Warning"},{"name":"Correction"}])", Signal::kCorrection},
      {R"([{"name":"Update"},{"name":"Correction"},{"name":"Repeat"}])", Signal::kCorrection},
      {R"(["repeat","update"])", Signal::kRepeat},
      {R"([{"uri":"http://cv.iptc.org/newscodes/signal/correction"}])", Signal::kCorrection},
      {R"({"code":"sig:update"})", Signal::kUpdate},
      {R"("KILL")", Signal::kKill},
      {R"([[],{},7,null])", Signal::kNone},
      {"[]", Signal::kNone},
  };
  ArticleParser parser;
  Article article;
  for (const auto& [signal, expected] : rows) {
    ASSERT_TRUE(parser.parse(std::string(R"({"title":"x","signal":)") + signal + "}", article));
    EXPECT_EQ(article.signal, expected) << signal;
  }
}

TEST(ArticleParser, HeadlinesTellSignals) {
  const std::pair<const char*, Signal> rows[] = {
      {"KILL KILL KILL: Quake in Chile", Signal::kKill},
      {"KILL: Quake in Chile", Signal::kKill},
      {"STORY WITHDRAWN", Signal::kKill},
      {"WITHDRAWN: Quake in Chile", Signal::kKill},
      {"CORRECTED-UPDATE 1-Quake in Chile", Signal::kCorrection},
      {"UPDATE 2-Quake in Chile", Signal::kUpdate},
      {"(LEAD) Quake in Chile", Signal::kUpdate},
      {"KILL BILL RETURNS TO CINEMAS", Signal::kNone},
      {"KILL-JOY LAW PASSES", Signal::kNone},
      {"WITHDRAWN TROOPS RETURN HOME", Signal::kNone},
      {"UPDATE ON QUAKE IN CHILE", Signal::kNone},
  };
  ArticleParser parser;
  Article article;
  for (const auto& [headline, signal] : rows) {
    ASSERT_TRUE(parser.parse(R"({"text":"b","title":")" + std::string(headline) + "\"}", article));
    EXPECT_EQ(article.signal, signal) << headline;
  }
}

TEST(ArticleParser, AnEmptyFieldMayHaveASecondName) {
  ArticleParser parser;
  Article article;
  const std::string message =
      R"({"title":null,"headline":"h","text":"b","url":"","link":"https://e.org/1","source":null,)"
      R"("publisher":{"name":"P"},"language":null,"lang":"en","published_at":null,)"
      R"("date":"2026-11-20","author":[],"byline":"Jo Doe","subject":null,"subjects":["s"]})";
  ASSERT_TRUE(parser.parse(message, article));
  EXPECT_EQ(article.url, "https://e.org/1");
  EXPECT_EQ(article.source, "P");
  EXPECT_EQ(article.language, "en");
  EXPECT_EQ(article.version_created, "2026-11-20T00:00:00Z");
  EXPECT_EQ(article.byline, "Jo Doe");
  // The first that says something counts.
  ASSERT_TRUE(parser.parse(R"({"title":"a","text":"b","lang":"en","language":"de"})", article));
  EXPECT_EQ(article.language, "en");
}

TEST(ArticleParser, FieldMapReadsDottedPaths) {
  ArticleParserOptions options;
  options.field_map = {{"payload.story.head", "headline"}, {"payload.story.copy", "body"}};
  ArticleParser parser(options);
  Article article;
  ASSERT_TRUE(
      parser.parse(R"({"payload":{"x":[1,{"y":2}],"story":{"head":"H","copy":"B"}}})", article));
  EXPECT_EQ(article.headline, "H");
  EXPECT_EQ(article.body, "B");
}

// Whatever else a message has, and in whatever order: who maps a path means it.
TEST(ArticleParser, FieldMapCountsBeforeBuiltInNames) {
  const std::string others =
      R"("headlines":[{"value":"h"}],"title":"h","bodies":[{"value":"b"}],"body_text":"b",)"
      R"("text":"b","body_html":"b","descriptions":[{"value":"s"}],"summary":"s",)"
      R"("infoSources":[{"name":"n"}],"source":"n")";
  ArticleParserOptions options;
  options.field_map = {{"m.h", "headline"}, {"m.b", "body"},   {"m.x", "body_html"},
                       {"m.s", "summary"},  {"m.n", "source"}, {"m.o", "headline"}};
  ArticleParser parser(options);
  Article article;
  const std::string mapped = R"("m":{"h":"H","b":"1 <b","s":"S","n":"N"})";
  for (const std::string& message :
       {"{" + mapped + "," + others + "}", "{" + others + "," + mapped + "}"}) {
    ASSERT_TRUE(parser.parse(message, article));
    EXPECT_EQ(article.headline, "H") << message;
    EXPECT_EQ(article.body, "1 <b") << message;
    EXPECT_EQ(article.summary, "S") << message;
    EXPECT_EQ(article.source, "N") << message;
  }
  ASSERT_TRUE(parser.parse(R"({"text":"b","m":{"x":"<p>X &amp; <i>y</i></p>"}})", article));
  EXPECT_EQ(article.body, "X & y");
  for (const std::string body : {R"("x":"<p>X</p>","b":"B")", R"("b":"B","x":"<p>X</p>")"}) {
    ASSERT_TRUE(parser.parse("{\"m\":{" + body + "}}", article));
    EXPECT_EQ(article.body, "B") << body;  // Plain before HTML, as elsewhere.
  }
  // Of duplicates, and of several paths, the first that says something.
  ASSERT_TRUE(parser.parse(R"({"m":{"o":""},"m":{"h":"H"},"m":{"o":"O"}})", article));
  EXPECT_EQ(article.headline, "H");
}

// Python's json.dumps, for one, writes ASCII alone unless told otherwise.
TEST(ArticleParser, NamesMayBeWrittenInEscapes) {
  ArticleParserOptions options;
  options.field_map = {{"título", "headline"}, {"año.texto", "body"}};
  ArticleParser parser(options);
  Article article;
  ASSERT_TRUE(
      parser.parse(R"({"t\u00edtulo":"H","a\u00F1o":{"texto":"B"},"\u006cang":"es"})", article));
  EXPECT_EQ(article.headline, "H");
  EXPECT_EQ(article.body, "B");
  EXPECT_EQ(article.language, "es");
  // A lone surrogate in a name costs a character there, too.
  ASSERT_TRUE(parser.parse(R"({"x\ud83d":1,"title":"h"})", article));
  EXPECT_EQ(article.replaced_characters, 1U);
}

TEST(ArticleParser, CutsLongTextAtACharacter) {
  ArticleParser parser({.text_bytes_max = 1024});
  Article article;
  std::string text(1023, 'a');
  text += "é";
  ASSERT_TRUE(parser.parse("{\"title\":\"h\",\"text\":\"" + text + "\"}", article));
  EXPECT_EQ(article.body.size(), 1023U);
  EXPECT_TRUE(article.text_cut);
}

TEST(ArticleParser, AllocatesNothingOnceBuffersHaveGrown) {
  ArticleParser parser;
  Article article;
  const std::string message =
      R"({"uri":"urn:a:1","versioncreated":"2026-11-20T01:02:03Z","headlines":[{"value":"Head"}],"bodies":[{"contenttype":"text/html","value":"<p>One</p><p>Two &amp; three</p>"}],"subjects":[{"name":"x"}]})";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(parser.parse(message, article));
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(parser.parse(message, article));
  EXPECT_EQ(allocation_count() - before, 0U);
}

TEST(HtmlToText, Table) {
  const std::pair<const char*, const char*> rows[] = {
      {"<p>a</p><p>b</p>", "a\n\nb"},
      {"<ruby>北<rp>(</rp><rt>きた</rt><rp>)</rp></ruby><ruby>朝鮮<rt>ちょうせん</ruby>の",
       "北朝鮮の"},
      {"<ruby>北<rt>きた<rb>朝鮮<rt>ちょうせん</ruby>の<rt>a", "北朝鮮のa"},
      {"<!-->a<!--->b<!-- > -->c", "abc"},
      {"a<br>b<BR/>c", "a\nb\nc"},
      {"a<br><br>b<br/>\n<br/>\n<br/>c<p>d<br></p>e", "a\n\nb\n\nc\n\nd\n\ne"},
      {"a &lt;b&gt; &#8364;&#x20AC; &unknown; &", "a <b> €€ &unknown; &"},
      {"Russia&#146;s &#x93;big&#148; day&#133;", "Russia’s “big” day…"},
      {"1&ordm; &eth;&thorn;&yacute; &lrm;x", "1º ðþý \u200ex"},
      {"a&#13;&#10;b&#xD;c", "a b c"},
      {"<style>p{}</style><!-- x -->t<![CDATA[u]]>", "tu"},
      {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
      {"<a title='x > y'>link</a>", "link"},
      {"<p>open", "open"},
      {"<nav><a>Home</a></nav><p>a</p><aside>x<aside>y</aside>z</aside><p>b</p><footer>f</footer>",
       "a\n\nb"},
      {"<p>a</p><div class='x' hidden><div>x</div>y</div><p hidden=''>z</p><p class='hidden'>b</p>",
       "a\n\nb"},
      {"<aside>all there is</aside>", "all there is"},
      {"<p>a</p><aside>open", "a\n\nopen"},
      {"<center>Head</center>Text", "Head\n\nText"},
      {"<table><caption>a</caption>b<tr><td>c</table>d<option>e<option>f",
       "a\n\nb\n\nc\n\nd\n\ne\n\nf"},
      {"<script>never closed", ""},
      {"<p>a</p><div style='color:red; DISPLAY : none'>x</div><p style='display:block'>b</p>",
       "a\n\nb"},
      {"<p>a</p><iframe src='x'>no frames</iframe><video controls>no video</video><p>b</p>",
       "a\n\nb"},
      {"<", "<"},
      {"<p", ""},
  };
  for (const auto& [html, expected] : rows) {
    std::string text;
    html_to_text(html, text);
    EXPECT_EQ(text, expected) << html;
  }
}

TEST(HtmlToText, IsToldByTagsOfEitherCase) {
  for (const char* html : {"a<br>b", "a<BR>b", "<P ALIGN=LEFT>a", "<DIV>a</DIV>", "a<br clear/>b",
                           "<!-- wp -->a", "<blockquote>a</blockquote>", "a <em class='x'>b</em>",
                           "1 < 2 </u>", "<figure\nid=x>", "<h3>a", "<table border=0>"}) {
    EXPECT_TRUE(looks_like_html(html)) << html;
  }
  for (const char* text :
       {"", "1 < 2", "a <b c", "a <b c> d", "<", "<p", "x<y>z", "List<String>", "</"}) {
    EXPECT_FALSE(looks_like_html(text)) << text;
  }
}

TEST(DateTime, Table) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-20T01:02:03.5+09:00", 1795104123500},
      {"Fri, 20 Nov 2026 01:02:03 +0000", 1795136523000},
      {"1795136523", 1795136523000},
      {"1795136523000", 1795136523000},
      {"2026-11-20", 1795132800000},
      {" 2026-11-20T01:02:03Z\n", 1795136523000},
      {"2026-11-20 01:02:03+00", 1795136523000},  // PostgreSQL.
      {"2026-11-20 01:02:03 UTC", 1795136523000},
      {"Thu, 19 Nov 2026 20:02:03 EST", 1795136523000},
      {"Thu, 19 Nov 2026 18:02:03 PDT", 1795136523000},
      {"1795136523.25", 1795136523250},
      {"1795136523000000", 1795136523000},     // Microseconds,
      {"1795136523000000000", 1795136523000},  // nanoseconds.
      {"20261120T010203Z", 1795136523000},
      {"20261120010203", 1795136523000},
      {"20261120", 1795132800000},
      {"2026/11/20 01:02:03", 1795136523000},
      {"2026-11-20 01:02:03.000 +0000 UTC", 1795136523000},        // Go.
      {"2026-11-20T02:02:03+01:00[Europe/Paris]", 1795136523000},  // Java.
      {"Fri, 20 Nov 26 01:02:03 GMT", 1795136523000},
      {"Fri, 20 Nov 2026 01:02:03", 1795136523000},
      {"20 November 2026", 1795132800000},
      {"November 20, 2026", 1795132800000},
      {"Nov. 20, 2026, 1:02 AM", 1795136520000},
      {"Friday, November 20, 2026 12:02 am", 1795132920000},
      {"Fri Nov 20 01:02:03 +0000 2026", 1795136523000},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(parse_date_time(text), expected) << text;
  for (const char* text : {"",
                           "yesterday",
                           "2026-13-01T00:00:00Z",
                           "2026-02-30",
                           "20 Foo 2026 01:02:03 GMT",
                           "12",
                           "2026-11-20T01:02:03 IST",
                           "2026-11-20T01:02:03+",
                           "2026-11-20T01:02:03+09:",
                           "1795136523.",
                           "1795136523.5s",
                           " ",
                           "20/11/2026",
                           "11/20/2026",
                           "20261320",
                           "20261120T0102",
                           "2026-11/20",
                           "November 2026",
                           "Nov 20, 2026 13:02 PM",
                           "May",
                           "20 Ma 2026",
                           "17951365230000000000"}) {
    EXPECT_FALSE(parse_date_time(text)) << text;
  }
}

TEST(DateTime, IsWrittenAsRfc3339) {
  std::string out;
  append_rfc3339(1795136523500, out);
  EXPECT_EQ(out, "2026-11-20T01:02:03.500Z");
  EXPECT_TRUE(parse_rfc3339(out));
  EXPECT_FALSE(parse_rfc3339("2026-11-20"));
  // What goes out as it came in must be what JSON Schema's "date-time" is.
  EXPECT_FALSE(parse_rfc3339("2026-11-20T01:02:03 Z"));
  EXPECT_FALSE(parse_rfc3339("2026-11-20T01:02:03,5Z"));
  EXPECT_TRUE(parse_date_time("2026-11-20T01:02:03,5Z"));
  EXPECT_FALSE(parse_rfc3339("2026/11/20T01:02:03Z"));
  EXPECT_FALSE(parse_rfc3339("2026-11-20T01:02:03Z[Z+00:00"));
  EXPECT_FALSE(parse_rfc3339("2026-11-20T01:02:03+00:00Z"));
  // A leap second goes on as the second that follows: readers know it seldom, and not at any hour.
  EXPECT_FALSE(parse_rfc3339("2026-11-20T01:02:60Z"));
  EXPECT_EQ(parse_date_time("2026-11-20T01:02:60Z"), parse_date_time("2026-11-20T01:03:00Z"));
  // Held back until somebody says otherwise.
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z"), 253'402'300'799'000);
  EXPECT_FALSE(parse_date_time("9999-12-31T23:59:59-01:00"));
  for (const auto& [milliseconds, text] :
       std::initializer_list<std::pair<std::int64_t, std::string>>{
           {0, "1970-01-01T00:00:00Z"},
           {-1, "1969-12-31T23:59:59.999Z"},
           {951'782'400'001, "2000-02-29T00:00:00.001Z"},
           {253'402'300'799'000, "9999-12-31T23:59:59Z"},
           {253'402'300'800'000, "10000-01-01T00:00:00Z"}}) {
    std::string written;
    append_rfc3339(milliseconds, written);
    EXPECT_EQ(written, text);
  }
}

TEST(CloudEvent, ModeByHeaders) {
  const HeaderView binary[] = {{"ce_specversion", "1.0"}, {"content-type", "application/json"}};
  const HeaderView structured[] = {{"Content-Type", "application/cloudevents+json; charset=UTF-8"}};
  const HeaderView batch[] = {{"content-type", "application/cloudevents-batch+json"}};
  EXPECT_EQ(cloud_event_mode(binary), CloudEventMode::kBinary);
  EXPECT_EQ(cloud_event_mode(structured), CloudEventMode::kStructured);
  EXPECT_EQ(cloud_event_mode(batch), CloudEventMode::kBatch);
  EXPECT_EQ(cloud_event_mode({}), CloudEventMode::kNone);
  EXPECT_EQ(header_value(binary, "ce_specversion"), "1.0");
}

}  // namespace
}  // namespace wirewatch
