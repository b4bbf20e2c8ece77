"""What is written by hand in data/, and what follows from it for all names."""

import bisect
import collections
import re
import sys

from gazetteer_table.names import HOME, LANGUAGES, all_of, fold, fold_stars, hand_flags, read_table, read_words, script_of, spoken
from gazetteer_table.persons import given_names
from gazetteer_table.table import CITY_KNOWN_POPULATION_MIN, Place

GREAT_CITY_POPULATION_MIN = 1_000_000


def add_hand_written(table):
    cities = collections.defaultdict(dict)  # Of each name the greatest, and its flags.
    for place in sorted(table.places.values(), key=lambda place: (place.population, place.identifier)):
        if place.kind in ("city", "capital"):
            for name, flags in place.names:
                cities[place.country][name] = (place, flags)
    for file in ("hard_names.tsv", "stems.tsv", "governments.tsv", "organisations.tsv", "companies.tsv",
                 "leaders.tsv", "areas.tsv"):
        for where, cells in read_table(file):
            if len(cells) != 5:
                sys.exit(f"{where}: expected 5 cells (kind, place, languages, flags, names), found {len(cells)}")
            kind, target, languages, flags, names = cells
            flags = "" if flags == "-" else flags
            names = [name.strip() for name in names.split("|")]
            if kind == "demonym":
                if target not in table.places:
                    sys.exit(f"{where}: unknown place {target}")
                place = table.demonym(target)
            elif target in table.places and kind == table.places[target].kind:
                place = table.places[target]
            else:
                place = hand_place(table, where, kind, target, names)
            for name in names:
                if kind == "demonym" and name in cities[table.places[target].country]:
                    # The city's own row has its coordinates too, but perhaps the name in another language.
                    city, city_flags = cities[table.places[target].country][name]
                    city.names[(name, city_flags)] |= spoken(languages)
                    continue
                place.add(name, spoken(languages), hand_flags(name, flags))


# What people of a country are called in the plural, where the stem's last letters change: "Britští", "brytyjscy".
SOFT_PLURALS = {"cs": (("sk*", "ští"), ("ck*", "čtí")), "pl": (("sk*", "scy"), ("ck*", "ccy"))}


def add_soft_plurals(table):
    for place in table.places.values():
        if place.kind not in ("country", "demonym"):
            continue
        for (name, flags), languages in list(place.names.items()):
            for language in languages & set(SOFT_PLURALS):
                for ending, soft in SOFT_PLURALS[language]:
                    if name.endswith(ending):
                        place.add(name[:-len(ending)] + soft, {language}, flags.replace("c", ""))


def remove_false_stems(table):
    """Stems of a country's name that another country's name begins with: "niger*", "Nigeria"."""
    countries = [place for place in table.places.values() if place.kind == "country"]
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


def key_of(name):
    """A name as the program compares it, as far as false_names.tsv wants it."""
    name = fold_stars(name)
    for letter, other in (("ة", "ه"), ("ى", "ي"), ("ی", "ي"), ("ک", "ك"), ("ı", "i"), ("ł", "l"), ("ø", "o"), ("đ", "d"), ("ð", "d")):
        name = name.replace(letter, other)
    return name.rstrip("*")


def read_false_names():
    """The languages of false_names.tsv by its words, by what its words begin with, and the words in small letters."""
    whole, stems, written = collections.defaultdict(set), collections.defaultdict(set), set()
    for _, (listed, words) in read_table("false_names.tsv"):
        written |= set(words.lower().split("|"))
        for word in map(key_of, words.split("|")):
            whole[word] |= spoken(listed)
            for end in range(2, len(word) + 1):
                stems[word[:end]] |= spoken(listed)
    return whole, stems, written


def doubt_false_names(table):
    """false_names.tsv: in its languages words are no stems of names, nor foreign towns; greater places are doubtful."""
    whole, stems, written = read_false_names()
    for place in table.places.values():
        great = place.kind not in ("city", "subdivision") or place.population >= GREAT_CITY_POPULATION_MIN
        for (name, flags), languages in list(place.names.items()):
            words = (stems if name.endswith("*") else whole).get(key_of(name))
            here = all_of(languages) & (words or set())
            doubtful = {language for language in here if great or place.country in HOME.get(language, ())}
            if not here or ("a" in flags and doubtful == here):
                continue
            # "Κάιρο" is not "καιρό". In Latin letters marks tell less: "Malí", Icelandic "máli".
            if "d" in flags and script_of(name) != "LATIN" and not name.endswith("*") and name.lower() not in written:
                continue
            place.take(name, flags, here)
            if doubtful and not name.endswith("*"):
                place.add(name, doubtful, flags + "a")


def add_features(table):
    """features.tsv, less the names that open data has in the same country."""
    known = {(place.country, fold(name)) for place in table.places.values()
             if place.kind in ("country", "subdivision", "area", "capital") for name, _ in place.names}
    for where, (kind, target, languages, flags, names) in read_table("features.tsv"):
        names = names.split("|")
        country = "" if target.startswith("-") else target[:2]
        names = [name for name in names if (country, fold(name)) not in known]
        if names:
            place = hand_place(table, where, kind, target, names)
            for name in names:
                place.add(name, spoken(languages), hand_flags(name, flags.replace("-", "")))


def hand_place(table, where, kind, target, names):
    lat = lon = None
    if "@" in target:
        target, point = target.replace(" ", "").split("@")
        lat, lon = (float(x) for x in point.split(","))
    members = target.split("+") if "+" in target else []
    country = admin1 = ""
    if target != "-" and not members:
        if target not in table.places:
            sys.exit(f"{where}: unknown place {target}")
        base = table.places[target]
        country, admin1 = base.country, base.admin1
        if kind == "government" and target == country:  # Sits in the capital.
            base = next((place for place in table.places.values()
                         if place.kind == "capital" and place.country == country), base)
            admin1 = base.admin1
        if lat is None:
            lat, lon = base.lat, base.lon
    slug = fold(names[0]).replace(" ", "-")
    key = f"organisation.{slug}" if kind == "organisation" else f"{kind}.{target}.{slug}"
    if key not in table.places:
        table.places[key] = Place(key, kind, country, names[0].rstrip("*"), admin1, lat, lon, members=members)
    return table.places[key]


def doubt_towns(table):
    """Towns called like a country, its people or a state ("Canadian", "Wyoming") count only with context."""
    whole = {fold(place.english) for place in table.places.values() if re.match("(US|CA)-", place.identifier)}
    stems = set()
    for place in table.places.values():
        if place.kind in ("country", "demonym"):
            for (name, _), languages in place.names.items():
                if languages & {"en", "*"}:
                    (stems if name.endswith("*") else whole).add(fold(name))
    for place in table.places.values():
        if place.kind != "city" or place.population >= CITY_KNOWN_POPULATION_MIN:
            continue
        for name, flags in list(place.names):
            plain = fold(name)
            if plain in whole or any(plain[:end] in stems and len(plain) - end <= 3
                                     for end in range(4, len(plain) + 1)):
                if "x" not in flags:
                    languages = place.names.pop((name, flags))
                    place.add(name, languages, flags + "x")


PLAIN_LETTERS_MAX = 6


def ask_for_plain_letters(table):
    """Short names without marks, of which no language writes one with them, are none where the text has marks: "Tête" is not Tete.

    What a language does write with marks has them there alone: "Cádiz" in Spanish, "Turín" in Czech.
    Of countries that is so in Vietnamese, where "ảnh", a picture, is not Anh, the United Kingdom.
    """
    for place in table.places.values():
        town = place.kind in ("city", "subdivision") and place.population < GREAT_CITY_POPULATION_MIN
        if not town and place.kind not in ("country", "demonym"):
            continue
        marked = {fold(name) for name, _ in place.names if not name.isascii() and script_of(name) == "LATIN"}
        for (name, flags), languages in list(place.names.items()):
            plain = name.isascii() and name.isalpha() and len(name) <= PLAIN_LETTERS_MAX
            asking = languages if town else languages & {"vi"}
            if plain and asking and fold(name) not in marked and not set(flags) & set("dsj"):
                place.names[(name, flags)] = languages - asking
                place.add(name, asking, flags + "d")
                for spelling, language in place.marked if town else ():
                    if fold(spelling) == fold(name):
                        place.add(spelling, {language}, flags + "d")
        place.names = {name: languages for name, languages in place.names.items() if languages}


def add_joint_names(table):
    """joint_names.tsv: names of a country by each of their letters (flag s, which letter, b where they stand alone)."""
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    for where, cells in read_table("joint_names.tsv"):
        kind, language, *countries, names = cells
        if len(countries) != (kind == "exact"):
            sys.exit(f"{where}: expected kind, language and names, of exact ones also countries")
        rows[language][kind] += names.split("|")
        if kind == "exact":
            add_joint_name(table, language, names.split("|"), countries[0].split(), "b")
    for language, kinds in sorted(rows.items()):
        letters = dict(pair.split("=") for pair in kinds["letters"])
        for kind in ("free", "alone", "tied"):
            for name in kinds[kind]:
                if set(name) - set(letters):
                    sys.exit(f"joint_names.tsv: {language} has no country for a letter of {name}; add it to its letters")
                countries = [letters[letter] for letter in name]
                if kind != "tied":
                    add_joint_name(table, language, [name], countries, "b" if kind == "alone" else "")
                if kind != "free":
                    add_joint_name(table, language, [name + word for word in kinds["words"]], countries, "")
        for letter in kinds["holders"]:
            add_joint_name(table, language, [letter + word for word in kinds["offices"]], [letters[letter]], "b")
        for letter in kinds["single"]:
            add_joint_name(table, language, [letter], [letters[letter]], "b")


def add_joint_name(table, language, names, countries, flags):
    for at, country in enumerate(countries):
        for name in names if country != "-" else ():
            table.places[country].add(name, {language}, f"s{at or ''}{flags}")


def add_roles(table):
    """Words that are no places but tell something about the names beside them."""
    for role, file in (("given", "given_names.txt"), ("title", "titles.txt")):
        place = Place("role." + role, "role-" + role, "", role)
        for word in read_words(file):
            place.add(word.replace("_", " "), {"*"}, "c")
        table.places[place.identifier] = place
    for _, (languages, names) in read_table("given_names_home.tsv") + read_table("given_names_abroad.tsv"):
        for name in names.split("|"):
            table.places["role.given"].add(name, spoken(languages), hand_flags(name, ""))
    # A case of a Baltic name ("Rene") makes no town of an English given name.
    greater = {fold(name) for place in table.places.values() for (name, flags), languages in place.names.items()
               if languages - {"lt", "lv"} and (place.kind != "city" or place.population >= CITY_KNOWN_POPULATION_MIN) and not set(flags) & set("lxj")}
    for word in sorted(table.census_given - table.words - greater):
        table.places["role.given"].add(word.capitalize(), {"en"}, "c")
    known = collections.defaultdict(set)
    for (name, _), languages in table.places["role.given"].names.items():
        known[name] |= all_of(languages)
    for name, languages in sorted(given_names(table).items()):
        if languages - known[name]:
            table.places["role.given"].add(name, languages - known[name], "cw")
    for role, file in (("block", "blocked.tsv"), ("suffix", "suffixes.tsv"), ("hamlet", "hamlets.tsv"), ("street", "streets.tsv")):
        place = Place("role." + role, "role-" + role, "", role)
        for _, (languages, flags, names) in read_table(file):
            for name in names.split("|"):
                place.add(name, spoken(languages), flags.replace("-", ""))
        table.places[place.identifier] = place


def remove_names(table):
    used = set()
    for place in table.places.values():
        if place.kind.startswith("role"):
            continue
        for name, flags in list(place.names):
            for identifier in (place.identifier, place.country, "*"):
                languages = table.removed.get((identifier, name))
                if not languages:
                    continue
                used.add((identifier, name))
                left = set() if "*" in languages else place.names.get((name, flags), set()) - languages
                if left:
                    place.names[(name, flags)] = left
                else:
                    place.names.pop((name, flags), None)
    for identifier, name in sorted(set(table.removed) - used):
        print(f"removed_names.tsv: {identifier} has no name {name}", file=sys.stderr)


def sources(table):
    """Where sources of news are at home, by their names; "Paris, US-TX" is the greatest of that name."""
    towns = {}
    for place in sorted(table.places.values(), key=lambda place: place.population):
        if place.kind in ("city", "capital"):
            for name, _ in place.names:
                towns[f"{fold(name)}, {place.admin1}"] = place.identifier
    for where, cells in read_table("sources.tsv"):
        place, names = cells
        if "," in place:
            town, area = place.split(", ")
            place = towns.get(f"{fold(town)}, {area}", place)
        if place not in table.places:
            sys.exit(f"{where}: unknown place {place}")
        yield "\t".join(["source." + place, "source", "", "", "", "", "", "", place, names])
