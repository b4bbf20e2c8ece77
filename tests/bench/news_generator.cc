#include "tests/bench/news_generator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>

#include "common/article/article_parser.h"
#include "services/wirewatch/setup.h"

namespace wirewatch {

namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the standard library's distributions differ by library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
  }

 private:
  std::uint64_t state_;
};

// First code point of a UTF-8 text, by its lead byte's length.
std::size_t code_point_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return std::min(size, text.size());
}

// Names are woven into text of their own script, known by the lead byte of a letter.
enum class Script : std::uint8_t { kLatin, kGreekCyrillic, kArabic, kIndic, kEastAsian, kHangul };
constexpr std::size_t kScriptCount = 6;

Script script_of(std::string_view text) {
  std::array<std::size_t, kScriptCount> counts{};
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = code_point_size(text.substr(i));
    Script script = Script::kLatin;
    if (lead >= 0xce && lead < 0xd4) script = Script::kGreekCyrillic;
    if (lead >= 0xd8 && lead < 0xdc) script = Script::kArabic;
    if (lead == 0xe0) script = Script::kIndic;
    if (lead >= 0xe3 && lead <= 0xe9) script = Script::kEastAsian;
    if (lead >= 0xea && lead <= 0xed) script = Script::kHangul;
    const bool letter = lead >= 0x80 || (lead >= 'A' && lead <= 'z');
    if (letter) ++counts[static_cast<std::size_t>(script)];
    i += size;
  }
  return static_cast<Script>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

struct LanguagePool {
  std::string language;
  Script script = Script::kLatin;
  std::vector<std::string> headlines{};
  std::vector<std::string> sentences{};
  std::vector<std::string> plain{};
};

void add_sentences(std::string_view body, std::vector<std::string>& sentences) {
  std::string sentence;
  for (std::size_t i = 0; i < body.size();) {
    const std::size_t size = code_point_size(body.substr(i));
    const std::string_view character = body.substr(i, size);
    i += size;
    const bool stop = character == "。" || character == "।" ||
                      (character == "." && (i == body.size() || body[i] == ' '));
    if (character != "\n") sentence += character;
    if ((stop || character == "\n") && sentence.size() >= 40) {
      sentences.emplace_back().swap(sentence);  // GCC 12 warns of a copy's bounds in a move.
    }
    if (character == "\n") sentence.clear();
    while (sentence.empty() && i < body.size() && body[i] == ' ') ++i;
  }
}

// Exchanges the last letters of a word for those of another, so that no dictionary has it.
void append_changed(std::string_view word, std::string_view other, std::string& out) {
  std::size_t keep = 0;
  for (std::size_t i = 0; i < word.size() && i * 2 < word.size(); keep = i)
    i += code_point_size(word.substr(i));
  std::size_t from = other.size() / 2;
  while (from < other.size() && (static_cast<unsigned char>(other[from]) & 0xc0) == 0x80) ++from;
  out += word.substr(0, keep);
  out += other.substr(from);
}

void append_sentence(std::string_view sentence, std::string_view other,
                     std::span<const std::string> names, Random& random, std::string& out) {
  std::vector<std::string_view> foreign;
  for (std::size_t i = 0; i < other.size();) {
    const std::size_t end = std::min(other.find(' ', i), other.size());
    if (end > i) foreign.push_back(other.substr(i, end - i));
    i = end + 1;
  }
  for (std::size_t i = 0; i < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', i), sentence.size());
    const std::string_view word = sentence.substr(i, end - i);
    if (i > 0) out += ' ';
    const std::size_t chance = random.below(28);
    if (chance < 2 && !names.empty() && i > 0) {
      out += names[random.below(names.size())];
      out += ' ';
    }
    if (chance >= 24 && foreign.size() > 1 && word.size() > 3)
      append_changed(word, foreign[random.below(foreign.size())], out);
    else
      out += word;
    i = end + 1;
  }
  // Scripts without spaces get a name between sentences, as in a list of places.
  if (foreign.size() <= 1 && !names.empty() && random.below(2) == 0)
    out += names[random.below(names.size())];
}

void append_json(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

// Sentences and headlines of each language that has enough of them, and which of them is English.
std::vector<LanguagePool> make_pools(const NewsMaterial& material, std::size_t& english) {
  std::map<std::string, LanguagePool> by_language;
  ArticleParser parser{ArticleParserOptions{}};
  Article article;
  for (const std::string& message : material.sample) {
    if (!parser.parse(message, article) || article.language.empty()) continue;
    LanguagePool& pool = by_language[std::string(article.language.substr(0, 2))];
    pool.language = article.language.substr(0, 2);
    if (!article.headline.empty()) pool.headlines.emplace_back(article.headline);
    add_sentences(article.body, pool.sentences);
  }
  for (const PlainSentence& sentence : material.plain)
    by_language[sentence.language].plain.push_back(sentence.text);
  std::vector<LanguagePool> pools;
  for (auto& [language, pool] : by_language) {
    if (pool.sentences.size() < 4 || pool.headlines.empty()) continue;
    std::string all;
    for (const std::string& sentence : pool.sentences) all += sentence;
    pool.script = script_of(all);
    if (language == "en") english = pools.size();
    pools.push_back(std::move(pool));
  }
  return pools;
}

// Of news as it is, so that it names as many places as the corpora do, and alerts seldom.
constexpr std::size_t kSampleHeadlinesOf100 = 10;
constexpr std::size_t kSampleSentencesOf100 = 3;

struct Story {
  std::size_t number = 0;
  std::string_view language;
  std::string headline;
  std::string body;
};

// Half in ninjs 3, a quarter each in ninjs 1 and in flat JSON.
std::string to_message(const Story& story, std::size_t form) {
  char id[80];
  std::snprintf(id, sizeof(id), "urn:newsml:bench.example:20261120:%08zu", story.number);
  char time[40];
  std::snprintf(time, sizeof(time), "2026-11-20T%02zu:%02zu:%02zuZ", story.number / 3600 % 24,
                story.number / 60 % 60, story.number % 60);
  const std::string head = std::string(id) + R"(","type":"text","version":"1","versioncreated":")" +
                           time + R"(","language":")" + std::string(story.language);
  std::string message;
  if (form < 2) {
    message += R"({"uri":")" + head + R"(","headlines":[{"value":")";
    append_json(story.headline, message);
    message += R"("}],"bodies":[{"contenttype":"text/plain","value":")";
    append_json(story.body, message);
    message += R"("}],"infosources":[{"name":"Harbour Wire"}],"urgency":4})";
  } else if (form == 2) {
    message += R"({"guid":")" + head + R"(","headline":")";
    append_json(story.headline, message);
    message += R"(","body_text":")";
    append_json(story.body, message);
    message += R"(","source":"Harbour Wire","priority":5})";
  } else {
    message += R"({"title":")";
    append_json(story.headline, message);
    message += R"(","content":")";
    append_json(story.body, message);
    message += R"(","url":"https://news.bench.example/)" + std::to_string(story.number) +
               R"(","publisher":"Harbour Wire Online","published":")" + time + R"("})";
  }
  return message;
}

}  // namespace

std::vector<std::string> generate_news(const NewsMaterial& material,
                                       const NewsGeneratorOptions& options) {
  std::size_t english = 0;
  const std::vector<LanguagePool> pools = make_pools(material, english);
  std::array<std::vector<std::string>, kScriptCount> names;
  for (const std::string& name : material.place_names)
    names[static_cast<std::size_t>(script_of(name))].push_back(name);

  Random random(options.seed);
  const bool dense = options.density == PlaceDensity::kDense;
  std::vector<std::string> messages;
  messages.reserve(options.count);
  for (std::size_t n = 0; n < options.count; ++n) {
    // A quarter is in English; the rest is spread evenly.
    const LanguagePool& pool = pools[n % 4 == 0 ? english : random.below(pools.size())];
    const auto& script_names = names[static_cast<std::size_t>(pool.script)];
    const auto any = [&](const std::vector<std::string>& of) -> const std::string& {
      return of[random.below(of.size())];
    };
    // The sample is about places throughout: news as it is has few of its sentences.
    const auto pick = [&](const std::vector<std::string>& sample,
                          std::size_t sample_of_100) -> const std::string& {
      const bool is_sample = dense || pool.plain.empty() || random.below(100) < sample_of_100;
      return any(is_sample ? sample : pool.plain);
    };
    Story story{.number = n, .language = pool.language, .headline = {}, .body = {}};
    append_sentence(pick(pool.headlines, kSampleHeadlinesOf100), any(pool.sentences), script_names,
                    random, story.headline);
    const std::size_t target = options.body_bytes * (40 + random.below(121)) / 100;
    while (story.body.size() < target) {
      if (!story.body.empty()) story.body += random.below(3) == 0 ? "\n\n" : " ";
      append_sentence(pick(pool.sentences, kSampleSentencesOf100), any(pool.sentences),
                      script_names, random, story.body);
    }
    messages.push_back(to_message(story, random.below(4)));
  }
  return messages;
}

std::vector<std::string> bench_news(std::size_t count, PlaceDensity density) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(data_path("sample-news")))
    if (entry.path().filename() != "expected.ndjson") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  NewsMaterial material;
  for (const std::string& file : files)
    for_each_line(file, [&](std::string_view line) { material.sample.emplace_back(line); });
  const std::string folder = WIREWATCH_SOURCE_DIR "/tests/bench/";
  for_each_line(folder + "place_names.txt", [&](std::string_view line) {
    if (!line.starts_with('#')) material.place_names.emplace_back(line);
  });
  for_each_line(folder + "plain_sentences.tsv", [&](std::string_view line) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string_view::npos) return;
    material.plain.push_back({std::string(line.substr(0, tab)), std::string(line.substr(tab + 1))});
  });
  return generate_news(material, {.count = count, .density = density});
}

}  // namespace wirewatch
