"""Stems of demonyms, and capitals: Newsmap's dictionaries."""

import collections
import os
import re

from gazetteer_table.names import UNSPACED, fold, script_of


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


def add_demonyms(table):
    """Newsmap's terms: what is neither a known name of the country nor a city is a demonym."""
    cities = collections.defaultdict(set)
    for place in table.places.values():
        if place.kind in ("city", "capital"):
            cities[place.country].update(fold(name) for name, _ in place.names)
    for language in sorted(table.newsmap):
        for country, terms in sorted(table.newsmap[language].items()):
            if country in table.places:
                known = {fold(name) for name, _ in table.places[country].names}
                for term in terms:
                    add_newsmap_term(table, country, language, term, known, cities[country])


def add_newsmap_term(table, country, language, term, known, cities):
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
        flags += "".join(table.ambiguous.get(fold(term), set()))
    (table.places[country] if is_name else table.demonym(country)).add(term, {language}, flags)
