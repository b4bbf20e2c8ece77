"""Words that are no places: names of persons (PyPI names, US census), English words (Debian wamerican)."""

import os

# A town with a surname of this rank in the census, or a more frequent one, counts only with context.
SURNAME_RANK_MAX = 20_000
GIVEN_NAME_RANK_MAX = 1_200  # Of a given name that makes a surname of what follows.


def read_persons(folder):
    """Surnames up to SURNAME_RANK_MAX and all given names of the US census, and the frequent given names."""
    persons = set()
    given = set()
    for file in ("dist.all.last", "dist.male.first", "dist.female.first"):
        with open(os.path.join(folder, "names", file), encoding="ascii") as lines:
            for line in lines:
                name, _, _, rank = line.split()
                if int(rank) <= SURNAME_RANK_MAX:
                    persons.add(name.lower())
                if file != "dist.all.last" and int(rank) <= GIVEN_NAME_RANK_MAX:
                    given.add(name.lower())
    return persons, given


def read_words_of_english():
    with open("/usr/share/dict/american-english", encoding="utf-8") as lines:
        return {line.strip() for line in lines if line[0].islower()}
