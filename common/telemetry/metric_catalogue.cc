#include "common/telemetry/metric_catalogue.h"

#include <iterator>

namespace wirewatch {

namespace {

// In the order of MetricIndex.
constexpr MetricRow kCatalogue[] = {
    {"wirewatch_records_consumed_total", "counter", "topic", "Records read from Kafka."},
    {"wirewatch_records_missed_total", "counter", "",
     "Records that Kafka deleted, by its retention, before they were read."},
    {"wirewatch_articles_total", "counter", "outcome",
     "Records by outcome, enriched or dead; in sum the records consumed, once nothing is in "
     "flight."},
    {"wirewatch_alerts_total", "counter", "profile, level", "Candidate alerts by profile."},
    {"wirewatch_dead_letter_records_total", "counter", "reason",
     "Dead letters by reason; in sum the articles with outcome dead."},
    {"wirewatch_records_produced_total", "counter", "topic",
     "Records that Kafka has acknowledged; exactly once, those of committed transactions."},
    {"wirewatch_delivery_failures_total", "counter", "fault",
     "Outputs that Kafka did not take; the enricher waits, tries again or sends a dead letter."},
    {"wirewatch_replaced_characters_total", "counter", "",
     "Lone surrogates and NULs that became U+FFFD."},
    {"wirewatch_invalid_dates_total", "counter", "",
     "Dates of articles that are none and were left out."},
    {"wirewatch_texts_cut_total", "counter", "",
     "Articles whose headline or body was cut at enricher.text_bytes_max."},
    {"wirewatch_stage_duration_seconds", "histogram", "stage",
     "Time of one article in a stage of the pipeline."},
    {"wirewatch_end_to_end_latency_seconds", "histogram", "",
     "From the record's timestamp until every output is acknowledged."},
    {"wirewatch_rebalances_total", "counter", "type",
     "Times that partitions were assigned, revoked, or lost to other members unasked."},
    {"wirewatch_inflight_records", "gauge", "", "Records read and not yet done."},
    {"wirewatch_inflight_bytes", "gauge", "", "Bytes of records read and not yet done."},
    {"wirewatch_backpressure_paused", "gauge", "",
     "1 while reading waits because too much is in flight."},
    {"wirewatch_assigned_partitions", "gauge", "", "Partitions that this process reads."},
    {"wirewatch_rules_info", "gauge", "version", "1 for the rule set in use."},
    {"wirewatch_profiles", "gauge", "", "Profiles in use."},
    {"wirewatch_profile_reloads_total", "counter", "outcome",
     "Changed profiles that were taken into use (applied) or refused."},
    {"wirewatch_profile_reload_refused", "gauge", "",
     "1 while the newest profiles are refused and older ones stay in use."},
    {"wirewatch_profile_candidates_total", "counter", "profile",
     "Articles for which the presearch selected a profile, so that it was verified."},
    {"wirewatch_profile_work_total", "counter", "profile",
     "Work of verifying a profile, in parts of queries and occurrences looked at."},
    {"wirewatch_profile_seconds_total", "counter", "profile",
     "Time of matching, each article's divided among the profiles verified by their work."},
    {"wirewatch_last_progress_timestamp_seconds", "gauge", "",
     "When a record was last done; 0 before the first."},
    {"wirewatch_recoveries_total", "counter", "fault",
     "Times that outputs were given up and their articles read again, by the fault."},
    {"wirewatch_transactions_total", "counter", "result",
     "Transactions of exactly-once delivery, committed or aborted."},
    {"wirewatch_waiting", "gauge", "fault",
     "1 while nothing is read because Kafka does not answer, refuses access, or does not take "
     "outputs."},
    {"wirewatch_poison_breaker_open", "gauge", "",
     "1 while too large a share of the articles are dead letters."},
    {"wirewatch_stalled", "gauge", "", "1 when there is something to read and nothing moves."},
    {"wirewatch_ready", "gauge", "",
     "1 while /readyz says ready, which tells why when it does not."},
    {"wirewatch_kafka_errors_total", "counter", "fault",
     "Errors that librdkafka reported, by what they ask for; temporary ones pass by themselves."},
    {"wirewatch_kafka_library_info", "gauge", "version", "1 for the version of librdkafka in use."},
    {"wirewatch_consumer_lag_records", "gauge", "topic, partition",
     "Records behind the end of the partition."},
    {"wirewatch_oldest_uncommitted_seconds", "gauge", "",
     "For how long records that are done have waited while no offset of their partition could be "
     "committed; 0 when all goes well, and exactly once, where transactions have the offsets."},
    {"wirewatch_rdkafka_producer_queue_messages", "gauge", "",
     "Records in librdkafka's producer queue."},
    {"wirewatch_rdkafka_producer_queue_bytes", "gauge", "",
     "Bytes in librdkafka's producer queue."},
    {"wirewatch_rdkafka_broker_rtt_seconds", "gauge", "broker",
     "Mean round trip of the producer's requests to a broker, while there are any."},
    {"wirewatch_country_articles_total", "counter", "country",
     "Articles about a country, by ISO 3166-1 code."},
    {"wirewatch_subject_articles_total", "counter", "subject",
     "Articles of a subject, by Media Topic of level 1."},
    {"wirewatch_volume_articles", "gauge", "country, subject",
     "Articles of the last newsroom.window_s about a country and a subject, or any; of the pairs "
     "that stand out or are largest, newsroom.series_max at most."},
    {"wirewatch_volume_expected_articles", "gauge", "country, subject",
     "Articles that were to be expected, by the pair's share of the news of late; at least 1."},
    {"wirewatch_volume_burst_score", "gauge", "country, subject",
     "How far articles are above what was expected, in standard deviations; 0 in the "
     "first hour of a new group."},
    {"wirewatch_source_articles_total", "counter", "source",
     "Articles of a source, for the newsroom.sources_max most frequent ones."},
    {"wirewatch_source_last_article_timestamp_seconds", "gauge", "source",
     "When a source last sent an article."},
    {"wirewatch_source_longest_gap_seconds", "gauge", "source",
     "The longest silence of a source of late; forgotten by half in a week."},
    {"wirewatch_profile_last_alert_timestamp_seconds", "gauge", "profile",
     "When a profile last matched, for profiles with five matches since the start."},
    {"wirewatch_profile_longest_gap_seconds", "gauge", "profile",
     "The longest time between two matches of a profile of late; forgotten by half in a week."},
    {"wirewatch_newsroom_states_total", "counter", "result",
     "What is usual in the news, once a minute kept in kafka.topic_newsroom, or failed."},
    {"wirewatch_canary_sent_total", "counter", "", "Canary articles sent."},
    {"wirewatch_canary_lost_total", "counter", "",
     "Canary articles whose alert did not come back within canary.timeout_ms. The enrichers' "
     "folder "
     "of profiles must hold the one that canary.profile names."},
    {"wirewatch_canary_round_trip_seconds", "histogram", "",
     "From sending a canary article until its alert is read."},
    {"wirewatch_canary_last_return_timestamp_seconds", "gauge", "",
     "When a canary's alert last came back; before the first, when the canary started."},
    {"process_cpu_seconds_total", "counter", "", "Processor time used."},
    {"process_resident_memory_bytes", "gauge", "", "Memory in use."},
    {"process_open_fds", "gauge", "", "Open files and sockets."},
    {"process_threads", "gauge", "", "Threads."},
    {"process_start_time_seconds", "gauge", "", "When the process started."},
    {"wirewatch_build_info", "gauge", "version, revision", "1 for the build that runs."},
};
static_assert(std::size(kCatalogue) == kMetricCount);

}  // namespace

const MetricRow& metric_row(MetricIndex metric) {
  return kCatalogue[metric];
}

std::string metrics_docs() {
  std::string out =
      "# Metrics\n\nGenerated from the catalogue in common/telemetry; do not edit.\n\n| Metric | "
      "Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const MetricRow& row : kCatalogue) {
    out += std::string("| `") + row.name + "` | " + row.type + " | " + row.labels + " | " +
           row.help + " |\n";
  }
  return out;
}

}  // namespace wirewatch
