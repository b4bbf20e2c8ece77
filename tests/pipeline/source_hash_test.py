#!/usr/bin/env python3
"""Holds the program's part of a rule set's version against the sources that it is made of.

    source_hash_test.py CMAKE SOURCE_DIR LITERAL

LITERAL is the built engine_rules.inc; LITERAL.sources beside it lists the files.
"""

import os
import subprocess
import sys
import tempfile

cmake, root, literal = sys.argv[1:]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def hashed(files, base):
    """What cmake/hash_files.cmake makes of these files below base."""
    with tempfile.TemporaryDirectory() as work:
        names, output = os.path.join(work, 'names'), os.path.join(work, 'output')
        with open(names, 'w', encoding='utf-8') as file:
            file.write('\n'.join(files) + '\n')
        subprocess.run([cmake, '-DFILES=' + names, '-DROOT=' + base, '-DOUTPUT=' + output,
                        '-P', os.path.join(root, 'cmake/hash_files.cmake')], check=True, timeout=60)
        with open(output, encoding='utf-8') as file:
            return file.read()


with open(literal + '.sources', encoding='utf-8') as file:
    sources = file.read().split()
with open(literal, encoding='utf-8') as file:
    built = file.read()

modules = {os.path.basename(os.path.dirname(source)) for source in sources}
for module in ('article', 'base', 'event', 'gazetteer', 'lexicon', 'pipeline', 'profile', 'region', 'text', 'topic'):
    expect(module in modules, 'sources of %s are not in the hash' % module)
    folder = os.path.join(root, 'common', module)
    for name in os.listdir(folder):
        if name.endswith(('.cc', '.h', '.inc')):
            expect(os.path.join(folder, name) in sources, '%s/%s is not in the hash' % (module, name))
expect(not modules & {'kafka', 'http', 'config', 'telemetry', 'tools'}, 'what decides no outcome is in the hash: %s' % modules)
expect(hashed(sources, root) == built, 'the built hash %s is not that of the sources' % built.strip())

with tempfile.TemporaryDirectory() as work:
    one, two = os.path.join(work, 'one.cc'), os.path.join(work, 'two.cc')
    for name in (one, two):
        with open(name, 'w', encoding='utf-8') as file:
            file.write('int a;\n')
    before = hashed([one, two], work)
    expect(hashed([one, two], work) == before, 'equal files have different hashes')
    expect(hashed([one], work) != before, 'a file less changes nothing')
    with open(two, 'w', encoding='utf-8') as file:
        file.write('int b;\n')
    expect(hashed([one, two], work) != before, 'a changed file changes nothing')

for failure in failures:
    print('FAILED: ' + failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
