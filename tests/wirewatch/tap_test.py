#!/usr/bin/env python3
"""Holds what `wirewatch tap` shows against what is on Kafka: the embedded broker of `wirewatch up`, which feeds its sample again and
again.

    tap_test.py PROGRAM

With --once it shows what is there and ends; without it what comes from then on, until SIGTERM. Alerts read like those of `up`.
"""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def tap(brokers, *arguments):
    done = subprocess.run([program, 'tap', *arguments] + (['--set', 'kafka.brokers=' + brokers] if brokers else []),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def shown(brokers, *arguments):
    status, out, errors = tap(brokers, *arguments)
    expect(status == 0, '%s ends with %d: %s' % (arguments, status, errors))
    return out


def alerts(brokers, output):
    status, out, errors = tap(brokers, '--once', '--json')
    expect(status == 0, '--once --json ends with %d: %s' % (status, errors))
    events = [json.loads(line) for line in out.splitlines()]
    expect(len(events) > 100, 'only %d alerts' % len(events))
    expect(not any(event['profile']['id'] == 'canary' for event in events), "the canary's alerts are shown unasked")
    text = shown(brokers, '--once')
    first = set(re.findall(r'^ALERT .*\n      because: .*$', output, re.M))
    expect(first and first <= set(re.findall(r'^ALERT .*\n      because: .*$', text, re.M)), 'alerts do not read like those of `up`')
    expect(len(re.findall('^      from: ', text, re.M)) >= len(first), 'alerts do not say where they come from')
    expect(re.search(r'^WITHDRAWN ', text, re.M), 'the killed story is not withdrawn')
    korea = shown(brokers, '--once', '--profile', 'north-korea')
    expect(korea and set(re.findall(r'\[([a-z-]+)\]', korea)) == {'north-korea'}, '--profile shows others or nothing')
    deadline = time.monotonic() + 60
    while '[canary]' not in (canary := shown(brokers, '--once', '--profile', 'canary')) and time.monotonic() < deadline:
        time.sleep(0.5)  # It sends its first article when it has found its way through the group.
    expect('[canary]' in canary, 'the canary is not shown to who asks for it')
    expect(shown(brokers, '--once', '--from', '2100-01-01') == '', 'there is something from the future')
    for bound in ('3', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())):  # While others come.
        late = shown(brokers, '--once', '--from', bound, '--json').splitlines()
        expect(len(late) < len(shown(brokers, '--once', '--json').splitlines()), '--from %s leaves nothing out' % bound)


def others(brokers):
    dead = shown(brokers, 'dead', '--once')
    for reason in ('not_an_object', 'no_text', 'invalid_utf8'):
        expect(re.search(r'^DEAD %s  articles\.raw/\d+@\d+: \S' % reason, dead, re.M), 'no dead letter says ' + reason)
    expect('{"title":"Bad byte' in dead, 'a dead letter does not show its message')
    enriched = shown(brokers, 'enriched', '--once').splitlines()
    line = next((line for line in enriched if line.startswith('Cholera outbreak spreads in Mozambique')), '')
    expect(line.split('  |  ')[1:2] == ['MZ'] and line.endswith('  |  epidemics'), 'an enriched event reads ' + line)


def follows(brokers):
    watcher = subprocess.Popen([program, 'tap', '--set', 'kafka.brokers=' + brokers], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        lines = [watcher.stdout.readline() for _ in range(3)]
        expect([re.match(pattern, line) is not None for pattern, line in
                zip(('ALERT |WITHDRAWN ', '      because: ', '      from: '), lines)] == [True] * 3, 'what comes is shown as %s' % lines)
    finally:
        watcher.send_signal(signal.SIGTERM)
        watcher.stdout.read()
        expect(watcher.wait(30) == 0, 'SIGTERM ends it with %s' % watcher.returncode)


def refusals():
    for arguments, status, words in (((), 2, 'no broker is named'), (('--from', 'yesterday'), 2, 'neither an offset nor a time'),
                                     (('dead', '--profile', 'ports'), 2, '--profile is of alerts'), (('alarms',), 2, 'alarms')):
        brokers = '' if words == 'no broker is named' else '127.0.0.1:1'
        code, _, errors = tap(brokers, *arguments)
        expect(code == status and words in errors, '%s: %d, %s' % (arguments, code, errors))
    code, _, errors = tap('127.0.0.1:1')
    expect(code == 69 and 'no broker answers at 127.0.0.1:1' in errors, 'without a broker: %d, %s' % (code, errors))


with tempfile.NamedTemporaryFile() as log:
    up = subprocess.Popen([program, 'up', '--set', 'http.enabled=false', '--set', 'embedded.articles_per_s=100',
                           '--set', 'canary.interval_ms=500'], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        output = ''
        while output.count('\nALERT ') < 130:  # The sample has fewer: it has been fed once.
            assert up.poll() is None and time.monotonic() < deadline, output[-500:]
            time.sleep(0.2)
            with open(log.name, encoding='utf-8') as file:
                output = file.read()
        address = re.search(r'kcat -C -b (\S+)', output).group(1)
        alerts(address, output[:output.rfind('\nALERT ')])
        others(address)
        follows(address)
    finally:
        up.terminate()
        up.wait(60)
refusals()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
