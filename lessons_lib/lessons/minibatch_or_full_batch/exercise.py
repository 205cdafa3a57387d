"""Write a step of gradient descent on a minibatch."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _step(
    w,
    gradients,
    rows,
    learning_rate,
    *,
    sign=-1,
    batch=lambda g, rows: g[rows],
    mean=None,
    rate=lambda rate: rate,
    start=lambda w: w,
):
    taken = batch(gradients, rows)
    g = taken.mean(axis=0) if mean is None else mean(taken, w, gradients)
    return start(w) + sign * rate(learning_rate) * g


def _case(n, n_params, rows, learning_rate, dtype=float):
    rng = np.random.default_rng(n)
    return (
        rng.normal(0, 1, n_params).astype(dtype),
        rng.normal(0.5, 2, (n, n_params)).astype(dtype),
        np.array(rows),
        learning_rate,
    )


minibatch_step = Exercise(
    _step,
    cases=[
        _case(7, 4, [6, 1, 3], 0.1),
        _case(6, 3, [5, 0, 1, 4], 0.5),
        _case(5, 3, [2], 0.2),
        _case(8, 4, [7, 2], 0.3, np.float32),
    ],
    ways={
        "sign": {"The step goes uphill: subtract the gradient.": 1},
        "batch": {
            "You used all examples: that is the full batch. Take only those in rows.": lambda g, rows: g,
            "You took the first examples; rows says which ones.": lambda g, rows: g[: len(rows)],
            "You left out the examples in rows and took the others.": lambda g, rows: np.delete(
                g, rows, axis=0
            ),
            "You took one example only; rows names several.": lambda g, rows: g[rows[:1]],
        },
        "mean": {
            "You added the gradients up. Divide by the size of the batch, or it acts as a larger learning rate.": lambda g, w, whole: (
                g.sum(axis=0)
            ),
            "You divided by the number of all examples; only those in the batch were asked.": lambda g, w, whole: (
                g.sum(axis=0) / len(whole)
            ),
            "You divided by the number of parameters; divide by the number of examples in the batch.": lambda g, w, whole: (
                g.sum(axis=0) / len(w)
            ),
            "You averaged over the parameters too; each parameter has its own mean, so average along axis 0.": lambda g, w, whole: (
                np.full_like(w, g.mean())
            ),
            "You divided twice by the size of the batch.": lambda g, w, whole: g.mean(axis=0) / len(g),
        },
        "rate": {
            "The learning rate is missing: it says how far to step.": lambda rate: 1,
            "You divided by the learning rate; it is a factor.": lambda rate: 1 / rate,
        },
        "start": {
            "This is the change alone; the step starts at w, so return w with the change made.": lambda w: (
                0 * w
            )
        },
    },
    hints=(
        "gradients[rows] are the gradients of the batch, one row an example. What is their mean?",
        "w - learning_rate * gradients[rows].mean(axis=0)",
    ),
)
