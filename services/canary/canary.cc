#include "services/canary/canary.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>

#include <spdlog/spdlog.h>

#include "common/base/hexadecimal.h"
#include "common/base/json_writer.h"
#include "common/kafka/kafka.h"

namespace wirewatch {

namespace {

constexpr int kPollTimeoutMs = 20;
constexpr std::int64_t kErrorEveryMs = 10000;

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string random_name() {
  std::random_device device;
  const auto digits = hexadecimal(std::uint64_t{device()} << 32 | device());
  return {digits.begin(), digits.end()};
}

}  // namespace

class Canary::Impl final : public RebalanceListener {
 public:
  Impl(CanaryOptions options, Metrics& metrics)
      : options_(std::move(options)), metrics_(metrics), name_(random_name()) {}

  std::string run(const std::function<bool()>& finished) {
    auto producer = KafkaProducer::create({.brokers = options_.brokers,
                                           .client_id = options_.client_id,
                                           .transactional_id = {},
                                           .embedded = options_.embedded,
                                           .properties = options_.kafka_properties,
                                           .topics = {options_.topic_raw},
                                           .on_error = {}},
                                          [](void*, const KafkaFailure&) {});
    if (!producer) return producer.error();
    // A group of its own that begins at the end and never commits: every canary sees every alert.
    KafkaProperties properties = options_.kafka_properties;
    properties.emplace_back("auto.offset.reset", "latest");
    auto consumer = KafkaConsumer::create({.brokers = options_.brokers,
                                           .client_id = options_.client_id,
                                           .group_id = "wirewatch-canary-" + name_,
                                           .topic = options_.topic_alerts,
                                           .instance_id = {},
                                           .embedded = options_.embedded,
                                           .properties = std::move(properties),
                                           .on_statistics = {},
                                           .on_error = {}},
                                          *this);
    if (!consumer) return consumer.error();
    metrics_.canary_started();
    KafkaRecord record;
    KafkaFailure error;
    std::int64_t next_us = 0;
    std::int64_t last_error_us = -kErrorEveryMs * 1000;
    while (!finished()) {
      health_.heartbeat_ms = steady_us() / 1000;
      (*producer)->poll(0);
      if ((*consumer)->poll(kPollTimeoutMs, record, error)) {
        returned(record);
        record = KafkaRecord();
      }
      const std::int64_t now = steady_us();
      if (!health_.assigned) {
        next_us = now + options_.interval_ms * 1000;  // The end of the topic is being looked up.
      } else if (now >= next_us) {
        next_us = now + options_.interval_ms * 1000;
        KafkaFailure refused;
        if (!send(**producer, now, refused)) error = refused;
      }
      if (!error.empty() && now - last_error_us >= kErrorEveryMs * 1000) {
        last_error_us = now;
        spdlog::warn("canary: {}", error.text);
      }
      give_up(now);
    }
    (*consumer)->close();
    return {};
  }

  [[nodiscard]] const CanaryHealth& health() const { return health_; }

  void on_assigned(std::span<const std::int32_t>) override { health_.assigned = true; }
  void on_revoked(std::span<const std::int32_t>, bool) override { health_.assigned = false; }

 private:
  struct Travelling {
    std::string uri;
    std::int64_t sent_us = 0;
  };

  bool send(KafkaProducer& producer, std::int64_t now, KafkaFailure& error) {
    const std::string number = std::to_string(++sequence_);
    const std::string uri = std::string(kCanaryUriPrefix) + name_ + ":" + number;
    message_.clear();
    JsonWriter json(message_);
    json.begin_object()
        .key("uri")
        .string(uri)
        .key("title")
        .string("Wirewatchcanary " + number)
        .key("text")
        .string("Wirewatch sends this to itself, to see that it comes back. It is no news.")
        .key("source")
        .string("Wirewatch canary")
        .key("language")
        .string("en")
        .end_object();
    if (!producer.produce(0, uri, message_, {}, nullptr, error)) return false;
    travelling_.push_back({uri, now});
    metrics_.canary_sent();
    return true;
  }

  void returned(const KafkaRecord& record) {
    if (record.key() != options_.profile) return;
    for (const KafkaHeader& header : record.headers()) {
      if (header.key != "ce_subject") continue;
      const auto found =
          std::find_if(travelling_.begin(), travelling_.end(),
                       [&](const Travelling& article) { return article.uri == header.value; });
      if (found == travelling_.end()) return;  // Another canary's, a repeat, or given up.
      metrics_.canary_returned(static_cast<double>(steady_us() - found->sent_us) * 1e-6);
      // Those before the very first may have left before the way was open.
      travelling_.erase(any_returned_ ? found : travelling_.begin(), found + 1);
      any_returned_ = true;
      return;
    }
  }

  void give_up(std::int64_t now) {
    while (!travelling_.empty() && now - travelling_.front().sent_us > options_.timeout_ms * 1000) {
      if (any_returned_) {
        metrics_.canary_lost();
        spdlog::warn("canary: {} has not come back", travelling_.front().uri);
      }
      travelling_.pop_front();
    }
  }

  const CanaryOptions options_;
  Metrics& metrics_;
  CanaryHealth health_;
  const std::string name_;
  std::uint64_t sequence_ = 0;
  bool any_returned_ = false;
  std::deque<Travelling> travelling_;
  std::string message_;
};

Canary::Canary(CanaryOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), metrics)) {}
Canary::~Canary() = default;
std::string Canary::run(const std::function<bool()>& finished) {
  return impl_->run(finished);
}
const CanaryHealth& Canary::health() const {
  return impl_->health();
}

}  // namespace wirewatch
