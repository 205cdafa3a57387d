"""Mistakes that people report, planted in backprops of several styles: are they named, and named rightly?"""

import itertools
import random

import numpy as np
import planting
import pytest
import table

from lessons_lib import sigmoid, squared_error
from lessons_lib.doctor import examine, judge, passing, usual_cases, ways
from lessons_lib.doctor.replay import blocks
from lessons_lib.doctor.walk import Step
from lessons_lib.doctor.ways import Run

STYLES = sorted(path.stem for path in planting.PATIENTS.glob("*.py"))


@pytest.mark.parametrize("style", STYLES)
def test_a_right_answer_is_never_refused(style):
    found = examine(planting.load(style))
    assert found.right, found.message


def test_there_are_ten_styles_and_45_kinds_of_mistakes():
    assert len(STYLES) >= 10
    assert len({kinds for fault in planting.SINGLES for kinds in fault.kinds}) >= 45
    assert len(planting.SINGLES) >= 150


@pytest.mark.parametrize(
    "fault", {(one.kinds, len(one.edits)): one for one in planting.SINGLES}.values(), ids=str
)
def test_a_mistake_alone_is_named(fault):
    """One of each kind; `tests/doctor/table.py` takes them all."""
    result, found, _ = table.outcome(fault)
    assert result == "named", found.message


def test_of_two_mistakes_both_are_named():
    """A sample of all pairs; `tests/doctor/table.py pairs 500` takes more of them."""
    every = [pair for style in table.STYLES_WITH_PAIRS for pair in planting.pairs(style)]
    counted, _ = table.run(random.Random(1).sample(every, 20), verbose=False)
    total = counted["ALL"]
    assert total["misnamed"] == total["neither"] == 0, counted
    assert total["named"] >= 0.9 * total.total(), counted


def single_hypotheses(case):
    """(layer, part, way, steps) for every wrong way of every step, taken once."""
    last = case.depth - 1
    right = {}
    for layer in range(case.depth):
        head = (
            (passing.errors(case)[0],)
            if layer == last
            else (passing.sources(case, layer)[0], passing.matrices(case, layer)[0])
        )
        chain = (*head, passing.slopes(case, layer)[0])
        right[layer] = Step(
            layer,
            chain,
            (ways.FACTORS[0], ways.befores(case, layer)[0], ways.OUTERS[0]),
            (ways.FACTORS[0], ways.SUMS[0]),
        )
    for layer in range(case.depth):
        firsts = (
            [passing.errors(case)]
            if layer == last
            else [passing.sources(case, layer), passing.matrices(case, layer)]
        )
        lists = {
            "chain": [*firsts, passing.slopes(case, layer)],
            "W": [ways.FACTORS, ways.befores(case, layer), ways.OUTERS],
        }
        lists["b"] = [ways.FACTORS, ways.SUMS]
        for part, steps in lists.items():
            for place, way in ((place, way) for place, chosen in enumerate(steps) for way in chosen[1:]):
                taken = list(getattr(right[layer], part))
                taken[place] = way
                yield (
                    way,
                    [
                        *(right[k] for k in range(last, layer, -1)),
                        with_part(right[layer], part, taken),
                        *(right[k] for k in range(layer - 1, -1, -1)),
                    ],
                )


def with_part(step, part, taken):
    parts = {"chain": step.chain, "W": step.W, "b": step.b, part: tuple(taken)}
    return Step(step.layer, **parts)


def made_by(case, steps):
    """The gradients that a hypothesis gives; None where it cannot be taken."""
    run, found = Run(case), {}
    for step in steps:
        *head, slope = step.chain
        error = (
            head[0](run, step.layer) if len(head) == 1 else head[1](run, step.layer, head[0](run, step.layer))
        )
        delta = None if error is None else slope(run, step.layer, error)
        if delta is None:
            return None
        run = run.then(step.layer, error, delta)
        found[step.layer] = blocks(run, step)
    if any(block is None for pair in found.values() for block in pair):
        return None
    return [found[layer] for layer in range(case.depth)]


def test_every_wrong_way_is_told_from_every_other():
    """What a wrong way gives is diagnosed as that way, unless it comes to the right numbers.

    One layer stands for all: where else a way can be taken, it takes as long again to try.
    """
    cases = usual_cases(sigmoid, sigmoid, squared_error)
    hypotheses = {(way.kind, str(way.detail)): (way, steps) for way, steps in single_hypotheses(cases[0])}
    assert len(hypotheses) > 60
    confused = []
    for way, steps in hypotheses.values():
        answers = [(made_by(case, steps), case) for case in cases]
        answers = [(answer, case) for answer, case in answers if answer is not None]
        if not answers:
            continue
        found = judge(*map(list, zip(*answers, strict=True)))
        named = [{finding.kind for finding in findings} for findings in (found.findings, *found.also)]
        if not found.right and {way.kind} not in named:
            confused.append((way.kind, way.detail, [step.layer for step in steps if step], named))
    # The δ of the output handed to the layer before it is both the next layer's and the output's.
    assert [one[0] for one in confused] == ["nothing multiplied by W"], confused


@pytest.mark.parametrize("symbol", ["−1", "½", "2", "n", "1/n", "1/n_out", "n_out"])
@pytest.mark.parametrize("part", ["everything", "W", "b", "one layer", "from layer 2 back"])
def test_a_factor_is_named_and_placed(symbol, part):
    from lessons_lib.doctor.factors import SYMBOLS

    cases = usual_cases()
    answers = []
    for case in cases:
        answer = []
        for layer, (dW, db) in enumerate(case.gradients):
            value = SYMBOLS[symbol](case, layer)
            hit = part in ("everything", "W", "b") or (layer == 2 if part == "one layer" else layer < 2)
            answer.append(
                (dW * value if hit and part != "b" else dW, db * value if hit and part != "W" else db)
            )
        answers.append(answer)
    found = judge(answers, cases)
    assert [finding.kind for finding in found.findings] == [symbol], found.message
    layers = {"one layer": (2,), "from layer 2 back": (0, 1)}.get(part, (0, 1, 2))
    assert found.findings[0].layers == layers


def test_what_is_not_known_is_not_named():
    cases = usual_cases()
    rng = np.random.default_rng(0)
    answers = [
        [
            (rng.normal(size=dW.shape), rng.normal(size=db.shape)) if layer == 1 else (dW, db)
            for layer, (dW, db) in enumerate(case.gradients)
        ]
        for case in cases
    ]
    found = judge(answers, cases)
    assert not found.findings
    assert found.unexplained == ((1, "W"), (1, "b"))
    assert "first go wrong in layer 2, weights" in found.message
    assert "Layer 1 and the output layer are right." in found.message


def test_random_numbers_are_never_named():
    rng, cases = np.random.default_rng(5), usual_cases()
    for attempt in range(3):
        answers = [
            [(rng.normal(size=W.shape), rng.normal(size=b.shape)) for W, b in case.gradients]
            for case in cases
        ]
        assert not judge(answers, cases).findings, attempt


def test_the_pairs_are_many():
    assert (
        sum(1 for style in table.STYLES_WITH_PAIRS for _ in itertools.islice(planting.pairs(style), 2000))
        > 1000
    )
