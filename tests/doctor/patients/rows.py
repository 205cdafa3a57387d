# ruff: noqa - written as people write it
"""One function, numpy, examples in rows, W as (out, in); pairs (dW, db)."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    s = sigmoid(z)
    return s * (1 - s)


def gradients(weights, biases, x, y):
    n = len(x)
    a, z = [x], []
    for W, b in zip(weights, biases):
        z.append(a[-1] @ W.T + b)
        a.append(sigmoid(z[-1]))
    error = 2 * (a[-1] - y)
    delta = error * sigmoid_slope(z[-1])
    output_delta = delta
    pieces = []
    for l in reversed(range(len(weights))):
        dW = delta.T @ a[l] / n
        db = delta.sum(axis=0) / n
        pieces.insert(0, (dW, db))
        if l > 0:
            error = delta @ weights[l]
            delta = error * sigmoid_slope(z[l - 1])
    return pieces
