#include "services/enricher/outputs.h"

#include <chrono>
#include <thread>
#include <utility>

#include <pthread.h>

#include "common/event/event_writer.h"

namespace wirewatch {

namespace {

// Positions in the producer's topics.
constexpr std::size_t kEnriched = 0;
constexpr std::size_t kAlerts = 1;
constexpr std::size_t kDead = 2;
// Acknowledgements wake the thread; in between it looks whether it is to end.
constexpr int kReportsPollMs = 50;
// Below the time between two gatherings of articles, so that those of one make one burst.
constexpr int kBurstMs = 4;
// Nothing waits for an acknowledgement as such: those of so long are served together.
constexpr std::chrono::milliseconds kReportsGather(2);

}  // namespace

Outputs::Outputs(const EnricherOptions& options, const InFlightTotals& totals,
                 Acknowledgements& acknowledgements, Callbacks callbacks)
    : options_(options),
      totals_(totals),
      acknowledgements_(acknowledgements),
      callbacks_(std::move(callbacks)) {}

std::string Outputs::open() {
  close();
  auto producer = KafkaProducer::create(
      {.brokers = options_.brokers,
       .client_id = options_.client_id,
       .transactional_id =
           options_.exactly_once ? options_.group_id + "-" + options_.instance_id : "",
       .embedded = options_.embedded,
       .burst_ms = kBurstMs,
       .more_come = [this] { return totals_.unproduced > 0; },
       .properties = options_.kafka_properties,
       .topics = {options_.topic_enriched, options_.topic_alerts, options_.topic_dead},
       .on_error = callbacks_.on_error,
       .on_statistics = callbacks_.on_statistics},
      [this](void* opaque, const KafkaFailure& failure) {
        acknowledgements_.delivered(opaque, failure);
      });
  if (!producer) return producer.error();
  producer_ = std::move(*producer);
  reports_ = std::jthread([this, served = producer_.get()](const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "reports");  // For top -H and the like.
    while (!stop.stop_requested()) {
      served->poll(kReportsPollMs);
      acknowledgements_.end_of_burst();
      // Outputs may wait for acknowledgements, as those of more than one burst: then at once.
      if (!served->awaits_acknowledgements()) std::this_thread::sleep_for(kReportsGather);
    }
  });
  return {};
}

void Outputs::close() {
  if (!producer_) return;
  reports_.request_stop();
  reports_.join();
  producer_.reset();
}

void Outputs::produce(InFlight& in_flight, std::size_t output, std::size_t topic,
                      std::string_view key, std::string_view value,
                      std::span<const KafkaHeader> headers) {
  if (output < kOutputMax && (in_flight.before >> output & 1) != 0) return;
  ++in_flight.pending;
  KafkaFailure failure;
  if (producer_->produce(topic, key, value, headers, to_opaque({&in_flight, output}), failure))
    return;
  --in_flight.pending;
  acknowledgements_.refuse(in_flight, failure);
}

void Outputs::Publisher::publish(InFlight& in_flight, const Outcome& outcome,
                                 std::span<const HeaderView> headers) {
  const std::string_view traceparent = header_value(headers, "traceparent");
  const std::int64_t time =
      outcome.event_time_ms >= 0 ? outcome.event_time_ms : in_flight.record.timestamp_ms();
  event_headers(kEnrichedType, outcome.enriched_id, outcome.uri, time, traceparent, headers_);
  send(in_flight, 0, kEnriched, outcome.uri, outcome.enriched);
  for (std::size_t i = 0; i < outcome.alert_count; ++i) {
    const AlertOut& alert = outcome.alerts[i];
    event_headers(kAlertType, alert.id, outcome.uri, time, traceparent, headers_);
    send(in_flight, i + 1, kAlerts, alert.profile_id, alert.json);
  }
}

void Outputs::Publisher::publish_dead(InFlight& in_flight, std::string_view detail,
                                      std::size_t position) {
  const KafkaRecord& record = in_flight.record;
  dead_letter_headers(in_flight.reason, detail, position,
                      {record.topic(), record.partition(), record.offset(), record.timestamp_ms()},
                      headers_);
  kafka_headers_.assign(record.headers().begin(), record.headers().end());  // The original ones
                                                                            // first.
  for (const OutHeader& header : headers_) kafka_headers_.push_back({header.key, header.value});
  outputs_.produce(in_flight, 0, kDead, record.key(), record.value(), kafka_headers_);
}

void Outputs::Publisher::send(InFlight& in_flight, std::size_t output, std::size_t topic,
                              std::string_view key, std::string_view value) {
  kafka_headers_.clear();
  for (const OutHeader& header : headers_) kafka_headers_.push_back({header.key, header.value});
  outputs_.produce(in_flight, output, topic, key, value, kafka_headers_);
}

}  // namespace wirewatch
