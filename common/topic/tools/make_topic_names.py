#!/usr/bin/env python3
"""Writes topic_names.inc: id, level, parent and English name of the IPTC Media Topics of level 1 and 2.

Usage: make_topic_names.py iptc-media-topics.json > ../topic_names.inc

The input is one object with `concepts`: {id, name, level, broader, retired}, as in the IPTC NewsCodes
(CC BY 4.0, see NOTICE.md).
"""

import json
import sys

# Renamed by IPTC after the state of October 2023 that the input holds.
RENAMED = {11000000: "politics and government"}


def number(identifier):
    return int(identifier.removeprefix("medtop:"))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        concepts = json.load(file)["concepts"]
    rows = []
    for concept in concepts:
        if concept["retired"] or concept["level"] > 2:
            continue
        identifier = number(concept["id"])
        parent = number(concept["broader"][0]) if concept["broader"] else 0
        name = RENAMED.get(identifier, concept["name"])
        rows.append((identifier, concept["level"], parent, name))
    print("// Made by tools/make_topic_names.py; see NOTICE.md.")
    for identifier, level, parent, name in sorted(rows):
        print(f'{{{identifier}, {level}, {parent}, "{name}"}},')


main()
