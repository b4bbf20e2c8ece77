#!/usr/bin/env python3
"""Holds the documents against the program: what a newcomer reads must work when typed.

    docs_test.py PROGRAM SOURCE_TREE

- links between files lead somewhere;
- commands, options, metrics and files that documents name exist;
- the README's profile holds its own examples, and its picture of a run is what a run prints;
- the table of modules names every folder of common/ and services/, each of which has a README.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

program, root = sys.argv[1:3]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def read(path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def run(*arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          text=True, check=False)


def documents():
    tracked = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard', '*.md'], stdout=subprocess.PIPE, text=True,
                             check=False)
    names = tracked.stdout.split() if tracked.returncode == 0 else [
        os.path.relpath(path, root) for path in glob.glob(root + '/**/*.md', recursive=True) if '/build/' not in path]
    return [name for name in names if os.path.exists(os.path.join(root, name))]


def check_links():
    checked = 0
    for name in documents():
        text = re.sub(r'^```.*?^```', '', read(name), flags=re.M | re.S)
        for target in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', text):
            if re.match(r'[a-z]+:', target):
                continue
            checked += 1
            expect(os.path.exists(os.path.join(root, os.path.dirname(name), target)), '%s links to %s, which is not there' % (name, target))
    expect(checked > 30, 'only %d links were found' % checked)


def check_names():
    commands = set(re.findall(r'^## (.+)$', read('docs/COMMANDS.md'), re.M)) - {'Exit status'}
    first_words = {command.split()[0] for command in commands}
    options = set(re.findall(r'^\| `([a-z_.]+)` \|', read('deploy/CONFIGURATION.md'), re.M))
    sections = {option.split('.')[0] for option in options}
    metrics = set(re.findall(r'^\| `([a-z0-9_]+)` \|', read('monitoring/METRICS.md'), re.M))
    recorded = set(re.findall(r'record: (\S+)', read('monitoring/prometheus/rules/recording.yml')))
    for name in documents():
        text = read(name)
        for command in re.findall(r'(?:^ {4}|`|\n)(?:WIREWATCH_\S+ )?wirewatch ([a-z]+)', text):
            expect(command in first_words, '%s: there is no command "wirewatch %s"' % (name, command))
        for option in re.findall(r'(?:`|--set )([a-z]+\.[a-z_]+)\b(?=`|=| =)', text):
            if option.split('.')[0] in sections and not option.endswith(('.cc', '.h', '.md', '.toml', '.py')):
                expect(option in options or option == 'kafka.properties', '%s: there is no option %s' % (name, option))
        for metric in re.findall(r'(?<![:\w])(wirewatch_[a-z0-9_]+_(?:total|seconds|bytes|info|records|messages|score))\b(?!:)', text):
            expect(metric in metrics or 'record: ' + metric in recorded, '%s: there is no metric %s' % (name, metric))
        for path in re.findall(r'(?<![\w/.-])((?:common|services|deploy|monitoring|tests|docs|cmake)/[\w./-]*\w)', text):
            expect(os.path.exists(os.path.join(root, path)) or os.path.exists(os.path.join(root, os.path.dirname(name), path)),
                   '%s names %s, which is not there' % (name, path))


def check_readme():
    text = read('README.md')
    profile = re.search(r'`my-beats/([a-z-]+\.toml)`.*?```toml\n(.*?)```', text, re.S)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, profile.group(1)), 'w', encoding='utf-8') as file:
            file.write(profile.group(2))
        tested = run('test', '--set', 'profiles.directory=' + folder)
        expect(tested.returncode == 0 and '1 profile, 4 examples, 0 not' in tested.stdout, 'the profile of README: ' + tested.stdout)
        checked = run('check', '--strict', '--set', 'profiles.directory=' + folder)
        expect(checked.returncode == 0, 'the profile of README has doubts: ' + checked.stdout)
        shown = run('up', '--once', '--set', 'http.port=0', '--set', 'embedded.articles_per_s=1000', '--set', 'profiles.directory=' + folder)
        expect(re.search(r'^ALERT alert  Ports', shown.stdout, re.M), 'the profile of README finds nothing in the sample: ' + shown.stdout)
    printed = run('up', '--once', '--set', 'http.port=0', '--set', 'embedded.articles_per_s=1000').stdout
    picture = re.search(r'^\$ deploy/try.sh\n(.*?)```', text, re.M | re.S).group(1)
    alerts = re.findall(r'^(ALERT .+\n      because: .+)$', picture, re.M)
    expect(len(alerts) >= 3, 'the picture of README shows no alerts')
    for alert in alerts:
        expect(alert in printed, 'README shows what a run does not print:\n' + alert)
    expect(re.search(r'(\d+) sample messages', picture).group(1) == re.search(r'(\d+) sample messages', printed).group(1),
           'README counts other sample messages')


def check_figures():
    """README's figures stand where the commands that print them and the machine are named."""
    text = read('README.md')
    measured = read('docs/SIZING.md') + read('tests/bench/kafka/README.md')
    count = 0
    for row in re.findall(r'^\| .*$', text[text.index('\n## Performance'):text.index('\n## Further')], re.M):
        if 'run canary' in row:  # Its own command prints them.
            continue
        for figure in re.findall(r'\d[\d,.]*\d|\d', re.sub(r'\([^)]*\)|`[^`]*`', '', row)):
            count += 1
            expect(re.search(r'(?<![\d,.])%s(?!\d|,\d)' % re.escape(figure), measured), 'README has a figure that was not measured: ' + figure)
    expect(count > 30, 'README has only %d figures' % count)


def check_modules():
    table = read('docs/ARCHITECTURE.md')
    for kind in ('common', 'services'):
        for folder in sorted(os.listdir(os.path.join(root, kind))):
            path = kind + '/' + folder
            if not os.path.isdir(os.path.join(root, path)):
                continue
            expect('[%s](../%s/README.md)' % (path, path) in table, 'docs/ARCHITECTURE.md does not name ' + path)
            expect(os.path.exists(os.path.join(root, path, 'README.md')), path + ' has no README')


check_links()
check_names()
check_readme()
check_figures()
check_modules()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
