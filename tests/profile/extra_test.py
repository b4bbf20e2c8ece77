#!/usr/bin/env python3
"""Every operator of IPTC EXTRA's rules, as common/profile/EXTRA.md has it: converted, compiled, and held against articles.

    extra_test.py PROGRAM SOURCE_TREE
"""

import json
import os
import subprocess
import sys
import tempfile

program, root = sys.argv[1:3]
# Rule, what it becomes, and headline | body that must and must not match.
CASES = [
    ('(and (title adj "north korea") (not (body = "summary")))', '(headline:"north korea" AND (NOT (body:"summary")))',
     ['North Korea speaks | Some text.'], ['North Korea speaks | A summary.', 'Speech | North Korea spoke.']),
    ('(or ("drought") (text_content any "flood storm"))', '("drought" OR ("flood" OR "storm"))',
     ['Drought | x', 'x | The storm.'], ['Rain | x']),
    ('(text_content all "budget army")', '("budget" AND "army")', ['Army | A budget.'], ['Army | x']),
    ('(text_content adj/stemming "drug crime")', '"drug crime*"', ['Drug crimes | x'], ['Drug and crime | x']),
    ('(title any/literal "AIDS")', 'headline:(="AIDS")', ['AIDS is back | x'], ['She aids them | x']),
    ('(title adj/regexp "\\d+\\-?\\s+?year\\-?\\s?old")', None, ['A 14-year-old won | x', 'A 14 year old won | x'],
     ['A year-old plan | x', 'A 14-month-old won | x']),
    ('(or/count>=3 ("alpha") ("beta"))', 'times/3:("alpha" OR "beta")', ['alpha beta | alpha'], ['alpha | beta']),
    ('(or/countunique>1 ("alpha") (title any "beta gamma"))', 'at least 2 of ("alpha", headline:("beta" OR "gamma"))',
     ['beta | alpha'], ['beta gamma | x', 'x | alpha beta']),
    ('(prox/unit=word/distance<=3 ("play") (text_content any "drum guitar"))', '("play" NEAR/2 ("drum" OR "guitar"))',
     ['x | They play the bass guitar.'], ['x | They play it all on one guitar.']),
    ('(prox/unit=sentence/distance=1 ("tax") ("protest*"))', '("tax" SENTENCE "protest*")',
     ['x | Protests against the tax went on.'], ['x | Protests went on. The tax stays.']),
    ('(or // a comment ( with all ) of it // ("alpha"))', '("alpha")', ['alpha | x'], ['beta | x']),
]


def main(folder):
    rules, profiles = os.path.join(folder, 'rules.json'), os.path.join(folder, 'profiles')
    with open(rules, 'w', encoding='utf-8') as file:
        json.dump({'rules': [{'name': 'Rule %d' % i, 'query': case[0], 'topicId': 'medtop:01000000'}
                             for i, case in enumerate(CASES)]}, file)
    converter = os.path.join(root, 'common/profile/tools/convert_extra.py')
    subprocess.run([sys.executable, converter, rules, profiles], check=True)
    for i, (_, query, matching, others) in enumerate(CASES):
        path = os.path.join(profiles, 'extra-%03d.toml' % (i + 1))
        with open(path, encoding='utf-8') as file:
            written = file.read().split('"""\n')[1].strip()
        assert query is None or written == query, written
        with open(path, 'a', encoding='utf-8') as file:
            for match, articles in (('true', matching), ('false', others)):
                for article in articles:
                    headline, body = article.split(' | ')
                    file.write('[[examples]]\nmatch = %s\nheadline = "%s"\nbody = "%s"\n' % (match, headline, body))
    subprocess.run([program, 'test', '--set', 'profiles.directory=' + profiles], check=True)
    with open(rules, 'w', encoding='utf-8') as file:  # What is unknown is named, and not guessed.
        json.dump({'rules': [{'name': 'Rule', 'query': '(or/count<3 ("a"))'}]}, file)
    assert subprocess.run([sys.executable, converter, rules, profiles], check=False).returncode == 1


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
