"""Write the change of every weight of a layer, from δ and the activations before."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _changes(
    delta,
    a,
    learning_rate,
    *,
    sign=-1,
    rate=lambda rate: rate,
    after=lambda d: d,
    before=lambda a: a,
    table=np.outer,
):
    return sign * rate(learning_rate) * table(after(delta), before(a))


weight_changes = Exercise(
    _changes,
    cases=[
        (np.array([0.2, -0.5]), np.array([0.9, 0.1, 0.4]), 3.0),
        (np.array([-0.1, 0.3, 0.7, -0.4]), np.array([0.2, 0.6, 0.8]), 0.5),
        (np.array([0.3, -0.6], np.float32), np.array([0.9, 0.0, 0.4, 0.7, 0.2], np.float32), 0.25),
    ],
    ways={
        "sign": {"The sign is wrong: δ points uphill, and the change goes downhill.": 1},
        "rate": {
            "The learning rate is missing: it scales every change.": lambda rate: 1,
            "You divided by the learning rate; it is a factor.": lambda rate: 1 / rate,
        },
        "table": {
            "Rows and columns are swapped: W is (n_out, n_in), so a row belongs to one neuron after, one δ.": lambda delta, a: (
                np.outer(a, delta)
            ),
            "You added δ and a; each change is their product.": lambda delta, a: delta[:, None] + a,
        },
        "before": {
            "Every weight of a row changes alike: the activation before is missing.": np.ones_like,
            "You multiplied by a (1 - a), a slope; the change is in proportion to the activation itself.": lambda a: (
                a * (1 - a)
            ),
            "You used which activations are lit, not how brightly.": lambda a: np.asarray(a > 0, float),
        },
        "after": {
            "Only the direction of δ is used; its size says how much.": np.sign,
            "Only the size of δ is used; its sign says which way.": np.abs,
            "All rows change alike: each neuron after has a δ of its own.": lambda d: np.full_like(
                d, d.sum()
            ),
        },
    },
    hints=(
        "The entry in row i and column j is -learning_rate times delta[i] times a[j].",
        "delta[:, None] is a column and a[None, :] a row; their product is the whole table, and "
        "np.outer(delta, a) is the same.",
    ),
)
