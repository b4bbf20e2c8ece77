#!/usr/bin/env python3
"""Holds the real output of `wirewatch classify --json` against the schemas.

    validate_events.py PROGRAM SOURCE_TREE

`article` must be a valid ninjs 3.1 document by the official schema; the event must be valid by ours;
and the schemas must refuse wrong events. Ends with 77 where python3-jsonschema is absent.
"""

import copy
import glob
import json
import os
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print('python3-jsonschema is not installed: skipped')
    sys.exit(77)

program, root = sys.argv[1], sys.argv[2]
schemas = os.path.join(root, 'deploy', 'schemas')


def load(*path):
    with open(os.path.join(schemas, *path), encoding='utf-8') as file:
        return json.load(file)


ninjs = jsonschema.Draft202012Validator(load('third_party', 'ninjs-schema_3.1.json'),
                                        format_checker=jsonschema.FormatChecker())
event_schema = jsonschema.Draft202012Validator(load('enriched-event.schema.json'))
failures = events = alerts = 0
last = None
for path in sorted(glob.glob(os.path.join(root, 'deploy', 'sample-news', '*.ndjson'))):
    if path.endswith('expected.ndjson'):
        continue
    run = subprocess.run([program, 'classify', '--json', path], capture_output=True, check=True)
    with open(path, 'rb') as file:
        count = len(file.read().splitlines())
    lines = run.stdout.decode('utf-8').splitlines()
    if len(lines) != count:
        print('%s: %d lines for %d messages' % (path, len(lines), count))
        failures += 1
    for number, line in enumerate(lines, 1):
        event = json.loads(line)
        if 'dead' in event:
            continue
        events += 1
        for kind, validator, instance in (('ninjs', ninjs, event['article']), ('event', event_schema, event)):
            for error in validator.iter_errors(instance):
                print('%s:%d: %s: %s at %s' % (path, number, kind, error.message[:200], list(error.absolute_path)))
                failures += 1
        last = event

# A schema that accepts anything proves nothing.
for change in (lambda e: e['article'].update(foreign=1), lambda e: e['article'].pop('uri')):
    wrong = copy.deepcopy(last)
    change(wrong)
    if ninjs.is_valid(wrong['article']):
        print('the ninjs schema accepts a wrong article')
        failures += 1
for change in (lambda e: e['enrichment'].update(foreign=1), lambda e: e['enrichment'].pop('rules'),
               lambda e: e['enrichment']['regions'].append({'country': 'kp'})):
    wrong = copy.deepcopy(last)
    change(wrong)
    if event_schema.is_valid(wrong):
        print('our schema accepts a wrong event')
        failures += 1
print('%d events valid' % events if failures == 0 else '%d failures' % failures)
sys.exit(1 if failures or events == 0 else 0)
