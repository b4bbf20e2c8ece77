#!/usr/bin/env python3
"""Checks what an operator is given, as far as nothing needs to run.

    static_test.py SOURCE_TREE rules|dashboards|runbooks|alertmanager
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

import monitoring

root, check = sys.argv[1], sys.argv[2]
failures = []
RUNBOOKS = 'file:///usr/share/doc/wirewatch/monitoring/runbooks'  # Of the Debian package.


def expect(condition, message):
    if not condition:
        failures.append(message)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    expect(done.returncode == 0, '%s ended with %d:\n%s' % (' '.join(command), done.returncode, done.stdout))
    return done.stdout


def known_metrics():
    return set(monitoring.catalogue(root)) | {'up', 'ALERTS'} | {r['record'] for r in monitoring.rules(root) if 'record' in r}


def check_rules():
    promtool = monitoring.program('promtool')
    run(promtool, 'check', 'config', os.path.join(root, 'monitoring/prometheus/prometheus.yml'))
    tests = sorted(glob.glob(os.path.join(root, 'monitoring/prometheus/tests/*.yml')))
    run(promtool, 'test', 'rules', *tests)
    known = known_metrics()
    fires, silent = set(), set()
    for path in tests:
        for test in monitoring.load_yaml(path)['tests']:
            for case in test.get('alert_rule_test', []):
                (fires if case.get('exp_alerts') else silent).add(case['alertname'])
    for rule in monitoring.rules(root):
        for name in monitoring.metric_names(rule['expr']):
            expect(name in known, '%s reads %s, which nothing exports' % (rule.get('record') or rule['alert'], name))
        if 'alert' in rule:
            name = rule['alert']
            expect(re.fullmatch('Wirewatch[A-Z][A-Za-z]+', name), '%s: not a name of ours' % name)
            expect(name in fires, 'no test makes %s fire' % name)
            expect(name in silent or name == 'WirewatchWatchdog', 'no test expects %s to be silent' % name)
            expect(rule['labels'].get('severity') in ('page', 'ticket', 'none'), '%s: severity' % name)
            expect(rule['annotations'].get('summary'), '%s: summary' % name)
    # A canary that is sent as rarely as may be must not be missing in between.
    missing = next(rule for rule in monitoring.rules(root) if rule.get('alert') == 'WirewatchCanaryMissing')
    with open(os.path.join(root, 'deploy/CONFIGURATION.md'), encoding='utf-8') as file:
        most_ms = int(re.search(r'^\| `canary\.interval_ms` \| `\d+` \| \d+ to (\d+) \|', file.read(), re.M).group(1))
    expect(2 * most_ms <= 1000 * int(missing['expr'].rpartition('> ')[2]), 'WirewatchCanaryMissing pages for every canary of such an interval')


# Panel -> series of ten minutes, by the minute, and what its query gives at their end.
PANEL_SAMPLES = {
    'Versions': ({'wirewatch_build_info{job="w", instance="a", version="1", revision="r"}': '1x10',
                  'wirewatch_build_info{job="w", instance="canary", version="1", revision="r"}': '1x10',
                  'wirewatch_rules_info{job="w", instance="a", version="1-00"}': '1x10'},
                 {'{job="w", instance="a", version="1", revision="r", rules="1-00"}': 1,
                  'wirewatch_build_info{job="w", instance="canary", version="1", revision="r"}': 1}),
    'Processor time per article': ({'process_cpu_seconds_total{job="w", instance="a"}': '0+6x10',
                                    'wirewatch_articles_total{job="w", instance="a", outcome="enriched"}': '0+500x10',
                                    'wirewatch_articles_total{job="w", instance="a", outcome="dead"}': '0+100x10',
                                    'process_cpu_seconds_total{job="w", instance="canary"}': '0+6x10',
                                    'wirewatch_articles_total{job="w", instance="canary", outcome="enriched"}': '0x10'},
                                   {'{instance="a"}': 0.01}),
    'Dead letters by reason': ({'wirewatch_dead_letter_records_total{job="w", instance="a", reason="not_json"}': '0+60x10',
                                'wirewatch_dead_letter_records_total{job="w", instance="b", reason="not_json"}': '0+120x10'},
                               {'{reason="not_json"}': 3}),
    'Time since a canary': ({'wirewatch_canary_last_return_timestamp_seconds{job="w", instance="a"}': '0+60x10'}, {'{job="w"}': 0}),
}


def check_panel_samples(queries):
    """Holds panels against samples whose answer is known."""
    tests = []
    for title, (series, wanted) in PANEL_SAMPLES.items():
        expect(title in queries, 'there is no panel "%s"' % title)
        tests.append({'interval': '15s', 'input_series': [{'series': s, 'values': re.sub(r'\+(\d+)x', lambda m: '+%gx' % (int(m[1]) / 4), v)
                                                           .replace('x10', 'x40')} for s, v in series.items()],
                      'promql_expr_test': [{'expr': queries.get(title, 'absent_panel'), 'eval_time': '10m', 'exp_samples': [
                          {'labels': labels, 'value': value} for labels, value in wanted.items()]}]})
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as file:
        monitoring.yaml.safe_dump({'rule_files': [], 'evaluation_interval': '15s', 'tests': tests}, file)
        file.flush()
        run(monitoring.program('promtool'), 'test', 'rules', file.name)


def check_dashboards():
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, os.path.join(root, 'monitoring/grafana/generate_dashboards.py'), folder)
        generated = {name: open(os.path.join(folder, name), encoding='utf-8').read() for name in os.listdir(folder)}
    committed_folder = os.path.join(root, 'monitoring/grafana/dashboards')
    expect(sorted(generated) == sorted(os.listdir(committed_folder)), 'other dashboards are committed than generated')
    for name, text in generated.items():
        with open(os.path.join(committed_folder, name), encoding='utf-8') as file:
            expect(file.read() == text, '%s is stale; run generate_dashboards.py' % name)
    known = known_metrics()
    uids = set()
    recording = []
    for name, dashboard in monitoring.dashboards(root).items():
        expect(dashboard['uid'] not in uids and dashboard['id'] is None, name + ': uid')
        uids.add(dashboard['uid'])
        occupied = set()
        for panel in dashboard['panels']:
            where = '%s: "%s"' % (name, panel['title'])
            grid = panel['gridPos']
            cells = {(x, y) for x in range(grid['x'], grid['x'] + grid['w']) for y in range(grid['y'], grid['y'] + grid['h'])}
            expect(grid['x'] + grid['w'] <= 24 and not cells & occupied, where + ' overlaps another panel')
            occupied |= cells
            if panel['type'] == 'row':
                continue
            expect(panel['title'] and panel['description'] and panel['targets'], where + ' lacks a description or a query')
            expect(panel['fieldConfig']['defaults'].get('unit'), where + ' lacks a unit')
            steps = panel['fieldConfig']['defaults'].get('thresholds', {}).get('steps', [])
            expect(not steps or steps[0]['color'] != steps[-1]['color'] or len(steps) == 1, where + ' has one colour for good and bad')
        for panel, query in monitoring.panel_queries(dashboard):
            recording.append(query)
            expect('vector(' not in query or not re.search(r'\bby\s*\(', query), '%s: "%s" has a series without a name' % (name, panel['title']))
            expect('$' not in re.sub(r'"\$1"', '', query), '%s: unknown variable in %s' % (name, query))
            for metric in monitoring.metric_names(query):
                expect(metric in known, '%s: "%s" reads %s, which nothing exports' % (name, panel['title'], metric))
    expect(recording, 'there are no queries')
    check_panel_samples({panel['title']: query for dashboard in monitoring.dashboards(root).values()
                         for panel, query in monitoring.panel_queries(dashboard)})
    promtool = monitoring.program('promtool')
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as file:  # Each must parse: as rules, promtool reads them.
        monitoring.yaml.safe_dump({'groups': [{'name': 'panels', 'rules': [
            {'record': 'panel:query:%d' % i, 'expr': query} for i, query in enumerate(recording)]}]}, file)
        file.flush()
        run(promtool, 'check', 'rules', file.name)


def check_runbooks():
    folder = os.path.join(root, 'monitoring/runbooks')
    alerts = {rule['alert']: rule for rule in monitoring.rules(root) if 'alert' in rule}
    written = {name[:-len('.md')] for name in os.listdir(folder)}
    expect(written == set(alerts), 'alerts and runbooks differ: %s' % sorted(written ^ set(alerts)))
    with open(os.path.join(root, 'monitoring/README.md'), encoding='utf-8') as file:
        expect(RUNBOOKS in file.read(), 'README.md does not say how to put another base than %s' % RUNBOOKS)
    catalogue = monitoring.catalogue(root)
    for name in sorted(written & set(alerts)):
        expect(alerts[name]['annotations'].get('runbook_url') == '%s/%s.md' % (RUNBOOKS, name), name + ': the alert names another runbook')
        with open(os.path.join(folder, name + '.md'), encoding='utf-8') as file:
            text = file.read()
        sections = re.findall(r'^## (.+)$', text, re.M)
        expect(text.startswith('# %s\n' % name), name + ': title')
        expect(sections == ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'], '%s: sections %s' % (name, sections))
        for section in re.split(r'^## .+$', text, flags=re.M)[1:]:
            expect(len(section.split()) >= 8, name + ': a section says too little')
        for metric in re.findall(r'\b(?:wirewatch|process)_[a-z_]+(?:_total|_seconds|_bytes|_info|_records|_partitions|_messages|_paused)\b', text):
            expect(metric in catalogue or metric + '_count' in catalogue, '%s names %s, which nothing exports' % (name, metric))


def matches(matchers, labels):
    """Whether an alert of these labels is one that all matchers are for."""
    for matcher in matchers:
        name, operator, wanted = re.fullmatch(r'(\w+)\s*(=~|!~|!=|=)\s*"(.*)"', matcher).groups()
        is_equal = re.fullmatch(wanted if '~' in operator else re.escape(wanted), labels.get(name, '')) is not None
        if is_equal == operator.startswith('!'):
            return False
    return True


def silenced_by(config, source, target):
    """Whether an alert, by name, mutes another one of the same process."""
    return any(matches(rule['source_matchers'], {'alertname': source}) and matches(rule['target_matchers'], {'alertname': target})
               for rule in config['inhibit_rules'])


def check_inhibition(config):
    # An Alertmanager is shared: whatever stands still here, alerts of others go out.
    for alert in sorted(rule['alert'] for rule in monitoring.rules(root) if 'alert' in rule):
        expect(not silenced_by(config, alert, 'NodeDown'), alert + ' mutes alerts that are not ours')
        expect(not silenced_by(config, alert, 'WirewatchWatchdog'), alert + ' mutes the watchdog')
    # Silent feeds are no reason for the canary not to come back; that nothing is read is one.
    expect(not silenced_by(config, 'WirewatchNoArticles', 'WirewatchCanaryMissing'), 'a silent wire hides that alerts do not arrive')
    for cause, consequence in (('WirewatchAbsent', 'WirewatchCanaryMissing'), ('WirewatchUnassigned', 'WirewatchCanaryMissing'),
                               ('WirewatchNoProfiles', 'WirewatchCanaryMissing'), ('WirewatchNoArticles', 'WirewatchSourceSilent'),
                               ('WirewatchWaitsForKafka', 'WirewatchNotReady')):
        expect(silenced_by(config, cause, consequence), '%s pages beside its cause, %s' % (consequence, cause))


def check_alertmanager():
    amtool = monitoring.program('amtool')
    config = os.path.join(root, 'monitoring/alertmanager/alertmanager.yml')
    run(amtool, 'check-config', config)
    # By severity and audience every alert must reach the receiver that its kind is for.
    for rule in monitoring.rules(root):
        if 'alert' not in rule:
            continue
        labels = rule['labels']
        wanted = ('deadman' if labels['severity'] == 'none' else 'pager' if labels['severity'] == 'page'
                  else 'newsroom' if labels.get('audience') == 'newsroom' else 'tickets')
        run(amtool, 'config', 'routes', 'test', '--config.file', config, '--verify.receivers', wanted,
            'alertname=' + rule['alert'], *('%s=%s' % item for item in labels.items()))
    # A rule that inhibits an alert that does not exist is a typing error.
    alerts = {rule['alert'] for rule in monitoring.rules(root) if 'alert' in rule}
    document = monitoring.load_yaml(config)
    check_inhibition(document)
    for rule in document['inhibit_rules']:
        for matcher in rule['source_matchers'] + rule['target_matchers']:
            for name in re.findall(r'Wirewatch[A-Za-z]+(?:\.\*)?', matcher):
                expect(any(re.fullmatch(name, alert) for alert in alerts), 'inhibit_rules name %s, which is no alert' % name)


{'rules': check_rules, 'dashboards': check_dashboards, 'runbooks': check_runbooks, 'alertmanager': check_alertmanager}[check]()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
