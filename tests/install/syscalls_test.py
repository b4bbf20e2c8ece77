#!/usr/bin/env python3
"""Holds the system calls of a running enricher against those that its unit permits.

    syscalls_test.py PROGRAM SOURCE_TREE

Under strace it starts against the broker of `wirewatch up`, reads, takes changed profiles into use, serves /metrics and stops.
A call that SystemCallFilter refuses would kill the service, or make what it is for fail. Ends with 77 where strace or
systemd-analyze is not installed or may not trace.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

program, root = sys.argv[1:3]
sys.path.insert(0, os.path.join(root, 'tests', 'support'))
from waiting import wait_for  # pylint: disable=wrong-import-position

SKIPPED = 77


def skip(reason):
    print('skipped: ' + reason)
    sys.exit(SKIPPED)


def members(name):
    """The calls of a set, of the sets within it too."""
    if not name.startswith('@'):
        return {name}
    text = subprocess.run(['systemd-analyze', 'syscall-filter', name], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = [line.strip() for line in text.splitlines()[1:]]
    return set().union(*(members(line) for line in lines if line and not line.startswith('#')))


def permitted(unit):
    """As systemd.exec(5) has it: the first line says whether it is a list of what may be; later ones add and take away."""
    calls = members('@default')
    for line in re.findall(r'^SystemCallFilter=(.*)$', unit, re.M):
        named = set().union(*(members(name) for name in line.lstrip('~').split()))
        calls = calls - named if line.startswith('~') else calls | named
    return calls


def text_of(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def metric(port, pattern):
    with urllib.request.urlopen('http://127.0.0.1:%s/metrics' % port, timeout=10) as answer:
        found = re.search(pattern + r' (\S+)', answer.read().decode('utf-8'))
    return float(found.group(1)) if found else 0


def trace(folder):
    """The calls of an enricher, from its start to its end."""
    profiles = shutil.copytree(os.path.join(root, 'deploy/profiles'), os.path.join(folder, 'profiles'))
    children = []
    try:
        up_log, log_path, traced = (os.path.join(folder, name) for name in ('up.log', 'enricher.log', 'trace'))
        with open(up_log, 'wb') as log:
            children.append(subprocess.Popen([program, 'up', '--set', 'http.enabled=false'], stdout=log, stderr=log))
        brokers = wait_for('the broker', 60, lambda: re.search(r'kcat -C -b (\S+) ', text_of(up_log))).group(1)
        with open(log_path, 'wb') as log:
            children.append(subprocess.Popen(
                ['strace', '-f', '-qq', '-o', traced, program, 'run', 'enricher', '--set', 'kafka.brokers=' + brokers, '--set',
                 'kafka.group_id=syscalls-test', '--set', 'http.port=0', '--set', 'profiles.directory=' + profiles],
                stdout=log, stderr=log))
        port = wait_for('its port', 60, lambda: re.search(r'http://127\.0\.0\.1:(\d+)/', text_of(log_path))).group(1)
        wait_for('articles', 60, lambda: metric(port, r'\nwirewatch_articles_total\{outcome="enriched"\}') > 0)
        with open(os.path.join(profiles, 'added.toml'), 'w', encoding='utf-8') as file:
            file.write('title = "Added"\nquery = "added"\n')
        wait_for('the changed profiles', 60,
                 lambda: metric(port, r'\nwirewatch_profile_reloads_total\{outcome="applied"\}') > 0)
        pid = int(text_of(traced).split()[0])
        os.kill(pid, signal.SIGTERM)
        assert children[1].wait(60) == 0, text_of(log_path)
        return set(re.findall(r'^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)', text_of(traced), re.M))
    finally:
        for child in reversed(children):
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


if not shutil.which('strace') or not shutil.which('systemd-analyze'):
    skip('strace or systemd-analyze is not installed')
if subprocess.run(['strace', '-qq', '-o', '/dev/null', 'true'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
    skip('strace may not trace here')
with tempfile.TemporaryDirectory() as temporary:
    used = trace(temporary)
assert {'openat', 'sendto', 'setpriority'} <= used, used
refused = used - permitted(text_of(os.path.join(root, 'deploy/systemd/wirewatch.service.in')))
print('%d system calls, refused by the unit: %s' % (len(used), ', '.join(sorted(refused)) or 'none'))
sys.exit(1 if refused else 0)
