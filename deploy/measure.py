#!/usr/bin/env python3
"""What an article of yours costs on this machine: through a real Kafka, as in production.

    deploy/measure.py [--program wirewatch] [--workers N] [--articles N] FILE.ndjson...

Starts Kafka on loopback (kafka.sh), puts the files' articles on it, over and over until there are N, starts an enricher when all are
there, and reads its metrics when all are done: so that it works at its full speed. Prints one line; docs/SIZING.md has figures and
what to make of them. Needs kcat, and what kafka.sh needs; status 69 where that is absent.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

deploy = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def metrics(port):
    """Name -> sum over its series."""
    with urllib.request.urlopen('http://127.0.0.1:%d/metrics' % port, timeout=5) as answer:
        text = answer.read().decode('utf-8')
    sums = {}
    for line in text.splitlines():
        found = re.match(r'([a-z0-9_]+)(?:\{.*\})? (\S+)$', line)
        if found:
            sums[found.group(1)] = sums.get(found.group(1), 0) + float(found.group(2))
    return sums


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--program', default='wirewatch')
    parser.add_argument('--workers', type=int, default=1)
    parser.add_argument('--articles', type=int, default=50000)
    parser.add_argument('files', nargs='+')
    arguments = parser.parse_args()
    if not shutil.which('kcat'):
        print('kcat is needed: apt-get install kcat', file=sys.stderr)
        sys.exit(69)
    lines = []
    for path in arguments.files:
        with open(path, 'rb') as file:
            lines.extend(line for line in file.read().split(b'\n') if line)
    if not lines:
        sys.exit('there is no article in ' + ' '.join(arguments.files))
    lines = (lines * (arguments.articles // len(lines) + 1))[:arguments.articles]
    size = sum(map(len, lines)) / len(lines)
    with tempfile.TemporaryDirectory() as folder:
        started = subprocess.run([os.path.join(deploy, 'kafka.sh'), 'start', folder + '/kafka'], stdout=subprocess.PIPE, text=True, check=False)
        if started.returncode != 0:
            sys.exit(started.returncode)
        brokers = started.stdout.split()[-1]
        enricher = None
        try:
            common = ['--set', 'kafka.brokers=' + brokers]
            # Makes the topics and the group; what it reads comes later, all at once.
            port = free_port()
            command = [arguments.program, 'run', 'enricher', *common, '--set', 'http.port=%d' % port,
                       '--set', 'enricher.workers=%d' % arguments.workers, '--set', 'log.level=error']
            enricher = subprocess.Popen(command)
            while True:
                try:
                    if metrics(port).get('wirewatch_assigned_partitions', 0) > 0:
                        break
                except OSError:
                    pass
                assert enricher.poll() is None, 'the enricher ended'
                time.sleep(0.2)
            enricher.terminate()
            enricher.wait(60)
            subprocess.run(['kcat', '-P', '-b', brokers, '-t', 'articles.raw', '-z', 'lz4', '-X', 'linger.ms=50'],
                           input=b'\n'.join(lines) + b'\n', check=True)
            enricher = subprocess.Popen(command)
            first = None
            while True:
                time.sleep(0.1)
                try:
                    now = metrics(port)
                except OSError:
                    assert enricher.poll() is None, 'the enricher ended'
                    continue
                done = now.get('wirewatch_articles_total', 0)
                if first is None:
                    if done > 0:
                        first = (time.monotonic(), done, now['process_cpu_seconds_total'])
                elif done >= len(lines):
                    break
            seconds = time.monotonic() - first[0]
            articles = done - first[1]
            stages = 1e6 * now['wirewatch_stage_duration_seconds_sum'] / now['wirewatch_articles_total']
            print('%d articles of %.1f kB, %d workers: %.0f articles/s; %.0f us of processor per article, %.0f us of them in the pipeline; '
                  '%.2f records out per article; %.0f MB resident' % (
                      len(lines), size / 1000, arguments.workers, articles / seconds, 1e6 * (now['process_cpu_seconds_total'] - first[2]) / articles,
                      stages, now['wirewatch_records_produced_total'] / done, now['process_resident_memory_bytes'] / 1e6))
        finally:
            if enricher and enricher.poll() is None:
                enricher.terminate()
                enricher.wait(60)
            subprocess.run([os.path.join(deploy, 'kafka.sh'), 'stop', folder + '/kafka'], check=False)


main()
