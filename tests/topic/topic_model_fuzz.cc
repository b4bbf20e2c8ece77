// A damaged model file is refused, or scores any text without harm. The input is a number of
// changes (place, value) to a small valid file, these changes, and a text: so it need not know the
// layout. The checksum is made right, so that the checks behind it are reached.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/text/zone_labeler.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/topic_classifier.h"
#include "common/topic/topic_model.h"
#include "common/topic/topic_model_format.h"

namespace {

using namespace wirewatch;
using topic_model_format::Header;

constexpr std::string_view kWords[] = {"bank", "goal", "match", "выборы", "elections", "地震"};

std::string valid_model() {
  topic_tools::ModelContents contents{.kind = TopicModelKind::kTopics,
                                      .scheme = "medtop",
                                      .exclusive = false,
                                      .features = {.pairs = true, .stems = true, .token_max = 64},
                                      .headline_count = 3,
                                      .length_floor = 1,
                                      .classes = {},
                                      .rows = {}};
  for (const std::string_view id : {"medtop:04000000", "medtop:15000000", "medtop:20000822"}) {
    contents.classes.push_back({.id = id, .slope = 4, .offset = -1, .threshold = 0.5F});
  }
  contents.classes[2].parent = 1;
  contents.classes[2].level = 2;
  float weight = 1;
  const auto add = [&](std::uint64_t feature, std::array<std::uint64_t, 2> pair_words = {}) {
    contents.rows.push_back({.feature = feature,
                             .pair_words = pair_words,
                             .length = std::fabs(weight),
                             .weights = {weight, -weight, 0.5F}});
    weight = -0.9F * weight;
  };
  for (const std::string_view word : kWords) {
    add(token_hash(word));
    if (const std::size_t size = stem_size(word); size > 0) add(stem_feature(word.substr(0, size)));
    for (const std::string_view second : kWords) {
      add(pair_feature(token_hash(word), token_hash(second)),
          {token_hash(word), token_hash(second)});
    }
  }
  return topic_tools::write_model(std::move(contents));
}

// The model that `changes` make of the valid one, in aligned memory; its size in bytes.
std::size_t change(std::span<const std::uint8_t> changes, std::vector<std::uint64_t>& words) {
  static const std::string kValid = valid_model();
  std::string bytes = kValid;
  for (; changes.size() >= 3; changes = changes.subspan(3)) {
    const std::size_t at = changes[0] | static_cast<std::size_t>(changes[1]) << 8;
    bytes[at % bytes.size()] = static_cast<char>(changes[2]);
  }
  if (!changes.empty()) bytes.resize(changes[0] * bytes.size() / 256);
  if (bytes.size() >= sizeof(Header)) {
    const std::uint64_t checksum = hash_bytes(std::string_view(bytes).substr(sizeof(Header)));
    std::memcpy(bytes.data() + offsetof(Header, checksum), &checksum, sizeof checksum);
  }
  words.assign(bytes.size() / sizeof(std::uint64_t) + 1, 0);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return bytes.size();
}

// The vector instructions and the portable loop give the same, whatever the rows hold.
void check_sums(const TopicModel& model, const ArticleText& text) {
  static TopicScratch fast;
  static TopicScratch portable;
  model.begin(fast);
  model.begin(portable);
  for_each_token(text, model.features(), [&](std::uint32_t, const TokenFeatures& features) {
    std::vector<std::uint64_t> found = {features.word, features.stem, features.pair};
    std::erase(found, 0U);
    model.add(found, model.headline_count(), fast);
    model.add(found, model.headline_count(), portable);
  });
  model.finish(fast);
  model.finish_portable(portable);
  WIREWATCH_CHECK(fast.scores == portable.scores);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t change_bytes = std::min<std::size_t>(data[0], size - 1);
  static std::vector<std::uint64_t> words;
  const std::size_t model_bytes = change({data + 1, change_bytes}, words);
  const auto model = TopicModel::from_bytes(std::as_bytes(std::span(words)).first(model_bytes));
  if (!model) return model.error().empty() ? 1 : 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1 + change_bytes,
                              size - 1 - change_bytes);
  static ArticleText text;
  TextAnalyzer().analyze("Bank goal elections", body, text);
  ZoneLabeler().label(text);
  check_sums(*model, text);
  static TopicScratch scratch;
  static TopicResult result;
  for (const bool as_topics : {true, false}) {
    const TopicClassifier classifier(as_topics ? &*model : nullptr, as_topics ? nullptr : &*model,
                                     nullptr);
    classifier.classify(text, "en", scratch, result);
    for (const TopicScore& topic : result.topics) {
      WIREWATCH_CHECK(topic.confidence >= 0 && topic.confidence <= 1);
      (void)classifier.explain(text, topic.id, 8);
    }
    for (const LabelScore& label : result.labels) {
      WIREWATCH_CHECK(label.confidence >= 0 && label.confidence <= 1);
      WIREWATCH_CHECK(label.id.size() <= model_bytes);
    }
  }
  return 0;
}
