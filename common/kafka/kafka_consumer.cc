#include <chrono>
#include <cstring>
#include <future>
#include <thread>

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_consumer_impl.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

using namespace rdkafka;

namespace {

// cooperative-sticky has six known defects before this version: stickiness, a hang and an assert
// at close, duplicates after a resume, an endless loop, assignments lost by a commit.
constexpr int kCooperativeSince = 0x020a01ff;

}  // namespace

KafkaRecord::KafkaRecord(void* message) : message_(message) {
  auto* m = static_cast<rd_kafka_message_t*>(message);
  if (m->payload != nullptr) value_ = {static_cast<const char*>(m->payload), m->len};
  if (m->key != nullptr) key_ = {static_cast<const char*>(m->key), m->key_len};
  topic_ = rd_kafka_topic_name(m->rkt);
  partition_ = m->partition;
  offset_ = m->offset;
  rd_kafka_timestamp_type_t type{};
  timestamp_ms_ = rd_kafka_message_timestamp(m, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) timestamp_ms_ = -1;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      headers_.push_back({name, {static_cast<const char*>(value), value == nullptr ? 0 : size}});
    }
  }
}
KafkaRecord::~KafkaRecord() {
  if (message_ != nullptr) rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(message_));
}
KafkaRecord::KafkaRecord(KafkaRecord&& other) noexcept {
  *this = std::move(other);
}
KafkaRecord& KafkaRecord::operator=(KafkaRecord&& other) noexcept {
  std::swap(message_, other.message_);
  std::swap(value_, other.value_);
  std::swap(key_, other.key_);
  std::swap(topic_, other.topic_);
  std::swap(partition_, other.partition_);
  std::swap(offset_, other.offset_);
  std::swap(timestamp_ms_, other.timestamp_ms_);
  std::swap(headers_, other.headers_);
  return *this;
}

void KafkaConsumer::Impl::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                                       rd_kafka_topic_partition_list_t* list, void* opaque) {
  auto& self = *static_cast<Impl*>(opaque);
  std::vector<std::int32_t> partitions;
  for (int i = 0; i < list->cnt; ++i) partitions.push_back(list->elems[i].partition);
  const bool cooperative = std::strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0;
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    self.listener->on_assigned(partitions);
    if (cooperative) {
      const ErrorPtr error(rd_kafka_incremental_assign(client, list));
    } else {
      rd_kafka_assign(client, list);
    }
    // New partitions begin to be read at once, whatever their neighbours do.
    if (self.paused) self.pause(list);
    return;
  }
  const bool lost = rd_kafka_assignment_lost(client) != 0;
  self.listener->on_revoked(partitions, lost);
  if (self.paused) {
    // librdkafka remembers the pause of a partition that is given back: when it returned it would
    // never be read.
    const ListPtr given_back(rd_kafka_topic_partition_list_copy(list));
    rd_kafka_resume_partitions(client, given_back.get());
    for (int i = 0; i < list->cnt; ++i) {
      rd_kafka_topic_partition_list_del(self.paused.get(), list->elems[i].topic,
                                        list->elems[i].partition);
    }
  }
  if (!lost) self.commit(kRevokeCommitTimeoutMs);
  if (cooperative) {
    const ErrorPtr error(rd_kafka_incremental_unassign(client, list));
  } else {
    rd_kafka_assign(client, nullptr);
  }
}

int KafkaConsumer::Impl::on_stats(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
  const auto& self = *static_cast<Impl*>(opaque);
  if (self.options.on_statistics) self.options.on_statistics({json, size});
  return 0;
}

void KafkaConsumer::Impl::on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  const auto& self = *static_cast<Impl*>(opaque);
  if (self.options.on_error)
    self.options.on_error(failure_of(static_cast<rd_kafka_resp_err_t>(code), reason));
}

void KafkaConsumer::Impl::commit(int timeout_ms) const {
  if (options.transactional) return;
  // By a queue, because the plain call waits as long as the coordinator does.
  const QueuePtr queue(rd_kafka_queue_new(client.get()));
  if (rd_kafka_commit_queue(client.get(), nullptr, queue.get(), nullptr, nullptr) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const EventPtr answer(rd_kafka_queue_poll(queue.get(), timeout_ms));
}

void KafkaConsumer::Impl::pause(const rd_kafka_topic_partition_list_t* list) {
  const ListPtr copy(rd_kafka_topic_partition_list_copy(list));
  rd_kafka_pause_partitions(client.get(), copy.get());
  for (int i = 0; i < list->cnt; ++i) {
    rd_kafka_topic_partition_list_add(paused.get(), list->elems[i].topic, list->elems[i].partition);
  }
}

KafkaConsumer::KafkaConsumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaConsumer>, std::string> KafkaConsumer::create(
    Options options, RebalanceListener& listener) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->listener = &listener;
  const Options& o = impl->options;
  ConfPtr conf(rd_kafka_conf_new());
  KafkaProperties properties = {
      {"bootstrap.servers", o.brokers},
      {"client.id", o.client_id},
      {"group.id", o.group_id},
      {"enable.auto.commit", o.transactional ? "false" : "true"},
      {"enable.auto.offset.store", "false"},  // Stored when done, not when read.
      {"auto.offset.reset", "earliest"},
      {"isolation.level", "read_committed"},
      // 2.0.2 stops fetching for a second whenever its queue is full: the queue must hold more than
      // a second of news, and back-pressure is ours.
      {"queued.max.messages.kbytes", "262144"},
      {"queued.min.messages", "1000000"},
      {"fetch.wait.max.ms", o.embedded ? "5" : "100"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"topic.metadata.refresh.interval.ms", "60000"},
      {"log.connection.close", "false"},
      {"allow.auto.create.topics", o.embedded ? "true" : "false"},  // The mock warns, and makes.
      {"partition.assignment.strategy",
       rd_kafka_version() < kCooperativeSince ? "range" : "cooperative-sticky"},
      {"statistics.interval.ms", "5000"},
      {"auto.commit.interval.ms", "200"},  // What a killed process has done since comes again.
  };
  if (o.embedded) {  // The mock waits for the session timeout at every join.
    properties.emplace_back("session.timeout.ms", "3000");
    properties.emplace_back("heartbeat.interval.ms", "200");
  } else if (!o.instance_id.empty()) {  // The mock forgets static members.
    properties.emplace_back("group.instance.id", o.instance_id);
  }
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), &Impl::on_rebalance);
  rd_kafka_conf_set_stats_cb(conf.get(), &Impl::on_stats);
  rd_kafka_conf_set_error_cb(conf.get(), &Impl::on_error);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(conf), properties, o.properties,
                            &on_log_beside_errors);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
  rd_kafka_poll_set_consumer(impl->client.get());
  const ListPtr topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), o.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(impl->client.get(), topics.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(std::string("cannot subscribe to ") + o.topic + ": " +
                           rd_kafka_err2str(code));
  }
  return std::unique_ptr<KafkaConsumer>(new KafkaConsumer(std::move(impl)));
}

KafkaConsumer::~KafkaConsumer() {
  if (impl_ == nullptr) return;
  close();
  // After a topic was deleted and created anew, 2.0.2 waits for ever for its partitions (fixed in
  // 2.6.1). The group has been left; who takes too long is left behind as it is.
  constexpr std::chrono::seconds kPatience(5);
  std::promise<void> gone;
  const std::future<void> done = gone.get_future();
  std::thread([impl = std::move(impl_), gone = std::move(gone)]() mutable {
    impl.reset();
    gone.set_value();
  }).detach();
  (void)done.wait_for(kPatience);
}

bool KafkaConsumer::poll(int timeout_ms, KafkaRecord& record, KafkaFailure& error) {
  error = {};
  rd_kafka_message_t* message = rd_kafka_consumer_poll(impl_->client.get(), timeout_ms);
  if (message == nullptr) return false;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
      char text[512];
      const auto code = rd_kafka_fatal_error(impl_->client.get(), text, sizeof(text));
      error = {
          failure_of(code).fault == KafkaFault::kFenced ? KafkaFault::kFenced : KafkaFault::kFatal,
          text};
    } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      error = failure_of(message->err, rd_kafka_message_errstr(message));
    }
    rd_kafka_message_destroy(message);
    return false;
  }
  record = KafkaRecord(message);
  return true;
}

void KafkaConsumer::store_offsets(std::span<const PartitionOffset> offsets) {
  const ListPtr list = impl_->partition_list(offsets.size());
  for (const PartitionOffset& o : offsets) impl_->add(list.get(), o.partition, o.offset);
  // Fails for a partition that was given back meanwhile: then another member reads on from the
  // commit.
  (void)rd_kafka_offsets_store(impl_->client.get(), list.get());
}

void KafkaConsumer::commit(int timeout_ms) {
  impl_->commit(timeout_ms);
}

std::optional<std::vector<PartitionOffset>> KafkaConsumer::committed(
    std::span<const std::int32_t> partitions, int timeout_ms) {
  const ListPtr list = impl_->partition_list(partitions.size());
  for (const std::int32_t partition : partitions)
    impl_->add(list.get(), partition, RD_KAFKA_OFFSET_INVALID);
  if (rd_kafka_committed(impl_->client.get(), list.get(), timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  std::vector<PartitionOffset> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    offsets.push_back(
        {list->elems[i].partition, std::max<std::int64_t>(list->elems[i].offset, -1)});
  }
  return offsets;
}

std::optional<std::int64_t> KafkaConsumer::begin_of(std::int32_t partition, int timeout_ms) {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  if (rd_kafka_query_watermark_offsets(impl_->client.get(), impl_->options.topic.c_str(), partition,
                                       &begin, &end, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return begin;
}

KafkaFailure KafkaConsumer::seek(std::span<const PartitionOffset> offsets) {
  if (offsets.empty()) return {};
  const ListPtr list = impl_->partition_list(offsets.size());
  for (const PartitionOffset& o : offsets) impl_->add(list.get(), o.partition, o.offset);
  // Without a limit: 2.0.2 makes a given one a thousand times too short. The answer is local.
  if (const ErrorPtr error{rd_kafka_seek_partitions(impl_->client.get(), list.get(), -1)}) {
    return failure_of(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()));
  }
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return failure_of(list->elems[i].err);
  }
  return {};
}

void KafkaConsumer::pause_all() {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(impl_->client.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const ListPtr list(assigned);
  if (impl_->paused) return;
  impl_->paused = impl_->partition_list(static_cast<std::size_t>(list->cnt));
  impl_->pause(list.get());
}

void KafkaConsumer::resume_all() {
  if (!impl_->paused) return;  // Never resume what was not paused: 2.0.2 would refetch.
  if (impl_->paused->cnt > 0) rd_kafka_resume_partitions(impl_->client.get(), impl_->paused.get());
  impl_->paused.reset();
}

void KafkaConsumer::close() {
  if (impl_->closed) return;
  impl_->closed = true;
  impl_->commit(Impl::kRevokeCommitTimeoutMs);
  rd_kafka_consumer_close(impl_->client.get());
}

}  // namespace wirewatch
