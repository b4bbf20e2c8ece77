#include "tests/faults/scenarios.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/socket.h>
#include <unistd.h>

namespace wirewatch::faults {

namespace {

constexpr int kRate = 300;  // Articles a second, unless a scenario says otherwise.

// Numbers of requests in Kafka's protocol.
constexpr int kProduce = 0;
constexpr int kFetch = 1;
constexpr int kOffsetCommit = 8;
constexpr int kJoinGroup = 11;
constexpr int kHeartbeat = 12;
constexpr int kEndTxn = 26;

// One enricher under load, reading.
void begin(World& world, int rate = kRate) {
  world.create_topics();
  world.begin_load(rate);
  world.start();
  world.require(world.await_progress(), "the enricher did not begin to read");
}

// --- processes ---------------------------------------------------------------------------------

void kill_9(World& world) {
  if (world.exactly_once()) world.settings.emplace_back("kafka.transaction_ms=100");
  world.aborts_wanted = world.exactly_once();
  // The embedded broker keeps five megabytes of each partition.
  begin(world, world.is_mock() ? 60 : kRate);
  const int kills = world.brief() ? 4 : world.is_mock() ? 15 : 50;
  double resume_max_s = 0;
  for (int i = 0; i < kills; ++i) {
    sleep_ms(world.random(1200));
    world.kill();
    const std::int64_t begun = steady_ms();
    world.start();
    // Some are killed again before they have begun.
    if (world.random(8) == 0) {
      sleep_ms(world.random(1500));
      continue;
    }
    world.require(world.await_progress(), "no restart");
    resume_max_s = std::max(resume_max_s, static_cast<double>(steady_ms() - begun) / 1000);
  }
  world.healed();
  world.recovered();
  world.note("longest restart until it reads " + std::to_string(resume_max_s).substr(0, 4) + " s");
  world.require(resume_max_s <= 10 || world.is_mock(), "a restart took longer than 10 s");
}

void sigterm(World& world) {
  world.no_duplicates();
  begin(world);
  for (int i = 0; i < (world.brief() ? 2 : 8); ++i) {
    sleep_ms(world.random(1000));
    world.fault();
    const std::int64_t begun = steady_ms();
    const auto status = world.stop();
    world.require(status == 0, "SIGTERM did not end it with 0");
    world.require(steady_ms() - begun <= 15000, "SIGTERM took longer than drain and close");
    world.start();
    world.require(world.await_progress(), "no restart");
  }
}

void sigterm_early(World& world) {
  world.static_members = false;
  world.create_topics();
  world.begin_load(kRate);
  for (const int after_ms : {50, 200, 400, 700, 1000, 1500}) {
    world.start();
    sleep_ms(after_ms);
    world.fault();
    const auto status = world.stop();
    // Before its handler stands, the signal ends the process at once.
    world.require(status == 0 || status == 128 + SIGTERM,
                  "SIGTERM after " + std::to_string(after_ms) +
                      " ms: " + (status ? std::to_string(*status) : "hangs"));
  }
  world.start();
  world.require(world.await_progress(), "no restart");
  world.fault();
  world.enricher().signal(SIGTERM);
  sleep_ms(20);
  world.enricher().signal(SIGTERM);  // The second one does not wait.
  const auto status = world.enricher().wait(5000);
  world.require(status == 130 || status == 0, "a second SIGTERM did not end it");
  // While the group rebalances.
  world.start(0);
  world.start(1);
  world.require(world.await_progress(0) || world.await_progress(1), "no restart of two");
  world.start(2);
  World::await(30000, [&] { return http_get(world.port(2), "/livez").status == 200; });
  sleep_ms(500);
  world.fault();
  world.require(world.stop(0) == 0, "SIGTERM during a rebalance");
  world.require(world.stop(2) == 0, "SIGTERM during a rebalance, of the newest");
  world.healed();
  world.recovered();
}

// A process that stood still for longer than its session comes back.
void zombie(World& world) {
  world.static_members = false;
  world.create_topics();
  world.begin_load(kRate);
  world.start(0);
  world.start(1);
  world.require(world.await_progress(0) && world.await_progress(1), "two members did not begin");
  for (int i = 0; i < (world.brief() ? 1 : 3); ++i) {
    sleep_ms(2000);
    world.fault();
    world.enricher(0).signal(SIGSTOP);
    sleep_ms(12000);
    world.enricher(0).signal(SIGCONT);
    world.healed();
    world.recovered();
  }
  world.require(world.enricher(0).runs(), "the one that stood still has ended");
  if (!world.exactly_once()) return;
  // Another process takes its name meanwhile: then the first must write nothing more, and end.
  world.fault();
  world.enricher(0).signal(SIGSTOP);
  const pid_t first = world.enricher(0).pid();
  ProcessOptions successor;
  world.start(2, {});  // A member of its own name, to keep reading.
  world.settings.emplace_back("kafka.instance_id=desk-0");
  world.start(3);
  world.settings.pop_back();
  world.require(world.await_ready(3), "the successor did not become ready");
  sleep_ms(3000);
  kill(first, SIGCONT);
  const auto status = world.enricher(0).wait(60000);
  world.require(status.has_value() && *status != 0, "the fenced one did not end with a failure");
  world.healed();
  world.recovered();
}

void rolling_restart(World& world) {
  world.no_duplicates();
  world.partitions = 6;
  world.create_topics();
  world.begin_load(kRate);
  for (int i = 0; i < 3; ++i) world.start(i);
  for (int i = 0; i < 3; ++i)
    world.require(world.await_progress(i), "member " + std::to_string(i) + " did not begin");
  sleep_ms(3000);
  const auto revokes = [&](int index) {
    return std::max(0.0, world.metric("wirewatch_rebalances_total{type=\"revoked\"}", index)) +
           std::max(0.0, world.metric("wirewatch_rebalances_total{type=\"lost\"}", index));
  };
  std::array<double, 3> before{};
  for (int i = 0; i < 3; ++i) before[static_cast<std::size_t>(i)] = revokes(i);
  for (int i = 0; i < 3; ++i) {
    world.fault();
    world.require(world.stop(i) == 0, "SIGTERM did not end it with 0");
    world.start(i);
    world.require(world.await_progress(i), "no restart");
    for (int other = 0; other < 3; ++other) {
      if (other == i) continue;
      const double now = revokes(other);
      world.require(
          now <= before[static_cast<std::size_t>(other)] || other < i,
          "restart of " + std::to_string(i) + " took partitions from " + std::to_string(other));
    }
    before[static_cast<std::size_t>(i)] = revokes(i);
  }
}

void scale(World& world, const std::string& assignor) {
  world.static_members = false;
  world.settings.push_back("kafka.properties.partition.assignment.strategy=" + assignor);
  world.partitions = 6;
  begin(world);
  for (int i = 1; i < 3; ++i) {
    world.fault();
    world.start(i);
    world.require(world.await_progress(i), "member " + std::to_string(i) + " did not begin");
    sleep_ms(2000);
  }
  for (int i = 1; i < 3; ++i) {
    world.fault();
    world.require(world.stop(i) == 0, "SIGTERM did not end it with 0");
    sleep_ms(2000);
  }
  world.healed();
  world.recovered();
}
void scale_range(World& world) {
  scale(world, "range");
}
void scale_cooperative(World& world) {
  scale(world, "cooperative-sticky");
}

// --- brokers -----------------------------------------------------------------------------------

void broker_bounce(World& world) {
  begin(world);
  const int bounces = world.brief() ? 2 : 5;
  for (int i = 0; i < bounces; ++i) {
    // In turn whoever leads a partition of the outputs, and the group's coordinator.
    int node = i % 2 == 0 ? world.probe().leaders(world.topic("enriched"))[i % world.partitions]
                          : world.probe().coordinator();
    if (node < 1) node = 1 + i % world.kafka().size();
    world.fault();
    const bool hard = i % 2 == 0;
    hard ? world.kafka().kill(node) : world.kafka().terminate(node);
    sleep_ms(world.kafka().size() == 1 ? 2000 : 12000);  // Long enough for new leaders.
    world.require(world.kafka().restart(node), "the broker did not start again");
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}

void broker_freeze(World& world) {
  begin(world);
  int node = world.probe().leaders(world.topic("enriched"))[0];
  if (node < 1) node = 1;
  sleep_ms(3000);
  const std::int64_t before = world.enricher().rss_kb();
  world.fault();
  world.kafka().freeze(node);
  sleep_ms(world.brief() ? 20000 : 90000);
  const std::int64_t after = world.enricher().rss_kb();
  world.kafka().thaw(node);
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
  world.note("RSS " + std::to_string(before / 1024) + " → " + std::to_string(after / 1024) + " MB");
  world.require(after - before < 300 * 1024, "memory grew while a broker stood still");
}

// --- the network -------------------------------------------------------------------------------

void network(World& world, const ProxyFaults& faults, int seconds, int rounds = 1) {
  begin(world);
  for (int i = 0; i < rounds; ++i) {
    sleep_ms(1500);
    world.fault();
    world.kafka().set_proxies(faults);
    // Each reset is a fault of its own.
    for (int at = faults.reset_every_ms; faults.reset_every_ms > 0 && at < seconds * 1000;
         at += faults.reset_every_ms) {
      sleep_ms(faults.reset_every_ms);
      world.fault();
    }
    if (faults.reset_every_ms == 0) sleep_ms(seconds * 1000);
    world.kafka().set_proxies({});
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}
void reset_peer(World& world) {
  network(world, {.reset_every_ms = 700}, world.brief() ? 6 : 20);
}
void refused(World& world) {
  network(world, {.refuse = true}, 15, world.brief() ? 1 : 2);
}
void blackhole(World& world) {
  network(world, {.blackhole = true}, world.brief() ? 15 : 30);
}
void half_open(World& world) {
  network(world, {.half_open = true}, world.brief() ? 15 : 30);
}
void latency(World& world) {
  network(world, {.latency_ms = 500, .jitter_ms = 200}, world.brief() ? 8 : 30);
}
void bandwidth(World& world) {
  network(world, {.bytes_per_s = 100'000}, world.brief() ? 8 : 30);
}
void slicer(World& world) {
  network(world, {.slice_bytes = 30}, world.brief() ? 6 : 20);
}

// Only what carries outputs stands still; what carries articles and heartbeats does not.
void producer_cut(World& world) {
  begin(world);
  sleep_ms(2000);
  world.fault();
  const double before = world.metric("wirewatch_rebalances_total{type=\"assigned\"}");
  world.kafka().set_proxies({.freeze_request = kProduce});
  const bool not_ready =
      World::await(40000, [&] { return http_get(world.port(), "/readyz").status == 503; });
  world.require(not_ready, "/readyz stayed good while outputs stood still");
  sleep_ms(3000);
  const std::string consumed =
      "wirewatch_records_consumed_total{topic=\"" + world.topic("raw") + "\"}";
  const double consumed_before = world.metric(consumed);
  sleep_ms(5000);
  world.require(world.metric(consumed) == consumed_before, "it went on reading");
  world.require(world.metric("wirewatch_assigned_partitions") == world.partitions,
                "it lost its partitions");
  world.require(world.metric("wirewatch_rebalances_total{type=\"assigned\"}") == before,
                "the group rebalanced");
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

// Partitions that are paused go to another member and come back: they must be read again.
void rebalance_while_paused(World& world) {
  world.static_members = false;
  begin(world);
  sleep_ms(1500);
  world.fault();
  world.kafka().set_proxies({.freeze_request = kProduce});
  world.require(
      World::await(40000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good while outputs stood still");
  world.fault();  // Of what is in flight now, the other member knows nothing.
  world.start(1);
  World::await(30000, [&] { return world.metric("wirewatch_assigned_partitions", 1) > 0; });
  world.kafka().set_proxies({});
  sleep_ms(2000);
  world.require(world.stop(1) == 0, "SIGTERM did not end it with 0");
  world.healed();
  world.recovered();
}

// Kafka has taken the request; the answer does not come.
void answer_lost(World& world) {
  world.no_duplicates();  // The idempotent producer, at least once too.
  begin(world);
  for (int i = 0; i < (world.brief() ? 3 : 10); ++i) {
    world.fault();
    world.kafka().set_proxies(
        {.mute_request = kProduce, .mute_reset_ms = 300, .request_faults_max = 1});
    World::await(5000, [&] { return world.kafka().proxy().struck() > 0; });
    sleep_ms(500 + world.random(700));
  }
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

void commit_answer_lost(World& world) {
  begin(world);
  for (int i = 0; i < (world.brief() ? 2 : 10); ++i) {
    world.fault();
    world.kafka().set_proxies(
        {.mute_request = kEndTxn, .mute_reset_ms = 300, .request_faults_max = 1});
    world.require(World::await(20000, [&] { return world.kafka().proxy().struck() > 0; }),
                  "no transaction was ended");
    sleep_ms(1000 + world.random(500));
  }
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

// A commit reaches Kafka when its sender has long given it up and begun another transaction.
void commit_late(World& world) {
  begin(world);
  const int rounds = world.brief() ? 1 : 4;
  for (int i = 0; i < rounds; ++i) {
    sleep_ms(1000);
    world.fault();
    const int hold_ms = world.brief() ? 22000 : 18000 + 4000 * i;
    world.kafka().set_proxies(
        {.hold_request = kEndTxn, .hold_ms = hold_ms, .request_faults_max = 1});
    world.require(World::await(20000, [&] { return world.kafka().proxy().struck() > 0; }),
                  "no transaction was ended");
    sleep_ms(hold_ms + 1500);
    world.kafka().set_proxies({});
    world.healed();
    world.recovered();
  }
}

void queue_full(World& world) {
  world.settings.emplace_back("kafka.properties.queue.buffering.max.messages=60");
  begin(world);
  world.fault();
  world.kafka().set_proxies({.latency_ms = 150});
  sleep_ms(world.brief() ? 6000 : 20000);
  world.note("in flight " +
             std::to_string(static_cast<int>(world.metric("wirewatch_inflight_records"))));
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

// --- the embedded broker's errors --------------------------------------------------------------

using Errors = std::vector<rd_kafka_resp_err_t>;

void answer_with(World& world, int request, const Errors& errors) {
  rd_kafka_mock_push_request_errors_array(world.mock().native(), static_cast<std::int16_t>(request),
                                          errors.size(), errors.data());
}

// Errors that meet the enricher's outputs and not the articles sent to it: it stands still while
// those are sent.
void refuse_outputs(World& world, const Errors& errors) {
  world.end_load();
  world.enricher().signal(SIGSTOP);
  world.send(40);
  world.fault();
  answer_with(world, kProduce, errors);
  world.enricher().signal(SIGCONT);
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
}

void leader_change(World& world) {
  // The embedded broker loses some articles of the load itself while leaders move: what is there
  // counts.
  world.is_recreated = true;
  begin(world);
  const auto move = [&](int leader) {
    for (const char* kind : {"raw", "enriched", "alerts", "dead"}) {
      for (int partition = 0; partition < world.partitions; ++partition) {
        rd_kafka_mock_partition_set_leader(world.mock().native(), world.topic(kind).c_str(),
                                           partition, leader == 0 ? 1 + world.random(3) : leader);
      }
    }
  };
  for (int i = 0; i < (world.brief() ? 3 : 10); ++i) {
    world.fault();
    move(0);
    sleep_ms(700);
    answer_with(world, kFetch, Errors(3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
    answer_with(world, kProduce, Errors(3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
    sleep_ms(700);
  }
  world.fault();
  move(-1);
  sleep_ms(3000);
  move(0);
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
}

void coordinator_errors(World& world) {
  begin(world);
  const Errors commit_errors = {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
                                RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
                                RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT};
  for (const rd_kafka_resp_err_t error : commit_errors) {
    world.fault();
    answer_with(world, kOffsetCommit, Errors(2, error));
    sleep_ms(world.brief() ? 1500 : 3000);
    world.require(world.enricher().runs(), "the enricher ended");
  }
  for (const auto& [request, error] :
       {std::pair{kHeartbeat, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS},
        std::pair{kHeartbeat, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION},
        std::pair{kHeartbeat, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID},
        std::pair{kJoinGroup, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE}}) {
    world.fault();
    answer_with(world, request, Errors(2, error));
    sleep_ms(world.brief() ? 1500 : 4000);
    world.require(world.enricher().runs(), "the enricher ended");
  }
  for (int broker = 1; broker <= 3; ++broker) {
    world.fault();
    rd_kafka_mock_coordinator_set(
        world.mock().native(), "group",
        world.topic("raw").substr(0, world.topic("raw").rfind('.')).c_str(), broker);
    sleep_ms(1500);
  }
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
}

void outputs_refused(World& world) {
  world.refusals = true;
  begin(world);
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        RD_KAFKA_RESP_ERR_INVALID_RECORD}) {
    refuse_outputs(world, Errors(3, error));
  }
}

void producer_fatal(World& world) {
  begin(world);
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
    refuse_outputs(world, {error});
  }
}

// --- topics ------------------------------------------------------------------------------------

// An output topic vanishes before anything is in it, and comes back.
void topic_away(World& world, const std::string& kind) {
  world.create_topics();
  world.start();
  world.require(world.await_ready(), "the enricher did not become ready");
  world.fault();
  std::string error = world.probe().delete_topic(world.topic(kind));
  world.require(error.empty(), "deleting the topic: " + error);
  world.begin_load(kRate);
  world.require(
      World::await(30000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good without " + kind);
  sleep_ms(world.brief() ? 2000 : 10000);
  world.require(world.enricher().runs(), "the enricher ended");
  World::await(30000, [&] {
    error = world.probe().create_topic(world.topic(kind), world.partitions, world.kafka().size());
    return error.empty();
  });
  world.require(error.empty(), "creating the topic: " + error);
  world.healed();
  world.recovered();
  world.require(
      World::await(20000, [&] { return http_get(world.port(), "/readyz").status == 200; }),
      "/readyz stayed bad afterwards");
}
void alerts_missing(World& world) {
  topic_away(world, "alerts");
}
void dead_missing(World& world) {
  topic_away(world, "dead");
}

// The outputs of some articles are larger than their topic takes.
void too_large(World& world) {
  world.topic_config["enriched"] = {{"max.message.bytes", "100000"}};
  world.refusals = true;
  begin(world, 100);
  world.fault();
  for (int i = 0; i < (world.brief() ? 2 : 6); ++i) {
    std::string noise;  // That does not compress.
    for (int n = 0; n < 60000; ++n) noise += "word" + std::to_string(world.random(1000000)) + " ";
    world.send_article("{@ID@,\"title\":\"Large\",\"text\":\"" + noise + "\"}", false);
    sleep_ms(500);
  }
  world.healed();
  world.recovered();
  world.require(world.metric("wirewatch_dead_letter_records_total{reason=\"output_refused\"}") > 0,
                "no dead letter of a refused output");
}

void partitions_added(World& world) {
  world.settings.emplace_back("kafka.properties.topic.metadata.refresh.interval.ms=3000");
  begin(world);
  world.fault();
  const std::string error = world.probe().add_partitions(world.topic("raw"), 8);
  world.require(error.empty(), "adding partitions: " + error);
  world.require(
      World::await(20000, [&] { return world.metric("wirewatch_assigned_partitions") == 8; }),
      "the new partitions are not read");
  world.healed();
  world.recovered();
}

void input_recreated(World& world) {
  world.is_recreated = true;
  world.settings.emplace_back("kafka.properties.topic.metadata.refresh.interval.ms=3000");
  world.create_topics();
  world.start();
  world.require(world.await_ready(), "the enricher did not become ready");
  world.fault();
  std::string error = world.probe().delete_topic(world.topic("raw"));
  world.require(error.empty(), "deleting the topic: " + error);
  sleep_ms(8000);
  world.require(world.enricher().runs(), "the enricher ended");
  World::await(30000, [&] {
    error = world.probe().create_topic(world.topic("raw"), world.partitions, world.kafka().size());
    return error.empty();
  });
  world.begin_load(kRate);
  sleep_ms(2000);
  world.healed();
  world.recovered();
}

// Articles are deleted before anybody has read them.
void retention_passed(World& world) {
  begin(world);
  sleep_ms(2000);
  const auto lose = [&] {
    world.require(world.stop() == 0, "SIGTERM did not end it with 0");
    sleep_ms(3000);
    world.end_load();
    const auto committed = world.probe().committed(world.topic("raw"));
    auto targets = world.probe().ends(world.topic("raw"));
    world.require(committed && targets, "no broker tells offsets");
    std::int64_t count = 0;
    if (!committed || !targets) return count;
    for (auto& [partition, offset] : *targets) {
      const std::int64_t next = committed->at(partition);
      offset = next + (offset - next) / 2;
      count += offset - next;
    }
    world.require(count > 0, "there was nothing to delete");
    world.remember_inputs();
    const std::string error = world.probe().delete_records(world.topic("raw"), *targets);
    world.require(error.empty(), "deleting records: " + error);
    world.forget(*committed, *targets);
    return count;
  };
  world.fault();
  const std::int64_t lost = lose();
  world.begin_load(kRate);
  world.start();
  world.require(world.await_progress(), "it did not read on");
  sleep_ms(2000);
  world.note(std::to_string(lost) + " deleted and counted");
  world.require(
      world.metric("wirewatch_records_missed_total") == static_cast<double>(lost),
      std::to_string(lost) + " were deleted, counted: " +
          std::to_string(static_cast<int>(world.metric("wirewatch_records_missed_total"))));
  world.healed();
  world.recovered();
  // Who prefers a stop gets one.
  world.fault();
  (void)lose();
  world.settings.emplace_back("kafka.properties.auto.offset.reset=error");
  world.start();
  world.settings.pop_back();
  const auto status = world.enricher().wait(60000);
  world.require(status == 1, "auto.offset.reset=error did not end it with 1");
  world.start();
  world.begin_load(kRate);
  world.require(world.await_progress(), "it did not read on");
}

// --- credentials -------------------------------------------------------------------------------

std::string base64url(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kAlphabet[bits << (6 - count) & 63];
  return out;
}

// An unsigned token, valid for so long.
void issue(const std::string& file, int seconds) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::ofstream(file + ".new") << base64url(R"({"alg":"none"})") << "."
                               << base64url(R"({"sub":"desk","iat":)" + std::to_string(now - 1) +
                                            R"(,"exp":)" + std::to_string(now + seconds) + "}")
                               << ".";
  std::filesystem::rename(file + ".new", file);
}

// Sessions end after fifteen seconds, tokens after twelve.
void credentials(World& world) {
  const std::string token = world.options().directory + "/" + world.topic("token");
  for (const std::string& property :
       {std::string("security.protocol=SASL_SSL"), std::string("sasl.mechanism=OAUTHBEARER"),
        "ssl.ca.location=" + world.kafka().directory() + "/secure/ca.pem",
        "sasl.oauthbearer.token.command=cat " + token})
    world.settings.push_back("kafka.properties." + property);
  issue(token, 12);
  begin(world);
  for (int i = 0; i < (world.brief() ? 15 : 40); ++i) {
    issue(token, 12);
    if (i % 5 == 0) world.fault();  // Connections are cut meanwhile.
    sleep_ms(1000);
  }
  world.require(world.enricher().runs(), "the enricher ended");
  world.fault();
  std::filesystem::remove(token);
  world.require(
      World::await(60000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good without a token");
  world.require(http_get(world.port(), "/livez").status == 200, "/livez failed without a token");
  issue(token, 3600);
  world.healed();
  world.recovered();
  world.require(world.kafka().change_certificate(), "no other certificate");
  world.fault();
  world.kafka().kill(1);  // TLS without its farewell.
  world.require(world.kafka().restart(1), "the broker did not start again");
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
  std::filesystem::remove(token);
}

// --- bad input ---------------------------------------------------------------------------------

// Large ones only where the input is not cut to five megabytes for each partition.
std::vector<std::string> poisons(bool large) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "[";
  std::string many = "{\"title\":\"x\"";
  for (int i = 0; i < (large ? 1000000 : 20000); ++i) many += ",\"k" + std::to_string(i) + "\":1";
  return {"",
          "null",
          "[]",
          "{\"title\":",
          "{\"title\":\"\xff\xfe\",\"text\":\"\xc3\x28\"}",
          "{\"a\":" + deep,
          std::string("\0\0\0", 3),
          "{\"title\":NaN,\"text\":\"x\"}",
          "{\"title\":\"x\"} trailing",
          "{\"title\":\"" + std::string(large ? 5'000'000 : 300'000, 'x') + "\"}",
          many};  // Without its end.
}

void poison(World& world) {
  if (world.is_mock()) world.settings.emplace_back("enricher.message_bytes_max=262144");
  for (const char* kind : {"raw", "dead"})
    world.topic_config[kind] = {{"max.message.bytes", "20000000"}};
  begin(world, 150);
  world.fault();
  const double slow = world.metric("wirewatch_stalled");
  for (const std::string& value : poisons(!world.is_mock())) {
    world.send_article(value, true);
    sleep_ms(200);
  }
  // Odd, and still articles.
  world.send_article("{@ID@,\"title\":\"One\",\"title\":\"Two\",\"text\":\"Twice the same name.\"}",
                     false);
  world.send_article("{@ID@,\"title\":\"NUL \\u0000 inside\",\"text\":\"Some text.\"}", false);
  world.healed();
  world.recovered();
  world.require(slow == 0 && world.metric("wirewatch_stalled") == 0, "it stalled");
}

void all_poison(World& world) {
  world.poison_percent = 100;
  begin(world);
  world.fault();
  world.require(
      World::await(30000, [&] { return world.metric("wirewatch_poison_breaker_open") == 1; }),
      "the poison breaker did not open");
  world.require(http_get(world.port(), "/readyz").status == 503, "/readyz stayed good");
  sleep_ms(world.brief() ? 2000 : 60000);
  world.require(world.enricher().runs(), "the enricher ended");
  world.healed();
  world.recovered();
}

// --- inside the process ------------------------------------------------------------------------

void slow_classifier(World& world) {
  world.settings.emplace_back("kafka.properties.max.poll.interval.ms=8000");
  begin(world);
  for (const char* thread : {"worker", "wirewatch"}) {  // Then the poll loop itself.
    world.fault();
    world.require(world.enricher().hold_threads(thread, 14000), std::string("no thread ") + thread);
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}

void reload(World& world) {
  const std::filesystem::path shipped =
      std::filesystem::path(world.options().program).parent_path() / "../share/wirewatch/profiles";
  const std::filesystem::path folder =
      std::filesystem::path(world.options().directory) / world.topic("profiles");
  std::filesystem::copy(shipped, folder);
  world.settings.push_back("profiles.directory=" + folder.string());
  world.settings.emplace_back("profiles.reload_ms=200");
  begin(world);
  const auto refused = [&] { return world.metric("wirewatch_profile_reload_refused") == 1; };
  const std::filesystem::path bad = folder / "broken.toml";
  for (const std::string text : {"query = \"((\"", "title = \"Half writ",
                                 "title = \"T\"\nquery = \"nosuch:predicate\"", "\xff\xfe\x00"}) {
    world.fault();
    std::ofstream(bad) << text;
    world.require(World::await(15000, refused), "a broken profile was not refused");
    sleep_ms(300);
    std::filesystem::remove(bad);
    world.require(World::await(15000, [&] { return !refused(); }), "it stayed refused");
  }
  world.fault();
  std::filesystem::rename(folder, folder.string() + ".gone");
  world.require(World::await(15000, refused), "a missing folder was not refused");
  std::filesystem::rename(folder.string() + ".gone", folder);
  world.require(World::await(15000, [&] { return !refused(); }), "it stayed refused");
  world.healed();
  world.recovered();
  std::filesystem::remove_all(folder);
}

void scraped(World& world) {
  begin(world);
  const auto latency = [&] {
    const double sum = world.metric("wirewatch_end_to_end_latency_seconds_sum");
    const double count = world.metric("wirewatch_end_to_end_latency_seconds_count");
    return std::pair(sum, count);
  };
  const auto mean_ms = [](std::pair<double, double> from, std::pair<double, double> to) {
    return static_cast<int>(1000 * (to.first - from.first) /
                            std::max(1.0, to.second - from.second));
  };
  sleep_ms(3000);
  const auto before = latency();
  sleep_ms(5000);
  const auto quiet = latency();
  world.fault();
  std::vector<int> slow;  // Scrapers that ask and never read, or never finish asking.
  for (int i = 0; i < 20; ++i) {
    slow.push_back(connect_to(world.port()));
    const std::string_view request =
        i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /met";
    (void)!::send(slow.back(), request.data(), request.size(), MSG_NOSIGNAL);
  }
  int answers = 0;
  const std::int64_t until = steady_ms() + 5000;
  while (steady_ms() < until) {
    answers += http_get(world.port(), "/metrics").status == 200 ? 1 : 0;
    sleep_ms(5);
  }
  const auto hammered = latency();
  for (const int socket : slow) close(socket);
  world.note(std::to_string(answers / 5) + " scrapes/s; mean latency " +
             std::to_string(mean_ms(before, quiet)) + " → " +
             std::to_string(mean_ms(quiet, hammered)) + " ms");
  world.require(answers > 0, "no scrape was answered");
  // A port that is taken.
  world.settings.push_back("http.port=" + std::to_string(world.port()));
  world.start(1);
  world.settings.pop_back();
  const auto status = world.enricher(1).wait(30000);
  world.require(status.has_value() && *status != 0 && *status < 128,
                "a taken port did not end the second one cleanly");
}

void resources(World& world) {
  begin(world);
  world.require(world.stop() == 0, "SIGTERM did not end it with 0");
  // Nowhere to log to.
  world.fault();
  world.start(0, {.arguments = {}, .output = "/dev/full"});
  world.require(world.await_progress(), "with a full disk for logs it did not read");
  sleep_ms(1500);
  world.require(world.stop() == 0, "with a full disk for logs it did not end with 0");
  // Few files: works, or ends with a failure that is not a crash.
  for (const std::int64_t files : {64, 16, 10}) {
    world.fault();
    world.start(0, {.arguments = {}, .output = {}, .environment = {}, .files_max = files});
    World::await(8000, [&] { return !world.enricher().runs(); });
    const bool runs = world.enricher().runs();
    world.note(
        std::to_string(files) + " files: " +
        (runs ? "still runs after 8 s" : "ends with " + std::to_string(*world.enricher().wait(0))));
    world.require(runs || (*world.enricher().wait(0) > 0 && *world.enricher().wait(0) < 128),
                  "few files crashed it");
    if (runs) world.require(world.stop() == 0, "with few files it did not end with 0");
  }
  for (const std::int64_t megabytes : {1500, 400, 150}) {
    world.fault();
    world.start(0, {.arguments = {},
                    .output = {},
                    .environment = {},
                    .files_max = 0,
                    .memory_max = megabytes * 1024 * 1024});
    World::await(8000, [&] { return !world.enricher().runs(); });
    const bool runs = world.enricher().runs();
    // librdkafka aborts where an allocation of its own fails, at the start or later.
    const int ended = runs ? 0 : *world.enricher().wait(0);
    world.note(std::to_string(megabytes) + " MB of address space: " +
               (runs                     ? "still runs after 8 s"
                : ended == 128 + SIGABRT ? "librdkafka aborts"
                                         : "ends with " + std::to_string(ended)));
    const auto status = runs ? world.stop() : world.enricher().wait(0);
    world.require(status && (*status < 128 || *status == 128 + SIGABRT),
                  "little memory crashed it");
  }
  world.start(0);
  world.healed();
  world.recovered();
}

void clock_step(World& world) {
  const std::string shift = world.options().directory + "/" + world.topic("clock");
  const auto set = [&](int seconds) { std::ofstream(shift) << seconds << "\n"; };
  set(0);
  world.create_topics();
  world.begin_load(kRate);
  const std::filesystem::path library =
      std::filesystem::path(world.options().program).parent_path() /
      "../lib/libwirewatch_clock_shift.so";
  world.start(0, {.arguments = {},
                  .output = {},
                  .environment = {{"LD_PRELOAD", library.string()}, {"CLOCK_SHIFT_FILE", shift}}});
  world.require(world.await_progress(), "the enricher did not begin to read");
  for (const int seconds : {3600, -3600, 0}) {
    world.fault();
    set(seconds);
    sleep_ms(world.brief() ? 3000 : 8000);
    world.require(world.enricher().runs(), "the enricher ended");
    world.require(world.metric("wirewatch_stalled") == 0, "it stalled");
    world.require(world.metric("wirewatch_end_to_end_latency_seconds_sum") >= 0,
                  "the sum of latencies is negative");
    world.healed();
    world.recovered();
  }
}

}  // namespace

const std::vector<Scenario>& scenarios() {
  using enum Broker;
  static const std::vector<Scenario> all = {
      {1, "kill_9", "SIGKILL at random points under load", {kOne, kMock}, true, true, true, kill_9},
      {2,
       "sigterm",
       "SIGTERM under load, again and again",
       {kOne, kMock},
       true,
       true,
       true,
       sigterm},
      {3,
       "sigterm_early",
       "SIGTERM before the first assignment, twice, in a rebalance",
       {kOne, kMock},
       true,
       true,
       false,
       sigterm_early},
      {4,
       "zombie",
       "SIGSTOP beyond the session, SIGCONT; a successor of the same name",
       {kOne},
       true,
       true,
       false,
       zombie},
      {5,
       "rolling_restart",
       "three static members restarted in turn",
       {kOne},
       true,
       true,
       false,
       rolling_restart},
      {6,
       "scale_range",
       "one to three members and back, range",
       {kOne},
       true,
       true,
       false,
       scale_range},
      {6,
       "scale_cooperative",
       "one to three members and back, cooperative-sticky",
       {kOne},
       true,
       true,
       false,
       scale_cooperative},
      {7,
       "broker_bounce",
       "leader killed, coordinator stopped, in turn",
       {kThree},
       true,
       true,
       false,
       broker_bounce},
      {8,
       "broker_freeze",
       "leader SIGSTOPped for 90 s",
       {kThree},
       true,
       true,
       false,
       broker_freeze},
      {9,
       "reset_peer",
       "every connection reset at 0.7 s of age",
       {kOne},
       true,
       true,
       true,
       reset_peer},
      {9, "refused", "connections refused", {kOne}, true, true, false, refused},
      {9, "blackhole", "nothing passes, nothing is closed", {kOne}, true, true, false, blackhole},
      {9,
       "half_open",
       "the broker's side closed, the client not told",
       {kOne},
       true,
       true,
       false,
       half_open},
      {9, "latency", "500 ± 200 ms each way", {kOne}, true, true, false, latency},
      {9, "bandwidth", "100 kB/s for each connection", {kOne}, true, true, false, bandwidth},
      {9, "slicer", "pieces of 1 to 30 bytes", {kOne}, true, true, false, slicer},
      {10,
       "producer_cut",
       "outputs stand still, input does not",
       {kOne},
       true,
       true,
       false,
       producer_cut},
      {10,
       "rebalance_while_paused",
       "outputs stand still, and partitions go to another member and come back",
       {kOne},
       true,
       true,
       false,
       rebalance_while_paused},
      {11,
       "leader_change",
       "leaders move, vanish, NOT_LEADER",
       {kMock},
       true,
       false,
       false,
       leader_change},
      {12,
       "coordinator_errors",
       "benign errors of commits, heartbeats, joins; the coordinator moves",
       {kMock},
       true,
       false,
       false,
       coordinator_errors},
      {13,
       "retention_passed",
       "articles deleted before they are read; auto.offset.reset=error",
       {kOne},
       true,
       true,
       false,
       retention_passed},
      {14,
       "outputs_refused",
       "authorisation, size, invalid record",
       {kMock},
       true,
       false,
       true,
       outputs_refused},
      {14,
       "too_large",
       "events larger than their topic takes",
       {kOne},
       true,
       true,
       false,
       too_large},
      {14,
       "alerts_missing",
       "the alert topic is deleted and created",
       {kOne},
       true,
       true,
       false,
       alerts_missing},
      {15,
       "dead_missing",
       "the dead-letter topic is deleted and created",
       {kOne},
       true,
       true,
       false,
       dead_missing},
      {16,
       "poison",
       "eleven kinds of broken message, two odd ones",
       {kMock, kOne},
       true,
       true,
       true,
       poison},
      {17, "all_poison", "nothing but broken messages", {kMock}, true, false, true, all_poison},
      {18,
       "slow_classifier",
       "workers, then the poll loop, stand still beyond max.poll.interval",
       {kOne},
       true,
       true,
       false,
       slow_classifier},
      {19,
       "queue_full",
       "a local queue of 60 records, 150 ms each way",
       {kOne},
       true,
       true,
       false,
       queue_full},
      {20,
       "answer_lost",
       "Produce is applied, its answer lost",
       {kOne},
       true,
       true,
       true,
       answer_lost},
      {21,
       "commit_answer_lost",
       "EndTxn is applied, its answer lost",
       {kOne},
       false,
       true,
       true,
       commit_answer_lost},
      {21,
       "commit_late",
       "EndTxn arrives after the next transaction has begun (KAFKA-17754)",
       {kOne},
       false,
       true,
       false,
       commit_late},
      {22,
       "producer_fatal",
       "sequence, producer id, epoch refused",
       {kMock},
       true,
       false,
       true,
       producer_fatal},
      {23,
       "partitions_added",
       "the input gets partitions",
       {kOne},
       true,
       true,
       false,
       partitions_added},
      {23,
       "input_recreated",
       "the input is deleted and created",
       {kOne},
       true,
       true,
       false,
       input_recreated},
      {24,
       "credentials",
       "tokens expire, are refused; certificate changed; TLS broken off",
       {kSecure},
       true,
       true,
       false,
       credentials},
      {25,
       "reload",
       "broken, half-written, vanished profiles",
       {kMock},
       true,
       false,
       false,
       reload},
      {26,
       "scraped",
       "/metrics hammered, slow scrapers, port taken",
       {kMock},
       true,
       false,
       false,
       scraped},
      {27,
       "resources",
       "no disk for logs, few files, little memory",
       {kMock},
       true,
       false,
       false,
       resources},
      {28,
       "clock_step",
       "the wall clock steps by an hour, both ways",
       {kMock},
       true,
       false,
       false,
       clock_step},
  };
  return all;
}

void soak(World& world, std::int64_t seconds) {
  begin(world);
  world.start(1);
  const std::int64_t until = steady_ms() + seconds * 1000;
  std::vector<std::int64_t> rss;
  std::vector<std::int64_t> files;
  while (steady_ms() < until) {
    sleep_ms(1000 + world.random(4000));
    const int index = world.random(2);
    const int node = 1 + world.random(world.kafka().size());
    world.fault();
    switch (world.random(8)) {
      case 0:
        world.kill(index);
        world.start(index);
        break;
      case 1:
        world.require(world.stop(index) == 0, "SIGTERM did not end it with 0");
        world.start(index);
        break;
      case 2:
        world.enricher(index).signal(SIGSTOP);
        sleep_ms(1000 + world.random(10000));
        world.enricher(index).signal(SIGCONT);
        break;
      case 3:
        world.kafka().kill(node);
        world.require(world.kafka().restart(node), "the broker did not start again");
        break;
      case 4:
        world.kafka().set_proxies({.reset_every_ms = 300 + world.random(1000)});
        sleep_ms(5000);
        break;
      case 5:
        world.kafka().set_proxies({.blackhole = true});
        sleep_ms(1000 + world.random(12000));
        break;
      case 6:
        world.kafka().set_proxies(
            {.mute_request = world.random(2) == 0 ? kProduce : kEndTxn, .request_faults_max = 3});
        sleep_ms(5000);
        break;
      default:
        world.kafka().set_proxies({.latency_ms = 200, .jitter_ms = 100});
        sleep_ms(5000);
        break;
    }
    world.kafka().heal();
    world.healed();
    world.recovered();
    for (int i = 0; i < 2; ++i) {
      world.require(world.enricher(i).runs(), "enricher " + std::to_string(i) + " ended");
      if (!world.enricher(i).runs()) world.start(i);
    }
    rss.push_back(std::max(world.enricher(0).rss_kb(), world.enricher(1).rss_kb()) / 1024);
    files.push_back(std::max(world.enricher(0).open_files(), world.enricher(1).open_files()));
  }
  if (rss.empty()) return;
  world.note("RSS " + std::to_string(*std::min_element(rss.begin(), rss.end())) + " to " +
             std::to_string(*std::max_element(rss.begin(), rss.end())) + " MB, open files " +
             std::to_string(*std::min_element(files.begin(), files.end())) + " to " +
             std::to_string(*std::max_element(files.begin(), files.end())));
}

}  // namespace wirewatch::faults
