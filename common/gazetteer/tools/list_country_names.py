#!/usr/bin/env python3
"""Writes what CLDR calls the countries, in each of its languages that the gazetteer has, as a set for wirewatch_quality.

    common/gazetteer/tools/list_country_names.py <folder>
    wirewatch_quality <folder> --only names --errors

Writes <folder>/country-names-cldr.jsonl.gz: a row for each name, with `id`, `body` (the name alone), `language` and
`countries`. Input: Debian unicode-cldr-core, as generate_gazetteer.py reads it.
"""

import argparse
import gzip
import json
import os

from gazetteer_table.countries import read_cldr_names, read_containment
from gazetteer_table.names import LANGUAGES
from gazetteer_table.table import Table


def rows():
    table = Table()
    read_containment(table)
    names = read_cldr_names("main", "territory")
    for language in LANGUAGES:
        for country in table.countries:
            for number, name in enumerate(names[language].get(country, [])):
                yield {"id": f"{language}.{country}.{number}", "body": name + ".", "language": language,
                       "countries": [country]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    arguments = parser.parse_args()
    with gzip.open(os.path.join(arguments.folder, "country-names-cldr.jsonl.gz"), "wt", encoding="utf-8") as file:
        for row in rows():
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
