"""Countries and their M49 tree: Unicode CLDR and libgeonames-common."""

import collections
import os
import re
import xml.etree.ElementTree as ElementTree

from gazetteer_table.forms import STARRED, adjectives, inflected
from gazetteer_table.names import CASED, LANGUAGES, LOCALES, UNSPACED, fold, read_table, script_of
from gazetteer_table.table import Place

SMALL_ADJECTIVES = {"ru", "uk", "be", "bg", "mk", "sr", "pl", "cs", "sk", "hr", "sl", "bs", "fi", "hu"}

# UN M49's regions that have a name of their own in the news, and a point of some. Not the world, and neither the Americas nor Australasia:
# most languages call a country so.
REGIONS = {
    "002": (7.19, 21.09), "003": (46.07, -100.55), "005": (-14.6, -57.66), "009": (-18.31, 138.52), "011": None, "013": (12.5, -85), "014": None,
    "015": None, "017": None, "018": None, "021": None, "029": (15, -75), "030": None, "034": None, "035": None, "039": None, "054": None,
    "057": None, "061": None, "142": (29.84, 89.3), "143": None, "145": None, "150": (48.69, 9.14), "151": None, "154": None, "155": None,
    "202": None, "419": (-14.6, -57.66),
}


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


def read_containment(table):
    path = "/usr/share/unicode/cldr/common/supplemental/supplementalData.xml"
    root = ElementTree.parse(path).getroot()
    # ISO 3166-1's other codes, of which UN M49 has the numbers.
    table.codes = {node.get("type"): (node.get("alpha3"), node.get("numeric")) for node in root.iter("territoryCodes")}
    contains = {}
    for group in root.iter("group"):
        if group.get("status") is None and group.get("type").isdigit():
            contains[group.get("type")] = group.get("contains").split()
    table.parent = {child: group for group, children in contains.items() for child in children
                   if group not in ("003", "202", "419")}
    # M49 has two more levels that CLDR keeps as groupings; Antarctica lies in no region.
    table.parent.update({code: "419" for code in ("005", "013", "029")})
    table.parent.update({code: "202" for code in ("011", "014", "017", "018")})
    table.parent.update({"419": "019", "202": "002", "AQ": "001"})
    table.countries = sorted(code for code in table.parent if code.isalpha() and code not in (
        "AC", "CP", "DG", "TA", "QO", "EA", "IC"))


def m49(table, country):
    chain = []
    code = table.parent[country]
    while code:
        chain.append(code)
        code = table.parent.get(code)
    return chain


def add_countries(table):
    points = {cells[0]: (float(cells[1]), float(cells[2])) for _, cells in read_table("country_points.tsv")}
    ids = {cells[0]: int(cells[1]) for _, cells in read_table("country_geonames_ids.tsv")}
    population = collections.Counter()
    for city in table.cities:
        population[city["country"]] += city["population"]
    owners = {language: {name: country for country in table.countries
                         for name in table.territories[language].get(country, [])} for language in LANGUAGES}
    for country in table.countries:
        lat, lon = points.get(country, (None, None))
        place = Place(country, "country", country, table.english(country), lat=lat, lon=lon,
                      population=population[country], geonames=ids.get(country, 0))
        table.places[country] = place
        place.add(table.english(country), {"*"}, table.flags(table.english(country)))
        for language in LANGUAGES:
            names = table.territories[language].get(country, []) + table.catalogs[language].get(country, [])
            for name in names:
                for part in re.split(r"[()（）]", name):  # "Myanmar (Burma)"
                    # Not "Virgin Islands (USA)", nor "Hong Kong (China SAR)".
                    if part == name or (owners[language].get(part.strip(), country) == country and
                                        (country not in ("HK", "MO", "CC", "CG") or name.startswith(part))):
                        add_country_name(table, place, part.strip(), language)


def add_country_name(table, place, name, language):
    if len(name) < 2 or (script_of(name) == "LATIN" and len(fold(name)) <= 3 and name.upper() == name):
        return  # Abbreviations are hand-written.
    if script_of(name) in UNSPACED and len(name) < 2:
        return
    shared = language == "en" or script_of(name) not in CASED | {"ARABIC", "DEVANAGARI", "CJK"}
    languages = {"*"} if shared else {language}
    place.add(name, languages, table.flags(name))
    for stem in inflected(name, language) + adjectives(name, language):
        # Adjectives are written small in these.
        small = language in SMALL_ADJECTIVES and len(stem) > 5 and stem.endswith("*")
        place.add(stem, {language}, table.flags(name).replace("c", "") if small else table.flags(name))


def add_regions(table):
    """Continents and their parts, else "Sør-Amerika" and "加勒比海" are a country and a town in them. The English names are hand-written."""
    owned = collections.defaultdict(set)
    for place in table.places.values():
        if place.kind == "country":
            for (name, _), languages in place.names.items():
                for language in languages:
                    owned[language].add(fold(name))
    for code, point in REGIONS.items():
        lat, lon = point or (None, None)
        english = table.territories["en"][code][0]
        place = Place(f"m49:{code}", "area", "", english, lat=lat, lon=lon)
        for language in LANGUAGES:
            for name in table.territories[language].get(code, []) if language != "en" else []:
                if "(" in name or fold(name) in owned[language] | owned["*"]:
                    continue
                flags = "c" if script_of(name) in CASED and name[:1].isupper() else ""
                for form in [name] + inflected(name, language) + [name + "*"] * (language in STARRED):
                    place.add(form, {language}, flags)
        table.places[place.identifier] = place


def country_table(table):
    out = ["// Generated by common/gazetteer/tools/generate_gazetteer.py from Unicode CLDR. Do not edit.",
           "// clang-format off", "inline constexpr CountryRow kCountries[] = {"]
    for country in table.countries:
        chain = ", ".join(f'"{code}"' for code in m49(table, country))
        alpha3, number = table.codes[country]
        out.append(f'    {{"{country}", "{alpha3}", "{number}", "{table.english(country)}", '
                   f'{{{chain}}}, {len(m49(table, country))}}},')
    return "\n".join(out + ["};", "// clang-format on"]) + "\n"
