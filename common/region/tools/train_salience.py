#!/usr/bin/env python3
"""Trains the model of a country's salience; writes common/region/salience_model.inc.

    wirewatch_quality --only region --part train --salience-rows rows.tsv
    common/region/tools/train_salience.py rows.tsv          # Debian: python3-sklearn

The rows: "#article<tab>its countries<tab>weight" begins an article, then one line for each country that was
weighed: article, country, weight, 1 where the article is about it, and the features (SalienceFeature).

Gradient boosting of small trees under the log loss, so that of the countries with salience 0.8 about four in
five are right on texts like these. Where the direction of a feature is beyond doubt (more names in the headline
never make a country less salient) the trees are held to it, which keeps the model sane on texts unlike those it
was trained on. The threshold that is printed is the best of a cross-validation over articles.
"""

import os
import random
import re
import sys

import numpy
from sklearn.ensemble import HistGradientBoostingClassifier

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREES = 52
LEVELS = 3
FOLDS = 4
# 1: the more the more salient; -1: the less.
DIRECTIONS = {
    "OfBest": 1, "Headline": 1, "HeadlineStrong": 1, "Count": 1, "Strong": 1, "Rank": -1, "HeadlineOthers": -1,
    "MoneyShare": -1, "NotMoney": 1, "First": -1, "Last": 1, "CountryNames": 1,
}


def feature_names():
    with open(os.path.join(HERE, "region_classifier.h"), encoding="utf-8") as header:
        body = re.search(r"enum class SalienceFeature .*?\{(.*?)\};", header.read(), re.S).group(1)
    return re.findall(r"^  k(\w+),", body, re.M)


def read_rows(path):
    """Articles (gold countries by key) and arrays of their rows."""
    gold, rows = {}, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if cells[0].startswith("#"):
                gold[cells[0][1:]] = set(cells[1].split())
            else:
                rows.append(cells)
    values = numpy.array([[float(cell) for cell in row[4:]] for row in rows])
    about = numpy.array([int(row[3]) for row in rows])
    weight = numpy.array([float(row[2]) for row in rows])
    return gold, [(row[0], row[1]) for row in rows], values, about, weight


def train(values, about, weight, directions):
    model = HistGradientBoostingClassifier(
        max_iter=TREES, max_depth=LEVELS, learning_rate=0.15, min_samples_leaf=30, l2_regularization=5,
        monotonic_cst=directions, early_stopping=False, random_state=1)
    return model.fit(values, about, sample_weight=weight)


def f1(gold, keys, chances, threshold):
    found = {}
    for (article, country), chance in zip(keys, chances):
        if chance >= threshold:
            found.setdefault(article, set()).add(country)
    hits = sum(len(found.get(article, set()) & countries) for article, countries in gold.items())
    given = sum(len(countries) for countries in found.values())
    return 2 * hits / (given + sum(len(countries) for countries in gold.values()))


def cross_validate(gold, keys, values, about, weight, directions):
    """Chances of rows by models that have not seen their articles."""
    articles = sorted({key.split("/")[0] for key, _ in keys})
    random.Random(1).shuffle(articles)
    fold = {article: number % FOLDS for number, article in enumerate(articles)}
    folds = numpy.array([fold[key.split("/")[0]] for key, _ in keys])
    chances = numpy.zeros(len(keys))
    for number in range(FOLDS):
        model = train(values[folds != number], about[folds != number], weight[folds != number], directions)
        chances[folds == number] = model.predict_proba(values[folds == number])[:, 1]
    thresholds = [percent / 100 for percent in range(26, 56, 2)]
    best = max(thresholds, key=lambda each: f1(gold, keys, chances, each))
    loss = -numpy.average(numpy.where(about == 1, numpy.log(chances), numpy.log(1 - chances)), weights=weight)
    print(f"cross-validation: log loss {loss:.4f}, threshold {best}, F1 {f1(gold, keys, chances, best):.4f}")
    for low in numpy.arange(0, 1, 0.2):
        inside = (chances >= low) & (chances < low + 0.2)
        print(f"  salience {low:.1f} to {low + 0.2:.1f}: {numpy.average(about[inside], weights=weight[inside]):.2f} "
              f"of {inside.sum()} are right")


def complete(tree):
    """A tree of scikit-learn as a complete one: features, thresholds, leaves."""
    features, thresholds = [0] * (2 ** LEVELS - 1), [numpy.inf] * (2 ** LEVELS - 1)
    leaves = [0.0] * 2 ** LEVELS

    def visit(at, node):
        row = tree.nodes[node]
        if at >= len(features):
            leaves[at - len(features)] = float(row["value"])
        elif row["is_leaf"]:
            visit(2 * at + 1, node)  # Whatever the feature is, it is at most infinity.
        else:
            features[at], thresholds[at] = int(row["feature_idx"]), float(row["num_threshold"])
            visit(2 * at + 1, int(row["left"]))
            visit(2 * at + 2, int(row["right"]))

    visit(0, 0)
    return features, thresholds, leaves


def number(value):
    if value == numpy.inf:
        return "kNever"
    text = f"{value:.5g}"
    return text + ("F" if "." in text or "e" in text else ".0F")


def write(model, out):
    out.write("// Written by common/region/tools/train_salience.py. Do not edit.\n// clang-format off\n")
    out.write("constexpr float kNever = 3.0e38F;  // No feature exceeds it.\n")
    out.write(f"constexpr float kSalienceBase = {number(float(model._baseline_prediction.ravel()[0]))};\n")
    out.write("constexpr SalienceTree kSalienceTrees[] = {\n")
    for (tree,) in model._predictors:
        features, thresholds, leaves = complete(tree)
        out.write("    {{" + ", ".join(map(str, features)) + "}, {" + ", ".join(map(number, thresholds)) + "},\n"
                  "     {" + ", ".join(map(number, leaves)) + "}},\n")
    out.write("};\n// clang-format on\n")


def main():
    names = feature_names()
    gold, keys, values, about, weight = read_rows(sys.argv[1])
    if values.shape[1] != len(names):
        sys.exit(f"the rows have {values.shape[1]} features, region_classifier.h has {len(names)}")
    directions = [DIRECTIONS.get(name, 0) for name in names]
    cross_validate(gold, keys, values, about, weight, directions)
    with open(os.path.join(HERE, "salience_model.inc"), "w", encoding="utf-8") as out:
        write(train(values, about, weight, directions), out)


main()
