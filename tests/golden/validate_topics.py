#!/usr/bin/env python3
"""Holds what `wirewatch up` publishes, values and headers, against deploy/schemas, and the schemas against what they should tell.

    validate_topics.py PROGRAM SOURCE_TREE

Alerts, enriched events and dead letters of the sample news, read with kcat, must be valid by the schemas and by the headers of
asyncapi.yaml; every member that a schema knows has a description; and all examples are valid. Ends with 77 where kcat,
python3-jsonschema or python3-yaml is absent.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
try:
    import jsonschema
    import yaml
except ImportError as missing:
    print('skipped: %s' % missing)
    sys.exit(SKIPPED)
if not shutil.which('kcat'):
    print('skipped: kcat is not installed')
    sys.exit(SKIPPED)

program, root = sys.argv[1:3]
folder = os.path.join(root, 'deploy', 'schemas')
failures = []


def load(*path):
    with open(os.path.join(folder, *path), encoding='utf-8') as file:
        return yaml.safe_load(file) if path[-1].endswith('.yaml') else json.load(file)


def validator(schema):
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


asyncapi = load('asyncapi.yaml')
ninjs = validator(load('third_party', 'ninjs-schema_3.1.json'))
schemas = {name: load(name) for name in ('enriched-event.schema.json', 'alert.schema.json')}


def check(what, instance, schema):
    for error in validator(schema).iter_errors(instance):
        failures.append('%s: %s at %s' % (what, error.message[:200], list(error.absolute_path)))


def check_value(what, value, name):
    check(what, value, schemas[name])
    if name.startswith('enriched'):
        failures.extend('%s: %s' % (what, error.message[:200]) for error in ninjs.iter_errors(value['article']))


def check_descriptions(what, schema):
    for name, member in schema.get('properties', {}).items():
        if not member.get('description', '').strip():
            failures.append('%s.%s has no description' % (what, name))
        check_descriptions('%s.%s' % (what, name), member)
    if 'items' in schema:
        check_descriptions(what + '[]', schema['items'])


def headers_of(message):
    return asyncapi['components']['schemas'][message['headers']['$ref'].rpartition('/')[2]]


def check_documents():
    for name, schema in schemas.items():
        check_descriptions(name, schema)
        if not schema.get('examples'):
            failures.append(name + ' has no example')
        for example in schema.get('examples', []):
            check_value('the example of ' + name, example, name)
    for name, schema in asyncapi['components']['schemas'].items():
        check_descriptions(name, schema)
    for name, message in asyncapi['components']['messages'].items():
        for example in message.get('examples', []):
            if 'headers' in example:
                check('the example of the message ' + name, example['headers'], headers_of(message))


def read(brokers, topic, count):
    """That many records of a topic, or what has come within a minute."""
    run = subprocess.run(['timeout', '60', 'kcat', '-C', '-q', '-b', brokers, '-t', topic, '-o', 'beginning', '-c', str(count), '-J'],
                         stdout=subprocess.PIPE, check=False)
    records = [json.loads(line) for line in run.stdout.decode('utf-8', 'replace').splitlines()]
    if len(records) < count:
        failures.append('%s: only %d records' % (topic, len(records)))
    for record in records:
        headers = record.get('headers', [])
        record['headers'] = dict(zip(headers[::2], headers[1::2]))
    return records


def check_topics(brokers):
    messages = asyncapi['components']['messages']
    last = None
    for record in read(brokers, 'alerts.matched', 60):
        last = json.loads(record['payload'])
        check_value('an alert', last, 'alert.schema.json')
        check("an alert's headers", record['headers'], headers_of(messages['alert']))
        if record['headers'].get('ce_id') != last['id'] or record['key'] != last['profile']['id']:
            failures.append('an alert has another id or key than its record')
    for record in read(brokers, 'articles.enriched', 100):
        value = json.loads(record['payload'])
        check_value('an event', value, 'enriched-event.schema.json')
        check("an event's headers", record['headers'], headers_of(messages['enriched']))
        if record['key'] != value['article']['uri'] or record['headers'].get('ce_subject') != record['key']:
            failures.append('an event has another key or subject than its uri')
    for record in read(brokers, 'articles.dead', 5):
        check("a dead letter's headers", record['headers'], headers_of(messages['deadLetter']))
    # A schema that accepts anything proves nothing.
    for change in (lambda a: a.update(foreign=1), lambda a: a.pop('rules'), lambda a: a['article'].update(urgency=0),
                   lambda a: a['profile'].update(level='loud')):
        wrong = copy.deepcopy(last)
        change(wrong)
        if validator(schemas['alert.schema.json']).is_valid(wrong):
            failures.append('the schema accepts a wrong alert')


check_documents()
with tempfile.NamedTemporaryFile('w+') as log, subprocess.Popen(
        [program, 'up', '--set', 'http.enabled=false', '--set', 'embedded.articles_per_s=200'], stdout=log, stderr=log) as up:
    try:
        deadline = time.monotonic() + 60
        brokers = None
        while not brokers and time.monotonic() < deadline and up.poll() is None:
            time.sleep(0.1)
            with open(log.name, encoding='utf-8') as file:
                brokers = re.search(r'kcat -C -b (\S+) ', file.read())
        if brokers:
            check_topics(brokers.group(1))
        else:
            failures.append('the broker did not start')
    finally:
        up.terminate()
        up.wait(60)
for failure in dict.fromkeys(failures):
    print('FAILED: ' + failure)
print('%d failures' % len(failures) if failures else 'all valid')
sys.exit(1 if failures else 0)
