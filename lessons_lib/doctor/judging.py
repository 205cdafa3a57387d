"""`judge`: what is right in gradients, what is wrong, and where it first goes wrong, from the output back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lessons_lib.doctor import replay, words
from lessons_lib.doctor.case import Array, Blocks, Case, bounded
from lessons_lib.doctor.factors import Factor
from lessons_lib.doctor.replay import Explanation
from lessons_lib.doctor.walk import walk


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Args:
        layers: where it was made, counted from 0 at the input side.
        part: "W" or "b" for these slopes alone, "W and b", "δ" for what is passed back, "order" for how the
            numbers are stored.
        kind: a short name, for programs.
        words: a sentence or two, for people: the place, and what to look at.
    """

    layers: tuple[int, ...]
    part: str
    kind: str
    words: str

    @property
    def layer(self) -> int | None:
        """The layer nearest the output, where a walk back first meets the mistake; None for none of them."""
        return max(self.layers, default=None)


@dataclass(frozen=True)
class Block:
    """The slopes of one layer's weights or biases beside the right ones, for a picture.

    Args:
        layer: counted from 0.
        part: "W" or "b".
        right: whether they agree.
        ratio: the answer over the right slope, element by element: infinite where that is 0 and the answer is
            not, 1 where both are, nan where there is no answer.
        cosine: of the angle between the two; 1 for the right direction, nan where one is 0.
    """

    layer: int
    part: str
    right: bool
    ratio: Array
    cosine: float


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
        before = "Besides, something is" if found else "From the output back, your numbers first go"
        lost = [f"{before} wrong in {self.located}"] if self.located else []
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
    tolerances = [tolerance(answer) for answer in answers]
    compared = [compare(*one) for one in zip(answers, cases, tolerances, strict=True)]
    right = set.intersection(*({(b.layer, b.part) for b in blocks if b.right} for blocks in compared))
    if len(right) == 2 * cases[0].depth:
        return Diagnosis(True, blocks=tuple(compared[0]), case=cases[0])
    best, *others = explain(answers, cases, tolerances)
    # Beside blocks that nothing explains, a long story about the others is not to be believed.
    telling = max(case.n * case.sizes[-1] for case in cases) > 3
    vague = len(best.mistakes) > 2 if best.unexplained else bool(best.slips) and not telling
    found = () if vague else findings(best, cases[0])
    if best.unexplained and not right:
        stepped = _as_step(answers, cases, tolerances)
        if stepped:
            return Diagnosis(False, stepped, blocks=tuple(compared[0]), case=cases[0])
    equal = [one for one in others if one.cost == best.cost and one.mistakes.keys() != best.mistakes.keys()]
    lost = tuple(sorted(best.unexplained, key=lambda block: (-block[0], block[1])))
    located = _located(lost, answers[0], cases[0], compared[0]) if lost else ""
    few = "Something is wrong, but so few examples and outputs do not tell what. Try it with more."
    known = filter(None, [few if vague and not lost else "", words.right_ones(right, cases[0].depth)])
    also = tuple(findings(one, cases[0]) for one in equal[:2] if not vague)
    return Diagnosis(False, found, lost, tuple(compared[0]), located, tuple(known), also=also, case=cases[0])


def _as_step(
    answers: Sequence[Blocks], cases: Sequence[Case], tolerances: Sequence[float]
) -> tuple[Finding, ...] | None:
    """The findings if the answers are not slopes but the new weights; None if they are not that either."""
    if any(block is None for answer in answers for pair in answer for block in pair):
        return None
    steps = [
        [(W - dW, b - db) for W, b, (dW, db) in zip(*case.double[:2], answer, strict=True)]
        for answer, case in zip(answers, cases, strict=True)
    ]
    everywhere = tuple(range(cases[0].depth))
    if not any(block.any() for step in steps for pair in step for block in pair):
        return (Finding(everywhere, "W and b", "weights handed back", words.STEP["weights handed back"]),)
    best = explain(
        steps, cases, [_after_subtraction(*one) for one in zip(steps, cases, tolerances, strict=True)]
    )[0]
    if best.unexplained:
        return None
    new = Finding(everywhere, "W and b", "new weights", words.STEP["new weights"])
    return (new, *(one for one in findings(best, cases[0]) if one.kind != "constant"))


def _after_subtraction(steps: Blocks, case: Case, tolerance: float) -> float:
    """The tolerance for differences from weights and biases, which have lost digits."""
    epsilon = np.finfo(case.weights[0].dtype if tolerance < 1e-5 else np.float32).eps
    lengths = [
        float(np.linalg.norm(value)) / max(float(np.linalg.norm(step)), 1e-300)
        for pair, values in zip(steps, zip(*case.double[:2], strict=True), strict=True)
        for step, value in zip(pair, values, strict=True)
    ]
    return min(max(tolerance, 10 * float(epsilon) * max(lengths)), 1e-2)


def tolerance(answer: Blocks) -> float:
    """How closely numbers of this precision agree, as a share of a block's length."""
    single = any(
        np.result_type(block) == np.float32 for pair in answer for block in pair if block is not None
    )
    return 1e-4 if single else 1e-6


def compare(answer: Blocks, case: Case, tolerance: float) -> list[Block]:
    """Every block beside the right one, from the first layer to the last."""
    return [
        _compared(layer, part, given, true, tolerance)
        for layer in range(case.depth)
        for part, given, true in zip("Wb", answer[layer], case.gradients[layer], strict=True)
    ]


def _compared(layer: int, part: str, given: Array | None, true: Array, tolerance: float) -> Block:
    if given is None or not np.isfinite(given).all():
        return Block(layer, part, False, np.full(true.shape, np.nan), np.nan)
    given = np.asarray(given, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(given == true, 1.0, given / true)
    lengths = np.linalg.norm(given) * np.linalg.norm(true)
    cosine = float(np.vdot(given, true) / lengths) if lengths else np.nan
    right = bool(np.abs(given - true).max() <= tolerance * np.abs(true).max())
    return Block(layer, part, right, ratio, cosine)


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


def _located(lost: Sequence[tuple[int, str]], answer: Blocks, case: Case, blocks: Sequence[Block]) -> str:
    """Where blocks that nothing explains are first met, and what is known of them."""
    layer, part = lost[0]
    block = next(block for block in blocks if (block.layer, block.part) == (layer, part))
    where = f"{words.name(layer, case.depth)}, {'weights' if part == 'W' else 'biases'}"
    others = sorted({other for other, _ in lost if other != layer})
    rest = f" {words.also_wrong(others, case.depth)}" if others else ""
    return f"{where}: {_fact(block, answer[layer]['Wb'.index(part)], case)}.{rest}"


def _fact(block: Block, given: Array | None, case: Case) -> str:
    """One fact about a block that is wrong."""
    if given is None:
        return "they are missing"
    if not np.isfinite(given).all():
        return "not every one of them is a number"
    true = case.gradients[block.layer]["Wb".index(block.part)]
    if np.linalg.norm(given - true) < 1e-2 * np.linalg.norm(true):
        digits = int(-np.log10(np.linalg.norm(given - true) / np.linalg.norm(true)))
        return f"they agree to about {digits} digits, as if rounded, or measured with too large a step"
    ratios = block.ratio[np.isfinite(block.ratio)]
    if len(ratios) and np.allclose(ratios, ratios[0], rtol=1e-4):
        return f"all are {ratios[0]:.4g} times the right ones"
    if (
        block.part == "W"
        and true.shape[0] == true.shape[1]
        and np.allclose(given.T, true, rtol=1e-4, atol=1e-9)
    ):
        return "transposed, they would be right"
    if len(ratios) and (ratios > 0).all():
        return "all have the right sign, but not the right size"
    return f"their direction is off (cosine {block.cosine:.2f} with the right one)"
