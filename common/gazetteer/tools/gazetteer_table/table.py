"""The table that the sources fill: places with their names, and what is asked of all of them."""

import collections
import re
import unicodedata

from gazetteer_table.forms import inflected, spellings
from gazetteer_table.names import (
    CASED, HOME, LANGUAGE_BITS, LANGUAGES, all_of, fold, fold_stars, read_table, read_words, script_of, written)

CITY_KNOWN_POPULATION_MIN = 100_000


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
        self.marked = []  # (name, language) that differ from the English name by marks alone: "Cádiz"

    def add(self, name, languages, flags=""):
        name = unicodedata.normalize("NFC", re.sub(r"\s+", " ", name)).strip()
        if not name or re.search(r"[;|=!?\t()]", name):
            return
        if re.search(r"(?<![^\W\d_])[a-z]{1,3}\*", fold_stars(name)):
            return  # A stem of three letters costs time and finds anything.
        bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).replace("\u093c", ""))
        if bare != name:  # Hindi is written with and without the dot.
            self.add(bare, languages, flags)
        if self.kind in ("country", "demonym", "capital"):
            for spelling in spellings(name, set(languages) == {"vi"}):
                self.names.setdefault((spelling, "".join(sorted(set(flags)))), set()).update(languages)
        self.names.setdefault((name, "".join(sorted(set(flags)))), set()).update(languages)

    def take(self, name, flags, languages):
        """Takes a name from some of its languages."""
        left = all_of(self.names.pop((name, flags))) - languages
        if left:
            self.names.setdefault((name, flags), set()).update(left)

    def row(self):
        groups = collections.defaultdict(list)
        for (name, flags), languages in self.names.items():
            if "*" in languages:
                languages = {"*"}
            elif languages >= set(LANGUAGES) - {"en"}:
                languages = {"*-en"}
            else:
                languages = written(name, languages)
            if languages:
                groups[",".join(sorted(languages)) + ("!" + flags if flags else "")].append(name)
        names = ";".join(group + "=" + "|".join(sorted(groups[group])) for group in sorted(groups))
        point = ["", ""] if self.lat is None else [f"{self.lat:.2f}", f"{self.lon:.2f}"]
        return "\t".join([self.identifier, self.kind, self.country + "+".join(self.members), self.admin1,
                          *point, str(self.population or ""), str(self.geonames or ""), self.english, names])


class Table:
    """The places by their identifiers, and what generate_gazetteer.py has read for the steps that add to them."""

    def __init__(self):
        self.places = {}
        self.ambiguous = collections.defaultdict(set)
        for file in ("ambiguous_names.tsv", "ordinary_words.tsv"):
            for _, cells in read_table(file):
                for name in cells[1].split("|"):
                    self.ambiguous[fold(name)].update(cells[0])
        self.given = {fold(word) for word in read_words("given_names.txt")}
        self.removed = collections.defaultdict(set)
        for _, cells in read_table("removed_names.tsv"):
            for name in cells[2].split("|"):
                self.removed[(cells[0], name.strip())].update(cells[1].split(","))

    def flags(self, name):
        """Flags of a proper name, see README.md."""
        flags = set()
        if script_of(name) in CASED and name[:1].isupper():
            flags.add("c")
        plain = fold(name)
        if not name.isascii() and script_of(name) == "LATIN" and len(plain) <= 4:
            flags.add("d")
        return "".join(sorted(flags | self.ambiguous.get(plain, set())))

    def is_common(self, name):
        """True for a name that is mostly a person's, or made of ordinary words."""
        words = fold(name).split()
        if len(words) == 1:
            return words[0] in self.persons or words[0] in self.words or len(words[0]) <= 4
        return all(word in self.words or len(word) <= 2 for word in words)

    def known_names(self):
        return {fold(name) for place in self.places.values() for name, flags in place.names if "l" not in flags}

    def country_at(self, lat, lon):
        """The country of the three nearest towns, or none where they differ or are far."""
        near = []
        for row in (-1, 0, 1):
            for column in (-1, 0, 1):
                for city in self.grid.get((int(lat // 1) + row, int(lon // 1) + column), ()):
                    near.append(((city["lat"] - lat) ** 2 + (city["lon"] - lon) ** 2, city["country"]))
        countries = {country for _, country in sorted(near)[:3]}
        return countries.pop() if len(countries) == 1 else ""

    def demonym(self, target):
        identifier = target + ".demonym"
        if identifier not in self.places:
            base = self.places[target]
            self.places[identifier] = Place(identifier, "demonym", base.country, base.english, base.admin1,
                                            base.lat, base.lon, base.population, base.geonames)
        return self.places[identifier]

    def english(self, country):
        short = {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine", "CG": "Republic of the Congo",
                 "CD": "Democratic Republic of the Congo", "MM": "Myanmar", "CI": "Ivory Coast"}
        return short.get(country) or self.territories["en"][country][0]

    def add_foreign(self, place, name, language, english):
        script = script_of(name)
        if fold(name) == fold(english) and script == "LATIN" and not name.isascii():
            place.marked.append((name, language))
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
        known = place.kind == "capital" or place.country in HOME.get(language, ())
        # Marks above and below are no letters of their own: "วา" and "นิส" are parts of most Thai words.
        if script in ("THAI", "LAO", "KHMER", "MYANMAR") and not known and place.population < 1_000_000 and \
                sum(unicodedata.category(c) != "Mn" for c in name) <= 3:
            return
        doubtful = script in ("ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "GURMUKHI") and letters < 5 and \
            place.population < 1_000_000
        if doubtful and (letters < 4 or not known):
            return
        place.add(name, {language}, self.flags(name))
        if "・" in name:  # "エル・パソ" is "エルパソ" in most newspapers.
            place.add(name.replace("・", ""), {language}, self.flags(name))
        bare = re.sub(r"(특별자치시|특별시|광역시|시|市)$", "", name)  # News says Busan, not Busan City.
        if bare != name and len(bare) >= 2 and place.population >= 200_000:
            place.add(bare, {language}, self.flags(bare))
        if place.population >= 200_000 or place.country in HOME.get(language, ()):
            for stem in inflected(name, language):
                place.add(stem, {language}, self.flags(name) + "".join(self.ambiguous.get(fold(stem), ())))

    def text(self, sources):
        lines = ["#wirewatch-gazetteer\t1\t" + ",".join(LANGUAGE_BITS)]
        order = sorted(self.places.values(), key=lambda p: (p.country, p.kind, p.identifier))
        lines += [row for row in (place.row() for place in order) if not row.endswith("\t")]
        lines += sources
        return "\n".join(lines) + "\n"
