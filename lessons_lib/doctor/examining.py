"""`examine`: tries somebody's backprop out, finds how it wants to be called and which network it means, and
says what is wrong with it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from lessons_lib.doctor import conventions, words
from lessons_lib.doctor.calls import Layout, Outcome
from lessons_lib.doctor.case import Blocks, Case
from lessons_lib.doctor.diagnosing import best, unreadable
from lessons_lib.doctor.judging import Diagnosis, compare, tolerance
from lessons_lib.doctor.reading import Reading
from lessons_lib.doctor.trials import DEPTHS, Trial, made_for_one, trials, varies
from lessons_lib.doctor.walk import LIMIT, begins
from lessons_lib.engine.functions import Activation, Cost

WORTH_TRYING = 4  # layouts that run and are not right, to be diagnosed
EFFORT = 12  # diagnoses of readings that may be meant: a search for what has no name ends


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
        >>> import numpy as np
        >>> def mine(weights, biases, x, y):
        ...     (W,), (b,) = weights, biases
        ...     a = 1 / (1 + np.exp(-(x @ W + b)))
        ...     delta = (y - a) * a * (1 - a)
        ...     return x.T @ delta, delta.sum(axis=0)
        >>> print(examine(mine))
        Every layer: your numbers have the opposite sign. ...
    """
    asked = list(conventions.functions(hidden, output, cost))
    tried, failed = trials(function)
    if not tried:
        return unreadable(_no_way(failed), conventions.cases_of(*asked[0], DEPTHS[0])[0])
    printed = next((outcome.printed for trial in tried for outcome in trial.outcomes if outcome.printed), "")
    if printed:
        print(printed, end="")
    together = [trial for trial in tried if not trial.layout.alone]
    single = [trial for trial in tried if trial.layout.alone]
    alone = [trial for trial in single if not together or made_for_one(trial, together)]
    found = _right(together, asked, exact) or _right(alone, asked, exact)
    if found is None and varies(function, tried[0]):
        return unreadable(words.VARIES, tried[0].cases(asked[0])[0])
    if found is None:
        apart = _right(single, asked, exact)
        if apart is not None and apart.case is not None:  # it tells which network is meant
            asked = [(apart.case.hidden, apart.case.output, apart.case.cost)]
        found = _wrong(alone or together, asked, exact)
        found = found if apart is None else replace(found, known=(*found.known, words.APART))
    if found.known:  # then it is not right in every case
        found = replace(found, right=False)
    return _with_failure(found, tried[0], failed)


def _with_failure(found: Diagnosis, trial: Trial, failed: Sequence[tuple[Layout, Outcome]]) -> Diagnosis:
    """A diagnosis with what the function raised on deeper networks, unless it is meant for this depth."""
    outcomes = [outcome for layout, outcome in failed if layout == trial.layout]
    if trial.depth == DEPTHS[0] or not outcomes or any(outcome.declined for outcome in outcomes):
        return found
    shallow = "no hidden layer" if trial.depth == 1 else "one hidden layer"
    right = f"With {shallow} every slope is right." if found.right else f"(Tried with {shallow}.)"
    said = f"With more layers your function {outcomes[0].error}."
    return replace(found, right=False, known=(said, right, *found.known))


def _right(trials: Sequence[Trial], asked: Sequence[tuple], exact: bool) -> Diagnosis | None:
    """The first trial that is right for a usual cost, with a message that says which."""
    for trial in trials:
        for functions in asked:
            cases = trial.cases(functions)
            for chosen in trial.choices:
                answers = [reading.blocks for reading in chosen]
                close = [tolerance(answer) for answer in answers]
                name = None if chosen[0].remarks else conventions.scale(answers, cases, close)
                odd = set(chosen[0].oddities(trial.layout.into_first)) - set(_allowed(exact))
                if name and not odd and (not exact or name in conventions.PLAIN):
                    one = _praised(trial, functions, chosen[0], answers[0], cases[0], name)
                    return replace(one, conventions=(*one.conventions, *conventions.doubt(functions, asked)))
    return None


def _allowed(exact: bool) -> list[str]:
    """The unusual orders that are no mistake: not a dW that cannot be subtracted from W as it is."""
    return [] if exact else [name for name in words.ORDER if name != "W transposed"]


def _praised(
    trial: Trial, functions: tuple, reading: Reading, answer: Blocks, case: Case, name: str
) -> Diagnosis:
    said = [f"Read with {_manner(trial, reading)}; {conventions.told(*functions)}."]
    if name not in conventions.PLAIN:
        said.append(f"Your numbers are those of {name}: a usual convention, so they are right.")
    else:
        said.append(f"Your numbers are those of {name}.")
    if not all(outcome.kept for outcome in trial.outcomes):
        said.append("Your function changes the weights or biases it is given.")
    blocks = tuple(compare(answer, case, tolerance(answer)))
    errors = [outcome.error for outcome in trial.outcomes if outcome.error]
    known = (words.right_in(len(trial.numbers), len(trial.outcomes), errors[0]),) if errors else ()
    return Diagnosis(True, known=known, blocks=blocks, conventions=tuple(said), case=case)


def _manner(trial: Trial, reading: Reading) -> str:
    """How the function is called and how its answer is stored."""
    return ", ".join([trial.layout.words, *reading.oddities(trial.layout.into_first)])


def _wrong(trials: Sequence[Trial], asked: Sequence[tuple], exact: bool) -> Diagnosis:
    """The cheapest diagnosis of any trial, as the network in which it is cheapest.

    Where the output layer's slopes have the right direction, the network is no other.
    """
    found: Diagnosis | None = None
    effort = 0
    for most in range(LIMIT + 1):
        for trial, functions in product(trials[:WORTH_TRYING], asked):
            fitting = _fitting(trial, functions, most) if effort < EFFORT else []
            if fitting:
                effort += 1
                one = _diagnosed(trial, functions, fitting, asked, exact)
                found = one if found is None or one.cost < found.cost else found
        if found is not None and not (most and found.unexplained):
            return found
    if found is None:
        found = _diagnosed(trials[0], asked[0], trials[0].choices, asked, exact)
    return found


def _fitting(trial: Trial, functions: tuple, most: int) -> list[list[Reading]]:
    """The readings that begin like the gradient of a network of these functions, with ``most`` mistakes."""
    cases = trial.cases(functions)
    return [
        chosen
        for chosen in trial.choices
        if any(
            begins(case, one.blocks, tolerance(one.blocks), most)
            for case, one in zip(cases[:2], chosen[:2], strict=True)
        )
    ]


def _diagnosed(
    trial: Trial, functions: tuple, choices: Sequence[list[Reading]], asked: Sequence[tuple], exact: bool
) -> Diagnosis:
    """The diagnosis of a trial, in the best of some readings, as a network of these functions."""
    into_first, cases = trial.layout.into_first, trial.cases(functions)
    ordered = sorted(choices, key=lambda chosen: chosen[0].transposed != into_first)
    one = best([(chosen, cases) for chosen in ordered], _allowed(exact), into_first=into_first)
    return _settled(one, trial, functions, asked, exact)


def _settled(
    one: Diagnosis, trial: Trial, functions: tuple, asked: Sequence[tuple], exact: bool
) -> Diagnosis:
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
    output = {(trial.depth - 1, part) for part in "Wb"}
    if len(asked) > 1 and output.issubset(one.unexplained):
        said += [words.untold(trial.layout.words, conventions.told(*functions))]
    else:
        said += [f"(Read with {trial.layout.words}; {conventions.told(*functions)}.)"]
        said += conventions.doubt(functions, asked)
    if 1 not in trial.numbers:
        said.insert(0, f"On layers of unlike widths your function {trial.outcomes[0].error}.")
    return replace(one, conventions=(*one.conventions, *said))


def _no_way(failed: Sequence[tuple[Layout, Outcome]]) -> str:
    """Why a function could not be tried at all."""
    if not failed:
        return words.NO_WAY
    layout, outcome = failed[0]
    tries = f"(I tried {len(failed)} layouts; this message is from {layout.words}.)"
    return f"Your function {outcome.error}. {tries}"
