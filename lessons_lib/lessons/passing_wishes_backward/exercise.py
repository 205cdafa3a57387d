"""Write one step back: from the δ of a layer to that of the layer before."""

import numpy as np

from lessons_lib.engine.functions import sigmoid
from lessons_lib.panels.exercise import Exercise


def _loudest(delta, W):
    """Of all that reaches each neuron the loudest alone."""
    parts = delta[:, :, None] * W
    rows = np.abs(parts).argmax(axis=1)
    return np.take_along_axis(parts, rows[:, None], axis=1)[:, 0]


def _step_back(
    delta, W, a, *, summed=lambda delta, W: delta @ W, slope=lambda a: a * (1 - a), sign=1, times=lambda n: 1
):
    return sign * times(len(delta)) * summed(delta, W) * slope(a)


def _case(n, n_out, n_in, dtype=float):
    rng = np.random.default_rng(n)
    delta, W, a = (
        rng.normal(0, 0.4, (n, n_out)),
        rng.normal(0, 1.2, (n_out, n_in)),
        rng.uniform(0.05, 0.95, (n, n_in)),
    )
    return delta.astype(dtype), W.astype(dtype), a.astype(dtype)


step_back = Exercise(
    _step_back,
    cases=[_case(2, 3, 3), _case(4, 3, 5), _case(1, 5, 2), _case(3, 2, 4, np.float32)],
    ways={
        "summed": {
            "W is transposed: column j of W holds the weights that start at neuron j; add up over the rows.": lambda delta, W: (
                delta @ W.T
            ),
            "You averaged over the neurons after; their effects on the cost add up.": lambda delta, W: (
                delta @ W / len(W)
            ),
            "You kept only the loudest neuron after; all of them add up.": _loudest,
            "The weights are missing: each δ comes back times the weight it comes through.": lambda delta, W: (
                delta @ np.ones_like(W)
            ),
            "Only the signs of the weights are used; a strong weight carries more.": lambda delta, W: (
                delta @ np.sign(W)
            ),
        },
        "slope": {
            "That is ∂C/∂a, the nudge turned round. It still has to be multiplied by the slope σ′ = a (1 - a).": np.ones_like,
            "You multiplied by the activation a; the slope of a sigmoid is a (1 - a).": lambda a: a,
            "You multiplied by 1 - a; the slope of a sigmoid is a (1 - a).": lambda a: 1 - a,
            "You put a through the sigmoid again; a is its value already, and its slope is a (1 - a).": lambda a: (
                sigmoid(a) * (1 - sigmoid(a))
            ),
            "The slope is in twice.": lambda a: (a * (1 - a)) ** 2,
            "This is the slope of tanh, 1 - a²; that of a sigmoid is a (1 - a).": lambda a: 1 - a**2,
        },
        "sign": {"The sign is reversed: a δ before is made from the δ after without a minus.": -1},
        "times": {
            "You divided by the number of examples; each row is one example's own δ.": lambda n: 1 / n,
            "The factor 2 belongs to the cost, and the δ that came in has it already.": lambda n: 2,
        },
    },
    hints=(
        "First ∂C/∂a: for neuron j, the sum over all neurons i after it of delta[i] times W[i, j]. "
        "Which matrix product does this for all j and all images?",
        "That is delta @ W. Multiply it, number by number, by a * (1 - a).",
    ),
)
