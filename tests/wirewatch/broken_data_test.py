#!/usr/bin/env python3
"""Damages each file of the shipped data in turn, as a copy that was broken off or a disk does, and starts the program with it.

    broken_data_test.py PROGRAM

It ends with 78 and names the file, whatever the damage.
"""

import os
import shutil
import subprocess
import sys
import tempfile

program = sys.argv[1]
shipped = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(program))), 'share/wirewatch/data')
files = ('gazetteer/gazetteer.bin', 'topic/data/topic_model.bin', 'topic/data/language_model.bin')
failures = []


def flip(data, at):
    data[at] ^= 1
    return data


damages = {
    'emptied': lambda data: data[:0],
    'cut to a part of its header': lambda data: data[:20],
    'cut in half': lambda data: data[:len(data) // 2],
    'short by a byte': lambda data: data[:-1],
    'longer by a byte': lambda data: data + b'\0',
    'with another bit in the middle': lambda data: flip(data, len(data) // 2),
    'with another bit at its end': lambda data: flip(data, len(data) - 1),
    'of zeros': lambda data: bytearray(len(data)),
}


def start(folder):
    return subprocess.run([program, 'classify', '--set', 'data.directory=' + folder, '/dev/null'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


with tempfile.TemporaryDirectory() as folder:
    for name in files:
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        os.symlink(os.path.realpath(os.path.join(shipped, name)), os.path.join(folder, name))
    whole = start(folder)
    if whole.returncode != 0:
        failures.append('the shipped data are refused: ' + whole.stderr)
    for name in files:
        path = os.path.join(folder, name)
        source = os.path.realpath(path)
        with open(source, 'rb') as file:
            data = file.read()
        for what, damage in damages.items():
            os.remove(path)
            with open(path, 'wb') as file:
                file.write(damage(bytearray(data)))
            run = start(folder)
            if run.returncode != 78 or path not in run.stderr:
                failures.append('%s %s: status %d, %s' % (name, what, run.returncode, run.stderr))
        os.remove(path)
        os.symlink(source, path)
for failure in failures:
    print('FAILED: ' + failure)
print('%d damages' % (len(files) * len(damages)))
sys.exit(1 if failures else 0)
