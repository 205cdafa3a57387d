"""Ways to call somebody's backprop: which arguments in which order, and how the arrays lie in them."""

import contextlib
import copy
import inspect
import io
import warnings
from collections.abc import Callable, Iterator, ValuesView
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from lessons_lib.doctor.case import Array, Case
from lessons_lib.doctor.reading import leaves

LETTERS = {"w": "weights", "t": "weights", "b": "biases", "x": "x", "i": "x", "y": "y", "o": "y"}
EXAMPLES = {  # how examples are given, and the shape of a bias that goes with it
    "examples in rows": (-1,),
    "examples in rows, biases as rows": (1, -1),
    "examples in columns": (-1, 1),
    "one example at a time": (-1,),
    "one example at a time, as a column": (-1, 1),
}


class Parameter(np.ndarray):
    """An array that can carry its gradient in ``.grad``, as a tensor does."""

    grad = None


@dataclass(frozen=True)
class Layout:
    """How the arguments lie.

    Args:
        form: the order of the arguments: names of pieces, or one piece for all parameters.
        into_first: whether W is (n_in, n_out).
        examples: a key of ``EXAMPLES``.
        lists: whether arrays are given as plain lists.
    """

    form: tuple[str, ...]
    into_first: bool
    examples: str
    lists: bool = False

    @property
    def alone(self) -> bool:
        """Whether it is called once for each example."""
        return self.examples.startswith("one")

    @property
    def words(self) -> str:
        """The layout, for people."""
        shape = "(in, out)" if self.into_first else "(out, in)"
        return f"W as {shape}, {self.examples}{', plain lists' * self.lists}"


@dataclass
class Outcome:
    """What came of a call: gradients to be read, or an error in words."""

    answer: list[Array | None] | None = None
    error: str = ""
    declined: bool = False  # whether it says that the function is meant for another number of layers
    printed: str = ""
    kept: bool = True  # whether the function left its arguments as they were
    stepped: bool = False  # whether the answer is the change of the weights, with nothing handed back


def forms(function: Callable, depth: int) -> list[tuple[str, ...]]:
    """The orders of arguments worth trying, by the names and the number of the function's arguments."""
    names = _names(function)
    if len(names) == 2:
        return [("x", "y")] if hasattr(getattr(function, "__self__", None), "weights") else []
    kinds = [LETTERS.get(name.lstrip("_")[:1].lower(), "") for name in names]
    if len(names) == 3:
        first = kinds[0] == "x" and kinds[1] == "y"
        ends = ("x", "y")
        return [(*ends, form) if first else (form, *ends) for form in ("pairs", "pieces", "named")]
    if len(names) == 2 * depth + 2 and depth > 1:
        apart = [f"W{k + 1}" for k in range(depth)], [f"b{k + 1}" for k in range(depth)]
        mixed = [name for pair in zip(*apart, strict=True) for name in pair]
        first = kinds[:2] == ["x", "y"]
        grouped = kinds[2 if first else 0 :][:2] == ["weights"] * 2
        pieces = [*apart[0], *apart[1]] if grouped else mixed
        return [("x", "y", *pieces) if first else (*pieces, "x", "y")]
    if len(names) == 4 and sorted(kinds) == ["biases", "weights", "x", "y"]:
        return [tuple(kinds)]
    return [("weights", "biases", "x", "y"), ("x", "y", "weights", "biases")] if len(names) in (0, 4) else []


def _names(function: Callable) -> list[str]:
    """The arguments that must be given; none if that cannot be found out."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.default is p.empty and p.kind in (0, 1)]


def layouts(function: Callable, depth: int) -> Iterator[Layout]:
    """Every layout worth trying, the most usual first."""
    for lists, form in product((False, True), forms(function, depth)):
        for examples, into_first in product(EXAMPLES, (False, True)):
            yield Layout(form, into_first, examples, lists)


def call(function: Callable, layout: Layout, case: Case) -> Outcome:
    """Call a function with copies of a case's arrays. What it raises becomes words."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            outcome = _called(function, layout, case)
    except NotImplementedError:
        outcome = Outcome(error="is not written yet")
    except (Exception, SystemExit) as error:
        declined = isinstance(error, AssertionError) or "to unpack" in str(error)
        outcome = Outcome(error=f"raised {type(error).__name__}: {str(error).strip()}", declined=declined)
    outcome.printed = printed.getvalue()
    return outcome


def _called(function: Callable, layout: Layout, case: Case) -> Outcome:
    rows = [slice(k, k + 1) for k in range(case.n)] if layout.alone else [slice(None)]
    outcomes = [_once(function, layout, case, part) for part in rows]
    first = outcomes[0]
    answers = [outcome.answer for outcome in outcomes if outcome.answer is not None]
    if len(answers) < len(outcomes):
        return first
    if len({len(answer) for answer in answers}) > 1:
        return Outcome(error="hands back different things for different examples")
    columns = zip(*answers, strict=True)
    mean = [None if any(piece is None for piece in both) else np.mean(both, axis=0) for both in columns]
    return Outcome(mean, kept=all(one.kept for one in outcomes), stepped=first.stepped)


def _once(function: Callable, layout: Layout, case: Case, part: slice) -> Outcome:
    given = _arguments(layout, case, part)
    arguments = [given[name] for name in layout.form]
    if layout.form == ("x", "y"):
        function = _over(function, given)
    touched, before = list(given["pieces"]), _arguments(layout, case, part)["pieces"]
    returned = function(*arguments)
    if isinstance(returned, Iterator | ValuesView):  # of a generator, zip or dict
        returned = list(returned)
    kept = all(np.array_equal(old, new) for old, new in zip(before, touched, strict=True))
    if returned is None and not layout.lists and any(getattr(p, "grad", None) is not None for p in touched):
        return Outcome([None if p.grad is None else np.asarray(p.grad) for p in touched], kept=kept)
    if returned is None and not kept:
        change = [np.asarray(old) - np.asarray(new) for old, new in zip(before, touched, strict=True)]
        return Outcome(change, kept=kept, stepped=True)
    if returned is None:
        return Outcome(error="returns nothing")
    found = leaves(returned, case)
    if any(piece is not None and piece.dtype.kind not in "biuf" for piece in found):
        raise TypeError("the gradients are not made of real numbers")
    return Outcome(found, kept=kept)


def _arguments(layout: Layout, case: Case, part: slice) -> dict[str, Any]:
    """Every piece a form can name, as fresh copies."""
    make = (lambda array: array.tolist()) if layout.lists else _parameter
    weights = [make(W.T if layout.into_first else W) for W in case.weights]
    biases = [make(b.reshape(EXAMPLES[layout.examples])) for b in case.biases]
    pairs = list(zip(weights, biases, strict=True))
    x, y = (_examples(array[part], layout) for array in (case.x, case.y))
    given = {"weights": weights, "biases": biases, "x": x, "y": y, "pairs": pairs}
    given |= {f"W{k + 1}": W for k, W in enumerate(weights)} | {f"b{k + 1}": b for k, b in enumerate(biases)}
    given["named"] = {name: piece for name, piece in given.items() if name[1:].isdigit()}
    given["pieces"] = [piece for pair in pairs for piece in pair]
    return given


def _parameter(array: Array) -> Parameter:
    return np.array(array, order="C").view(Parameter)


def _examples(rows: Array, layout: Layout) -> object:
    if layout.examples == "one example at a time":
        rows = rows[0]
    elif layout.examples.endswith(("column", "columns")):
        rows = rows.T
    return rows.tolist() if layout.lists else np.array(rows, order="C")


def _over(method: Any, given: dict[str, Any]) -> Callable:
    """A method of a copy of its object, whose weights and biases are those of the case."""
    owner = copy.deepcopy(method.__self__)
    owner.weights, owner.biases = list(given["weights"]), list(given["biases"])
    return getattr(owner, method.__name__)
