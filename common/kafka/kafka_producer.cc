#include <atomic>
#include <chrono>
#include <thread>

#include <unistd.h>

#include "common/base/check.h"
#include "common/kafka/kafka.h"
#include "common/kafka/kafka_consumer_impl.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

using namespace rdkafka;

namespace {

// Of a transactional producer. The transaction outlives any single request, and a record does not
// outlive the transaction.
constexpr int kTransactionTimeoutMs = 40000;
constexpr int kMessageTimeoutMs = 30000;
constexpr int kSocketTimeoutMs = 10000;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

class KafkaProducer::Impl {
 public:
  Options options;
  OnDelivery on_delivery;
  ClientPtr client;
  std::vector<TopicPtr> topics;
  std::atomic<bool> purged = false;
  std::atomic<std::uint32_t> connections_closed = 0;

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const auto& self = *static_cast<Impl*>(opaque);
    static const KafkaFailure kNoFailure;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.on_delivery(message->_private, kNoFailure);
    } else {
      self.on_delivery(message->_private, failure_of(message->err));
    }
  }

  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    const auto& self = *static_cast<Impl*>(opaque);
    if (self.options.on_error)
      self.options.on_error(failure_of(static_cast<rd_kafka_resp_err_t>(code), reason));
  }

  static int on_close(int socket, void* opaque) {
    ++static_cast<Impl*>(opaque)->connections_closed;
    return ::close(socket);
  }

  // What an error of the transactional calls asks for, in the order that librdkafka prescribes.
  static TransactionResult triage(const rd_kafka_error_t* error) {
    KafkaFailure failure = failure_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
    if (rd_kafka_error_is_fatal(error) != 0) {
      if (failure.fault != KafkaFault::kFenced) failure.fault = KafkaFault::kFatal;
      return {TransactionStep::kRebuild, std::move(failure)};
    }
    if (rd_kafka_error_txn_requires_abort(error) != 0)
      return {TransactionStep::kAbort, std::move(failure)};
    if (rd_kafka_error_is_retriable(error) != 0)
      return {TransactionStep::kAgain, std::move(failure)};
    return {TransactionStep::kRebuild, std::move(failure)};
  }

  // Ends the transaction by `call`, repeated while that may help and time is left.
  template <typename Call>
  TransactionResult end_transaction(int timeout_ms, const Call& call) {
    const std::int64_t begun = steady_ms();
    const std::uint32_t closed_before = connections_closed;
    TransactionResult result;
    bool repeated = false;
    while (true) {
      const auto left = static_cast<int>(begun + timeout_ms - steady_ms());
      const ErrorPtr error(call(std::max(left, 100)));
      result = error ? triage(error.get()) : TransactionResult{};
      if (result.step != TransactionStep::kAgain) break;
      repeated = true;
      if (steady_ms() - begun >= timeout_ms) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (repeated || connections_closed != closed_before || steady_ms() - begun > kSocketTimeoutMs) {
      result.step = TransactionStep::kRebuild;
      if (result.failure.empty())
        result.failure = {KafkaFault::kTemporary,
                          "a connection broke while the transaction was ended"};
    }
    return result;
  }
};

KafkaProducer::KafkaProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaProducer>, std::string> KafkaProducer::create(
    Options options, OnDelivery on_delivery) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->on_delivery = std::move(on_delivery);
  const Options& o = impl->options;
  ConfPtr conf(rd_kafka_conf_new());
  KafkaProperties properties = {
      {"bootstrap.servers", o.brokers},
      {"client.id", o.client_id},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"linger.ms", o.embedded ? "1" : "5"},
      // The mock loses batches of several megabytes.
      {"batch.size", o.embedded ? "262144" : "1000000"},
      {"compression.codec", o.embedded ? "none" : "lz4"},
      {"queue.buffering.max.messages", "1000000"},
      {"message.max.bytes", "20000000"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"topic.metadata.refresh.interval.ms", "60000"},
      {"log.connection.close", "false"},
  };
  // The mock checks no sequence numbers: it takes a batch after it refused the one before, and what
  // is sent again would come behind. A real broker refuses both.
  if (o.embedded) properties.emplace_back("max.in.flight.requests.per.connection", "1");
  if (o.transactional_id.empty()) {
    // Never given up: an outage is waited out, in order.
    properties.emplace_back("message.timeout.ms", "0");
    // Nor is a record overtaken by those behind it when it is refused: that ends the client.
    properties.emplace_back("enable.gapless.guarantee", "true");
  } else {
    properties.emplace_back("transactional.id", o.transactional_id);
    properties.emplace_back("transaction.timeout.ms", std::to_string(kTransactionTimeoutMs));
    properties.emplace_back("message.timeout.ms", std::to_string(kMessageTimeoutMs));
    properties.emplace_back("socket.timeout.ms", std::to_string(kSocketTimeoutMs));
  }
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Impl::on_report);
  rd_kafka_conf_set_error_cb(conf.get(), &Impl::on_error);
  rd_kafka_conf_set_closesocket_cb(conf.get(), &Impl::on_close);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(conf), properties, o.properties);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
  for (const std::string& topic : o.topics) {
    impl->topics.emplace_back(rd_kafka_topic_new(impl->client.get(), topic.c_str(), nullptr));
    // The first record of a topic waits up to a second unless the topic is known. Two seconds at
    // most: a broker that is away is waited for elsewhere.
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(impl->client.get(), 0, impl->topics.back().get(), &metadata, 2000) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
    }
  }
  return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(impl)));
}

KafkaProducer::~KafkaProducer() {
  if (impl_ == nullptr || !impl_->client) return;
  if (!impl_->purged) rd_kafka_flush(impl_->client.get(), 1000);
  impl_->topics.clear();
}

// The macros of rd_kafka_producev cast in C's way.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
bool KafkaProducer::produce(std::size_t topic, std::string_view key, std::string_view value,
                            std::span<const KafkaHeader> headers, void* opaque,
                            KafkaFailure& failure) {
  WIREWATCH_CHECK(topic < impl_->topics.size());
  while (true) {
    if (impl_->purged) {
      failure = {KafkaFault::kTemporary, "the producer is being replaced"};
      return false;
    }
    rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
    for (const KafkaHeader& header : headers) {
      rd_kafka_header_add(list, header.key.data(), static_cast<ssize_t>(header.key.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
    // producev with the topic's handle: produceva frees headers twice before 2.12.
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        impl_->client.get(), RD_KAFKA_V_RKT(impl_->topics[topic].get()),
        RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADERS(list),
        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    rd_kafka_headers_destroy(list);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      failure = failure_of(code);
      return false;
    }
    std::this_thread::sleep_for(
        std::chrono::milliseconds(5));  // Reports are served by poll()'s thread.
  }
}

#pragma GCC diagnostic pop

void KafkaProducer::poll(int timeout_ms) {
  rd_kafka_poll(impl_->client.get(), timeout_ms);
}
bool KafkaProducer::flush(int timeout_ms) {
  return rd_kafka_flush(impl_->client.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}
void KafkaProducer::purge() {
  impl_->purged = true;
  rd_kafka_purge(impl_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

TransactionResult KafkaProducer::init_transactions(int timeout_ms) {
  const ErrorPtr error(rd_kafka_init_transactions(impl_->client.get(), timeout_ms));
  return error ? Impl::triage(error.get()) : TransactionResult{};
}

TransactionResult KafkaProducer::begin() {
  const ErrorPtr error(rd_kafka_begin_transaction(impl_->client.get()));
  return error ? Impl::triage(error.get()) : TransactionResult{};
}

TransactionResult KafkaProducer::commit(const KafkaConsumer& consumer,
                                        std::span<const PartitionOffset> offsets, int timeout_ms) {
  const KafkaConsumer::Impl& reader = *consumer.impl_;
  const ListPtr list = KafkaConsumer::Impl::partition_list(offsets.size());
  for (const PartitionOffset& o : offsets) reader.add(list.get(), o.partition, o.offset);
  // The group's generation travels along, so that the broker refuses a member that was replaced.
  const GroupMetadataPtr group(rd_kafka_consumer_group_metadata(reader.client.get()));
  if (const ErrorPtr error{rd_kafka_send_offsets_to_transaction(impl_->client.get(), list.get(),
                                                                group.get(), timeout_ms)}) {
    TransactionResult result = Impl::triage(error.get());
    // The one call that cannot be resumed; nothing is committed yet.
    if (result.step == TransactionStep::kAgain) result.step = TransactionStep::kAbort;
    return result;
  }
  return impl_->end_transaction(timeout_ms, [this](int left) {
    return rd_kafka_commit_transaction(impl_->client.get(), left);
  });
}

TransactionResult KafkaProducer::abort(int timeout_ms) {
  TransactionResult result = impl_->end_transaction(timeout_ms, [this](int left) {
    return rd_kafka_abort_transaction(impl_->client.get(), left);
  });
  if (result.step == TransactionStep::kAbort) result.step = TransactionStep::kRebuild;
  return result;
}

}  // namespace wirewatch
