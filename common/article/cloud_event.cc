#include "common/article/cloud_event.h"

#include "common/base/ascii_case.h"

namespace wirewatch {

namespace {

bool starts_with_lower(std::string_view text, std::string_view lower_prefix) {
  return equals_lower(text.substr(0, lower_prefix.size()), lower_prefix);
}

}  // namespace

std::string_view header_value(std::span<const HeaderView> headers, std::string_view key) {
  for (const HeaderView& header : headers) {
    if (equals_lower(header.key, key)) return header.value;
  }
  return {};
}

CloudEventMode cloud_event_mode(std::span<const HeaderView> headers) {
  const std::string_view type = header_value(headers, "content-type");
  if (starts_with_lower(type, "application/cloudevents-batch")) return CloudEventMode::kBatch;
  if (starts_with_lower(type, "application/cloudevents")) return CloudEventMode::kStructured;
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
