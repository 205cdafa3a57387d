"""Gradients in and out of shape; calls that spoil, print or raise; the blocks a picture is drawn from."""

import numpy as np
import pytest
from planting import good

from lessons_lib import relu, softmax, squared_error
from lessons_lib.doctor import Case, diagnose, examine, judge, usual_cases

CASE = Case.random((4, 5, 5, 3), 7, seed=0)


def flat(pieces):
    return np.concatenate([np.ravel(piece) for piece in pieces])


def test_the_right_gradients_agree_with_central_differences():
    for case in (CASE, *usual_cases(relu, softmax, squared_error)[:2]):
        step = 1e-6
        for layer, (W, b) in enumerate(zip(case.weights, case.biases, strict=True)):
            for part, array in enumerate((W, b)):
                place = np.unravel_index(array.size // 2, array.shape)
                costs = []
                for sign in (1, -1):
                    moved = array.copy()
                    moved[place] += sign * step
                    pieces = [list(case.weights), list(case.biases)]
                    pieces[part][layer] = moved
                    other = Case(*map(tuple, pieces), case.x, case.y, case.hidden, case.output, case.cost)
                    costs.append(((other.a[-1] - case.y) ** 2).sum() / case.n)
                slope = (costs[0] - costs[1]) / (2 * step)
                assert slope == pytest.approx(case.gradients[layer][part][place], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    "answer",
    [
        CASE.gradients,
        [list(pair) for pair in CASE.gradients],
        ([dW for dW, _ in CASE.gradients], [db for _, db in CASE.gradients]),
        [piece for pair in CASE.gradients for piece in pair],
        flat(piece for pair in CASE.gradients for piece in pair),
        flat(piece for pair in CASE.gradients for piece in pair).tolist(),
        [(dW.tolist(), db.tolist()) for dW, db in CASE.gradients],
        [(dW, db[:, None]) for dW, db in CASE.gradients],
        [(dW, db[None]) for dW, db in CASE.gradients],
        {
            f"d{n}{k}": piece
            for k, pair in enumerate(CASE.gradients, 1)
            for n, piece in zip("Wb", pair, strict=True)
        },
        {f"{n}{k}": CASE.gradients[k - 1]["Wb".index(n)] for n in "bW" for k in (3, 1, 2)},
        [np.column_stack(pair) for pair in CASE.gradients],
        [(dW.astype(np.float32), db.astype(np.float32)) for dW, db in CASE.gradients],
    ],
)
def test_usual_containers_are_read(answer):
    found = diagnose(answer, CASE)
    assert found.right, found.message


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("last layer first", CASE.gradients[::-1]),
        ("b before W", [(db, dW) for dW, db in CASE.gradients]),
        ("W transposed", [(dW.T, db) for dW, db in CASE.gradients]),
        ("columns first", flat(piece.T for pair in CASE.gradients for piece in pair)),
        ("all W, then all b", flat([p[0].ravel() for p in CASE.gradients] + [p[1] for p in CASE.gradients])),
        ("last layer first", flat(piece for pair in CASE.gradients[::-1] for piece in pair)),
    ],
)
def test_an_unusual_order_is_named_and_may_be_allowed(kind, answer):
    found = diagnose(answer, CASE)
    assert [finding.kind for finding in found.findings] == [kind]
    assert not found.right
    assert diagnose(answer, CASE, any_order=True).right


def test_an_order_and_a_mistake_are_both_named():
    answer = flat(-piece for pair in CASE.gradients[::-1] for piece in pair)
    assert {finding.kind for finding in diagnose(answer, CASE).findings} == {"last layer first", "−1"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "abc",
        {},
        {"a": 1},
        object(),
        [None] * 6,
        [1, 2, 3],
        np.zeros(0),
        [[["x"]]],
        3.0,
        float("nan"),
        np.zeros(115, complex),
        lambda: 1,
        [np.zeros((2, 2))],
    ],
)
def test_what_is_no_gradient_gets_a_sentence(answer):
    found = diagnose([answer], [CASE])
    assert not found.right
    assert found.message


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_number_that_is_none_is_located(value):
    answer = [(dW.copy(), db.copy()) for dW, db in CASE.gradients]
    answer[1][0][2, 3] = value
    found = diagnose(answer, CASE)
    assert (1, "W") in found.unexplained
    assert "layer 2, weights: not every one of them is a number" in found.message


def test_blocks_for_a_picture():
    answer = [(2 * dW, -db) for dW, db in CASE.gradients]
    blocks = diagnose(answer, CASE).blocks
    assert [(block.layer, block.part) for block in blocks] == [(k, p) for k in range(3) for p in "Wb"]
    assert np.allclose(blocks[0].ratio, 2)
    assert blocks[0].ratio.shape == (5, 4)
    assert np.allclose(blocks[1].ratio, -1)
    assert blocks[0].cosine == pytest.approx(1)
    assert blocks[1].cosine == pytest.approx(-1)
    assert not any(block.right for block in blocks)


def test_a_rounded_answer_is_said_to_be_rounded():
    answer = [(np.round(dW, 4), np.round(db, 4)) for dW, db in CASE.gradients]
    found = diagnose(answer, CASE)
    assert not found.right
    assert "rounded to 4 decimals. As far as they go, they are right" in found.message


def test_a_learning_rate_is_estimated():
    def early(weights, biases, x, y):
        weights = [W.copy() for W in weights]
        a = [x]
        for W, b in zip(weights, biases, strict=True):
            a.append(1 / (1 + np.exp(-(a[-1] @ W.T + b))))
        delta, found = 2 * (a[-1] - y) / len(x) * a[-1] * (1 - a[-1]), []
        for layer in reversed(range(len(weights))):
            found.insert(0, (delta.T @ a[layer], delta.sum(axis=0)))
            weights[layer] -= 0.35 * found[0][0]
            delta = delta @ weights[layer] * a[layer] * (1 - a[layer])
        return found

    found = examine(early)
    assert [finding.kind for finding in found.findings] == ["W already updated"]
    assert "0.35" in found.message


def test_calls_get_fresh_copies():
    def greedy(weights, biases, x, y):
        found = good(weights, biases, x, y)
        for array in (*weights, *biases, x, y):
            array[...] = 0
        weights.pop()
        return found

    assert examine(greedy).right
    assert examine(good).right
    zeros = examine(
        lambda weights, biases, x, y: [(0 * W, 0 * b) for W, b in zip(weights, biases, strict=True)]
    )
    assert not zeros.right


def test_a_changed_argument_is_mentioned():
    def careless(weights, biases, x, y):
        found = good(weights, biases, x, y)
        weights[0] -= found[0][0]
        return found

    assert "changes the weights" in examine(careless).message


def test_what_a_function_prints_is_shown_once(capsys):
    def talkative(weights, biases, x, y):
        print("hello")
        return good(weights, biases, x, y)

    examine(talkative)
    assert capsys.readouterr().out == "hello\n"


@pytest.mark.parametrize(
    "error", [KeyError("w"), ValueError(), SystemExit(2), StopIteration(), RecursionError()]
)
def test_a_function_that_raises_gets_a_sentence(error):
    def broken(weights, biases, x, y):
        raise error

    message = examine(broken).message
    assert f"raised {type(error).__name__}" in message


def test_a_function_that_raises_from_its_second_call_on():
    calls = []

    def once(weights, biases, x, y):
        calls.append(1)
        if len(calls) > 1:
            raise ValueError("again?")
        return good(weights, biases, x, y)

    assert examine(once).message


@pytest.mark.parametrize("thing", [len, 3, None, lambda: None, lambda a: a, lambda *a: a, print])
def test_what_cannot_be_called_so_gets_a_sentence(thing):
    found = examine(thing)
    assert not found.right
    assert found.message


def test_an_update_in_place_is_read_as_a_step():
    def step(weights, biases, x, y):
        for W, b, (dW, db) in zip(weights, biases, good(weights, biases, x, y), strict=True):
            W -= 0.1 * dW
            b -= 0.1 * db

    found = examine(step)
    assert found.right, found.message
    assert "change of the weights" in found.message


def test_a_method_is_called_on_a_copy_of_its_object():
    class Net:
        def __init__(self):
            self.weights, self.biases = [np.ones((2, 2))], [np.ones(2)]

        def backprop(self, x, y):
            return good(self.weights, self.biases, x, y)

    net = Net()
    assert examine(net.backprop).right
    assert net.weights[0].shape == (2, 2)


def test_a_convention_is_said_and_may_be_refused():
    def summed(weights, biases, x, y):
        return [(dW * len(x) / 2, db * len(x) / 2) for dW, db in good(weights, biases, x, y)]

    found = examine(summed)
    assert found.right
    assert "the sum over examples of ½ Σ(a − y)²: a usual convention" in found.message
    assert not examine(summed, exact=True).right


def test_a_declared_cost_decides_what_a_minus_y_is():
    def without_slope(weights, biases, x, y):
        a = 1 / (1 + np.exp(-(x @ weights[0].T + biases[0])))
        delta = (a - y) / len(x)
        assert len(weights) == 1
        return [(delta.T @ x, delta.sum(axis=0))]

    assert examine(without_slope).right  # for cross-entropy
    found = examine(without_slope, cost=squared_error)
    assert not found.right
    assert found.findings[0].kind in ("cross-entropy's slope", "slope missing")


def test_too_little_to_tell():
    case = Case.random((2, 3, 1), 1, seed=0)
    answer = [(dW * 1.7, db * 0.3) for dW, db in case.gradients]
    assert not [one for one in judge([answer], [case]).findings if one.part == "δ"]


def test_the_room_knows_the_engine_alone():
    import ast
    from pathlib import Path

    import lessons_lib.doctor

    for path in Path(lessons_lib.doctor.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("lessons_lib"):
                assert node.module.split(".")[1] in ("doctor", "engine"), path.name
