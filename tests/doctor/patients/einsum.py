# ruff: noqa - written as people write it
"""Sums written with indices; mean over examples and outputs."""

import numpy as np


def gradients(layers, x, y):
    acts = [np.asarray(x)]
    for W, b in layers:
        acts.append(1 / (1 + np.exp(-(np.einsum("ni,oi->no", acts[-1], W) + b))))
    d = 2 * (acts[-1] - y) / y.size * acts[-1] * (1 - acts[-1])
    out = []
    for k in range(len(layers) - 1, -1, -1):
        out.append((np.einsum("no,ni->oi", d, acts[k]), np.einsum("no->o", d)))
        d = np.einsum("no,oi->ni", d, layers[k][0]) * acts[k] * (1 - acts[k])
    return list(reversed(out))
