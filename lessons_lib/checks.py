"""Checks for the exercises: they say which misconception an answer shows, not only that it is wrong.

Each lesson adds its `Exercise`s at the end of this file or in its own. A check never raises because of the
reader's code, and `stand_in` gives a working function until theirs works, so an unsolved exercise breaks
nothing below it.
"""

from dataclasses import dataclass
from html import escape

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """What a check says: whether the exercise is solved, a message, and hints to unfold one by one."""

    solved: bool
    message: str
    hints: tuple = ()

    def __bool__(self):
        return self.solved

    def __repr__(self):
        return f"{'Solved.' if self.solved else 'Not yet.'} {self.message}"

    def _repr_html_(self):
        hints = "".join(f"<details><summary>Hint {number}</summary>{escape(hint)}</details>"
                        for number, hint in enumerate(self.hints, start=1))
        return (f'<div role="status" style="border-left:4px solid;padding:4px 12px;line-height:1.5">'
                f"{escape(repr(self))}{hints}</div>")


class Exercise:
    """A function for the reader to write, and what can go wrong with it.

    Arguments:
        reference: the right function.
        cases: argument tuples to try it on; enough of them that each mistake shows.
        mistakes: dict of message -> function with the same arguments that makes this one mistake. An answer
        that
            agrees with it on every case gets its message.
        hints: two texts, the second says more than the first.
        tolerance: relative and absolute; answers within it are equal.

    >>> square = Exercise(lambda x: x * x, [(2.0,), (3.0,)], hints=("What is 2 squared?", "Multiply."),
    ...                   mistakes={"You doubled it instead of squaring it.": lambda x: 2 * x})
    >>> square.check(lambda x: x + x)
    Not yet. You doubled it instead of squaring it.
    >>> square.check(lambda x: x ** 2)
    Solved. Your function agrees with the reference on all 2 cases.
    >>> square.stand_in(lambda x: None)(3.0)
    9.0
    """

    def __init__(self, reference, cases, *, mistakes, hints, tolerance=1e-6):
        self.reference, self.cases, self.tolerance = reference, list(cases), tolerance
        self.mistakes, self.hints = mistakes, tuple(hints)
        blind = [message for message, wrong in mistakes.items() if self._agree(wrong, reference)]
        if blind:
            raise ValueError(f"no case tells this mistake from the right answer; add one: {blind[0]!r}")

    def check(self, attempt):
        """Judge the reader's function; returns a `Verdict`; never raises what that function raises."""
        try:
            answers = [attempt(*case) for case in self.cases]
        except NotImplementedError:
            return self._empty()
        except Exception as error:
            return self._not_yet(f"Your function raised {type(error).__name__}: {error}")
        if all(answer is None or answer is ... for answer in answers):
            return self._empty()
        return self._judge(attempt, answers)

    def stand_in(self, attempt):
        """The reader's function if it is right, else the reference: what later cells use."""
        return attempt if self.check(attempt) else self.reference

    def _judge(self, attempt, answers):
        if self._agree(attempt, self.reference):
            return Verdict(True, f"Your function agrees with the reference on all {len(self.cases)} cases.")
        for message, wrong in self.mistakes.items():
            if self._agree(attempt, wrong):
                return self._not_yet(message)
        return self._not_yet(next(filter(None, map(self._difference, answers, self.cases))))

    def _empty(self):
        return self._not_yet("The function returns nothing so far. Fill in the stub; the hints may help.")

    def _not_yet(self, message):
        return Verdict(False, message, self.hints)

    def _agree(self, one, other):
        try:
            return all(self._equal(one(*case), other(*case)) for case in self.cases)
        except Exception:   # a mistake that cannot even be computed here is not the one that was made
            return False

    def _equal(self, a, b):
        a, b = np.asarray(a, float), np.asarray(b, float)
        return a.shape == b.shape and np.allclose(a, b, self.tolerance, self.tolerance)

    def _difference(self, answer, case):
        """In words, how an answer differs from the right one; empty if it does not."""
        right = np.asarray(self.reference(*case), float)
        try:
            got = np.asarray(answer, float)
        except (TypeError, ValueError):
            return f"Your result is a {type(answer).__name__}; expected an array of shape {right.shape}."
        if got.shape != right.shape:
            return f"Your result has shape {got.shape}; expected {right.shape}."
        if self._equal(got, right):
            return ""
        worst = np.unravel_index(np.argmax(np.abs(got - right)), right.shape)
        place = f" at {[int(k) for k in worst]}" if right.shape else ""
        return f"Your result{place} is {got[worst]:.6g}; expected {right[worst]:.6g}."


# Lesson 03

def _one_hot(labels):
    return np.eye(10)[labels]


nudges = Exercise(
    reference=lambda outputs, labels: _one_hot(labels) - outputs,
    cases=[(np.linspace(0.02, 0.9, 30).reshape(3, 10), np.array([7, 0, 3]))],
    mistakes={
        "These are the slopes' signs: a - y points uphill. The nudge goes down the cost: y - a.":
            lambda outputs, labels: outputs - _one_hot(labels),
        "You included the factor 2 of the slope; the nudge is the distance y - a itself.":
            lambda outputs, labels: 2 * (_one_hot(labels) - outputs),
        "These are distances without direction; some outputs should go up and others down.":
            lambda outputs, labels: np.abs(_one_hot(labels) - outputs),
        "Only the label's output is nudged; the other nine want to go down to 0.":
            lambda outputs, labels: _one_hot(labels) * (1 - outputs),
    },
    hints=("Build y first: zeros shaped like outputs, with a 1 in each row at the label.",
           "y[np.arange(len(labels)), labels] = 1 sets one entry in each row; then y - outputs."),
)


# Lesson 04

weight_changes = Exercise(
    reference=lambda delta, a, learning_rate: -learning_rate * np.outer(delta, a),
    cases=[(np.array([0.2, -0.5]), np.array([0.9, 0.1, 0.4]), 3.0),
           (np.array([-0.1, 0.3, 0.7]), np.array([0.2, 0.6, 1.0]), 0.5)],
    mistakes={
        "The sign is wrong: δ points uphill, and the change goes downhill.":
            lambda delta, a, learning_rate: learning_rate * np.outer(delta, a),
        "Rows and columns are swapped: W is (n_out, n_in), so a row belongs to one neuron after, one δ.":
            lambda delta, a, learning_rate: -learning_rate * np.outer(a, delta),
        "The learning rate is missing: it scales every change.":
            lambda delta, a, learning_rate: -np.outer(delta, a),
        "Every weight of a row changes alike: the activation before is missing.":
            lambda delta, a, learning_rate: -learning_rate * np.outer(delta, np.ones_like(a)),
        "Only the direction of δ is used; its size says how much.":
            lambda delta, a, learning_rate: -learning_rate * np.outer(np.sign(delta), a),
    },
    hints=("The entry in row i and column j is -learning_rate times delta[i] times a[j].",
           "delta[:, None] is a column and a[None, :] a row; their product is the whole table, and "
           "np.outer(delta, a) is the same."),
)


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
        "The bias is missing: each neuron adds its own b to its sum before σ.":
            lambda a, W, b: _sigma(a @ W.T),
        "These are the sums z; the activation is σ(z).": lambda a, W, b: a @ W.T + b,
        "The weights are used the wrong way round: row k of W belongs to neuron k, so the sum is a @ W.T.":
            lambda a, W, b: _sigma(a @ W + b),
        "The bias is added after σ; it belongs inside, to the sum.": lambda a, W, b: _sigma(a @ W.T) + b,
        "The exponent has the wrong sign: σ(z) = 1 / (1 + e^-z) grows with z.":
            lambda a, W, b: _sigma(-(a @ W.T + b)),
    },
    hints=("First the sums: z = a @ W.T + b has one row an example and one column a neuron.",
           "Then 1 / (1 + np.exp(-z)), element by element."),
)


# Lesson 07

def _average_vote(delta, a):
    return -delta.T @ a / len(a)


average_vote = Exercise(
    reference=_average_vote,
    cases=[(np.array([[0.2, -0.5, 0.1], [0.4, 0.3, -0.6], [-0.1, 0.2, 0.2], [-0.3, -0.2, 0.5]]),
            np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.7], [0.5, 0.4, 0.1], [0.6, 0.3, 1.0]])),
           (np.array([[0.3, -0.2], [0.1, 0.6]]), np.array([[0.5, 0.9], [1.0, 0.2]]))],
    mistakes={
        "The sign is wrong: a vote is a wish, and it points downhill, -δ a.":
            lambda delta, a: -_average_vote(delta, a),
        "This is the sum of the votes; divide by their number.":
            lambda delta, a: -delta.T @ a,
        "You averaged δ and a before multiplying. Each example multiplies its own two first.":
            lambda delta, a: -np.outer(delta.mean(axis=0), a.mean(axis=0)),
        "Rows and columns are swapped: W is (n_out, n_in), so δ chooses the row.":
            lambda delta, a: -a.T @ delta / len(a),
        "You counted heads. A vote has a size too, and a loud vote counts for more.":
            lambda delta, a: np.sign(-delta[:, :, None] * a[:, None, :]).mean(axis=0),
    },
    hints=("Example i votes -delta[i, j] * a[i, k] for the weight in row j and column k. Sum over i and divide.",
           "A matrix product sums over the index its factors share: (n_out, n) @ (n, n_in)."),
)


# Lesson 05

def _loudest(wishes):
    """(batch, n_out, n_in) -> (batch, n_in), of each column the entry of the largest size."""
    rows = np.abs(wishes).argmax(axis=1)
    return np.take_along_axis(wishes, rows[:, None], axis=1)[:, 0]


step_back = Exercise(
    reference=lambda delta, W, a: delta @ W * a * (1 - a),
    cases=[(np.array([[0.2, -0.1, 0.4], [-0.3, 0.5, 0.1]]),
            np.array([[0.5, -1.0, 2.0], [3.0, 0.4, -0.6], [-0.7, 1.5, 0.9]]),
            np.array([[0.6, 0.2, 0.9], [0.3, 0.7, 0.1]]))],
    mistakes={
        "That is the request. It still has to be multiplied by the slope σ′ = a (1 - a).":
            lambda delta, W, a: delta @ W,
        "W is transposed: column j of W holds the weights that start at neuron j; add up over the rows.":
            lambda delta, W, a: delta @ W.T * a * (1 - a),
        "You multiplied by the activation a; the slope of a sigmoid is a (1 - a).":
            lambda delta, W, a: delta @ W * a,
        "You put a through the sigmoid again; a is its value already, and its slope is a (1 - a).":
            lambda delta, W, a: delta @ W / (2 + np.exp(-a) + np.exp(a)),
        "You averaged the wishes; their effects on the cost add up.":
            lambda delta, W, a: delta @ W * a * (1 - a) / len(W),
        "You kept the loudest wish only; all of them add up.":
            lambda delta, W, a: _loudest(delta[:, :, None] * W) * a * (1 - a),
        "The sign is turned: a δ before is made from the δ after without a minus.":
            lambda delta, W, a: -(delta @ W) * a * (1 - a),
    },
    hints=("First the request: for neuron j, the sum over all neurons i after it of delta[i] times W[i, j]. "
           "Which matrix product does this for all j and all images?",
           "The request is delta @ W. Multiply it, number by number, by a * (1 - a)."),
)


# Lesson 02

def _moved(w, i, h):
    w = np.array(w, float)
    w[i] += h
    return w


def _slope_cases():
    starts = [np.array([1.0, 2.0]), np.array([0.5, -1.0, 2.0])]
    for w in starts:
        w.flags.writeable = False       # a function that changes its input fails here instead of everywhere
    first, second = starts
    return [(lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 0, 1e-5),
            (lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 1, 1e-5),
            (lambda w: w[0] * w[1] * w[2] + w[0], second, 2, 1e-5)]


slope = Exercise(
    reference=lambda f, w, i, h: (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / (2 * h),
    cases=_slope_cases(),
    tolerance=1e-3,
    mistakes={
        "You moved every entry of w; for a partial derivative only entry i moves, the others stay.":
            lambda f, w, i, h: (f(w + h) - f(w)) / h,
        "This is the change of f. Divide it by the wiggle h to get the slope.":
            lambda f, w, i, h: f(_moved(w, i, h)) - f(w),
        "The sign is turned round: subtract the value before from the value after.":
            lambda f, w, i, h: (f(w) - f(_moved(w, i, h))) / h,
        "This is half the slope: divide by 2h only if you wiggle both up and down.":
            lambda f, w, i, h: (f(_moved(w, i, h)) - f(w)) / (2 * h),
        "This is twice the slope: between h below and h above lie two wiggles, so divide by 2h.":
            lambda f, w, i, h: (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / h,
    },
    hints=("Make a copy of w first, change its entry i by h, and ask f for both.",
           "moved = w.copy(); moved[i] += h; then (f(moved) - f(w)) / h."),
)
