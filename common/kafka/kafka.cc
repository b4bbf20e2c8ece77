#include "common/kafka/kafka.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "common/base/check.h"
#include "common/base/closest_name.h"
#include "common/base/secret.h"
#include "common/kafka/clocks.h"
#include "common/kafka/oauth_token.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

namespace rdkafka {

namespace {

constexpr std::string_view kFileSuffix = ".file";
constexpr std::string_view kTokenCommand = "sasl.oauthbearer.token.command";
constexpr int kTokenCommandTimeoutMs = 10000;
constexpr std::size_t kTokenBytesMax = 65536;
constexpr std::size_t kSecretBytesMax = 1024UL * 1024;

// On librdkafka's background thread, so that a slow command delays nobody. The command stands where
// librdkafka keeps the argument of this function.
void on_token_wanted(rd_kafka_t* client, const char* command, void*) {
  const std::int64_t now = wall_ms();
  const auto printed = run_command(command, kTokenCommandTimeoutMs, kTokenBytesMax);
  const auto token = printed
                         ? parse_oauth_token(*printed, now)
                         : std::expected<OauthToken, std::string>(std::unexpected(printed.error()));
  char error[512];
  std::string failure = "the command sasl.oauthbearer.token.command gave no token: ";
  if (!token) {
    failure += token.error();
  } else if (rd_kafka_oauthbearer_set_token(client, token->value.c_str(), token->expires_ms,
                                            token->principal.c_str(), nullptr, 0, error,
                                            sizeof(error)) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return;
  } else {
    failure += "librdkafka takes what it printed for no token";  // Its own text may show it.
  }
  rd_kafka_oauthbearer_set_token_failure(client, failure.c_str());
}

std::expected<std::string, std::string> read_secret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kSecretBytesMax, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof())
    return std::unexpected("cannot read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return std::unexpected(path + " is empty");
  return text;
}

// Properties that have an option of their own, or that delivery rests on: what somebody set here
// would undo in silence what the options promise. Null for all others.
const char* why_ours(std::string_view key) {
  struct Ours {
    std::string_view key;
    const char* why;
  };
  constexpr const char* kDelivery = "delivery rests on it; see kafka.delivery";
  static constexpr Ours kOurs[] = {
      {"bootstrap.servers", "set kafka.brokers"},
      {"metadata.broker.list", "set kafka.brokers"},
      {"test.mock.num.brokers", "each client would have a broker of its own; see kafka.brokers"},
      {"client.id", "set kafka.client_id"},
      {"group.id", "set kafka.group_id"},
      {"group.instance.id", "set kafka.instance_id"},
      {"transactional.id", "set kafka.instance_id"},
      {"enable.auto.commit", kDelivery},
      {"auto.commit.enable", kDelivery},
      {"enable.auto.offset.store", kDelivery},
      {"enable.idempotence", kDelivery},
      {"enable.gapless.guarantee", kDelivery},
      {"delivery.report.only.error", kDelivery},
      {"message.timeout.ms", kDelivery},
      {"delivery.timeout.ms", kDelivery},
  };
  const auto found = std::find_if(std::begin(kOurs), std::end(kOurs),
                                  [&](const Ours& ours) { return ours.key == key; });
  return found == std::end(kOurs) ? nullptr : found->why;
}

std::string unknown_property(rd_kafka_conf_t* conf, const std::string& key) {
  std::size_t count = 0;  // Of names and values in turn.
  const char** dump = rd_kafka_conf_dump(conf, &count);
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < count; i += 2) known.emplace_back(dump[i]);
  const std::string meant = did_you_mean(key, known);
  rd_kafka_conf_dump_free(dump, count);
  return "kafka property \"" + key + "\": librdkafka has none of this name" + meant;
}

// What is wrong with a property, or empty. Properties that only one of the two kinds of client
// knows are offered to both; librdkafka says so.
std::string set_property(rd_kafka_conf_t* conf, std::string key, std::string value) {
  bool hidden = is_secret_property(key);
  if (key.ends_with(kFileSuffix)) {
    auto text = read_secret(value);
    if (!text) return "kafka property \"" + key + "\": " + text.error();
    value = std::move(*text);
    key.resize(key.size() - kFileSuffix.size());
    hidden = true;
  }
  if (key == kTokenCommand) {
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, &on_token_wanted);
    rd_kafka_conf_enable_sasl_queue(conf, 1);
    key = "sasl.oauthbearer.config";
  }
  char error[512];
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof(error));
  if (result == RD_KAFKA_CONF_OK) return {};
  if (result == RD_KAFKA_CONF_UNKNOWN) return unknown_property(conf, key);
  if (hidden && std::string_view(error).find(value) != std::string_view::npos)
    return "kafka property \"" + key + "\": its value is refused";
  return "kafka property \"" + key + "\": " + error;
}

std::string value_of(const rd_kafka_conf_t* conf, const char* key) {
  char value[64] = "";
  std::size_t size = sizeof(value);
  return rd_kafka_conf_get(conf, key, value, &size) == RD_KAFKA_CONF_OK ? value : "";
}

// Whether tokens are wanted that nothing gives: librdkafka would wait for them in silence.
bool wants_tokens(const rd_kafka_conf_t* conf) {
  return value_of(conf, "security.protocol").starts_with("sasl") &&
         value_of(conf, "sasl.mechanisms") == "OAUTHBEARER" &&
         value_of(conf, "sasl.oauthbearer.method") != "oidc" &&
         value_of(conf, "enable.sasl.oauthbearer.unsecure.jwt") != "true";
}

}  // namespace

std::expected<ClientPtr, std::string> make_client(rd_kafka_type_t type, ConfPtr conf,
                                                  const KafkaProperties& ours,
                                                  const KafkaProperties& theirs, LogCallback log) {
  bool has_command = false;
  for (const auto& [key, value] : theirs) {
    if (const char* why = why_ours(key))
      return std::unexpected("kafka property \"" + key + "\" is not to be set here: " + why);
  }
  for (const KafkaProperties* properties : {&ours, &theirs}) {
    for (const auto& [key, value] : *properties) {
      if (std::string error = set_property(conf.get(), key, value); !error.empty())
        return std::unexpected(error);
      has_command = has_command || key == kTokenCommand;
    }
  }
  if (!has_command && wants_tokens(conf.get())) {
    return std::unexpected(
        "kafka property \"sasl.mechanism\" is OAUTHBEARER, and nothing gives tokens; set \"" +
        std::string(kTokenCommand) + "\"");
  }
  rd_kafka_conf_set_log_cb(conf.get(), log);
  char text[512];
  ClientPtr client(rd_kafka_new(type, conf.get(), text, sizeof(text)));
  if (!client) return std::unexpected(std::string("the Kafka client cannot start: ") + text);
  (void)conf.release();  // The client's now.
  if (has_command) {
    if (const ErrorPtr error{rd_kafka_sasl_background_callbacks_enable(client.get())})
      return std::unexpected(std::string(kTokenCommand) + ": " +
                             rd_kafka_error_string(error.get()));
  }
  return client;
}

std::expected<TopicReader, std::string> open_topic(const std::string& brokers,
                                                   const std::string& client_id,
                                                   const std::string& topic,
                                                   const KafkaProperties& more,
                                                   const KafkaProperties& theirs) {
  KafkaProperties ours = {
      {"bootstrap.servers", brokers},
      {"client.id", client_id},
      // librdkafka polls for members of groups only; as nothing is subscribed, it joins none.
      {"group.id", client_id + "-" + topic},
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "earliest"},
      {"isolation.level", "read_committed"},
      // The ends of transactions have offsets but are no records: only this tells that they passed.
      {"enable.partition.eof", "true"},
      {"log.connection.close", "false"},
      {"allow.auto.create.topics", "false"},
  };
  ours.insert(ours.end(), more.begin(), more.end());
  auto client = make_client(RD_KAFKA_CONSUMER, ConfPtr(rd_kafka_conf_new()), ours, theirs, &on_log);
  if (!client) return std::unexpected(client.error());
  rd_kafka_poll_set_consumer(client->get());
  const TopicPtr handle(rd_kafka_topic_new(client->get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client->get(), 0, handle.get(), &metadata, kMetadataTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::unexpected("no broker answers at " + brokers + ": " + rd_kafka_err2str(code));
  const MetadataPtr owner(metadata);
  return TopicReader{std::move(*client),
                     metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0};
}

KafkaFailure failure_of(rd_kafka_resp_err_t code, const char* text) {
  KafkaFault fault = KafkaFault::kTemporary;
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return {};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      fault = KafkaFault::kRecord;
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      fault = KafkaFault::kUnauthorised;
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      fault = KafkaFault::kMissingTopic;
      break;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      fault = KafkaFault::kFenced;
      break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:  // Only with auto.offset.reset=error.
    case RD_KAFKA_RESP_ERR__FATAL:
      fault = KafkaFault::kFatal;
      break;
    default:
      break;
  }
  return {fault, text == nullptr ? rd_kafka_err2str(code) : text};
}

}  // namespace rdkafka

using namespace rdkafka;

std::string_view to_string(KafkaFault fault) {
  switch (fault) {
    case KafkaFault::kNone:
      return "none";
    case KafkaFault::kTemporary:
      return "temporary";
    case KafkaFault::kRecord:
      return "record";
    case KafkaFault::kUnauthorised:
      return "unauthorised";
    case KafkaFault::kMissingTopic:
      return "missing_topic";
    case KafkaFault::kFenced:
      return "fenced";
    case KafkaFault::kFatal:
      return "fatal";
  }
  return "temporary";
}

class EmbeddedBroker::Impl {
 public:
  ClientPtr owner;
  rd_kafka_mock_cluster_t* cluster = nullptr;
};

EmbeddedBroker::EmbeddedBroker() : impl_(std::make_unique<Impl>()) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // It connects to nobody: all it has to say is that it knows no broker.
  rd_kafka_conf_set_log_cb(conf, nullptr);
  impl_->owner.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  WIREWATCH_CHECK(impl_->owner != nullptr);
  impl_->cluster = rd_kafka_mock_cluster_new(impl_->owner.get(), 1);
  WIREWATCH_CHECK(impl_->cluster != nullptr);
}
EmbeddedBroker::~EmbeddedBroker() {
  rd_kafka_mock_cluster_destroy(impl_->cluster);
}
std::string EmbeddedBroker::bootstrap_servers() const {
  return rd_kafka_mock_cluster_bootstraps(impl_->cluster);
}
void EmbeddedBroker::create_topic(const std::string& topic, int partitions) {
  (void)rd_kafka_mock_topic_create(impl_->cluster, topic.c_str(), partitions, 1);
}

namespace {

// The last error that tells more than that nobody answers.
void keep_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  auto& last = *static_cast<KafkaFailure*>(opaque);
  KafkaFailure failure = failure_of(static_cast<rd_kafka_resp_err_t>(code), reason);
  if (last.fault != KafkaFault::kUnauthorised) last = std::move(failure);
}

// Null when nobody answers in time; refused credentials are told at once.
MetadataPtr ask_metadata(rd_kafka_t* client, const KafkaFailure& told,
                         const std::function<bool()>& give_up, rd_kafka_resp_err_t& code) {
  constexpr int kSliceMs = 500;
  for (int waited = 0; waited < kMetadataTimeoutMs; waited += kSliceMs) {
    const rd_kafka_metadata_t* metadata = nullptr;
    code = rd_kafka_metadata(client, 1, nullptr, &metadata, kSliceMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return MetadataPtr(metadata);
    rd_kafka_poll(client, 0);
    if (told.fault == KafkaFault::kUnauthorised || (give_up && give_up())) break;
  }
  return nullptr;
}

// What a refusal may be about besides the password, or empty.
std::string_view known_refusal(const KafkaProperties& properties) {
  constexpr int kScramSince = 0x020601ff;
  if (rd_kafka_version() >= kScramSince) return {};
  for (const auto& [key, value] : properties) {
    if (key.starts_with("sasl.mechanism") && value.starts_with("SCRAM"))
      return "; Kafka from 3.7.2 on takes SCRAM from librdkafka 2.6.1 on only (Debian 13 has it)";
  }
  return {};
}

// What it means that a topic could not be created.
KafkaFault fault_of_creation(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return KafkaFault::kUnauthorised;
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return KafkaFault::kTemporary;
    default:
      return KafkaFault::kMissingTopic;
  }
}

constexpr int kCreateTimeoutMs = 30000;

KafkaFailure create_topics(rd_kafka_t* client, const std::vector<std::string>& topics,
                           TopicsCheck check) {
  char text[512];
  std::vector<rd_kafka_NewTopic_t*> requests;
  KafkaFailure failure;
  for (const std::string& topic : topics) {
    requests.push_back(rd_kafka_NewTopic_new(topic.c_str(), check.partitions, check.replication,
                                             text, sizeof(text)));
    if (requests.back() == nullptr) {
      requests.pop_back();
      rd_kafka_NewTopic_destroy_array(requests.data(), requests.size());
      return {KafkaFault::kMissingTopic, "topic " + topic + ": " + text};
    }
    if (check.compacted) rd_kafka_NewTopic_set_config(requests.back(), "cleanup.policy", "compact");
    if (topic == check.roomy) {
      rd_kafka_NewTopic_set_config(requests.back(), "max.message.bytes",
                                   std::to_string(kRoomyBytes).c_str());
    }
  }
  const QueuePtr queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, requests.data(), requests.size(), nullptr, queue.get());
  rd_kafka_NewTopic_destroy_array(requests.data(), requests.size());
  const EventPtr event(rd_kafka_queue_poll(queue.get(), kCreateTimeoutMs));
  if (!event) return {KafkaFault::kTemporary, "the broker did not answer the creation of topics"};
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure_of(code, rd_kafka_event_error_string(event.get()));
  bool too_roomy = false;
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto result = rd_kafka_topic_result_error(results[i]);
    if (result == RD_KAFKA_RESP_ERR_NO_ERROR || result == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue;
    if (check.roomy == rd_kafka_topic_result_name(results[i]) &&
        (result == RD_KAFKA_RESP_ERR_INVALID_CONFIG ||
         result == RD_KAFKA_RESP_ERR_POLICY_VIOLATION)) {
      too_roomy = true;
      continue;
    }
    failure.fault = fault_of_creation(result);
    failure.text += std::string(failure.text.empty() ? "" : "; ") + "topic " +
                    rd_kafka_topic_result_name(results[i]) +
                    " cannot be created: " + rd_kafka_topic_result_error_string(results[i]);
  }
  if (!too_roomy || !failure.empty()) return failure;
  // These brokers allow no more than they give by themselves.
  const std::string topic = std::exchange(check.roomy, {});
  return create_topics(client, {topic}, check);
}

}  // namespace

std::string check_properties(const KafkaProperties& properties) {
  for (const auto& type : {RD_KAFKA_CONSUMER, RD_KAFKA_PRODUCER}) {
    const KafkaProperties ours = {
        type == RD_KAFKA_CONSUMER
            ? std::pair<std::string, std::string>{"group.id", "check"}
            : std::pair<std::string, std::string>{"enable.idempotence", "true"}};
    // The clients that will have these properties log what there is to say of them.
    if (const auto client =
            make_client(type, ConfPtr(rd_kafka_conf_new()), ours, properties, nullptr);
        !client)
      return client.error();
  }
  return {};
}

KafkaFailure ensure_topics(const TopicsCheck& check) {
  KafkaFailure told;
  ConfPtr conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &told);
  rd_kafka_conf_set_error_cb(conf.get(), &keep_error);
  const auto made =
      make_client(RD_KAFKA_PRODUCER, std::move(conf),
                  {{"bootstrap.servers", check.brokers}, {"log.connection.close", "false"}},
                  check.properties, &on_log_beside_errors);
  if (!made) return {KafkaFault::kFatal, made.error()};
  rd_kafka_t* client = made->get();
  rd_kafka_resp_err_t code{};
  const MetadataPtr metadata = ask_metadata(client, told, check.give_up, code);
  if (!metadata) {
    const std::string why = told.empty() ? rd_kafka_err2str(code) : told.text;
    if (told.fault == KafkaFault::kUnauthorised)
      return {told.fault, "Kafka at " + check.brokers + " refuses the credentials: " + why +
                              std::string(known_refusal(check.properties))};
    return {KafkaFault::kTemporary, "no broker answers at " + check.brokers + ": " + why +
                                        "; check kafka.brokers, the network and TLS"};
  }
  std::vector<std::string> missing;
  for (const std::string& topic : check.topics) {
    bool found = false;
    for (int i = 0; i < metadata->topic_cnt; ++i)
      found = found || topic == metadata->topics[i].topic;
    if (!found) missing.push_back(topic);
  }
  if (missing.empty()) return {};
  if (check.create) return create_topics(client, missing, check);
  std::string list;
  for (const std::string& topic : missing) list += (list.empty() ? "" : ", ") + topic;
  return {KafkaFault::kMissingTopic,
          "topics are missing: " + list +
              "; create them, or set kafka.topics_create = \"create\"; where they are there, the "
              "credentials may not Describe them"};
}

std::string kafka_library_version() {
  return rd_kafka_version_str();
}

}  // namespace wirewatch
