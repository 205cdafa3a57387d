"""Checks for the exercises: they say which misconception an answer shows, not only that it is wrong.

Each lesson adds its `Exercise`s at the end of this file or in its own. A check never raises because of the
reader's code, and `stand_in` gives a working function until theirs works, so an unsolved exercise breaks
nothing below it.
"""

from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np

from lessons_lib.clinic import MISTAKES, PATIENTS, written_out


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
           "y[0, labels[0]] = 1 sets the first row; y[np.arange(len(labels)), labels] = 1 sets them all."),
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
    hints=("First the sums: z = a @ W.T + b has one row per image, one column per neuron.",
           "Then 1 / (1 + np.exp(-z)), element by element."),
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
        "The sign is wrong: δ starts with 2 (a - y), which points uphill as a gradient does.":
            MISTAKES["the sign"],
        "σ′ is missing in the hidden layers: each step back is also multiplied by a (1 - a) there.":
            MISTAKES["σ′ missing in hidden layers"],
        "σ′ is missing in the last layer: δ starts with 2 (a - y) times a (1 - a).":
            partial(written_out, last_slope=np.ones_like),
        "σ′ is missing everywhere: every δ is multiplied by a (1 - a) of its own layer.":
            partial(written_out, last_slope=np.ones_like, slope=np.ones_like),
        "W is transposed on the way back: forward uses W.T, so backward uses W itself.":
            MISTAKES["W transposed on the way back"],
        "The slopes of W are transposed: a row belongs to the neuron after, so δ comes first, delta.T @ a.":
            partial(written_out, outer=lambda delta, a: a.T @ delta),
        "This is the sum over the examples; divide by their number for the mean cost.":
            MISTAKES["not averaged"],
        "The biases are forgotten: their slopes are 0 here. They are the sums of δ over the examples.":
            MISTAKES["bias forgotten"],
        "The biases are forgotten: your vector holds the slopes of the weights only.":
            _without_biases,
        "The activations come from the wrong layer: δ of a layer meets what went INTO it.":
            MISTAKES["the wrong layer's activations"],
        "The factor 2 is missing: the slope of (a - y)² is 2 (a - y).":
            partial(written_out, wish=lambda a, y: a - y),
        "The order differs: go layer by layer, each W row by row and then its b.":
            _weights_first,
    },
    hints=("Go back from delta = 2 (a - y) a (1 - a). In each layer: the slopes of W and b first, then "
           "delta for the layer before. Collect the pieces from the front.",
           "Slopes: delta.T @ a_before and delta.sum(axis=0), both over the number of examples. Next delta: "
           "(delta @ W) * a_before * (1 - a_before). At the end np.concatenate, with .ravel() for each W."),
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
    hints = ("Which blocks are wrong: all, those before the last, only weights, only biases?",
             "A length ratio that equals the number of examples, or a cosine of -1, gives two away. σ′ "
             "shrinks what it multiplies; a transposed W turns it.")
    found = f"Right: {', '.join(right)}. " if right else ""
    unread = f" Not in the list: {', '.join(unknown)}." if unknown else ""
    return Verdict(False, f"{found}Still open: {', '.join(still)}.{unread}", hints)


def _mistake(words):
    """The mistake whose name begins with these words, or None. Case and kind of apostrophe do not matter."""
    def plain(name):
        return str(name).strip().lower().replace("’", "'").replace("′", "'").removeprefix("the ")

    fits = [case for name, case in MISTAKES.items() if plain(name).startswith(plain(words))]
    return fits[0] if len(fits) == 1 else None


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
    hints=("Example i votes -delta[i, j] * a[i, k] for the weight in row j and column k. Sum over i, divide.",
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


# Lesson 08

minibatch_step = Exercise(
    reference=lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].mean(axis=0),
    cases=[(np.array([1.0, -2.0]), np.array([[4.0, 1], [-2, 3], [0.5, -1], [7, 2]]), np.array([3, 1]), 0.1),
           (np.array([0.5, 0.0, 2.0]), np.arange(15.0).reshape(5, 3) - 6, np.array([4, 0, 1]), 0.5)],
    mistakes={
        "The step goes uphill: subtract the gradient.":
            lambda w, gradients, rows, learning_rate: w + learning_rate * gradients[rows].mean(axis=0),
        "You added the gradients up. Divide by the size of the batch, or it acts as a larger learning rate.":
            lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].sum(axis=0),
        "You divided by the number of all examples; only those in the batch were asked.":
            lambda w, gradients, rows, learning_rate:
                w - learning_rate * gradients[rows].sum(axis=0) / len(gradients),
        "You used all examples: that is the full batch. Take only those in rows.":
            lambda w, gradients, rows, learning_rate: w - learning_rate * gradients.mean(axis=0),
        "You took the first examples; rows says which ones.":
            lambda w, gradients, rows, learning_rate:
                w - learning_rate * gradients[:len(rows)].mean(axis=0),
        "You averaged over the parameters too; each parameter has its own mean, so average along axis 0.":
            lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].mean(),
    },
    hints=("gradients[rows] are the gradients of the batch, one row an example. What is their mean?",
           "w - learning_rate * gradients[rows].mean(axis=0)"),
)


# Lesson 09

def _momentum_cases():
    w, v, gradient = np.array([1.0, -2.0]), np.array([0.5, 3.0]), np.array([2.0, -1.0])
    return [(w, v, gradient, 0.1, 0.9), (w + 1, 0 * v, 3 * gradient, 0.2, 0.5)]


momentum_step = Exercise(
    reference=lambda w, v, gradient, learning_rate, momentum:
        (w - learning_rate * (momentum * v + gradient), momentum * v + gradient),
    cases=_momentum_cases(),
    mistakes={
        "The step goes uphill: subtract the velocity from w.":
            lambda w, v, gradient, learning_rate, momentum:
                (w + learning_rate * (momentum * v + gradient), momentum * v + gradient),
        "You stepped with the old velocity: make the new one first, then step with it.":
            lambda w, v, gradient, learning_rate, momentum:
                (w - learning_rate * v, momentum * v + gradient),
        "The velocity is right, and the step ignores it: step along the new velocity, not the gradient.":
            lambda w, v, gradient, learning_rate, momentum:
                (w - learning_rate * gradient, momentum * v + gradient),
        "You kept all of the old velocity; the momentum says which share of it stays.":
            lambda w, v, gradient, learning_rate, momentum:
                (w - learning_rate * (v + gradient), v + gradient),
        "You weighed the gradient with 1 - momentum: an average. Here the gradient is added whole.":
            lambda w, v, gradient, learning_rate, momentum:
                (w - learning_rate * (momentum * v + (1 - momentum) * gradient),
                 momentum * v + (1 - momentum) * gradient),
        "That is Nesterov's rule, which adds the gradient a second time. Step along the new velocity alone.":
            lambda w, v, gradient, learning_rate, momentum:
                (w - learning_rate * (gradient + momentum * (momentum * v + gradient)),
                 momentum * v + gradient),
        "Both numbers are right, in the wrong order: return w first, then v.":
            lambda w, v, gradient, learning_rate, momentum:
                (momentum * v + gradient, w - learning_rate * (momentum * v + gradient)),
    },
    hints=("Two lines: first the new velocity from the old one and the gradient, then the new w from it.",
           "v = momentum * v + gradient; w = w - learning_rate * v; return w, v"),
)


# Lesson 10


def _decayed(w, slope, learning_rate, strength):
    return w - learning_rate * (slope + 2 * strength * w)


decayed = Exercise(
    reference=_decayed,
    cases=[
        (np.array([0.5, -2.0, 0.0]), np.array([0.1, 0.3, -0.2]), 0.5, 0.1),
        (np.array([[1.0, -0.4], [0.2, 3.0]]), np.zeros((2, 2)), 0.7, 0.01),
    ],
    mistakes={
        "The penalty is not in it yet: its slope, 2 λ w, is added to the slope of the cost.":
            lambda w, slope, learning_rate, strength: w - learning_rate * slope,
        "The factor 2 is missing: the slope of λ w² is 2 λ w.":
            lambda w, slope, learning_rate, strength: w - learning_rate * (slope + strength * w),
        "The penalty pushes the weights away from zero: its slope is added to the cost's, not taken off.":
            lambda w, slope, learning_rate, strength: w - learning_rate * (slope - 2 * strength * w),
        "The learning rate has to multiply the penalty's slope too.":
            lambda w, slope, learning_rate, strength: w - learning_rate * slope - 2 * strength * w,
        "This is L1: the same pull on every weight. With L2 the pull is in proportion to the weight.":
            lambda w, slope, learning_rate, strength: w - learning_rate * (slope + strength * np.sign(w)),
        "You step uphill: the new weights are w minus the learning rate times the slope.":
            lambda w, slope, learning_rate, strength: w + learning_rate * (slope + 2 * strength * w),
        "This is the penalised slope; one step goes from w against it, times the learning rate.":
            lambda w, slope, learning_rate, strength: slope + 2 * strength * w,
    },
    hints=("What is the slope of λ w²? Add it to the slope of the cost.",
           "w - learning_rate * (whole slope), where the whole slope is slope + 2 * strength * w."),
)


# Lesson 11


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
    cases=[(np.random.default_rng(0).normal([2, -1, 0.5, 0], 1.0, (6, 4)), 1),
           (np.random.default_rng(1).normal([0.5, 0.5, -0.4, 0.3, 0.2], 1.0, (8, 5)), 2)],
    mistakes={
        "You subtracted the mean first. Then what the examples agree on is lost; leave G uncentred.":
            _kept_centred,
        "These are the weakest directions. Eigenvalues of eigh rise, singular values of svd fall.":
            _kept_last,
        "You kept the k largest entries of the mean. A direction is not one parameter but a mixture of all.":
            _kept_entries,
        "Nothing is left out: this is the whole mean gradient.": lambda G, k: G.mean(axis=0),
        "These are the loads on the directions; multiply each by its direction and add up.":
            lambda G, k: np.linalg.svd(G, full_matrices=False)[2][:k] @ G.mean(axis=0),
        "This is the sum of the examples' gradients; the mean is asked for.":
            lambda G, k: len(G) * _kept(G, k),
    },
    hints=("The rows of the third result of np.linalg.svd(G, full_matrices=False) are the directions, the "
           "strongest first. Take k of them: V, of shape (k, p).",
           "V @ mean are the k loads; V.T @ loads puts the directions together again."),
)


# Lesson 12

def _read(confusion):
    return np.diag(confusion) / confusion.sum(axis=1)


forgotten = Exercise(
    reference=lambda before, after: _read(after) - _read(before),
    cases=[(np.array([[8, 1, 1], [2, 4, 0], [1, 3, 16]]), np.array([[9, 0, 1], [4, 1, 1], [0, 5, 15]])),
           (np.array([[5, 0], [1, 9]]), np.array([[4, 1], [3, 7]]))],
    mistakes={
        "The sign is turned: after minus before, so that a digit that is read less often gets less than 0.":
            lambda before, after: _read(before) - _read(after),
        "These are numbers of images; digits are not equally frequent, so divide by the images of each digit.":
            lambda before, after: np.diag(after) - np.diag(before),
        "You divided by the columns, which count the answers. Rows are what is written.":
            lambda before, after: np.diag(after) / after.sum(axis=0) - np.diag(before) / before.sum(axis=0),
        "You divided by the number of all images; each digit has its own number.":
            lambda before, after: np.diag(after) / after.sum() - np.diag(before) / before.sum(),
        "This is relative to what was read before; the change of the share is a difference.":
            lambda before, after: _read(after) / _read(before) - 1,
    },
    hints=("np.diag gives how many images of each digit are read. How many are there of each digit?",
           "confusion.sum(axis=1) counts the images of each digit; divide, and subtract before from after."),
)
