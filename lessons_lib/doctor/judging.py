"""`judge`: what is right in gradients, what is wrong, and where it first goes wrong, from the output back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lessons_lib.doctor import afterwards, replay, words
from lessons_lib.doctor.case import Blocks, Case, bounded
from lessons_lib.doctor.comparing import Block, Finding, compare, fact, tolerance, without_noise
from lessons_lib.doctor.factors import Factor
from lessons_lib.doctor.replay import Explanation
from lessons_lib.doctor.walk import walk


@dataclass(frozen=True)
class Diagnosis:
    """What a check says about gradients.

    Args:
        right: whether they are.
        findings: the mistakes, from the output back.
        unexplained: (layer, part) of the blocks that are wrong in a way no finding accounts for.
        blocks: every block beside the right one, for a picture; those of the first case.
        located: where unexplained blocks are first met, from the output back, and a fact about them.
        known: sentences on what is right, or on why nothing is known.
        conventions: sentences on what the numbers follow, where there are several usual ways.
        also: other findings that would give the very same numbers.
        case: what the blocks belong to.

    Example:
        >>> print(Diagnosis(True, conventions=("Read with W as (out, in).",)))
        Right: every layer, weights and biases. Read with W as (out, in).
    """

    right: bool
    findings: tuple[Finding, ...] = ()
    unexplained: tuple[tuple[int, str], ...] = ()
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    located: str = ""
    known: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    also: tuple[tuple[Finding, ...], ...] = ()
    case: Case | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """All of it in words."""
        start = ["Right: every layer, weights and biases."] if self.right else []
        other = [f"The same numbers come from this: {_joined(findings)}" for findings in self.also]
        found = [one.words for one in self.findings]
        first = "From the output back, your numbers first go wrong in"
        before = "That, or another mistake, also shows in" if found else first
        lost = [f"{before} {self.located}"] if self.located else []
        return " ".join([*start, *found, *other, *lost, *self.known, *self.conventions])

    @property
    def cost(self) -> tuple[int, int]:
        """Blocks unexplained and mistakes; of two readings of the same numbers, the cheaper is believed."""
        return len(self.unexplained), len(self.findings)


def _joined(findings: Sequence[Finding]) -> str:
    return " ".join(finding.words for finding in findings)


@np.errstate(all="ignore")
def judge(answers: Sequence[Blocks], cases: Sequence[Case]) -> Diagnosis:
    """The diagnosis of one gradient a case, each block of the shape of its weights or biases.

    Args:
        answers: for each case (dW, db) of each layer, the first layer first; None for a block that is
            missing.
        cases: cases of one network design (functions and depth); sizes may differ.

    Example:
        >>> case = Case.random((4, 5, 5, 3), 7, seed=0)
        >>> print(judge([[(dW, 7 * db) for dW, db in case.gradients]], [case]))
        Every layer, biases: your numbers are the right ones times the number of examples: summed, where the
        cost is a mean. The weights are right.
    """
    answers = [[tuple(map(bounded, pair)) for pair in answer] for answer in answers]
    answers = [without_noise(*one) for one in zip(answers, cases, strict=True)]
    tolerances = [tolerance(answer) for answer in answers]
    compared = [compare(*one) for one in zip(answers, cases, tolerances, strict=True)]
    right = set.intersection(*({(b.layer, b.part) for b in blocks if b.right} for blocks in compared))
    if len(right) == 2 * cases[0].depth:
        return Diagnosis(True, blocks=tuple(compared[0]), case=cases[0])
    if all(map(_constant, answers)):
        everywhere = tuple((layer, part) for layer in range(cases[0].depth) for part in "Wb")
        known = (words.CONSTANT,)
        return Diagnosis(False, unexplained=everywhere, known=known, blocks=tuple(compared[0]), case=cases[0])
    one = _disguised(answers, cases, tolerances)
    if one is not None:
        return replace(one, blocks=tuple(compared[0]), case=cases[0])
    best, *others = explain(answers, cases, tolerances)
    if best.unexplained and not right:
        stepped = _as_step(answers, cases, tolerances)
        if stepped is not None:
            return replace(stepped, blocks=tuple(compared[0]), case=cases[0])
    one = _told(best, others, cases, right)
    located = _located(one.unexplained, answers, cases, compared)
    return replace(one, blocks=tuple(compared[0]), located=located)


def _constant(answer: Blocks) -> bool:
    """Whether every block is one number, not 0, over and over."""
    blocks = [block for pair in answer for block in pair if block is not None and block.size > 1]
    return bool(blocks) and all(block.flat[0] != 0 and np.ptp(block) == 0 for block in blocks)


def _told(
    best: Explanation, others: Sequence[Explanation], cases: Sequence[Case], right: set[tuple[int, str]]
) -> Diagnosis:
    """The best explanation as a diagnosis, with others that are as good."""
    # Beside blocks that nothing explains, a long story about the others is not to be believed.
    telling = max(case.n * case.sizes[-1] for case in cases) > 3
    vague = len(best.mistakes) > 2 if best.unexplained else bool(best.slips) and not telling
    equal = [one for one in others if one.cost == best.cost and one.mistakes.keys() != best.mistakes.keys()]
    lost = tuple(sorted(best.unexplained, key=lambda block: (-block[0], block[1])))
    known = [words.FEW] * (vague and not lost) + [words.right_ones(right, cases[0].depth)]
    return Diagnosis(
        False,
        () if vague else findings(best, cases[0]),
        lost,
        known=tuple(filter(None, known)),
        also=tuple(findings(one, cases[0]) for one in equal[:2] if not vague),
        case=cases[0],
    )


def _disguised(
    answers: Sequence[Blocks], cases: Sequence[Case], tolerances: Sequence[float]
) -> Diagnosis | None:
    """The diagnosis of what need not be searched for: zeros, numbers cut short, weight decay."""
    if not any(np.any(block) for answer in answers for pair in answer for block in pair if block is not None):
        return _empty(answers, cases[0])
    rounded = _rounded(answers, cases)
    return _decayed(answers, cases, tolerances) if rounded is None else rounded


def _empty(answers: Sequence[Blocks], case: Case) -> Diagnosis | None:
    """The diagnosis of zeros all through; None if there is nothing at all."""
    if any(block is None for answer in answers for pair in answer for block in pair):
        return None
    everywhere = tuple(range(case.depth))
    text = words.mistake("empty", None, everywhere, "W and b", case)
    return Diagnosis(False, (Finding(everywhere, "W and b", "empty", text),))


def _rounded(answers: Sequence[Blocks], cases: Sequence[Case]) -> Diagnosis | None:
    """The diagnosis of numbers with so few decimals that they are right as far as they go."""
    digits = afterwards.decimals(answers)
    if digits is None:
        return None
    factor = afterwards.scale(answers, cases, digits)
    return None if factor is None else Diagnosis(False, known=(words.rounded(digits, factor),))


def _decayed(
    answers: Sequence[Blocks], cases: Sequence[Case], tolerances: Sequence[float]
) -> Diagnosis | None:
    """The diagnosis if a multiple of the weights or biases was added to every layer's slopes."""
    everywhere, found = tuple(range(cases[0].depth)), []
    for part, shares in afterwards.decay(answers, cases, tolerances):
        divided = afterwards.per_example(shares, cases)
        if divided is None:
            return None
        share = shares[0] * (cases[0].n if divided else 1)
        found.append(Finding(everywhere, part, "weight decay", words.decay(part, share, divided)))
        each = zip(answers, cases, shares, strict=True)
        answers = [afterwards.without(answer, case, part, own) for answer, case, own in each]
    rest = explain(answers, cases, [max(1e-5, close) for close in tolerances])[0] if found else None
    if rest is None or rest.unexplained:
        return None
    return Diagnosis(False, (*found, *findings(rest, cases[0])))


def _as_step(
    answers: Sequence[Blocks], cases: Sequence[Case], tolerances: Sequence[float]
) -> Diagnosis | None:
    """The diagnosis if the answers are not slopes but the new weights; None if they are not that either."""
    if any(block is None for answer in answers for pair in answer for block in pair):
        return None
    steps = [
        [(W - dW, b - db) for W, b, (dW, db) in zip(*case.double[:2], answer, strict=True)]
        for answer, case in zip(answers, cases, strict=True)
    ]
    everywhere = tuple(range(cases[0].depth))
    if not any(block.any() for step in steps for pair in step for block in pair):
        same = "weights handed back"
        return Diagnosis(False, (Finding(everywhere, "W and b", same, words.STEP[same]),))
    near = [afterwards.after_subtraction(*one) for one in zip(steps, cases, tolerances, strict=True)]
    best = explain(steps, cases, near)[0]
    if best.unexplained:
        return None
    new = Finding(everywhere, "W and b", "new weights", words.STEP["new weights"])
    return Diagnosis(False, (new, *(one for one in findings(best, cases[0]) if one.kind != "constant")))


def explain(
    answers: Sequence[Blocks], cases: Sequence[Case], tolerances: Sequence[float]
) -> list[Explanation]:
    """Explanations of all answers, the simplest first: found on the case that allows most, tried on all."""
    pilot = max(range(len(cases)), key=lambda k: (cases[k].n > 1, -len(set(cases[k].sizes))))
    paths = walk(cases[pilot], answers[pilot], tolerances[pilot])
    return sorted(
        (replay.explain(path, cases, answers, tolerances) for path in paths), key=lambda one: one.cost
    )


def findings(explanation: Explanation, case: Case) -> tuple[Finding, ...]:
    """An explanation as findings, from the output back; factors of everything last."""
    found = []
    for key, slips in explanation.mistakes.items():
        if isinstance(key, Factor):
            parts = {part for pair in key.exponents for part, power in zip("Wb", pair, strict=True) if power}
            layers = tuple(layer for layer, pair in enumerate(key.exponents) if any(pair))
            kind, text = key.symbol, words.factor(key, case.depth)
        else:
            parts, kind = {slip.part for slip in slips}, slips[0].kind
            layers = tuple(sorted({slip.layer for slip in slips}))
            text = words.mistake(kind, slips[0].detail, layers, " and ".join(sorted(parts)), case)
        found.append(Finding(layers, " and ".join(sorted(parts)), kind, text))
    return tuple(sorted(found, key=lambda one: -max(one.layers)))


def _located(
    lost: Sequence[tuple[int, str]],
    answers: Sequence[Blocks],
    cases: Sequence[Case],
    compared: Sequence[Sequence[Block]],
) -> str:
    """Where blocks that nothing explains are first met, and a fact about them in a case that shows it."""
    if not lost:
        return ""
    (layer, part), depth = lost[0], cases[0].depth
    places = zip(answers, cases, (blocks[2 * layer + "Wb".index(part)] for blocks in compared), strict=True)
    answer, case, block = next((place for place in places if not place[-1].right), None) or next(places)
    where = f"{words.name(layer, depth)}, {'weights' if part == 'W' else 'biases'}"
    others = sorted({other for other, _ in lost if other != layer})
    rest = f" {words.also_wrong(others, depth)}" if others else ""
    digits = afterwards.decimals(answers)
    few = f" {words.rounded(digits)}" if digits else ""
    return f"{where}: {fact(block, answer[layer]['Wb'.index(part)], case)}.{rest}{few}"
