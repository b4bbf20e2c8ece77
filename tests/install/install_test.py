#!/usr/bin/env python3
"""Installs the tree into a prefix, moves it elsewhere, and works with it from there.

    install_test.py CMAKE BUILD_TREE SOURCE_TREE

Where it runs as root, the installed program runs as nobody, who may write nothing.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

cmake, build, root = sys.argv[1:4]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def run(*command, status=0, **options):
    """Runs without the caller's environment, in a folder where nothing of ours is."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8'},
                          cwd='/', check=False, text=True, preexec_fn=nobody, stdin=subprocess.DEVNULL, **options)
    expect(done.returncode == status, '%s ended with %d, not %d:\n%s' % (' '.join(command), done.returncode, status, done.stdout[-3000:]))
    return done.stdout


def complete(script, *words):
    """What bash offers for these words, the last of which is being typed."""
    line = 'source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE="%s"; COMP_POINT=${#COMP_LINE}; _wirewatch; printf "%%s\\n" "${COMPREPLY[@]}"' % (
        script, ' '.join("'%s'" % word for word in words), len(words) - 1, ' '.join(words).replace(' = ', '='))
    return set(run('bash', '--norc', '-c', line).split())


def write_beat(folder):
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    path = os.path.join(folder, 'mine.toml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('title = "Mine"\nquery = "mine"\n')
    os.chmod(path, 0o644)


def write_articles(path):
    """A newsroom's articles of two desks."""
    desks = {'harbour': ('The ship waits at the quay.', 'A crane lifts the containers.', 'The pilot boards the tanker at dawn.'),
             'schools': ('The teacher marks the exam.', 'Pupils return to the classroom.', 'The school opens a new library.')}
    with open(path, 'w', encoding='utf-8') as file:
        for desk, sentences in desks.items():
            for i in range(6):
                file.write(json.dumps({'title': sentences[i % 3], 'body': ' '.join(sentences[i % 3:] + sentences[:i % 3]), 'label': desk}) + '\n')
    os.chmod(path, 0o644)


def main(folder):
    os.chmod(folder, 0o755)
    first, tree = os.path.join(folder, 'first'), os.path.join(folder, 'moved here')
    installed = subprocess.run([cmake, '--install', build, '--prefix', first], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
    expect(installed.returncode == 0, installed.stdout)
    outside = [line for line in re.findall(r'(?:Installing|Up-to-date): (.*)', installed.stdout) if not line.startswith(first)]
    expect(not outside, 'installed outside of the prefix: %s' % outside)
    shutil.move(first, tree)
    links = [path for path in glob.glob(tree + '/**', recursive=True) if os.path.islink(path)]
    expect(not links, 'links that may lead out of the tree: %s' % links)
    program = os.path.join(tree, 'bin', 'wirewatch')
    data = os.path.join(tree, 'share', 'wirewatch')
    sample = os.path.join(data, 'sample-news')

    for shared in ('profiles', 'sample-news', 'schemas', 'data/gazetteer', 'data/topic/data', 'prometheus/rules',
                   'grafana/dashboards', 'alertmanager'):
        expect(glob.glob(os.path.join(data, shared, '*')), shared + ' is empty')
    for file in ('lib/systemd/system/wirewatch-enricher.service', 'lib/systemd/system/wirewatch-canary.service', 'share/wirewatch/wirewatch.toml',
                 'share/doc/wirewatch/README.md', 'share/doc/wirewatch/monitoring/runbooks/WirewatchAbsent.md'):
        expect(os.path.isfile(os.path.join(tree, file)), file + ' is missing')

    documents = os.path.join(tree, 'share', 'doc', 'wirewatch')
    pointers = 0
    for page in glob.glob(documents + '/**/*.md', recursive=True):
        with open(page, encoding='utf-8') as file:
            for target in re.findall(r'\]\(([^)#:]+\.md)\)', file.read()):
                pointers += 1
                expect(os.path.isfile(os.path.join(os.path.dirname(page), target)), '%s points to %s, which is not installed' % (page, target))
    expect(pointers > 40, 'the installed pages point to %d others alone' % pointers)

    # The same work as in the build tree, word for word.
    article = os.path.join(sample, '01-english.ndjson')
    there = run(program, 'classify', '--json', article)
    # As ourselves: the build tree may lie where nobody else may look.
    here = subprocess.run([os.path.join(build, 'bin', 'wirewatch'), 'classify', '--json', article], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    expect(there == here and len(there.splitlines()) > 5, 'the installed program classifies differently')
    run(program, 'check', '--config', os.path.join(data, 'wirewatch.toml'))
    summary = run(program, 'up', '--once', '--set', 'http.port=0', '--set', 'embedded.articles_per_s=1000')
    count = sum(len(open(path, 'rb').read().splitlines()) for path in glob.glob(sample + '/*.ndjson'))
    expect('%d messages read' % count in summary and 'ALERT urgent  North Korea' in summary, 'up --once:\n' + summary[-2000:])
    expect('WITHDRAWN flash  Air accidents' in summary, 'a killed story is shown as any other:\n' + summary[-2000:])

    # A newsroom's own labels are trained and used with what is installed.
    articles, models = os.path.join(folder, 'desk.jsonl'), os.path.join(folder, 'models')
    write_articles(articles)
    os.mkdir(models)
    os.chmod(models, 0o777)
    model = os.path.join(models, 'desk.bin')
    run(os.path.join(tree, 'bin', 'wirewatch_train_topics'), 'labels', '--input', articles, '--scheme', 'desk', '--output', model)
    labelled = run(program, 'classify', '--json', articles, '--set', 'data.label_model=' + model)
    expect('"scheme":"desk","id":"harbour"' in labelled.replace(' ', ''), 'no label of the model that was trained: ' + labelled[:500])

    # It uses what lies beside it: without its data it says so, and never reaches back into the tree that built it.
    os.rename(os.path.join(data, 'data'), os.path.join(data, 'elsewhere'))
    answer = run(program, 'classify', article, status=78)
    expect(os.path.join(data, 'data') in answer, 'does not name the folder that it misses: ' + answer)
    run(program, 'classify', article, '--set', 'data.directory=' + os.path.join(data, 'elsewhere'))

    # Manual and completion.
    manual = os.path.join(tree, 'share/man/man1/wirewatch.1')
    if shutil.which('groff'):
        warnings = subprocess.run(['groff', '-man', '-ww', '-Tutf8', '-z', manual], stderr=subprocess.PIPE, text=True, check=False)
        expect(warnings.returncode == 0 and not warnings.stderr, 'groff: ' + warnings.stderr)
    with open(manual, encoding='utf-8') as file:
        text = file.read()
    for word in ('classify', 'WIREWATCH_KAFKA__BROKERS', '.SH EXIT STATUS'):
        expect(word in text, 'the manual does not mention ' + word)
    script = os.path.join(folder, 'completion')
    shutil.copy(os.path.join(tree, 'share/bash-completion/completions/wirewatch'), script)
    expect({'up', 'classify', 'check', '--config'} <= complete(script, 'wirewatch', ''), 'completion of commands')
    expect(complete(script, 'wirewatch', 'cl') == {'classify'}, 'completion of a prefix')
    expect('--once' in complete(script, 'wirewatch', 'up', '--o'), 'completion of options')
    expect({'enricher', 'canary'} <= complete(script, 'wirewatch', 'run', ''), 'completion of services')
    expect(complete(script, 'wirewatch', 'up', '--set', 'kafka.b') == {'kafka.brokers='}, 'completion of keys')
    expect(complete(script, 'wirewatch', '--set', 'a.b', '=', 'c', 'config', 'd') == {'dump', 'docs'}, 'completion after --set')
    expect(complete(script, 'wirewatch', 'reference', 'm') == {'markdown', 'man'}, 'completion of forms')
    expect(complete(script, 'wirewatch', 'run', 'c') == {'canary'}, 'only services are offered')
    expect({'north-korea', 'wildfires'} <= complete(script, program, 'explain', ''), 'completion of profiles')
    expect(complete(script, program, 'test', 'wildfires', 'north-') == {'north-korea'}, 'completion of more profiles')
    expect(complete(script, program, 'backtest', '--id', 'wildf') == {'wildfires'}, 'completion of an id')
    expect('/etc/passwd' in complete(script, program, 'explain', 'north-korea', '/etc/pass'), 'completion of files')
    write_beat(os.path.join(folder, 'beats'))
    expect(complete(script, program, 'test', '--set', 'profiles.directory', '=', os.path.join(folder, 'beats'), '') >= {'mine'},
           'completion of profiles of a folder')

    # The committed reference is this program's.
    with open(os.path.join(root, 'docs/COMMANDS.md'), encoding='utf-8') as file:
        expect(file.read() == run(program, 'reference', 'markdown'),
               'docs/COMMANDS.md is stale; write it by: wirewatch reference markdown > docs/COMMANDS.md')


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
