// What feeds and news APIs deliver is recognised without configuration: the shapes that are common
// and can be nothing else. Each message has one made-up article in the fields of its format.

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/article/article_parser.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

struct Shape {
  const char* name;
  std::string message;
  const char* body = "";
  const char* uri = "";  // Where the message says it.
  const char* published = "";
  const char* source = "";
  const char* byline = "";
  const char* language = "";
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, AreRecognised) {
  const Shape& shape = GetParam();
  ArticleParser parser;
  Article article;
  const auto parsed = parser.parse(shape.message, article);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(article.headline, "Port opens");
  EXPECT_EQ(article.body, shape.body);
  if (*shape.uri != '\0') {
    EXPECT_EQ(article.uri, shape.uri);
  }
  EXPECT_EQ(article.version_created, shape.published);
  EXPECT_EQ(article.source, shape.source);
  EXPECT_EQ(article.byline, shape.byline);
  EXPECT_EQ(article.language, shape.language);
}

constexpr char kNoon[] = "2026-11-20T12:00:00Z";

INSTANTIATE_TEST_SUITE_P(
    Table, Shapes,
    testing::Values(
        Shape{"guardian",
              R"({"id":"world/1","type":"article","webPublicationDate":"2026-11-20T12:00:00Z",)"
              R"("webTitle":"Port opens","webUrl":"https://g.example/1","fields":{"lang":"en",)"
              R"("byline":"Jo Doe","body":"<p>One.</p><p>Two.</p>","bodyText":"One. Two."}})",
              "One.\n\nTwo.", "https://g.example/1", kNoon, "", "Jo Doe", "en"},
        Shape{"nyt",
              R"({"web_url":"https://n.example/1","abstract":"Short.","lead_paragraph":"One.",)"
              R"("source":"N","headline":{"main":"Port opens","kicker":null,"name":null},)"
              R"("pub_date":"2026-11-20T12:00:00+0000","byline":{"original":"By Jo Doe",)"
              R"("person":[{"firstname":"Jo"}]},"uri":"nyt://article/1"})",
              "One.", "nyt://article/1", kNoon, "N", "By Jo Doe"},
        Shape{"event_registry",
              R"({"uri":"81","lang":"eng","date":"2026-11-20","time":"12:01:00",)"
              R"("dateTimePub":"2026-11-20T12:00:00Z","url":"https://e.example/1",)"
              R"("title":"Port opens","body":"One.","source":{"uri":"e.example","title":"E"},)"
              R"("authors":[{"uri":"jo@e.example","name":"Jo Doe"},{"name":"Ann Roe"}]})",
              "One.", "https://e.example/1", kNoon, "E", "Jo Doe, Ann Roe", "en"},
        Shape{"gdelt",
              R"({"url":"https://e.example/1","title":"Port opens","seendate":"20261120T120000Z",)"
              R"("domain":"e.example","language":"English","sourcecountry":"Malta"})",
              "", "https://e.example/1", kNoon, "e.example", "", "en"},
        Shape{"bing",
              R"({"name":"Port opens","url":"https://e.example/1","description":"One.",)"
              R"("provider":[{"_type":"Organization","name":"E"}],)"
              R"("datePublished":"2026-11-20T12:00:00Z"})",
              "One.", "https://e.example/1", kNoon, "E"},
        Shape{"feedly",
              R"({"id":"x=_1:2","title":"Port opens","content":{"content":"<p>One.</p>",)"
              R"("direction":"ltr"},"published":1795176000000,"crawled":1795176900000,)"
              R"("origin":{"streamId":"feed/x","title":"E","htmlUrl":"https://e.example"},)"
              R"("alternate":[{"href":"https://e.example/1","type":"text/html"}]})",
              "One.", "https://e.example/1", kNoon, "E"},
        Shape{"diffbot",
              R"({"type":"article","title":"Port opens","text":"One.\nTwo.","siteName":"E",)"
              R"("date":"Fri, 20 Nov 2026 12:00:00 GMT","pageUrl":"https://e.example/1",)"
              R"("humanLanguage":"en","html":"<p>One.</p>","author":"Jo Doe"})",
              "One.\nTwo.", "https://e.example/1", kNoon, "E", "Jo Doe", "en"},
        Shape{"trafilatura",
              R"({"title":"Port opens","author":"Jo Doe; Ann Roe","hostname":"e.example",)"
              R"("date":"2026-11-20","id":null,"raw_text":"One. Two.","text":"One.\nTwo.",)"
              R"("language":null,"source":"https://e.example/1","source-hostname":"E"})",
              "One.\nTwo.", "", "2026-11-20T00:00:00Z", "E", "Jo Doe; Ann Roe"},
        Shape{"goose",
              R"({"title":"Port opens","cleaned_text":"One.","publish_date":"2026-11-20",)"
              R"("domain":"e.example","meta":{"lang":"en"},"authors":[]})",
              "One.", "", "2026-11-20T00:00:00Z", "e.example"},
        Shape{"news_please",
              R"({"authors":["Jo Doe"],"date_download":"2026-11-20 13:00:00",)"
              R"("date_publish":"2026-11-20 12:00:00","maintext":"One.","text":null,)"
              R"("source_domain":"e.example","title":"Port opens","url":"https://e.example/1"})",
              "One.", "https://e.example/1", kNoon, "e.example", "Jo Doe"},
        Shape{"scrapy",
              R"({"url":["https://e.example/1"],"title":["  Port\n opens "],)"
              R"("body":["<p>One.</p>","<p>Two.</p>"],"date":["20 November 2026"]})",
              "One.\n\nTwo.", "https://e.example/1", "2026-11-20T00:00:00Z"},
        Shape{"wordpress",
              R"({"id":12,"date":"2026-11-20T13:00:00","date_gmt":"2026-11-20T12:00:00",)"
              R"("guid":{"rendered":"https://w.example/?p=12"},"type":"post","author":5,)"
              R"("link":"https://w.example/port/","title":{"rendered":"Port opens"},)"
              R"("content":{"rendered":"<p>One.</p>\n<p>Two.</p>","protected":false},)"
              R"("excerpt":{"rendered":"<p>Short.</p>"},"categories":[3]})",
              "One.\n\nTwo.", "https://w.example/?p=12", kNoon},
        Shape{"ghost",
              R"({"post":{"current":{"id":"63","title":"Port opens","html":"<p>One.</p>",)"
              R"("plaintext":"One.","created_at":"2026-11-19T08:00:00Z",)"
              R"("published_at":"2026-11-20T12:00:00Z","url":"https://g.example/1",)"
              R"("authors":[{"id":"1","name":"Jo Doe"}]},"previous":{"title":"Draft"}}})",
              "One.", "https://g.example/1", kNoon, "", "Jo Doe"},
        Shape{"drupal",
              R"({"jsonapi":{"version":"1.0"},"data":{"type":"node--article","id":"0f",)"
              R"("attributes":{"langcode":"en","status":true,"title":"Port opens",)"
              R"("created":"2026-11-20T12:00:00Z","body":{"value":"<p>One.</p>",)"
              R"("format":"full_html","processed":"<p>One.</p>","summary":"S"}}}})",
              "One.", "", kNoon, "", "", "en"},
        Shape{"contentful",
              R"({"sys":{"id":"5","type":"Entry"},"fields":{"title":"Port opens","body":)"
              R"({"nodeType":"document","data":{},"content":[{"nodeType":"paragraph","content":[)"
              R"({"nodeType":"text","value":"O","marks":[]},{"nodeType":"hyperlink","data":)"
              R"({"uri":"https://e.example"},"content":[{"nodeType":"text","value":"n"}]},)"
              R"({"nodeType":"text","value":"e."}]},{"nodeType":"paragraph","content":[)"
              R"({"nodeType":"text","value":"Two."}]}]}}})",
              "One.\n\nTwo."},
        Shape{"portable_text",
              R"({"title":"Port opens","body":[{"_type":"block","children":[{"_type":"span",)"
              R"("text":"On"},{"_type":"span","text":"e."}]},{"_type":"image"},)"
              R"({"_type":"block","children":[{"text":"Two."}]}]})",
              "One.\n\nTwo."},
        Shape{"editor_js",
              R"({"title":"Port opens","content":{"time":1,"blocks":[{"type":"paragraph","data":)"
              R"({"text":"One."}},{"type":"list","data":{"items":["Two.","Three."]}}]}})",
              "One.\n\nTwo.\n\nThree."},
        Shape{"json_feed",
              R"({"id":"https://e.example/1","content_text":"One.","title":"Port opens",)"
              R"("summary":"S","date_published":"2026-11-20T12:00:00Z","language":"en-US",)"
              R"("authors":[{"name":"Jo Doe"}]})",
              "One.", "https://e.example/1", kNoon, "", "Jo Doe", "en-US"},
        Shape{"rss_with_teaser_and_content",
              R"({"title":"Port opens","link":"https://e.example/1","content":"Teaser",)"
              R"("content:encoded":"<p>One.</p>","contentSnippet":"Teaser","dc:creator":"Jo Doe",)"
              R"("guid":"tag:e.example,2026:1","isoDate":"2026-11-20T12:00:00Z"})",
              "One.", "tag:e.example,2026:1", kNoon, "", "Jo Doe"},
        Shape{"rss_of_arrays",
              R"({"title":["Port opens"],"guid":[{"_":"tag:e.example,2026:1",)"
              R"("$":{"isPermaLink":"false"}}],"pubDate":["Fri, 20 Nov 2026 12:00:00 GMT"],)"
              R"("description":["Teaser"],"content:encoded":["<p>One.</p>"]})",
              "One.", "tag:e.example,2026:1", kNoon},
        Shape{"rss_with_cdata",
              R"({"title":{"#cdata":"Port opens"},"guid":{"#text":"tag:e.example,2026:1",)"
              R"("@_isPermaLink":"false"},"pubDate":"Fri, 20 Nov 26 12:00:00 GMT",)"
              R"("description":{"#text":"<p>One.</p>"}})",
              "One.", "tag:e.example,2026:1", kNoon},
        Shape{"atom_with_two_kinds_of_text",
              R"({"id":"tag:e.example,2026:1","title":"Port opens","updated":1795176000,)"
              R"("content":[{"type":"text/html","value":"<p>One.</p>"},)"
              R"({"value":"One.\nTwo.","type":"text/plain"}],"author":[{"name":["Jo Doe"]}]})",
              "One.\nTwo.", "tag:e.example,2026:1", kNoon, "", "Jo Doe"},
        Shape{"schema_org",
              R"({"@type":"NewsArticle","mainEntityOfPage":{"@id":"https://e.example/1"},)"
              R"("headline":"Port opens","articleBody":"One.","inLanguage":"en-GB",)"
              R"("datePublished":"2026-11-20T12:00:00Z","author":{"name":"Jo Doe"},)"
              R"("publisher":{"name":"E","logo":{"url":"x"},"url":"https://e.example"}})",
              "One.", "https://e.example/1", kNoon, "E", "Jo Doe", "en-GB"},
        Shape{"schema_org_graph",
              R"({"@context":"https://schema.org","@graph":[{"@type":"WebPage","name":"P",)"
              R"("author":{"name":"X"}},7,{"headline":"Port opens","articleBody":"One.",)"
              R"("@type":["NewsArticle"],"url":"https://e.example/1"},{"@type":"Person"}]})",
              "One.", "https://e.example/1"},
        Shape{"reuters",
              R"({"data":{"item":{"uri":"tag:r.example,2026:1","headLine":"Port opens",)"
              R"("language":"en","byLine":"Jo Doe","versionCreated":"2026-11-20T12:00:00Z",)"
              R"("bodyXhtml":"<p>One.</p>"}}})",
              "One.", "tag:r.example,2026:1", kNoon, "", "Jo Doe", "en"},
        Shape{"dpa",
              R"({"urn":"urn:newsml:d.example:1","version":2,"headline":"Port opens",)"
              R"("version_created":"2026-11-20T12:00:00Z","language":"de","byline":"Von Jo Doe",)"
              R"("article_html":"<section><p>One.</p></section>"})",
              "One.", "urn:newsml:d.example:1", kNoon, "", "Von Jo Doe", "de"},
        Shape{"mongodb",
              R"({"_id":{"$oid":"65aa"},"title":"Port opens","text":"One.",)"
              R"("published_at":{"$date":{"$numberLong":"1795176000000"}}})",
              "One.", "", kNoon},
        Shape{"logstash",
              R"({"@timestamp":"2026-11-20T13:00:00Z","host":{"name":"h"},"message":)"
              R"("{\"title\":\"Port opens\",\"text\":\"One.\",\"url\":\"https://e.example/1\"}"})",
              "One.", "https://e.example/1"},
        Shape{"kafka_connect",
              R"({"schema":{"type":"struct","name":"a","fields":[{"field":"title"}]},)"
              R"("payload":{"title":"Port opens","text":"One.","url":"https://e.example/1"}})",
              "One.", "https://e.example/1"},
        Shape{"debezium",
              R"({"payload":{"before":null,"after":{"id":7,"title":"Port opens","body":"One.",)"
              R"("published_at":1795176000000000},"source":{"name":"newsdb"},"op":"c"}})",
              "One.", "", kNoon},
        Shape{"debezium_of_mongodb",
              R"({"after":"{\"title\":\"Port opens\",\"text\":\"One.\"}","op":"c"})", "One."},
        Shape{"elasticsearch",
              R"({"_index":"n","_id":"1","_source":{"title":"Port opens","text":"One."}})", "One."},
        Shape{"wrapped_once", R"({"name":"feed 7","article":{"title":"Port opens","body":"One."}})",
              "One."},
        Shape{"article_is_a_text_too", R"({"title":"Port opens","article":["One.","Two."]})",
              "One.\n\nTwo."},
        Shape{"confluent_schema_id",
              std::string("\0\0\0\0\x07", 5) + R"({"title":"Port opens","text":"One."})", "One."},
        Shape{"headline_roles",
              R"({"uri":"urn:a:1","headlines":[{"role":"short","value":"Port"},)"
              R"({"role":"main","value":"Port opens"}],"bodies":[{"value":"One."}]})",
              "One.", "urn:a:1"},
        Shape{"name_of_the_feed_first", R"({"name":"Feed 7","title":"Port opens","text":"One."})",
              "One."},
        Shape{"variant_first",
              R"({"headline_seo":"SEO","headline":"Port opens","body_text":"One."})", "One."},
        Shape{"times_of_storage_first",
              R"({"timestamp":"2026-11-26T10:00:00Z","created_at":"2026-11-25T10:00:00Z",)"
              R"("published_at":"2026-11-20T12:00:00Z","title":"Port opens","text":"One."})",
              "One.", "", kNoon}),
    [](const testing::TestParamInfo<Shape>& row) { return std::string(row.param.name); });

// A repair of the field map is told by what the message has.
TEST(FeedShapes, WhatIsNoArticleSaysWhatItHas) {
  struct Row {
    std::string message;
    ParseErrorReason reason;
    const char* detail;
  };
  const Row rows[] = {
      {R"({"Title":"H","Text":"b"})", ParseErrorReason::kNoText, "The message has: Title, Text."},
      // A name is shown on terminals.
      {R"({"a\u001b[31m":1,"b":2,"a name that is longer than anybody gives one":3})",
       ParseErrorReason::kNoText, "The message has: …, b, …."},
      {R"({"title":{"en":"H"}})", ParseErrorReason::kNoText, "title (an object)"},
      {R"({"status":"ok","articles":[{"title":"H"}]})", ParseErrorReason::kNoText,
       "articles (a list). Send one article per message"},
      {R"({"@timestamp":"x","message":"Connection lost"})", ParseErrorReason::kNoText,
       "@timestamp, message."},
      {R"({"payload":{"kopf":"H"}})", ParseErrorReason::kNoText,
       "\"payload\" in the message has: kopf."},
      {R"({"message":"{'title': 'H'}"})", ParseErrorReason::kInvalidJson,
       "In \"message\", byte 1 of it: "},
      {R"({"specversion":"1.0","id":"1","data":[{"title":"H"}]})", ParseErrorReason::kNoText,
       "The data of the CloudEvent"},
      {R"({"specversion":"1.0","id":"1","data":"plain"})", ParseErrorReason::kNotAnObject,
       "In \"data\", byte 0 of it: "},
      {R"("{\"title\":\"H\"}")", ParseErrorReason::kNotAnObject, "a JSON string"},
      {"<?xml version='1.0'?><newsItem/>", ParseErrorReason::kNotAnObject, "XML"},
      {"\x1F\x8B\x08 ...", ParseErrorReason::kInvalidCompression, "compressed by gzip"},
      {"\x28\xB5\x2F\xFD ...", ParseErrorReason::kInvalidCompression, "compressed by zstd"},
      {"\x04\x22\x4D\x18 ...", ParseErrorReason::kInvalidUtf8, "compressed by lz4"},
      {std::string("\xFF\xFE{\0\"\0", 6), ParseErrorReason::kInvalidUtf8, "UTF-16"},
      {std::string("\0{\0\"\0a\0\"", 8), ParseErrorReason::kInvalidUtf8, "UTF-16"},
      // What is walked for its faults alone has none.
      {R"({"title":"H","payload":{"a":[1,}})", ParseErrorReason::kInvalidJson, ""},
      {R"({"title":"H","article":{"a":x}})", ParseErrorReason::kInvalidJson, ""},
      {R"({"title":"H","@graph":[{"@type":"Article","a":x}]})", ParseErrorReason::kInvalidJson, ""},
      {R"({"@graph":[{"@type":"WebPage","name":"P"}]})", ParseErrorReason::kNoText, "@graph"},
  };
  ArticleParser parser;
  Article article;
  for (const Row& row : rows) {
    const auto parsed = parser.parse(row.message, article);
    ASSERT_FALSE(parsed) << row.message;
    EXPECT_EQ(to_string(parsed.error().reason), to_string(row.reason)) << row.message;
    EXPECT_NE(parsed.error().detail.find(row.detail), std::string::npos)
        << row.message << ": " << parsed.error().detail;
  }
}

TEST(FeedShapes, EnvelopesEnd) {
  std::string message = R"({"title":"H","text":"b"})";
  for (int i = 0; i < 4; ++i) message = R"({"payload":)" + message + "}";
  ArticleParser parser;
  Article article;
  EXPECT_TRUE(parser.parse(message, article));
  EXPECT_FALSE(parser.parse(R"({"payload":)" + message + "}", article));
  // What nests too deep does so wherever it is read.
  for (const char* name :
       {"payload", "fields", "attributes", "article", "data", "body", "author", "@graph"}) {
    std::string bomb = "1";
    for (int i = 0; i < 5000; ++i) bomb = R"({"content":)" + bomb + "}";
    const auto parsed =
        parser.parse(R"({"text":"a",")" + std::string(name) + "\":" + bomb + "}", article);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(to_string(parsed.error().reason), "nesting_too_deep") << name;
  }
}

TEST(FeedShapes, ASummaryIsAnArticleWhereNothingIsWrapped) {
  ArticleParser parser;
  Article article;
  for (const char* rest : {R"("payload":{"x":1})", R"("message":"{no JSON")", R"("item":{})"}) {
    ASSERT_TRUE(
        parser.parse(R"({"name":"H","description":"d",)" + std::string(rest) + "}", article))
        << rest;
    EXPECT_EQ(article.headline, "H");
    EXPECT_EQ(article.body, "d");
  }
  ASSERT_TRUE(parser.parse(R"({"name":"N","description":"d","item":{"title":"H"}})", article));
  EXPECT_EQ(article.headline, "H");
}

TEST(FeedShapes, AMapReachesIntoWhatIsWrapped) {
  ArticleParser parser({.field_map = {{"title.en", "headline"}, {"thread.site", "source"}}});
  Article article;
  ASSERT_TRUE(parser.parse(
      R"({"payload":{"title":{"de":"K","en":"H"},"thread":{"site":"S"},"text":"b"}})", article));
  EXPECT_EQ(article.headline, "H");
  EXPECT_EQ(article.source, "S");
  EXPECT_EQ(article.body, "b");
}

TEST(FeedShapes, AnUpdateKeepsTheTimeOfPublication) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"headline":"H","datePublished":"2026-11-20T12:00:00Z",)"
                           R"("dateModified":"2026-11-20T13:00:00Z"})",
                           article));
  EXPECT_EQ(article.version_created, "2026-11-20T13:00:00Z");
  EXPECT_EQ(article.first_created, "2026-11-20T12:00:00Z");
}

TEST(FeedShapes, ANumberIsNoAuthorAndNoIdOfTwoSources) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"id":7,"title":"H","author":5,"source":"A"})", article));
  EXPECT_EQ(article.byline, "");
  const std::string uri(article.uri);
  ASSERT_TRUE(parser.parse(R"({"id":7,"title":"H","author":5,"source":"B"})", article));
  EXPECT_NE(article.uri, uri);
  ASSERT_TRUE(parser.parse(R"({"title":"K","source":"A","id":"7"})", article));
  EXPECT_EQ(article.uri, uri);
}

TEST(FeedShapes, ASourceThatIsAnAddressHasTheNameOfItsHost) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(parser.parse(R"({"title":"H","source":"https://www.e.example:80/world"})", article));
  EXPECT_EQ(article.source, "www.e.example");
  EXPECT_EQ(article.source_uri, "https://www.e.example:80/world");
}

TEST(FeedShapes, BlankTextIsNone) {
  ArticleParser parser;
  Article article;
  ASSERT_TRUE(
      parser.parse(R"({"title":"H","text":" \n","content":"c","description":"d"})", article));
  EXPECT_EQ(article.body, "c");
  ASSERT_TRUE(parser.parse(R"({"title":"H","text":"","description":" "})", article));
  EXPECT_EQ(article.body, "");
}

TEST(FeedShapes, AllocateNothingOnceBuffersHaveGrown) {
  ArticleParser parser;
  Article article;
  const std::array<std::string, 3> messages = {
      R"({"payload":{"after":"{\"title\":\"Port opens\",\"text\":\"b\",\"lang\":\"EN_us\",)"
      R"(\"authors\":[\"Jo Doe\",\"Ann Roe\"]}"}})",
      R"({"fields":{"title":"H\n i","body":{"nodeType":"document","content":[{"content":)"
      R"([{"value":"a long enough paragraph to be no short string"}]},{"content":[{"value":"b"}]}]}}})",
      R"({"title":{"rendered":"H"},"content":{"rendered":"<p>a</p>"},"date_gmt":"2026-11-20"})"};
  for (int i = 0; i < 3; ++i) {
    for (const std::string& message : messages) ASSERT_TRUE(parser.parse(message, article));
  }
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) {
    for (const std::string& message : messages) ASSERT_TRUE(parser.parse(message, article));
  }
  EXPECT_EQ(allocation_count() - before, 0U);
}

}  // namespace
}  // namespace wirewatch
