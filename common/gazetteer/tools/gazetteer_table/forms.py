"""Other forms of names where a rule tells them: spellings, cases, adjectives."""

import re
import unicodedata

from gazetteer_table.cases import LATIN_RULES, decline
from gazetteer_table.names import script_of

# The nasals that Hindi writes for the dot above before letters of their class, and what else newsrooms
# write for a foreign vowel.
HINDI_NASALS = (("ङ", "कखगघ"), ("ञ", "चछजझ"), ("ण", "टठडढ"), ("न", "तथदधटडजचस"), ("म", "पफबभ"))
HINDI_LETTERS = (
    ("ॉ", "ाो"), ("ऑ", "आओ"), ("ी", "ि"), ("ि", "ी"), ("ू", "ु"), ("ु", "ू"), ("ै", "े"), ("े", "ै"), ("ो", "ॉौ"), ("ा", "ॉ"),
    ("इ", "ई"), ("ई", "इ"), ("उ", "ऊ"), ("ए", "ऐ"), ("ऐ", "ए"), ("ओ", "औ"), ("आ", "अऑ"), ("अ", "आ"), ("ट", "त"), ("त", "ट"),
    ("ड", "द"), ("श", "स"), ("व", "ब"))
SPELLINGS_MAX = 48
SPELLED_MIN = 4  # Characters of a name: shorter ones become other words.
# What is attached to a name may be anything in these.
STARRED = {"fa", "ur", "hi", "bn", "mr", "ne", "pa", "ta", "te", "ml", "gu", "kn", "or", "si"}
SLAVIC_ENDING = r"[aeiouyąęáéíý]$"  # Of languages in Latin letters.
BALTIC_ENDING = r"([aiuyšē]s|[aāeēėiīouū])$"
BALTIC_STEM_MIN = 6
ABBREVIATIONS = (("Mount", "Mt"), ("Saint", "St"), ("Sainte", "Ste"), ("Fort", "Ft"))


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
    if language in ("ru", "uk", "be", "sr") and script_of(name) == "CYRILLIC":
        forms = [" ".join(row) for row in product([slavic_cyrillic(word) for word in words])]
        return [form for form in forms if form != name]
    if language in ("pl", "cs", "sk", "hr", "sl", "bs", "sr", "lt", "lv"):
        if len(words) > 2 or any(len(word) < 4 for word in words):
            return []
        ending = BALTIC_ENDING if language in ("lt", "lv") else SLAVIC_ENDING
        bare = re.sub(ending, "", last)
        if ending == BALTIC_ENDING and len(words) == 1 and len(bare) < BALTIC_STEM_MIN:
            return decline(name, LATIN_RULES[language])  # "Vien*" (Vienna) would find "vienas" (one).
        return [" ".join(stem(word, ending) for word in words)]
    weak = finnish_weak(last) if language == "fi" and len(words) == 1 else None
    if weak:  # "Turkki", "Turkissa"
        a = "a" if re.search("[aouAOU]", weak) else "ä"
        endings = ["n", "ksi", "lle"] + [ending + a for ending in ("ss", "st", "ll", "lt", "tt")]
        return [name + "*"] + [weak + ending for ending in endings]
    if language in ("fi", "et", "hu", "eu", "tr", "az", "el", "ro", "sq", "hy", "ka", "kk", "ky", "tk", "tt", "tg", "uz", "mn"):
        if len(last) < 4 or len(words) > 2:
            return []
        cut = last[:-1] if language in ("el", "ro", "sq") or (language == "hu" and last[-1] in "ae") or last[-1] == "ი" else last
        return [" ".join(words[:-1] + [cut + "*"])] if len(cut) >= 4 else []
    if language in ("de", "nl", "sv", "da", "nb"):
        return [name + "s"] if last[-1].isalpha() and last[-1] not in "sxzß" else []
    return []


def finnish_weak(word):
    """The stem of most of a name's cases, where it differs from its first: Englanti, Englannissa."""
    for strong, weak in (("kk", "k"), ("pp", "p"), ("tt", "t"), ("nt", "nn"), ("lt", "ll"), ("rt", "rr")):
        match = re.fullmatch(f"(\\w{{2,}}[^{strong[0]}]?){strong}([aeiouyäö])", word)
        if match:
            return match[1] + weak + match[2]
    return None


def adjectives(name, language):
    """Stems of what a country's people and things are called, where they follow from its name."""
    if " " in name or len(name) < 4:
        return []
    if language in ("hi", "mr", "ne") and len(name) >= 7 and unicodedata.category(name[-1]) == "Mc":
        return [name[:-1] + "*"]  # "इतालवी" and "अमेरिकी" replace the vowel of the name.
    if language in STARRED:
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


def stem(word, ending):
    bare = re.sub(ending, "", word)
    return bare + "*" if len(bare) >= 4 else word
