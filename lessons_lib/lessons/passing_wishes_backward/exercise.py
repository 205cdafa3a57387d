"""Write one step back: from the δ of a layer to that of the layer before."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _loudest(wishes):
    """(batch, n_out, n_in) -> (batch, n_in), of each column the entry of the largest size."""
    rows = np.abs(wishes).argmax(axis=1)
    return np.take_along_axis(wishes, rows[:, None], axis=1)[:, 0]


step_back = Exercise(
    reference=lambda delta, W, a: delta @ W * a * (1 - a),
    cases=[
        (
            np.array([[0.2, -0.1, 0.4], [-0.3, 0.5, 0.1]]),
            np.array([[0.5, -1.0, 2.0], [3.0, 0.4, -0.6], [-0.7, 1.5, 0.9]]),
            np.array([[0.6, 0.2, 0.9], [0.3, 0.7, 0.1]]),
        )
    ],
    mistakes={
        "That is the request. It still has to be multiplied by the slope σ′ = a (1 - a).": lambda delta, W, a: (
            delta @ W
        ),
        "W is transposed: column j of W holds the weights that start at neuron j; add up over the rows.": lambda delta, W, a: (
            delta @ W.T * a * (1 - a)
        ),
        "You multiplied by the activation a; the slope of a sigmoid is a (1 - a).": lambda delta, W, a: (
            delta @ W * a
        ),
        "You put a through the sigmoid again; a is its value already, and its slope is a (1 - a).": lambda delta, W, a: (
            delta @ W / (2 + np.exp(-a) + np.exp(a))
        ),
        "You averaged the wishes; their effects on the cost add up.": lambda delta, W, a: (
            delta @ W * a * (1 - a) / len(W)
        ),
        "You kept the loudest wish only; all of them add up.": lambda delta, W, a: (
            _loudest(delta[:, :, None] * W) * a * (1 - a)
        ),
        "The sign is turned: a δ before is made from the δ after without a minus.": lambda delta, W, a: (
            -(delta @ W) * a * (1 - a)
        ),
    },
    hints=(
        "First the request: for neuron j, the sum over all neurons i after it of delta[i] times W[i, j]. "
        "Which matrix product does this for all j and all images?",
        "The request is delta @ W. Multiply it, number by number, by a * (1 - a).",
    ),
)
