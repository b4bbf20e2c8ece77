#include <algorithm>
#include <vector>

#include "common/kafka/kafka.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

using namespace rdkafka;

namespace {

constexpr int kQueryTimeoutMs = 10'000;

struct PartitionRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t next = 0;  // What has been read lies below it.
};

// Offsets at which the records of a time or later begin; -1 where there are none.
std::expected<std::vector<std::int64_t>, std::string> offsets_at(rd_kafka_t* client,
                                                                 const std::string& topic,
                                                                 std::size_t partitions,
                                                                 std::int64_t time_ms) {
  const ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions)));
  for (std::size_t i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(i))
        ->offset = time_ms;
  }
  const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list.get(), kQueryTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::unexpected(std::string("offsets by time were refused: ") + rd_kafka_err2str(code));
  std::vector<std::int64_t> offsets(partitions, -1);
  for (int i = 0; i < list->cnt; ++i)
    offsets.at(static_cast<std::size_t>(list->elems[i].partition)) =
        std::max<std::int64_t>(list->elems[i].offset, -1);
  return offsets;
}

}  // namespace

class KafkaRange::Impl {
 public:
  // The bounds of every partition, within what Kafka still has.
  std::string find_bounds(const Options& options) {
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
          client.get(), options.topic.c_str(), static_cast<std::int32_t>(i), &partitions[i].begin,
          &partitions[i].end, kQueryTimeoutMs);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return std::string("the ends of the topic could not be asked for: ") +
               rd_kafka_err2str(code);
    }
    for (const bool from : {true, false}) {
      const std::optional<KafkaBound>& bound = from ? options.from : options.to;
      if (!bound || (follow && !from)) continue;
      std::vector<std::int64_t> offsets(partitions.size(), bound->value);
      if (bound->is_time) {
        auto found = offsets_at(client.get(), options.topic, partitions.size(), bound->value);
        if (!found) return found.error();
        offsets = std::move(*found);
      }
      for (std::size_t i = 0; i < partitions.size(); ++i) {
        PartitionRange& range = partitions[i];
        const std::int64_t at = offsets[i] < 0 ? range.end : offsets[i];
        (from ? range.begin : range.end) =
            from ? std::clamp(at, range.begin, range.end) : std::min(at, range.end);
      }
    }
    for (PartitionRange& range : partitions) {
      range.end = std::max(range.begin, range.end);
      range.next = range.begin;
    }
    return {};
  }

  ClientPtr client;
  std::vector<PartitionRange> partitions;
  bool follow = false;
};

KafkaRange::KafkaRange(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaRange>, std::string> KafkaRange::create(const Options& options) {
  auto reader =
      open_topic(options.brokers, options.client_id, options.topic, {}, options.properties);
  if (!reader) return std::unexpected(reader.error());
  if (reader->partitions == 0) return std::unexpected("there is no topic " + options.topic);
  auto impl = std::make_unique<Impl>();
  impl->client = std::move(reader->client);
  impl->partitions.resize(static_cast<std::size_t>(reader->partitions));
  impl->follow = options.follow;
  if (std::string error = impl->find_bounds(options); !error.empty()) return std::unexpected(error);
  const ListPtr list(rd_kafka_topic_partition_list_new(reader->partitions));
  for (std::size_t i = 0; i < impl->partitions.size(); ++i) {
    if (!options.follow && impl->partitions[i].begin == impl->partitions[i].end) continue;
    rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(),
                                      static_cast<std::int32_t>(i))
        ->offset = impl->partitions[i].begin;
  }
  rd_kafka_assign(impl->client.get(), list.get());
  return std::unique_ptr<KafkaRange>(new KafkaRange(std::move(impl)));
}

KafkaRange::~KafkaRange() {
  if (impl_ != nullptr) rd_kafka_consumer_close(impl_->client.get());
}

bool KafkaRange::poll(int timeout_ms, KafkaRecord& record) {
  rd_kafka_message_t* message = rd_kafka_consumer_poll(impl_->client.get(), timeout_ms);
  if (message == nullptr) return false;
  const bool eof = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !eof) {
    rd_kafka_message_destroy(message);  // Passes: librdkafka tries again.
    return false;
  }
  PartitionRange& range = impl_->partitions.at(static_cast<std::size_t>(message->partition));
  const bool within = !eof && (impl_->follow || message->offset < range.end);
  // Offsets may be missing, of compacted topics and transactions: the next one seen tells.
  range.next = eof ? range.end : std::min(message->offset + 1, range.end);
  if (!within) {
    rd_kafka_message_destroy(message);
    return false;
  }
  record = KafkaRecord(message);
  return true;
}

bool KafkaRange::is_complete() const {
  return std::all_of(impl_->partitions.begin(), impl_->partitions.end(),
                     [](const PartitionRange& range) { return range.next >= range.end; });
}

std::uint64_t KafkaRange::size() const {
  std::uint64_t size = 0;
  for (const PartitionRange& range : impl_->partitions)
    size += static_cast<std::uint64_t>(range.end - range.begin);
  return size;
}

std::uint64_t KafkaRange::passed() const {
  std::uint64_t passed = 0;
  for (const PartitionRange& range : impl_->partitions)
    passed += static_cast<std::uint64_t>(range.next - range.begin);
  return passed;
}

}  // namespace wirewatch
