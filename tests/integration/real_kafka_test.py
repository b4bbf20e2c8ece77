#!/usr/bin/env python3
"""The sample news through a real Kafka: every outcome equals that of `wirewatch classify`.

    real_kafka_test.py PROGRAM SOURCE_TREE at_least_once|exactly_once

Starts Kafka by deploy/kafka.sh, feeds the sample with kcat, runs the enricher, kills it once in the
middle, ends it with SIGTERM, and compares; then it replays ranges of time. Delivered exactly once, whoever
reads committed records sees nothing twice, also after the crash. Ends with 77 (skipped) where Kafka, Java or kcat cannot be
had, unless WIREWATCH_REQUIRE_KAFKA is set.
"""

import collections
import glob
import json
import math
import os
import re
import signal
import subprocess
import sys
import time

program, root, delivery = sys.argv[1:4]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from real_kafka import RealKafka  # pylint: disable=wrong-import-position


def run_enricher(kafka):
    environment = {**os.environ, 'WIREWATCH_KAFKA__BROKERS': kafka.brokers, 'WIREWATCH_HTTP__PORT': '0',
                   'WIREWATCH_KAFKA__PARTITIONS': '4', 'WIREWATCH_KAFKA__DELIVERY': delivery,
                   'WIREWATCH_KAFKA__INSTANCE_ID': 'desk-1'}
    with open(os.path.join(kafka.directory, 'enricher.log'), 'a', encoding='utf-8') as log:
        enrichers.append(subprocess.Popen([program, 'run', 'enricher'], env=environment, stderr=log))
    return enrichers[-1]


def log_of(kafka):
    with open(os.path.join(kafka.directory, 'enricher.log'), encoding='utf-8') as log:
        return log.read()[-5000:]


def sample():
    messages = []
    for path in sorted(glob.glob(os.path.join(root, 'deploy', 'sample-news', '*.ndjson'))):
        if not path.endswith('expected.ndjson'):
            with open(path, 'rb') as file:
                messages += file.read().splitlines()
    return messages


def identity_of(value):
    article = json.loads(value)['article']
    return article['uri'], article['version']


class Expected:
    """What `wirewatch classify` says: events by identity, the number of dead letters, alerts as profile and identity."""

    def __init__(self, messages):
        classified = subprocess.run([program, 'classify', '--json', '-'], input=b'\n'.join(messages) + b'\n',
                                    capture_output=True, check=True).stdout.decode().splitlines()
        self.events, self.dead, self.alerts = {}, 0, set()
        for line in classified:
            event = json.loads(line)
            if 'dead' in event:
                self.dead += 1
                continue
            self.events[identity_of(line)] = line
            self.alerts |= {(match['profile'], *identity_of(line)) for match in event['enrichment']['matches']}


def run_with_a_crash(kafka, messages, expected):
    first = run_enricher(kafka)
    # It makes the topics.
    deadline = time.monotonic() + 60
    while not kafka.has('articles.raw'):
        if first.poll() is not None or time.monotonic() > deadline:
            sys.exit('the enricher makes no topics:\n' + log_of(kafka))
        time.sleep(0.5)
    kafka.send('articles.raw', messages[:100])
    while not kafka.read('articles.enriched'):
        if first.poll() is not None or time.monotonic() > deadline:
            sys.exit('the first enricher writes nothing:\n' + log_of(kafka))
        time.sleep(0.1)
    first.kill()  # A crash: what was not committed is read again.
    first.wait()
    between = math.ceil(time.time())
    time.sleep(between + 0.1 - time.time())
    kafka.send('articles.raw', messages[100:])
    second = run_enricher(kafka)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        time.sleep(2)
        seen = {identity_of(value) for _, value in kafka.read('articles.enriched')}
        if seen == set(expected.events) and len(set(kafka.read('articles.dead'))) >= expected.dead:
            break
    time.sleep(2)
    second.send_signal(signal.SIGTERM)
    if second.wait(30) != 0:
        failures.append('SIGTERM ended with %d\n%s' % (second.returncode, log_of(kafka)))
    return between


def compare(kafka, expected):
    counts = collections.Counter()
    for key, value in kafka.read('articles.enriched'):
        identity = identity_of(value)
        counts[identity] += 1
        if key.decode() != identity[0]:
            failures.append('key %r of %s' % (key, identity))
        if expected.events.get(identity) != value.decode():
            failures.append('another event than classify gives: %s' % (identity,))
    failures.extend('lost: %s' % (identity,) for identity in set(expected.events) - set(counts))
    dead, alerts = kafka.read('articles.dead'), kafka.read('alerts.matched')
    if len(set(dead)) != expected.dead:
        failures.append('%d dead letters instead of %d' % (len(set(dead)), expected.dead))
    if delivery == 'exactly_once':
        failures.extend('twice: %s' % (identity,) for identity, count in counts.items() if count > 1)
        for name, found, count in (('dead letters', dead, expected.dead), ('alerts', alerts, len(expected.alerts))):
            if len(found) != count:
                failures.append('%d %s instead of %d' % (len(found), name, count))
    got = {(key.decode(), *identity_of(value)) for key, value in alerts}
    if got != expected.alerts:
        failures.append('alerts differ: %s' % sorted(got ^ expected.alerts)[:5])
    print('%d enriched, %d repeats after the crash, %d dead letters, %d alerts'
          % (len(counts), sum(counts.values()) - len(counts), len(set(dead)), len(got)))


def backtest_by_time(kafka, messages, between):
    """A range of the topic by the records' times, of which the embedded broker knows nothing: the first hundred were sent before
    `between`, the others after it."""
    second = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(between))
    rest = len(messages) - 100
    for bounds, count in ((('--to', second), 100), (('--from', second), rest), (('--from', '2000-01-01'), 100 + rest),
                          (('--from', '2000-01-01', '--to', second), 100), (('--from', '2100-01-01'), 0), (('--to', '2000-01-01'), 0)):
        told = subprocess.run([program, 'backtest', os.path.join(root, 'deploy', 'profiles', 'north-korea.toml'), '--topic',
                               '--set', 'kafka.brokers=' + kafka.brokers, *bounds],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
        found = re.search(r'(\d+) articles, (\d+) unreadable', told)
        if not found or int(found.group(1)) + int(found.group(2)) != count:
            failures.append('backtest %s wants %d records:\n%s' % (' '.join(bounds), count, told))


def largest_record(kafka):
    """What articles.raw takes at most is larger as a dead letter, and nothing may stop the stream."""
    bad = bytes(byte | 0x80 for byte in os.urandom(1048300))  # Which no codec makes shorter, and kafka.read() can part.
    path = os.path.join(kafka.directory, 'large')
    with open(path, 'wb') as file:
        file.write(bad)
    run_enricher(kafka)
    subprocess.run(['kcat', '-P', '-b', kafka.brokers, '-t', 'articles.raw', '-X', 'message.max.bytes=2000000', path], check=True)
    deadline = time.monotonic() + 60
    while not any(value == bad for _, value in kafka.read('articles.dead')):
        if time.monotonic() > deadline:
            failures.append('the largest record that can be sent is no dead letter:\n' + log_of(kafka))
            return
        time.sleep(1)


failures = []
enrichers = []
with RealKafka(root) as broker:
    try:
        news = sample()
        outcomes = Expected(news)
        if not (outcomes.events and outcomes.dead and outcomes.alerts):
            sys.exit('the sample has no events, dead letters or alerts to compare')
        sent_between = run_with_a_crash(broker, news, outcomes)
        compare(broker, outcomes)
        backtest_by_time(broker, news, sent_between)
        largest_record(broker)
    finally:  # Whatever went wrong, none is left.
        for enricher in enrichers:
            if enricher.poll() is None:
                enricher.kill()
                enricher.wait()
print('\n'.join(failures[:20]))
sys.exit(1 if failures else 0)
