#!/usr/bin/env python3
"""deploy/kafka.sh: what its Kafka was given is there after a stop and a start in the same folder, at whichever ports. While it runs, a
second start there is refused, and stop ends nobody else's process.

    kafka_test.py PROGRAM SOURCE_TREE

Ends with 77 (skipped) where Kafka or kcat cannot be had.
"""

import os
import subprocess
import sys

program, root = sys.argv[1:3]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from real_kafka import RealKafka  # pylint: disable=wrong-import-position
from waiting import wait_for  # pylint: disable=wrong-import-position

with RealKafka(root) as kafka:
    script = os.path.join(root, 'deploy', 'kafka.sh')
    maker = subprocess.Popen([program, 'run', 'canary', '--set', 'kafka.brokers=' + kafka.brokers, '--set', 'http.enabled=false',
                              '--set', 'kafka.partitions=1'], stderr=subprocess.DEVNULL)
    wait_for('the topics', 60, lambda: kafka.has('articles.dead'))
    maker.terminate()
    maker.wait(60)
    kafka.send('articles.dead', [b'kept'])
    again = subprocess.run([script, 'start', kafka.directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if again.returncode != 1 or 'runs in %s already' % kafka.directory not in again.stdout:
        sys.exit('a second start ends with %d: %s' % (again.returncode, again.stdout))
    if [value for _, value in kafka.read('articles.dead')] != [b'kept']:
        sys.exit('a second start has disturbed the first')
    subprocess.run([script, 'stop', kafka.directory], check=True)
    with subprocess.Popen(['sleep', '60']) as another:
        with open(os.path.join(kafka.directory, 'broker-1.pid'), 'w', encoding='utf-8') as file:
            print(another.pid, file=file)  # As after a crash, when the number has been given away.
        subprocess.run([script, 'stop', kafka.directory], check=True)
        if another.poll() is not None:
            sys.exit('stop ends a process that start did not begin')
        another.terminate()
    started = subprocess.run([script, 'start', kafka.directory], stdout=subprocess.PIPE, text=True, check=False)
    if started.returncode != 0:
        sys.exit('it does not start again')
    kafka.brokers = started.stdout.split()[-1]
    read = kafka.read('articles.dead')
    if [value for _, value in read] != [b'kept']:
        sys.exit('after a stop and a start there is %s' % read)
