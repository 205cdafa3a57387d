"""`examine`: tries somebody's backprop out, finds how it wants to be called and which network it means, and
says what is wrong with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from lessons_lib.doctor import conventions
from lessons_lib.doctor.calls import Layout, Outcome, call, layouts
from lessons_lib.doctor.case import Blocks, Case
from lessons_lib.doctor.diagnosing import best, common, unreadable
from lessons_lib.doctor.judging import Diagnosis, compare, tolerance
from lessons_lib.doctor.reading import Reading, Unreadable, readings
from lessons_lib.doctor.walk import LIMIT, begins
from lessons_lib.engine.functions import Activation, Cost, sigmoid, squared_error

DEPTHS = (3, 2, 1)  # a function for another number of layers fails on these cases; fewer are tried
WORTH_TRYING = 4  # layouts that run and are not right, to be diagnosed


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


def examine(
    function: Callable,
    *,
    hidden: Activation | None = None,
    output: Activation | None = None,
    cost: Cost | None = None,
    exact: bool = False,
) -> Diagnosis:
    """What is right in a function that computes gradients, and what is wrong.

    It is called with copies of small random networks, in every usual layout until one fits: as
    ``f(weights, biases, x, y)``, with pairs, a dict or a list of all parameters, with ``W1, b1, W2, b2, x,
    y``, or as a method of an object with ``weights`` and ``biases``; W as (out, in) or (in, out); examples
    in rows, in columns, or one at a time. It may hand back any container, leave gradients in ``.grad``, or
    update the weights it was given.

    Args:
        function: any callable. What it raises becomes part of the diagnosis.
        hidden: the activation of the hidden layers, if you want to say; else it is found by trying.
        output: the activation of the last layer.
        cost: the cost. Say it where two could be meant: a − y is right for cross-entropy, and lacks σ′ for
            the squared error.
        exact: whether other usual ways, such as a sum for a mean, a ½, or the last layer first, are mistakes.

    Returns:
        A :class:`.Diagnosis`, right up to usual conventions, which its message names.

    Example:
        >>> def mine(weights, biases, x, y):
        ...     (W,), (b,) = weights, biases
        ...     a = 1 / (1 + np.exp(-(x @ W + b)))
        ...     delta = (y - a) * a * (1 - a)
        ...     return x.T @ delta, delta.sum(axis=0)
        >>> print(examine(mine))
        Every layer: your numbers have the opposite sign. ...
    """
    asked = list(conventions.functions(hidden, output, cost))
    trials, failed = _trials(function)
    if not trials:
        return unreadable(_no_way(failed), conventions.cases_of(*asked[0], DEPTHS[0])[0])
    printed = next((outcome.printed for trial in trials for outcome in trial.outcomes if outcome.printed), "")
    if printed:
        print(printed, end="")
    together = [trial for trial in trials if not trial.layout.alone]
    alone = [trial for trial in trials if trial.layout.alone]
    found = _right(together, asked, exact) or (_wrong(together, asked, exact) if together else None)
    if found is None or (not found.right and _may_be_alone(found)):
        found = _right(alone, asked, exact) or _cheaper(found, _wrong(alone, asked, exact) if alone else None)
    return found


def _may_be_alone(found: Diagnosis) -> bool:
    """Whether a function, called with many examples, behaves as one made for one example at a time."""
    unsummed = any(
        finding.kind == "bias not summed over examples" and 0 in finding.layers for finding in found.findings
    )
    return unsummed or bool(found.unexplained)


def _cheaper(one: Diagnosis | None, other: Diagnosis | None) -> Diagnosis:
    found = [diagnosis for diagnosis in (one, other) if diagnosis is not None]
    return min(found, key=lambda diagnosis: diagnosis.cost)


def _trials(function: Callable) -> tuple[list[Trial], list[tuple[Layout, Outcome]]]:
    """The layouts in which a function runs and can be read; failing that, what it said in the others."""
    failed = []
    for depth in DEPTHS:
        cases = conventions.cases_of(sigmoid, sigmoid, squared_error, depth)
        trials: list[Trial] = []
        limping: list[Trial] = []
        for layout in layouts(function, depth):
            trial = _trial(function, layout, depth, cases)
            if isinstance(trial, Outcome):
                failed.append((layout, trial))
            elif not any(trial.repeats(other) for other in trials + limping):
                (trials if 1 in trial.numbers else limping).append(trial)  # 1: the case of unlike widths
        if trials or limping:
            return trials or limping, failed
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
            except Unreadable as error:
                outcome = Outcome(error=f"hands back something else: {error}", printed=outcome.printed)
        outcomes.append(outcome)
        if number == 0 and not numbers:
            return outcomes[0]
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    choices = common([found[k] for k in order])
    if not choices:
        return Outcome(error="hands back gradients of different forms for different cases")
    return Trial(layout, depth, tuple(outcomes), tuple(sorted(numbers)), tuple(choices))


def _right(trials: Sequence[Trial], asked: Sequence[tuple], exact: bool) -> Diagnosis | None:
    """The first trial that is right for a usual cost, with a message that says which."""
    for trial in trials:
        for functions in asked:
            cases = trial.cases(functions)
            for chosen in trial.choices:
                answers = [reading.blocks for reading in chosen]
                close = [tolerance(answer) for answer in answers]
                name = None if chosen[0].remarks else conventions.scale(answers, cases, close)
                if name and not (
                    exact and (name not in conventions.PLAIN or chosen[0].oddities(trial.layout.into_first))
                ):
                    return _praised(trial, functions, chosen[0], answers[0], cases[0], name)
    return None


def _praised(
    trial: Trial, functions: tuple, reading: Reading, answer: Blocks, case: Case, name: str
) -> Diagnosis:
    said = [f"Read with {_manner(trial, reading)}; {conventions.told(*functions)}."]
    if name not in conventions.PLAIN:
        said.append(f"Your numbers are those of {name}: a usual convention, so they are right.")
    else:
        said.append(f"Your numbers are those of {name}.")
    if functions[2] != squared_error and functions[1] == sigmoid:
        said.append("If your cost is the squared error, they lack σ′ of the output layer.")
    if not all(outcome.kept for outcome in trial.outcomes):
        said.append("Your function changes the weights or biases it is given.")
    blocks = tuple(compare(answer, case, tolerance(answer)))
    return Diagnosis(True, blocks=blocks, conventions=tuple(said), case=case)


def _manner(trial: Trial, reading: Reading) -> str:
    """How the function is called and how its answer is stored."""
    return ", ".join([trial.layout.words, *reading.oddities(trial.layout.into_first)])


def _wrong(trials: Sequence[Trial], asked: Sequence[tuple], exact: bool) -> Diagnosis:
    """The cheapest diagnosis of any trial, as the network in which it is cheapest.

    Where the output layer's slopes have the right direction, the network is no other.
    """
    found: Diagnosis | None = None
    for most in range(LIMIT + 1):
        for trial, functions in product(trials[:WORTH_TRYING], asked):
            fitting = _fitting(trial, functions, most)
            if fitting:
                one = _diagnosed(trial, functions, fitting, exact)
                found = one if found is None or one.cost < found.cost else found
        if found is not None and not (most and found.unexplained):
            return found
    return _diagnosed(trials[0], asked[0], trials[0].choices, exact) if found is None else found


def _fitting(trial: Trial, functions: tuple, most: int) -> list[list[Reading]]:
    """The readings that begin like the gradient of a network of these functions, with ``most`` mistakes."""
    cases = trial.cases(functions)
    return [
        chosen
        for chosen in trial.choices
        if any(
            begins(case, one.blocks, tolerance(one.blocks), most)
            for case, one in zip(cases, chosen, strict=True)
        )
    ]


def _diagnosed(trial: Trial, functions: tuple, choices: Sequence[list[Reading]], exact: bool) -> Diagnosis:
    """The diagnosis of a trial, in the best of some readings, as a network of these functions."""
    into_first, cases = trial.layout.into_first, trial.cases(functions)
    ordered = sorted(choices, key=lambda chosen: chosen[0].transposed != into_first)
    one = best([(chosen, cases) for chosen in ordered], any_order=not exact, into_first=into_first)
    return _settled(one, trial, functions, exact)


def _settled(one: Diagnosis, trial: Trial, functions: tuple, exact: bool) -> Diagnosis:
    """A diagnosis without what is only another usual cost, and with what it was read as."""
    if not exact:
        one = conventions.settled(one, trial.cases(functions)[0])
    rate = next(
        (found for found in one.findings if found.kind == "constant" and found.part == "W and b"), None
    )
    stepped = trial.outcomes[0].stepped and rate is not None
    if stepped:
        left = tuple(found for found in one.findings if found is not rate)
        one = replace(one, findings=left, right=not left and not one.unexplained)
    said = ["(Read from the change of the weights: the step, with its learning rate.)"] if stepped else []
    said += [f"(Read with {trial.layout.words}; {conventions.told(*functions)}.)"]
    if 1 not in trial.numbers:
        said.insert(0, f"On layers of unlike widths your function {trial.outcomes[0].error}.")
    return replace(one, conventions=(*one.conventions, *said))


def _no_way(failed: Sequence[tuple[Layout, Outcome]]) -> str:
    """Why a function could not be tried at all."""
    if not failed:
        return (
            "I do not know how to call your function. Give it four arguments: weights and biases (a list of "
            "one array a layer each), inputs and targets."
        )
    layout, outcome = failed[0]
    return f"Your function {outcome.error}. (Tried in {len(failed)} layouts; this with {layout.words}.)"
