"""Exercises of lessons 07 to 12: many examples, and the ways to follow them."""

import numpy as np

from lessons_lib.checks.exercise import Exercise

# Lesson 07


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


# Lesson 08

minibatch_step = Exercise(
    reference=lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].mean(axis=0),
    cases=[
        (np.array([1.0, -2.0]), np.array([[4.0, 1], [-2, 3], [0.5, -1], [7, 2]]), np.array([3, 1]), 0.1),
        (np.array([0.5, 0.0, 2.0]), np.arange(15.0).reshape(5, 3) - 6, np.array([4, 0, 1]), 0.5),
    ],
    mistakes={
        "The step goes uphill: subtract the gradient.": lambda w, gradients, rows, learning_rate: (
            w + learning_rate * gradients[rows].mean(axis=0)
        ),
        "You added the gradients up. Divide by the size of the batch, or it acts as a larger learning rate.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].sum(axis=0)
        ),
        "You divided by the number of all examples; only those in the batch were asked.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].sum(axis=0) / len(gradients)
        ),
        "You used all examples: that is the full batch. Take only those in rows.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients.mean(axis=0)
        ),
        "You took the first examples; rows says which ones.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[: len(rows)].mean(axis=0)
        ),
        "You averaged over the parameters too; each parameter has its own mean, so average along axis 0.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].mean()
        ),
    },
    hints=(
        "gradients[rows] are the gradients of the batch, one row an example. What is their mean?",
        "w - learning_rate * gradients[rows].mean(axis=0)",
    ),
)


# Lesson 09


def _momentum_cases():
    w, v, gradient = np.array([1.0, -2.0]), np.array([0.5, 3.0]), np.array([2.0, -1.0])
    return [(w, v, gradient, 0.1, 0.9), (w + 1, 0 * v, 3 * gradient, 0.2, 0.5)]


momentum_step = Exercise(
    reference=lambda w, v, gradient, learning_rate, momentum: (
        w - learning_rate * (momentum * v + gradient),
        momentum * v + gradient,
    ),
    cases=_momentum_cases(),
    mistakes={
        "The step goes uphill: subtract the velocity from w.": lambda w, v, gradient, learning_rate, momentum: (
            w + learning_rate * (momentum * v + gradient),
            momentum * v + gradient,
        ),
        "You stepped with the old velocity: make the new one first, then step with it.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * v,
            momentum * v + gradient,
        ),
        "The velocity is right, and the step ignores it: step along the new velocity, not the gradient.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * gradient,
            momentum * v + gradient,
        ),
        "You kept all of the old velocity; the momentum says which share of it stays.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (v + gradient),
            v + gradient,
        ),
        "You weighed the gradient with 1 - momentum: an average. Here the gradient is added whole.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (momentum * v + (1 - momentum) * gradient),
            momentum * v + (1 - momentum) * gradient,
        ),
        "That is Nesterov's rule, which adds the gradient a second time. Step along the new velocity alone.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (gradient + momentum * (momentum * v + gradient)),
            momentum * v + gradient,
        ),
        "Both numbers are right, in the wrong order: return w first, then v.": lambda w, v, gradient, learning_rate, momentum: (
            momentum * v + gradient,
            w - learning_rate * (momentum * v + gradient),
        ),
    },
    hints=(
        "Two lines: first the new velocity from the old one and the gradient, then the new w from it.",
        "v = momentum * v + gradient; w = w - learning_rate * v; return w, v",
    ),
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
        "The penalty is not in it yet: its slope, 2 λ w, is added to the slope of the cost.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * slope
        ),
        "The factor 2 is missing: the slope of λ w² is 2 λ w.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope + strength * w)
        ),
        "The penalty pushes the weights away from zero: its slope is added to the cost's, not taken off.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope - 2 * strength * w)
        ),
        "The learning rate has to multiply the penalty's slope too.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * slope - 2 * strength * w
        ),
        "This is L1: the same pull on every weight. With L2 the pull is in proportion to the weight.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope + strength * np.sign(w))
        ),
        "You step uphill: the new weights are w minus the learning rate times the slope.": lambda w, slope, learning_rate, strength: (
            w + learning_rate * (slope + 2 * strength * w)
        ),
        "This is the penalised slope; one step goes from w against it, times the learning rate.": lambda w, slope, learning_rate, strength: (
            slope + 2 * strength * w
        ),
    },
    hints=(
        "What is the slope of λ w²? Add it to the slope of the cost.",
        "w - learning_rate * (whole slope), where the whole slope is slope + 2 * strength * w.",
    ),
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


# Lesson 12


def _read(confusion):
    return np.diag(confusion) / confusion.sum(axis=1)


forgotten = Exercise(
    reference=lambda before, after: _read(after) - _read(before),
    cases=[
        (np.array([[8, 1, 1], [2, 4, 0], [1, 3, 16]]), np.array([[9, 0, 1], [4, 1, 1], [0, 5, 15]])),
        (np.array([[5, 0], [1, 9]]), np.array([[4, 1], [3, 7]])),
    ],
    mistakes={
        "The sign is turned: after minus before, so that a digit that is read less often gets less than 0.": lambda before, after: (
            _read(before) - _read(after)
        ),
        "These are numbers of images; digits are not equally frequent, so divide by the images of each digit.": lambda before, after: (
            np.diag(after) - np.diag(before)
        ),
        "You divided by the columns, which count the answers. Rows are what is written.": lambda before, after: (
            np.diag(after) / after.sum(axis=0) - np.diag(before) / before.sum(axis=0)
        ),
        "You divided by the number of all images; each digit has its own number.": lambda before, after: (
            np.diag(after) / after.sum() - np.diag(before) / before.sum()
        ),
        "This is relative to what was read before; the change of the share is a difference.": lambda before, after: (
            _read(after) / _read(before) - 1
        ),
    },
    hints=(
        "np.diag gives how many images of each digit are read. How many are there of each digit?",
        "confusion.sum(axis=1) counts the images of each digit; divide, and subtract before from after.",
    ),
)
