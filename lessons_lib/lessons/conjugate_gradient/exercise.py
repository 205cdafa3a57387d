"""Write the β of conjugate gradient."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _beta(
    new,
    old,
    *,
    change=lambda new, old: new - old,
    along=lambda new, old: new,
    product=lambda a, b: a @ b,
    by=lambda new, old: old @ old,
    least=lambda beta: np.maximum(0, beta),
):
    return least(product(along(new, old), change(new, old)) / by(new, old))


def _case(n, share, dtype=float):
    """A new gradient that keeps a share of the old one; with a share between 0 and 1, β can be negative."""
    old, noise = np.random.default_rng(n).normal(0, 1.5, (2, n))
    return (share * old + 0.4 * noise).astype(dtype), old.astype(dtype)


next_beta = Exercise(
    _beta,
    cases=[_case(3, 1.4), _case(2, -0.5), _case(5, 0.5), _case(4, -0.3, np.float32)],
    ways={
        "change": {
            "You left out the old gradient: g · g is Fletcher and Reeves's β. Polak and Ribière multiply the new gradient by the change, new - old.": lambda new, old: (
                new
            ),
            "The change is the wrong way round: it is new - old.": lambda new, old: old - new,
            "You added the gradients; the change is new - old.": lambda new, old: new + old,
        },
        "along": {
            "You multiplied the change by the old gradient; it is the new one that is multiplied.": lambda new, old: (
                old
            ),
        },
        "product": {
            "You multiplied entry by entry. Add the products up, as @ does: β is a single number.": lambda a, b: (
                a * b
            ),
            "You squared the change. Multiply the change by the new gradient.": lambda a, b: b @ b,
        },
        "by": {
            "You divided by the new gradient's square; divide by the old one's.": lambda new, old: new @ new,
            "You divided by the length of the old gradient; divide by its square, old · old.": lambda new, old: (
                np.sqrt(old @ old)
            ),
            "Nothing is divided. β compares with the old gradient: divide by old · old.": lambda new, old: 1,
        },
        "least": {
            "A negative β gets through. Return 0 in its place, so that the last direction is forgotten.": lambda beta: (
                beta
            ),
            "You kept the negative β and dropped the positive ones: it is max(0, β), not min.": lambda beta: (
                np.minimum(0, beta)
            ),
            "You took β without its sign. A negative one is to be replaced by 0.": np.abs,
        },
    },
    hints=(
        "How much did the gradient change? Multiply that by the new gradient, and divide by the old one's square.",
        "max(0, new @ (new - old) / (old @ old))",
    ),
)
