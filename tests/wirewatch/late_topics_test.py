#!/usr/bin/env python3
"""Starts enrichers that may not create topics before these are there, on the embedded broker of `wirewatch up`.

    late_topics_test.py PROGRAM

A topic that comes a little later, as those just created do on brokers that have not been told yet, is waited for; one that does not come
ends the enricher with 69 and a message that names it.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
failures = []
started = []
UNAVAILABLE = 69


def expect(condition, message):
    if not condition:
        failures.append(message)


class Logged:
    """A process, and what it has written."""

    def __init__(self, folder, name, *arguments):
        self.path = os.path.join(folder, name + '.log')
        with open(self.path, 'w', encoding='utf-8') as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([program, *arguments, '--set', 'http.enabled=false', '--set', 'log.format=text'],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        started.append(self.process)

    def text(self):
        with open(self.path, encoding='utf-8') as log:
            return log.read()

    def await_text(self, pattern):
        deadline = time.monotonic() + 60
        while not (found := re.search(pattern, self.text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit('%s has not come: %s' % (pattern, self.text()))
            time.sleep(0.05)
        return found

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def enricher(folder, name, brokers):
    return Logged(folder, name, 'run', 'enricher', '--set', 'kafka.brokers=' + brokers, '--set', 'kafka.topics_create=require',
                  '--set', 'kafka.group_id=' + name, '--set', 'kafka.topic_alerts=' + name)


def late_and_never(folder):
    up = Logged(folder, 'up', 'up')
    broker = up.await_text(r'kcat -C -b (\S+)').group(1)
    never = enricher(folder, 'never', broker)
    late = enricher(folder, 'late', broker)
    late.await_text('topics are missing: late')
    # This broker makes a topic when it is asked for it by its name.
    subprocess.run([program, 'tap', '--once', '--set', 'kafka.brokers=' + broker, '--set', 'kafka.topic_alerts=late'],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=True)
    late.await_text('enricher reads articles.raw')
    expect(late.stop() == 0, 'SIGTERM ends it otherwise: ' + late.text())
    expect(never.process.wait(60) == UNAVAILABLE, 'it ends with %s: %s' % (never.process.returncode, never.text()))
    expect(never.text().count('topics are missing: never') == 2, 'it does not say what is missing: ' + never.text())
    expect(up.stop() == 0, 'the broker does not end: ' + up.text())


with tempfile.TemporaryDirectory() as directory:
    try:
        late_and_never(directory)
    finally:
        for process in started:
            process.kill()  # Those that a failure has left.
            process.wait()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
