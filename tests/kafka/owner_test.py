#!/usr/bin/env python3
"""Brokers that a killed process asked for do not stay behind.

    owner_test.py SOURCE_TREE

A process starts Kafka as its owner and is killed with all of its children, as a test is that takes too long. Ends with 77 (skipped) where
Kafka cannot be had, unless WIREWATCH_REQUIRE_KAFKA is set.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

root = sys.argv[1]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from real_kafka import UNAVAILABLE, skip  # pylint: disable=wrong-import-position

work = tempfile.mkdtemp(prefix='wirewatch-owner-')
script = os.path.join(root, 'deploy', 'kafka.sh')
broker = None
try:
    # The shell is the owner; it tells the status of the start and waits to be killed.
    owner = subprocess.Popen(['sh', '-c', 'KAFKA_OWNER=$$ "$0" start 1 "$1" > /dev/null; echo $?; exec sleep 600', script, work],
                             stdout=subprocess.PIPE, text=True, start_new_session=True)
    status = int(owner.stdout.readline())
    if status == UNAVAILABLE:
        owner.kill()
        skip('Kafka cannot be fetched')
    with open(os.path.join(work, 'broker-1.pid'), encoding='utf-8') as file:
        broker = int(file.read())
    os.kill(broker, 0)
    os.killpg(owner.pid, signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 60
    while os.path.exists('/proc/%d' % broker) and time.monotonic() < deadline:
        time.sleep(0.5)
    ended = not os.path.exists('/proc/%d' % broker)
finally:
    subprocess.run([script, 'stop', work], check=False)
    shutil.rmtree(work, ignore_errors=True)
print('the broker ended with its owner' if ended else 'FAILED: the broker outlives its owner')
sys.exit(0 if ended else 1)
