#!/usr/bin/env python3
"""Wirewatch against a Kafka that requires TLS, certificates, passwords or tokens.

    security_test.py PROGRAM SOURCE_TREE

deploy/kafka.sh starts a broker whose listeners each require one of them, with keys made for it.

1. By each of them the sample's English news goes through an enricher, at least once and, by tokens, exactly once.
2. With wrong ones an enricher stays alive, is not ready, says why, and works as soon as they are right.
3. Tokens are renewed while it runs; while there is none it says so and goes on when there is; the broker's
   certificate changes and its connections break off without a farewell, and nothing is lost.
4. No secret stands in a log, an error, /metrics or the dump of the configuration.

Ends with 77 (skipped) where Kafka cannot be had, unless WIREWATCH_REQUIRE_KAFKA is set.
"""

import base64
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

program, root = sys.argv[1:3]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from real_kafka import RealKafka  # pylint: disable=wrong-import-position

failures = []


def expect(condition, message):
    if not condition:
        print('FAILED: ' + message)
        failures.append(message)


def await_(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False


def token(seconds, subject='desk'):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip('=')
    now = time.time()
    return '%s.%s.' % (part({'alg': 'none'}), part({'sub': subject, 'iat': now - 1, 'exp': now + seconds}))


class Enricher:
    """A running enricher with these properties of the Kafka client, of topics and a group of its own."""
    all = []

    def __init__(self, name, brokers, properties, delivery='at_least_once'):
        self.name, self.topic = name, 'of.' + name
        self.log_path = os.path.join(work, name + '.log')
        self.port = None
        environment = {**os.environ, 'WIREWATCH_KAFKA__BROKERS': brokers, 'WIREWATCH_HTTP__PORT': '0',
                       'WIREWATCH_KAFKA__TOPIC_RAW': 'news', 'WIREWATCH_KAFKA__TOPIC_ENRICHED': self.topic,
                       'WIREWATCH_KAFKA__GROUP_ID': name, 'WIREWATCH_KAFKA__DELIVERY': delivery,
                       'WIREWATCH_KAFKA__INSTANCE_ID': 'desk-1', 'WIREWATCH_KAFKA__PARTITIONS': '2'}
        for key, value in properties.items():
            environment['WIREWATCH_KAFKA__PROPERTIES__' + key.upper().replace('.', '_')] = value
        self.dump = subprocess.run([program, 'config', 'dump'], env=environment, capture_output=True, text=True, check=True).stdout
        with open(self.log_path, 'w', encoding='utf-8') as log:
            self.child = subprocess.Popen([program, 'run', 'enricher'], env=environment, stdout=log, stderr=log)
        Enricher.all.append(self)

    def log(self):
        with open(self.log_path, encoding='utf-8') as log:
            return log.read()

    def get(self, path):
        """Status and body; (0, '') while it does not answer."""
        if self.port is None:
            at = self.log().find('health at http://127.0.0.1:')
            if at < 0:
                return 0, ''
            self.port = int(self.log()[at:].split(':')[2].split('/')[0])
        try:
            with urllib.request.urlopen('http://127.0.0.1:%d%s' % (self.port, path), timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ''

    def ready(self):
        return self.get('/readyz')[0] == 200

    def waits(self):
        status, body = self.get('/readyz')
        return status == 503 and body.startswith('waiting')

    def end(self):
        self.metrics = self.get('/metrics')[1]
        if self.child.poll() is not None:
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            expect(self.child.wait(40) == 0, '%s: SIGTERM ended with %s' % (self.name, self.child.returncode))
        except subprocess.TimeoutExpired:
            self.child.kill()
            expect(False, self.name + ': SIGTERM does not end it')


def count(topic):
    """How often each article is in a topic, as readers of committed records see it."""
    return collections.Counter(json.loads(value)['article']['uri'] for _, value in kafka.read(topic))


def right(secure):
    """Properties for each listener."""
    tls = {'security.protocol': 'SSL', 'ssl.ca.location': secure + '/ca.pem'}
    sasl = {**tls, 'security.protocol': 'SASL_SSL', 'sasl.username': 'desk', 'sasl.password.file': secure + '/password'}
    return {
        'TLS': tls,
        'MTLS': {**tls, 'ssl.certificate.location': secure + '/client.pem', 'ssl.key.location': secure + '/client.key'},
        'PLAIN': {**sasl, 'sasl.mechanism': 'PLAIN'},
        'SCRAM': {**sasl, 'sasl.mechanism': 'SCRAM-SHA-512'},
        'OAUTH': {**tls, 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'OAUTHBEARER',
                  'sasl.oauthbearer.token.command': 'cat %s/token && date >> %s/renewals' % (work, work)},
    }


def write(name, text):
    path = os.path.join(work, name)
    with open(path + '.new', 'w', encoding='utf-8') as file:
        file.write(text)
    os.rename(path + '.new', path)
    return path


class Issuer(threading.Thread):
    """Keeps a token of eight seconds in a file, unless it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.issuing = True
        write('token', token(8))
        self.start()

    def run(self):
        while True:
            if self.issuing:
                write('token', token(8))
            time.sleep(1)

    def stop(self):
        self.issuing = False
        time.sleep(1.5)
        os.remove(os.path.join(work, 'token'))


def wrong_ones(good, endpoints):
    """By name: the listener, properties with a mistake, and what must be said of it."""
    bad = write('bad-password', 'Tr0ub4dor&3\n')
    return {
        'bad-plain': ('PLAIN', {**good['PLAIN'], 'sasl.password.file': bad}, 'refuses the credentials'),
        'bad-scram': ('SCRAM', {**good['SCRAM'], 'sasl.password.file': bad},
                      'refuses the credentials' if knows_scram else 'takes SCRAM from librdkafka 2.6.1 on only'),
        'bad-token': ('OAUTH', {**good['OAUTH'], 'sasl.oauthbearer.token.command': 'echo Tr0ub4dor-token >&2; exit 3'},
                      'ended with status 3'),
        'old-token': ('OAUTH', {**good['OAUTH'], 'sasl.oauthbearer.token.command': 'printf %s ' + token(-60)}, 'has expired'),
        'no-authority': ('TLS', {'security.protocol': 'SSL'}, 'certificate verify failed'),
        'no-certificate': ('MTLS', good['TLS'], 'no broker answers'),
        'no-tls': ('TLS', {}, 'no broker answers'),
    }


def check_wrong_ones(good, endpoints):
    wrong = {name: (Enricher(name, endpoints[listener], properties), said)
             for name, (listener, properties, said) in wrong_ones(good, endpoints).items()}
    for name, (enricher, said) in wrong.items():
        expect(await_(lambda e=enricher: e.waits() and 'trying again' in e.log(), 90), name + ': does not wait, or says nothing')
        expect(said in enricher.log(), '%s: its log does not say "%s":\n%s' % (name, said, enricher.log()))
    time.sleep(6)  # Beyond the next attempt.
    for name, (enricher, _) in wrong.items():
        expect(enricher.child.poll() is None, name + ': ended')
        expect(enricher.waits(), name + ': /readyz says ' + str(enricher.get('/readyz')))
        expect(enricher.get('/livez')[0] == 200, name + ': /livez fails, so that it would be started again')
        expect(re.search(r'^wirewatch_waiting\{fault="\w+"\} 1$', enricher.get('/metrics')[1], re.M), name + ': no metric tells')
    # The right password makes it work, without a restart.
    shutil.copy(os.path.join(work, 'secure', 'password'), os.path.join(work, 'bad-password'))
    for name in ('bad-plain', 'bad-scram') if knows_scram else ('bad-plain',):
        expect(await_(wrong[name][0].ready), name + ': does not become ready with the right password')
    for enricher, _ in wrong.values():
        enricher.end()
    # What no waiting cures ends at once and says which property.
    for properties, said in (({'sasl.password.file': '/nowhere/password'}, '/nowhere/password'),
                             ({'sasl.mechanism': 'NONE-SUCH', 'security.protocol': 'SASL_SSL'}, 'NONE-SUCH')):
        enricher = Enricher('wrong-property', endpoints['PLAIN'], properties)
        expect(await_(lambda e=enricher: e.child.poll() is not None, 30) and enricher.child.returncode == 78,
               'a wrong property ended with %s' % enricher.child.returncode)
        expect(said in enricher.log(), 'its log does not say ' + said)
        enricher.end()


def check_changes(running, issuer, broker_pid):
    """Tokens run out and are renewed; then there is none; then the certificate changes."""
    oauth = running['OAUTH']
    with open(os.path.join(work, 'renewals'), encoding='utf-8') as file:
        before = len(file.readlines())
    news = [json.dumps({'uri': 'new:%d' % i, 'title': 'Quake', 'text': 'A strong earthquake shook Chile.'}).encode() for i in range(90)]
    for i in range(20):
        kafka.send('news', news[2 * i:2 * i + 2])
        time.sleep(1)
    with open(os.path.join(work, 'renewals'), encoding='utf-8') as file:
        expect(len(file.readlines()) - before >= 2, 'tokens of eight seconds were not renewed in twenty')
    expect(oauth.ready(), 'while tokens are renewed /readyz says ' + str(oauth.get('/readyz')))
    issuer.stop()
    expect(await_(oauth.waits, 90), 'without a token /readyz says ' + str(oauth.get('/readyz')))
    expect(oauth.child.poll() is None and oauth.get('/livez')[0] == 200, 'without a token it ended')
    expect(await_(lambda: 'gave no token: it ended with status 1' in oauth.log()), 'nothing says that the command fails')
    issuer.issuing = True
    subprocess.run([kafka.script, 'certificate', work], check=True)
    os.kill(broker_pid, signal.SIGKILL)  # Connections end without TLS's farewell.
    await_(lambda: not os.path.exists('/proc/%d' % broker_pid))
    expect(subprocess.run([kafka.script, 'restart', '1', work], check=False).returncode == 0, 'the broker did not start again')
    kafka.send('news', news[40:])
    return {'new:%d' % i for i in range(len(news))}


def main():
    endpoints = dict(line.split() for line in open(os.path.join(work, 'secure', 'endpoints'), encoding='utf-8'))
    with open(os.path.join(work, 'broker-1.pid'), encoding='utf-8') as file:
        broker_pid = int(file.read())
    with open(os.path.join(root, 'deploy', 'sample-news', '01-english.ndjson'), 'rb') as file:
        news = file.read().splitlines()
    issuer = Issuer()
    good = right(os.path.join(work, 'secure'))
    running = {name: Enricher(name.lower(), endpoints[name], properties, 'exactly_once' if name == 'OAUTH' else 'at_least_once')
               for name, properties in good.items() if knows_scram or name != 'SCRAM'}
    for name, enricher in running.items():
        expect(await_(enricher.ready, 90), '%s is not ready:\n%s' % (name, enricher.log()))
    kafka.send('news', news)
    sent = {json.loads(line)['uri'] for line in news if b'"uri"' in line}
    for enricher in running.values():
        expect(await_(lambda e=enricher: len(count(e.topic)) >= len(news)), enricher.name + ': the news did not come through')
    sent |= set(count(running['TLS'].topic))
    sent |= check_changes(running, issuer, broker_pid)
    for enricher in running.values():
        expect(await_(lambda e=enricher: sent <= set(count(e.topic))),
               '%s lost %s' % (enricher.name, sorted(sent - set(count(enricher.topic)))[:5]))
        expect(await_(enricher.ready), enricher.name + ' is not ready in the end:\n' + enricher.log()[-2000:])
        enricher.end()
    twice = [uri for uri, times in count(running['OAUTH'].topic).items() if times > 1]
    expect(not twice, 'exactly once, and twice: %s' % twice[:5])
    check_wrong_ones(good, endpoints)
    with open(os.path.join(work, 'secure', 'password'), encoding='utf-8') as file:
        secrets = [file.read().strip(), 'Tr0ub4dor&3', 'eyJ']  # The last begins every token.
    given = Enricher('given', endpoints['PLAIN'], {**good['PLAIN'], 'sasl.password': secrets[0], 'ssl.key.pem': secrets[0]})
    await_(lambda: given.child.poll() is not None, 10)
    given.end()
    for enricher in Enricher.all:
        for place, text in (('its log', enricher.log()), ('/metrics', enricher.metrics), ('the dump', enricher.dump)):
            for secret in secrets:
                expect(secret not in text, '%s: %s shows a secret' % (enricher.name, place))
    expect('sasl.password.file' in running['PLAIN'].dump and '"***"' in given.dump, 'the dump hides too much or too little')


# Kafka from 3.7.2 on refuses the SCRAM of older ones.
library = subprocess.run([program, 'version'], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
knows_scram = [int(part) for part in library.split('.')[:3]] >= [2, 6, 1]
with RealKafka(root, 'secure', needs=('kcat', 'openssl')) as kafka:
    work = kafka.directory
    try:
        main()
    finally:
        for one in Enricher.all:
            if one.child.poll() is None:
                one.child.kill()
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
