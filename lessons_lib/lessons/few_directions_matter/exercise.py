"""Keep a mean gradient in its first few principal directions."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _kept(G, k):
    """The mean of the rows of G (n, p), kept in their first k uncentred principal directions."""
    V = np.linalg.svd(G, full_matrices=False)[2][:k]
    return V.T @ (V @ G.mean(axis=0))


def _kept_centred(G, k):
    V = np.linalg.svd(G - G.mean(axis=0), full_matrices=False)[2][:k]
    return V.T @ (V @ G.mean(axis=0))


def _kept_last(G, k):
    V = np.linalg.svd(G, full_matrices=False)[2][-k:]
    return V.T @ (V @ G.mean(axis=0))


def _kept_entries(G, k):
    mean = G.mean(axis=0)
    return np.where(np.argsort(np.argsort(-np.abs(mean))) < k, mean, 0)


kept = Exercise(
    reference=_kept,
    cases=[
        (np.random.default_rng(0).normal([2, -1, 0.5, 0], 1.0, (6, 4)), 1),
        (np.random.default_rng(1).normal([0.5, 0.5, -0.4, 0.3, 0.2], 1.0, (8, 5)), 2),
    ],
    mistakes={
        "You subtracted the mean first. Then what the examples agree on is lost; leave G uncentred.": _kept_centred,
        "These are the weakest directions. Eigenvalues of eigh rise, singular values of svd fall.": _kept_last,
        "You kept the k largest entries of the mean. A direction is not one parameter but a mixture of all.": _kept_entries,
        "Nothing is left out: this is the whole mean gradient.": lambda G, k: G.mean(axis=0),
        "These are the loads on the directions; multiply each by its direction and add up.": lambda G, k: (
            np.linalg.svd(G, full_matrices=False)[2][:k] @ G.mean(axis=0)
        ),
        "This is the sum of the examples' gradients; the mean is asked for.": lambda G, k: (
            len(G) * _kept(G, k)
        ),
    },
    hints=(
        "The rows of the third result of np.linalg.svd(G, full_matrices=False) are the directions, the "
        "strongest first. Take k of them: V, of shape (k, p).",
        "V @ mean are the k loads; V.T @ loads puts the directions together again.",
    ),
)
