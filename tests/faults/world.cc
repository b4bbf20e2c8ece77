#include "tests/faults/world.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <simdjson.h>

#include "common/base/hash.h"
#include "tests/faults/log_segments.h"

namespace wirewatch::faults {

namespace {

constexpr std::size_t kKeys = 24;
constexpr std::int64_t kInflightBytesMax = 1048576;
// What was finished so long before a fault may be uncommitted: it is committed five times a second,
// and an answer takes its time. What is finished so long after its beginning is of the same
// transmission.
constexpr std::int64_t kUncommittedMs = 700;
constexpr std::int64_t kSettlingMs = 500;
constexpr double kRecoveryMaxS = 60;
constexpr std::int64_t kStopMs = 45000;  // Drain and close, and some.
const char* const kId = "fault-id";
const char* const kIdPlace = "@ID@";

const char* const kBodies[] = {
    "Pyongyang fired a missile on Friday, the army said.",
    "The city council met on Tuesday and put off its vote on the new library.",
    "Shares rose in Tokyo as the central bank kept its interest rate where it was.",
    "The team won its third match in a row before a small crowd.",
};
const char* const kTitles[] = {"North Korea fires missile", "Council puts off vote",
                               "Tokyo shares rise", "Third win in a row"};

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The text after `name` up to the next quote, in JSON that the enricher writes.
std::string field(std::string_view json, std::string_view name) {
  const std::size_t at = json.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

// Of an event or an alert, in which the article's version follows its uri.
std::string id_of(std::string_view json) {
  const std::string uri = field(json, "\"uri\":\"");
  const std::size_t at = json.find("\"uri\":\"");
  return uri + "#" + (at == std::string_view::npos ? "" : field(json.substr(at), "\"version\":\""));
}

const std::pair<Kind, const char*> kOutputs[] = {
    {Kind::kEnriched, "enriched"}, {Kind::kAlert, "alerts"}, {Kind::kDead, "dead"}};

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)), random_(options_.seed), versions_(kKeys) {
  static int count = 0;
  name_ = options_.scenario + (exactly_once() ? "-eo-" : "-alo-") + std::to_string(++count);
  row_.scenario = options_.scenario;
  row_.delivery = exactly_once() ? "exactly once" : "at least once";
  row_.broker = is_mock()                     ? "embedded"
                : options_.kafka->is_secure() ? "Kafka, tokens"
                : options_.kafka->size() == 1 ? "Kafka"
                                              : "Kafka ×3";
  if (is_mock()) mock_ = std::make_unique<MockCluster>(3);
  probe_ = std::make_unique<KafkaProbe>(bootstrap(), name_);
}

World::~World() {
  end_load();
  enrichers_.clear();
  load_.reset();
  probe_.reset();
}

std::string World::bootstrap() const {
  return is_mock() ? mock_->bootstrap_servers() : options_.kafka->bootstrap();
}

void World::create_topics() {
  for (const char* kind : {"raw", "enriched", "alerts", "dead", "newsroom"}) {
    if (is_mock()) {
      rd_kafka_mock_topic_create(mock_->native(), topic(kind).c_str(), partitions, 3);
      continue;
    }
    const std::string error =
        probe_->create_topic(topic(kind), partitions, options_.kafka->size(), topic_config[kind]);
    require(error.empty(), "topic " + topic(kind) + ": " + error);
  }
  for (const char* kind : {"raw", "enriched", "alerts", "dead", "newsroom"}) {
    require(await(30000, [&] { return std::ssize(probe_->leaders(topic(kind))) == partitions; }),
            "topic " + topic(kind) + " did not come");
  }
  load_ = std::make_unique<Load>(KafkaProducer::Options{.brokers = bootstrap(),
                                                        .client_id = "fault-load",
                                                        .transactional_id = {},
                                                        .embedded = is_mock(),
                                                        .properties = {},
                                                        .topics = {topic("raw")},
                                                        .on_error = {}},
                                 kId);
}

// --- enrichers ---------------------------------------------------------------------------------

Process& World::start(int index, ProcessOptions with) {
  Enricher& slot = enrichers_[index];
  slot.port = free_ports(1)[0];
  std::vector<std::string> all = {
      "kafka.brokers=" + (is_mock() ? bootstrap() : options_.kafka->client_bootstrap()),
      "kafka.group_id=" + name_,
      "kafka.client_id=enricher-" + std::to_string(index),
      "kafka.topic_raw=" + topic("raw"),
      "kafka.topic_enriched=" + topic("enriched"),
      "kafka.topic_alerts=" + topic("alerts"),
      "kafka.topic_dead=" + topic("dead"),
      "kafka.topic_newsroom=" + topic("newsroom"),
      "kafka.topics_create=require",
      std::string("kafka.delivery=") + (exactly_once() ? "exactly_once" : "at_least_once"),
      "enricher.workers=2",
      "enricher.inflight_bytes_max=" + std::to_string(kInflightBytesMax),
      "http.port=" + std::to_string(slot.port),
      "log.format=text",
  };
  if (static_members || exactly_once())
    all.push_back("kafka.instance_id=desk-" + std::to_string(index));
  if (is_mock()) {
    // As clients of the embedded broker have them; see common/kafka for the reasons.
    for (const char* property : {"session.timeout.ms=3000", "heartbeat.interval.ms=200",
                                 "fetch.wait.max.ms=5", "fetch.min.bytes=1", "batch.size=262144",
                                 "linger.ms=1", "max.in.flight.requests.per.connection=1"})
      all.push_back(std::string("kafka.properties.") + property);
  } else {
    all.emplace_back("kafka.properties.session.timeout.ms=6000");
    all.emplace_back("kafka.properties.heartbeat.interval.ms=1000");
  }
  all.insert(all.end(), settings.begin(), settings.end());
  std::vector<std::string> arguments = {options_.program};
  for (const std::string& setting : all) {
    arguments.emplace_back("--set");
    arguments.push_back(setting);
  }
  arguments.insert(arguments.end(), {"run", "enricher"});
  arguments.insert(arguments.end(), with.arguments.begin(), with.arguments.end());
  with.arguments = std::move(arguments);
  if (with.output.empty())
    with.output = options_.directory + "/" + name_ + "-" + std::to_string(index) + ".log";
  slot.process = std::make_unique<Process>(with);
  return *slot.process;
}

std::string World::log(int index) const {
  std::stringstream text;
  text << std::ifstream(options_.directory + "/" + name_ + "-" + std::to_string(index) + ".log")
              .rdbuf();
  return text.str();
}

void World::note_rss() {
  for (const auto& [index, slot] : enrichers_)
    rss_kb_ = std::max(rss_kb_, slot.process->peak_rss_kb());
}

void World::kill(int index) {
  note_fault();
  enricher(index).signal(SIGKILL);
  (void)enricher(index).wait(10000);
  check_commits();
}

std::optional<int> World::stop(int index) {
  note_rss();
  enricher(index).signal(SIGTERM);
  return enricher(index).wait(kStopMs);
}

bool World::await_ready(int index, std::int64_t timeout_ms) {
  return await(timeout_ms, [&] { return http_get(port(index), "/readyz").status == 200; });
}

bool World::await_progress(int index, std::int64_t timeout_ms) {
  return await(timeout_ms, [&] {
    return metric("wirewatch_records_consumed_total{topic=\"" + topic("raw") + "\"}", index) > 0;
  });
}

double World::metric(const std::string& sample, int index) const {
  const std::string text = "\n" + http_get(port(index), "/metrics").body;
  const std::size_t at = text.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + sample.size() + 2);
}

// --- load --------------------------------------------------------------------------------------

World::Article World::next_article() {
  const std::size_t key = load_random_() % kKeys;
  const std::string head = R"({"uri":"urn:fault:)" + std::to_string(key) + R"(","version":")" +
                           std::to_string(++versions_[key]) + R"(","title":)";
  if (static_cast<int>(load_random_() % 100) < poison_percent) return {head, true};
  const std::size_t about = load_random_() % std::size(kBodies);
  return {head + "\"" + kTitles[about] + R"(","text":")" + kBodies[about] + "\"}", false};
}

void World::produce(const Article& article) {
  const std::string id = id_of(article.value);
  articles_[id] = {article.dead, article.value};
  load_->send(id.substr(0, id.find('#')), article.value, id);
}

void World::begin_load(int articles_per_s) {
  loading_ = true;
  load_thread_ = std::thread([this, articles_per_s] {
    std::int64_t due = steady_ms() * 1000;
    while (loading_) {
      {
        const std::lock_guard lock(load_mutex_);
        produce(next_article());
      }
      due += 1'000'000 / articles_per_s;
      if (const std::int64_t early = due / 1000 - steady_ms(); early > 0) sleep_ms(early);
    }
  });
}

void World::end_load() {
  loading_ = false;
  if (load_thread_.joinable()) load_thread_.join();
  if (load_) flush_load();
}

void World::send(int articles) {
  const std::lock_guard lock(load_mutex_);
  for (int i = 0; i < articles; ++i) produce(next_article());
  flush_load();
}

void World::flush_load() {
  require(load_->flush(60000), "Kafka did not take all articles in 60 s; " + load_->failure());
}

void World::send_article(std::string value, bool dead) {
  const std::lock_guard lock(load_mutex_);
  const std::size_t key = load_random_() % kKeys;
  const std::string id =
      "urn:fault:" + std::to_string(key) + "#" + std::to_string(++versions_[key]);
  if (const std::size_t at = value.find(kIdPlace); at != std::string::npos) {
    value.replace(at, std::strlen(kIdPlace),
                  R"("uri":"urn:fault:)" + std::to_string(key) + R"(","version":")" +
                      std::to_string(versions_[key]) + "\"");
  }
  articles_[id] = {dead, value};
  load_->send(id.substr(0, id.find('#')), std::move(value), id);
}

// --- faults ------------------------------------------------------------------------------------

void World::check_commits() {
  Snapshot snapshot;
  // First the commits: what they cover must be in the outputs by now.
  const auto committed = probe_->committed(topic("raw"));
  if (!committed) return;
  snapshot.committed = *committed;
  for (const auto& [kind, suffix] : kOutputs) {
    const auto ends = probe_->ends(topic(suffix));
    if (!ends) return;
    for (const auto& [partition, end] : *ends) snapshot.ends[{kind, partition}] = end;
  }
  snapshots_.push_back(std::move(snapshot));
}

void World::note_fault() {
  ++row_.faults;
  note_rss();
  Fault fault{.begun_ms = wall_ms(), .in_flight = 0};
  for (const auto& [index, slot] : enrichers_) {
    if (slot.process->runs())
      fault.in_flight += std::max(0.0, metric("wirewatch_inflight_records", index));
  }
  faults_.push_back(fault);
}

void World::fault() {
  note_fault();
  check_commits();
}

void World::healed() {
  healed_ms_ = steady_ms();
  healed_ends_.clear();
  await(30000, [&] {
    const auto ends = probe_->ends(topic("raw"));
    if (ends) healed_ends_ = *ends;
    return ends.has_value();
  });
}

void World::recovered(std::int64_t timeout_ms) {
  const bool done = await(timeout_ms - (steady_ms() - healed_ms_), [&] {
    const auto committed = probe_->committed(topic("raw"));
    if (!committed || healed_ends_.empty()) return false;
    for (const auto& [partition, end] : healed_ends_) {
      const auto found = committed->find(partition);
      if (found == committed->end() || found->second < end) return false;
    }
    return true;
  });
  const double seconds = static_cast<double>(steady_ms() - healed_ms_) / 1000;
  row_.recovery_s = std::max(row_.recovery_s, seconds);
  require(done, "not recovered " + std::to_string(timeout_ms / 1000) + " s after the fault");
  note_rss();
}

void World::require(bool condition, const std::string& what) {
  if (!condition) row_.failures.push_back(what);
}

// --- the verdict -------------------------------------------------------------------------------

void World::remember_inputs() {
  read_inputs(remembered_);
}

void World::forget(const std::map<std::int32_t, std::int64_t>& from,
                   const std::map<std::int32_t, std::int64_t>& to) {
  std::erase_if(remembered_, [&](const auto& entry) {
    const Sent& article = entry.second;
    const auto begin = from.find(article.partition);
    const auto end = to.find(article.partition);
    return begin != from.end() && end != to.end() && article.offset >= begin->second &&
           article.offset < end->second;
  });
  is_recreated = true;
}

void World::read_inputs(std::map<std::string, Sent>& sent) {
  const bool whole = read_topic(bootstrap(), topic("raw"), [&](const KafkaRecord& record) {
    std::string id;
    for (const KafkaHeader& header : record.headers()) {
      if (header.key == kId) id = header.value;
    }
    const auto [entry, fresh] = sent.try_emplace(id);
    Sent& article = entry->second;
    if (!fresh && article.partition == record.partition() && article.offset == record.offset())
      return;      // Is remembered.
    if (!fresh) {  // The embedded broker stores some repeats of its clients.
      ++article.copies;
      return;
    }
    article.key = record.key();
    article.partition = record.partition();
    article.offset = record.offset();
    article.dead = articles_[id].first;
    article.bytes = hash_bytes(record.value());
    article.either = refusals;
    article.beside = refusals && !exactly_once();
  });
  require(whole, "the articles could not be read back");
}

void World::judge_inputs(std::map<std::string, Sent>& sent) {
  if (load_->ended() > 0) {
    note("the load's producer ended " + std::to_string(load_->ended()) +
         " times: " + load_->failure());
  }
  require(sent.size() == articles_.size() || is_recreated,
          std::to_string(articles_.size()) + " articles were sent and " +
              std::to_string(sent.size()) + " are there");
  const std::string file = options_.directory + "/" + name_ + ".ndjson";
  std::vector<std::string> ids;
  {
    std::ofstream lines(file, std::ios::binary);
    for (const auto& [id, article] : sent) {
      if (article.dead) continue;
      ids.push_back(id);
      lines << articles_[id].second << "\n";
    }
  }
  const auto [status, output] = run({options_.program, "classify", "--json", file});
  std::filesystem::remove(file);
  std::istringstream lines(output);
  std::size_t next = 0;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(lines, line) && next < ids.size(); ++next) {
    Sent& article = sent[ids[next]];
    if (classify) article.payload = hash_bytes(line);
    simdjson::dom::element event;
    simdjson::dom::array matches;
    if (parser.parse(line).get(event) != simdjson::SUCCESS) continue;
    if (event["enrichment"]["matches"].get(matches) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element match : matches)
      article.alerts.emplace(match["profile"].get_string().value());
  }
  require(status == 0 && next == ids.size(), "wirewatch classify did not judge every article");
}

void World::read_outputs(std::vector<Seen>& seen) {
  for (const auto& [kind, suffix] : kOutputs) {
    const bool whole =
        read_topic(bootstrap(), topic(suffix), [&, kind = kind](const KafkaRecord& record) {
          Seen one{.kind = kind,
                   .id = {},
                   .partition = record.partition(),
                   .offset = record.offset(),
                   .timestamp_ms = record.timestamp_ms()};
          if (kind == Kind::kDead) {
            for (const KafkaHeader& header : record.headers()) {
              if (header.key == kId) one.id = header.value;
            }
          } else {
            one.id = id_of(record.value());
          }
          if (kind == Kind::kAlert) one.profile = record.key();
          if (kind != Kind::kAlert) one.payload = hash_bytes(record.value());
          seen.push_back(std::move(one));
        });
    require(whole, "topic " + topic(suffix) + " could not be read to its end");
  }
}

void World::read_aborted(std::set<std::pair<Place, std::int64_t>>& aborted) {
  if (is_mock()) return;
  for (const auto& [kind, suffix] : kOutputs) {
    for (const auto& [partition, leader] : probe_->leaders(topic(suffix))) {
      const TransactionLog found = read_partition(options_.kafka->data_directory(leader) + "/" +
                                                  topic(suffix) + "-" + std::to_string(partition));
      row_.aborted_transactions += found.aborts;
      for (const std::int64_t offset : found.aborted) aborted.insert({{kind, partition}, offset});
    }
  }
}

Row World::finish() {
  end_load();
  healed();
  recovered();
  check_commits();
  note_rss();
  for (auto& [index, slot] : enrichers_) {
    if (!slot.process->runs()) continue;
    const auto status = stop(index);
    require(status == 0, "SIGTERM ended enricher " + std::to_string(index) + " with " +
                             (status ? std::to_string(*status) : "nothing in time"));
  }
  std::map<std::string, Sent> sent = std::move(remembered_);
  std::vector<Seen> seen;
  std::set<std::pair<Place, std::int64_t>> aborted;
  read_inputs(sent);
  judge_inputs(sent);
  read_outputs(seen);
  read_aborted(aborted);
  row_.findings = check(sent, seen, snapshots_, aborted);
  const Findings& findings = row_.findings;
  if (!exactly_once() && duplicates_) {
    // Of each fault: what was in flight when it began, and what was finished around then and not
    // yet committed.
    const double ratio = static_cast<double>(findings.seen) /
                         static_cast<double>(std::max<std::int64_t>(findings.sent, 1));
    double allowed = 0;
    for (const Fault& fault : faults_) {
      allowed += fault.in_flight * ratio;
      for (const Seen& record : seen) {
        const std::int64_t after = record.timestamp_ms - fault.begun_ms;
        if (after >= -kUncommittedMs && after <= kSettlingMs) ++allowed;
      }
    }
    row_.duplicates_max = std::llround(allowed);
  }
  require(!aborts_wanted || row_.aborted_transactions > 0, "no fault hit an open transaction");
  require(findings.sound(), "the outputs are wrong");
  for (const std::string& example : findings.examples) require(findings.sound(), example);
  require(findings.duplicate <= row_.duplicates_max, std::to_string(findings.duplicate) +
                                                         " duplicates, at most " +
                                                         std::to_string(row_.duplicates_max));
  require(row_.recovery_s <= kRecoveryMaxS, "recovery took longer than a minute");
  require(findings.sent > 0, "no load");
  require(!snapshots_.empty(), "commits were compared with outputs at no moment");
  row_.rss_mb = rss_kb_ / 1024;
  row_.seconds = (steady_ms() - begun_ms_) / 1000;
  return row_;
}

}  // namespace wirewatch::faults
