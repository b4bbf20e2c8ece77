// The catalogue of metrics: every metric, once, with its type, its labels and what it means.
//
// The registry and monitoring/METRICS.md are made from it.

#pragma once

#include <cstddef>
#include <string>

namespace wirewatch {

enum MetricIndex : std::size_t {
  kConsumed,
  kMissed,
  kArticles,
  kAlerts,
  kDeadLetters,
  kProduced,
  kDeliveryFailures,
  kReplaced,
  kInvalidDates,
  kTextsCut,
  kStage,
  kEndToEnd,
  kRebalances,
  kInflightRecords,
  kInflightBytes,
  kPaused,
  kAssigned,
  kRules,
  kProfiles,
  kReloads,
  kReloadRefused,
  kProfileCandidates,
  kProfileWork,
  kProfileSeconds,
  kLastProgress,
  kRecoveries,
  kTransactions,
  kWaiting,
  kPoisonBreaker,
  kStalled,
  kReady,
  kKafkaErrors,
  kKafkaLibrary,
  kLag,
  kUncommitted,
  kQueueMessages,
  kQueueBytes,
  kBrokerRtt,
  kCountryArticles,
  kSubjectArticles,
  kVolume,
  kVolumeExpected,
  kVolumeScore,
  kSourceArticles,
  kSourceLast,
  kSourceGap,
  kProfileLast,
  kProfileGap,
  kNewsroomKept,
  kCanarySent,
  kCanaryLost,
  kCanaryRoundTrip,
  kCanaryLast,
  kCpu,
  kMemory,
  kOpenFiles,
  kThreads,
  kStart,
  kBuild,
  kMetricCount,
};

struct MetricRow {
  const char* name;
  const char* type;    // counter, gauge or histogram.
  const char* labels;  // Their names, parted by commas; "" when there are none.
  const char* help;
};

[[nodiscard]] const MetricRow& metric_row(MetricIndex metric);

// The table of all metrics in Markdown.
[[nodiscard]] std::string metrics_docs();

}  // namespace wirewatch
