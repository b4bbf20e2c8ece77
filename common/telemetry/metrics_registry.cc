#include "common/telemetry/metrics_registry.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <unistd.h>

namespace wirewatch {

namespace {

// What code reports as faults of Kafka: a closed set (KafkaFault), so that each has its series from
// the start and increase() sees the first one.
constexpr const char* kFaults[] = {"temporary",     "record", "unauthorised",
                                   "missing_topic", "fenced", "fatal"};

}  // namespace

const prometheus::Histogram::BucketBoundaries& stage_buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {
      1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 1e-1};
  return kBuckets;
}

const prometheus::Histogram::BucketBoundaries& latency_buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
  return kBuckets;
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Metrics::Impl::Impl() {
  gauge(kStart).Add({}).Set(unix_seconds());
  for (const char* fault : kFaults) {
    const prometheus::Labels labels = {{"fault", fault}};
    delivery_failures.Add(labels);
    recoveries.Add(labels);
    kafka_errors.Add(labels);
    waiting_faults[fault] = &waiting.Add(labels);
  }
  for (const char* result : {"committed", "aborted"}) transactions.Add({{"result", result}});
  dead_letters.Add({{"reason", "output_refused"}});
}

const Metrics::Impl::ProfileSeries& Metrics::Impl::profile_series(std::string_view id) {
  const std::lock_guard lock(mutex);
  return locked_profile_series(id);
}

prometheus::Counter& Metrics::Impl::alert_counter(std::string_view profile,
                                                  std::string_view level) {
  const std::lock_guard lock(mutex);
  ProfileSeries& series = locked_profile_series(profile);
  const auto found = series.alerts.find(level);
  if (found != series.alerts.end()) return *found->second;
  prometheus::Counter& added =
      alerts.Add({{"profile", series.label}, {"level", std::string(level)}});
  series.alerts.emplace(level, &added);
  return added;
}

Metrics::Impl::ProfileSeries& Metrics::Impl::locked_profile_series(std::string_view id) {
  const auto found = profile_names.find(id);
  if (found != profile_names.end()) return found->second;
  const std::string label = profile_names.size() < kProfileSeriesMax ? std::string(id) : "_other";
  const auto [where, inserted] = profile_names.try_emplace(label);
  if (inserted) {
    const prometheus::Labels labels = {{"profile", label}};
    where->second = {.label = label,
                     .candidates = &profile_candidates.Add(labels),
                     .work = &profile_work.Add(labels),
                     .seconds = &profile_seconds.Add(labels)};
  }
  return where->second;
}

double Metrics::Impl::uncommitted_us(const std::string& partition, double stored, double committed,
                                     double now_us) {
  if (stored < 0 || committed >= stored) {
    uncommitted_partitions.erase(partition);
    return -1;
  }
  const auto [at, added] = uncommitted_partitions.try_emplace(partition);
  // On a busy partition there always is something; it moves with every commit.
  if (added || at->second.committed != committed) at->second = {committed, now_us};
  return now_us - at->second.since_us;
}

void Metrics::Impl::read_process() {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  if (!std::getline(stat, line)) return;
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string field;
  std::vector<std::string> all;
  while (fields >> field) all.push_back(field);
  if (all.size() < 22) return;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double seconds = (std::stod(all[11]) + std::stod(all[12])) / ticks;
  if (seconds > cpu.Value()) cpu.Increment(seconds - cpu.Value());
  memory.Set(std::stod(all[21]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  threads.Set(std::stod(all[17]));
  std::error_code code;
  int files = -1;  // The folder itself is open while it is read.
  for (std::filesystem::directory_iterator at("/proc/self/fd", code), end; !code && at != end;
       at.increment(code))
    ++files;
  if (!code) open_files.Set(files);
}

}  // namespace wirewatch
