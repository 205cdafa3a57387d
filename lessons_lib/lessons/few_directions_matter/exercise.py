"""Keep a mean gradient in its first few principal directions."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _strongest(V, k):
    return V[:k]


def _kept(
    G,
    k,
    *,
    centre=lambda G: G,
    choose=_strongest,
    mean=lambda G: G.mean(axis=0),
    together=lambda V, mean: V.T @ (V @ mean),
    times=1,
):
    """The mean of the rows of G (n, p), kept in their first k uncentred principal directions."""
    V = np.linalg.svd(centre(G), full_matrices=False)[2]
    return times * together(choose(V, k), mean(G))


def _case(n, p, k, dtype=float):
    means = np.resize([2, -1, 0.5, 0.3, -0.6, 0.9, -0.2, 0.4, 1.1, -0.7], p)
    return np.random.default_rng(n).normal(means, 1.0, (n, p)).astype(dtype), k


def _entries(V, mean):
    """The k largest entries of the mean, and 0 elsewhere."""
    return np.where(np.argsort(np.argsort(-np.abs(mean))) < len(V), mean, 0)


kept = Exercise(
    _kept,
    cases=[_case(7, 4, 1), _case(8, 5, 2), _case(5, 10, 3), _case(6, 9, 2, np.float32), _case(5, 1000, 2)],
    tolerance=1e-4,
    room=(
        2_000_000,  # the largest case has 40,000 bytes; 1,000 × 1,000 products have 8,000,000
        "This asks for more memory than a computer has, once there are 13,002 parameters: a matrix with a row and a "
        "column for each. G has few rows and many columns, so the small matrix is G @ G.T, one row and one column for "
        "each example; np.linalg.svd(G, full_matrices=False) needs no large one either.",
    ),
    ways={
        "centre": {
            "You subtracted the mean first. Then what the examples agree on is lost; leave G uncentred.": lambda G: (
                G - G.mean(axis=0)
            ),
        },
        "choose": {
            "These are the weakest directions. Eigenvalues of eigh rise, singular values of svd fall.": lambda V, k: (
                V[-k:]
            ),
            "This is one direction, the k-th alone; keep the first k.": lambda V, k: V[k - 1 : k],
            "This is one direction too many.": lambda V, k: V[: k + 1],
            "The first direction is left out.": lambda V, k: V[1 : k + 1],
            "Nothing is left out: this is the whole mean gradient.": lambda V, k: V,
        },
        "together": {
            "You kept the k largest entries of the mean. A direction is not one parameter but a mixture of all.": _entries,
            "These are the loads on the directions; multiply each by its direction and add up.": lambda V, mean: (
                V @ mean
            ),
            "This is the sum of the directions; each has to be multiplied by its load first.": lambda V, mean: (
                V.sum(axis=0)
            ),
        },
        "mean": {
            "This is the sum of the examples' gradients; the mean is asked for.": lambda G: G.sum(axis=0),
            "This is the first example's gradient; the mean is asked for.": lambda G: G[0],
        },
        "times": {"The sign is turned: a gradient is kept here, no step is taken.": -1},
    },
    hints=(
        "The rows of the third result of np.linalg.svd(G, full_matrices=False) are the directions, the "
        "strongest first. Take k of them: V, of shape (k, p).",
        "V @ mean are the k loads; V.T @ loads puts the directions together again.",
    ),
)
