#include "services/wirewatch/service_reading.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include "common/telemetry/metric_catalogue.h"

namespace wirewatch {

namespace {

// One line: `name{label="value",…} value`.
struct Sample {
  std::string_view name;
  std::map<std::string, std::string> labels;
  double value = 0;

  [[nodiscard]] std::string label(const char* of) const {
    const auto at = labels.find(of);
    return at == labels.end() ? std::string() : at->second;
  }
};

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Takes `label="value"` and a comma behind it off the front of what stands in braces; false at its
// end or where it is none.
bool take_label(std::string_view& rest, Sample& sample) {
  const std::size_t equals = rest.find("=\"");
  if (equals == std::string_view::npos) return false;
  const std::string name(rest.substr(0, equals));
  std::string value;
  std::size_t at = equals + 2;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;  // \" and \\; a newline is of no use here.
    value.push_back(rest[at]);
  }
  if (at >= rest.size()) return false;
  sample.labels[name] = value;
  rest.remove_prefix(at + 1);
  if (rest.starts_with(',')) rest.remove_prefix(1);
  return true;
}

std::optional<Sample> sample_of(std::string_view line) {
  if (line.empty() || line.front() == '#') return std::nullopt;
  Sample sample;
  std::size_t end = line.find_first_of("{ ");
  if (end == std::string_view::npos) return std::nullopt;
  sample.name = line.substr(0, end);
  if (line[end] == '{') {
    std::string_view labels = line.substr(end + 1);
    while (take_label(labels, sample)) {
    }
    if (!labels.starts_with('}')) return std::nullopt;
    end = line.size() - labels.size() + 1;
  }
  const std::size_t begin = line.find_first_not_of(' ', end);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto value = number_of(line.substr(begin));
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

// Where the sum over a metric's series goes.
struct Total {
  MetricIndex metric;
  double ServiceReading::* to;
};
constexpr Total kTotals[] = {{kCanaryLost, &ServiceReading::canary_lost},
                             {kLag, &ServiceReading::lag_records},
                             {kInflightBytes, &ServiceReading::inflight_bytes},
                             {kCpu, &ServiceReading::cpu_s},
                             {kMemory, &ServiceReading::memory_bytes}};

// Where the sums of a metric by one of its labels go.
struct Split {
  MetricIndex metric;
  const char* label;
  std::map<std::string, double> ServiceReading::* to;
};
constexpr Split kSplits[] = {{kArticles, "outcome", &ServiceReading::articles},
                             {kDeadLetters, "reason", &ServiceReading::dead},
                             {kAlerts, "profile", &ServiceReading::alerts},
                             {kCountryArticles, "country", &ServiceReading::countries},
                             {kSubjectArticles, "subject", &ServiceReading::subjects}};

// What is wrong while the metric is not 0.
struct Warning {
  MetricIndex metric;
  const char* words;
};
constexpr Warning kWarnings[] = {{kPaused, "reading waits: too much is in flight"},
                                 {kPoisonBreaker, "most articles are dead letters"},
                                 {kStalled, "there is something to read and nothing moves"},
                                 {kReloadRefused, "changed profiles are refused"}};

void take_bucket(const Sample& sample, Buckets& buckets) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string label = sample.label("le");
  const auto bound = label == "+Inf" ? kInfinity : number_of(label);
  if (!bound || *bound <= (buckets.bounds.empty() ? 0 : buckets.bounds.back())) return;
  if (sample.value < 0) return;  // No counter of ours.
  buckets.bounds.push_back(*bound);
  buckets.counts.push_back(sample.value);
}

void take(const Sample& sample, ServiceReading& reading) {
  const auto is = [&](MetricIndex metric) { return sample.name == metric_row(metric).name; };
  const auto is_bucket_of = [&](MetricIndex metric) {
    return sample.name == std::string(metric_row(metric).name) + "_bucket";
  };
  for (const Total& total : kTotals) {
    if (is(total.metric)) reading.*total.to += sample.value;
  }
  for (const Split& split : kSplits) {
    if (is(split.metric)) (reading.*split.to)[sample.label(split.label)] += sample.value;
  }
  for (const Warning& warning : kWarnings) {
    if (is(warning.metric) && sample.value != 0) reading.troubles.emplace_back(warning.words);
  }
  if (is(kWaiting) && sample.value != 0)
    reading.troubles.push_back("waits: " + sample.label("fault"));
  if (is_bucket_of(kEndToEnd)) take_bucket(sample, reading.latency);
  if (is_bucket_of(kCanaryRoundTrip)) take_bucket(sample, reading.canary);
}

}  // namespace

ServiceReading read_service(std::string_view metrics) {
  ServiceReading reading;
  while (!metrics.empty()) {
    const std::size_t end = metrics.find('\n');
    if (const auto sample = sample_of(metrics.substr(0, end))) take(*sample, reading);
    metrics.remove_prefix(end == std::string_view::npos ? metrics.size() : end + 1);
  }
  return reading;
}

double quantile_between(const Buckets& from, const Buckets& to, double quantile) {
  // Of a process that has started anew all are new.
  const bool has_start = from.counts.size() == to.counts.size() && !to.counts.empty() &&
                         from.counts.back() <= to.counts.back();
  const auto count = [&](std::size_t at) {
    return to.counts[at] - (has_start ? from.counts[at] : 0);
  };
  if (to.counts.empty() || count(to.counts.size() - 1) <= 0) return 0;
  const double rank = quantile * count(to.counts.size() - 1);
  std::size_t at = 0;
  while (at + 1 < to.counts.size() && count(at) < rank) ++at;
  const double lower = at == 0 ? 0 : to.bounds[at - 1];
  if (std::isinf(to.bounds[at])) return lower;
  const double before = at == 0 ? 0 : count(at - 1);
  const double inside = count(at) - before;
  return inside <= 0 ? to.bounds[at] : lower + (to.bounds[at] - lower) * (rank - before) / inside;
}

}  // namespace wirewatch
