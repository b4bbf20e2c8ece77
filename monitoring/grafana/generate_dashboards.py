#!/usr/bin/env python3
"""Writes the Grafana dashboards, dashboards/*.json, from the tables below.

    generate_dashboards.py [FOLDER]      FOLDER defaults to dashboards/ beside this file

Panels are rows of a table and not hand-kept JSON, so that all of them have a title, a description, a unit, the
same variables and the same matchers. A test holds the committed files against this program, and another one runs
every query against a real Prometheus.
"""

import json
import os
import sys

WIDTH = 24
SELECTED = 'job=~"$job",instance=~"$instance"'  # Replaces @ in queries.


def stat(title, description, unit, query, thresholds=None, least='green'):
    steps = [{'color': least, 'value': None}]  # Below the first threshold.
    steps += [{'color': color, 'value': value} for value, color in thresholds or []]
    return {'type': 'stat', 'title': title, 'description': description, 'size': (3, 4), 'unit': unit,
            'queries': [(query, '')], 'steps': steps}


def lines(title, description, unit, *queries, wide=False, stacked=False):
    return {'type': 'timeseries', 'title': title, 'description': description,
            'size': (24 if wide else 12, 8), 'unit': unit, 'queries': list(queries), 'stacked': stacked}


def table(title, description, unit, query, wide=False):
    return {'type': 'table', 'title': title, 'description': description, 'size': (24 if wide else 12, 8), 'unit': unit,
            'queries': [(query, '')]}


def heatmap(title, description, unit, query):
    return {'type': 'heatmap', 'title': title, 'description': description, 'size': (12, 8), 'unit': unit,
            'queries': [(query, '{{le}}')]}


DASHBOARDS = {
    'overview': ('Wirewatch overview', [
        ('At a glance', [
            stat('Processes up', 'Processes that Prometheus reaches.', 'short', 'sum(up{@})', [(1, 'green')], least='red'),
            stat('Ready', 'Share of the processes that say so at /readyz.', 'percentunit', 'avg(wirewatch_ready{@})', [(1, 'green')],
                 least='red'),
            stat('Articles per second', 'Articles finished, enriched or dead.', 'ops',
                 'sum(rate(wirewatch_articles_total{@}[$__rate_interval]))'),
            stat('Time since progress', 'Since any process last finished an article; nothing before the first. Grows while nothing arrives, too.',
                 's', 'time() - max(wirewatch_last_progress_timestamp_seconds{@} > 0)', [(60, 'orange'), (600, 'red')]),
            stat('Latency p99', 'From the arrival at Kafka until every output is acknowledged, last 5 minutes.', 's',
                 'max(job:wirewatch_end_to_end_latency_seconds:p99_5m{job=~"$job"})', [(2, 'orange'), (10, 'red')]),
            stat('Lag', 'Articles that wait in Kafka.', 'short',
                 'sum(job_topic:wirewatch_consumer_lag_records:sum{job=~"$job"})', [(1000, 'orange'), (10000, 'red')]),
            stat('Alerts per minute', 'Candidate alerts of all profiles.', 'short',
                 '60 * (sum(rate(wirewatch_alerts_total{@}[$__rate_interval])) or vector(0))'),
            stat('Dead letters', 'Share of messages that cannot be read, last 5 minutes.', 'percentunit',
                 'max(job:wirewatch_dead_letter_ratio:rate5m{job=~"$job"})', [(0.01, 'orange'), (0.05, 'red')]),
            stat('Firing alerts', 'Alerts of Wirewatch that fire now; the watchdog, which always does, is not counted.',
                 'short', 'count(ALERTS{job=~"$job",alertname=~"Wirewatch.+",alertname!="WirewatchWatchdog",alertstate="firing"})'
                 ' or vector(0)', [(1, 'orange')]),
            stat('Canary', 'Round trip of an article of our own from the wire to its alert, p99 of the last 5 minutes.', 's',
                 'max(job:wirewatch_canary_round_trip_seconds:p99_5m{job=~"$job"})', [(2, 'orange'), (10, 'red')]),
            stat('Canaries lost', 'In the last hour.', 'short', 'sum(increase(wirewatch_canary_lost_total{@}[1h]))', [(1, 'orange')]),
            stat('Standing still', 'Processes that read nothing because they wait for Kafka, or that have stalled.', 'short',
                 'sum(max by (job, instance) (wirewatch_waiting{@})) + sum(wirewatch_stalled{@})', [(1, 'red')]),
            stat('Floods of bad input', 'Processes whose poison breaker is open.', 'short', 'sum(wirewatch_poison_breaker_open{@})', [(1, 'red')]),
            stat('Highest burst score', 'Of any country and subject; above 6 is far more news than usual.', 'short',
                 'max(job_country_subject:wirewatch_volume_burst_score:combined{job=~"$job"})', [(6, 'orange')]),
            stat('Silent sources', 'Sources that have been silent for twice as long as ever of late.', 'short',
                 'count(ALERTS{job=~"$job",alertname="WirewatchSourceSilent",alertstate="firing"}) or vector(0)', [(1, 'orange')]),
        ]),
        ('Traffic', [
            lines('Articles by outcome', 'Enriched, or dead: their sum is what was read.', 'ops',
                  ('sum by (outcome) (rate(wirewatch_articles_total{@}[$__rate_interval]))', '{{outcome}}'),
                  stacked=True),
            lines('Published by topic', 'Records that Kafka has acknowledged.', 'ops',
                  ('sum by (topic) (rate(wirewatch_records_produced_total{@}[$__rate_interval]))', '{{topic}}')),
        ]),
        ('Latency', [
            heatmap('Latency of articles', 'From the arrival at Kafka until every output is acknowledged.', 's',
                    'sum by (le) (rate(wirewatch_end_to_end_latency_seconds_bucket{@}[$__rate_interval]))'),
            lines('Latency percentiles', 'The service level is 99 % within 2 s.', 's',
                  ('job:wirewatch_end_to_end_latency_seconds:p50_5m{job=~"$job"}', 'p50'),
                  ('job:wirewatch_end_to_end_latency_seconds:p99_5m{job=~"$job"}', 'p99')),
            lines('Share of slow articles', 'Articles that took over 2 s; the budget is 1 %.', 'percentunit',
                  ('job:wirewatch_slow_articles_ratio:rate5m{job=~"$job"}', '5 min'),
                  ('job:wirewatch_slow_articles_ratio:rate1h{job=~"$job"}', '1 h'),
                  ('job:wirewatch_slow_articles_ratio:rate6h{job=~"$job"}', '6 h')),
            lines('Time per article', 'By stage of the pipeline, and by the clock: on full cores waiting for one is in it.', 's',
                  ('sum by (stage) (job_stage:wirewatch_stage_duration_seconds:mean5m{job=~"$job"})', '{{stage}}'),
                  stacked=True),
        ]),
        ('Errors', [
            lines('Dead letters by reason', 'Messages that could not be read.', 'ops',
                  ('sum by (reason) (rate(wirewatch_dead_letter_records_total{@}[$__rate_interval]))', '{{reason}}')),
            lines('Delivery failures', 'Outputs that Kafka did not take, by what it takes to mend that.', 'ops',
                  ('sum by (fault) (rate(wirewatch_delivery_failures_total{@}[$__rate_interval]))', '{{fault}}')),
        ]),
        ('Process', [
            lines('Processor', 'Cores in use.', 'short',
                  ('rate(process_cpu_seconds_total{@}[$__rate_interval])', '{{instance}}')),
            lines('Memory', 'Resident.', 'bytes', ('process_resident_memory_bytes{@}', '{{instance}}')),
            lines('In flight', 'Bytes of articles read and not yet acknowledged.', 'bytes',
                  ('wirewatch_inflight_bytes{@}', '{{instance}}')),
            lines('Files and threads', 'Open files, sockets included, and threads; both are about constant.', 'short',
                  ('process_open_fds{@}', '{{instance}} files'), ('process_threads{@}', '{{instance}} threads')),
            lines('Processor time per article', 'Of the whole process, with all that Kafka takes: this sizes the machine.', 's',
                  ('sum by (instance) (rate(process_cpu_seconds_total{@}[$__rate_interval])) '
                   '/ (sum by (instance) (rate(wirewatch_articles_total{@}[$__rate_interval])) > 0)', '{{instance}}')),
            table('Versions', 'What each process runs; a canary, or an enricher that waits for Kafka, has no rules.', 'short',
                  'wirewatch_build_info{@} * on (job, instance) group_left (rules) '
                  'label_replace(wirewatch_rules_info{@}, "rules", "$1", "version", "(.*)") '
                  'or on (job, instance) wirewatch_build_info{@}', wide=True),
        ]),
    ]),
    'kafka': ('Wirewatch Kafka client', [
        ('Consumer', [
            lines('Lag by partition', 'Articles behind the end of the partition.', 'short',
                  ('max by (topic, partition) (wirewatch_consumer_lag_records{@})', '{{topic}}/{{partition}}')),
            lines('Lag in time', 'Lag over the rate of reading: how long until an article that arrives now is read.', 's',
                  ('job:wirewatch_consumer_lag_seconds:estimate{job=~"$job"}', '{{job}}')),
            lines('Read', 'Records read from Kafka.', 'ops',
                  ('sum by (instance) (rate(wirewatch_records_consumed_total{@}[$__rate_interval]))', '{{instance}}')),
            lines('Assigned partitions', 'Their sum is the number of partitions of the topic.', 'short',
                  ('wirewatch_assigned_partitions{@}', '{{instance}}'), stacked=True),
            lines('Rebalances per hour', 'Assignments and revocations.', 'short',
                  ('sum by (type) (increase(wirewatch_rebalances_total{@}[1h]))', '{{type}}')),
            lines('Paused', '1 while reading waits because too much is in flight.', 'short',
                  ('wirewatch_backpressure_paused{@}', '{{instance}}')),
            lines('Offsets that wait', 'For how long no offset could be committed where records are done; 0 is usual.', 's',
                  ('wirewatch_oldest_uncommitted_seconds{@}', '{{instance}}'), wide=True),
        ]),
        ('Producer', [
            lines('Published by topic', 'Records that Kafka has acknowledged.', 'ops',
                  ('sum by (topic) (rate(wirewatch_records_produced_total{@}[$__rate_interval]))', '{{topic}}')),
            lines('Queue', 'Records in the producer queue; at 1,000,000 producing blocks.', 'short',
                  ('wirewatch_rdkafka_producer_queue_messages{@}', '{{instance}}')),
            lines('Queue bytes', 'Bytes in the producer queue; at 1 GiB producing blocks.', 'bytes',
                  ('wirewatch_rdkafka_producer_queue_bytes{@}', '{{instance}}')),
            lines('In flight', 'Records read and not yet done.', 'short',
                  ('wirewatch_inflight_records{@}', '{{instance}}')),
        ]),
        ('Faults', [
            lines('Waiting', 'Processes that read nothing because Kafka does not answer, refuses access, or does not take outputs.', 'short',
                  ('sum by (fault) (wirewatch_waiting{@})', '{{fault}}'), stacked=True),
            lines('Recoveries per hour', 'Outputs were given up and their articles read again.', 'short',
                  ('sum by (fault) (increase(wirewatch_recoveries_total{@}[1h]))', '{{fault}}')),
            lines('Transactions', 'Of exactly-once delivery; none otherwise.', 'ops',
                  ('sum by (result) (rate(wirewatch_transactions_total{@}[$__rate_interval]))', '{{result}}')),
            lines('Errors of the Kafka client', 'As librdkafka reports them; temporary ones pass by themselves.', 'ops',
                  ('sum by (fault) (rate(wirewatch_kafka_errors_total{@}[$__rate_interval]))', '{{fault}}')),
        ]),
        ('Brokers', [
            lines('Round trip', 'Mean time of the producer\'s requests, by broker, while there are any.', 's',
                  ('max by (broker) (wirewatch_rdkafka_broker_rtt_seconds{@})', '{{broker}}'), wide=True),
        ]),
    ]),
    'newsroom': ('Wirewatch newsroom', [
        ('Early warning', [
            table('Bursts', 'Countries and subjects with more news than usual, in standard deviations; above 6 is alerted. '
                  '0 in the first hour of a new group.', 'short',
                  'topk(20, job_country_subject:wirewatch_volume_burst_score:combined{job=~"$job"})'),
            table('Volume now', 'Articles of the last ten minutes, by country and subject.', 'short',
                  'topk(20, job_country_subject:wirewatch_volume_articles:sum{job=~"$job"})'),
            lines('Highest scores', 'The five pairs that stand out most.', 'short',
                  ('topk(5, job_country_subject:wirewatch_volume_burst_score:combined{job=~"$job"})',
                   '{{country}} {{subject}}')),
            lines('Articles against expected', 'The five countries with most news: what came, and what was to be expected.', 'short',
                  ('topk(5, job_country_subject:wirewatch_volume_articles:sum{job=~"$job",subject="any"})', '{{country}}'),
                  ('job_country_subject:wirewatch_volume_expected_articles:sum{job=~"$job",subject="any"} and on (job, country, subject) '
                   'topk(5, job_country_subject:wirewatch_volume_articles:sum{job=~"$job",subject="any"})', '{{country}} expected')),
            lines('Countries', 'Articles per hour about the ten countries with most news.', 'short',
                  ('topk(10, 3600 * sum by (country) (rate(wirewatch_country_articles_total{@}[$__rate_interval])))', '{{country}}')),
            lines('Subjects', 'Articles per hour by Media Topic of level 1.', 'short',
                  ('3600 * sum by (subject) (rate(wirewatch_subject_articles_total{@}[$__rate_interval]))', '{{subject}}'), stacked=True),
        ]),
        ('Sources', [
            lines('Articles by source', 'Per hour, the ten that send most.', 'short',
                  ('topk(10, 3600 * sum by (source) (rate(wirewatch_source_articles_total{@}[$__rate_interval])))', '{{source}}')),
            table('Silence', 'Since a source last sent an article.', 's',
                  'sort_desc(job_source:wirewatch_source_silence_seconds:now{job=~"$job"})'),
            table('Silence against the usual', 'Silence over the longest silence of late; above 2 is alerted.', 'short',
                  'sort_desc(job_source:wirewatch_source_silence_seconds:now{job=~"$job"} '
                  '/ job_source:wirewatch_source_longest_gap_seconds:min1d{job=~"$job"})'),
            table('Silence of profiles', 'Since a profile last matched, over its longest pause of late; above 3 is alerted.', 'short',
                  'sort_desc(job_profile:wirewatch_profile_silence_seconds:now{job=~"$job"} '
                  '/ job_profile:wirewatch_profile_longest_gap_seconds:min1d{job=~"$job"})'),
        ]),
        ('The whole way', [
            heatmap('Canary', 'Round trip of an article of our own from the wire to its alert.', 's',
                    'sum by (le) (rate(wirewatch_canary_round_trip_seconds_bucket{@}[$__rate_interval]))'),
            lines('Canaries', 'Sent and lost, per hour.', 'short',
                  ('3600 * sum(rate(wirewatch_canary_sent_total{@}[$__rate_interval]))', 'sent'),
                  ('3600 * sum(rate(wirewatch_canary_lost_total{@}[$__rate_interval]))', 'lost')),
            lines('Time since a canary', 'Since the last one came back; above two minutes is paged.', 's',
                  ('time() - max by (job) (wirewatch_canary_last_return_timestamp_seconds{@})', '{{job}}'), wide=True),
        ]),
        ('Profiles', [
            lines('Alerts by profile', 'Candidate alerts per hour, of the twenty that alert most.', 'short',
                  ('topk(20, 3600 * sum by (profile) (job_profile:wirewatch_alerts:rate5m{job=~"$job"}))', '{{profile}}'),
                  wide=True, stacked=True),
            table('Alerts today', 'By profile, last 24 hours.', 'short',
                  'sort_desc(sum by (profile) (increase(wirewatch_alerts_total{@}[24h])))'),
            lines('Alerts by level', 'Flash is for what stops the presses; it should be rare.', 'short',
                  ('3600 * sum by (level) (rate(wirewatch_alerts_total{@}[$__rate_interval]))', '{{level}}')),
        ]),
        ('Profiles at work', [
            lines('Time', 'Of the processor per second that matching spends for a profile.', 's',
                  ('topk(10, sum by (profile) (rate(wirewatch_profile_seconds_total{@}[$__rate_interval])))', '{{profile}}')),
            lines('Work', 'Verifying, by profile: parts of queries and occurrences looked at, per second.', 'short',
                  ('topk(10, sum by (profile) (rate(wirewatch_profile_work_total{@}[$__rate_interval])))', '{{profile}}')),
            lines('In vain', 'Verifications without an alert, per second: high where a query requires only common words.', 'short',
                  ('topk(10, sum by (profile) (rate(wirewatch_profile_candidates_total{@}[$__rate_interval])) - '
                   '(sum by (profile) (rate(wirewatch_alerts_total{@}[$__rate_interval])) or '
                   '0 * sum by (profile) (rate(wirewatch_profile_candidates_total{@}[$__rate_interval]))))', '{{profile}}')),
            lines('Reloads per hour', 'Changed profiles, applied or refused.', 'short',
                  ('sum by (outcome) (increase(wirewatch_profile_reloads_total{@}[1h]))', '{{outcome}}')),
        ]),
        ('Quality of the wire', [
            lines('Unreadable messages', 'By reason, per hour.', 'short',
                  ('3600 * sum by (reason) (rate(wirewatch_dead_letter_records_total{@}[$__rate_interval]))', '{{reason}}')),
            lines('Repaired articles', 'Lone surrogates and NULs that became U+FFFD, dates left out that are none, texts cut; per hour.', 'short',
                  ('3600 * sum(rate(wirewatch_replaced_characters_total{@}[$__rate_interval]))', 'characters'),
                  ('3600 * sum(rate(wirewatch_invalid_dates_total{@}[$__rate_interval]))', 'dates'),
                  ('3600 * sum(rate(wirewatch_texts_cut_total{@}[$__rate_interval]))', 'texts cut')),
        ]),
    ]),
}


def variable(name, label, query):
    return {'name': name, 'label': label, 'type': 'query', 'query': {'query': query, 'refId': name},
            'datasource': {'type': 'prometheus', 'uid': '${datasource}'}, 'refresh': 2,
            'includeAll': True, 'multi': True, 'allValue': '.+', 'sort': 1, 'hide': 0, 'regex': '',
            'current': {'selected': True, 'text': ['All'], 'value': ['$__all']}, 'options': []}


def panel_json(panel, number, x, y):
    width, height = panel['size']
    kind = panel['type']
    defaults = {'unit': panel['unit']}
    options = {}
    if kind == 'stat':
        defaults['thresholds'] = {'mode': 'absolute', 'steps': panel['steps']}
        defaults['color'] = {'mode': 'thresholds'}
        options = {'reduceOptions': {'calcs': ['lastNotNull'], 'fields': '', 'values': False},
                   'colorMode': 'value', 'graphMode': 'area', 'textMode': 'auto', 'justifyMode': 'auto',
                   'orientation': 'auto', 'percentChangeColorMode': 'standard', 'showPercentChange': False, 'wideLayout': True}
    elif kind == 'timeseries':
        defaults['min'] = 0
        defaults['custom'] = {'drawStyle': 'line', 'lineWidth': 1, 'fillOpacity': 20 if panel['stacked'] else 5,
                              'showPoints': 'never', 'spanNulls': False,
                              'stacking': {'mode': 'normal' if panel['stacked'] else 'none', 'group': 'A'}}
        options = {'legend': {'showLegend': True, 'displayMode': 'table', 'placement': 'right', 'calcs': ['lastNotNull', 'max']},
                   'tooltip': {'mode': 'multi', 'sort': 'desc'}}
    elif kind == 'heatmap':
        options = {'calculate': False, 'yAxis': {'unit': panel['unit']}, 'cellGap': 1,
                   'color': {'mode': 'scheme', 'scheme': 'Oranges', 'steps': 64, 'exponent': 0.5, 'fill': 'dark-orange', 'reverse': False},
                   'exemplars': {'color': 'rgba(255,0,255,0.7)'}, 'showValue': 'never', 'tooltip': {'mode': 'single'},
                   'legend': {'show': True}}
    elif kind == 'table':
        options = {'showHeader': True, 'cellHeight': 'sm', 'frameIndex': 0}
    targets = []
    for i, (query, legend) in enumerate(panel['queries']):
        target = {'refId': chr(ord('A') + i), 'expr': query.replace('@', SELECTED),
                  'datasource': {'type': 'prometheus', 'uid': '${datasource}'}, 'legendFormat': legend or '__auto'}
        if kind == 'heatmap':
            target['format'] = 'heatmap'
        if kind == 'table':
            target.update({'format': 'table', 'instant': True})
        targets.append(target)
    result = {'id': number, 'type': kind, 'title': panel['title'], 'description': panel['description'],
              'datasource': {'type': 'prometheus', 'uid': '${datasource}'},
              'gridPos': {'x': x, 'y': y, 'w': width, 'h': height},
              'fieldConfig': {'defaults': defaults, 'overrides': []}, 'options': options, 'targets': targets}
    if kind == 'table':  # One column per label, and the value.
        result['transformations'] = [{'id': 'organize', 'options': {'excludeByName': {'Time': True, '__name__': True}}}]
    return result


def dashboard_json(name, title, rows):
    panels = []
    y = 0
    for row_title, row in rows:
        panels.append({'id': len(panels) + 1, 'type': 'row', 'title': row_title, 'collapsed': False, 'panels': [],
                       'gridPos': {'x': 0, 'y': y, 'w': WIDTH, 'h': 1}})
        y += 1
        x = height = 0
        for panel in row:
            if x + panel['size'][0] > WIDTH:
                x, y, height = 0, y + height, 0
            panels.append(panel_json(panel, len(panels) + 1, x, y))
            x += panel['size'][0]
            height = max(height, panel['size'][1])
        y += height
    return {
        'id': None, 'uid': 'wirewatch-' + name, 'title': title, 'tags': ['wirewatch'], 'schemaVersion': 39,
        'editable': False, 'graphTooltip': 1, 'refresh': '30s', 'timezone': 'browser',
        'time': {'from': 'now-6h', 'to': 'now'}, 'annotations': {'list': []},
        'links': [{'title': 'Wirewatch', 'tooltip': '', 'icon': 'external link', 'type': 'dashboards', 'tags': ['wirewatch'], 'asDropdown': True,
                   'includeVars': True, 'keepTime': True, 'targetBlank': False, 'url': ''}],
        'templating': {'list': [
            {'name': 'datasource', 'label': 'Data source', 'type': 'datasource', 'query': 'prometheus', 'hide': 0,
             'refresh': 1, 'regex': '', 'includeAll': False, 'multi': False, 'options': [],
             'current': {'selected': False, 'text': 'default', 'value': 'default'}},
            variable('job', 'Job', 'label_values(wirewatch_build_info, job)'),
            variable('instance', 'Instance', 'label_values(wirewatch_build_info{job=~"$job"}, instance)'),
        ]},
        'panels': panels,
    }


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'dashboards')
    for name, (title, rows) in DASHBOARDS.items():
        with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as file:
            json.dump(dashboard_json(name, title, rows), file, indent=2, ensure_ascii=False)
            file.write('\n')


main()
