# ruff: noqa - written as people write it
"""Short lessons' style: layer errors and layer deltas, weights as (in, out), changes added up over examples."""

import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def gradients(syn, bias, x, y):
    outs = [x]
    for w, b in zip(syn, bias):
        outs.append(nonlin(outs[-1] @ w + b))
    layer_error = outs[-1] - y
    grads = []
    for k in range(len(syn), 0, -1):
        layer_delta = layer_error * nonlin(outs[k], deriv=True)
        grads.append((outs[k - 1].T.dot(layer_delta), layer_delta.sum(axis=0)))
        layer_error = layer_delta.dot(syn[k - 1].T)
    return grads[::-1]
