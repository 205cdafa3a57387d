"""What there is more than one right way to do: activations, costs, sums and means, the ½ and the 2."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from lessons_lib.doctor.case import Blocks, Case, usual_cases
from lessons_lib.doctor.factors import SYMBOLS
from lessons_lib.doctor.judging import Diagnosis
from lessons_lib.engine.functions import (
    Activation,
    Cost,
    cross_entropy,
    identity,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
)

HIDDEN = (sigmoid, tanh, relu)
OUTPUTS = (sigmoid, softmax, tanh, identity, relu)

SCALES: dict[
    str, dict[str, tuple[str, ...]]
] = {  # costs people use, and the factors that their gradients have
    "squared_error": {
        "the mean over examples of Σ(a − y)²": (),
        "the mean over examples of ½ Σ(a − y)²": ("½",),
        "the sum over examples of Σ(a − y)²": ("n",),
        "the sum over examples of ½ Σ(a − y)²": ("½", "n"),
        "the mean over examples and outputs of (a − y)²": ("1/n_out",),
        "the mean over examples and outputs of ½ (a − y)²": ("½", "1/n_out"),
        "the sum over examples of the mean over outputs of (a − y)²": ("n", "1/n_out"),
        "the sum over examples of the mean over outputs of ½ (a − y)²": ("½", "n", "1/n_out"),
    },
    "cross_entropy": {
        "the mean over examples of cross-entropy": (),
        "the sum over examples of cross-entropy": ("n",),
        "the mean over examples and outputs of cross-entropy": ("1/n_out",),
    },
}

PLAIN = {next(iter(names)) for names in SCALES.values()}  # what this library means by a cost


def functions(
    hidden: Activation | None, output: Activation | None, cost: Cost | None
) -> Iterator[tuple[Activation, Activation, Cost]]:
    """The networks that may be meant, the most usual first; what was said is taken for granted."""
    costs = (cost,) if cost else (squared_error, cross_entropy)
    for one_cost, out, inside in product(
        costs, (output,) if output else OUTPUTS, (hidden,) if hidden else HIDDEN
    ):
        if one_cost == squared_error or cost or out in (sigmoid, softmax):
            yield inside, out, one_cost


@lru_cache(128)
def cases_of(hidden: Activation, output: Activation, cost: Cost, depth: int) -> tuple[Case, ...]:
    """The usual cases of a network; made once, so that what was worked out about them is kept."""
    return tuple(usual_cases(hidden, output, cost, depth=depth))


def scale(answers: list[Blocks], cases: list[Case], close: list[float]) -> str | None:
    """The usual cost whose gradient the answers are; None if they are that of none.

    Args:
        answers: for each case (dW, db) of each layer.
        cases: what they belong to.
        close: the relative tolerance for each.
    """
    for name, symbols in SCALES[cases[0].cost.name].items():
        if all(
            _equal(answer, case, _scale(symbols, case), near)
            for answer, case, near in zip(answers, cases, close, strict=True)
        ):
            return name
    return None


def _scale(symbols: tuple[str, ...], case: Case) -> float:
    return prod(SYMBOLS[symbol](case, case.depth - 1) for symbol in symbols)


def _equal(answer: Blocks, case: Case, factor: float, near: float) -> bool:
    pairs = (
        (block, factor * true)
        for blocks, right in zip(answer, case.gradients, strict=True)
        for block, true in zip(blocks, right, strict=True)
    )
    return all(
        block is not None and bool(np.abs(block - true).max() <= near * np.abs(true).max())
        for block, true in pairs
    )


def settled(one: Diagnosis, case: Case) -> Diagnosis:
    """A diagnosis in which factors that only mean another usual cost are a convention and no mistake.

    Of several explanations those with fewest mistakes are kept, after each is read with the cost it means.
    """
    every = [replace(one, findings=findings, also=()) for findings in (one.findings, *one.also)]
    best, *others = sorted((_settled(each, case) for each in every), key=lambda each: len(each.findings))
    also = (other.findings for other in others if len(other.findings) == len(best.findings))
    return replace(best, also=tuple(findings for findings in also if findings != best.findings))


def _settled(one: Diagnosis, case: Case) -> Diagnosis:
    everywhere = tuple(range(case.depth))
    whole = {f.kind: f for f in one.findings if f.part == "W and b" and f.layers == everywhere}
    fitting = {
        name: symbols for name, symbols in SCALES[case.cost.name].items() if whole.keys() >= set(symbols)
    }
    name, symbols = max(fitting.items(), key=lambda pair: len(pair[1]))
    if not symbols:
        return one
    meant = [whole[symbol] for symbol in symbols]
    findings = tuple(found for found in one.findings if found not in meant)
    said = f"I take your cost to be {name}, which is also common."
    right = not findings and not one.unexplained
    return replace(one, right=right, findings=findings, conventions=(*one.conventions, said))


def doubt(functions: tuple, asked: Sequence[tuple]) -> list[str]:
    """What the numbers would mean with the other cost, where both were possible and differ by a slope."""
    _, output, cost = functions
    if len({other for *_, other in asked}) > 1 and cost != squared_error and output == sigmoid:
        return ["If your cost is the squared error, they lack σ′ of the output layer."]
    if len({other for *_, other in asked}) > 1 and cost == squared_error and output == softmax:
        return ["If your cost is cross-entropy, softmax's slope is in there although it cancels."]
    return []


def told(hidden: Activation, output: Activation, cost: Cost) -> str:
    """The network, in words."""
    of_cost = "squared error" if cost == squared_error else "cross-entropy"
    inside = (
        f"{hidden.name} throughout" if hidden == output else f"{hidden.name}, and {output.name} at the output"
    )
    return f"{inside}, {of_cost}"
