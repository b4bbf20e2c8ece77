#!/usr/bin/env python3
"""Wirewatch's profile engine and Lucene Monitor on the same generated queries and articles, one thread each, in turn.

    run.py [--scale 1.0] [--articles 1000] [--seconds 20] [--shape NAME ...] [--heap 10g] [--keep FOLDER]

Builds the Java side by Maven, prints a table with the ratios, and ends with 1 when the two do not find the same matches.
The benchmark's program is taken from build/release; build it first.
"""

import argparse
import bisect
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
WORDS = 200_000    # Of the language.
ARTICLE_WORDS = 400
COMMON = 100       # The commonest words are in no query, as nobody asks for "the".
PLANTED = 0.02     # Share of queries whose words are those of one article, so that matches are not rare.
SHAPES = {         # Name: queries, what each is.
    '5 MUST + 2 NOT': (100_000, lambda g: g.boolean(5, 2)),
    '100 MUST + 20 NOT': (10_000, lambda g: g.boolean(100, 20)),
    '20 wildcards': (10_000, lambda g: g.wildcards(20)),
    '1 to 3 words': (2_000_000, lambda g: g.boolean(g.random.choice((1, 2, 2, 3, 3)), 0)),
}


class Generator:
    """A language whose words are as frequent as Zipf says, and the longer the rarer."""

    def __init__(self, seed, articles):
        self.random = random.Random(seed)
        words, self.words = set(), []
        for rank in range(WORDS):
            length = 2 + min(9, (rank + 1).bit_length() // 2) + self.random.randrange(3)
            word = ''
            while not word or word in words:
                word = ''.join(self.random.choice('bcdfghklmnprstvz' if i % 2 else 'aeiou') for i in range(length))
                length += 1 if word in words else 0
            words.add(word)
            self.words.append(word)
        self.sums = list(itertools.accumulate(1 / (rank + 3) for rank in range(WORDS)))
        self.common = set(self.words[:COMMON])
        self.articles = [' '.join(self.word() for _ in range(ARTICLE_WORDS)) for _ in range(articles)]

    def word(self):
        return self.words[bisect.bisect(self.sums, self.random.random() * self.sums[-1])]

    def rare_word(self):
        while (word := self.word()) in self.common:
            pass
        return word

    def boolean(self, must, without):
        if self.random.random() < PLANTED:
            pool = sorted(set(self.random.choice(self.articles).split()) - self.common)
            chosen = self.random.sample(pool, min(must, len(pool)))
        else:
            chosen = []
            while len(chosen) < must:
                if (word := self.rare_word()) not in chosen:
                    chosen.append(word)
        query = ['+' + word for word in chosen]
        while len(query) < len(chosen) + without:
            if (word := self.rare_word()) not in chosen:
                query.append('-' + word)
        return ' '.join(query)

    def wildcards(self, count):
        """Of names and special words, half by six letters of their beginning, half of their end; one must be there."""
        query = []
        while len(query) < count:
            word = self.random.choice(self.words)
            if len(word) >= 8:
                query.append(word[:6] + '*' if len(query) % 2 else '*' + word[-6:])
        return ' '.join(query)


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit('%s ended with %d\n%s' % (' '.join(command[:4]), done.returncode, done.stdout))
    return done.stdout


def table(rows):
    print('| Queries | | articles/s | p50 ms | p99 ms | of the processor: articles/s | p99 ms | memory MiB | build s '
          '| verified/article | ratio | of the processor |')
    print('|---|---|---|---|---|---|---|---|---|---|---|---|')
    for name, articles, ours, theirs in rows:
        for label, result in (('Wirewatch', ours), ('Lucene', theirs)):
            ratios = ['%.1f×' % (ours[of] / theirs[of]) if result is ours else ''
                      for of in ('articles_per_s', 'cpu_articles_per_s')]
            print('| %s | %s | %.5g | %.3g | %.3g | %.5g | %.3g | %.0f | %.1f | %.0f | %s | %s |' % (
                name, label, result['articles_per_s'], result['p50_ms'], result['p99_ms'], result['cpu_articles_per_s'],
                result['cpu_p99_ms'], result['memory_mib'], result['build_s'], result['candidates'] / articles, *ratios))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--scale', type=float, default=1)
    parser.add_argument('--articles', type=int, default=1000)
    parser.add_argument('--seconds', type=float, default=20)
    parser.add_argument('--shape', action='append', choices=list(SHAPES))
    parser.add_argument('--heap', default='10g')
    parser.add_argument('--keep')
    options = parser.parse_args()
    program = os.path.join(ROOT, 'build/release/bin/profile_bench')
    target = os.path.join(ROOT, 'build/lucene')
    jars, made = os.path.join(target, 'lib'), os.path.join(target, 'classes')
    run(['mvn', '-q', '-B', '-f', os.path.join(HERE, 'pom.xml'), 'dependency:copy-dependencies', '-DoutputDirectory=' + jars])
    run(['javac', '--release', '17', '-d', made, '-cp', os.path.join(jars, '*'), os.path.join(HERE, 'LuceneMonitorBench.java')])
    classes = made + ':' + os.path.join(jars, '*')
    rows, different = [], False
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        for name in options.shape or SHAPES:
            count, make = SHAPES[name]
            generator = Generator(1, options.articles)
            queries, articles = os.path.join(folder, 'queries'), os.path.join(folder, 'articles')
            with open(articles, 'w', encoding='utf-8') as file:
                file.writelines(article + '\n' for article in generator.articles)
            count = max(1, int(count * options.scale))
            with open(queries, 'w', encoding='utf-8') as file:
                file.writelines(make(generator) + '\n' for _ in range(count))
            found = [os.path.join(folder, 'matches-' + engine) for engine in ('wirewatch', 'lucene')]
            arguments = [queries, articles]
            ours = json.loads(run([program, *arguments, found[0], str(options.seconds)]))
            theirs = json.loads(run(['java', '-Xmx' + options.heap, '-XX:+UseSerialGC', '-cp', classes,
                                     'wirewatch.LuceneMonitorBench', *arguments, found[1], str(options.seconds)]))
            same = run(['cmp', *found]) == '' if os.path.getsize(found[0]) == os.path.getsize(found[1]) else False
            different = different or not same
            print('%s × %d: %d and %d matches, %s; %s; %s' % (
                name, count, ours['matches'], theirs['matches'], 'the same' if same else 'DIFFERENT', json.dumps(ours),
                json.dumps(theirs)), file=sys.stderr, flush=True)
            rows.append(('%s × %s' % (name, format(count, ',')), options.articles, ours, theirs))
    table(rows)
    sys.exit(1 if different else 0)


main()
