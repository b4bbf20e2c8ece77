#!/usr/bin/env python3
"""Runs the services as systemd would, against the broker of `wirewatch up`, and follows what they tell systemd.

    service_test.py PROGRAM SOURCE_TREE

READY=1 once it runs, WATCHDOG=1 again and again, STOPPING=1 at SIGTERM, and status 0 after draining. `wirewatch probe`
tells alive from ready, and fails afterwards. The canary's articles come back through the enricher of `wirewatch up`. The commands
are the units' own, their paths and configuration replaced.
"""

import os
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

program, root = sys.argv[1:3]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from waiting import wait_for  # pylint: disable=wrong-import-position


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def probe(configuration, *arguments):
    return subprocess.run([program, 'probe', '--config', configuration, *arguments], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode


def unit_command(service):
    with open(os.path.join(root, 'deploy/systemd/wirewatch.service.in'), encoding='utf-8') as file:
        command = shlex.split(re.search(r'ExecStart=(.*)$', file.read(), re.M).group(1).replace('@SERVICE@', service))
    assert command[0] == 'wirewatch', command
    return command


def main(folder):
    children = []
    log_path = os.path.join(folder, 'up.log')
    with open(log_path, 'wb') as log:
        broker = subprocess.Popen([program, 'up', '--set', 'http.enabled=false'], stdout=log, stderr=log)
    children.append(broker)
    try:
        def address():
            assert broker.poll() is None, 'the broker ended'
            with open(log_path, encoding='utf-8') as file:
                return re.search(r'kcat -C -b (\S+) ', file.read())
        brokers = wait_for('the broker', 60, address).group(1)

        path = os.path.join(folder, 'notify')
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(path)
        listener.settimeout(60)
        configuration = os.path.join(folder, 'wirewatch.toml')
        port = free_port()
        with open(configuration, 'w', encoding='utf-8') as file:
            file.write('[kafka]\nbrokers = "%s"\ngroup_id = "service-test"\n[http]\nport = %d\n' % (brokers, port))
        command = [configuration if word.startswith('/etc/') else word for word in unit_command('enricher')]
        command[0] = program
        service_log = os.path.join(folder, 'service.log')
        with open(service_log, 'wb') as log:
            service = subprocess.Popen(command, stdout=log, stderr=log,
                                       env={**os.environ, 'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '400000'})
        children.append(service)
        messages = []
        while messages.count('WATCHDOG=1') < 3:
            messages.append(listener.recv(100).decode())
        assert messages[0] == 'READY=1' and messages.count('READY=1') == 1, messages
        assert probe(configuration, '--live') == 0
        assert probe(configuration) == 1  # It has joined no group yet: alive, and not ready.
        service.send_signal(signal.SIGTERM)
        while 'STOPPING=1' not in messages:
            messages.append(listener.recv(100).decode())
        status = service.wait(60)
        with open(service_log, encoding='utf-8') as file:
            text = file.read()
        assert status == 0, (status, text)
        assert re.search(r'stopped: \d+ consumed', text), text
        assert probe(configuration, '--live') == 1
        print(messages)

        # The canary: ready, and its articles come back.
        canary_command = [configuration if word.startswith('/etc/') else word for word in unit_command('canary')]
        canary_command[0] = program
        with open(service_log, 'wb') as log:
            canary = subprocess.Popen(canary_command + ['--set', 'canary.interval_ms=100'], stdout=log, stderr=log)
        children.append(canary)
        wait_for('the canary to be ready', 60, lambda: probe(configuration) == 0)

        def returned():
            with urllib.request.urlopen('http://127.0.0.1:%d/metrics' % port, timeout=10) as answer:
                text = answer.read().decode('utf-8')
            return int(re.search(r'^wirewatch_canary_round_trip_seconds_count (\d+)', text, re.M).group(1)) >= 3
        wait_for('three canaries to come back', 60, returned)
        canary.send_signal(signal.SIGTERM)
        assert canary.wait(60) == 0

        # Between the steps of a start, each of which a slow cluster may draw out, it says that it is alive: to the last, at which
        # profiles with a fault end it.
        profiles = os.path.join(folder, 'profiles')
        os.mkdir(profiles)
        with open(os.path.join(profiles, 'beat.toml'), 'w', encoding='utf-8') as file:
            file.write('title = "Beat"\nquery = "("\n')
        done = subprocess.run(command + ['--set', 'profiles.directory=' + profiles], stderr=subprocess.PIPE, check=False,
                              env={**os.environ, 'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '4'})
        assert done.returncode == 78, done
        listener.setblocking(False)
        said = []
        while select.select([listener], [], [], 0)[0]:
            said.append(listener.recv(100).decode())
        assert said.count('READY=1') == 1 and said.count('WATCHDOG=1') >= 3, said

        # `check` misses what a start would miss.
        checked = subprocess.run([program, 'check', '--set', 'kafka.brokers=' + brokers, '--set', 'kafka.topic_profiles=beats'],
                                 stdout=subprocess.PIPE, text=True, check=False)
        assert checked.returncode == 3 and 'topics are missing: beats' in checked.stdout, checked

        # Without a broker's name it ends with 78, at which the unit does not restart it.
        with open(configuration, 'w', encoding='utf-8') as file:
            file.write('[kafka]\n')
        assert subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 78
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
