"""The cases of countries, large cities, leaders and metonyms, which the sources give in their first form alone."""

import collections
import math

from gazetteer_table.cases import COUNTRY_RULES, DECLINE_PERSONS, SCRIPTS, city_cases, country_cases, person_stem
from gazetteer_table.hand_written import GREAT_CITY_POPULATION_MIN, key_of, read_false_names
from gazetteer_table.names import all_of, script_of

CAPITAL_POPULATION_MIN = 50_000
CITY_POPULATION_MIN = 400_000


def add_cases(table):
    """The cases of countries, capitals and large cities, where no stem finds them yet: "Kínában", "Číně", "Londonban"."""
    false_words, false_stems, _ = read_false_names()
    greatest = collections.Counter()
    for place in table.places.values():
        for name, _ in place.names if place.kind in ("city", "capital") else ():
            greatest[name] = max(greatest[name], place.population)
    for place in table.places.values():
        country = place.kind == "country"
        if not country and place.population < {"capital": CAPITAL_POPULATION_MIN, "city": CITY_POPULATION_MIN}.get(place.kind, math.inf):
            continue
        for language in COUNTRY_RULES:
            names = [(name, flags) for name, flags in declined_names(table, place, language)
                     if country or (place.population == greatest[name] and ("g" not in flags or place.population >= GREAT_CITY_POPULATION_MIN))]
            stems = tuple(name.lower().rstrip("*") for (name, _), languages in place.names.items() if name.endswith("*") and language in languages)
            for name, flags in names:
                if set(flags) & set("ajklxy") or any(name != other and name.startswith(other) for other, _ in names):  # A case itself.
                    continue
                for form in country_cases(name, language) if country else city_cases(name, language):
                    false = false_stems if form.endswith("*") else false_words
                    if not form.lower().startswith(stems) and language not in false.get(key_of(form), ()):
                        place.names.setdefault((form, flags), set()).add(language)


def add_cases_of_persons(table):
    """Leaders' surnames and metonyms with endings, in the languages that attach them to foreign names: "Trumppal", "Kremlissä"."""
    _, false_stems, _ = read_false_names()
    for place in table.places.values():
        if place.kind not in ("leader", "government", "metonym"):
            continue
        for (name, flags), languages in list(place.names.items()):
            if set(flags) & set("aglujxy"):
                continue
            for language in all_of(languages) & set(DECLINE_PERSONS):
                stem = person_stem(name, language)
                if stem and language not in false_stems.get(key_of(stem), ()):
                    place.names.setdefault((stem, flags), set()).add(language)


def declined_names(table, place, language):
    """The place's names in a language that are not cases themselves, as far as can be told; the English one where it has no other."""
    if place.kind == "country":
        called = table.territories[language].get(place.country, ())
        return [(name, flags) for name, flags in place.names if name in called]
    names = [(name, flags) for (name, flags), languages in place.names.items() if language in languages and not name.endswith("*") and "j" not in flags]
    if names or script_of(place.english) != SCRIPTS.get(language, "LATIN"):
        return names
    return [(name, flags) for name, flags in place.names if name == place.english]
