"""The cases of names of towns and countries, in languages that decline them.

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
    (r"nki", "nki ngin ngissä ngistä nkiin ngille"), (r"hti", "hti hden hdessa hdesta hteen hdelle hdella hdelta"),
    (r"rku", "rku run russa rusta rkuun rulle"), (r"mi", "mi men mellä meltä melle messä mestä meen"),
    (r"joki", "joki joen joella joelta joelle jokea"), (r"vesi", "vesi veden vedellä vedeltä vedelle"), (r"mäki", "mäki mäen mäellä mäeltä mäelle"),
    (r"ranta", "ranta rannan rannassa rannasta rannalla rannalta rannalle"), (r"lampi", "lampi lammen lammella lammelta lammelle"),
    (r"(?<=[rs][kv])i", "i en ella elta elle essa esta ellä eltä essä estä"),
    (r"e", "e een eella eelta eelle eessa eesta eeseen"),
    (r"", "n ssa sta lla lta lle an en in on un yn seen ssä stä llä ltä än öön"))
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
# Of countries, capitals and large cities, where a stem would find another word ("Indi*" the "indián"). Marks must be right: some count only so.
COUNTRY_RULES = LATIN_RULES | {
    "cs": ((r"ňa", "ni ně ňu ňou"), (r"ka", "ky ce ku kou"), (r"ga", "gy ze gu gou"), (r"ha", "hy ze hu hou"), (r"ra", "ry ře ru rou"),
           (r"(?<=[bdfmnptv])a", "y ě u ou"), (r"a", "y e u ou i í"), (r"o", "a u em"), (r"(?<=[^\W\daeiouyáéíóúůě])", "u a em e ě i")),
    "sk": ((r"ňa", "ne ni ňu ňou"), (r"a", "y e u ou i"), (r"o", "a u e om"), (r"(?<=[^\W\daeiouyáéíóúô])", "u a om e i")),
    "hu": ((r"a", "ában ából ába áról ára ának ával ánál ától ához át áig áért án ai"),
           (r"e", "ében éből ébe éről ére ének ével énél étől éhez ét éig éért én ei"),
           (r"", "ban ben ból ből ba be ról ről ra re nak nek nál nél tól től hoz hez höz t ot et öt n on en ön ig ért i val vel")),
    "fi": ((r"(?<=[^\W\daeiouyäöå])", "in issa ista iin ille illa ilta"),) + FINNISH,
    "el": ((r"α", "ας αν"), (r"η", "ης ην"), (r"ος", "ου ο"), (r"ο", "ου"), (r"ες", "ων"), (r"ας", "α"), (r"ης", "η")),
    "ka": ((r"ა", "ის აში ას ამ ასთან იდან ისთვის ელი"), (r"ი", "ის ში იდან ს მა ით თან ისთვის"), (r"", "ში ს დან სთან ის")),
    "hy": ((r"ա", "այում այի այից ան"), (r"", "ում ի ից ը ն")),
    "az": ((r"", "da də dan dən ın in un ün nın nin nun nün ya yə a ə nı ni nu nü"),),
    "uz": ((r"", "da dan ning ga ni ka qa"),),
    "kk": ((r"", "да де та те дан ден тан тен нан нен ның нің дың дің тың тің ға ге қа ке ны ні ды ді ты ті"),),
    "eu": ((r"(?<=[aeiou])", "n ko k ra tik ren rekin"), (r"", "en eko ek era etik aren ekin")),
    "sq": ((r"a", "ën ës"), (r"i", "it in"), (r"", "i it in")),
    "is": ((r"a", "u"), (r"land", "landi lands"), (r"", "i s")),
    "ru": ((r"ия", "ии ию ией"), (r"а", "ы и е у ой"), (r"я", "и е ю ей"), (r"й", "я ю ем е"), (r"ь", "я ю е ем и"), (r"(?<=[бвгджзклмнпрстфхцчшщ])", "а у ом е")),
    "uk": ((r"ія", "ії ію ією"), (r"а", "и і у ою"), (r"я", "і ї ю ею єю"), (r"(?<=[бвгджзклмнпрстфхцчшщ])", "а у ом ові і")),
    "be": ((r"а", "ы е у ай"), (r"я", "і ю яй"), (r"(?<=[бвгджзклмнпрстфхцчшщ])", "а у ам е")),
    "mr": ((r"", "मध्ये मधील मधून च्या चा ची चे ने ला वर कडून शी साठी"),),
    "ne": ((r"", "मा को ले का की बाट लाई सँग"),),
    "gu": ((r"", "માં ના ની નો નું ને થી એ માંથી"),),
    "bn": ((r"া", "ায় ায় ার াকে"), (r"(?<=[িীেো])", "তে র কে"), (r"", "ে ের কে")),
    "ta": ((r"ா", "ாவில் ாவின் ாவை ாவுக்கு ாவிற்கு ாவும் ாவிலிருந்து ாவுடன்"), (r"ம்", "த்தில் த்தின் த்தை த்துக்கு த்திற்கு ம"),
           (r"்", "ில் ின் ை ுக்கு ிற்கு ும் ிலிருந்து ுடன்"), (r"(?<=[ிீை])", "யில் யின் யை க்கு யிலிருந்து யும்"), (r"", "வில் வின் வுக்கு")),
    "te": ((r"", "లో కు ని తో"),),
    "ml": ((r"ൻ", "നിൽ നിലെ ന്റെ നെ"), (r"ൽ", "ലിൽ ലിലെ ലിന്റെ"), (r"ർ", "റിൽ റിന്റെ രിൽ രിന്റെ"), (r"്", "ിൽ ിലെ ിന്റെ"), (r"", "യിൽ യിലെ യുടെ യെ"))}
INDIC = {"bn": "BENGALI", "gu": "GUJARATI", "ml": "MALAYALAM", "mr": "DEVANAGARI", "ne": "DEVANAGARI", "ta": "TAMIL", "te": "TELUGU"}
INDIC_LETTERS_MIN = 5
# Of other languages it is LATIN.
SCRIPTS = {"el": "GREEK", "ka": "GEORGIAN", "hy": "ARMENIAN"} | dict.fromkeys(("ru", "uk", "be", "kk"), "CYRILLIC") | INDIC
DECLINE_LAST = {"hu", "ka", "hy", "az", "uz", "kk", "eu", "is", *INDIC}
# Languages in Latin letters that attach endings to foreigners' names, "Trumppal"; what is cut off before them in others.
DECLINE_PERSONS = dict.fromkeys("hu pl cs sk hr bs sr sl fi et lt lv ro az uz eu is sq".split(), "LATIN") | SCRIPTS
PERSON_LETTERS_MIN = 5
SERBIAN_CYRILLIC = ((r"а", "е и у ом"), (r"(?<=[бвгджзклмнпрстфхцчшћђџљњ])", "а у ом е и"))
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


def country_cases(name, language):
    """What a country is called in other cases: of several words the last one declines, in Greek all."""
    words = name.split()
    if len(words) == 2 and language == "el":
        return [" ".join(pair) for pair in zip(*(country_cases(word, language) for word in words))]
    if len(words) > 1 or "-" in name:
        head = name[:max(name.rfind(" "), name.rfind("-")) + 1]
        return [head + form for form in country_cases(name[len(head):], language)] if language in DECLINE_LAST else []
    if re.search(r"[\d*]", name):
        return []
    rules = SERBIAN_CYRILLIC if language == "sr" and script_of(name) == "CYRILLIC" else COUNTRY_RULES[language]
    rules = [(ending, " ".join(other for other in others.split() if script_of(other) in ("", script_of(name)))) for ending, others in rules]
    return [form for form in decline(name, rules) if form != name and len(form) >= FORM_LETTERS_MIN]


def bare_indic(name):
    """The name without the sign of no vowel at its end, which endings replace."""
    return re.sub("[்്]$", "", name)


def city_cases(name, language):
    """What a large city is called in other cases; of a longer name a stem with any ending."""
    if re.search(r"[\s\d*-]", name):
        return []
    if language in INDIC:
        bare = bare_indic(name)
        return [bare + "*"] if len(bare) >= INDIC_LETTERS_MIN else country_cases(name, language)
    forms = country_cases(name, language)
    stem = os.path.commonprefix([name, *forms])
    if forms and language not in SURNAME_LANGUAGES and len(stem) >= max(STEM_LETTERS_MIN, len(name)):  # "Atlant*" is the ocean.
        return [stem + "*"]
    return forms


def person_stem(name, language):
    """A leader's surname or a metonym, of one word, with any ending: "Trump*"; None where it is too short for that."""
    bare = bare_indic(name) if language in INDIC else re.sub("[ιίαάοόςήη]+$", "", name) if language == "el" else name.rstrip("ი")
    if script_of(name) != DECLINE_PERSONS.get(language) or not re.fullmatch(r"[^\W\d_]\S*", name) or re.search("[*'’.-]", name):
        return None
    return bare + "*" if len(bare) >= (PERSON_LETTERS_MIN if script_of(name) == "LATIN" else FORM_LETTERS_MIN) else None


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
