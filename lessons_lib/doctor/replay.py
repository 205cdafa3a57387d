"""A hypothesis found on one case, tried on all of them, and weighed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons_lib.doctor import factors
from lessons_lib.doctor.case import Array, Blocks, Case
from lessons_lib.doctor.factors import Factor
from lessons_lib.doctor.menu import Ways
from lessons_lib.doctor.walk import Path, Step
from lessons_lib.doctor.ways import ABSORBING, Run, kinds


@dataclass(frozen=True)
class Slip:
    """One wrong way in one place: ``part`` is "δ" for the way back, or "W" or "b" for that block alone."""

    kind: str
    detail: object
    layer: int
    part: str


@dataclass(frozen=True)
class Explanation:
    """What a path and factors make of an answer.

    ``unexplained`` holds (layer, part) of each block that they do not account for.
    """

    slips: tuple[Slip, ...]
    factors: tuple[Factor, ...]
    unexplained: frozenset[tuple[int, str]]

    @property
    def cost(self) -> tuple[int, int, int]:
        """Blocks left over, mistakes and places of mistakes; the smaller, the better."""
        return len(self.unexplained), len(self.mistakes), len(self.slips)

    @property
    def mistakes(self) -> dict[tuple | Factor, list[Slip]]:
        """The slips by kind; what is done wrongly in several layers is one mistake. Factors count as well."""
        groups: dict[tuple | Factor, list[Slip]] = {}
        for slip in self.slips:
            rate = slip.detail[0] if isinstance(slip.detail, tuple) else slip.detail
            detail = f"{rate:.4g}" if isinstance(rate, float) else slip.detail
            groups.setdefault((slip.kind, detail, slip.part == "δ"), []).append(slip)
        groups.update((factor, []) for factor in self.factors)
        return groups


def slips(path: Path) -> tuple[Slip, ...]:
    """All wrong ways of a path, from the last layer to the first."""
    return tuple(
        Slip(kind, detail, step.layer, part)
        for step in path.steps
        for part, chosen in (("δ", step.chain), ("W", step.W), ("b", step.b))
        for kind, detail in kinds(chosen or ())
    )


def explain(
    path: Path, cases: Sequence[Case], answers: Sequence[Blocks], tolerances: Sequence[float]
) -> Explanation:
    """The :class:`Explanation` of all answers that a path found on one of them gives."""
    ratios = np.array([replay(path, *one) for one in zip(cases, answers, tolerances, strict=True)])
    given = np.array([[[block is not None for block in blocks] for blocks in answer] for answer in answers])
    lost = (np.isnan(ratios) & given).any(axis=0)
    ratios[:, lost] = np.nan
    ratios[np.isinf(ratios)] = np.nan  # a block of zeros, explained as such
    wrong = slips(path)
    found = factors.explain(ratios, cases, _free(wrong, cases), max(tolerances))
    if found is None:
        lost |= ~np.isnan(ratios).all(axis=0)
        found = []
    unexplained = frozenset((int(layer), "Wb"[part]) for layer, part in np.argwhere(lost))
    return Explanation(tuple(slip for slip in wrong if _seen(slip, unexplained)), tuple(found), unexplained)


def _seen(slip: Slip, unexplained: frozenset[tuple[int, str]]) -> bool:
    """Whether a block that is accounted for shows this slip: its own, or one further back."""
    if slip.part != "δ":
        return (slip.layer, slip.part) not in unexplained
    return any((layer, part) not in unexplained for layer in range(slip.layer + 1) for part in "Wb")


def replay(path: Path, case: Case, answer: Blocks, tolerance: float) -> Array:
    """What each block of an answer is, as a multiple of the path's: (depth, 2).

    nan where it is no multiple of it, inf where both are zero.
    """
    ratios, run = np.full((case.depth, 2), np.nan), Run(case, answer=answer)
    for step in path.steps:
        run = advance(run, step)
        if run is None:
            break
        for part, block in enumerate(blocks(run, step)):
            ratios[step.layer, part] = _ratio(answer[step.layer][part], block, tolerance)
    return ratios


def advance(run: Run, step: Step) -> Run | None:
    """The run one layer further, if the ways of this step can be taken in its case."""
    *head, slope = step.chain
    if len(head) == 1:
        error = head[0](run, step.layer)
    else:
        source, matrix = head
        needed = run.answer[step.layer + 1][0] is not None or matrix.kind != "W already updated"
        error = matrix(run, step.layer, source(run, step.layer)) if needed else None
    if error is None:
        return None
    delta = slope(run, step.layer, error)
    return None if delta is None else run.then(step.layer, error, delta)


def blocks(run: Run, step: Step) -> tuple[Array | None, Array | None]:
    """The slopes of weights and biases that a step gives."""
    return _weights(run, step.layer, step.W), _bias(run, step.layer, step.b)


def _weights(run: Run, layer: int, chosen: Ways | None) -> Array | None:
    if not chosen:
        return None
    factor, before, outer = chosen
    a = before(run, layer)
    return None if a is None else outer(factor(run, layer), a, run.case.double[0][layer])


def _bias(run: Run, layer: int, chosen: Ways | None) -> Array | None:
    if not chosen:
        return None
    factor, total = chosen
    return total(factor(run, layer), run.case.double[1][layer])


def _ratio(block: Array | None, other: Array | None, tolerance: float) -> float:
    if block is None or other is None or not np.isfinite(block).all():
        return np.nan
    square, length = np.vdot(other, other), np.linalg.norm(block)
    if square == 0 or length == 0:
        return np.inf if square == length == 0 else np.nan
    ratio = np.vdot(other, block) / square
    return ratio if np.linalg.norm(block - ratio * other) <= tolerance * length else np.nan


def _free(wrong: Sequence[Slip], cases: Sequence[Case]) -> list[Array]:
    """For each kind of mistake that may come as a sum or as a mean, what that multiplies the blocks by."""
    found: dict[str, Array] = {}
    for slip in wrong:
        if slip.kind in ABSORBING:
            base = np.ones((len(cases), cases[0].depth, 2))
            value = np.array([ABSORBING[slip.kind](case, slip.layer) for case in cases])[:, None]
            if slip.part == "δ":
                base[:, : slip.layer + 1] = value[:, None]
            else:
                base[:, slip.layer, "Wb".index(slip.part)] = value[:, 0]
            found[slip.kind] = found.get(slip.kind, 1) * base
    return list(found.values())
