// CloudEvents 1.0 on Kafka: which mode a message is in, and the attributes of binary mode.
// https://github.com/cloudevents/spec, Kafka protocol binding 1.0.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace wirewatch {

// A Kafka header as it came; the views belong to the record.
struct HeaderView {
  std::string_view key;
  std::string_view value;
};

enum class CloudEventMode : std::uint8_t {
  kNone,        // No CloudEvent.
  kBinary,      // The value is the data; attributes are ce_ headers.
  kStructured,  // The value is the envelope; content-type begins with application/cloudevents.
  kBatch,       // A batch, which Kafka's binding does not have.
};

// What an event says of its article, where the article does not say it itself. Empty where the
// event does not either.
struct CloudEventAttributes {
  std::string_view id{};
  std::string_view source{};
  std::string_view subject{};
  std::string_view time{};
};

// Header names are compared ignoring case.
[[nodiscard]] CloudEventMode cloud_event_mode(std::span<const HeaderView> headers);

// Value of a header ("ce_id", "traceparent"), or empty.
[[nodiscard]] std::string_view header_value(std::span<const HeaderView> headers,
                                            std::string_view key);

// Those of an event in binary mode, whose headers they are.
[[nodiscard]] CloudEventAttributes cloud_event_attributes(std::span<const HeaderView> headers);

}  // namespace wirewatch
