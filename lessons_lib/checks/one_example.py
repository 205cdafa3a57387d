"""Exercises of lessons 01 to 06: what one example wants, and how it is passed back."""

from functools import partial

import numpy as np

from lessons_lib.checks.exercise import Exercise, Verdict
from lessons_lib.clinic import MISTAKES, PATIENTS, written_out

# Lesson 01


def _sigma(z):
    return 0.5 + 0.5 * np.tanh(z / 2)


def _layer_cases():
    rng = np.random.default_rng(1)
    return [(rng.random((n, 4)), rng.normal(0, 1.5, (4, 4)), rng.normal(0, 1.5, 4)) for n in (1, 3)]


layer = Exercise(
    reference=lambda a, W, b: _sigma(a @ W.T + b),
    cases=_layer_cases(),
    mistakes={
        "The bias is missing: each neuron adds its own b to its sum before σ.": lambda a, W, b: _sigma(
            a @ W.T
        ),
        "These are the sums z; the activation is σ(z).": lambda a, W, b: a @ W.T + b,
        "The weights are used the wrong way round: row k of W belongs to neuron k, so the sum is a @ W.T.": lambda a, W, b: (
            _sigma(a @ W + b)
        ),
        "The bias is added after σ; it belongs inside, to the sum.": lambda a, W, b: _sigma(a @ W.T) + b,
        "The exponent has the wrong sign: σ(z) = 1 / (1 + e^-z) grows with z.": lambda a, W, b: _sigma(
            -(a @ W.T + b)
        ),
    },
    hints=(
        "First the sums: z = a @ W.T + b has one row per image, one column per neuron.",
        "Then 1 / (1 + np.exp(-z)), element by element.",
    ),
)


# Lesson 02


def _moved(w, i, h):
    w = np.array(w, float)
    w[i] += h
    return w


def _slope_cases():
    starts = [np.array([1.0, 2.0]), np.array([0.5, -1.0, 2.0])]
    for w in starts:
        w.flags.writeable = False  # a function that changes its input fails here instead of everywhere
    first, second = starts
    return [
        (lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 0, 1e-5),
        (lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 1, 1e-5),
        (lambda w: w[0] * w[1] * w[2] + w[0], second, 2, 1e-5),
    ]


slope = Exercise(
    reference=lambda f, w, i, h: (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / (2 * h),
    cases=_slope_cases(),
    tolerance=1e-3,
    mistakes={
        "You moved every entry of w; for a partial derivative only entry i moves, the others stay.": lambda f, w, i, h: (
            (f(w + h) - f(w)) / h
        ),
        "This is the change of f. Divide it by the wiggle h to get the slope.": lambda f, w, i, h: (
            f(_moved(w, i, h)) - f(w)
        ),
        "The sign is turned round: subtract the value before from the value after.": lambda f, w, i, h: (
            (f(w) - f(_moved(w, i, h))) / h
        ),
        "This is half the slope: divide by 2h only if you wiggle both up and down.": lambda f, w, i, h: (
            (f(_moved(w, i, h)) - f(w)) / (2 * h)
        ),
        "This is twice the slope: between h below and h above lie two wiggles, so divide by 2h.": lambda f, w, i, h: (
            (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / h
        ),
    },
    hints=(
        "Make a copy of w first, change its entry i by h, and ask f for both.",
        "moved = w.copy(); moved[i] += h; then (f(moved) - f(w)) / h.",
    ),
)


# Lesson 03


def _one_hot(labels):
    return np.eye(10)[labels]


nudges = Exercise(
    reference=lambda outputs, labels: _one_hot(labels) - outputs,
    cases=[(np.linspace(0.02, 0.9, 30).reshape(3, 10), np.array([7, 0, 3]))],
    mistakes={
        "These are the slopes' signs: a - y points uphill. The nudge goes down the cost: y - a.": lambda outputs, labels: (
            outputs - _one_hot(labels)
        ),
        "You included the factor 2 of the slope; the nudge is the distance y - a itself.": lambda outputs, labels: (
            2 * (_one_hot(labels) - outputs)
        ),
        "These are distances without direction; some outputs should go up and others down.": lambda outputs, labels: (
            np.abs(_one_hot(labels) - outputs)
        ),
        "Only the label's output is nudged; the other nine want to go down to 0.": lambda outputs, labels: (
            _one_hot(labels) * (1 - outputs)
        ),
    },
    hints=(
        "Build y first: zeros shaped like outputs, with a 1 in each row at the label.",
        "y[0, labels[0]] = 1 sets the first row; y[np.arange(len(labels)), labels] = 1 sets them all.",
    ),
)


# Lesson 04

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


# Lesson 05


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


# Lesson 06


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
