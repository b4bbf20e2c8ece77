#!/usr/bin/env python3
"""Holds the tree against what no compiler checks and what a reader should not have to.

    tidy_test.py SOURCE_TREE

- lines are no longer than a screen is wide, files end with a line's end and have no spaces at the end of lines;
- functions have at most 70 lines, TODOs an owner;
- every source file is built, every header included, no folder's CMakeLists.txt says nothing;
- a script that names its interpreter can be executed;
- the core stays pure: no streams, files, logs or clocks;
- every option is read by something, every metric is set by something;
- the plain names of what is banned: std::regex, `using namespace std`.
"""

import os
import re
import subprocess
import sys

root = sys.argv[1]
failures = []
FUNCTION_LINES_MAX = 70
# Tables, a row a thing, and of any length.
TABLES = {('common/config/config.cc', 'options'), ('tests/faults/scenarios/network.cc', 'network_faults')}
CORE = ('base', 'article', 'text', 'lexicon', 'gazetteer', 'region', 'topic', 'profile', 'event', 'pipeline', 'newsroom')
IMPURE = re.compile(r'#include <(?:iostream|fstream|filesystem|thread|mutex)>|#include <spdlog|system_clock|steady_clock'
                    r'|\b(?:fopen|f?printf|fputs|getenv)\(')
# Stages are timed, which decides nothing; a check that fails says where before it ends the process.
MAY = {'common/pipeline/processor.cc', 'common/base/check.h'}


def expect(condition, message):
    if not condition:
        failures.append(message)


def tracked():
    listed = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard'], stdout=subprocess.PIPE, text=True, check=False)
    if listed.returncode != 0:
        print('skipped: this is no git tree')
        sys.exit(77)
    names = listed.stdout.splitlines()
    return [name for name in names if os.path.isfile(os.path.join(root, name)) and '/corpus/' not in name and '/third_party/' not in name]


def read(name):
    with open(os.path.join(root, name), encoding='utf-8') as file:
        return file.read()


def without_comments_and_strings(text):
    """The same lines, with what is in comments, strings and characters left out."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group(0)) if match.group(0)[0] in '/R' else '""'
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"([^(]*)\(.*?\)\1"'
                  r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def functions(text):
    """Yields (name, first line, lines) of every function definition, as clang-format writes it: what opens a body ends its line
    with {, and the first } at the same indentation ends it."""
    lines = without_comments_and_strings(text).split('\n')
    begin = 0  # Of the statement.
    for number, line in enumerate(lines):
        stripped = line.strip()
        if stripped.endswith('{'):
            statement = ' '.join(part.strip() for part in lines[begin:number + 1])
            head = re.sub(r'^(?:\[\[\w+\]\]|template <[^{]*?>|public:|private:|protected:)\s*', '', statement)
            name = re.match(r'(?!(?:if|for|while|switch|do|else|try|catch|namespace|class|struct|enum|union|return|case)\b)'
                            r'[^=({]*?([~\w:]+|operator\S+)\(', head)
            if name and '(' in head and not re.match(r'[^(]*=', head):
                indentation = re.match(r' *', lines[begin]).group(0)
                end = next((at for at in range(number + 1, len(lines)) if lines[at].startswith(indentation + '}')), None)
                if end is not None:
                    yield name.group(1), begin + 1, end - begin + 1
        if not stripped or stripped.endswith((';', '{', '}', ':')) or stripped.startswith('#'):
            begin = number + 1


def check_text(name, text):
    expect(text.endswith('\n') or not text, name + ' does not end with a line\'s end')
    limit = 100 if name.endswith(('.cc', '.h')) else 150
    # A beat's query is its editors', and as long as they like.
    generated = 'enerated' in text[:300] or name.startswith('deploy/profiles/')
    table_or_link = re.compile(r'^\||https?://\S{60,}|^ *(alert|summary|values|expr|- alertname|- \{series|message)')
    if name.endswith(('.cc', '.h')):  # A raw string is as wide as what it holds.
        text = re.sub(r'R"([^(]*)\(.*?\)\1"', lambda match: '""' + '\n' * match.group(0).count('\n'), text, flags=re.S)
    for number, line in enumerate(text.split('\n'), 1):
        where = '%s:%d' % (name, number)
        expect(line == line.rstrip() or name.endswith('.md'), where + ' ends with spaces')
        if not generated and len(line) > limit and not table_or_link.search(line.strip()) and '"' not in line:
            expect(False, '%s has %d characters; the most is %d' % (where, len(line), limit))
        if name != 'tests/tidy/tidy_test.py':  # Which names them.
            for found in re.findall(r'\b(?:TODO|FIXME)\b(\(\w+\):)?', line):
                expect(found, where + ' has a TODO without an owner: TODO(name): …')


def check_code(name, text):
    code = without_comments_and_strings(text)
    # A test may compare with it.
    expect(name.startswith('tests/') or not re.search(r'std::w?regex|using namespace std\b', code),
               name + ' uses std::regex or `using namespace std`')
    module = re.match(r'common/(\w+)/[^/]+$', name)
    if module and module.group(1) in CORE and name not in MAY:
        found = IMPURE.search(code)
        expect(not found, '%s is of the core and has %s' % (name, found.group(0) if found else ''))
    for function, line, length in functions(text):
        if (name, function) in TABLES or function == 'INSTANTIATE_TEST_SUITE_P':
            continue
        if length > FUNCTION_LINES_MAX:
            expect(False, '%s:%d: %s() has %d lines; the most is %d' % (name, line, function, length, FUNCTION_LINES_MAX))


def check_build(names):
    """What is there is built."""
    lists = {name: read(name) for name in names if os.path.basename(name) == 'CMakeLists.txt'}
    everything = '\n'.join([*lists.values(), *(read(name) for name in names if name.endswith('.cmake'))])
    code = {name: read(name) for name in names if name.endswith(('.cc', '.h', '.inc'))}
    included = set(re.findall(r'#include "([^"]+)"', '\n'.join(code.values())))
    for name in code:
        if name.endswith('.cc'):
            relative = [os.path.relpath(name, os.path.dirname(path)) for path in lists]
            expect(any(re.search(r'(?<![\w/])%s\b' % re.escape(path), lists[at]) for at, path in zip(lists, relative))
                   or re.search(r'/%s\b' % re.escape(name), everything), name + ' is built by no CMakeLists.txt')
        else:
            expect(name in included, name + ' is included by nothing')
    for name, text in lists.items():
        expect(re.search(r'^[^#\n]', text, re.M), name + ' says nothing')


def check_options_and_metrics(names):
    outside = '\n'.join(read(name) for name in names if name.startswith('services/') and name.endswith(('.cc', '.h')))
    members = re.findall(r'\{"[a-z_.]+", &Config::(\w+)', read('common/config/config.cc'))
    expect(len(members) > 30, 'only %d options were found' % len(members))
    for member in members:
        expect(re.search(r'\b%s\b' % member, outside), 'nothing reads the option ' + member)
    telemetry = '\n'.join(read(name) for name in names if name.startswith('common/telemetry/') and name.endswith(('.cc', '.h')))
    indices = re.search(r'enum MetricIndex[^{]*\{(.*?)\};', telemetry, re.S).group(1)
    for index in re.findall(r'\bk\w+', indices):
        used = len(re.findall(r'\b%s\b' % index, telemetry))
        expect(index == 'kMetricCount' or used >= 2, 'nothing sets the metric ' + index)


def main():
    names = tracked()
    for name in names:
        if name.endswith(('.cc', '.h', '.py', '.sh', '.md', '.yml', '.yaml', '.toml', '.cmake', '.cjs', 'CMakeLists.txt')):
            text = read(name)
            check_text(name, text)
            expect(not text.startswith('#!') or os.access(os.path.join(root, name), os.X_OK), name + ' cannot be executed')
            if name.endswith(('.cc', '.h')):
                check_code(name, text)
    check_build(names)
    check_options_and_metrics(names)


main()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
