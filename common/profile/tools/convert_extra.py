#!/usr/bin/env python3
"""Makes profiles of rules in the query language of IPTC EXTRA. ../EXTRA.md has what becomes what.

    convert_extra.py RULES.json... FOLDER

A file holds {"rules": [{"name", "query", "topicId"}]}, as iptc/extra-examples has them. One TOML file per rule is
written; a rule that cannot be converted is named, and the status is 1.
"""

import json
import os
import re
import sys

ZONES = {'title': 'headline:', 'subtitle': 'top:', 'body': 'body:', 'text_content': '', '': ''}
TOKEN = re.compile(r'//.*?//|"((?:\\.|[^"\\])*)"|([()])|([^\s()"]+)', re.S)
ANYWHERE = 1000  # NEAR of the widest reach.
# A pattern of digits alone would have to be tried on every word; the rules mean ages.
NUMBERS = '(' + ' OR '.join(str(number) for number in range(200)) + ')'


class Unknown(Exception):
    pass


def tokens(text):
    for match in TOKEN.finditer(text):
        if match.group(0).startswith('//'):  # A comment.
            continue
        if match.group(1) is not None:
            yield 'string', match.group(1)
        else:
            yield 'word', match.group(2) or match.group(3)


def parse(stream):
    """After '(': gives [items], strings as ('string', text), words as text, groups as lists."""
    items = []
    for kind, text in stream:
        if kind == 'word' and text == ')':
            return items
        if kind == 'word' and text == '(':
            items.append(parse(stream))
        else:
            items.append((kind, text) if kind == 'string' else text)
    return items


def quoted(words, exact=False, stem=False):
    words = re.sub(r'\s+', ' ', words.replace('\\', '').replace('"', ' ')).strip()
    if stem and not words.endswith('*'):
        words += '*'
    return ('=' if exact else '') + '"' + words + '"'


def expression_of_words(pattern):
    """A regular expression of several words: each is one of ours, side by side."""
    words = [word for word in re.split(r'(?:\\-\??|\\s[+?]*\??|[-\s])+', pattern) if word]
    parts = [NUMBERS if word == r'\d+' else '/%s/' % word if re.search(r'[\\\[(+*?|]', word) else quoted(word)
             for word in words]
    return '(' + ' ONEAR/0 '.join(parts) + ')'


def leaf(field, relation, text):
    relation, *modifiers = relation.split('/')
    exact, stem = 'literal' in modifiers, 'stemming' in modifiers
    if set(modifiers) - {'literal', 'stemming', 'regexp'} or field not in ZONES:
        raise Unknown('%s %s' % (field, relation))
    if 'regexp' in modifiers:
        query = expression_of_words(text)
    elif relation in ('adj', '='):
        query = quoted(text, exact, stem)
    elif relation in ('any', 'all'):
        joined = ' OR ' if relation == 'any' else ' AND '
        query = '(' + joined.join(quoted(word, exact, stem) for word in text.split()) + ')'
    else:
        raise Unknown(relation)
    return ZONES[field] + query


def bound(modifier, name):
    match = re.fullmatch(name + r'(>=|<=|=|<|>)(\d+)', modifier)
    return (match.group(1), int(match.group(2))) if match else None


def group(items):
    if len(items) == 1 and isinstance(items[0], list):
        return group(items[0])
    if len(items) == 1 and isinstance(items[0], tuple):
        return quoted(items[0][1])
    if len(items) == 3 and isinstance(items[2], tuple):
        return leaf(items[0], items[1], items[2][1])
    operator, *modifiers = items[0].split('/')
    parts = [group(item) if isinstance(item, list) else quoted(item[1]) for item in items[1:]]
    if not parts:
        raise Unknown(str(items)[:80])
    any_of = '(' + ' OR '.join(parts) + ')'
    if operator == 'or' and not modifiers:
        return any_of
    if operator == 'and' and not modifiers:
        return '(' + ' AND '.join(parts) + ')'
    if operator == 'not':
        return '(NOT ' + any_of + ')'
    if operator == 'or' and len(modifiers) == 1:
        for name, form in (('countunique', 'at least %d of (%s)'), ('count', 'times/%d:%s')):
            if (least := bound(modifiers[0], name)) and least[0] in ('>', '>='):
                number = least[1] + (1 if least[0] == '>' else 0)
                if number <= 1:
                    return any_of
                if name == 'countunique' and number > len(parts):
                    raise Unknown('%d of %d' % (number, len(parts)))
                return form % (number, ', '.join(parts) if name == 'countunique' else any_of)
    if operator == 'prox' and 'unit=sentence' in modifiers:
        return '(' + ' SENTENCE '.join(parts) + ')'
    if operator == 'prox' and 'unit=word' in modifiers:
        sign, number = next(filter(None, (bound(modifier, 'distance') for modifier in modifiers)))
        # Neighbours are at distance 1 there, with no word between here.
        between = {'<=': number - 1, '<': number - 2, '=': number - 1}.get(sign, ANYWHERE)
        return '(' + (' NEAR/%d ' % max(between, 0)).join(parts) + ')'
    raise Unknown(items[0])


def convert(query):
    items = parse(tokens(query))
    return group(items)


def main(paths, folder):
    os.makedirs(folder, exist_ok=True)
    failed = written = 0
    for path in paths:
        with open(path, encoding='utf-8') as file:
            rules = json.load(file)['rules']
        for rule in rules:
            written += 1
            try:
                query = convert(rule['query'])
            except Unknown as unknown:
                failed += 1
                print('%s: %s: no counterpart of %s' % (path, rule['name'], unknown))
                continue
            name = 'extra-%03d' % written
            with open(os.path.join(folder, name + '.toml'), 'w', encoding='utf-8') as file:
                file.write('title = %s\ndescription = %s\nquery = """\n%s\n"""\n' % (
                    json.dumps(rule['name'], ensure_ascii=False), json.dumps('EXTRA rule for ' + rule.get('topicId', '')),
                    query.replace('\\', '\\\\')))
    print('%d rules, %d not converted' % (written, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:-1], sys.argv[-1]))
