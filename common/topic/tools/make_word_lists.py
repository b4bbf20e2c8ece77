#!/usr/bin/env python3
"""Writes the words of many languages with their frequencies, for the training of language identification.

    make_word_lists.py OUTPUT_DIRECTORY

Needs PyPI's wordfreq 3.1.1. A file LANGUAGE.tsv has a line for each word: the word, a tab, and how many of a billion words it is.
"""

import pathlib
import sys

import wordfreq

LANGUAGES = """ar bg ca cs da de en es fa fi fil fr hi hu id is it ja lt lv mk ms nb nl pl pt ro ru sh sk sl sv tr uk ur vi zh""".split()
BILLION = 1e9
# Serbian has the list of Serbo-Croatian in its own script.
CYRILLIC = {"nj": "њ", "lj": "љ", "dž": "џ"} | dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш"))


def in_cyrillic(word):
    for latin, cyrillic in CYRILLIC.items():
        word = word.replace(latin, cyrillic)
    return word


def write(path, words):
    path.write_text("".join(f"{word}\t{round(frequency * BILLION)}\n" for word, frequency in words), encoding="utf-8")


def main(directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        frequencies = wordfreq.get_frequency_dict(language, wordlist="small")
        words = sorted(frequencies.items(), key=lambda entry: (-entry[1], entry[0]))
        write(directory / f"{language}.tsv", words)
        if language == "sh":
            write(directory / "sr.tsv", [(in_cyrillic(word), frequency) for word, frequency in words])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
