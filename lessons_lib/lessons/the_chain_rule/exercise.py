"""Write backprop, and diagnose six patients."""

from functools import partial

import numpy as np

from lessons_lib.lessons.the_chain_rule.mistakes import MISTAKES, PATIENTS, written_out
from lessons_lib.panels.exercise import Exercise, Verdict


def _networks():
    """Argument tuples (weights, biases, x, y); equal widths, so that a transposed W shows in the numbers."""
    for seed, (width, layers, n) in enumerate([(3, 2, 4), (4, 3, 5), (2, 3, 3)]):
        rng = np.random.default_rng(seed)
        weights = [rng.normal(size=(width, width)) for _ in range(layers)]
        biases = [rng.normal(size=width) for _ in range(layers)]
        yield weights, biases, rng.normal(size=(n, width)), rng.random((n, width))


def _pieces(weights, biases, x, y):
    """The right vector in pieces: W, b, W, b..."""
    ends = np.cumsum([size for W in weights for size in (W.size, len(W))])[:-1]
    return np.split(written_out(weights, biases, x, y), ends)


def _without_biases(*case):
    return np.concatenate(_pieces(*case)[0::2])


def _weights_first(*case):
    return np.concatenate(_pieces(*case)[0::2] + _pieces(*case)[1::2])


backprop = Exercise(
    reference=written_out,
    cases=_networks(),
    mistakes={
        "The sign is wrong: δ starts with 2 (a - y), which points uphill as a gradient does.": MISTAKES[
            "the sign"
        ],
        "σ′ is missing in the hidden layers: each step back is also multiplied by a (1 - a) there.": MISTAKES[
            "σ′ missing in hidden layers"
        ],
        "σ′ is missing in the last layer: δ starts with 2 (a - y) times a (1 - a).": partial(
            written_out, last_slope=np.ones_like
        ),
        "σ′ is missing everywhere: every δ is multiplied by a (1 - a) of its own layer.": partial(
            written_out, last_slope=np.ones_like, slope=np.ones_like
        ),
        "W is transposed on the way back: forward uses W.T, so backward uses W itself.": MISTAKES[
            "W transposed on the way back"
        ],
        "The slopes of W are transposed: a row belongs to the neuron after, so δ comes first, delta.T @ a.": partial(
            written_out, outer=lambda delta, a: a.T @ delta
        ),
        "This is the sum over the examples; divide by their number for the mean cost.": MISTAKES[
            "not averaged"
        ],
        "The biases are forgotten: their slopes are 0 here. They are the sums of δ over the examples.": MISTAKES[
            "bias forgotten"
        ],
        "The biases are forgotten: your vector holds the slopes of the weights only.": _without_biases,
        "The activations come from the wrong layer: δ of a layer meets what went INTO it.": MISTAKES[
            "the wrong layer's activations"
        ],
        "The factor 2 is missing: the slope of (a - y)² is 2 (a - y).": partial(
            written_out, wish=lambda a, y: a - y
        ),
        "The order differs: go layer by layer, each W row by row and then its b.": _weights_first,
    },
    hints=(
        "Go back from delta = 2 (a - y) a (1 - a). In each layer: the slopes of W and b first, then "
        "delta for the layer before. Collect the pieces from the front.",
        "Slopes: delta.T @ a_before and delta.sum(axis=0), both over the number of examples. Next delta: "
        "(delta @ W) * a_before * (1 - a_before). At the end np.concatenate, with .ravel() for each W.",
    ),
)


def check_diagnoses(named):
    """Judge a dict of patient -> name of a mistake; returns a `Verdict`.

    >>> check_diagnoses({"A": "not averaged"})
    Not yet. Right: A. Still open: B, C, D, E, F.
    """
    meant = {patient: _mistake(words) for patient, words in named.items() if words != ""}
    right = [patient for patient, case in PATIENTS.items() if meant.get(patient) is case]
    still = [patient for patient in PATIENTS if patient not in right]
    unknown = [patient for patient, mistake in meant.items() if mistake is None]
    if not still:
        return Verdict(True, "All six diagnoses are right.")
    hints = (
        "Which blocks are wrong: all, those before the last, only weights, only biases?",
        "A length ratio that equals the number of examples, or a cosine of -1, gives two away. σ′ "
        "shrinks what it multiplies; a transposed W turns it.",
    )
    found = f"Right: {', '.join(right)}. " if right else ""
    unread = f" Not in the list: {', '.join(unknown)}." if unknown else ""
    return Verdict(False, f"{found}Still open: {', '.join(still)}.{unread}", hints)


def _mistake(words):
    """The mistake whose name begins with these words, or None. Case and kind of apostrophe do not matter."""

    def plain(name):
        return str(name).strip().lower().replace("’", "'").replace("′", "'").removeprefix("the ")

    fits = [case for name, case in MISTAKES.items() if plain(name).startswith(plain(words))]
    return fits[0] if len(fits) == 1 else None
