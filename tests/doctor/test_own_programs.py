"""A program that takes a whole batch in columns, and one in plain rows, with mistakes that hide well."""

import numpy as np
import pytest
from planting import good

from lessons_lib import cross_entropy, softmax, squared_error, tanh
from lessons_lib.doctor import Case, diagnose, examine

COLUMNS = """
import numpy as np

def softmax(Z):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)

def backward(X, Y, parameters):
    m, L = X.shape[1], len(parameters) // 2
    A, grads = [X], {}
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A[-1] + parameters[f"b{l}"]
        A.append(softmax(Z) if l == L else np.tanh(Z))
    dZ = A[-1] - Y
    for l in range(L, 0, -1):
        grads[f"dW{l}"] = dZ @ A[l - 1].T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dA = parameters[f"W{l}"].T @ dZ
            dZ = dA * (1 - A[l - 1] ** 2)
    return grads
"""
DW, DB = "dZ @ A[l - 1].T / m", "np.sum(dZ, axis=1, keepdims=True) / m"
NETWORK = {"hidden": tanh, "output": softmax, "cost": cross_entropy}
UNSUMMED = "bias not summed over examples"


def columns(*edits):
    text, room = COLUMNS, {}
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    exec(text, room)
    return room["backward"]


def rows(
    weights, biases, x, y, slope=lambda a: a * (1 - a), bias=lambda d: d.sum(axis=0) / len(d), decay=0.0
):
    a = [x]
    for W, b in zip(weights, biases, strict=True):
        a.append(1 / (1 + np.exp(-(a[-1] @ W.T + b))))
    delta, found = (a[-1] - y) * slope(a[-1]), []
    for layer in reversed(range(len(weights))):
        found.insert(0, (delta.T @ a[layer] / len(x) + decay * weights[layer], bias(delta)))
        delta = delta @ weights[layer] * a[layer] * (1 - a[layer])
    return found


def kinds(found):
    return {finding.kind for finding in found.findings}


def test_right_is_right():
    assert examine(columns()).right
    assert examine(rows).right


def test_what_fails_on_every_hidden_layer_is_not_right():
    found = examine(columns((".T @ dZ", ".T * dZ")))
    assert not found.right
    assert "raised ValueError: operands could not be broadcast" in found.message
    assert "With no hidden layer every slope is right." in found.message


def test_a_function_for_one_layer_may_fail_on_more():
    def outputs_only(weights, biases, x, y):
        a = 1 / (1 + np.exp(-(x @ weights[0].T + biases[0])))
        delta = 2 * (a - y) * a * (1 - a) / len(x)
        return [delta.T @ x], [delta.sum(axis=0)]

    assert examine(outputs_only).right


@pytest.mark.parametrize("network", [{}, NETWORK])
@pytest.mark.parametrize(
    ("wanted", "edits"),
    [
        (set(), [("E / E.sum(axis=0, keepdims=True)", "E / E.sum()")]),
        ({UNSUMMED}, [(DB, "dZ / m")]),
        ({UNSUMMED}, [(DB, "dZ")]),
        ({UNSUMMED, "n"}, [(DB, "dZ / m"), (DW, "dZ @ A[l - 1].T")]),
    ],
)
def test_what_a_batch_of_one_hides_is_seen_in_the_batch(network, wanted, edits):
    found = examine(columns(*edits), **network)
    assert not found.right
    assert kinds(found) == wanted, found.message
    assert "With one example at a time every slope is right" in found.message
    assert "tanh, and softmax at the output, cross-entropy" in found.message


@pytest.mark.parametrize(
    "bias", ["np.full((len(dZ), 1), dZ.sum() / m)", "np.resize(dZ.sum(axis=0) / m, (len(dZ), 1))"]
)
def test_sums_that_cancel_are_zeros(bias):
    found = examine(columns((DB, bias)), **NETWORK)
    assert "all 0" in found.message
    assert "e-1" not in found.message


def test_slopes_that_lie_otherwise_than_their_weights_are_wrong():
    found = examine(columns((DW, "A[l - 1] @ dZ.T / m")))
    assert not found.right
    assert kinds(found) == {"W transposed"}


def test_unsummed_biases_are_one_mistake():
    found = examine(lambda *case: rows(*case, bias=lambda d: d / len(d)))
    assert kinds(found) == {UNSUMMED}, found.message


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ((DW, DW + " + 0.1 * parameters[f'W{l}']"), "weights: your numbers have 0.1 times the weights added"),
        ((DW, DW + " + 0.7 / m * parameters[f'W{l}']"), "have 0.7 / n times the weights added"),
        ((DB, DB + " + 0.1 * parameters[f'b{l}']"), "biases: your numbers have 0.1 times the biases added"),
    ],
)
def test_weight_decay_is_named(edit, words):
    found = examine(columns(edit))
    assert kinds(found) == {"weight decay"}
    assert words in found.message


def test_weight_decay_beside_another_mistake():
    found = examine(columns((DW, DW + " + 0.1 * parameters[f'W{l}']"), ("dA * (1 - A[l - 1] ** 2)", "dA")))
    assert kinds(found) == {"weight decay", "slope missing"}
    assert not found.unexplained


def test_numbers_by_chance():
    found = examine(columns((DW, DW + " + 0.01 * np.random.randn(*parameters[f'W{l}'].shape)")))
    assert "different numbers for the same input" in found.message


def test_inputs_counted_for_examples():
    assert kinds(examine(columns(("m, L = X.shape[1]", "m, L = X.shape[0]")))) == {"n/inputs"}


def test_a_network_that_cannot_be_told_is_not_asserted():
    edit = (' + parameters[f"b{l}"]', "")
    assert "I could not tell which network you mean. I compared with" in examine(columns(edit)).message
    assert "could not tell" not in examine(columns(edit), **NETWORK).message


def test_what_the_other_cost_would_make_of_it_is_said():
    jacobian = (
        "dZ = A[-1] - Y",
        "dZ = A[-1] - Y; dZ = A[-1] * (dZ - (A[-1] * dZ).sum(axis=0, keepdims=True))",
    )
    assert "If your cost is cross-entropy" in examine(columns(jacobian)).message
    summed = {"slope": np.ones_like, "bias": lambda d: d.sum(axis=0)}
    found = examine(lambda *case: rows(*case, **summed))
    assert kinds(found) == {"n"}
    assert "If your cost is the squared error" in found.message
    assert "If your cost" not in examine(lambda *case: rows(*case, **summed), cost=squared_error).message


@pytest.mark.parametrize(("factor", "wanted"), [(-7, {"−1", "n"}), (14, {"2", "n"}), (0.05, {"constant"})])
def test_in_one_case_a_count_of_examples_is_no_learning_rate(factor, wanted):
    case = Case.random((4, 5, 5, 3), 7, seed=0)
    assert kinds(diagnose([(factor * dW, factor * db) for dW, db in case.gradients], case)) == wanted


@pytest.mark.parametrize(
    ("rate", "wanted"), [(0.1, {"new weights"}), (-0.1, {"new weights", "−1"}), (0, {"weights handed back"})]
)
def test_new_weights_are_not_taken_for_decay(rate, wanted):
    def step(weights, biases, x, y):
        slopes = zip(weights, biases, rows(weights, biases, x, y), strict=True)
        return [(W - rate * dW, b - rate * db) for W, b, (dW, db) in slopes]

    assert kinds(examine(step)) == wanted


def test_new_weights_after_decay_are_not_named_decay():
    def step(weights, biases, x, y):
        slopes = zip(weights, biases, rows(weights, biases, x, y), strict=True)
        return [(W - 0.1 * (dW + 0.01 * W), b - 0.1 * db) for W, b, (dW, db) in slopes]

    assert not kinds(examine(step))


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 3, 1), (3, 4, 2)])
def test_random_numbers_in_a_tiny_network_have_no_name(sizes):
    case, rng = Case.random(sizes, 5, seed=0), np.random.default_rng(0)
    answer = [(rng.normal(size=dW.shape), rng.normal(size=db.shape)) for dW, db in case.gradients]
    assert not kinds(diagnose(answer, case))


@pytest.mark.parametrize(
    "answers", [lambda x, calls: len(x) == 7, lambda x, calls: calls == 1], ids=["seven", "once"]
)
def test_what_is_right_in_some_cases_only_is_not_called_right(answers):
    calls = []

    def mine(weights, biases, x, y):
        calls.append(1)
        if not answers(x, len(calls)):
            raise ValueError("not today")
        return good(weights, biases, x, y)

    found = examine(mine)
    assert not found.right and "not today" in found.message


def test_ones_are_told_at_once():
    found = examine(
        lambda weights, biases, x, y: [
            (np.ones_like(W), np.ones_like(b)) for W, b in zip(weights, biases, strict=True)
        ]
    )
    assert not found.right and not found.findings and "the same number" in found.message


@pytest.mark.parametrize(
    "form", [lambda pairs: zip(*pairs, strict=True), iter, lambda pairs: dict(enumerate(pairs)).values()]
)
def test_what_has_to_be_gone_through_is_gone_through(form):
    assert examine(lambda weights, biases, x, y: form(good(weights, biases, x, y))).right
