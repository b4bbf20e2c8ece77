#!/usr/bin/env python3
"""Writes common/text/fold_table.inc: what each Unicode character becomes when text is folded.

    python3 common/text/tools/make_fold_table.py > common/text/fold_table.inc

Source of the data: the Unicode Character Database as shipped with Python (the version stands in the
output). The rules: NFKD, case folding, marks of Latin, Greek, Cyrillic, Arabic and Hebrew dropped,
letters that NFKD leaves alone (ø, ł, đ, æ …) and Arabic variants unified, digits to ASCII, anything
that is no letter, mark or digit to one ASCII separator. See README.md.
"""

import sys
import unicodedata

LIMIT = 0x20000
BLOCK = 256

SEPARATOR, SPACED, SINGLE, HANGUL, KATAKANA, DROPPED, JAMO, VOICING = range(8)

LETTERS = {
    'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i', 'ħ': 'h',
    'ŧ': 't', 'ŋ': 'n', 'ĸ': 'k', 'ə': 'e', 'ɐ': 'a', 'ɛ': 'e', 'ɔ': 'o', 'ɗ': 'd', 'ɓ': 'b',
    'ƙ': 'k', 'ƴ': 'y', 'ʼ': "", 'ʻ': "", 'ʹ': "",
    'ى': 'ي', 'ة': 'ه', 'ک': 'ك', 'ی': 'ي', 'ٱ': 'ا', 'ھ': 'ه', 'ہ': 'ه', 'ۀ': 'ه', 'ە': 'ه',
    'ς': 'σ', 'ґ': 'г',
}
DROP_RANGES = [(0x300, 0x36F), (0x483, 0x489), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2),
               (0x5C4, 0x5C5), (0x5C7, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670),
               (0x6D6, 0x6DC), (0x6DF, 0x6E4), (0x6E7, 0x6E8), (0x6EA, 0x6ED), (0x1AB0, 0x1AFF),
               (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F)]
DROP = {0xAD, 0x640, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
        *range(0x2060, 0x2070)}
FULL_STOPS = '。．｡।॥۔።၊။។…︒﹒'
QUESTION = '？؟፧﹖՞'
EXCLAMATION = '！﹗՜'
SINGLE_RANGES = [(0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303C),
                 (0x3041, 0x3096), (0x309D, 0x309F), (0x3105, 0x312F), (0x31A0, 0x31BF),
                 (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x0E01, 0x0E4E),
                 (0x0E81, 0x0ECD), (0x1000, 0x109F), (0x1780, 0x17D3)]
KATAKANA_RANGES = [(0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF)]


def within(cp, ranges):
    return any(low <= cp <= high for low, high in ranges)


def word_class(cp):
    if within(cp, SINGLE_RANGES):
        return SINGLE
    if within(cp, KATAKANA_RANGES):
        return KATAKANA
    if 0xAC00 <= cp <= 0xD7A3:
        return HANGUL
    return SPACED


def is_word(ch):
    return unicodedata.category(ch)[0] in 'LMN' and unicodedata.category(ch) != 'No'


def separator(ch):
    if ch in FULL_STOPS:
        return '.'
    if ch in QUESTION:
        return '?'
    if ch in EXCLAMATION:
        return '!'
    if ch in '\u2028\u2029\x85':
        return '\n'
    if ch in '\u2018\u2019\u201b\u2032\uff07\u00b4`':
        return "'"
    category = unicodedata.category(ch)
    if category == 'Pd' or ch == '\u2212':
        return '-'
    if category in ('Pi', 'Pf') or ch in '"„‟':
        return '"'
    if category[0] == 'Z' or category[0] == 'C':
        return ' '
    return ','


def entry(cp):
    """(kind, output bytes, is upper case)"""
    ch = chr(cp)
    upper = unicodedata.category(ch) in ('Lu', 'Lt')
    if 0xD800 <= cp <= 0xDFFF:
        return SEPARATOR, b' ', False
    if cp in DROP or within(cp, DROP_RANGES):
        return DROPPED, b'', False
    if cp in (0x3099, 0x309A):
        return VOICING, b'', False
    if 0x1100 <= cp <= 0x11FF:
        return JAMO, ch.encode(), False
    if 0xAC00 <= cp <= 0xD7A3:
        return HANGUL, ch.encode(), False
    if ch in FULL_STOPS + QUESTION + EXCLAMATION:
        return SEPARATOR, separator(ch).encode(), False
    try:
        digit = unicodedata.decimal(ch)
        return SPACED, str(digit).encode(), False
    except ValueError:
        pass
    kana = within(cp, KATAKANA_RANGES) or within(cp, [(0x3041, 0x309F)]) or 0xFF66 <= cp <= 0xFF9D
    form = 'NFKC' if kana or 0x0900 <= cp <= 0x0DFF else 'NFKD'
    text = unicodedata.normalize(form, unicodedata.normalize(form, ch).casefold())
    if 0x1100 <= ord(text[0]) <= 0x11FF if text else False:
        text = unicodedata.normalize('NFC', text)
    out = ''
    for c in text:
        code = ord(c)
        if code in DROP or within(code, DROP_RANGES):
            continue
        if c in LETTERS:
            out += LETTERS[c]
        elif is_word(c):
            try:
                out += str(unicodedata.decimal(c))
            except ValueError:
                out += c
    if not is_word(ch) and not (out and out.isascii() and unicodedata.category(ch)[0] in 'S'):
        if unicodedata.category(ch) != 'No' or not out:
            return SEPARATOR, separator(ch).encode(), False
    if not out:
        if is_word(ch):
            return DROPPED, b'', False
        return SEPARATOR, separator(ch).encode(), False
    kind = word_class(ord(out[0]))
    encoded = out.encode()
    if len(encoded) > 7 or (kind in (SINGLE,) and len(out) > 1):
        return SEPARATOR, b' ', False
    return kind, encoded, upper


def main():
    blob = bytearray()
    places = {}
    blocks, index = [], []
    known = {}
    for start in range(0, LIMIT, BLOCK):
        block = []
        for cp in range(start, start + BLOCK):
            kind, out, upper = entry(cp)
            identity = kind != SEPARATOR and out == chr(cp).encode(errors='replace')
            if identity:
                payload = 0  # Blocks of unchanged characters (Han, Hangul) become equal.
            elif len(out) <= 3:
                payload = int.from_bytes(out.ljust(3, b'\0'), 'little')
            else:
                if out not in places:
                    places[out] = len(blob)
                    blob += out.ljust(8, b'\0')
                payload = places[out]
            block.append(payload | len(out) << 24 | kind << 27 | int(upper) << 30
                         | int(identity) << 31)
        key = tuple(block)
        if key not in known:
            known[key] = len(blocks)
            blocks.append(block)
        index.append(known[key])
    w = sys.stdout.write
    w('// Generated by common/text/tools/make_fold_table.py from Unicode %s. Do not edit.\n'
      % unicodedata.unidata_version)
    w('// clang-format off\n')
    w('inline constexpr std::uint16_t kFoldIndex[%d] = {' % len(index))
    w(','.join(str(i) for i in index))
    w('};\ninline constexpr std::uint32_t kFoldEntries[%d] = {\n' % (len(blocks) * BLOCK))
    flat = [value for block in blocks for value in block]
    for i in range(0, len(flat), 16):
        w(','.join('%#x' % value for value in flat[i:i + 16]) + ',\n')
    w('};\ninline constexpr char kFoldLong[%d] = {' % max(1, len(blob)))
    w(','.join(str(b if b < 128 else b - 256) for b in blob) or '0')
    w('};\n// clang-format on\n')


main()
