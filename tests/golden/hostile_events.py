#!/usr/bin/env python3
"""Articles whose fields have any shape: whatever comes, what goes out is valid by the schemas.

    hostile_events.py PROGRAM SOURCE_TREE

Fields of ninjs are made from its own schema, now and then with another type or value than it allows, and put into the sample's articles.
Each becomes a dead letter or an event whose `article` is a valid ninjs 3.1 document, uris included, and that is valid by our schema. The
same articles on every run. Ends with 77 where python3-jsonschema is absent.
"""

import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print('python3-jsonschema is not installed: skipped')
    sys.exit(77)

program, root = sys.argv[1], sys.argv[2]
COUNT = 1000
GEOJSON = 'https://geojson.org/schema/GeoJSON.json#'  # Of somebody else; anything is taken for it here.
chance = random.Random(20261126)


def load(*path):
    with open(os.path.join(root, 'deploy', 'schemas', *path), encoding='utf-8') as file:
        return json.loads(file.read().replace(GEOJSON, '#/$defs/geoJSON'))


ninjs_schema = load('third_party', 'ninjs-schema_3.1.json')
ninjs_schema['$defs']['geoJSON'] = {}
formats = jsonschema.FormatChecker()


@formats.checks('uri')
def is_uri(value):
    character = r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
    return not isinstance(value, str) or re.fullmatch('[A-Za-z][A-Za-z0-9+.-]*:' + character + '*', value) is not None


def resolved(schema):
    """Without references at its top, all alternatives as one."""
    while '$ref' in schema:
        schema = {**ninjs_schema['$defs'][schema['$ref'].rpartition('/')[2]], **{k: v for k, v in schema.items() if k != '$ref'}}
    for kind in ('allOf', 'anyOf', 'oneOf'):
        for part in map(resolved, schema.get(kind, [])):
            schema = {**schema, **part, 'properties': {**schema.get('properties', {}), **part.get('properties', {})}}
    return schema


def anything(depth=0):
    plain = (None, True, 0, -1, 3.7, 1e300, '', 'x', 'http://a b/', '2026-13-45T99:00:00Z', 'urn:x', [], {})
    if depth > 1 or chance.random() < 0.7:
        return chance.choice(plain)
    if chance.random() < 0.5:
        return [anything(depth + 1) for _ in range(chance.randrange(3))]
    names = ('uri', 'name', 'value', 'rel', 'role', 'contentType', 'x', 'confidence', 'relevance', 'creator', 'href', 'headline')
    return {chance.choice(names): anything(depth + 1) for _ in range(chance.randrange(4))}


def made(schema, depth=0):
    schema = resolved(schema)
    if depth > 6 or chance.random() < 0.12:
        return anything()
    if 'enum' in schema:
        return chance.choice(schema['enum'] + ['bogus'])
    kind = schema.get('type')
    if kind == 'object' or schema.get('properties'):
        return {name: made(part, depth + 1) for name, part in schema.get('properties', {}).items() if chance.random() < 0.5}
    if kind == 'array':
        return [made(schema.get('items', {}), depth + 1) for _ in range(chance.randrange(3))]
    if kind == 'string':
        return chance.choice(('text', 'http://example.org/x', '2026-11-20T10:00:00Z', 'en', '2026-11-20', 'ZZ', '1', 'usable', 'text/html'))
    if kind in ('number', 'integer'):
        return chance.choice((0, 1, 5, 9, 10, -3, 101, 2.5))
    return chance.random() < 0.5 if kind == 'boolean' else anything()


def articles():
    for path in sorted(glob.glob(os.path.join(root, 'deploy', 'sample-news', '[0-9]*.ndjson'))):
        with open(path, 'rb') as file:
            for line in file:
                try:
                    article = json.loads(line)
                except (ValueError, RecursionError):  # The sample has such, too.
                    continue
                if isinstance(article, dict):
                    yield article


sample = list(articles())
properties = resolved({'$ref': ninjs_schema['$ref']})['properties']
messages = []
for _ in range(COUNT):
    message = dict(chance.choice(sample))
    for name in chance.sample(sorted(properties), chance.randrange(1, 6)):
        message[name] = made(properties[name])
    if chance.random() < 0.3:
        message[chance.choice(list(message))] = anything()
    messages.append(json.dumps(message))
with tempfile.NamedTemporaryFile('w', suffix='.ndjson') as written:
    written.write('\n'.join(messages) + '\n')
    written.flush()
    run = subprocess.run([program, 'classify', '--json', written.name], stdout=subprocess.PIPE, check=True)
events = [json.loads(line) for line in run.stdout.decode('utf-8').splitlines()]
failures = [] if len(events) == COUNT else ['%d lines for %d messages' % (len(events), COUNT)]
validators = {'ninjs': jsonschema.Draft202012Validator(ninjs_schema, format_checker=formats),
              'event': jsonschema.Draft202012Validator(load('enriched-event.schema.json'), format_checker=formats)}
good = [(message, event) for message, event in zip(messages, events) if 'dead' not in event]
for message, event in good:
    for kind, instance in (('ninjs', event['article']), ('event', event)):
        failures.extend('%s: %s at %s, of %s' % (kind, error.message[:200], list(error.absolute_path), message[:1000])
                        for error in validators[kind].iter_errors(instance))
if len(good) < COUNT / 2:
    failures.append('only %d of %d are articles' % (len(good), COUNT))
# A schema that accepts anything proves nothing.
if validators['ninjs'].is_valid({**good[0][1]['article'], 'uri': 'no uri'}) or validators['ninjs'].is_valid({**good[0][1]['article'], 'urgency': 12}):
    failures.append('the schema accepts a wrong article')
print('\n'.join(failures[:20]))
print('%d events of hostile articles, %d failures' % (len(good), len(failures)))
sys.exit(1 if failures else 0)
