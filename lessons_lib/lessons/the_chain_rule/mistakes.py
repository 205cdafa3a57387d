"""Backprop written out in one function, and six patients: the same function with one mistake each.

The lesson on the chain rule lets readers diagnose the patients by their numbers, and its exercise names the
same mistakes when a reader makes them.
"""

from functools import partial

import numpy as np

from lessons_lib.engine.functions import sigmoid


def sigmoid_slope(a):
    """σ′(z), from a = σ(z)."""
    return a * (1 - a)


def written_out(
    weights,
    biases,
    x,
    y,
    *,
    wish=lambda a, y: 2 * (a - y),
    last_slope=sigmoid_slope,
    slope=sigmoid_slope,
    back=lambda delta, W: delta @ W,
    before=lambda a, layer: a[layer],
    outer=lambda delta, a: delta.T @ a,
    bias=lambda delta: delta,
    share=lambda total, n: total / n,
):
    """The gradient of the mean squared error of a sigmoid network, with a place for each mistake.

        δ_last = 2 (a − y) σ′    δ_before = (δ W) σ′    ∂C/∂W = δᵀ a / n    ∂C/∂b = Σ δ / n

    Args:
        weights, biases: one (n_out, n_in) and one (n_out,) array a layer.
        x, y: (n, inputs) examples and (n, outputs) targets.
        wish, last_slope, slope, back, before, outer, bias, share: the steps of the equations, all right by
            default.

    Returns:
        One vector, layer by layer, each W row by row and then b.

    Example:
        >>> written_out([np.zeros((1, 2))], [np.zeros(1)], np.ones((3, 2)), np.zeros((3, 1)))
        array([0.25, 0.25, 0.25])
    """
    a = [x]
    for W, b in zip(weights, biases, strict=True):
        a.append(sigmoid(a[-1] @ W.T + b))
    delta, pieces = wish(a[-1], y) * last_slope(a[-1]), []
    for layer in reversed(range(len(weights))):
        dW, db = outer(delta, before(a, layer)), bias(delta).sum(axis=0)
        pieces = [share(dW, len(x)).ravel(), share(db, len(x)), *pieces]
        delta = back(delta, weights[layer]) * slope(a[layer])
    return np.concatenate(pieces)


MISTAKES = {  # name -> written_out with this mistake; they need layers of equal width
    "the sign": partial(written_out, wish=lambda a, y: 2 * (y - a)),
    "σ′ missing in hidden layers": partial(written_out, slope=np.ones_like),
    "W transposed on the way back": partial(written_out, back=lambda delta, W: delta @ W.T),
    "not averaged": partial(written_out, share=lambda total, n: total),
    "bias forgotten": partial(written_out, bias=np.zeros_like),
    "the wrong layer's activations": partial(written_out, before=lambda a, layer: a[layer + 1]),
}

PATIENTS = dict(zip("ABCDEF", (list(MISTAKES.values())[k] for k in (3, 5, 1, 0, 2, 4)), strict=True))
