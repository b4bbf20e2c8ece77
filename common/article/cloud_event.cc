#include "common/article/cloud_event.h"

#include <algorithm>

namespace wirewatch {

namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b | 0x20) : b);
         });
}

}  // namespace

std::string_view header_value(std::span<const HeaderView> headers, std::string_view key) {
  for (const HeaderView& header : headers) {
    if (header.key.size() == key.size() && starts_with_ignoring_case(header.key, key)) {
      return header.value;
    }
  }
  return {};
}

CloudEventMode cloud_event_mode(std::span<const HeaderView> headers) {
  const std::string_view type = header_value(headers, "content-type");
  if (starts_with_ignoring_case(type, "application/cloudevents-batch"))
    return CloudEventMode::kBatch;
  if (starts_with_ignoring_case(type, "application/cloudevents"))
    return CloudEventMode::kStructured;
  return header_value(headers, "ce_specversion").empty() ? CloudEventMode::kNone
                                                         : CloudEventMode::kBinary;
}

CloudEventAttributes cloud_event_attributes(std::span<const HeaderView> headers) {
  return {.id = header_value(headers, "ce_id"),
          .source = header_value(headers, "ce_source"),
          .subject = header_value(headers, "ce_subject"),
          .time = header_value(headers, "ce_time")};
}

}  // namespace wirewatch
