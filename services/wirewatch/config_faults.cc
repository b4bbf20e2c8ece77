#include "services/wirewatch/config_faults.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace wirewatch {

namespace {

// Kafka's own rule for the names of topics.
std::string topic_fault(std::string_view option, std::string_view topic) {
  constexpr std::size_t kBytesMax = 249;
  constexpr std::string_view kSigns =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool good = topic.size() <= kBytesMax && topic != "." && topic != ".." &&
                    topic.find_first_not_of(kSigns) == std::string_view::npos;
  if (good) return {};
  return std::string(option) + " is \"" + std::string(topic) +
         "\", which is no topic's name: those have letters, digits, '.', '_' and '-', at most " +
         std::to_string(kBytesMax);
}

bool is_ip_address(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  const std::string without_scope = text.substr(0, text.find('%'));
  return ::inet_pton(AF_INET, text.c_str(), &v4) == 1 ||
         ::inet_pton(AF_INET6, without_scope.c_str(), &v6) == 1;
}

}  // namespace

std::vector<std::string> name_faults(const Config& config) {
  struct Topic {
    std::string_view option;
    const std::string& name;
    bool required;
  };
  const std::array topics = {Topic{"kafka.topic_raw", config.kafka_topic_raw, true},
                             Topic{"kafka.topic_enriched", config.kafka_topic_enriched, true},
                             Topic{"kafka.topic_alerts", config.kafka_topic_alerts, true},
                             Topic{"kafka.topic_dead", config.kafka_topic_dead, true},
                             Topic{"kafka.topic_profiles", config.kafka_topic_profiles, false},
                             Topic{"kafka.topic_newsroom", config.kafka_topic_newsroom, false}};
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& [option, name, required] = topics[i];
    if (name.empty()) {
      if (required) faults.push_back(std::string(option) + " is empty; name a topic");
      continue;
    }
    if (std::string fault = topic_fault(option, name); !fault.empty())
      faults.push_back(std::move(fault));
    for (std::size_t other = 0; other < i; ++other) {
      if (topics[other].name != name) continue;
      // What is written to the topic that is read would be read again, for ever.
      faults.push_back(std::string(topics[other].option) + " and " + std::string(option) +
                       " are both \"" + name + "\"; each needs a topic of its own");
    }
  }
  if (config.kafka_group_id.empty())
    faults.emplace_back("kafka.group_id is empty; name the consumer group that enrichers share");
  if (config.http_enabled && !is_ip_address(config.http_address)) {
    faults.push_back("http.address \"" + config.http_address +
                     "\" is no IP address, e.g. 127.0.0.1, 0.0.0.0 or ::");
  }
  return faults;
}

}  // namespace wirewatch
