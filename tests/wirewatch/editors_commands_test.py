#!/usr/bin/env python3
"""check, explain and backtest as an editor uses them.

    editors_commands_test.py PROGRAM
"""

import json
import os
import re
import subprocess
import sys
import tempfile

program = sys.argv[1]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def run(*arguments, profiles=None, status=0):
    command = [program, *arguments]
    if profiles:
        command += ['--set', 'profiles.directory=' + profiles]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    expect(done.returncode == status, '%s: status %d, not %d:\n%s' % (arguments, done.returncode, status, done.stdout))
    return done.stdout


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def beat(query):
    return 'title = "A beat"\nquery = "%s"\n' % query


def articles(folder, name, *headlines):
    return write(os.path.join(folder, name), ''.join(
        json.dumps({'uri': 'urn:test:%d' % i, 'title': headline, 'text': 'Some text.',
                    'published_at': '2026-11-%02dT12:00:00Z' % (i % 28 + 1)}) + '\n'
        for i, headline in enumerate(headlines)))


def test_check(folder):
    shipped = run('check', '--strict')
    expect('profiles are valid' in shipped and '[' not in shipped, 'the shipped beats have doubts:\n' + shipped)

    write(os.path.join(folder, 'unanchored.toml'), beat('NOT flood'))
    write(os.path.join(folder, 'contradictory.toml'), beat('korea AND NOT korea'))
    wide = write(os.path.join(folder, 'wide.toml'), beat('headline:japan'))
    write(os.path.join(folder, 'narrow.toml'), beat('headline:japan AND quake'))
    told = run('check', profiles=folder)
    for name, code in (('unanchored', 'unanchored'), ('unanchored', 'over-broad'), ('contradictory', 'contradictory'),
                       ('narrow', 'subsumed'), ('wide', 'too-few-examples')):
        expect(re.search(r'/%s\.toml:\d+:\d+: .*\[%s\]' % (name, code), told), 'no %s for %s:\n%s' % (code, name, told))
    run('check', '--strict', profiles=folder, status=3)

    sample = articles(folder, 'sample.ndjson', *['Japan votes' if i % 4 == 0 else 'Rain' for i in range(200)])
    told = run('check', '--sample', sample, profiles=folder)
    expect(re.search(r'wide\.toml:2:\d+: it matches 50 of 200 articles of the sample', told), told)
    expect(len(re.findall(r'\[over-broad\]', told)) == 2, 'the sample, and no estimate, says what is over-broad:\n' + told)
    few = articles(folder, 'few.ndjson', *['Japan votes'] * 99)
    told = run('check', '--sample', few, profiles=folder)
    expect('of the sample' not in told and re.search(r'/unanchored\.toml:.*\[over-broad\]', told),
           'of few articles the estimate is better:\n' + told)
    run('check', '--sample', os.path.join(folder, 'absent.ndjson'), profiles=folder, status=1)
    run('check', '--set', 'profiles.sample=' + sample, profiles=folder)
    run('check', '--set', 'profiles.sample=' + os.path.join(folder, 'absent.ndjson'), profiles=folder, status=78)

    for query, cure in (('region:XX', 'XX'), ('topic:polotics', 'politics'), ('/(/', 'close the group'), ('(korea', ')')):
        write(wide, beat(query))
        told = run('check', profiles=folder, status=78)
        expect(re.search(r'wide\.toml:2:\d+: ', told) and cure in told, '%s: %s' % (query, told))


def test_explain(folder):
    write(os.path.join(folder, 'beat.toml'), beat('missile NEAR/2 korea AND region:KP'))
    told = run('explain', 'beat', articles(folder, 'one.ndjson', 'A missile of a kind that nobody in Korea knew'),
               profiles=folder)
    expect('beat does not match' in told and 'the nearest are 6 words apart' in told, told)
    expect('region:KP' in told and 'about' in told, told)


def test_backtest(folder):
    write(os.path.join(folder, 'beat.toml'), beat('headline:korea'))
    archive = articles(folder, 'archive.ndjson', 'Korea votes', 'Korea and Japan talk', 'Japan votes', 'Rain', 'Sun')
    with open(archive, 'a', encoding='utf-8') as file:
        file.write('{broken\n')
    changed = write(os.path.join(folder, 'changed', 'beat.toml'), beat('headline:japan'))
    told = run('backtest', changed, archive, profiles=folder)
    expect('+ Japan votes  (urn:test:2)\n    because: Japan (headline)' in told, told)
    expect('- Korea votes  (urn:test:0)\n    matched by: Korea (headline)' in told, told)
    expect('Korea and Japan' not in told, told)
    expect(re.search(r'5 articles, 1 unreadable, \d+ articles/s', told), told)
    expect('beat: 2 alerts, running version 2; 1 gained, 1 lost' in told, told)
    expect('0.5 alerts a day over 4.0 days, before 0.5' in told, told)
    told = run('backtest', '--show', '1', changed, archive, profiles=folder)
    expect('… 1 more' in told and '+ ' not in told, told)

    new = write(os.path.join(folder, 'changed', 'new.toml'), beat('headline:(rain OR sun)'))
    told = run('backtest', new, archive, profiles=folder)
    expect('no version is running; 2 gained, 0 lost' in told, told)
    bad = write(os.path.join(folder, 'changed', 'bad.toml'), beat('(rain'))
    run('backtest', bad, archive, profiles=folder, status=78)
    run('backtest', new, os.path.join(folder, 'absent.ndjson'), profiles=folder, status=1)


def test_backtest_of_a_topic(folder):
    """The embedded broker of `up`, which has the sample news on its topic of raw articles."""
    write(os.path.join(folder, 'beat.toml'), beat('headline:earthquake'))
    changed = write(os.path.join(folder, 'changed', 'beat.toml'), beat('headline:(earthquake OR minister OR quake OR seísmo)'))
    with subprocess.Popen([program, 'up', '--set', 'http.port=0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as up:
        try:
            text = ''
            while not (found := re.search(r'-b (127\.0\.0\.1:\d+)', text)):
                line = up.stdout.readline()
                if not line:
                    break
                text += line
            while 'ALERT' not in text:  # By then the sample is on its topic.
                line = up.stdout.readline()
                if not line:
                    break
                text += line
            broker = 'kafka.brokers=' + found.group(1)

            def replay(*more, status=0):
                return run('backtest', changed, '--topic', '--set', broker, *more, profiles=folder, status=status)

            told = replay()
            whole = re.search(r'(\d+) articles, (\d+) unreadable, \d+ articles/s', told)
            expect(whole and int(whole.group(1)) > 50, told)
            expect(re.search(r'beat: \d+ alerts, running version \d+; [1-9]\d* gained, 0 lost', told), told)
            told = replay('--from', '1', '--to', '3')
            part = re.search(r'(\d+) articles, (\d+) unreadable', told)
            expect(part and 0 < int(part.group(1)) + int(part.group(2)) < int(whole.group(1)), told)
            told = replay('--from', '1000000')
            expect('0 articles, 0 unreadable' in told, told)
            told = replay('--from', 'yesterday', status=2)
            expect('neither an offset nor a time' in told, told)
        finally:
            up.terminate()
    run('backtest', changed, profiles=folder, status=2)
    run('backtest', changed, '--topic', profiles=folder, status=2)


for test in (test_check, test_explain, test_backtest, test_backtest_of_a_topic):
    with tempfile.TemporaryDirectory() as temporary:
        os.mkdir(os.path.join(temporary, 'changed'))
        test(temporary)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
