#!/usr/bin/env python3
"""Finds names of places that English news mostly uses for other things; prints data/ordinary_words.tsv.

    find_ordinary_words.py CORPORA > common/gazetteer/data/ordinary_words.tsv

CORPORA is the folder that tests/quality/README.md describes; only texts are read, no labels, and only
counts of single words leave this program. A name of one word is
  a  an ordinary word where it is often written in small letters,
  ag a surname where a given name often stands before it.
Cities of 150,000 people and more, capitals, countries and states are left alone.
"""

import collections
import gzip
import json
import os
import re
import sys

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
SETS = ("topics-bbc", "topics-agnews", "reuters-places", "toponyms-lgl", "toponyms-geovirus",
        "focus-country", "pages")
POPULATION_MAX = 150_000


def texts(folder):
    for name in SETS:
        with gzip.open(os.path.join(folder, name + ".jsonl.gz"), "rt", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                yield document["body"]


def names():
    """Names of one word that no large place bears."""
    found = set()
    kept = set()
    with gzip.open(os.path.join(DATA, "gazetteer.tsv.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 10 or cells[1].startswith("role") or cells[1] == "source":
                continue
            small = cells[1] in ("city", "subdivision") and int(cells[6] or 0) < POPULATION_MAX and \
                not re.match(r"(US|CA|AU|GB)-", cells[0])
            for group in cells[9].split(";"):
                head, listed = group.split("=", 1)
                languages = head.split("!")[0].split(",")
                if "en" not in languages and "*" not in languages:
                    continue
                for name in listed.split("|"):
                    if re.fullmatch(r"[A-Za-z]{3,}", name):
                        (found if small else kept).add(name)
    return found - kept


def main():
    given = set()
    with open(os.path.join(DATA, "given_names.txt"), encoding="utf-8") as lines:
        for line in lines:
            given.update(line.split("#")[0].split())
    wanted = names()
    small = {name.lower(): name for name in wanted}
    lower = collections.Counter()
    capital = collections.Counter()
    surname = collections.Counter()
    for text in texts(sys.argv[1]):
        tokens = re.findall(r"[A-Za-z]+|[^\sA-Za-z]", text)
        for before, token in zip([""] + tokens, tokens):
            if token in small:
                lower[small[token]] += 1
            elif token in wanted and before.isalpha():
                capital[token] += 1
                surname[token] += before in given
    print("# Names of places that are mostly other things in English news: flags, names. Written by")
    print("# tools/find_ordinary_words.py from counts of words; see ambiguous_names.tsv for ours.")
    ordinary = sorted(n for n in wanted if lower[n] >= 3 and lower[n] >= 0.15 * capital[n])
    persons = sorted(n for n in wanted if n not in ordinary and surname[n] >= 2 and
                     surname[n] >= 0.15 * capital[n])
    print("a\t" + "|".join(ordinary))
    print("ag\t" + "|".join(persons))


main()
