#!/usr/bin/env python3
"""Writes common/gazetteer/data/gazetteer.tsv from open data and our own additions.

    python3 common/gazetteer/tools/generate_gazetteer.py NEWSMAP_DICT_FOLDER CITIES15000_ZIP

Reads: Unicode CLDR (Debian package unicode-cldr-core: territory names), the Newsmap seed dictionaries
(MIT: names, demonym stems, capitals), GeoNames cities15000 (CC BY 4.0: cities with coordinates and
names), and common/gazetteer/data/additions.tsv (ours). Licences: NOTICE.md. Columns of the output:
kind, country, admin1, latitude, longitude, GeoNames id, population, English name, names by '|'.
"""

import glob
import os
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
import zipfile

CLDR = '/usr/share/unicode/cldr/common/main'
LOCALES = ('en fr de es pt it ru uk ar fa tr hi id vi zh zh_Hant ja ko pl sw nl sv he el cs ro hu fi da '
           'nb bg sr hr sk sl bn ur ta te th ms am ha yo ig so af ca et lv lt ka hy az kk uz sq mk').split()
HERE = os.path.dirname(os.path.abspath(__file__))
CITY_POPULATION_MIN = 150000
FOREIGN_NAMES_POPULATION_MIN = 400000
# Names that are words of a language more often than places.
BLOCKED = {
    'of', 'nice', 'reading', 'mobile', 'orange', 'split', 'bath', 'man', 'most', 'same', 'deal', 'hit', 'march', 'wa',
    'university', 'police', 'central', 'springs', 'buy', 'san', 'santa', 'la', 'los', 'el', 'bra', 'sale', 'male',
    'tours', 'nancy', 'lens', 'van', 'ben', 'sur', 'batman', 'ali', 'salem', 'anna', 'chandler', 'garland', 'gilbert',
    'irving', 'plano', 'norman', 'clarksville', 'columbia', 'independence', 'providence', 'surprise', 'enterprise',
    'paradise', 'eugene', 'lincoln', 'jackson', 'madison', 'washington', 'victoria', 'charlotte', 'aurora', 'hamilton',
    'newcastle', 'york', 'richmond', 'birmingham', 'durham', 'worcester', 'cambridge', 'manchester', 'concord',
    'guadalupe', 'leon', 'trujillo', 'merida', 'cordoba', 'valencia', 'santiago', 'san jose', 'san juan', 'union',
    'general', 'corona', 'bello', 'natal', 'vitoria', 'salvador', 'barcelona ve', 'page', 'tema', 'kano', 'jos', 'ife',
    'aba', 'bern', 'ash', 'uba', 'obo', 'ica', 'bor', 'as', 'da', 'dos', 'das', 'tangerine', 'bari', 'mon', 'pune', 'gaya',
    'rama', 'sidi', 'as sulaymaniyah', 'suita', 'oita', 'naga', 'tsu', 'kure', 'kobe bryant', 'hail', 'cary', 'frisco',
    'carrollton', 'denton', 'allen', 'elizabeth', 'olathe', 'murray', 'sterling', 'pasadena', 'glendale', 'alexandria',
    'athens', 'rome', 'troy', 'berlin', 'manila', 'normal', 'peoria', 'roanoke', 'beaumont', 'mesa', 'ontario', 'victorville', 'boa vista',
}
KEEP = {'athens', 'rome', 'berlin', 'manila', 'bern', 'santiago', 'san jose', 'san juan', 'birmingham', 'manchester',
        'washington', 'cordoba', 'valencia', 'alexandria', 'san salvador', 'salvador', 'male', 'kobe', 'pune', 'kano', 'bari'}
NEWSMAP_DROPPED = {('de', 'koreanisch*'), ('de', 'kurdisch*'), ('zh', '中非*'), ('zh', '蒙古*')}
AGENCIES = {'reuters', 'xinhua', 'yonhap', 'afp'}


def script(text):
    for ch in text:
        if ch.isalpha():
            return unicodedata.name(ch, '').split(' ')[0]
    return ''


def clean(name):
    return re.sub(r'\s+', ' ', name.replace('|', ' ').replace('\t', ' ')).strip()


def good(name):
    if len(name) > 60:  # Ceremonial names.
        return False
    letters = [c for c in name if c.isalpha()]
    if not letters:
        return False
    if script(name) in ('CJK', 'HANGUL', 'HIRAGANA', 'KATAKANA', 'THAI'):
        return len(letters) >= 2
    return len(letters) >= 4 or (script(name) != 'LATIN' and len(letters) >= 3)


def read_newsmap(folder):
    terms = {}
    for path in sorted(glob.glob(os.path.join(folder, '*.yml'))):
        language = os.path.basename(path).split('.')[0]
        for line in open(path, encoding='utf-8'):
            m = re.match(r"\s+'?([A-Z]{2})'?:\s*\[(.*)\]", line)
            if not m:
                continue
            for term in m.group(2).split(','):
                term = clean(term.strip().strip('\'"'))
                if term:
                    terms.setdefault(m.group(1), []).append((language, term))
    return terms


def read_cldr():
    names = {}
    english = {}
    for locale in LOCALES:
        path = os.path.join(CLDR, locale + '.xml')
        if not os.path.exists(path):
            continue
        root = ET.parse(path).getroot()
        for t in root.findall('./localeDisplayNames/territories/territory'):
            code = t.get('type')
            if not re.fullmatch('[A-Z]{2}', code) or code in ('EU', 'EZ', 'UN', 'ZZ', 'QO', 'XA', 'XB'):
                continue
            name = clean(t.text or '')
            if locale == 'en' and t.get('alt') is None:
                english[code] = name
            if t.get('alt') == 'short' and script(name) == 'LATIN':
                continue
            name = re.sub(r'\s*[\(（].*?[\)）]\s*', ' ', name).strip()
            names.setdefault(code, []).append((locale, name))
    return names, english


def main():
    newsmap = read_newsmap(sys.argv[1])
    cldr, english = read_cldr()
    rows = []
    capital_names = {}
    with zipfile.ZipFile(sys.argv[2]) as archive:
        lines = archive.read(archive.namelist()[0]).decode('utf-8').splitlines()
    cities = []
    for line in lines:
        f = line.split('\t')
        population = int(f[14] or 0)
        capital = f[7] == 'PPLC'
        if not capital and population < CITY_POPULATION_MIN:
            continue
        names = {clean(f[1]), clean(f[2])}
        if capital or population >= FOREIGN_NAMES_POPULATION_MIN:
            for alternate in f[3].split(','):
                alternate = clean(alternate)
                if not good(alternate):
                    continue
                if script(alternate) != 'LATIN':
                    names.add(alternate)
        names = sorted(n for n in names if good(n) and (n.lower() not in BLOCKED or n.lower() in KEEP))
        if not names:
            continue
        admin1 = 'US-' + f[10] if f[8] == 'US' and re.fullmatch('[A-Z]{2}', f[10]) else ''
        cities.append([population, 'capital' if capital else 'city', f[8], admin1, f[4], f[5], f[0], f[2], names])
        if capital:
            capital_names.setdefault(f[8], set()).update(n.casefold() for n in names)
    for code in sorted(english):
        names, demonyms = set(), set()
        for locale, name in cldr.get(code, []):
            if good(name) or (locale in ('zh', 'ja', 'ko') and len(name) >= 2):
                names.add(name)
                # Slavic and Baltic names inflect: their stem with any ending.
                if locale in ('uk', 'pl', 'cs', 'sk', 'bg', 'sr', 'hr', 'sl') and ' ' not in name and len(name) >= 6:
                    stem = name[:-1] if name[-1].lower() in 'aeiouyаеиоуіїяюєыэьъ' else name
                    if len(stem) >= 5:
                        names.add(stem + '*')
        for language, term in newsmap.get(code, []):
            if re.search(r"(^|[ '’\-\.])\w\*", term):  # A stem of one letter would match anything.
                continue
            if (language, term) in NEWSMAP_DROPPED or term.casefold() in AGENCIES:
                continue
            bare = term.rstrip('*')
            if bare.casefold() in capital_names.get(code, ()):
                continue
            if term.endswith('*'):
                if len(bare) >= 3:
                    demonyms.add(term)
            elif good(term):
                names.add(term)
        names -= demonyms
        if names:
            rows.append(['country', code, '', '', '', '', '0', english[code], sorted(names)])
        if demonyms:
            rows.append(['demonym', code, '', '', '', '', '0', english[code], sorted(demonyms)])
    cities.sort(key=lambda c: (c[2], c[1] != 'capital', -c[0], c[6]))
    for population, kind, country, admin1, lat, lon, geonames, name, names in cities:
        rows.append([kind, country, admin1, lat, lon, geonames, str(population), name, names])
    out = sys.stdout
    out.write('# Generated by common/gazetteer/tools/generate_gazetteer.py. Do not edit: additions.tsv is for that.\n')
    for row in rows:
        out.write('\t'.join(row[:-1]) + '\t' + '|'.join(row[-1]) + '\n')


main()
