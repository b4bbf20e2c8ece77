// Publishes what came of an article, and has the producer and the thread that serves its
// acknowledgements.
//
// Threads: publish() from any; the rest from the poll loop. The producer is replaced only while no
// worker publishes.

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/kafka/kafka.h"
#include "common/pipeline/processor.h"
#include "services/enricher/acknowledgements.h"
#include "services/enricher/enricher.h"
#include "services/enricher/in_flight.h"

namespace wirewatch {

class Outputs {
 public:
  struct Callbacks {  // Of the client, on any thread.
    std::function<void(std::string_view json)> on_statistics;
    std::function<void(const KafkaFailure&)> on_error;  // It carries on.
  };
  // All must outlive it.
  Outputs(const EnricherOptions& options, const InFlightTotals& totals,
          Acknowledgements& acknowledgements, Callbacks callbacks);
  ~Outputs() { close(); }
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  // A new producer in place of the one there is. Empty, or which property is wrong.
  [[nodiscard]] std::string open();
  // Without an acknowledgement for what is still on its way: purge() before.
  void close();
  [[nodiscard]] bool is_open() const { return producer_ != nullptr; }
  // Its purge() and its transactions; is_open() only.
  [[nodiscard]] KafkaProducer& producer() { return *producer_; }

  // All outputs of what was read are produced: what waited for more of them is sent. From a worker.
  void send() {
    if (producer_) producer_->send();
  }

  // One worker's own: it keeps the memory of headers from article to article.
  class Publisher {
   public:
    explicit Publisher(Outputs& outputs) : outputs_(outputs) {}
    // The enriched event and the alerts. What was acknowledged in an earlier attempt is left out.
    void publish(InFlight& in_flight, const Outcome& outcome, std::span<const HeaderView> headers);
    // The record as it came, with in_flight.reason and where it lies, in its headers.
    void publish_dead(InFlight& in_flight, std::string_view detail, std::size_t position);

   private:
    void send(InFlight& in_flight, std::size_t output, std::size_t topic, std::string_view key,
              std::string_view value);

    Outputs& outputs_;
    std::vector<OutHeader> headers_;
    std::vector<KafkaHeader> kafka_headers_;
  };

 private:
  void produce(InFlight& in_flight, std::size_t output, std::size_t topic, std::string_view key,
               std::string_view value, std::span<const KafkaHeader> headers);

  const EnricherOptions& options_;
  const InFlightTotals& totals_;
  Acknowledgements& acknowledgements_;
  const Callbacks callbacks_;
  std::unique_ptr<KafkaProducer> producer_;
  std::jthread reports_;
};

}  // namespace wirewatch
