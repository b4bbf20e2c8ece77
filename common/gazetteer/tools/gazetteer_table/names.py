"""Languages, scripts and the keys by which names of several sources are joined; the hand-written tables."""

import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(os.path.dirname(HERE)), "data")
# The bits of the compiled file, which has 64; the order is its own. Languages that share one write in different scripts, so that a text in
# one finds no names of the other ("nasa", in Filipino, is no Nassau), but for a few small ones behind it. The first is its own of each bit
# but the last.
BITS = (
    "en de fr es pt it nl sv+tt da+ky nb+tg fi+yi is+ckb pl cs sk sl+ti hr sr bs mk+gl bg+ca ro hu+as el+et tr az ru uk be+lt kk+lv uz "
    "ar fa he+ig ur+cy ps+eu hi+mt bn+fy mr+af ta+fil+ceb te+br ml+ga+gd pa+fo+se ne+lb th+jv lo+mg km+tk+pcm my+ku vi id ms+ug sw+si "
    "am+qu so+or ha+gu yo+kn ko ja zh mn+wo+ff ka+zu hy+sn sq+sd ln+lg+rn+ee+ki"
).split()
BITS = [bit.split("+") for bit in BITS]
LANGUAGES = [bit[0] for bit in BITS] + [language for bit in BITS for language in bit[1:]]
OTHER_CODES = {"nb": ["no", "nn"], "fil": ["tl"], "he": ["iw"], "id": ["in"]}
LANGUAGE_BITS = ["+".join(code for language in bit for code in [language, *OTHER_CODES.get(language, [])]) for bit in BITS]
assert len(LANGUAGE_BITS) <= 64 and len(set(LANGUAGES)) == len(LANGUAGES)
# Languages that share a bit and are not written in Latin letters. A name in these is none of theirs, a name in others none of those beside them.
NOT_LATIN_SHARED = set("tt ky tg yi ckb ti mk bg as el be kk he ur ps hi bn mr ta te ml pa ne th lo km my ug si am or gu kn mn ka hy sd".split())
LATIN_SHARED = {language for bit in BITS if len(bit) > 1 for language in bit} - NOT_LATIN_SHARED
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
    "fil": "PH", "ky": "KG", "tg": "TJ", "tk": "TM", "si": "LK", "gu": "IN", "kn": "IN", "af": "ZA", "zu": "ZA", "sn": "ZW", "rn": "BI",
}
HOME = {language: set(countries.split()) for language, countries in HOME.items()}
# Where else newsrooms write in a language, and name towns as GeoNames spells them.
PRESS = {
    "de": "LU LI", "fr": "LU MC SN CI ML BF NE TG BJ GN CM GA CG CD TD CF MG HT RW BI DJ KM MR MA DZ TN MU GP MQ GF RE YT NC PF VU SC LB",
    "es": "BO PY UY EC CR GT HN NI SV PA DO CU PR GQ", "pt": "AO MZ CV GW ST TL", "nl": "SR AW CW", "it": "CH SM", "sv": "FI", "tr": "CY",
    "sq": "MK", "ms": "MY SG BN", "sw": "KE TZ UG CD RW BI", "ha": "NG NE", "yo": "NG", "ig": "NG", "pcm": "NG", "ff": "SN GN NG CM ML",
    "wo": "SN GM", "ln": "CD CG", "mg": "MG", "so": "SO DJ ET KE", "lg": "UG", "ki": "KE", "ee": "GH TG", "af": "NA",
}
PRESS = {language: set(countries.split()) for language, countries in PRESS.items()}
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


def written(name, languages):
    """The languages that may write a name, of those that share a bit: it would be found in the other's texts, too."""
    return languages - (NOT_LATIN_SHARED if script_of(name) in ("LATIN", "") else LATIN_SHARED)


def all_of(languages):
    """The languages of a name, each by itself, where "*" stands for any."""
    return set(LANGUAGES) if "*" in languages else languages


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
