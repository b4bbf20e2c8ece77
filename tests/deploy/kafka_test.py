#!/usr/bin/env python3
"""deploy/kafka.sh: what its Kafka was given is there after a stop and a start in the same folder, at whichever ports.

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
    subprocess.run([script, 'stop', kafka.directory], check=True)
    started = subprocess.run([script, 'start', kafka.directory], stdout=subprocess.PIPE, text=True, check=False)
    if started.returncode != 0:
        sys.exit('it does not start again')
    kafka.brokers = started.stdout.split()[-1]
    read = kafka.read('articles.dead')
    if [value for _, value in read] != [b'kept']:
        sys.exit('after a stop and a start there is %s' % read)
