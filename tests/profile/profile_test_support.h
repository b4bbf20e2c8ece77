// Short ways to articles, profiles and results for the tests of profiles.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/profile/profile.h"
#include "common/text/zone_labeler.h"

namespace wirewatch {

inline ProfileSource make_profile(std::string id, std::string query) {
  ProfileSource source;
  source.title = id;
  source.id = std::move(id);
  source.query = {std::move(query), 1, 1};
  return source;
}

inline ProfileTermList make_list(std::string name, const std::vector<std::string>& terms) {
  ProfileTermList list;
  list.name = std::move(name);
  for (const std::string& term : terms) list.terms.push_back({{term, 1, 1}, 1, ""});
  return list;
}

// Analysed text with zones; regions and topics are put in by hand.
class TestArticle {
 public:
  TestArticle(std::string headline, std::string body)
      : headline_(std::move(headline)), body_(std::move(body)) {
    article_.headline = headline_;
    article_.body = body_;
    TextAnalyzer().analyze(headline_, body_, text_);
    ZoneLabeler().label(text_);
  }
  TestArticle(const TestArticle&) = delete;
  TestArticle& operator=(const TestArticle&) = delete;

  TestArticle& about(std::string_view country, float salience) {
    regions_.about.push_back({CountryCode(country), salience, 1});
    return *this;
  }
  // The first occurrence of `name` in a field becomes a mention.
  TestArticle& mention(std::string_view country, Field field, std::string_view name,
                       bool counts = true) {
    const auto begin = static_cast<std::uint32_t>(text_.field(field).find(name));
    Mention mention;
    mention.country = CountryCode(country);
    mention.span = {field, begin, begin + static_cast<std::uint32_t>(name.size())};
    mention.token_begin = text_.token_at(field, begin);
    mention.token_end = text_.token_at(field, mention.span.end);
    mention.zone = text_.zone_of(mention.token_begin);
    mention.counts = counts;
    regions_.mentions.push_back(mention);
    return *this;
  }
  TestArticle& topic(std::uint32_t id, float confidence) {
    topics_.topics.push_back({TopicId(id), 1, confidence});
    return *this;
  }

  Article& article() { return article_; }
  TopicResult& topics() { return topics_; }
  [[nodiscard]] const ArticleText& text() const { return text_; }
  [[nodiscard]] ProfileInput input() const { return {text_, article_, regions_, topics_}; }

 private:
  std::string headline_;
  std::string body_;
  Article article_;
  ArticleText text_;
  RegionResult regions_;
  TopicResult topics_;
};

inline ProfileSet compile(const std::vector<ProfileSource>& sources) {
  auto set = ProfileSet::compile(sources);
  if (!set) {
    ADD_FAILURE() << set.error().front().line << ":" << set.error().front().column << ": "
                  << set.error().front().message;
    return {};
  }
  return std::move(*set);
}

inline ProfileMatches match(const ProfileSet& set, const TestArticle& article) {
  ProfileScratch scratch;
  ProfileMatches matches;
  ProfileMatcher(set).match(article.input(), scratch, matches);
  return matches;
}

inline bool matches(const ProfileSource& source, const TestArticle& article) {
  return !match(compile({source}), article).matches.empty();
}

inline testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

// Gives the rows of a table their names in CTest.
inline constexpr auto kNameOfRow = [](const auto& row) { return std::string(row.param.name); };

}  // namespace wirewatch
