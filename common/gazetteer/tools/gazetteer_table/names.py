"""Languages, scripts and the keys by which names of several sources are joined; the hand-written tables."""

import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(os.path.dirname(HERE)), "data")
# One bit each in the compiled file, which has 64; the order is that of the compiled file.
OWN_BIT = (
    "en de fr es pt it nl sv da nb fi is pl cs sk sl hr sr bs mk bg ro hu el tr az ru uk be kk uz "
    "ar fa he ur ps hi bn mr ta te ml pa ne th lo km my vi id ms sw am so ha yo ko ja zh mn ka hy sq"
).split()
# The last bit is that of all others with a press of their own, so that a text in one of them is searched for the
# names of all.
SHARED_BIT = (
    "af as br ca ceb ckb cy ee et eu ff fil fo fy ga gd gl gu ig jv ki kn ku ky lb lg ln lt lv mg mt or pcm qu rn sd "
    "se si sn tg ti tk tt ug wo yi zu"
).split()
LANGUAGES = OWN_BIT + SHARED_BIT
OTHER_CODES = {"nb": ["no", "nn"], "fil": ["tl"], "he": ["iw"], "id": ["in"]}
LANGUAGE_BITS = ["+".join(code for language in bit for code in [language, *OTHER_CODES.get(language, [])])
                 for bit in [*([language] for language in OWN_BIT), SHARED_BIT]]
assert len(LANGUAGE_BITS) <= 64
# libgeonames and CLDR spell some of the languages differently, and Serbian in two scripts.
LOCALES = {"zh": ["zh", "zh_Hant", "zh_CN", "zh_TW"], "nb": ["nb", "no"], "sr": ["sr", "sr_Latn"]}
HOME = {
    "de": "DE AT CH", "fr": "FR BE CH CA", "es": "ES MX AR CO CL PE VE", "pt": "PT BR", "it": "IT",
    "nl": "NL BE", "pl": "PL", "tr": "TR", "ru": "RU BY KZ UA", "uk": "UA", "ar": "SA EG IQ SY LB JO "
    "YE LY DZ MA TN SD AE KW QA BH OM PS", "fa": "IR AF", "he": "IL", "ko": "KR KP", "ja": "JP",
    "zh": "CN TW HK MO SG", "hi": "IN", "vi": "VN", "id": "ID", "th": "TH", "el": "GR CY",
    "cs": "CZ", "sv": "SE", "fi": "FI", "da": "DK", "nb": "NO", "hu": "HU", "ro": "RO MD",
    "bg": "BG", "sr": "RS BA", "hr": "HR BA", "bs": "BA", "sl": "SI", "sk": "SK", "mk": "MK", "sq": "AL XK", "be": "BY", "ur": "PK", "bn": "BD IN", "my": "MM", "am": "ET",
    "ka": "GE", "hy": "AM", "az": "AZ", "kk": "KZ", "uz": "UZ", "mn": "MN", "ne": "NP",
    "lt": "LT", "lv": "LV", "et": "EE", "ca": "ES AD", "gl": "ES", "eu": "ES", "cy": "GB", "ga": "IE", "mt": "MT",
    "ky": "KG", "tg": "TJ", "tk": "TM", "si": "LK", "gu": "IN", "kn": "IN", "af": "ZA", "zu": "ZA", "sn": "ZW", "rn": "BI",
}
HOME = {language: set(countries.split()) for language, countries in HOME.items()}
UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "HANGUL"}
CASED = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"}


def fold(text):
    """Lower case without diacritics: for joining names of two sources, never for output."""
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", text.replace("'", "").replace("’", "")).strip()


def fold_stars(name):
    """As fold(), keeping the stars of stems."""
    text = unicodedata.normalize("NFKD", name.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def script_of(name):
    for c in name:
        if c.isalpha():
            return unicodedata.name(c, "").split(" ")[0]
    return ""


def bit_names(languages):
    """The languages as the table writes them: one stands for all that share the last bit."""
    return {SHARED_BIT[0] if language in SHARED_BIT else language for language in languages}


def spoken(languages):
    """Languages of a hand-written row: "*" any, "*-en" any but English, or a list."""
    if languages == "*-en":
        return set(LANGUAGES) - {"en"}
    listed = set(languages.split(","))
    if listed - set(LANGUAGES) - {"*"}:
        sys.exit(f"unknown languages {sorted(listed - set(LANGUAGES))}")
    return listed


def hand_flags(name, flags):
    """A hand-written name in capitals is looked for in capitals, unless it says otherwise (n)."""
    if script_of(name) in CASED and name[:1].isupper() and not set(flags) & set("cun"):
        flags += "c"
    return flags.replace("n", "")


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
