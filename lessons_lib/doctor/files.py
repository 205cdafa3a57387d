"""A case as a JSON file for any language, and the gradients that come back.

Nothing in a file is executed, large files are not read, and what is wrong with one is said with the name of
the field: ``gradients.W2[1]: expected 4 numbers, got 3``.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lessons_lib.doctor.case import Array, Case
from lessons_lib.engine.functions import (
    cross_entropy,
    identity,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
)

ACTIVATIONS = {f.name: f for f in (sigmoid, tanh, relu, identity, softmax)}
COSTS = {cost.name: cost for cost in (squared_error, cross_entropy)}
LIMIT = 4_000_000  # bytes; a case has a few thousand
DIGITS = 8  # numbers that all have at most so many digits were rounded when they were printed

FORMULAS = {
    "sigmoid": "a = 1 / (1 + exp(-z))",
    "tanh": "a = tanh(z)",
    "relu": "a = max(0, z)",
    "identity": "a = z",
    "softmax": "a_j = exp(z_j) / sum over k of exp(z_k)",
    "squared_error": "the mean over the examples of the sum over the outputs of (a - y)^2",
    "cross_entropy": "the mean over the examples of the sum over the outputs of -y log(a)",
}
SIGMOID_CROSS_ENTROPY = (
    "the mean over the examples of the sum over the outputs of -y log(a) - (1 - y) log(1 - a)"
)


class BadFile(ValueError):
    """A file that cannot be used; the message names the field."""


def to_json(case: Case) -> str:
    """A case as JSON text: one line a row of numbers, in plain ASCII.

    Example:
        >>> text = to_json(Case.random((2, 3, 2), 2, seed=0))
        >>> sorted(json.loads(text))
        ['biases', 'cost', 'hidden', 'inputs', 'layers', 'output', 'targets', 'wanted', 'weights']
    """
    numbers = range(1, case.depth + 1)
    content = {
        "wanted": _wanted(case),
        "layers": case.depth,
        "hidden": case.hidden.name,
        "output": case.output.name,
        "cost": case.cost.name,
        "weights": {f"W{k}": W.tolist() for k, W in zip(numbers, case.weights, strict=True)},
        "biases": {f"b{k}": b.tolist() for k, b in zip(numbers, case.biases, strict=True)},
        "inputs": case.x.tolist(),
        "targets": case.y.tolist(),
    }
    return _rows(content) + "\n"


def _wanted(case: Case) -> list[str]:
    cost = FORMULAS[case.cost.name]
    if case.cost == cross_entropy and case.output == sigmoid:
        cost = SIGMOID_CROSS_ENTROPY
    last = f"layer {case.depth}: {FORMULAS[case.output.name]}"
    return [
        "The slopes of the cost for every weight and bias, as one more field of this object:",
        '"gradients": {"W1": [[...], ...], "b1": [...], "W2": ..., and so on},',
        "each of the shape of its weights or biases, with all digits.",
        "W1 has one row a neuron and one column an input; layer 1 computes z = W1 x + b1.",
        f"Hidden layers: {FORMULAS[case.hidden.name]}; {last}.",
        f"Cost: {cost}.",
    ]


def _rows(value: object, indent: str = "") -> str:
    """JSON in which a list of numbers is one line."""
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [f"{deeper}{json.dumps(key)}: {_rows(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and not all(isinstance(item, int | float) for item in value):
        return "[\n" + ",\n".join(deeper + _rows(item, deeper) for item in value) + f"\n{indent}]"
    return json.dumps(value)


def random_case(sizes: Sequence[int], n: int, seed: int, **functions: Any) -> Case:
    """A case with four decimals, so that it can be copied by hand."""
    case = Case.random(tuple(sizes), n, seed=seed, **functions)
    weights, biases = ([np.round(v, 4) for v in values] for values in (case.weights, case.biases))
    return Case(tuple(weights), tuple(biases), np.round(case.x, 4), np.round(case.y, 4), **functions)


def load(path: str | Path) -> dict:
    """The JSON object in a file. UTF-8, or UTF-16 as some shells write it.

    Raises:
        BadFile: if there is no such file, it is too large, or it holds no JSON object.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from None
    if len(raw) > LIMIT:
        raise BadFile(f"{path}: larger than {LIMIT:,} bytes; a case with its gradients has a few thousand")
    try:
        wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        content = json.loads(raw.decode("utf-16" if wide else "utf-8-sig"))
    except UnicodeDecodeError:
        raise BadFile(f"{path}: this is not text in UTF-8") from None
    except RecursionError:
        raise BadFile(f"{path}: lists nested too deeply") from None
    except ValueError as error:
        raise BadFile(f"{path}: this is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadFile(f"{path}: expected an object with fields such as weights, got {_name(content)}")
    return content


def case_of(content: dict) -> Case:
    """The case that a file holds.

    Raises:
        BadFile: naming the first field that is missing or wrong.
    """
    weights, biases = (_pieces(content, *names) for names in (("weights", "W"), ("biases", "b")))
    if len(weights) != len(biases):
        raise BadFile(
            f"biases: expected {len(weights)} of them, one for each of the weights, got {len(biases)}"
        )
    inputs = None
    matrices, vectors = [], []
    for number, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        matrix = _matrix(W, f"weights.W{number}", columns=inputs)
        vectors.append(numbers(b, (len(matrix),), f"biases.b{number}"))
        matrices.append(matrix)
        inputs = len(matrix)
    x = _matrix(_field(content, "inputs"), "inputs", columns=matrices[0].shape[1])
    y = numbers(_field(content, "targets"), (len(x), len(matrices[-1])), "targets")
    hidden, output = (_function(content, name, ACTIVATIONS) for name in ("hidden", "output"))
    return Case(tuple(matrices), tuple(vectors), x, y, hidden, output, _function(content, "cost", COSTS))


def gradients_of(content: dict, case: Case) -> dict[str, Array]:
    """The gradients that a file holds, by name; numbers that were rounded in printing as float32.

    A number that is null, as JavaScript writes NaN, becomes nan.

    Raises:
        BadFile: naming the first field that is missing or of a shape that no gradient has.
    """
    given = _field(content, "gradients")
    if not isinstance(given, dict):
        raise BadFile(f"gradients: expected an object with W1, b1 and so on, got {_name(given)}")
    found = {}
    for number, (W, b) in enumerate(zip(case.weights, case.biases, strict=True), start=1):
        for name, shape, others in (
            (f"W{number}", W.shape, {W.shape[::-1], (case.n, *W.shape)}),
            (f"b{number}", b.shape, {(len(b), 1), (1, len(b)), (case.n, len(b)), (len(b), case.n), ()}),
        ):
            if name not in given:
                raise BadFile(f"gradients.{name}: missing")
            others = others | ({(case.n,)} if name[0] == "b" else set())
            found[name] = numbers(given[name], shape, f"gradients.{name}", others=others, null=True)
    rounded = all(_short(piece) for piece in found.values())
    return {name: piece.astype(np.float32) if rounded else piece for name, piece in found.items()}


def _short(piece: Array) -> bool:
    return all(value == float(f"{value:.{DIGITS - 1}e}") for value in piece.ravel() if np.isfinite(value))


def numbers(
    value: object,
    shape: tuple[int, ...],
    path: str,
    *,
    others: Collection[tuple[int, ...]] = (),
    null: bool = False,
) -> Array:
    """Nested lists as an array of a shape, or of one of ``others``.

    Raises:
        BadFile: with the path of the first entry that does not fit.

    Example:
        >>> numbers([[1, 2], [3]], (2, 2), "gradients.W1")
        Traceback (most recent call last):
        lessons_lib.doctor.files.BadFile: gradients.W1[1]: expected 2 numbers, got 1
    """
    for other in others:
        if value is not None and _shape(value) == other:
            shape = other
    if not shape:
        return np.array(_float(value, path, null))
    wanted = f"{shape[0]} {'numbers' if len(shape) == 1 else 'rows'}"
    if not isinstance(value, list):
        raise BadFile(f"{path}: expected {wanted}, got {_name(value)}")
    if len(value) != shape[0]:
        raise BadFile(f"{path}: expected {wanted}, got {len(value)}")
    return np.array([numbers(v, shape[1:], f"{path}[{k}]", null=null) for k, v in enumerate(value)], float)


def _shape(value: object) -> tuple[int, ...] | None:
    """The shape of nested lists of one length; None if they are ragged."""
    if not isinstance(value, list):
        return ()
    first, *others = {_shape(item) for item in value} or {()}
    return None if others or first is None else (len(value), *first)


def _float(value: object, path: str, null: bool) -> float:
    if value is None and null:
        return np.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFile(f"{path}: expected a number, got {_name(value)}")
    try:
        number = float(value)
    except OverflowError:
        raise BadFile(f"{path}: this number is too large") from None
    if not null and not np.isfinite(number):
        raise BadFile(f"{path}: expected a finite number, got {number}")
    return number


def _matrix(value: object, path: str, columns: int | None) -> Array:
    """Rows of numbers, as many as there are; as long as the first one, or as ``columns`` says."""
    if not isinstance(value, list) or not value:
        raise BadFile(f"{path}: expected rows of numbers, got {_name(value)}")
    if columns is None:
        columns = len(value[0]) if isinstance(value[0], list) and value[0] else 1
    return numbers(value, (len(value), columns), path)


def _pieces(content: dict, field: str, letter: str) -> list:
    given = _field(content, field)
    if not isinstance(given, dict) or not given:
        raise BadFile(f"{field}: expected an object with {letter}1, {letter}2 and so on, got {_name(given)}")
    for number in range(1, len(given) + 1):
        if f"{letter}{number}" not in given:
            raise BadFile(f"{field}.{letter}{number}: missing")
    return [given[f"{letter}{number}"] for number in range(1, len(given) + 1)]


def _field(content: dict, name: str) -> object:
    if name not in content:
        raise BadFile(f"{name}: missing")
    return content[name]


def _function(content: dict, name: str, known: dict) -> Any:
    given = _field(content, name)
    if not isinstance(given, str) or given not in known:
        raise BadFile(f"{name}: expected one of {', '.join(known)}, got {_name(given)}")
    return known[given]


def _name(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object with {', '.join(map(str, list(value)[:5])) or 'no fields'}"
    return "null" if value is None else json.dumps(value)[:40]
