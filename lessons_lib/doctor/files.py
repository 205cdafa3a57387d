"""A case as a JSON file for any language, and the gradients that come back.

Nothing in a file is executed, large files are not read, and what is wrong with one is said with the name of
the field: ``gradients.W2[1]: expected 4 numbers, got 3``.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lessons_lib.doctor import conventions
from lessons_lib.doctor.case import Array, Case
from lessons_lib.doctor.diagnosing import diagnose
from lessons_lib.doctor.fields import BadFile, field, function, matrix, numbers, pieces, said
from lessons_lib.doctor.judging import Diagnosis
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

CHANGED = (
    "weights, biases, inputs, targets: these are not the numbers of the case as it was written. "
    "Did your program take a step on the weights before it wrote them? Name the case with --case; "
    "or, if you changed it on purpose, delete the field checksum."
)

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


def to_json(case: Case) -> str:
    """A case as JSON text: one line a row of numbers, in plain ASCII.

    Example:
        >>> text = to_json(Case.random((2, 3, 2), 2, seed=0))
        >>> sorted(json.loads(text)["weights"])
        ['W1', 'W2']
    """
    places = range(1, case.depth + 1)
    content = {
        "wanted": _wanted(case),
        "layers": case.depth,
        "sizes": list(case.sizes),
        "hidden": case.hidden.name,
        "output": case.output.name,
        "cost": case.cost.name,
        "weights": {f"W{k}": W.tolist() for k, W in zip(places, case.weights, strict=True)},
        "biases": {f"b{k}": b.tolist() for k, b in zip(places, case.biases, strict=True)},
        "inputs": case.x.tolist(),
        "targets": case.y.tolist(),
        "checksum": round(_checksum(case), 4),
    }
    return _rows(content) + "\n"


def _checksum(case: Case) -> float:
    """One number that changes with every other, and stays the same when some digits are lost."""
    every = np.concatenate([np.ravel(array) for array in (*case.weights, *case.biases, case.x, case.y)])
    return float(every @ np.sin(1 + np.arange(every.size)))


def _wanted(case: Case) -> list[str]:
    cost = FORMULAS[case.cost.name]
    if case.cost == cross_entropy and case.output == sigmoid:
        cost = SIGMOID_CROSS_ENTROPY
    last = f"layer {case.depth}: {FORMULAS[case.output.name]}"
    return [
        "The slopes of the cost for every weight and bias, as one more field of this object:",
        '"gradients": {"W1": [[...], ...], "b1": [...], "W2": ..., and so on},',
        "each of the shape of its weights or biases, with six digits or more.",
        "W1 has one row per neuron and one column per input; layer 1 computes z = W1 x + b1.",
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


def write_case(path: str | Path, case: Case) -> None:
    """Write a case to a file, for a program in any language.

    Raises:
        BadFile: if the file cannot be written.
    """
    try:
        Path(path).write_text(to_json(case), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from None


def check_file(path: str | Path, case: str | Path | None = None, *, any_scale: bool = False) -> Diagnosis:
    """The diagnosis of the gradients in a file.

    Args:
        path: a JSON file as :func:`write_case` makes it, with one more field, ``gradients``.
        case: the file that holds the case, if ``path`` holds the gradients alone.
        any_scale: whether a sum in place of a mean, or a ½ in the cost, is right too.

    Raises:
        BadFile: naming the field that is missing or wrong.
    """
    content = load(path)
    try:
        one = case_of(load(case) if case else content)
        bare = case is not None and "gradients" not in content and "W1" in content
        gradients = gradients_of({"gradients": content} if bare else content, one)
    except RecursionError:
        raise BadFile(f"{path}: lists nested too deeply") from None
    found = diagnose(gradients, one)
    return conventions.settled(found, one) if any_scale else found


def random_case(sizes: Sequence[int] = (4, 5, 5, 3), n: int = 7, *, seed: int = 0, **functions: Any) -> Case:
    """A case with four decimals, so that it can be copied by hand.

    Args:
        sizes: neurons in each layer, the inputs first.
        n: how many examples.
        seed: the same seed gives the same case.
        functions: ``hidden``, ``output`` and ``cost``.
    """
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
        raise BadFile(f"{path}: expected an object with fields such as weights, got {said(content)}")
    return content


def case_of(content: dict) -> Case:
    """The case that a file holds.

    Raises:
        BadFile: naming the first field that is missing or wrong.
    """
    weights, biases = (pieces(content, *names) for names in (("weights", "W"), ("biases", "b")))
    if len(weights) != len(biases):
        raise BadFile(
            f"biases: expected {len(weights)} of them, one for each of the weights, got {len(biases)}"
        )
    inputs = None
    matrices, vectors = [], []
    for number, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        matrices.append(matrix(W, f"weights.W{number}", columns=inputs))
        inputs = len(matrices[-1])
        vectors.append(numbers(b, (inputs,), f"biases.b{number}"))
    x = matrix(field(content, "inputs"), "inputs", columns=matrices[0].shape[1])
    y = numbers(field(content, "targets"), (len(x), len(matrices[-1])), "targets")
    hidden, output = (function(content, name, ACTIVATIONS) for name in ("hidden", "output"))
    case = Case(tuple(matrices), tuple(vectors), x, y, hidden, output, function(content, "cost", COSTS))
    if "checksum" in content:
        change = abs(numbers(content["checksum"], (), "checksum") - _checksum(case))
        if change > 2e-4:
            raise BadFile(CHANGED)
    return case


def gradients_of(content: dict, case: Case) -> dict[str, Array]:
    """The gradients that a file holds, by name; numbers that were rounded in printing as float32.

    A number that is null, as JavaScript writes NaN, becomes nan.

    Raises:
        BadFile: naming the first field that is missing or of a shape that no gradient has.
    """
    given = field(content, "gradients")
    if not isinstance(given, dict):
        raise BadFile(f"gradients: expected an object with W1, b1 and so on, got {said(given)}")
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
