#!/usr/bin/env python3
"""The sample news through a real Kafka: every outcome equals that of `wirewatch classify`.

    real_kafka_test.py PROGRAM SOURCE_TREE at_least_once|exactly_once

Starts Kafka by deploy/kafka.sh, feeds the sample with kcat, runs the enricher, kills it once in the
middle, ends it with SIGTERM, and compares. Delivered exactly once, whoever reads committed records sees nothing
twice, also after the crash. Ends with 77 (skipped) where Kafka, Java or kcat cannot be
had, unless WIREWATCH_REQUIRE_KAFKA is set.
"""

import collections
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

program, root, delivery = sys.argv[1:4]
script = os.path.join(root, 'deploy', 'kafka.sh')


def skip(why):
    print(why)
    sys.exit(1 if os.environ.get('WIREWATCH_REQUIRE_KAFKA') else 77)


if shutil.which('kcat') is None:
    skip('kcat is not installed')
work = tempfile.mkdtemp(prefix='wirewatch-kafka-')
started = subprocess.run([script, 'start', '1', work], stdout=subprocess.PIPE, text=True)
if started.returncode == 69:
    skip('Kafka cannot be fetched')
if started.returncode != 0:
    sys.exit('Kafka did not start')
brokers = started.stdout.split()[-1]
environment = dict(os.environ, WIREWATCH_KAFKA__BROKERS=brokers, WIREWATCH_HTTP__PORT='0',
                   WIREWATCH_KAFKA__PARTITIONS='4', WIREWATCH_KAFKA__DELIVERY=delivery,
                   WIREWATCH_KAFKA__INSTANCE_ID='desk-1')


def read(topic):
    run = subprocess.run(['kcat', '-C', '-b', brokers, '-t', topic, '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed',
                          '-f', '%k\\x01%s\\x02'],
                         capture_output=True, check=True)
    return [tuple(record.split(b'\x01', 1)) for record in run.stdout.split(b'\x02') if record.count(b'\x01')]


def run_enricher():
    return subprocess.Popen([program, 'run', 'enricher'], env=environment, stderr=subprocess.PIPE, text=True)


failures = []
try:
    messages = []
    for path in sorted(glob.glob(os.path.join(root, 'deploy', 'sample-news', '*.ndjson'))):
        if not path.endswith('expected.ndjson'):
            with open(path, 'rb') as file:
                messages += file.read().splitlines()
    classified = subprocess.run([program, 'classify', '--json', '-'], input=b'\n'.join(messages) + b'\n',
                                capture_output=True, check=True).stdout.decode().splitlines()
    expected, dead, alerts = {}, 0, set()
    for line in classified:
        event = json.loads(line)
        if 'dead' in event:
            dead += 1
            continue
        article = event['article']
        expected[(article['uri'], article['version'])] = line
        for match in event['enrichment']['matches']:
            alerts.add((match['profile'], article['uri'], article['version']))

    # The topics are made by the first run, which is ended at once.
    first = run_enricher()
    time.sleep(8)
    if first.poll() is not None:
        sys.exit('the enricher ended: ' + first.stderr.read())
    feed = subprocess.Popen(['kcat', '-P', '-b', brokers, '-t', 'articles.raw'], stdin=subprocess.PIPE)
    feed.stdin.write(b'\n'.join(messages[:100]) + b'\n')
    feed.stdin.close()
    feed.wait()
    time.sleep(1)
    first.kill()  # A crash: what was not committed is read again.
    first.wait()
    subprocess.run(['kcat', '-P', '-b', brokers, '-t', 'articles.raw'], input=b'\n'.join(messages[100:]) + b'\n', check=True)
    second = run_enricher()
    deadline = time.time() + 120
    while time.time() < deadline:
        time.sleep(2)
        seen = {tuple(json.loads(v)['article'][k] for k in ('uri', 'version')) for _, v in read('articles.enriched')}
        if seen == set(expected) and len(set(read('articles.dead'))) >= dead:
            break
    time.sleep(2)
    second.send_signal(signal.SIGTERM)
    if second.wait(30) != 0:
        failures.append('SIGTERM ended with %d' % second.returncode)

    counts = collections.Counter()
    for key, value in read('articles.enriched'):
        article = json.loads(value)['article']
        identity = (article['uri'], article['version'])
        counts[identity] += 1
        if key.decode() != article['uri']:
            failures.append('key %r of %s' % (key, article['uri']))
        if expected.get(identity) != value.decode():
            failures.append('another event than classify gives: %s' % (identity,))
    failures += ['lost: %s' % (identity,) for identity in set(expected) - set(counts)]
    if len(set(read('articles.dead'))) != dead:
        failures.append('%d dead letters instead of %d' % (len(set(read('articles.dead'))), dead))
    if delivery == 'exactly_once':
        failures += ['twice: %s' % (identity,) for identity, count in counts.items() if count > 1]
        for topic, count in (('articles.dead', dead), ('alerts.matched', len(alerts))):
            if len(read(topic)) != count:
                failures.append('%d records in %s instead of %d' % (len(read(topic)), topic, count))
    got = {(key.decode(), json.loads(value)['article']['uri'], json.loads(value)['article']['version'])
           for key, value in read('alerts.matched')}
    if got != alerts:
        failures.append('alerts differ: %s' % sorted(got ^ alerts)[:5])
    print('%d enriched, %d repeats after the crash, %d dead letters, %d alerts'
          % (len(counts), sum(counts.values()) - len(counts), dead, len(got)))
finally:
    subprocess.run([script, 'stop', work], check=False)
    shutil.rmtree(work, ignore_errors=True)
print('\n'.join(failures[:20]))
sys.exit(1 if failures else 0)
