"""Trials: somebody's function called in every layout that may be meant, on cases of several depths."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lessons_lib.doctor import conventions
from lessons_lib.doctor.calls import Layout, Outcome, call, layouts
from lessons_lib.doctor.case import Array, Case
from lessons_lib.doctor.diagnosing import common
from lessons_lib.doctor.reading import Reading, Unreadable, readings
from lessons_lib.engine.functions import Activation, Cost, sigmoid, squared_error

DEPTHS = (3, 2, 1)  # a function for another number of layers fails on these cases; fewer are tried


@dataclass(frozen=True)
class Trial:
    """A function called in one layout: its outcome on each case, and the readings they have in common."""

    layout: Layout
    depth: int
    outcomes: tuple[Outcome, ...]
    numbers: tuple[int, ...]
    choices: tuple[list[Reading], ...]

    def cases(self, functions: tuple[Activation, Activation, Cost]) -> list[Case]:
        """The cases that were answered, of a network with these functions."""
        every = conventions.cases_of(*functions, self.depth)
        return [every[number] for number in self.numbers]

    def repeats(self, other: "Trial") -> bool:
        """Whether another layout, alike but for the form of biases or lists, gave the very same numbers."""
        alike = (self.layout.into_first, self.layout.alone) == (other.layout.into_first, other.layout.alone)
        return alike and all(
            np.array_equal(one, two)
            for mine, others in zip(self.choices[0], other.choices[0], strict=False)
            for pair, pair_of_other in zip(mine.blocks, others.blocks, strict=True)
            for one, two in zip(pair, pair_of_other, strict=True)
        )


def trials(function: Callable) -> tuple[list[Trial], list[tuple[Layout, Outcome]]]:
    """The layouts in which a function runs and can be read; failing that, what it said in the others."""
    failed = []
    for depth in DEPTHS:
        cases = conventions.cases_of(sigmoid, sigmoid, squared_error, depth)
        runs: list[Trial] = []
        limping: list[Trial] = []
        for layout in layouts(function, depth):
            trial = _trial(function, layout, depth, cases)
            if isinstance(trial, Outcome):
                failed.append((layout, trial))
            elif not any(trial.repeats(other) for other in runs + limping):
                (runs if 1 in trial.numbers else limping).append(trial)  # 1: the case of unlike widths
        if runs or limping:
            return runs or limping, failed
    return [], failed


def _trial(function: Callable, layout: Layout, depth: int, cases: Sequence[Case]) -> Trial | Outcome:
    outcomes, numbers, found = [], [], []
    for number in (1, 0, 2):  # unlike widths first: a wrong layout fails there at once
        outcome = call(function, layout, cases[number])
        if number == 2 and outcome.stepped:
            break  # the change of weights in float32 has too few digits
        if outcome.answer is not None:
            try:
                found.append(readings(outcome.answer, cases[number]))
                numbers.append(number)
            except Unreadable as wrong:
                error = f"hands back something else: {wrong}"
                outcome = Outcome(error=error, declined=True, printed=outcome.printed)
        outcomes.append(outcome)
        if number == 0 and not numbers:
            return replace(outcomes[0], declined=any(outcome.declined for outcome in outcomes))
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    choices = common([found[k] for k in order])
    if not choices:
        return Outcome(error="hands back gradients of different forms for different cases")
    return Trial(layout, depth, tuple(outcomes), tuple(sorted(numbers)), tuple(choices))


def made_for_one(alone: Trial, together: Sequence[Trial]) -> bool:
    """Whether a function, called with many examples, behaves as one made for one example at a time.

    Then its biases' slopes stand side by side, one column an example, and those of its weights are a sum.
    A function that divides by the number of examples, or sums its biases, is meant for all of them at once.
    """
    pairs = [
        (alone.choices[0][0], trial.choices[0][0])
        for trial in together
        if trial.layout.into_first == alone.layout.into_first
        and trial.numbers[0] == alone.numbers[0]
        and trial.layout.examples.endswith("columns") == alone.layout.examples.endswith("column")
    ]
    n = conventions.cases_of(sigmoid, sigmoid, squared_error, alone.depth)[alone.numbers[0]].n
    return not pairs or any(_beside(*pair, n) for pair in pairs)


def _beside(one: Reading, many: Reading, n: int) -> bool:
    unsummed = {layer for kind, layer, _ in many.remarks if kind == "bias not summed over examples"}
    layers = [(*blocks, *others) for blocks, others in zip(one.blocks, many.blocks, strict=True)]
    summed = any(np.any(db) for layer, (*_, db) in enumerate(layers) if layer not in unsummed)
    averaged = any(
        _same(dW, dW_of_many) or _same(db, n * db_of_many) for dW, db, dW_of_many, db_of_many in layers
    )
    return bool(unsummed) and not summed and not averaged


def _same(one: Array | None, other: Array | None) -> bool:
    return one is not None and other is not None and bool(np.any(one)) and np.allclose(one, other, 1e-4, 0)


def varies(function: Callable, trial: Trial) -> bool:
    """Whether a second call with the same arguments gives other numbers."""
    case = trial.cases((sigmoid, sigmoid, squared_error))[0]
    one, other = (call(function, trial.layout, case).answer or [] for _ in range(2))
    return any(
        first is not None
        and second is not None
        and first.shape == second.shape
        and not np.allclose(first, second, 1e-4, 0, equal_nan=True)
        for first, second in zip(one, other, strict=False)
    )
