"""Write a layer: from activations, weights and biases to the next activations."""

import numpy as np

from lessons_lib.engine.functions import sigmoid
from lessons_lib.panels.exercise import Exercise


def _layer(a, W, b, *, total=lambda a, W: a @ W.T, before=1, squash=sigmoid, after=0):
    return squash(total(a, W) + before * b) + after * b


def _case(n, n_in, n_out, dtype=float):
    rng = np.random.default_rng(n)
    return tuple(
        values.astype(dtype)
        for values in (
            rng.normal(0, 1, (n, n_in)),
            rng.normal(0, 1.5, (n_out, n_in)),
            rng.normal(0, 1.5, n_out),
        )
    )


layer = Exercise(
    _layer,
    cases=[_case(5, 4, 4), _case(3, 4, 2), _case(1, 3, 5), _case(2, 5, 3, np.float32)],
    ways={
        "total": {
            "The weights are used the wrong way round: row k of W belongs to neuron k, so the sum is a @ W.T.": lambda a, W: (
                a @ W
            ),
            "The products are averaged; the neuron adds them up.": lambda a, W: a @ W.T / W.shape[1],
        },
        "before": {
            "The bias is missing: each neuron adds its own b to its sum before σ.": 0,
            "The bias is subtracted; it is added to the sum.": -1,
        },
        "squash": {
            "These are the sums z; the activation is σ(z).": lambda z: z,
            "The exponent has the wrong sign: σ(z) = 1 / (1 + e^-z) grows with z.": lambda z: sigmoid(-z),
            "σ is applied twice.": lambda z: sigmoid(sigmoid(z)),
            "This is tanh, which goes from -1 to 1; σ goes from 0 to 1.": np.tanh,
            "This is ReLU, which cuts off below 0; the lesson's activation is σ.": lambda z: np.maximum(z, 0),
            "This is σ's slope; the activation is σ(z) itself.": lambda z: sigmoid(z) * (1 - sigmoid(z)),
            "The outputs of each image are made to add up to 1 (softmax); σ looks at one z at a time.": lambda z: (
                np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
            ),
        },
        "after": {"The bias is added after σ; it belongs inside, to the sum.": 1},
    },
    hints=(
        "First the sums: z = a @ W.T + b has one row per image, one column per neuron.",
        "Then 1 / (1 + np.exp(-z)), element by element.",
    ),
)
