#!/usr/bin/env python3
"""Runs Wirewatch and a real Prometheus with the shipped configuration and rules, and proves that what an operator
is given works on real data.

    live_test.py PROGRAM SOURCE_TREE

- every query of every dashboard panel returns data;
- every rule loads and evaluates without error, and every alert's expression evaluates;
- the watchdog fires, and no alert fires that a calm system should not have;
- every metric has the type and the labels of the catalogue, and promtool finds no fault with the names;
- hostile articles make no new time series: labels have few values, whatever the input says.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import monitoring

program, root = sys.argv[1], sys.argv[2]
prometheus_program = monitoring.program('prometheus')
promtool = monitoring.program('promtool')
DEADLINE_S = 180  # Of a loop that ends as soon as everything has been seen.
failures = []

# The most values that a label may take on one process. What is not here may not be a label.
LABEL_VALUES_MAX = {
    'topic': 4, 'country': 250, 'subject': 18, 'source': 64, 'partition': 16, 'outcome': 2, 'profile': 201,
    'level': 4, 'reason': 24, 'fault': 6, 'result': 2, 'stage': 8,
    'type': 4, 'version': 1, 'revision': 1, 'broker': 4, 'le': 40,
}
HOSTILE_SOURCE = 'evil "quoted"\n} 1\nwirewatch_evil_total{a="\\'
SERIES_MAX = 2500  # 200 pairs of country and subject are three series each, 64 sources three, 200 profiles four.


def expect(condition, message):
    if not condition:
        failures.append(message)


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode('utf-8')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def write_news(folder):
    """The sample news, and as many articles again whose every field tries to become a label value."""
    sample = os.path.join(root, 'deploy/sample-news')
    for name in os.listdir(sample):
        if name.endswith('.ndjson') and name != 'expected.ndjson':
            os.symlink(os.path.join(sample, name), os.path.join(folder, name))
    with open(os.path.join(folder, '99-hostile.ndjson'), 'w', encoding='utf-8') as file:
        for i in range(400):
            file.write(json.dumps({
                'title': 'Missile test number %d in North Korea' % i, 'text': 'Pyongyang said so. ' * 5,
                'source': 'source-%d "quoted\n}' % i, 'url': 'https://host%d.example/%d' % (i, i),
                'language': 'x-%d' % i, 'section': 'section-%d' % i, 'urgency': i, 'profile': 'p%d' % i}) + '\n')
            file.write('{"broken-%d": [' % i + '\n')
        for i in range(30):  # Frequent enough to be tracked, with a name that breaks a text format if it can.
            file.write(json.dumps({'title': 'Frequent %d' % i, 'text': 'Text.', 'source': HOSTILE_SOURCE}) + '\n')


class Process:
    """A child that is ended, with its output at hand, whatever happens."""

    def __init__(self, command, log):
        self.log_path = log
        with open(log, 'wb') as file:
            self.child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def wait_for(what, seconds, f):
    """Calls f until it gives something true."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = f()
        except (urllib.error.URLError, ConnectionError, socket.timeout):
            result = None
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError('gave up waiting for ' + what)
        time.sleep(0.2)


class Prometheus:
    def __init__(self, address):
        self.address = address

    def api(self, path, **parameters):
        return json.loads(get('%s/api/v1/%s?%s' % (self.address, path, urllib.parse.urlencode(parameters))))['data']

    def query(self, expression):
        return self.api('query', query=expression)['result']


def check_exposition(text):
    """The text of /metrics against the catalogue, label bounds and promtool."""
    catalogue = monitoring.catalogue(root)
    values = {}
    series = 0
    for line in text.splitlines():
        kind = re.match(r'# TYPE (\S+) (\S+)', line)
        if kind:
            name = kind.group(1) + ('_count' if kind.group(2) == 'histogram' else '')
            expect(name in catalogue and catalogue[name][0] == kind.group(2), 'not as in METRICS.md: ' + line)
        if line.startswith('#') or not line:
            continue
        series += 1
        name = re.match(r'[a-z0-9_]+', line).group(0)
        labels = dict(re.findall(r'([a-z_]+)="((?:\\.|[^"\\])*)"', line.partition('{')[2]))
        expect(name in catalogue and set(labels) == catalogue[name][1], 'labels not as in METRICS.md: ' + line)
        for label, value in labels.items():
            values.setdefault((name, label), set()).add(value)
    for (name, label), seen in values.items():
        expect(len(seen) <= LABEL_VALUES_MAX.get(label, 0), '%s: label %s has %d values' % (name, label, len(seen)))
        expect(all(len(value) < 100 for value in seen), '%s: label %s has a long value' % (name, label))
    expect(series <= SERIES_MAX, '%d series' % series)
    lint = subprocess.run([promtool, 'check', 'metrics'], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    expect(lint.returncode == 0, 'promtool check metrics:\n' + lint.stdout)
    return series


def main(folder):
    news = os.path.join(folder, 'news')
    os.mkdir(news)
    write_news(news)
    with Process([program, 'up', '--set', 'http.port=0', '--set', 'embedded.articles_per_s=200',
                  '--set', 'embedded.sample_directory=' + news], os.path.join(folder, 'wirewatch.log')) as wirewatch:
        metrics_url = wait_for('the address of /metrics', 60, lambda: re.search(
            r'metrics\s+(http://\S+)', wirewatch.log()) or wirewatch.child.poll() is not None)
        if metrics_url is True:
            raise RuntimeError('wirewatch ended:\n' + wirewatch.log())
        metrics_url = metrics_url.group(1)

        # The shipped configuration; only addresses and pace are the test's.
        config = monitoring.load_yaml(os.path.join(root, 'monitoring/prometheus/prometheus.yml'))
        config['global'] = {'scrape_interval': '1s', 'evaluation_interval': '1s'}
        config['rule_files'] = [os.path.join(root, 'monitoring/prometheus', pattern) for pattern in config['rule_files']]
        del config['alerting']
        targets = os.path.join(folder, 'targets.yml')
        with open(targets, 'w', encoding='utf-8') as file:
            monitoring.yaml.safe_dump([{'targets': [urllib.parse.urlparse(metrics_url).netloc]}], file)
        for scrape in config['scrape_configs']:
            scrape['file_sd_configs'] = [{'files': [targets]}]
        config_path = os.path.join(folder, 'prometheus.yml')
        with open(config_path, 'w', encoding='utf-8') as file:
            monitoring.yaml.safe_dump(config, file)
        address = '127.0.0.1:%d' % free_port()
        with Process([prometheus_program, '--config.file=' + config_path, '--web.listen-address=' + address,
                      '--storage.tsdb.path=' + os.path.join(folder, 'data'), '--log.level=warn'],
                     os.path.join(folder, 'prometheus.log')) as server:
            prometheus = Prometheus('http://' + address)
            wait_for('Prometheus', 60, lambda: get(prometheus.address + '/-/ready'))
            try:
                observe(prometheus, metrics_url)
            finally:
                if failures or sys.exc_info()[0]:
                    print('wirewatch:\n%s\nprometheus:\n%s' % (wirewatch.log()[-2000:], server.log()[-4000:]))


def observe(prometheus, metrics_url):
    # Panels: each query is asked until it has an answer.
    waiting = {(name, panel['title'], query) for name, dashboard in monitoring.dashboards(root).items()
               for panel, query in monitoring.panel_queries(dashboard)}
    panels = len(waiting)
    deadline = time.monotonic() + DEADLINE_S
    while waiting and time.monotonic() < deadline:
        waiting = {item for item in waiting if not prometheus.query(item[2])}
        time.sleep(0.5)
    for name, title, query in sorted(waiting):
        expect(False, '%s: "%s" shows nothing: %s' % (name, title, query))

    # Rules: all there, all healthy, and what they record exists.
    shipped = monitoring.rules(root)
    loaded = [rule for group in prometheus.api('rules')['groups'] for rule in group['rules']]
    expect(sorted(rule['name'] for rule in loaded) == sorted(rule.get('record') or rule['alert'] for rule in shipped),
           'other rules are loaded than shipped')
    for rule in loaded:
        expect(rule['health'] == 'ok' and not rule.get('lastError'), '%s: %s' % (rule['name'], rule.get('lastError')))
        if rule['type'] == 'recording':
            expect(prometheus.query(rule['name']), '%s records nothing' % rule['name'])
        else:
            prometheus.query(rule['query'])  # Raises when it does not evaluate.

    # Every metric that an alert reads is really there.
    for rule in shipped:
        for metric in monitoring.metric_names(rule['expr']):
            expect(prometheus.query(metric), '%s reads %s, which has no data' % (rule.get('record') or rule['alert'], metric))
    expect(prometheus.query('wirewatch_ready == 1'), 'it does not say that it is ready')

    firing = {alert['labels']['alertname'] for alert in prometheus.api('alerts')['alerts'] if alert['state'] == 'firing'}
    expect('WirewatchWatchdog' in firing, 'the watchdog does not fire')
    expect(firing <= {'WirewatchWatchdog'}, 'these alerts fire on a calm system: %s' % sorted(firing))

    # Labels: once everything has been read twice over, the hostile articles have made no series of their own.
    messages = float(prometheus.query('sum(wirewatch_articles_total)')[0]['value'][1])
    wait_for('the whole feed', DEADLINE_S, lambda: float(
        prometheus.query('sum(wirewatch_articles_total)')[0]['value'][1]) >= max(messages, 1100))
    series = check_exposition(get(metrics_url))
    expect(float(prometheus.query('scrape_samples_scraped{job="wirewatch"}')[0]['value'][1]) <= SERIES_MAX, 'too many samples')
    expect(prometheus.query('wirewatch_source_articles_total{source=%s}' % json.dumps(HOSTILE_SOURCE)),
           'a source with a hostile name is not shown under it')
    print('%d panel queries return data, %d rules are healthy, %d series' % (panels, len(loaded), series))


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
