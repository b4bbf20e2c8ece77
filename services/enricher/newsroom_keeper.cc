#include "services/enricher/newsroom_keeper.h"

#include <chrono>
#include <vector>

#include <spdlog/spdlog.h>

#include "common/kafka/clocks.h"

namespace wirewatch {

namespace {

constexpr auto kPeriod = std::chrono::seconds(60);
constexpr auto kOpenPatience = std::chrono::seconds(3);
constexpr auto kReadPatience = std::chrono::seconds(15);
constexpr int kFlushMs = 5000;

}  // namespace

NewsroomKeeper::NewsroomKeeper(Options options, NewsroomSignals& signals, Metrics& metrics)
    : options_(std::move(options)), signals_(signals), metrics_(metrics) {
  read();
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

NewsroomKeeper::~NewsroomKeeper() {
  thread_.request_stop();
  thread_.join();
}

void NewsroomKeeper::read() {
  const auto begin = std::chrono::steady_clock::now();
  const auto open = [this] {
    return KafkaTable::create({.brokers = options_.brokers,
                               .client_id = options_.client_id,
                               .topic = options_.topic,
                               .embedded = options_.embedded,
                               .properties = options_.properties});
  };
  auto table = open();
  // A topic that was just made is not known everywhere at once.
  while (!table && std::chrono::steady_clock::now() - begin < kOpenPatience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    table = open();
  }
  if (!table) {
    spdlog::warn("what was usual in the news is not known, and learnt anew: {}", table.error());
    return;
  }
  const auto deadline = begin + kReadPatience;
  while (!(*table)->is_complete()) {
    (*table)->read(100);
    if (std::chrono::steady_clock::now() > deadline) {
      spdlog::warn("{} is not read to its end in {} s; what was usual in the news is learnt anew",
                   options_.topic, kReadPatience.count());
      return;
    }
  }
  std::vector<NewsroomState> states;
  for (const auto& [key, value] : (*table)->rows()) {
    if (!key.starts_with(options_.group_id + "/")) continue;
    auto state = parse_newsroom_state(value);
    if (state)
      states.push_back(std::move(*state));
    else
      spdlog::warn("{}, key {}: {}; left aside", options_.topic, key, state.error());
  }
  if (states.empty()) return;
  const std::int64_t now = wall_ms();
  const NewsroomState merged = merge(states, options_.half_life_ms, now);
  signals_.restore(merged, now);
  spdlog::info("what is usual in the news is known from {}: {} pairs of country and subject",
               options_.topic, merged.volumes.pairs.size());
}

void NewsroomKeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kPeriod, [] { return false; });
    }
    if (partition_ >= 0) metrics_.newsroom_kept(write());
  }
  producer_.reset();
}

bool NewsroomKeeper::write() {
  KafkaFailure failure;
  if (!producer_) {
    auto producer =
        KafkaProducer::create({.brokers = options_.brokers,
                               .client_id = options_.client_id,
                               .transactional_id = {},
                               .embedded = options_.embedded,
                               .properties = options_.properties,
                               .topics = {options_.topic},
                               .on_error = {}},
                              [this](void*, const KafkaFailure& told) { last_failure_ = told; });
    if (!producer) {
      spdlog::warn("the newsroom's state is not kept: {}", producer.error());
      return false;
    }
    producer_ = std::move(*producer);
  }
  const std::string key = options_.group_id + "/" + std::to_string(partition_);
  const std::string value = to_json(signals_.state(wall_ms()));
  last_failure_ = {};
  if (!producer_->produce(0, key, value, {}, nullptr, failure)) last_failure_ = failure;
  if (last_failure_.empty() && !producer_->flush(kFlushMs))
    last_failure_ = {KafkaFault::kTemporary, "not acknowledged in time"};
  if (last_failure_.empty()) return true;
  spdlog::warn("the newsroom's state is not kept, and tried again in a minute: {}",
               last_failure_.text);
  producer_->purge();
  producer_.reset();
  return false;
}

}  // namespace wirewatch
