"""Write a layer: from activations, weights and biases to the next activations."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _sigma(z):
    return 0.5 + 0.5 * np.tanh(z / 2)


def _layer_cases():
    rng = np.random.default_rng(1)
    return [(rng.random((n, 4)), rng.normal(0, 1.5, (4, 4)), rng.normal(0, 1.5, 4)) for n in (1, 3)]


layer = Exercise(
    reference=lambda a, W, b: _sigma(a @ W.T + b),
    cases=_layer_cases(),
    mistakes={
        "The bias is missing: each neuron adds its own b to its sum before σ.": lambda a, W, b: _sigma(
            a @ W.T
        ),
        "These are the sums z; the activation is σ(z).": lambda a, W, b: a @ W.T + b,
        "The weights are used the wrong way round: row k of W belongs to neuron k, so the sum is a @ W.T.": lambda a, W, b: (
            _sigma(a @ W + b)
        ),
        "The bias is added after σ; it belongs inside, to the sum.": lambda a, W, b: _sigma(a @ W.T) + b,
        "The exponent has the wrong sign: σ(z) = 1 / (1 + e^-z) grows with z.": lambda a, W, b: _sigma(
            -(a @ W.T + b)
        ),
    },
    hints=(
        "First the sums: z = a @ W.T + b has one row per image, one column per neuron.",
        "Then 1 / (1 + np.exp(-z)), element by element.",
    ),
)
