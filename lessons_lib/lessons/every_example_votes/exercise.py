"""Write the average vote for every weight of a layer."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _average_vote(delta, a):
    return -delta.T @ a / len(a)


average_vote = Exercise(
    reference=_average_vote,
    cases=[
        (
            np.array([[0.2, -0.5, 0.1], [0.4, 0.3, -0.6], [-0.1, 0.2, 0.2], [-0.3, -0.2, 0.5]]),
            np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.7], [0.5, 0.4, 0.1], [0.6, 0.3, 1.0]]),
        ),
        (np.array([[0.3, -0.2], [0.1, 0.6]]), np.array([[0.5, 0.9], [1.0, 0.2]])),
    ],
    mistakes={
        "The sign is wrong: a vote is a wish, and it points downhill, -δ a.": lambda delta, a: (
            -_average_vote(delta, a)
        ),
        "This is the sum of the votes; divide by their number.": lambda delta, a: -delta.T @ a,
        "You averaged δ and a before multiplying. Each example multiplies its own two first.": lambda delta, a: (
            -np.outer(delta.mean(axis=0), a.mean(axis=0))
        ),
        "Rows and columns are swapped: W is (n_out, n_in), so δ chooses the row.": lambda delta, a: (
            -a.T @ delta / len(a)
        ),
        "You counted heads. A vote has a size too, and a loud vote counts for more.": lambda delta, a: (
            np.sign(-delta[:, :, None] * a[:, None, :]).mean(axis=0)
        ),
    },
    hints=(
        "Example i votes -delta[i, j] * a[i, k] for the weight in row j and column k. Sum over i, divide.",
        "A matrix product sums over the index its factors share: (n_out, n) @ (n, n_in).",
    ),
)
