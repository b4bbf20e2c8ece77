#!/usr/bin/env python3
"""Fits the weights of a country's salience; writes common/region/salience_weights.inc.

    wirewatch_quality --part train --salience-rows rows.tsv
    common/region/tools/train_salience.py rows.tsv

A row is one country of one article: weight, 1 where the article is about it, and its features. The
weights are those of a logistic regression (Newton's method, a little ridge), so that of the countries
with salience 0.8 four in five are right on texts like these.
"""

import math
import os
import sys

RIDGE = 2.0
ROUNDS = 12


def solve(matrix, right):
    """Gaussian elimination with pivots."""
    size = len(right)
    rows = [matrix[i][:] + [right[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            for j in range(i, size + 1):
                rows[k][j] -= factor * rows[i][j]
    out = [0.0] * size
    for i in reversed(range(size)):
        out[i] = (rows[i][size] - sum(rows[i][j] * out[j] for j in range(i + 1, size))) / rows[i][i]
    return out


def main():
    rows = []
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            cells = [float(cell) for cell in line.split("\t")]
            rows.append((cells[0], cells[1], cells[2:]))
    size = len(rows[0][2])
    weights = [0.0] * size
    for _ in range(ROUNDS):
        hessian = [[RIDGE if i == j else 0.0 for j in range(size)] for i in range(size)]
        gradient = [-RIDGE * w for w in weights]
        loss = 0.0
        for weight, about, values in rows:
            score = sum(w * v for w, v in zip(weights, values))
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            loss -= weight * math.log(max(1e-9, chance if about else 1 - chance))
            error = weight * (about - chance)
            spread = weight * chance * (1 - chance)
            for i, value in enumerate(values):
                if value:
                    gradient[i] += error * value
                    scaled = spread * value
                    line = hessian[i]
                    for j in range(size):
                        line[j] += scaled * values[j]
        print(f"loss {loss / len(rows):.4f}", file=sys.stderr)
        weights = [w + step for w, step in zip(weights, solve(hessian, gradient))]
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(here, "salience_weights.inc"), "w", encoding="utf-8") as out:
        out.write("// Written by common/region/tools/train_salience.py. Do not edit.\n")
        out.write("constexpr float kSalienceWeights[kSalienceFeatureCount] = {\n")
        for at in range(0, size, 8):
            out.write("    " + ", ".join(f"{w:.4f}F" for w in weights[at:at + 8]) + ",\n")
        out.write("};\n")


main()
