"""Write the average vote for every weight of a layer."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _each(delta, a):
    """(batch, n_out, n_in) every example's product."""
    return delta[:, :, None] * a[:, None, :]


def _average_vote(
    delta, a, *, sign=-1, votes=_each, count=lambda votes: votes.mean(axis=0), turned=lambda W: W
):
    return sign * turned(count(votes(delta, a)))


def _case(n, n_out, n_in, dtype=float):
    rng = np.random.default_rng(n)
    return rng.normal(0, 0.5, (n, n_out)).astype(dtype), rng.uniform(0, 1, (n, n_in)).astype(dtype)


average_vote = Exercise(
    _average_vote,
    cases=[_case(4, 3, 3), _case(5, 3, 2), _case(1, 2, 4), _case(6, 2, 5, np.float32)],
    ways={
        "sign": {"The sign is wrong: a vote is a wish, and it points downhill, -δ a.": 1},
        "count": {
            "This is the sum of the votes; divide by their number.": lambda votes: votes.sum(axis=0),
            "You counted heads. A vote has a size too, and a loud vote counts for more.": lambda votes: (
                np.sign(votes).mean(axis=0)
            ),
            "This is the middle vote, the median; the average weighs loud votes more.": lambda votes: (
                np.median(votes, axis=0)
            ),
            "You divided by the number of neurons; the votes are those of the examples.": lambda votes: (
                votes.sum(axis=0) / votes.shape[1]
            ),
            "You divided by the number of activations; the votes are those of the examples.": lambda votes: (
                votes.sum(axis=0) / votes.shape[2]
            ),
            "You divided twice by the number of examples.": lambda votes: votes.mean(axis=0) / len(votes),
            "This is the first example's vote alone.": lambda votes: votes[0],
        },
        "votes": {
            "You averaged δ and a before multiplying. Each example multiplies its own two first.": lambda delta, a: (
                np.broadcast_to(
                    np.outer(delta.mean(axis=0), a.mean(axis=0)), (len(a), delta.shape[1], a.shape[1])
                )
            ),
            "The activations are missing: an example's vote is its δ times the activation before the weight.": lambda delta, a: (
                _each(delta, np.ones_like(a))
            ),
        },
        "turned": {"Rows and columns are swapped: W is (n_out, n_in), so δ chooses the row.": np.transpose},
    },
    hints=(
        "Example i votes -delta[i, j] * a[i, k] for the weight in row j and column k. Sum over i, divide.",
        "A matrix product sums over the index its factors share: (n_out, n) @ (n, n_in).",
    ),
)
