"""What people and things of a town are called: "szegedi", "московский", "Münchner", "Rotterdamse".

town_adjectives.tsv has those that follow no rule, and says which are other words. A form that is no word does no harm.
"""

import re

from gazetteer_table.names import HOME, fold, read_table, script_of

# (ending of a town's name, of its adjective without the adjective's own ending), the first that fits; a group stays.
RUSSIAN = (
    (r"ск", "ск"), (r"цк", "цк"), (r"ец", "ецк"), (r"вль", "вск"), (r"поль", "польск"), (r"([нм])ь", "ск"), (r"га", "жск"),
    (r"ла", "льск"), (r"ца", "цк"), (r"сса", "сск"), (r"([бвдмнрт])а", "ск"), (r"([еои][вн])о", "ск"), (r"([бвгджзклмнпрстфхш])", "ск"))
UKRAINIAN = (
    (r"ськ", "ськ"), (r"цьк", "цьк"), (r"ець", "ецьк"), (r"([иі])ця", "цьк"), (r"(п[іо]л)ь", "ьськ"), (r"(н)ь", "ськ"), (r"са", "ськ"),
    (r"([вї])ка", "ськ"), (r"([вмнрт])а", "ськ"), (r"не", "ненськ"), (r"([бвдлмнпрт])", "ськ"))
BULGARIAN = ((r"([еои][вн])о", "ск"), (r"([бвдлмнр])", "ск"))
POLISH = (
    (r"ów", "owsk"), (r"ice", "ick"), (r"iec", "ieck"), (r"([iy])n", "ńsk"), (r"([aeou]ń)", "sk"), (r"sk", "sk"), (r"([ao]w)a", "sk"),
    (r"nica", "nick"), (r"(ław|.om)", "sk"))
CZECH = (
    (r"ice", "ick"), (r"([eou])c", "ck"), (r"(v)a", "sk"), (r"([oe]v|[íý]n|eň|or|am|ad)", "sk"))
SLOVAK = ((r"ice", "ick"), (r"ec", "eck"), (r"([vn])a", "sk"), (r"([oe]v|[íý]n|ad|en)", "sk"))
SOUTH_SLAVIC = (  # Croatian, Bosnian, Serbian and Slovene.
    (r"([ae])c", "čk"), (r"(i)ca", "čk"), (r"(an|in)a", "sk"), (r"([ao]r|grad|[aio]n)", "sk"))
STEMS = {"ru": RUSSIAN, "uk": UKRAINIAN, "bg": BULGARIAN, "pl": POLISH, "cs": CZECH, "sk": SLOVAK, "hr": SOUTH_SLAVIC, "bs": SOUTH_SLAVIC,
         "sr": SOUTH_SLAVIC, "sl": SOUTH_SLAVIC}
HUNGARIAN = ((r"háza", "házi"), (r"([^\Wi])", "i"))
GERMAN = ((r"ingen", "inger"), (r"stadt", "städter"), (r"(e)", "r"), (r"([^\Wiuy]|au)", "er"))
DUTCH = ((r"en", "se ense"), (r"(g)e", "se"), (r"([sx])", "e"), (r"([^\We])", "se"))
SWEDISH = ((r"([aeiouyåäös])", "polis* bor borna"), (r"", "spolis* sbor sborna"))  # "Malmöpolisen", "Stockholmsborna"
WORDS = {"hu": HUNGARIAN, "de": GERMAN, "nl": DUTCH, "sv": SWEDISH}
# What follows the stem, where it is too short to take any ending: "омск*" is Omsk, too.
ENDINGS = {
    "ru": "ий ая ое ие ого ому им ом ой ую их ими", "uk": "ий а е і ого ому им ої ій у их ими", "bg": "и а о ия ият ата ото ите",
    "pl": "i a ie iego iemu im iej ą ich imi", "cs": "ý á é ého ému ém ým ou ých ými", "sk": "ý á é ého ému om ým ej ú ých ými í",
    "hr": "i a o e og oga om oj u ih im ima", "hu": ""}
ENDINGS |= dict.fromkeys(("bs", "sr", "sl"), ENDINGS["hr"])
CYRILLIC_ENDINGS = "и а о е ог ога ом ој у их им има"
SOFT_PLURALS = {"pl": {"sk": "scy", "ck": "ccy", "zk": "zcy"}, "cs": {"sk": "ští", "ck": "čtí"}}
STEM_LETTERS_MIN = 6
FORM_LETTERS_MIN = 5
LATIN_OF_SERBIAN = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš")) | {"љ": "lj", "њ": "nj", "џ": "dž"}
CAPITALISED = ("de", "nl", "sv")
# Of towns at home in the language; elsewhere of capitals and great cities.
POPULATION_MIN = {"hu": 30_000}
POPULATION_MIN_ELSE = 60_000
FOREIGN_POPULATION_MIN = 1_000_000
KNOWN_POPULATION_MIN = 20_000


def read_adjectives():
    """By language and the town's name in it; "-" where it has none, or only one that is another word."""
    return {(language, name): [] if forms == "-" else forms.split("|")
            for where, (languages, rows) in read_table("town_adjectives.tsv")
            for language in languages.split(",")
            for name, forms in (row.strip().split("=") for row in rows.split(";"))}


def replaced(name, rules):
    for ending, others in rules:
        match = re.search(f"(?:{ending})$", name)
        if match:
            return [name[:match.start()] + (match[1] if match.lastindex else "") + other for other in others.split()]
    return []


def latin(name):
    return "".join(LATIN_OF_SERBIAN.get(letter, letter) for letter in name)


def cyrillic(name):
    for letter, other in sorted(LATIN_OF_SERBIAN.items(), key=lambda pair: -len(pair[1])):
        name = name.replace(other, letter)
    return name


def declined(stem, language, endings):
    """The stem with any ending, and what changes its last letters; of a short one all its forms."""
    soft = SOFT_PLURALS.get(language, {}).get(stem[-2:])
    if len(stem) >= STEM_LETTERS_MIN:
        forms = [stem + "*"]
    else:
        forms = [stem + ending for ending in endings.split()]
    return forms + ([stem[:-2] + soft] if soft else [])


def serbian_adjectives(name, by_hand):
    """In both scripts, whichever the name is in, but where a stem is given in one of them: "nišk", without its mark, is a word."""
    plain = latin(name.lower()) if script_of(name) == "CYRILLIC" else name.lower()
    stems = by_hand.get(("sr", plain.title()), replaced(plain, SOUTH_SLAVIC) if plain.isalpha() else [])
    forms = [form for stem in stems if script_of(stem) == "LATIN" for form in declined(stem, "sr", ENDINGS["sr"])]
    return forms + [form for stem in stems for form in declined(cyrillic(stem), "sr", CYRILLIC_ENDINGS)]


def town_adjectives(name, language, by_hand):
    """All forms of a town's adjective."""
    known = by_hand.get((language, name))
    if language == "sr":
        return serbian_adjectives(name, by_hand)
    if known is None and not name.replace("-", "").isalpha():
        return []
    if language in CAPITALISED:
        return known if known is not None else replaced(name, WORDS[language])
    if language == "hu":
        words = known if known is not None else replaced(name.lower(), HUNGARIAN)
        return [word + "*" if len(word) >= STEM_LETTERS_MIN else word for word in words]
    if language in STEMS:
        stems = known if known is not None else replaced(name.lower(), STEMS[language])
        return [form for stem in stems for form in declined(stem, language, ENDINGS[language])]
    return known or []  # Of other languages all forms are written by hand.


def add_adjectives(table, place, name, language):
    """To a town's names those by which a language tells of it."""
    home = place.country in HOME.get(language, ())
    if language == "sv" and not home:
        return
    known = (language, name) in table.adjectives
    least = POPULATION_MIN.get(language, POPULATION_MIN_ELSE) if home else FOREIGN_POPULATION_MIN
    if known:  # It means the towns that it is written for, no lesser ones of the name: Lima in Ohio.
        least = KNOWN_POPULATION_MIN if home else POPULATION_MIN_ELSE
    if place.kind != "capital" and place.population < least:
        return
    flags = {"nl": "c", "de": "cj", "sv": ""}.get(language, "j")
    for form in town_adjectives(name, language, table.adjectives):
        if len(fold(form.rstrip("*"))) >= FORM_LETTERS_MIN - known:
            surname = language in CAPITALISED and fold(form) in table.persons
            place.add(form, {language}, flags + ("g" if surname else ""))
