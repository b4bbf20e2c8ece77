#include "common/topic/tools/labelled_sets.h"

#include <algorithm>
#include <iterator>

namespace wirewatch::topic_tools {

namespace {

constexpr std::uint32_t kArts = 1000000;
constexpr std::uint32_t kEconomy = 4000000;
constexpr std::uint32_t kEducation = 5000000;
constexpr std::uint32_t kHealth = 7000000;
constexpr std::uint32_t kLifestyle = 10000000;
constexpr std::uint32_t kPolitics = 11000000;
constexpr std::uint32_t kReligion = 12000000;
constexpr std::uint32_t kScience = 13000000;
constexpr std::uint32_t kSport = 15000000;
constexpr std::uint32_t kEntertainment = 20000002;
constexpr std::uint32_t kBusinessInformation = 20000170;
constexpr std::uint32_t kProducts = 20000209;
constexpr std::uint32_t kEconomics = 20000344;
constexpr std::uint32_t kMarket = 20000385;
constexpr std::uint32_t kDisease = 20000446;
constexpr std::uint32_t kEmployment = 20000509;
constexpr std::uint32_t kBeliefs = 20000657;
constexpr std::uint32_t kNaturalScience = 20000717;
constexpr std::uint32_t kTechnology = 20000756;
constexpr std::uint32_t kDiscipline = 20000822;

constexpr LabelTopics kBbcLabels[] = {{"business", {kEconomy, 0}},
                                      {"entertainment", {kEntertainment, 0}},
                                      {"politics", {kPolitics, 0}},
                                      {"sport", {kDiscipline, 0}},
                                      {"tech", {kTechnology, 0}}};
constexpr std::uint32_t kBbcExcluded[] = {kEconomy, kArts, kPolitics, kSport, kScience};

constexpr LabelTopics kAgLabels[] = {
    {"Business", {kEconomy, 0}}, {"Sci/Tech", {kScience, 0}}, {"Sports", {kDiscipline, 0}}};
constexpr std::uint32_t kAgExcluded[] = {kEconomy, kSport, kScience};

constexpr LabelTopics kMasakhaLabels[] = {
    {"business", {kEconomy, 0}},     {"entertainment", {kEntertainment, 0}},
    {"health", {kHealth, 0}},        {"politics", {kPolitics, 0}},
    {"religion", {kReligion, 0}},    {"sports", {kDiscipline, 0}},
    {"technology", {kTechnology, 0}}};
constexpr std::uint32_t kMasakhaExcluded[] = {kEconomy,  kArts,  kHealth, kPolitics,
                                              kReligion, kSport, kScience};

constexpr LabelTopics kNewsgroupLabels[] = {{"comp.graphics", {kTechnology, 0}},
                                            {"comp.os.ms-windows.misc", {kTechnology, 0}},
                                            {"comp.sys.ibm.pc.hardware", {kTechnology, 0}},
                                            {"comp.sys.mac.hardware", {kTechnology, 0}},
                                            {"comp.windows.x", {kTechnology, 0}},
                                            {"sci.crypt", {kTechnology, 0}},
                                            {"sci.electronics", {kTechnology, 0}},
                                            {"sci.space", {kNaturalScience, 0}},
                                            {"sci.med", {kDisease, 0}},
                                            {"rec.sport.baseball", {kDiscipline, 0}},
                                            {"rec.sport.hockey", {kDiscipline, 0}},
                                            {"rec.autos", {kLifestyle, 0}},
                                            {"rec.motorcycles", {kLifestyle, 0}},
                                            {"alt.atheism", {kBeliefs, 0}},
                                            {"soc.religion.christian", {kBeliefs, 0}},
                                            {"talk.religion.misc", {kBeliefs, 0}},
                                            {"talk.politics.guns", {kPolitics, 0}},
                                            {"talk.politics.mideast", {kPolitics, 0}},
                                            {"talk.politics.misc", {kPolitics, 0}}};
constexpr std::uint32_t kNewsgroupExcluded[] = {kSport, kHealth, kReligion, kScience};

constexpr LabelTopics kThucLabels[] = {
    {"finance", {kMarket, 0}},     {"stocks", {kMarket, 0}},
    {"realty", {kProducts, 0}},    {"education", {kEducation, 0}},
    {"sports", {kDiscipline, 0}},  {"entertainment", {kEntertainment, 0}},
    {"science", {kTechnology, 0}}, {"game", {kLifestyle, 0}}};
constexpr std::uint32_t kThucExcluded[] = {kEconomy, kEducation, kSport,
                                           kArts,    kScience,   kLifestyle};

constexpr LabelTopics kFloresLabels[] = {{"politics", {kPolitics, 0}},
                                         {"sports", {kSport, 0}},
                                         {"health", {kHealth, 0}},
                                         {"entertainment", {kArts, 0}},
                                         {"science/technology", {kScience, 0}},
                                         {"travel", {kLifestyle, 0}}};
constexpr std::uint32_t kFloresExcluded[] = {kSport, kHealth, kArts, kScience, kLifestyle};

constexpr std::array kSets = {
    LabelledSet{.file = "topics-bbc.jsonl.gz", .labels = kBbcLabels, .excluded = kBbcExcluded},
    LabelledSet{.file = "topics-agnews.jsonl.gz", .labels = kAgLabels, .excluded = kAgExcluded},
    LabelledSet{.file = "topics-masakhanews.jsonl.gz",
                .labels = kMasakhaLabels,
                .excluded = kMasakhaExcluded},
    LabelledSet{.file = "topics-20newsgroups.jsonl.gz",
                .body = "body_stripped",
                .labels = kNewsgroupLabels,
                .excluded = kNewsgroupExcluded,
                .weight = 0.5F},
    LabelledSet{.file = "topics-thucnews-titles.jsonl.gz",
                .labels = kThucLabels,
                .excluded = kThucExcluded},
    LabelledSet{.file = "country-names-multilingual.jsonl.gz",
                .label = "sib_topic",
                .labels = kFloresLabels,
                .excluded = kFloresExcluded,
                .weight = 0.25F},
    // Without labels: only seed words speak.
    LabelledSet{.file = "toponyms-lgl.jsonl.gz", .labels = {}, .excluded = {}},
    LabelledSet{.file = "toponyms-geovirus.jsonl.gz", .labels = {}, .excluded = {}},
    LabelledSet{.file = "toponyms-geowebnews.jsonl.gz", .labels = {}, .excluded = {}},
    LabelledSet{.file = "focus-country.jsonl.gz", .labels = {}, .excluded = {}},
    LabelledSet{.file = "pages.jsonl.gz", .labels = {}, .excluded = {}},
};

constexpr std::string_view kReutersCompany[] = {"earn", "acq"};
constexpr std::string_view kReutersIndicators[] = {
    "money-fx", "trade",       "interest", "gnp", "money-supply", "bop",
    "cpi",      "reserves",    "jobs",     "ipi", "wpi",          "inventories",
    "income",   "instal-debt", "retail",   "dlr"};

}  // namespace

std::span<const LabelledSet> labelled_sets() {
  return kSets;
}

std::vector<std::uint32_t> topics_of(const LabelledSet& set, const CorpusDocument& document) {
  std::vector<std::uint32_t> topics;
  const std::string_view label =
      document.labels.empty() ? std::string_view() : document.labels.front();
  for (const LabelTopics& entry : set.labels) {
    if (entry.label != label) continue;
    for (const std::uint32_t topic : entry.topics) {
      if (topic != 0) topics.push_back(topic);
    }
  }
  return topics;
}

std::vector<std::uint32_t> reuters_topics(const CorpusDocument& document) {
  std::vector<std::uint32_t> topics;
  for (const std::string& label : document.labels) {
    const auto is_in = [&](const auto& list) {
      return std::find(std::begin(list), std::end(list), label) != std::end(list);
    };
    topics.push_back(is_in(kReutersCompany)      ? kBusinessInformation
                     : is_in(kReutersIndicators) ? kEconomics
                                                 : kMarket);
    if (label == "jobs") topics.push_back(kEmployment);
  }
  return topics;
}

}  // namespace wirewatch::topic_tools
