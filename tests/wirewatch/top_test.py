#!/usr/bin/env python3
"""Holds what `wirewatch top` shows against the /metrics of a running `wirewatch up`.

    top_test.py PROGRAM

One picture has the rate at which the sample is fed, and what was alerted; without --once pictures follow each other until SIGTERM; an address
where nothing answers is named, and ends --once with 1 where no other answers.
"""

import http.server
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

program = sys.argv[1]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def top(*arguments):
    done = subprocess.run([program, 'top', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def counter(url, name):
    text = urllib.request.urlopen(url, timeout=10).read().decode()
    return sum(float(value) for value in re.findall(r'^%s\{.*\} (\S+)$' % name, text, re.M))


def picture(url):
    before = counter(url, 'wirewatch_articles_total')
    began = time.monotonic()
    status, out, errors = top('--once', '--every', '4', url)
    rate = (counter(url, 'wirewatch_articles_total') - before) / (time.monotonic() - began)
    expect(status == 0, '--once ends with %d: %s' % (status, errors))
    address = url.split('/')[2]
    row = re.search(r'^%s +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\d+) +\d+ kB +(\S+) +\d+ MB$' % re.escape(address), out, re.M)
    expect(row, 'there is no row of the service: ' + out)
    if not row:
        return
    articles, _, alerts, p50, p99 = (float(value) for value in row.groups()[:5])
    expect(rate / 2 < articles < rate * 2, '%s articles a second are shown, %.1f were there' % (articles, rate))
    expect(alerts > 0 and 0 < p50 <= p99, 'alerts or times are wrong: ' + row.group(0))
    expect(re.search(r'^in the last [34] s$', out, re.M), 'it does not say of which time: ' + out)
    expect(re.search(r'^north-korea +[1-9]\d* +[A-Z]{2} \S', out, re.M), 'neither profiles nor countries are listed: ' + out)


def follows(url):
    watcher = subprocess.Popen([program, 'top', '--every', '0.3', url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        headings = 0
        while headings < 3:
            line = watcher.stdout.readline()
            expect('\033' not in line, 'what is no terminal gets its control codes')
            headings += line.lstrip().startswith('articles/s')
            if not line:
                break
        expect(headings == 3, 'pictures do not follow each other')
    finally:
        watcher.send_signal(signal.SIGTERM)
        watcher.stdout.read()
        expect(watcher.wait(30) == 0, 'SIGTERM ends it with %s' % watcher.returncode)


def refusals(url):
    nobody = '127.0.0.1:%d' % free_port()
    status, out, _ = top('--once', '--every', '0.1', nobody)
    expect(status == 1 and 'nothing answers at %s: Connection refused' % nobody in out, 'nobody there: %d, %s' % (status, out))
    status, out, _ = top('--once', '--every', '0.1', nobody, url)
    expect(status == 0 and nobody in out, 'one of two: %d, %s' % (status, out))
    _, out, _ = top('--once', '--every', '0.1', '::1', '[::1]', '[::1]:9', '--set', 'http.port=%s' % nobody.split(':')[1])
    expect([re.search(r'\[::1\]:\d+', line).group(0) for line in out.splitlines()[1:4]] == ['[::1]:' + nobody.split(':')[1]] * 2 + ['[::1]:9'],
           'addresses of IPv6 are misread: ' + out)
    other = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)  # Speaks HTTP/1.0, and knows no GET.
    threading.Thread(target=other.serve_forever, daemon=True).start()
    status, out, _ = top('--once', '--every', '0.1', '127.0.0.1:%d' % other.server_port)
    other.shutdown()
    expect(status == 1 and '/metrics answers with status 501' in out, 'another service: %d, %s' % (status, out))
    for arguments, words in ((('enricher-0:metrics',), 'is no address, e.g. enricher-0:9464'), (('--every', '0'), '--every')):
        status, _, errors = top('--once', *arguments)
        expect(status == 2 and words in errors, '%s: %d, %s' % (arguments, status, errors))


with tempfile.NamedTemporaryFile() as log:
    port = free_port()
    up = subprocess.Popen([program, 'up', '--set', 'http.port=%d' % port, '--set', 'embedded.articles_per_s=50'], stdin=subprocess.DEVNULL,
                          stdout=log, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while b'\nALERT ' not in open(log.name, 'rb').read():
            assert up.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)
        metrics = 'http://127.0.0.1:%d/metrics' % port
        picture(metrics)
        follows(metrics)
        refusals(metrics)
    finally:
        up.terminate()
        up.wait(60)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
