"""Every exercise: right answers in many styles pass and the next cell runs on them; wrong ones are named."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lessons_lib import Network, backprop, checks, forward, load_mnist, panels
from lessons_lib.data.surfaces import Ravine
from lessons_lib.engine.regularizers import L2
from lessons_lib.lessons.the_chain_rule.mistakes import written_out
from lessons_lib.runs.stages import stages

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = [name for name in checks.EXERCISES if name not in ("backprop", "check_diagnoses")]

RIGHT = {  # exercise -> right answers, as different people write them
    "layer": """
lambda a, W, b: 1 / (1 + np.exp(-(a @ W.T + b)))
lambda a, W, b: 1 / (1 + np.exp(-(np.dot(a, np.transpose(W)) + b)))
lambda a, W, b: (1 / (1 + np.exp(-((W @ a.T).T + b)))).tolist()
lambda a, W, b: [[1 / (1 + np.exp(-(sum(w * v for w, v in zip(row, one)) + c))) for row, c in zip(W, b)] for one in a]
lambda a, W, b: 0.5 * (1 + np.tanh((a @ W.T + b) / 2))
lambda a, W, b: 1 / (1 + np.exp(-(np.einsum("ij,kj->ik", a, W) + b[None, :])))
lambda a, W, b: np.array([1 / (1 + np.exp(-(W @ one + b))) for one in a])
lambda a, W, b: np.exp(a @ W.T + b) / (1 + np.exp(a @ W.T + b))
lambda a, W, b: 1 / (1 + np.exp(-np.add(np.inner(a, W), b)))
lambda a, W, b: 1 / (1 + np.e ** -((a[:, None, :] * W).sum(axis=2) + b.reshape(1, -1)))
""",
    "slope": """
lambda f, w, i, h: (f(np.where(np.arange(len(w)) == i, w + h, w)) - f(w)) / h
lambda f, w, i, h: (f(w + h * np.eye(len(w))[i]) - f(w)) / h
lambda f, w, i, h: (f(w + h * np.eye(len(w))[i]) - f(w - h * np.eye(len(w))[i])) / (2 * h)
lambda f, w, i, h: (f(w) - f(w - h * np.eye(len(w))[i])) / h
lambda f, w, i, h: (f(np.array([v + h * (k == i) for k, v in enumerate(w)])) - f(w)) / h
lambda f, w, i, h: float((f([*w[:i], w[i] + h, *w[i + 1 :]]) - f(w)) / h)
lambda f, w, i, h: (f(np.r_[w[:i], w[i] + h, w[i + 1 :]]) - f(np.r_[w[:i], w[i] - h, w[i + 1 :]])) / h / 2
lambda f, w, i, h: moved_in_place(f, w.astype(float), i, h)
lambda f, w, i, h: (f(w + h / 2 * np.eye(len(w))[i]) - f(w - h / 2 * np.eye(len(w))[i])) / h
""",
    "nudges": """
lambda outputs, labels: 2 * (np.eye(10)[labels] - outputs)
lambda outputs, labels: 2 * ((np.arange(10) == labels[:, None]) - outputs)
lambda outputs, labels: np.array([[2 * ((k == label) - a) for k, a in enumerate(row)] for row, label in zip(outputs, labels)])
lambda outputs, labels: [[2 * (int(k == label) - a) for k, a in enumerate(row)] for row, label in zip(outputs, labels)]
lambda outputs, labels: -2 * (outputs - np.eye(10, dtype=np.float32)[labels])
lambda outputs, labels: 2 * np.subtract(np.identity(10)[labels, :], outputs)
lambda outputs, labels: 2 * np.eye(outputs.shape[1])[labels.astype(int)] - 2 * outputs
lambda outputs, labels: (filled(outputs, labels) - outputs) * 2
lambda outputs, labels: (np.equal.outer(labels, np.arange(10)).astype(float) - outputs) / 0.5
lambda outputs, labels: np.where(np.arange(10) == labels.reshape(-1, 1), 2 - 2 * outputs, -2 * outputs)
""",
    "weight_changes": """
lambda delta, a, learning_rate: -learning_rate * np.outer(delta, a)
lambda delta, a, learning_rate: -learning_rate * delta[:, None] * a[None, :]
lambda delta, a, learning_rate: -learning_rate * delta[:, None] @ a[None]
lambda delta, a, learning_rate: [[-learning_rate * d * v for v in a] for d in delta]
lambda delta, a, learning_rate: np.einsum("i,j->ij", -learning_rate * delta, a)
lambda delta, a, learning_rate: -np.multiply.outer(delta, a) * learning_rate
lambda delta, a, learning_rate: (-learning_rate * np.outer(a, delta)).T
lambda delta, a, learning_rate: np.array([-learning_rate * d * a for d in delta])
lambda delta, a, learning_rate: np.dot(delta.reshape(-1, 1), a.reshape(1, -1)) * -learning_rate
lambda delta, a, learning_rate: np.kron(-learning_rate * delta[:, None], a)
""",
    "step_back": """
lambda delta, W, a: delta @ W * a * (1 - a)
lambda delta, W, a: (W.T @ delta.T).T * (a * (1 - a))
lambda delta, W, a: np.dot(delta, W) * (a - a**2)
lambda delta, W, a: [[sum(d * W[k][j] for k, d in enumerate(row)) * v * (1 - v) for j, v in enumerate(one)] for row, one in zip(delta, a)]
lambda delta, W, a: np.einsum("ni,ij->nj", delta, W) * a * (1 - a)
lambda delta, W, a: (delta[:, :, None] * W).sum(axis=1) * a * (1 - a)
lambda delta, W, a: np.array([d @ W * v * (1 - v) for d, v in zip(delta, a)])
lambda delta, W, a: np.multiply(np.matmul(delta, W), np.multiply(a, 1 - a))
lambda delta, W, a: np.inner(delta, W.T) * a * (1 - a)
lambda delta, W, a: np.tensordot(delta, W, 1) * a * (1 - a)
""",
    "average_vote": """
lambda delta, a: -delta.T @ a / len(a)
lambda delta, a: -(delta[:, :, None] * a[:, None, :]).mean(axis=0)
lambda delta, a: -np.mean([np.outer(d, v) for d, v in zip(delta, a)], axis=0)
lambda delta, a: -np.einsum("ni,nj->ij", delta, a) / delta.shape[0]
lambda delta, a: (-sum(np.outer(d, v) for d, v in zip(delta, a)) / len(delta)).tolist()
lambda delta, a: -np.dot(np.transpose(delta), a) * (1 / len(a))
lambda delta, a: (-a.T @ delta / len(a)).T
lambda delta, a: np.average(-delta[..., None] * a[:, None], axis=0)
lambda delta, a: [[-sum(delta[:, j] * a[:, k]) / len(a) for k in range(a.shape[1])] for j in range(delta.shape[1])]
lambda delta, a: (-delta / len(a)).T @ a
""",
    "minibatch_step": """
lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].mean(axis=0)
lambda w, gradients, rows, learning_rate: w - learning_rate * np.mean([gradients[row] for row in rows], axis=0)
lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].sum(0) / len(rows)
lambda w, gradients, rows, learning_rate: w + -learning_rate * np.average(gradients[rows], axis=0)
lambda w, gradients, rows, learning_rate: w - learning_rate * np.ones(len(rows)) @ gradients[rows] / len(rows)
lambda w, gradients, rows, learning_rate: [v - learning_rate * g for v, g in zip(w, gradients[rows].mean(axis=0))]
lambda w, gradients, rows, learning_rate: w - sum(learning_rate / len(rows) * gradients[row] for row in rows)
lambda w, gradients, rows, learning_rate: w - learning_rate * gradients.take(rows, axis=0).mean(0)
lambda w, gradients, rows, learning_rate: stepped_in_place(w, gradients, rows, learning_rate)
lambda w, gradients, rows, learning_rate: np.subtract(w, learning_rate * gradients[np.array(rows)].mean(axis=-2))
""",
    "momentum_step": """
lambda w, v, gradient, learning_rate, momentum: (w - learning_rate * (momentum * v + gradient), momentum * v + gradient)
lambda w, v, gradient, learning_rate, momentum: [w - learning_rate * (momentum * v + gradient), momentum * v + gradient]
lambda w, v, gradient, learning_rate, momentum: np.array([w - learning_rate * (momentum * v + gradient), momentum * v + gradient])
lambda w, v, gradient, learning_rate, momentum: rolled_in_place(w, v, gradient, learning_rate, momentum)
lambda w, v, gradient, learning_rate, momentum: (w + (-learning_rate) * (gradient + v * momentum), gradient + v * momentum)
lambda w, v, gradient, learning_rate, momentum: (w - learning_rate * momentum * v - learning_rate * gradient, momentum * v + gradient)
lambda w, v, gradient, learning_rate, momentum: (lambda v: (w - learning_rate * v, v))(momentum * v + gradient)
""",
    "next_beta": """
lambda new, old: max(0, new @ (new - old) / (old @ old))
lambda new, old: max(0.0, float(np.dot(new, new - old) / np.dot(old, old)))
lambda new, old: np.maximum(0, new @ (new - old)) / (old @ old)
lambda new, old: (new @ new - new @ old).clip(min=0) / np.linalg.norm(old) ** 2
lambda new, old: max(sum(n * (n - o) for n, o in zip(new, old)) / sum(o * o for o in old), 0)
lambda new, old: (b if (b := new.dot(new - old) / old.dot(old)) > 0 else 0)
lambda new, old: np.array([max(0, np.inner(new - old, new) / (old**2).sum())])[0]
""",
    "decayed": """
lambda w, slope, learning_rate, strength: w - learning_rate * (slope + 2 * strength * w)
lambda w, slope, learning_rate, strength: w * (1 - 2 * learning_rate * strength) - learning_rate * slope
lambda w, slope, learning_rate, strength: w - learning_rate * slope - 2 * learning_rate * strength * w
lambda w, slope, learning_rate, strength: (1 - learning_rate * strength * 2) * w + -learning_rate * np.asarray(slope)
lambda w, slope, learning_rate, strength: np.array(w) - learning_rate * np.add(slope, strength * 2 * w)
lambda w, slope, learning_rate, strength: (w - learning_rate * (slope + strength * (w + w))).tolist()
lambda w, slope, learning_rate, strength: decayed_in_place(w, slope, learning_rate, strength)
""",
    "kept": """
lambda G, k: (lambda V: V.T @ (V @ G.mean(axis=0)))(np.linalg.svd(G, full_matrices=False)[2][:k])
lambda G, k: sum(v * (v @ G.mean(axis=0)) for v in np.linalg.svd(G, full_matrices=False)[2][:k])
lambda G, k: by_the_small_matrix(G, k)
lambda G, k: (lambda V: G.mean(axis=0) @ V.T @ V)(np.linalg.svd(G, full_matrices=False)[2][:k])
lambda G, k: (lambda V: V @ (V.T @ G.mean(axis=0)))(np.linalg.svd(G.T, full_matrices=False)[0][:, :k])
lambda G, k: (lambda U: U @ (U.T @ G)) (np.linalg.svd(G, full_matrices=False)[0][:, :k]).mean(axis=0)
""",
    "forgotten": """
lambda before, after: np.diag(after) / after.sum(axis=1) - np.diag(before) / before.sum(axis=1)
lambda before, after: after.diagonal() / after.sum(1) - before.diagonal() / before.sum(1)
lambda before, after: [after[k][k] / sum(after[k]) - before[k][k] / sum(before[k]) for k in range(len(after))]
lambda before, after: np.array([after[k, k] / after[k].sum() - before[k, k] / before[k].sum() for k in range(len(after))])
lambda before, after: np.diag(after / after.sum(axis=1, keepdims=True) - before / before.sum(axis=1, keepdims=True))
lambda before, after: np.subtract(*(np.diag(c) / np.sum(c, axis=1) for c in (after, before)))
""",
}

WRONG = {  # exercise -> what was seen to pass or to be refused in the wrong words, and what has to be said
    "nudges": {
        "lambda outputs, labels: emptied(outputs, labels)": "changes what it was given",
        "lambda outputs, labels: 0 * outputs": "0 everywhere",
        "lambda outputs, labels: 4 * (outputs - np.eye(10)[labels])": "points uphill",
    },
    "step_back": {
        "lambda delta, W, a: np.zeros_like(delta)": "shape",
        "lambda delta, W, a: delta @ W.T": "W is transposed.* And: That is ∂C/∂a",
    },
    "minibatch_step": {
        "lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].sum(axis=0) / len(w)": "number of parameters",
    },
    "slope": {
        "lambda f, w, i, h: (f(w + 1e-6 * np.eye(len(w))[i]) - f(w)) / 1e-6": "did not ask for f at a distance of h",
        "lambda f, w, i, h: truncated(f, w, i, h)": "whole numbers",
    },
    "kept": {
        "lambda G, k: by_the_large_matrix(G, k)": "more memory than a computer has",
        "lambda G, k: centred_in_place(G, k)": "subtracted the mean",
    },
    "decayed": {
        "lambda w, slope, learning_rate, strength: w - learning_rate * (slope.copy() + 2 * strength * w)": "raised AttributeError",
        "lambda w, slope, learning_rate, strength: w - learning_rate * (slope - strength * w)": "",
    },
    "next_beta": {
        "lambda new, old: new @ new / (old @ old)": "Fletcher and Reeves",
        "lambda new, old: new @ (new - old) / (old @ old)": "A negative β gets through",
    },
    "momentum_step": {
        "lambda w, v, gradient, learning_rate, momentum: (w + momentum * v - learning_rate * gradient, momentum * v - learning_rate * gradient)": "Keras",
    },
}


def moved_in_place(f, w, i, h):
    before = f(w)
    w[i] += h
    return (f(w) - before) / h


def truncated(f, w, i, h):
    moved = w.copy()
    moved[i] += h
    return (f(moved) - f(w)) / h


def filled(outputs, labels):
    y = np.zeros_like(outputs)
    y[np.arange(len(labels)), labels] = 1
    return y


def emptied(outputs, labels):
    y = outputs
    y[:] = 0
    y[np.arange(len(labels)), labels] = 1
    return y - outputs


def stepped_in_place(w, gradients, rows, learning_rate):
    w -= learning_rate * gradients[rows].mean(axis=0).astype(w.dtype)
    return w


def rolled_in_place(w, v, gradient, learning_rate, momentum):
    v *= momentum
    v += gradient
    w -= learning_rate * v
    return w, v


def decayed_in_place(w, slope, learning_rate, strength):
    w *= 1 - 2 * learning_rate * strength
    w -= learning_rate * slope
    return w


def by_the_small_matrix(G, k):
    values, U = np.linalg.eigh(G @ G.T)
    V = (G.T @ U[:, ::-1][:, :k] / np.sqrt(values[::-1][:k])).T
    return V.T @ (V @ G.mean(axis=0))


def by_the_large_matrix(G, k):
    V = np.linalg.eigh(G.T @ G)[1][:, ::-1][:, :k]
    return V @ (V.T @ G.mean(axis=0))


def centred_in_place(G, k):
    mean = G.mean(axis=0)
    G -= mean
    V = np.linalg.svd(G, full_matrices=False)[2][:k]
    return V.T @ (V @ mean)


def lines(texts):
    return [line for line in texts.splitlines() if line]


def function(text):
    return eval(text, globals())


@cache
def next_cell(name):
    """The source of the cell that uses the reader's function, the variable of which it is given first."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if f"checks.{name}.stand_in(" in source:
                return source
    raise LookupError(name)


@pytest.fixture(scope="module")
def around():
    """The names that the next cells use, as the cells above them leave them."""
    mnist = load_mnist()
    nets = stages(mnist.train[:2000], epochs={"untrained": 0, "after one epoch": 1, "trained": 2})
    net, digits = nets["trained"], mnist.test[:300]
    one, some = digits[8], digits[:50]
    gradient = backprop(net, forward(net, digits.pixels), digits.y)
    flat = backprop(net, forward(net, one.pixels), one.y).mean()

    def cost_of(params):
        there = net.with_params(np.asarray(params, float))
        return float(np.sum((forward(there, one.pixels).output - one.y) ** 2))

    class bench:
        pair = tuple(np.argsort(-np.abs(flat))[:2])

    grad = backprop(net, forward(net, some.pixels), some.y)
    names = {"mnist": mnist, "nets": nets, "net": net, "digits": digits, "one": one, "some": some}
    names |= {"cost_of": cost_of, "bench": bench, "grad": grad, "together": grad.mean()}
    return names | {
        "np": np,
        "Network": Network,
        "L2": L2,
        "Ravine": Ravine,
        "flat": flat,
        "gradient": gradient,
    }


def run_next_cell(name, attempt, around):
    """Run the real next cell of the lesson with the reader's function in it."""
    from lessons_lib import evaluate

    cell = next_cell(name)
    own = cell.split(f"checks.{name}.stand_in(")[1].split(")")[0]
    names = around | {
        own: attempt,
        "checks": checks,
        "panels": panels,
        "forward": forward,
        "backprop": backprop,
    }
    names |= {"evaluate": evaluate}
    if name == "slope":
        names["gradient"] = around["flat"]
        names["net"] = around["net"].with_params(around["net"].params.astype(float))
    if name == "minibatch_step":
        names["some"] = around["mnist"].train[:300]
    if name == "momentum_step":
        cell = cell.split("probe =")[0]  # what follows compares with a panel
    if name == "forgotten":
        cell = cell.replace("(runs[0].net, alone.net)", "(nets['trained'], nets['untrained'])").split(
            "assert"
        )[0]
    exec(cell, names)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in RIGHT.items() for text in lines(texts)]
)
def test_a_right_answer_passes_in_any_style_and_the_next_cell_runs(name, text, around):
    attempt = function(text)
    verdict = getattr(checks, name).check(attempt)
    assert verdict, verdict.message
    run_next_cell(name, attempt, around)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_what_once_passed_or_was_misjudged(name, text):
    verdict = getattr(checks, name).check(function(text))
    assert not verdict and re.search(WRONG[name][text], verdict.message), verdict.message


@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_and_every_pair_is_named(name):
    """Where a pair gives the numbers of one mistake alone, that one is named; where of another pair, both are."""
    exercise = getattr(checks, name)
    for ways, _ in exercise.mistakes:
        wrong = exercise._with(exercise.reference, ways)
        verdict = exercise.check(lambda *case, wrong=wrong: wrong(*case))
        if "0 everywhere" in verdict.message:
            continue
        named = [way for way in exercise.ways if way.words in verdict.message]
        assert not verdict and named, (ways, verdict.message)
        if len(ways) == 1 or len(named) == 2:
            assert set(named) == set(ways), (ways, verdict.message)


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_tell_sizes_apart(name):
    """At least one case of one example where there is a batch, none whose sizes are all alike, and two dtypes."""
    cases = getattr(checks, name).cases
    arrays = [[array for array in case if isinstance(array, np.ndarray)] for case in cases]
    assert len({tuple(array.shape for array in some) for some in arrays}) > 1
    if name not in ("forgotten",):
        assert len({array.dtype for some in arrays for array in some if array.dtype.kind == "f"}) > 1 or any(
            array.dtype.kind == "i" for some in arrays for array in some
        )


def test_written_out_is_the_right_backprop():
    assert checks.backprop.check(written_out)


@pytest.mark.parametrize("name", [name for name in checks.EXERCISES if name != "check_diagnoses"])
def test_the_solution_that_the_lesson_prints_passes(name):
    """The answer under "Solutions", as it stands there."""
    room = checks.EXERCISES[name]
    (path,) = NOTEBOOKS.glob(f"??_{room}.ipynb")
    cells = ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]
    (asked,) = {word for cell in cells for word in re.findall(rf"checks\.{name}\.check\((my_\w+)\)", cell)}
    (solution,) = [
        text
        for cell in cells
        for text in re.findall(r"```python\n(.*?)```", cell, re.S)
        if f"def {asked}(" in text
    ]
    names = {"np": np}
    exec(solution, names)
    assert getattr(checks, name).check(names[asked])
