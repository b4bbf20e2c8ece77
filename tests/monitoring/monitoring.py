"""What the monitoring tests share: the shipped rules and dashboards, and the skipping of what is not installed."""

import glob
import json
import os
import re
import shutil
import sys

SKIPPED = 77


def skip(reason):
    print('skipped: ' + reason)
    sys.exit(SKIPPED)


try:
    import yaml
except ImportError:
    skip('python3-yaml is not installed')


def program(name):
    path = shutil.which(name)
    if path is None:
        skip(name + ' is not installed')
    return path


def load_yaml(path):
    with open(path, encoding='utf-8') as file:
        return yaml.safe_load(file)


def rules(root):
    """Every rule of the shipped rule files."""
    found = []
    for path in sorted(glob.glob(os.path.join(root, 'monitoring/prometheus/rules/*.yml'))):
        for group in load_yaml(path)['groups']:
            found.extend(group['rules'])
    return found


def dashboards(root):
    """File name without its end -> dashboard."""
    found = {}
    for path in sorted(glob.glob(os.path.join(root, 'monitoring/grafana/dashboards/*.json'))):
        with open(path, encoding='utf-8') as file:
            found[os.path.basename(path)[:-len('.json')]] = json.load(file)
    return found


def panel_queries(dashboard):
    """Yields (panel, query) with the dashboard's variables filled in as Grafana does for "All"."""
    for panel in dashboard['panels']:
        for target in panel.get('targets', []):
            query = target['expr'].replace('$__rate_interval', '1m').replace('$__range', '1h')
            yield panel, re.sub(r'"\$(job|instance)"', '".+"', query)


def catalogue(root):
    """Metric -> (type, set of labels) by the generated catalogue; histograms also by their series' names."""
    found = {}
    with open(os.path.join(root, 'monitoring/METRICS.md'), encoding='utf-8') as file:
        for line in file:
            row = re.match(r'\| `([a-z0-9_]+)` \| (\w+) \| ([a-z0-9_, ]*) \|', line)
            if not row:
                continue
            name, kind = row.group(1), row.group(2)
            labels = {label.strip() for label in row.group(3).split(',') if label.strip()}
            if kind == 'histogram':
                found[name + '_bucket'] = (kind, labels | {'le'})
                found[name + '_sum'] = found[name + '_count'] = (kind, labels)
            else:
                found[name] = (kind, labels)
    return found


def metric_names(query):
    """The metrics that a query reads: names that no function, label or keyword is."""
    query = re.sub(r'"(\\.|[^"\\])*"', '""', query)
    query = re.sub(r'\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)', ' ', query)
    query = re.sub(r'\{[^}]*\}', '{}', query)
    query = re.sub(r'\[[^\]]*\]', '', query)
    words = re.findall(r'[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()(?![a-zA-Z0-9_:])', query)
    return {word for word in words
            if word not in ('and', 'or', 'unless', 'bool', 'offset', 'group_left', 'group_right', 'inf', 'NaN', 'e')
            and not re.fullmatch(r'[smhdwy]|e\d*', word)}
