"""A real Kafka on loopback for as long as a test runs, by deploy/kafka.sh.

    with RealKafka(root, 'secure') as kafka:      # Ends the test with 77 (skipped) where Kafka, Java or kcat cannot be had,
        kafka.send('news', [b'{}'])               # and with 1 where WIREWATCH_REQUIRE_KAFKA is set.

The brokers end with the block, and also when the test is killed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

UNAVAILABLE = 69


def skip(why):
    print(why)
    sys.exit(1 if os.environ.get('WIREWATCH_REQUIRE_KAFKA') else 77)


class RealKafka:
    """`brokers` is the address of the listener that asks for nothing, `directory` a folder that is removed in the end."""

    def __init__(self, root, kind='1', needs=('kcat',)):
        for command in needs:
            if shutil.which(command) is None:
                skip(command + ' is not installed')
        self.script = os.path.join(root, 'deploy', 'kafka.sh')
        self.kind = kind

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix='wirewatch-kafka-')
        started = subprocess.run([self.script, 'start', self.kind, self.directory], stdout=subprocess.PIPE, text=True, check=False,
                                 env={**os.environ, 'KAFKA_OWNER': str(os.getpid())})
        if started.returncode != 0:
            shutil.rmtree(self.directory, ignore_errors=True)
            if started.returncode == UNAVAILABLE:
                skip('Kafka cannot be fetched')
            sys.exit('Kafka did not start')
        self.brokers = started.stdout.split()[-1]
        return self

    def __exit__(self, *_):
        subprocess.run([self.script, 'stop', self.directory], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def send(self, topic, messages):
        subprocess.run(['kcat', '-P', '-b', self.brokers, '-t', topic], input=b'\n'.join(messages) + b'\n', check=True)

    def has(self, topic):
        listed = subprocess.run(['kcat', '-L', '-J', '-b', self.brokers], capture_output=True, check=True).stdout
        return topic in {one['topic'] for one in json.loads(listed)['topics']}

    def read(self, topic):
        """Keys and values as readers of committed records see them; nothing of a topic that is not there yet."""
        if not self.has(topic):
            return []
        run = subprocess.run(['kcat', '-C', '-b', self.brokers, '-t', topic, '-o', 'beginning', '-e', '-q',
                              '-X', 'isolation.level=read_committed', '-f', '%k\\x01%s\\x02'], capture_output=True, check=True)
        return [tuple(record.split(b'\x01', 1)) for record in run.stdout.split(b'\x02') if record.count(b'\x01')]
