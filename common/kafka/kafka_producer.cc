#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "common/base/check.h"
#include "common/kafka/clocks.h"
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

// Records are held back for those before them at most so long, and so many bytes of them: a
// partition without a leader delays no other for longer.
constexpr std::chrono::milliseconds kHoldMax(100);
constexpr std::size_t kHeldBytesMax = 4UL * 1024 * 1024;
constexpr std::chrono::milliseconds kQueueFullWait(5);

// How long librdkafka gathers records, the caller's own setting included.
std::chrono::microseconds linger_of(const rd_kafka_t* client) {
  char text[64] = "";
  std::size_t size = sizeof(text);
  (void)rd_kafka_conf_get(rd_kafka_conf(const_cast<rd_kafka_t*>(client)), "queue.buffering.max.ms",
                          text, &size);
  return std::chrono::microseconds(static_cast<std::int64_t>(std::strtod(text, nullptr) * 1000));
}

using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;

// A record with its own copy of everything, in the memory that librdkafka will take over.
struct OwnedRecord {
  std::size_t topic = 0;
  std::unique_ptr<char, Deleter<std::free>> bytes;  // The value, then the key.
  std::size_t value_size = 0;
  std::size_t key_size = 0;
  bool has_value = false;
  bool has_key = false;
  HeadersPtr headers;
  void* opaque = nullptr;

  OwnedRecord(std::size_t topic_in, std::string_view key, std::string_view value,
              std::span<const KafkaHeader> headers_in, void* opaque_in)
      : topic(topic_in),
        bytes(static_cast<char*>(std::malloc(value.size() + key.size() + 1))),
        value_size(value.size()),
        key_size(key.size()),
        has_value(value.data() != nullptr),
        has_key(key.data() != nullptr),
        headers(rd_kafka_headers_new(headers_in.size())),
        opaque(opaque_in) {
    WIREWATCH_CHECK(bytes != nullptr);
    std::copy(value.begin(), value.end(), bytes.get());
    std::copy(key.begin(), key.end(), bytes.get() + value.size());
    for (const KafkaHeader& header : headers_in) {
      rd_kafka_header_add(headers.get(), header.key.data(), static_cast<ssize_t>(header.key.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
  }
  [[nodiscard]] std::size_t size() const { return value_size + key_size; }
};

}  // namespace

// What goes to librdkafka goes in bursts, as in Nagle's algorithm: at once after a pause, else when
// the burst before is acknowledged and Options::burst_ms old. Batches become as large as the
// brokers are slow, and a quiet stream waits for nothing. It also keeps librdkafka 2.0.2 from
// polling without a pause: an idempotent partition with five records unacknowledged sends no more,
// and as soon as others behind them have waited for `linger.ms` its thread spins until the answer
// is there.
class KafkaProducer::Impl {
 public:
  using Clock = std::chrono::steady_clock;

  Options options;
  OnDelivery on_delivery;
  ClientPtr client;
  std::vector<TopicPtr> topics;
  std::atomic<std::uint32_t> connections_closed = 0;
  Clock::duration linger{};

  std::atomic<std::size_t> unacknowledged = 0;  // Of what librdkafka has.
  mutable std::mutex mutex;                     // Of all below.
  bool purged = false;
  std::deque<OwnedRecord> held;  // In order.
  std::size_t held_bytes = 0;
  Clock::time_point held_since;
  Clock::time_point burst_ends;  // Until then records may join those that librdkafka gathers.
  Clock::time_point next_burst;  // Not before.

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<Impl*>(opaque);
    static const KafkaFailure kNoFailure;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.on_delivery(message->_private, kNoFailure);
    } else {
      self.on_delivery(message->_private, failure_of(message->err));
    }
    if (--self.unacknowledged == 0) self.release(kWhenDue);
  }

  // Gives the record to librdkafka; it stays the caller's when that refuses it.
  rd_kafka_resp_err_t enqueue(OwnedRecord& record);

  [[nodiscard]] bool is_transactional() const { return !options.transactional_id.empty(); }
  // With `mutex` held: a burst may begin, or has.
  bool may_burst(Clock::time_point now) {
    if (now < burst_ends) return true;
    if (is_transactional() || unacknowledged > 0 || now < next_burst) return false;
    begin_burst(now);
    return true;
  }
  // With `mutex` held: others are about to join what is held, or a record that comes now.
  bool waits_for_more(Clock::time_point now) const {
    if (!held.empty() && now - held_since >= std::chrono::milliseconds(options.burst_ms))
      return false;
    return options.more_come && options.more_come();
  }
  void begin_burst(Clock::time_point now) {
    burst_ends = now + linger;
    next_burst = now + std::chrono::milliseconds(options.burst_ms);
  }
  // Hands over what is held, as much as librdkafka has room for.
  enum When : std::uint8_t { kWhenDue, kNow };
  void release(When when) {
    std::vector<std::pair<void*, KafkaFailure>> refused;
    {
      const std::lock_guard lock(mutex);
      const Clock::time_point now = Clock::now();
      if (held.empty()) return;
      if (when == kWhenDue && now - held_since < kHoldMax &&
          (waits_for_more(now) || !may_burst(now)))
        return;
      begin_burst(now);
      release_held(refused);
    }
    for (const auto& [opaque, failure] : refused) on_delivery(opaque, failure);
  }
  // With `mutex` held. What is behind a refused record is given up with it, so as not to overtake
  // it when it is sent again.
  void release_held(std::vector<std::pair<void*, KafkaFailure>>& refused) {
    while (!held.empty()) {
      OwnedRecord& record = held.front();
      const std::size_t size = record.size();
      void* const opaque = record.opaque;
      if (!refused.empty()) {
        refused.emplace_back(opaque, given_up());
      } else if (const rd_kafka_resp_err_t code = enqueue(record);
                 code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return;
      } else if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        refused.emplace_back(opaque, failure_of(code));
      }
      held_bytes -= size;
      held.pop_front();
    }
  }
  // When what is held, or comes to be, may be due.
  Clock::time_point look_again_at() {
    const std::lock_guard lock(mutex);
    if (held.empty()) return next_burst;
    if (unacknowledged > 0 || is_transactional()) return held_since + kHoldMax;
    if (!waits_for_more(Clock::now())) return next_burst;
    return std::max(next_burst, held_since + std::chrono::milliseconds(options.burst_ms));
  }
  // The same, waiting for room. False when time ran out.
  bool release_all(int timeout_ms) {
    const std::int64_t until = steady_ms() + timeout_ms;
    while (true) {
      release(kNow);
      {
        const std::lock_guard lock(mutex);
        next_burst = {};  // What follows a flush is not delayed.
        if (held.empty()) return true;
      }
      if (steady_ms() >= until) return false;
      rd_kafka_poll(client.get(), static_cast<int>(kQueueFullWait.count()));
    }
  }
  // Until everything that librdkafka has is acknowledged; false when time ran out.
  bool await_acknowledgements(int timeout_ms) {
    const std::int64_t until = steady_ms() + timeout_ms;
    while (unacknowledged > 0 && steady_ms() < until) rd_kafka_poll(client.get(), 1);
    return unacknowledged == 0;
  }
  static KafkaFailure given_up() { return {KafkaFault::kTemporary, "the record was given up"}; }
  // Nothing that is held will be sent.
  void refuse_held(bool for_good) {
    std::deque<OwnedRecord> dropped;
    {
      const std::lock_guard lock(mutex);
      purged = purged || for_good;
      dropped.swap(held);
      held_bytes = 0;
    }
    for (const OwnedRecord& record : dropped) on_delivery(record.opaque, given_up());
  }

  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    const auto& self = *static_cast<Impl*>(opaque);
    if (self.options.on_error)
      self.options.on_error(failure_of(static_cast<rd_kafka_resp_err_t>(code), reason));
  }

  static int on_stats(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
    static_cast<const Impl*>(opaque)->options.on_statistics({json, size});
    return 0;
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

  // Asks for a new client where a connection broke since `closed_before` was counted.
  TransactionResult with_doubt(TransactionResult result, std::uint32_t closed_before) const {
    if (connections_closed == closed_before) return result;
    result.step = TransactionStep::kRebuild;
    if (result.failure.empty()) result.failure = in_doubt();
    return result;
  }
  static KafkaFailure in_doubt() {
    return {KafkaFault::kTemporary, "a connection broke while the transaction was ended"};
  }

  // Ends the transaction by `call`, repeated while that may help and time is left.
  template <typename Call>
  TransactionResult end_transaction(int timeout_ms, const Call& call) {
    const std::int64_t begun = steady_ms();
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
    if (repeated || steady_ms() - begun > kSocketTimeoutMs) {
      result.step = TransactionStep::kRebuild;
      if (result.failure.empty()) result.failure = in_doubt();
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
      {"linger.ms", "1"},
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
  if (o.on_statistics) {
    properties.emplace_back("statistics.interval.ms", "5000");
    rd_kafka_conf_set_stats_cb(conf.get(), &Impl::on_stats);
  }
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Impl::on_report);
  rd_kafka_conf_set_error_cb(conf.get(), &Impl::on_error);
  rd_kafka_conf_set_closesocket_cb(conf.get(), &Impl::on_close);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(conf), properties, o.properties,
                            &on_log_beside_errors);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
  impl->linger = linger_of(impl->client.get());
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
  if (!impl_->purged) (void)flush(1000);
  impl_->topics.clear();
}

// The macros of rd_kafka_producev cast in C's way.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
rd_kafka_resp_err_t KafkaProducer::Impl::enqueue(OwnedRecord& record) {
  ++unacknowledged;
  char* const value = record.has_value ? record.bytes.get() : nullptr;
  const char* const key = record.has_key ? record.bytes.get() + record.value_size : nullptr;
  // producev with the topic's handle: produceva frees headers twice before 2.12.
  const rd_kafka_resp_err_t code = rd_kafka_producev(
      client.get(), RD_KAFKA_V_RKT(topics[record.topic].get()),
      RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
      RD_KAFKA_V_MSGFLAGS(record.has_value ? RD_KAFKA_MSG_F_FREE : RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(key, record.key_size), RD_KAFKA_V_VALUE(value, record.value_size),
      RD_KAFKA_V_HEADERS(record.headers.get()), RD_KAFKA_V_OPAQUE(record.opaque), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    --unacknowledged;
    return code;
  }
  (void)record.headers.release();
  if (record.has_value) (void)record.bytes.release();
  return code;
}
#pragma GCC diagnostic pop

bool KafkaProducer::produce(std::size_t topic, std::string_view key, std::string_view value,
                            std::span<const KafkaHeader> headers, void* opaque,
                            KafkaFailure& failure) {
  Impl& self = *impl_;
  WIREWATCH_CHECK(topic < self.topics.size());
  OwnedRecord record(topic, key, value, headers, opaque);
  while (true) {
    {
      const std::lock_guard lock(self.mutex);
      if (self.purged) {
        failure = {KafkaFault::kTemporary, "the producer is being replaced"};
        return false;
      }
      const Impl::Clock::time_point now = Impl::Clock::now();
      const bool waits = self.waits_for_more(now);
      if (self.held.empty() && !waits && self.may_burst(now)) {
        const rd_kafka_resp_err_t code = self.enqueue(record);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
          failure = failure_of(code);
          return false;
        }
      } else if (self.held_bytes < kHeldBytesMax) {
        if (self.held.empty()) self.held_since = now;
        self.held_bytes += record.size();
        self.held.push_back(std::move(record));
        break;
      }
    }
    self.release(Impl::kNow);
    // Where there is still no room, it comes with the acknowledgements that poll()'s thread serves.
    std::this_thread::sleep_for(kQueueFullWait);
  }
  self.release(Impl::kWhenDue);
  return true;
}

void KafkaProducer::send() {
  impl_->release(Impl::kWhenDue);
}

bool KafkaProducer::awaits_acknowledgements() const {
  const Impl& self = *impl_;
  const std::lock_guard lock(self.mutex);
  return !self.held.empty() && !self.is_transactional() && self.unacknowledged > 0 &&
         !self.waits_for_more(Impl::Clock::now());
}

void KafkaProducer::poll(int timeout_ms) {
  Impl& self = *impl_;
  self.release(Impl::kWhenDue);
  const auto until = self.look_again_at();
  const auto now = Impl::Clock::now();
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::max(until, now) - now);
  const std::int64_t timeout =
      until > now ? std::min<std::int64_t>(timeout_ms, wait.count()) : timeout_ms;
  rd_kafka_poll(self.client.get(), static_cast<int>(timeout));
  self.release(Impl::kWhenDue);
}
bool KafkaProducer::flush(int timeout_ms) {
  const std::int64_t until = steady_ms() + timeout_ms;
  if (!impl_->release_all(timeout_ms)) return false;
  const std::int64_t left = std::max<std::int64_t>(until - steady_ms(), 0);
  return rd_kafka_flush(impl_->client.get(), static_cast<int>(left)) == RD_KAFKA_RESP_ERR_NO_ERROR;
}
void KafkaProducer::purge_unsent() {
  impl_->refuse_held(true);
  rd_kafka_purge(impl_->client.get(), RD_KAFKA_PURGE_F_QUEUE);
}

bool KafkaProducer::is_unanswered() const {
  return impl_->unacknowledged > 0;
}

void KafkaProducer::purge() {
  impl_->refuse_held(true);
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
  if (!impl_->release_all(timeout_ms))
    return {TransactionStep::kAbort, {KafkaFault::kTemporary, "the producer's queue is full"}};
  const std::uint32_t closed_before = impl_->connections_closed;
  const KafkaConsumer::Impl& reader = *consumer.impl_;
  const ListPtr list = KafkaConsumer::Impl::partition_list(offsets.size());
  for (const PartitionOffset& o : offsets) reader.add(list.get(), o.partition, o.offset);
  // The group's generation travels along, so that the broker refuses a member that was replaced.
  const GroupMetadataPtr group(rd_kafka_consumer_group_metadata(reader.client.get()));
  if (const ErrorPtr error{rd_kafka_send_offsets_to_transaction(impl_->client.get(), list.get(),
                                                                group.get(), timeout_ms)}) {
    TransactionResult result = Impl::triage(error.get());
    // The one call that cannot be resumed; nothing is committed yet, but its request may still be
    // on the way and give its offsets to the next transaction.
    if (result.step == TransactionStep::kAgain) result.step = TransactionStep::kRebuild;
    return impl_->with_doubt(std::move(result), closed_before);
  }
  // librdkafka waits for them as well, but in steps of 10 ms where another thread polls, and as
  // long again.
  if (!impl_->await_acknowledgements(timeout_ms)) {
    return {TransactionStep::kRebuild,
            {KafkaFault::kTemporary, "outputs are not acknowledged in time"}};
  }
  TransactionResult result = impl_->end_transaction(timeout_ms, [this](int left) {
    return rd_kafka_commit_transaction(impl_->client.get(), left);
  });
  return impl_->with_doubt(std::move(result), closed_before);
}

TransactionResult KafkaProducer::abort(int timeout_ms) {
  impl_->refuse_held(false);
  const std::uint32_t closed_before = impl_->connections_closed;
  TransactionResult result = impl_->end_transaction(timeout_ms, [this](int left) {
    return rd_kafka_abort_transaction(impl_->client.get(), left);
  });
  if (result.step == TransactionStep::kAbort) result.step = TransactionStep::kRebuild;
  return impl_->with_doubt(std::move(result), closed_before);
}

}  // namespace wirewatch
