"""`diagnose`: from gradients, as somebody stored them, to what is wrong with them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from lessons_lib.doctor import words
from lessons_lib.doctor.case import Case
from lessons_lib.doctor.judging import Diagnosis, Finding, compare, judge, tolerance
from lessons_lib.doctor.reading import Reading, Unreadable, readings
from lessons_lib.doctor.walk import begins

READINGS = 6  # ways to read an answer that are diagnosed, those with most right directions first


def diagnose(gradients: Any, case: Case | Sequence[Case], *, any_order: bool = False) -> Diagnosis:
    """What is right in gradients, and what is wrong: which mistakes, in which layers.

    Args:
        gradients: (dW, db) pairs, lists, a dict, or one vector (layer by layer, W row by row, then b); for
            several cases a list of these, one each, with None for a case without an answer.
        case: what they belong to.
        any_order: whether slopes in another order than asked for are only remarked on, not wrong.

    Returns:
        A :class:`.Diagnosis`. Gradients that cannot be read give one as well; nothing is raised.

    Example:
        >>> case = Case.random((4, 5, 5, 3), 7, seed=0)
        >>> print(diagnose([(-dW, -db) for dW, db in case.gradients], case))
        Every layer: your numbers have the opposite sign. Is it a − y or y − a? The gradient points uphill.
        >>> diagnose(case.gradients, case).right
        True
    """
    answers, cases = ([gradients], [case]) if isinstance(case, Case) else (list(gradients), list(case))
    given = [(answer, one) for answer, one in zip(answers, cases, strict=True) if answer is not None]
    try:
        choices = common([readings(*pair) for pair in given])
    except Unreadable as error:
        return unreadable(f"Your gradients cannot be read: {error}.", cases[0])
    if not choices:
        return unreadable("There are no gradients to look at.", cases[0])
    allowed = words.ORDER if any_order else ()
    return best([(choice, [one for _, one in given]) for choice in choices], allowed)


def common(found: Sequence[list[Reading]]) -> list[list[Reading]]:
    """For each way to read that fits every answer, the readings of all of them."""
    if not found:
        return []
    by_key = [{one.key: one for one in choices} for choices in found]
    return [[one[key] for one in by_key] for key in by_key[0] if all(key in one for one in by_key)]


def unreadable(message: str, case: Case) -> Diagnosis:
    """The diagnosis of what is no gradient at all."""
    everywhere = tuple((layer, part) for layer in range(case.depth) for part in "Wb")
    return Diagnosis(False, unexplained=everywhere, known=(message,), case=case)


@np.errstate(all="ignore")
def best(
    choices: Sequence[tuple[list[Reading], list[Case]]],
    allowed: Collection[str] = (),
    *,
    into_first: bool = False,
) -> Diagnosis:
    """The diagnosis that explains most with fewest mistakes, among several readings.

    Args:
        choices: readings of all answers, with their cases.
        allowed: the unusual orders, keys of ``words.ORDER``, that are only remarked on.
        into_first: whether W was given as (in, out), so that dW should be too.
    """
    found: Diagnosis | None = None
    for chosen, cases in sorted(choices, key=_alike)[:READINGS]:
        first = chosen[0].blocks
        if found is not None and not begins(cases[0], first, tolerance(first)):
            continue
        odd = chosen[0].oddities(into_first)
        refused = [name for name in odd if name not in allowed]
        one = _with_remarks(judge([one.blocks for one in chosen], cases), chosen[0], cases[0], refused)
        one = replace(one, conventions=tuple(words.order(name) for name in odd if name in allowed))
        if found is None or _price(one) < _price(found):
            found = one
        if (not found.unexplained and len(found.findings) <= 1) or _in_place(found):
            break
    if found is None:
        raise ValueError("no reading to choose from")
    return found


def _alike(choice: tuple[list[Reading], list[Case]]) -> int:
    """How many blocks do not even have the right direction: readings with few of them are tried first."""
    (reading, *_), (case, *_) = choice
    return sum(not abs(block.cosine) > 1 - 1e-9 for block in compare(reading.blocks, case, 1e-6))


def _in_place(one: Diagnosis) -> bool:
    """Whether slopes are right that would stand elsewhere in any other order: W's, past the first layer."""
    return any(block.right and block.part == "W" and block.layer > 0 for block in one.blocks)


def _price(one: Diagnosis) -> tuple:
    return not one.right, *one.cost, len(one.conventions)


def _with_remarks(one: Diagnosis, reading: Reading, case: Case, odd: list[str]) -> Diagnosis:
    """A diagnosis, and what the reading itself told: an unusual order, blocks of a telling shape."""
    everywhere = tuple(range(case.depth))
    orders = [Finding(everywhere, "order", kind, words.order(kind)) for kind in odd]
    shapes = [
        Finding(layers, part, kind, words.remark(kind, layers, part, case.depth))
        for (kind, part), group in groupby(sorted(reading.remarks, key=_kind), key=_kind)
        for layers in [tuple(sorted(layer for _, layer, _ in group))]
    ]
    more = (*orders, *shapes)
    one = replace(one, findings=tuple(f for f in one.findings if not _only_not_summed(f, shapes)))
    shaped = {(layer, finding.part) for finding in shapes for layer in finding.layers}
    return replace(
        one,
        right=one.right and not more,
        findings=(*more, *one.findings),
        unexplained=tuple(block for block in one.unexplained if block not in shaped),
    )


def _only_not_summed(one: Finding, shapes: Sequence[Finding]) -> bool:
    """Whether a factor only means that slopes not summed yet were read as to be averaged, or summed."""
    unsummed = {
        layer
        for shape in shapes
        if shape.part == one.part and "not summed" in shape.kind
        for layer in shape.layers
    }
    return one.kind in ("n", "1/n") and unsummed.issuperset(one.layers)


def _kind(remark: tuple[str, int, str]) -> tuple[str, str]:
    kind, _, part = remark
    return kind, part
