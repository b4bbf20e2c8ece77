#include "common/pipeline/processor.h"

#include "common/base/hash.h"
#include "common/base/hexadecimal.h"

namespace wirewatch {

namespace {

// Version of the program's own rules: a hash over the sources of this module and of those that it
// uses, made while building, for nobody remembers to raise a number with every change. A comment
// changes it too, which costs readers nothing but ids of their own for what is processed again.
constexpr std::string_view kEngineRules =
#include "engine_rules.inc"
    ;

// A value that cannot be read may be packed in a way that its header tells.
void name_foreign_coding(std::span<const HeaderView> headers, ParseError& error) {
  if (error.reason != ParseErrorReason::kInvalidUtf8 &&
      error.reason != ParseErrorReason::kInvalidJson &&
      error.reason != ParseErrorReason::kNotAnObject) {
    return;
  }
  const std::string_view coding = header_value(headers, "content-encoding");
  for (const std::string_view known : {"", "identity", "gzip", "x-gzip", "zstd"}) {
    if (coding == known) return;  // Its bytes show it, or that it is not.
  }
  constexpr std::size_t kShownMax = 40;
  error = {ParseErrorReason::kUnsupported,
           "The header content-encoding says \"" + std::string(coding.substr(0, kShownMax)) +
               "\", which is not read; compress by gzip or zstd, or leave it to the producer "
               "(compression.type).",
           0};
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

RuleSet::Data::Data(Gazetteer gazetteer_in, TopicModels topics_in)
    : gazetteer(std::move(gazetteer_in)), topics(std::move(topics_in)), regions(gazetteer) {
  hash = hash_combine(gazetteer.version_hash(), topics.version());
}

RuleSet::RuleSet(Gazetteer gazetteer, TopicModels topics, ProfileSet profiles)
    : RuleSet(std::make_shared<const Data>(std::move(gazetteer), std::move(topics)),
              std::move(profiles)) {}

RuleSet::RuleSet(const RuleSet& other, ProfileSet profiles)
    : RuleSet(other.data_, std::move(profiles)) {}

RuleSet::RuleSet(std::shared_ptr<const Data> data, ProfileSet profiles)
    : data_(std::move(data)), profiles_(std::move(profiles)) {
  const std::uint64_t hash = hash_bytes(profiles_.version(), data_->hash);
  const auto digits = hexadecimal(hash);
  version_.append(kEngineRules).append("-").append(digits.data(), digits.size());
}

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kParse:
      return "parse";
    case Stage::kAnalyze:
      return "analyze";
    case Stage::kZones:
      return "zones";
    case Stage::kRegion:
      return "region";
    case Stage::kTopic:
      return "topic";
    case Stage::kMatch:
      return "match";
    case Stage::kSerialize:
      return "serialize";
  }
  return "parse";
}

Processor::Processor(std::shared_ptr<const RuleSet> rules, const ProcessorOptions& options)
    : rules_(std::move(rules)),
      parser_(options.parser),
      analyzer_(options.analyzer),
      writer_(options.event_mode) {}

void Processor::use(std::shared_ptr<const RuleSet> rules) {
  rules_ = std::move(rules);
  matches_ = {};
  outcome_.alert_count = 0;
}

const Outcome& Processor::process(std::string_view message, std::span<const HeaderView> headers) {
  stage_ns_.fill(0);
  outcome_.dead = false;
  outcome_.enriched.clear();
  outcome_.alert_count = 0;
  std::int64_t before = now_ns();
  const auto lap = [&](Stage stage) {
    const std::int64_t now = now_ns();
    stage_ns_[static_cast<std::size_t>(stage)] = now - before;
    before = now;
  };
  const CloudEventMode mode = cloud_event_mode(headers);
  if (mode == CloudEventMode::kBatch) {
    outcome_.dead = true;
    outcome_.error = {ParseErrorReason::kUnsupported,
                      "The message is a batch of CloudEvents; send one event per message.", 0};
    return outcome_;
  }
  const CloudEventAttributes event =
      mode == CloudEventMode::kBinary ? cloud_event_attributes(headers) : CloudEventAttributes{};
  if (auto parsed = parser_.parse(message, article_, event); !parsed) {
    outcome_.dead = true;
    outcome_.error = std::move(parsed.error());
    name_foreign_coding(headers, outcome_.error);
    lap(Stage::kParse);
    return outcome_;
  }
  lap(Stage::kParse);
  analyzer_.analyze(article_.headline, article_.body, text_);
  lap(Stage::kAnalyze);
  rules_->zones().label(text_);
  lap(Stage::kZones);
  rules_->topics().classify(text_, article_.language, topic_scratch_, topics_);
  lap(Stage::kTopic);
  rules_->regions().classify(text_, region_context(), region_scratch_, regions_);
  lap(Stage::kRegion);
  ProfileMatcher(rules_->profiles())
      .match({text_, article_, regions_, topics_}, profile_scratch_, matches_);
  lap(Stage::kMatch);
  const EventInput input{
      article_,           text_,    regions_,          topics_,
      rules_->profiles(), matches_, rules_->version(), rules_->regions().renamed_countries()};
  writer_.begin(input);
  writer_.write_enriched(outcome_.enriched);
  outcome_.enriched_id = writer_.enriched_id();
  outcome_.uri = article_.uri;
  outcome_.event_time_ms =
      article_.version_created_ms == Article::kNoTime ? -1 : article_.version_created_ms;
  const std::size_t match_count = matches_.matches.size();
  if (outcome_.alerts.size() < match_count) outcome_.alerts.resize(match_count);
  outcome_.alert_count = match_count;
  for (std::size_t i = 0; i < match_count; ++i) {
    AlertOut& alert = outcome_.alerts[i];
    const Profile& profile = rules_->profiles().profile(matches_.matches[i].profile);
    alert.profile_id = profile.id;
    alert.title = profile.title;
    alert.level = to_string(profile.level);
    alert.id = writer_.alert_id(i);
    alert.json.clear();
    writer_.write_alert(i, alert.json);
  }
  lap(Stage::kSerialize);
  return outcome_;
}

// Names of an unknown language are looked for in all of them.
RegionContext Processor::region_context() const {
  return {.language = topics_.language,
          .located = article_.located,
          .source = article_.source_uri.empty() ? article_.source : article_.source_uri,
          .labels = article_.labels};
}

RegionExplanation Processor::explain_regions() {
  RegionExplanation explanation;
  rules_->regions().classify(text_, region_context(), region_scratch_, regions_, &explanation);
  return explanation;
}

std::string Processor::explain(ProfileIndex profile) {
  return ProfileMatcher(rules_->profiles())
      .explain(profile, {text_, article_, regions_, topics_}, profile_scratch_);
}

}  // namespace wirewatch
