// Answers that only the embedded broker can be made to give.

#include <csignal>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

using Errors = std::vector<rd_kafka_resp_err_t>;

void answer_with(World& world, int request, const Errors& errors) {
  rd_kafka_mock_push_request_errors_array(world.mock().native(), static_cast<std::int16_t>(request),
                                          errors.size(), errors.data());
}

// Outputs that were refused and streams that were begun anew, as the enricher counts them.
double outputs_met_errors(const World& world) {
  double count = 0;
  for (const KafkaFault fault :
       {KafkaFault::kTemporary, KafkaFault::kRecord, KafkaFault::kUnauthorised,
        KafkaFault::kMissingTopic, KafkaFault::kFenced, KafkaFault::kFatal}) {
    const std::string label = "{fault=\"" + std::string(to_string(fault)) + "\"}";
    count += world.metric("wirewatch_delivery_failures_total" + label) +
             world.metric("wirewatch_recoveries_total" + label);
  }
  return count;
}

// Errors that meet the enricher's outputs and not the articles sent to it: it stands still while
// those are sent. True when they came to the enricher: librdkafka mends some by itself.
bool refuse_outputs(World& world, const Errors& errors) {
  world.end_load();
  const double before = outputs_met_errors(world);
  world.enricher().signal(SIGSTOP);
  world.send(40);
  world.fault();
  answer_with(world, kProduce, errors);
  world.enricher().signal(SIGCONT);
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
  return outputs_met_errors(world) > before;
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
    world.require(refuse_outputs(world, Errors(3, error)), "no output was refused");
  }
}

void producer_fatal(World& world) {
  begin(world);
  int told = 0;
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
    told += refuse_outputs(world, {error}) ? 1 : 0;
  }
  world.note(std::to_string(told) + " of 3 came to the enricher");
  world.require(told > 0, "no output was refused");
}

}  // namespace

std::vector<Scenario> broker_error_faults() {
  using enum Broker;
  return {
      {.number = 11,
       .name = "leader_change",
       .what = "leaders move, vanish, NOT_LEADER",
       .brokers = {kMock},
       .exactly_once = false,
       .run = leader_change},
      {.number = 12,
       .name = "coordinator_errors",
       .what = "benign errors of commits, heartbeats, joins; the coordinator moves",
       .brokers = {kMock},
       .exactly_once = false,
       .run = coordinator_errors},
      {.number = 14,
       .name = "outputs_refused",
       .what = "authorisation, size, invalid record",
       .brokers = {kMock},
       .exactly_once = false,
       .brief = true,
       .run = outputs_refused},
      {.number = 22,
       .name = "producer_fatal",
       .what = "sequence, producer id, epoch refused",
       .brokers = {kMock},
       .exactly_once = false,
       .brief = true,
       .run = producer_fatal},
  };
}

}  // namespace wirewatch::faults
