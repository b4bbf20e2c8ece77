#!/usr/bin/env python3
"""Works with the installed tree where nothing else is: a root directory with the tree and its shared objects, read-only, as the
image's user, without a capability. No shell, no package manager, no home.

    bare_root_test.py CMAKE BUILD_TREE SOURCE_TREE

Needs root and mounts of its own; where it may have neither it is skipped.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
cmake, build, source = sys.argv[1:4]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def skip(reason):
    print('skipped: ' + reason)
    sys.exit(SKIPPED)


def image_user():
    with open(os.path.join(source, 'deploy/container/Containerfile'), encoding='utf-8') as file:
        return re.search(r'^USER (\d+):\d+$', file.read(), re.M).group(1)


def make_root(root):
    done = subprocess.run([cmake, '--install', build, '--prefix', root + '/usr'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout
    program = os.path.join(root, 'usr/bin/wirewatch')
    # The shared objects, at the paths that the loader looks them up at.
    listed = subprocess.run(['ldd', program], stdout=subprocess.PIPE, text=True, check=True).stdout
    objects = re.findall(r'(?:=> )?(/\S+) \(0x', listed)
    assert objects and 'not found' not in listed, listed
    for path in objects:
        target = root + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(os.path.realpath(path), target)
        os.chmod(target, 0o755)
    for folder in ('proc', 'dev', 'etc'):
        os.mkdir(os.path.join(root, folder))
    with open(os.path.join(root, 'etc/passwd'), 'w', encoding='utf-8') as file:
        file.write('root:x:0:0::/:/nothing\n')
    subprocess.run(['chmod', '-R', 'a+rX,go-w', root], check=True)


# In a mount namespace of its own, so that everything goes with it; exec, so that no process is left.
MOUNT = 'set -e; mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount -o remount,bind,ro "$0"; exec "$@"'
# Into the root, then down to the user; there is no program in the root that could do it.
CONFINE = r'''
import ctypes, os, sys
root, user = sys.argv[1], int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
os.chroot(root); os.chdir('/')
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)      # PR_CAPBSET_DROP
libc.prctl(38, 1, 0, 0, 0)                   # PR_SET_NO_NEW_PRIVS
os.setgroups([]); os.setgid(user); os.setuid(user)
assert os.getuid() == user
try:
    open('/written', 'w')
    sys.exit('the root can be written')
except OSError:
    pass
os.execve(sys.argv[3], sys.argv[3:], {'WIREWATCH_HTTP__ADDRESS': '127.0.0.1'})
'''


def main(root):
    user = image_user()
    make_root(root)

    def run(*arguments, status=0):
        done = subprocess.run(['unshare', '--mount', 'sh', '-c', MOUNT, root, sys.executable, '-c', CONFINE, root, user,
                               '/usr/bin/wirewatch', *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False)
        expect(done.returncode == status, '%s ended with %d, not %d:\n%s' % (' '.join(arguments), done.returncode, status, done.stdout[-3000:]))
        return done.stdout

    run('version')
    run('check', '--config', '/usr/share/wirewatch/wirewatch.toml')
    run('test')
    summary = run('up', '--once', '--set', 'http.port=0', '--set', 'embedded.articles_per_s=1000')
    count = sum(len(open(path, 'rb').read().splitlines()) for path in glob.glob(root + '/usr/share/wirewatch/sample-news/*.ndjson'))
    expect('%d messages read' % count in summary and 'ALERT urgent  North Korea' in summary, 'up --once:\n' + summary[-2000:])
    # As the image starts it, without a broker's name: it says what is missing.
    expect('WIREWATCH_KAFKA__BROKERS' in run('run', 'enricher', status=78), 'it does not say which option it needs')
    run('probe', status=1)
    size = sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(root) for name in names)
    print('the root holds %.1f MB, debug information included' % (size / 1e6))


if os.geteuid() != 0:
    skip('only root may chroot')
if not shutil.which('unshare') or subprocess.run(['unshare', '--mount', 'sh', '-c', 'mount -t proc proc /proc'], stdout=subprocess.DEVNULL,
                                                 stderr=subprocess.DEVNULL, check=False).returncode != 0:
    skip('this machine allows no mounts of its own')
with tempfile.TemporaryDirectory() as temporary:
    os.chmod(temporary, 0o755)
    main(temporary)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
