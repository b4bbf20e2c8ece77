// One scenario's world: topics of its own, a stream of articles that never stops by itself, real
// `wirewatch run enricher` processes, and in the end the verdict.
//
// One thread; the load has another of its own.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/kafka/kafka.h"
#include "tests/faults/checker.h"
#include "tests/faults/kafka_probe.h"
#include "tests/faults/load.h"
#include "tests/faults/process.h"
#include "tests/faults/real_kafka.h"
#include "tests/support/mock_cluster.h"

namespace wirewatch::faults {

enum class Delivery : std::uint8_t { kAtLeastOnce, kExactlyOnce };
enum class Broker : std::uint8_t { kMock, kOne, kThree, kSecure };

struct WorldOptions {
  std::string scenario;
  Delivery delivery = Delivery::kAtLeastOnce;
  std::string program;         // wirewatch.
  std::string directory;       // For logs.
  RealKafka* kafka = nullptr;  // Null: the embedded broker.
  bool brief = false;          // Fewer rounds.
  unsigned seed = 1;
};

// What the table says of one scenario.
struct Row {
  int number = 0;
  std::string scenario;
  std::string broker;
  std::string delivery;
  int faults = 0;
  Findings findings{};
  std::int64_t duplicates_max = 0;
  std::int64_t aborted_transactions = 0;
  double recovery_s = 0;
  std::int64_t rss_mb = 0;
  std::int64_t seconds = 0;
  std::vector<std::string> notes{};
  std::vector<std::string> failures{};
  [[nodiscard]] bool passed() const { return failures.empty(); }
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- set up, before the first start ---
  bool static_members = true;  // Instance ids that outlive a process.
  int partitions = 4;
  std::map<std::string, KafkaProperties> topic_config{};  // By kind: raw, enriched, ...
  std::vector<std::string> settings{};                    // KEY=VALUE of every enricher.
  bool refusals = false;       // Kafka is made to refuse outputs: a dead letter is right too.
  bool aborts_wanted = false;  // A transaction must have been aborted, or the fault proves nothing.
  bool is_recreated = false;   // The raw topic: what was in it before counts no more.
  bool classify = true;        // Events are compared with what `wirewatch classify` gives.
  void create_topics();

  // --- enrichers, by number ---
  Process& start(int index = 0, ProcessOptions with = {});
  Process& enricher(int index = 0) { return *enrichers_.at(index).process; }
  [[nodiscard]] std::uint16_t port(int index = 0) const { return enrichers_.at(index).port; }
  void kill(int index = 0);                // SIGKILL; counts as a fault.
  std::optional<int> stop(int index = 0);  // SIGTERM; its status.
  bool await_ready(int index = 0, std::int64_t timeout_ms = 60000);
  // Until it has read an article, or false.
  bool await_progress(int index = 0, std::int64_t timeout_ms = 60000);
  // A sample of its metrics by name and labels; -1 when it is not there.
  [[nodiscard]] double metric(const std::string& sample, int index = 0) const;
  [[nodiscard]] std::string log(int index = 0) const;
  // Waits until the condition holds, or false.
  template <typename Condition>
  static bool await(std::int64_t timeout_ms, const Condition& condition) {
    const std::int64_t deadline = steady_ms() + timeout_ms;
    while (!condition()) {
      if (steady_ms() > deadline) return false;
      sleep_ms(50);
    }
    return true;
  }

  // --- load ---
  void begin_load(int articles_per_s);
  void end_load();
  void send(int articles);  // At once, and waits until Kafka has them.
  // An article of the caller's, in which @ID@ stands for its uri and version.
  void send_article(std::string value, bool dead);
  int poison_percent = 10;

  // --- faults ---
  void fault();   // One begins: counted, and the commits are held against the outputs.
  void healed();  // It is over: from now on the time to recover runs, ...
  void recovered(
      std::int64_t timeout_ms = 60000);  // ... until all that was sent before is committed.
  void check_commits();
  void require(bool condition, const std::string& what);
  // Inputs that Kafka is about to delete count nevertheless, but for those that are forgotten: from
  // and to these offsets.
  void remember_inputs();
  void forget(const std::map<std::int32_t, std::int64_t>& from,
              const std::map<std::int32_t, std::int64_t>& to);
  void note(const std::string& text) { row_.notes.push_back(text); }
  void no_duplicates() { duplicates_ = false; }

  [[nodiscard]] RealKafka& kafka() { return *options_.kafka; }
  [[nodiscard]] MockCluster& mock() { return *mock_; }
  [[nodiscard]] KafkaProbe& probe() { return *probe_; }
  [[nodiscard]] bool is_mock() const { return options_.kafka == nullptr; }
  [[nodiscard]] bool exactly_once() const { return options_.delivery == Delivery::kExactlyOnce; }
  [[nodiscard]] bool brief() const { return options_.brief; }
  [[nodiscard]] std::string topic(const std::string& kind) const { return name_ + "." + kind; }
  [[nodiscard]] std::string bootstrap() const;
  [[nodiscard]] int random(int limit) {
    return static_cast<int>(random_() % static_cast<unsigned>(limit));
  }
  [[nodiscard]] const WorldOptions& options() const { return options_; }

  // Ends the load and the enrichers, reads everything, and judges.
  Row finish();

 private:
  struct Enricher {
    std::unique_ptr<Process> process;
    std::uint16_t port = 0;
  };
  struct Article {
    std::string value;
    bool dead = false;
  };
  Article next_article();
  void produce(const Article& article);
  void flush_load();
  struct Fault {
    std::int64_t begun_ms = 0;  // Wall clock.
    double in_flight = 0;
  };
  void note_rss();
  void note_fault();
  void read_inputs(std::map<std::string, Sent>& sent);
  void judge_inputs(std::map<std::string, Sent>& sent);
  void read_outputs(std::vector<Seen>& seen);
  void read_aborted(std::set<std::pair<Place, std::int64_t>>& aborted);

  WorldOptions options_;
  std::string name_;
  Row row_;
  std::int64_t begun_ms_ = steady_ms();
  std::int64_t healed_ms_ = 0;
  std::map<std::int32_t, std::int64_t> healed_ends_;
  bool duplicates_ = true;
  std::mt19937 random_;
  std::map<std::string, Sent> remembered_;
  std::unique_ptr<MockCluster> mock_;
  std::unique_ptr<KafkaProbe> probe_;
  std::map<int, Enricher> enrichers_;
  std::vector<Snapshot> snapshots_;
  std::vector<Fault> faults_;
  std::int64_t rss_kb_ = 0;

  std::mutex load_mutex_;  // Of the generator and the load's use.
  std::unique_ptr<Load> load_;
  std::mt19937 load_random_{7};
  std::map<std::string, std::pair<bool, std::string>> articles_;  // Dead, value; by id.
  std::vector<std::int64_t> versions_;                            // By key.
  std::thread load_thread_;
  std::atomic<bool> loading_ = false;
};

}  // namespace wirewatch::faults
