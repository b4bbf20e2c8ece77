// Sends records until Kafka has each of them, whatever becomes of the client.
//
// A broker that stands still or dies can end an idempotent producer: it refuses all it holds rather
// than let one record overtake another. Then another producer is made, and all that has no
// acknowledgement goes out again, in order. Kafka may already have some of it, so that a topic may
// hold a record twice; their first appearances are in order.
//
// One thread at a time.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "common/kafka/kafka.h"

namespace wirewatch::faults {

class Load {
 public:
  // `options` name one topic; `header` is the name of the header that a record's id stands in.
  // Throws std::runtime_error when no producer can be made.
  Load(KafkaProducer::Options options, std::string header);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Waits for nothing but a full queue and the end of a producer.
  void send(std::string key, std::string value, std::string id);
  // Waits until Kafka has everything. False when time ran out, or when so many producers ended that
  // another would, too.
  bool flush(std::int64_t timeout_ms);

  // How many producers ended, and what was said of the last refusal.
  [[nodiscard]] int ended() const { return ended_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  struct Record {
    std::string key;
    std::string value;
    std::string id;
    bool taken = false;  // Kafka has it.
  };
  void make_producer();
  void produce(std::size_t at);
  void serve(int timeout_ms);
  void replace_producer();
  void note(std::uintptr_t number, const KafkaFailure& failure);

  KafkaProducer::Options options_;
  std::string header_;
  std::deque<Record> records_;  // From the first that Kafka has not, in order.
  std::uintptr_t first_ = 1;    // Number of the front; null would be no number.
  bool refused_ = false;        // The producer refused something: it is of no use any more.
  int ended_ = 0;
  std::string failure_;
  std::unique_ptr<KafkaProducer> producer_;
};

}  // namespace wirewatch::faults
