#include "tests/quality/region_measures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <utility>

#include <simdjson.h>

#include "common/article/article_parser.h"

namespace wirewatch::quality {

namespace {

using Element = simdjson::dom::element;
using Countries = std::set<std::string>;

constexpr double kSampleWeight = 25;  // Of a sample article among those of 1987.
constexpr double kNearKm = 161;       // A hundred miles, as the literature has it.

std::string text_of(const Element& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

Countries countries_of(const Element& object, std::string_view key) {
  Countries countries;
  simdjson::dom::array list;
  if (object[key].get(list) != simdjson::SUCCESS) return countries;
  for (const Element entry : list) {
    std::string_view country;
    if (entry.get(country) == simdjson::SUCCESS) countries.emplace(country);
  }
  return countries;
}

Countries set_of(const std::vector<CountryCode>& codes) {
  Countries countries;
  for (const CountryCode code : codes) countries.emplace(code.text());
  return countries;
}

Countries about_of(const RegionResult& result) {
  Countries countries;
  for (const CountryScore& score : result.about) countries.emplace(score.country.text());
  return countries;
}

std::string joined(const Countries& countries) {
  std::string text;
  for (const std::string& country : countries) text += (text.empty() ? "" : " ") + country;
  return text;
}

struct F1 {
  double hits = 0;
  double given = 0;
  double gold = 0;

  void add(const Countries& expected, const Countries& found) {
    for (const std::string& country : found) hits += expected.contains(country) ? 1U : 0U;
    given += static_cast<double>(found.size());
    gold += static_cast<double>(expected.size());
  }
  [[nodiscard]] double value() const { return given + gold > 0 ? 2 * hits / (given + gold) : 0; }
};

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double distance_km(double lat1, double lon1, double lat2, double lon2) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double a = std::pow(std::sin((lat2 - lat1) * kRadians / 2), 2) +
                   std::cos(lat1 * kRadians) * std::cos(lat2 * kRadians) *
                       std::pow(std::sin((lon2 - lon1) * kRadians / 2), 2);
  return 2 * 6371 * std::asin(std::min(1.0, std::sqrt(a)));
}

struct Toponym {
  std::uint32_t begin = 0;  // Bytes of the text.
  std::uint32_t end = 0;
  std::optional<double> latitude{};
  double longitude = 0;
  std::string country;
  std::string type;
};

std::vector<Toponym> toponyms_of(const Element& object, std::string_view text) {
  std::vector<std::uint32_t> offsets;  // Of each code point.
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(static_cast<std::uint32_t>(text.size()));
  std::vector<Toponym> toponyms;
  simdjson::dom::array list;
  if (object["toponyms"].get(list) != simdjson::SUCCESS) return toponyms;
  for (const Element entry : list) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    if (entry["start"].get(begin) != simdjson::SUCCESS ||
        entry["end"].get(end) != simdjson::SUCCESS || end >= offsets.size()) {
      continue;
    }
    Toponym toponym{.begin = offsets[begin],
                    .end = offsets[end],
                    .country = text_of(entry, "country"),
                    .type = text_of(entry, "type")};
    double latitude = 0;
    if (entry["lat"].get(latitude) == simdjson::SUCCESS &&
        entry["lon"].get(toponym.longitude) == simdjson::SUCCESS) {
      toponym.latitude = latitude;
    }
    toponyms.push_back(std::move(toponym));
  }
  return toponyms;
}

// Kinds that the sets annotate by the place's name; what stands for a place by another name
// ("Kremlin", "Putin") they mostly leave out, so that it is neither right nor wrong.
bool is_place_name(PlaceKind kind) {
  return kind == PlaceKind::kCountry || kind == PlaceKind::kCapital || kind == PlaceKind::kCity ||
         kind == PlaceKind::kSubdivision || kind == PlaceKind::kArea;
}

}  // namespace

struct RegionMeasures::Document {
  std::string id;
  std::string title;
  std::string body;
  std::string language;
  std::string source;
  Element json;
};

RegionMeasures::RegionMeasures(const Gazetteer& gazetteer, const LanguageIdentifier& languages,
                               RegionMeasureOptions options)
    : gazetteer_(gazetteer),
      languages_(languages),
      options_(std::move(options)),
      classifier_(gazetteer_),
      naive_(gazetteer_) {}

std::expected<void, std::string> RegionMeasures::read(
    std::string_view file, const std::function<void(const Document&)>& visit) {
  return read_part(options_.part, file, visit);
}

std::expected<void, std::string> RegionMeasures::read_part(
    Part part, std::string_view file, const std::function<void(const Document&)>& visit) {
  std::size_t count = 0;
  return topic_tools::read_json_lines(options_.corpora / file, [&](const Element& json) {
    Document document{.id = text_of(json, "id"),
                      .title = text_of(json, "title"),
                      .body = text_of(json, "body"),
                      .language = text_of(json, "language"),
                      .source = text_of(json, "source"),
                      .json = json};
    // All languages of one sentence fall to one part.
    std::uint64_t sentence = 0;
    const bool aligned = json["sentence"].get(sentence) == simdjson::SUCCESS;
    const bool train = topic_tools::is_for_tuning(aligned ? std::to_string(sentence) : document.id);
    if (part != Part::kAll && train != (part == Part::kTrain)) return;
    if (count++ < options_.documents_max) visit(document);
  });
}

const RegionResult& RegionMeasures::classify(std::string_view headline, std::string_view body,
                                             std::string_view language, std::string_view located,
                                             std::string_view source) {
  analyzer_.analyze(headline, body, text_);
  labeler_.label(text_);
  if (language.empty()) language = languages_.identify(text_, language_scratch_).language;
  classifier_.classify(text_, {.language = language, .located = located, .source = source},
                       scratch_, result_,
                       options_.salience_rows == nullptr ? nullptr : &explanation_);
  return result_;
}

void RegionMeasures::write_rows(const std::string& article, double weight, const Countries& gold) {
  if (options_.salience_rows == nullptr) return;
  std::fprintf(options_.salience_rows, "#%s\t%s\t%.2f\n", article.c_str(), joined(gold).c_str(),
               weight);
  for (const SalienceFeatures& features : explanation_.features) {
    const std::string country(features.country.text());
    std::fprintf(options_.salience_rows, "%s\t%s\t%.2f\t%d", article.c_str(), country.c_str(),
                 weight, gold.contains(country) ? 1 : 0);
    for (const float value : features.values) {
      std::fprintf(options_.salience_rows, "\t%.6g", static_cast<double>(value));
    }
    std::fprintf(options_.salience_rows, "\n");
  }
}

void RegionMeasures::write_samples(const std::filesystem::path& folder) {
  ArticleParser parser;
  Article article;
  std::map<std::string, std::vector<std::string>> files;
  const auto lines_of = [&](const std::string& file) -> const std::vector<std::string>& {
    auto& lines = files[file];
    if (lines.empty()) {
      std::ifstream in(folder / file);
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
    return lines;
  };
  (void)topic_tools::read_json_lines(folder / "expected.ndjson", [&](const Element& row) {
    std::uint64_t number = 0;
    if (row["line"].get(number) != simdjson::SUCCESS || text_of(row, "outcome") == "dead") return;
    const auto& lines = lines_of(text_of(row, "file"));
    if (number == 0 || number > lines.size() || !parser.parse(lines[number - 1], article)) return;
    classify(article.headline, article.body, article.language, article.located,
             article.source_uri.empty() ? article.source : article.source_uri);
    write_rows(text_of(row, "file") + ":" + std::to_string(number), kSampleWeight,
               countries_of(row, "about"));
  });
}

void RegionMeasures::print_error(std::string_view set, std::string_view id, std::string_view gold,
                                 std::string_view text) const {
  std::string found;
  for (const CountryScore& score : result_.about) {
    char part[24];
    std::snprintf(part, sizeof(part), " %s:%.2f", std::string(score.country.text()).c_str(),
                  static_cast<double>(score.salience));
    found += part;
  }
  std::printf("! %s %s gold [%s] found [%s ] %.160s\n", std::string(set).c_str(),
              std::string(id).c_str(), std::string(gold).c_str(), found.c_str(),
              std::string(text).c_str());
}

RegionMeasures::Result RegionMeasures::reuters() {
  F1 foreign;
  F1 foreign_any;
  F1 foreign_weighted;
  F1 foreign_named;
  F1 all;
  F1 all_home;
  F1 all_weighted;
  F1 all_weighted_home;
  std::size_t foreign_count = 0;
  std::size_t count = 0;
  const Countries home = {"US"};
  const auto without_home = [](Countries countries) {
    countries.erase("US");
    return countries;
  };
  const auto or_home = [&](const Countries& countries) {
    return countries.empty() ? home : countries;
  };
  const auto done = read("reuters-places.jsonl.gz", [&](const Document& document) {
    const Countries gold = countries_of(document.json, "places");
    const std::string body = text_of(document.json, "dateline") + " " + document.body;
    // The source says nothing of itself; then it is known to be American.
    const Countries found = about_of(classify(document.title, body, "en", "", ""));
    const Countries weighted = set_of(naive_.countries(text_, 0.25));
    write_rows(document.id, 1, gold);
    ++count;
    all.add(gold, found);
    all_weighted.add(gold, weighted);
    all_weighted_home.add(gold, or_home(weighted));
    if (gold != home) {
      ++foreign_count;
      foreign.add(without_home(gold), without_home(found));
      foreign_any.add(without_home(gold), without_home(set_of(naive_.countries(text_, 0))));
      foreign_weighted.add(without_home(gold), without_home(weighted));
      foreign_named.add(without_home(gold), without_home(set_of(naive_.named(text_))));
      if (options_.errors && without_home(gold) != without_home(found)) {
        print_error("reuters", document.id, joined(gold), document.title + " / " + body);
      }
    }
    const Countries at_home = about_of(classify(document.title, body, "en", "US", ""));
    all_home.add(gold, at_home);
    write_rows(document.id + "/home", 0.5, gold);
    if (options_.errors && gold == home && at_home != gold) {
      print_error("reuters-home", document.id, joined(gold), document.title + " / " + body);
    }
  });
  if (!done) return std::unexpected(done.error());
  return std::vector<Measure>{
      {"reuters, not only about the US, F1",
       foreign_count,
       foreign.value(),
       {{"names", foreign_named.value()},
        {"any place", foreign_any.value()},
        {"weighted", foreign_weighted.value()}}},
      {"reuters, all, F1", count, all.value(), {{"weighted", all_weighted.value()}}},
      {"reuters, all, source at home, F1",
       count,
       all_home.value(),
       {{"weighted, else home", all_weighted_home.value()}}}};
}

RegionMeasures::Result RegionMeasures::focus() {
  std::size_t coded = 0;
  std::size_t right = 0;
  std::size_t naive_right = 0;
  std::size_t empty = 0;
  std::size_t empty_right = 0;
  // Too few for halves: nothing is tuned on them but what is wrong in general.
  const auto done = read_part(Part::kAll, "focus-country.jsonl.gz", [&](const Document& document) {
    const Countries gold = countries_of(document.json, "focus");
    const RegionResult& result = classify(document.title, document.body, "en", "", document.source);
    if (gold.empty()) {
      ++empty;
      empty_right += result.about.empty() ? 1U : 0U;
      return;
    }
    ++coded;
    const bool good =
        !result.about.empty() && gold.contains(std::string(result.about.front().country.text()));
    right += good ? 1U : 0U;
    const auto naive = naive_.countries(text_, 1);
    naive_right += !naive.empty() && gold.contains(std::string(naive.front().text())) ? 1U : 0U;
    if (options_.errors && !good) print_error("focus", document.id, joined(gold), document.body);
  });
  if (!done) return std::unexpected(done.error());
  return std::vector<Measure>{
      {"focus country, hand-coded",
       coded,
       share(right, coded),
       {{"weighted, best", share(naive_right, coded)}}},
      {"focus country, coded as none", empty, share(empty_right, empty), {}}};
}

namespace {

// A mention as the classifier and the plain look-up both have it.
struct FoundPlace {
  std::uint32_t begin;
  std::uint32_t end;
  bool name;
  bool has_coordinates;
  double latitude;
  double longitude;
  std::string_view country;

  [[nodiscard]] bool overlaps(const Toponym& toponym) const {
    return begin < toponym.end && toponym.begin < end;
  }
};

std::vector<FoundPlace> found_places(const RegionResult& result) {
  std::vector<FoundPlace> found;
  for (const Mention& mention : result.mentions) {
    found.push_back({mention.span.begin, mention.span.end, is_place_name(mention.kind),
                     mention.has_coordinates, static_cast<double>(mention.latitude),
                     static_cast<double>(mention.longitude), mention.country.text()});
  }
  return found;
}

std::vector<FoundPlace> found_places(const ArticleText& text,
                                     const std::vector<NaiveMention>& mentions) {
  std::vector<FoundPlace> found;
  for (const NaiveMention& mention : mentions) {
    const SourceSpan span = text.source_span(mention.token_begin, mention.token_end);
    found.push_back({span.begin, span.end, is_place_name(static_cast<PlaceKind>(mention.kind)),
                     mention.place.has_coordinates, static_cast<double>(mention.place.latitude),
                     static_cast<double>(mention.place.longitude), mention.country.text()});
  }
  return found;
}

// Holds what was found against the toponyms of a set's documents.
class ToponymCount {
 public:
  // Each error is printed on a line that begins with `title`, where it is not empty.
  void add(const std::vector<Toponym>& gold, const std::vector<FoundPlace>& found,
           std::string_view body, const std::string& title) {
    for (const Toponym& toponym : gold) {
      if (toponym.latitude) add_toponym(toponym, found, body, title);
    }
    for (const FoundPlace& place : found) {
      if (place.name) add_name(place, gold, body, title);
    }
  }

  std::size_t located = 0;  // Toponyms with coordinates …
  std::size_t with_country = 0;
  std::size_t near = 0;     // … of which a mention lies near …
  std::size_t country = 0;  // … or in the right country …
  std::size_t matched = 0;  // … or has the very span.
  std::size_t named = 0;    // Mentions by the place's own name …
  std::size_t right = 0;    // … over a toponym.

 private:
  static constexpr std::uint32_t kContextBytes = 40;

  static std::string around(std::string_view body, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t from = begin < kContextBytes ? 0 : begin - kContextBytes;
    return std::string(body.substr(from, end - from + 30));
  }

  void add_toponym(const Toponym& toponym, const std::vector<FoundPlace>& found,
                   std::string_view body, const std::string& title) {
    ++located;
    const auto same = std::find_if(found.begin(), found.end(), [&](const FoundPlace& place) {
      return place.begin == toponym.begin && place.end == toponym.end;
    });
    // The spans of the sets vary ("the Bronx", "Paris, Texas"): any overlap resolves it.
    const auto over = same != found.end()
                          ? same
                          : std::find_if(found.begin(), found.end(), [&](const FoundPlace& place) {
                              return place.overlaps(toponym);
                            });
    const bool is_found = over != found.end();
    const bool is_near = is_found && over->has_coordinates &&
                         distance_km(over->latitude, over->longitude, *toponym.latitude,
                                     toponym.longitude) <= kNearKm;
    const bool in_country = is_found && over->country == toponym.country;
    matched += same != found.end() ? 1U : 0U;
    near += is_near ? 1U : 0U;
    if (!toponym.country.empty()) {
      ++with_country;
      country += in_country ? 1U : 0U;
    }
    if (title.empty() || (is_near && (toponym.country.empty() || in_country))) return;
    std::printf("%s %s [%s %.2f %.2f] %s [%s %.2f %.2f] ...%s\n", title.c_str(),
                std::string(body.substr(toponym.begin, toponym.end - toponym.begin)).c_str(),
                toponym.country.c_str(), *toponym.latitude, toponym.longitude,
                is_found ? "far" : "missed", is_found ? std::string(over->country).c_str() : "",
                is_found ? over->latitude : 0, is_found ? over->longitude : 0,
                around(body, toponym.begin, toponym.end).c_str());
  }

  void add_name(const FoundPlace& place, const std::vector<Toponym>& gold, std::string_view body,
                const std::string& title) {
    const bool is_right = std::any_of(gold.begin(), gold.end(), [&](const Toponym& toponym) {
      return place.overlaps(toponym) && toponym.type != "Non_Toponym" && toponym.type != "Homonym";
    });
    ++named;
    right += is_right ? 1U : 0U;
    if (title.empty() || is_right) return;
    std::printf("%s %s spurious %s ...%s\n", title.c_str(),
                std::string(body.substr(place.begin, place.end - place.begin)).c_str(),
                std::string(place.country).c_str(), around(body, place.begin, place.end).c_str());
  }
};

}  // namespace

RegionMeasures::Result RegionMeasures::toponyms(std::string_view set) {
  const std::string name(set);
  ToponymCount ours;
  ToponymCount naive;
  const auto done = read("toponyms-" + name + ".jsonl.gz", [&](const Document& document) {
    const std::string body = text_of(document.json, "text");
    const std::vector<Toponym> gold = toponyms_of(document.json, body);
    classify("", body, "en", "", document.source);
    ours.add(gold, found_places(result_), body,
             options_.errors ? "! " + name + " " + document.id : std::string());
    const std::vector<NaiveMention> plain = naive_.mentions(text_);
    naive.add(gold, found_places(text_, plain), body, "");
  });
  if (!done) return std::unexpected(done.error());
  return std::vector<Measure>{{name + ", within 161 km, of all",
                               ours.located,
                               share(ours.near, ours.located),
                               {{"likeliest place", share(naive.near, naive.located)}}},
                              {name + ", country, of all",
                               ours.with_country,
                               share(ours.country, ours.with_country),
                               {{"likeliest place", share(naive.country, naive.with_country)}}},
                              {name + ", spans, precision",
                               ours.named,
                               share(ours.right, ours.named),
                               {{"all names", share(naive.right, naive.named)}}},
                              {name + ", spans, recall",
                               ours.located,
                               share(ours.matched, ours.located),
                               {{"all names", share(naive.matched, naive.located)}}}};
}

RegionMeasures::Result RegionMeasures::country_names() {
  struct Count {
    std::size_t gold = 0;
    std::size_t found = 0;
    std::size_t named = 0;
  };
  std::map<std::string, Count> languages;
  std::size_t given = 0;
  std::size_t wrong = 0;
  const auto done = read("country-names-multilingual.jsonl.gz", [&](const Document& document) {
    const Countries gold = countries_of(document.json, "countries");
    const Countries also = countries_of(document.json, "countries_also");
    classify("", document.body, document.language, "", "");
    Countries found;
    for (const Mention& mention : result_.mentions) {
      if (!mention.country.empty()) found.emplace(mention.country.text());
    }
    const Countries named = set_of(naive_.named(text_));
    Count& count = languages[document.language];
    for (const std::string& country : gold) {
      ++count.gold;
      count.found += found.contains(country) ? 1U : 0U;
      count.named += named.contains(country) ? 1U : 0U;
      if (options_.errors && !found.contains(country)) {
        std::printf("! names %s %s missed %s ...%s\n", document.language.c_str(),
                    document.id.c_str(), country.c_str(), document.body.c_str());
      }
    }
    for (const std::string& country : found) {
      ++given;
      const bool good = gold.contains(country) || also.contains(country);
      wrong += good ? 0U : 1U;
      if (options_.errors && !good) {
        std::printf("! names %s %s spurious %s ...%s\n", document.language.c_str(),
                    document.id.c_str(), country.c_str(), document.body.c_str());
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  std::vector<Measure> measures;
  double least = 1;
  double sum = 0;
  double naive = 0;
  std::size_t reached = 0;
  for (const auto& [language, count] : languages) {
    const double recall = share(count.found, count.gold);
    least = std::min(least, recall);
    sum += recall;
    naive += share(count.named, count.gold);
    reached += recall >= 0.97 ? 1U : 0U;
    measures.push_back({"country names, " + language,
                        count.gold,
                        recall,
                        {{"names", share(count.named, count.gold)}}});
  }
  const auto count = static_cast<double>(std::max<std::size_t>(1, languages.size()));
  measures.push_back(
      {"country names, mean recall", languages.size(), sum / count, {{"names", naive / count}}});
  measures.push_back({"country names, least recall", languages.size(), least, {}});
  measures.push_back(
      {"country names, languages at .97", languages.size(), share(reached, languages.size()), {}});
  measures.push_back({"country names, precision", given, 1 - share(wrong, given), {}});
  return measures;
}

RegionMeasures::Result RegionMeasures::listed_names() {
  std::map<std::string, std::pair<std::size_t, std::size_t>> languages;  // All, and those found.
  std::size_t count = 0;
  std::size_t found = 0;
  std::size_t named = 0;
  // The names that the gazetteer was made of: nothing is held out.
  const auto done =
      read_part(Part::kAll, "country-names-cldr.jsonl.gz", [&](const Document& document) {
        const Countries gold = countries_of(document.json, "countries");
        const RegionResult& result = classify("", document.body, document.language, "", "");
        const auto is_gold = [&](CountryCode country) {
          return !country.empty() && gold.contains(std::string(country.text()));
        };
        const bool good =
            std::any_of(result.mentions.begin(), result.mentions.end(),
                        [&](const Mention& mention) { return is_gold(mention.country); });
        const auto plain = naive_.named(text_);
        ++count;
        found += good ? 1U : 0U;
        named += std::any_of(plain.begin(), plain.end(), is_gold) ? 1U : 0U;
        auto& [of_language, found_of_language] = languages[document.language];
        ++of_language;
        found_of_language += good ? 1U : 0U;
        if (options_.errors && !good) {
          std::printf("! cldr %s missed %s\n", document.id.c_str(), document.body.c_str());
        }
      });
  if (!done) return std::unexpected(done.error());
  double least = 1;
  for (const auto& [language, of] : languages) least = std::min(least, share(of.second, of.first));
  return std::vector<Measure>{
      {"CLDR's country names", count, share(found, count), {{"names", share(named, count)}}},
      {"CLDR's country names, least language", languages.size(), least, {}}};
}

RegionMeasures::Result RegionMeasures::pages() {
  std::size_t count = 0;
  std::size_t same = 0;
  std::size_t best_same = 0;
  std::size_t naive_same = 0;
  const auto done = read("pages.jsonl.gz", [&](const Document& document) {
    const std::string page = text_of(document.json, "page_text");
    const Countries clean =
        about_of(classify(document.title, document.body, document.language, "", ""));
    const std::string first =
        result_.about.empty() ? "" : std::string(result_.about.front().country.text());
    const Countries naive_clean = set_of(naive_.countries(text_, 0.25));
    const Countries dirty = about_of(classify(document.title, page, document.language, "", ""));
    const std::string first_dirty =
        result_.about.empty() ? "" : std::string(result_.about.front().country.text());
    ++count;
    same += clean == dirty ? 1U : 0U;
    best_same += first == first_dirty ? 1U : 0U;
    naive_same += naive_clean == set_of(naive_.countries(text_, 0.25)) ? 1U : 0U;
    if (options_.errors && clean != dirty) {
      print_error("pages", document.id, joined(clean), document.title);
    }
  });
  if (!done) return std::unexpected(done.error());
  return std::vector<Measure>{{"pages, same countries as clean body",
                               count,
                               share(same, count),
                               {{"weighted", share(naive_same, count)}}},
                              {"pages, same first country", count, share(best_same, count), {}}};
}

}  // namespace wirewatch::quality
