"""The cases of towns' names, in languages that decline them.

A short stem with any ending would take "Policja" for the town of Police and "Zabrakło" for Zabrze: the cases are
written out there, and where one more ending makes a surname of a town. Accents need not be right, and forms that are
no word do no harm: names are compared without accents.
"""

import itertools
import os
import re

from gazetteer_table.names import script_of

# (ending of a name, what takes its place), the first that fits; "" keeps all of it.
POLISH = (
    (r"ódź", "ódź odzi odzią"),
    (r"iec", "iec ca cu cem cowi"), (r"ek", "ek ka ku kiem kowi"), (r"ko", "ko ka ku kiem"), (r"ło", "ło ła łu łem le"),
    (r"o", "o a u em ie"), (r"ka", "ka ki ce kę ką"), (r"ga", "ga gi dze gę gą"), (r"ra", "ra ry rze rę rą"),
    (r"ła", "ła ły le łę łą"), (r"da", "da dy dzie dę dą"), (r"ta", "ta ty cie tę tą"), (r"ia", "ia i ię ią"),
    (r"a", "a y i ie ę ą"), (r"ce", "ce c cach com cami ca cu cem"), (r"e", "e a u em ach om ami ego emu ym"),
    (r"ki", "ki k kach kom kami ek"), (r"[yi]", "ach om ami ów ego emu ym im"),
    (r"d", "d du dem dzie da dowi"), (r"t", "t tu tem cie ta towi"), (r"r", "r ru rem rze ra rowi"),
    (r"ł", "ł łu łem le ła łowi"), (r"(?<=[źśćńżljz])", "u a em ia iu iem iowi owi y i ą ią"), (r"(?<=[^\W\daeiouyąęó])", "u a em ie iem owi"))
CZECH = (
    (r"ec", "ec ci ce cem"), (r"eň", "eň ně ni ní"), (r"ka", "ka ky ce ku kou"), (r"ha", "ha hy ze hu hou"),
    (r"ra", "ra ry ře ru rou"), (r"a", "a y e u ou i"), (r"ice", "ice ic icích icím icemi"),
    (r"o", "o a u e em"), (r"y", "y ů ech um"), (r"[eě]", "e ě i í ích ím"),
    (r"(?<=[^\W\daeiouyáéíóúůě])", "u a e em i í"))
SLOVAK = (
    (r"ec", "ec ca ci com"), (r"ice", "ice íc iciach iciam icami"), (r"a", "a y e u ou i"), (r"o", "o a u e om"),
    (r"y", "y och om"), (r"e", "e i í iach"), (r"(?<=[^\W\daeiouyáéíóúô])", "u a e om i ou"))
SOUTH_SLAVIC = (  # Croatian, Bosnian, Serbian and Slovene.
    (r"[ae]c", "ac ec ca cu cem"), (r"ka", "ka ke ki ci ku kom"), (r"ga", "ga ge gi zi gu gom"), (r"a", "a e i u om o"),
    (r"o", "o a u om em"), (r"e", "e a u em ama"), (r"ci", "ci ca cima"), (r"i", "i a ima ih em"),
    (r"(?<=[^\W\daeiou])", "u a om em i"))
LITHUANIAN = (
    (r"(?:ai)", "ai ų ams us ais uose"), (r"(?:as)", "as o ui ą u e"), (r"[iy]s", "is ys io iui į iu yje ies į imi"),
    (r"(?:us)", "us aus ui ų umi uje"), (r"a", "a os ai ą oje"), (r"ė", "ė ės ei ę e ėje"))
LATVIAN = (
    (r"(?:as)", "as u ām ās"), (r"a", "a as ai u ā"), (r"e", "e es ei i ē"), (r"is", "is a im i ī"), (r"s", "s a am u ā i ij ī"),
    (r"i", "i u iem us os"))
ESTONIAN = ((r"", "s st sse l lt le ga ni a as ast asse i is ist isse e es est esse"),)
FINNISH = (
    (r"nki", "nki ngin ngissä ngistä nkiin ngille"), (r"hti", "hti hden hdessa hdesta hteen hdelle"),
    (r"rku", "rku run russa rusta rkuun rulle"), (r"mi", "mi men mellä meltä melle messä mestä meen"),
    (r"e", "e een eella eelta eelle eessa eesta eeseen"),
    (r"", "n ssa sta lla lta lle an en in on un yn seen"))
HUNGARIAN = (
    (r"", "ban ben ba be ból ből on en ön n ra re ról ről tól től hoz hez höz nál nél nak nek val vel ig t ot et öt at"),)
ROMANIAN = (
    (r"ța", "ța ței"), (r"a", "a ei ii"), (r"u", "u ul ului"), (r"i", "i iul iului ilor"), (r"(?<=[^\W\daeiouăâî])", "ul ului"))
UKRAINIAN = (  # Where a vowel changes in front of an ending.
    (r"ів", "ова ову ові овом овим ева еву еві евом"), (r"їв", "єва єву єві євом"), (r"піль", "поля полю полі полем"),
    (r"[иі]", "ах ам ами"), (r"е", "ого ому им"))
RUSSIAN = ((r"[ыи]", "ах ам ами"),)
CYRILLIC_RULES = {"uk": UKRAINIAN, "ru": RUSSIAN}
LATIN_RULES = {
    "pl": POLISH, "cs": CZECH, "sk": SLOVAK, "hr": SOUTH_SLAVIC, "bs": SOUTH_SLAVIC, "sr": SOUTH_SLAVIC, "sl": SOUTH_SLAVIC,
    "lt": LITHUANIAN, "lv": LATVIAN, "et": ESTONIAN, "fi": FINNISH, "hu": HUNGARIAN, "ro": ROMANIAN}
# Endings of adjectives, which a town's name of several words has before or behind its noun: "Zielona Góra", "Bielsko-Biała".
ADJECTIVES = {
    "pl": ((r"a", "ej ą"), (r"(?<=[kg])i", "iego iemu im"), (r"y", "ego emu ym"), (r"ie", "ich im imi"), (r"e", "ych ym ymi ego emu")),
    "cs": ((r"á", "é ou"), (r"ý", "ého ému ém ým"), (r"é", "ých ým ými ého ému ém"), (r"í", "ího ímu ím ích"), (r"ův", "ova ově ovu ovým"),
           (r"ovy", "ových ovým ovými"), (r"ova", "ovy ově ovu ovou")),
    "sk": ((r"[áa]", "ej ú ou"), (r"[ýy]", "ého ému om ým"), (r"é", "ých ým ými ého ému om"))}
ADJECTIVES |= dict.fromkeys(("hr", "bs", "sr", "sl"), (
    (r"i", "og om im ega em"), (r"a", "e oj u om i"), (r"o", "og om im ega em"), (r"e", "ih im em")))
# Of a word of a fleeting vowel: "Ves", "vo Vsi".
NOUNS = {"sk": ((r"Ves", "Vsi Vsou"),), "cs": ((r"Ves", "Vsi Vsí"),), "pl": ((r"Wieś", "Wsi Wsią"),)}
STEM_LETTERS_MIN = 6
SURNAME_LANGUAGES = ("hu", "pl")  # "Szegedi", "Krakowski"
FORM_LETTERS_MIN = 4  # Shorter ones are other words.


def decline(name, rules):
    """The name in its cases."""
    for ending, others in rules:
        match = re.search(f"(?:{ending})$", name)
        if match:
            return [name[:match.start()] + other for other in others.split()]
    return []


def decline_words(name, language):
    """What a town of several words is called in other cases: of "Ústí nad Labem" the words before the small one change."""
    words, joints = re.split("[ -]", name), re.findall("[ -]", name)
    head = list(itertools.takewhile(lambda word: word[:1].isupper(), words))
    if len(words) == 2 and len(head) == 1 and language in ("cs", "sl"):
        head = words  # "Novo mesto"
    if language not in ADJECTIVES or len(words) < 2 or not 1 <= len(head) <= 3 or not all(map(str.isalpha, words)):
        return []
    nouns = [decline(word, NOUNS.get(language, ()) + LATIN_RULES[language]) for word in head]
    adjectives = [decline(word, ADJECTIVES[language]) + ([word] if word[-1] == "é" else []) for word in head]
    # Which of them is the noun is tried: the others make no word.
    choices = [[*adjectives[:at], nouns[at], *adjectives[at + 1:]] for at in range(len(head))] + ([nouns] if "-" in joints else [])
    forms = []
    for choice in choices:
        for row in itertools.product(*choice):
            first, *rest = [*row, *words[len(head):]]
            forms.append(first + "".join(joint + word for joint, word in zip(joints, rest)))
    return [form for form in dict.fromkeys(forms) if form != name]


def cases(name, language):
    """What a town is called in other cases; of one word it is a stem with any ending where that finds nothing else."""
    if not name.isalpha():
        return decline_words(name, language) if script_of(name) == "LATIN" else []
    rules = {"LATIN": LATIN_RULES, "CYRILLIC": CYRILLIC_RULES}.get(script_of(name), {}).get(language)
    if rules is None:
        return []
    forms = [form for form in decline(name, rules) if len(form) >= FORM_LETTERS_MIN]
    stem = os.path.commonprefix([name, *forms])
    if forms and language not in SURNAME_LANGUAGES and len(stem) >= max(STEM_LETTERS_MIN, len(name) - 1):
        return [stem + "*"]
    return [form for form in dict.fromkeys(forms) if form != name]
