# ruff: noqa - written as people write it
"""Gradients left in `.grad` of the parameters, as frameworks do; nothing is handed back."""

import numpy as np


def gradients(weights, biases, x, target):
    hidden = [x]
    for W, b in zip(weights, biases):
        hidden.append(np.tanh(hidden[-1] @ W.T + b))
    upstream = 2 * (hidden[-1] - target) / target.size
    for i in range(len(weights) - 1, -1, -1):
        upstream = upstream * (1 - hidden[i + 1] ** 2)
        weights[i].grad = upstream.T @ hidden[i]
        biases[i].grad = upstream.sum(0)
        upstream = upstream @ weights[i]
