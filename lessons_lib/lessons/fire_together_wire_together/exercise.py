"""Write the change of every weight of a layer, from δ and the activations before."""

import numpy as np

from lessons_lib.panels.exercise import Exercise

weight_changes = Exercise(
    reference=lambda delta, a, learning_rate: -learning_rate * np.outer(delta, a),
    cases=[
        (np.array([0.2, -0.5]), np.array([0.9, 0.1, 0.4]), 3.0),
        (np.array([-0.1, 0.3, 0.7]), np.array([0.2, 0.6, 1.0]), 0.5),
    ],
    mistakes={
        "The sign is wrong: δ points uphill, and the change goes downhill.": lambda delta, a, learning_rate: (
            learning_rate * np.outer(delta, a)
        ),
        "Rows and columns are swapped: W is (n_out, n_in), so a row belongs to one neuron after, one δ.": lambda delta, a, learning_rate: (
            -learning_rate * np.outer(a, delta)
        ),
        "The learning rate is missing: it scales every change.": lambda delta, a, learning_rate: (
            -np.outer(delta, a)
        ),
        "Every weight of a row changes alike: the activation before is missing.": lambda delta, a, learning_rate: (
            -learning_rate * np.outer(delta, np.ones_like(a))
        ),
        "Only the direction of δ is used; its size says how much.": lambda delta, a, learning_rate: (
            -learning_rate * np.outer(np.sign(delta), a)
        ),
    },
    hints=(
        "The entry in row i and column j is -learning_rate times delta[i] times a[j].",
        "delta[:, None] is a column and a[None, :] a row; their product is the whole table, and "
        "np.outer(delta, a) is the same.",
    ),
)
