#!/usr/bin/env python3
"""Tries the program where others configured it: the embedded broker with a configuration made for a real Kafka, and /metrics at
addresses of both families.

    addresses_test.py PROGRAM

`wirewatch up` names the properties of kafka.properties that it leaves out, never their values, and works. `wirewatch probe` and the
printed URL reach a service wherever it can listen, and a word that is no address ends both with a message that says so.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

program = sys.argv[1]
failures = []

FOR_A_REAL_KAFKA = '''
[kafka]
brokers = "kafka-bootstrap.kafka:9093"
[kafka.properties]
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "SCRAM-SHA-512"
"sasl.username" = "desk"
"sasl.password" = "s3cret"
"ssl.ca.location" = "/no/such/ca.pem"
"ssl.key.password.file" = "/no/such/file"
"fetch.min.bytes" = "1"
'''


def expect(condition, message):
    if not condition:
        failures.append(message)


def free_port(family, address):
    with socket.socket(family) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def trial(folder):
    path = os.path.join(folder, 'kafka.toml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(FOR_A_REAL_KAFKA)
    done = subprocess.run([program, 'up', '--once', '--config', path, '--set', 'http.enabled=false', '--set', 'embedded.articles_per_s=1000'],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    expect(done.returncode == 0, 'a configuration for a real Kafka ends it with %d: %s' % (done.returncode, done.stderr))
    expect(re.search(r'^[1-9]\d+ messages read: ', done.stdout, re.M), 'it read nothing: ' + done.stdout[-300:])
    named = re.search(r'these are not used: (.*)', done.stderr)
    expect(named and named.group(1) == 'sasl.mechanism, sasl.password, sasl.username, security.protocol, ssl.ca.location, '
           'ssl.key.password.file', 'it does not say what it leaves out: ' + done.stderr)
    expect('s3cret' not in done.stderr + done.stdout, 'it shows a password')


def listens(folder, family, address, reached):
    try:
        port = free_port(family, reached)
    except OSError:
        print('%s: this machine has no such address' % address)
        return
    at = ['--set', 'http.address=' + address, '--set', 'http.port=%d' % port]
    log = os.path.join(folder, 'up.log')
    with open(log, 'wb') as file:
        service = subprocess.Popen([program, 'up', *at], stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while (answer := subprocess.run([program, 'probe', *at], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        check=False)).returncode != 0:
            assert service.poll() is None and time.monotonic() < deadline, address + ': ' + answer.stdout + answer.stderr
            time.sleep(0.1)
        expect(answer.stdout == 'ready\n', address + ': the probe says ' + answer.stdout)
        with open(log, encoding='utf-8') as file:
            url = re.search(r'metrics  (\S+)', file.read()).group(1)
        with urllib.request.urlopen(url, timeout=10) as metrics:
            expect(b'wirewatch_ready 1' in metrics.read(), url + ' has no metrics')
    finally:
        service.terminate()
        try:
            service.wait(30)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()
    expect(subprocess.run([program, 'probe', *at], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 1,
           address + ': the probe succeeds when nobody listens')


def words():
    for command in (['probe'], ['up', '--once']):
        done = subprocess.run([program, *command, '--set', 'http.address=localhost'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False)
        expect(done.returncode == 78 and 'http.address "localhost" is no IP address' in done.stdout,
               '%s: %d, %s' % (command, done.returncode, done.stdout[-300:]))


with tempfile.TemporaryDirectory() as temporary:
    trial(temporary)
    listens(temporary, socket.AF_INET, '0.0.0.0', '127.0.0.1')
    listens(temporary, socket.AF_INET6, '::1', '::1')
    listens(temporary, socket.AF_INET6, '::', '::1')
    words()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
