#!/usr/bin/env python3
"""Wrong arguments and sets that cannot be read are failures: a report that measures nothing must not look like success.

    arguments_test.py QUALITY
"""

import gzip
import os
import subprocess
import sys
import tempfile

quality = sys.argv[1]
failures = []


def expect(status, why, *arguments):
    done = subprocess.run([quality, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != status or why not in done.stdout + done.stderr:
        failures.append('%s: status %d, not %d:\n%s%s' % (arguments, done.returncode, status, done.stdout, done.stderr))
    return done.stderr


with tempfile.TemporaryDirectory() as folder:
    expect(2, 'regoin not in {region,names,topics', folder, '--only', 'regoin', '--floors')
    expect(2, '--part: tran not in {train,held-out,all}', folder, '--part', 'tran')
    expect(2, '--documents: ', folder, '--documents', '1k')
    expect(2, '--documents: ', folder, '--documents', '0')
    expect(2, '--only: 1 required', folder, '--only')
    expect(2, 'not expected: --floor', folder, '--floor')
    expect(2, 'File does not exist', folder, '--topic-model', os.path.join(folder, 'absent'))
    expect(0, 'Usage: wirewatch_quality', '--help')
    expect(1, 'cannot write', folder, '--salience-rows', os.path.join(folder, 'absent', 'rows.tsv'))
    expect(77, 'there are no corpora in', os.path.join(folder, 'absent'))
    told = expect(0, 'cannot open', folder, '--only', 'region')
    if 'gzip' in told:
        failures.append('gzip tells of absent sets: ' + told)
    expect(1, 'NOT THERE: cannot open', folder, '--only', 'region', '--floors')
    with open(os.path.join(folder, 'focus-country.jsonl.gz'), 'w', encoding='utf-8') as file:
        file.write('no gzip')
    expect(1, 'NOT READ: cannot read', folder, '--only', 'region')
    with gzip.open(os.path.join(folder, 'focus-country.jsonl.gz'), 'wt', encoding='utf-8') as file:
        file.write('\nno JSON\n')
    expect(1, 'focus-country.jsonl.gz:2: not a JSON object', folder, '--only', 'region')
for failure in failures:
    print('FAILED: ' + failure)
sys.exit(1 if failures else 0)
