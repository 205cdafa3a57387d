"""`Exercise`: a function for the reader to write, and the ways in which it can go wrong."""

import copy
import inspect
import io
import math
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from itertools import combinations

import numpy as np

LARGEST = 10**7  # numbers in a result; the right ones have thousands
INSIDE = "Your function calls its own check. Move that line out of the function: begin it at the margin."


@dataclass(frozen=True)
class Verdict:
    """What a check says.

    Attributes:
        solved: whether the exercise is solved.
        message: what was found.
        hints: texts to unfold one by one.
    """

    solved: bool
    message: str
    hints: tuple[str, ...] = ()

    def __bool__(self):
        return self.solved

    def __repr__(self):
        return f"{'Solved.' if self.solved else 'Not yet.'} {self.message}"

    def _repr_html_(self):
        hints = "".join(
            f"<details><summary>Hint {number}</summary>{escape(hint)}</details>"
            for number, hint in enumerate(self.hints, start=1)
        )
        return (
            f'<div role="status" style="border-left:4px solid;padding:4px 12px;line-height:1.5">'
            f"{escape(repr(self))}{hints}</div>"
        )


@dataclass(frozen=True)
class Way:
    """A wrong way of taking one step of the right function, and what to say to whoever takes it."""

    step: str
    taken: object
    words: str


class Exercise:
    """A function for the reader to write, and the steps in which it can go wrong.

    The right function names its steps as keyword-only arguments, whose defaults are right. Every step lists
    wrong ways to take it. An answer is compared with all of them, alone and in pairs, so two mistakes at once
    are both found. A check never raises because of the reader's code, keeps nothing of it, and hands out
    copies, so that nothing the reader's function does to its arguments can spoil the cases.

    Args:
        reference: the right function.
        cases: tuples of arguments to try it on. Let their sizes differ, or what is mixed up does not show.
        ways: step -> {words: the wrong way to take it}.
        hints: two texts; the second says more than the first.
        also: other functions that are right too, with the same steps.
        room: None, or ``(bytes, words)``: the memory a call may take, and what to say of one that takes more.
        tolerance: relative and absolute; answers within it are equal.

    Raises:
        ValueError: if no case tells one of the wrong ways from the right one.

    Example:
        >>> square = Exercise(
        ...     lambda x, *, times=lambda x: x * x, sign=1: sign * times(x),
        ...     [(2.0,), (3.0,)],
        ...     ways={
        ...         "times": {"You doubled it instead of squaring it.": lambda x: 2 * x},
        ...         "sign": {"The sign is wrong.": -1},
        ...     },
        ...     hints=("What is 2 squared?", "Multiply it by itself."),
        ... )
        >>> square.check(lambda x: -x - x)
        Not yet. You doubled it instead of squaring it. And: The sign is wrong.
        >>> square.check(lambda x: x ** 2)
        Solved. Your function is right in all 2 cases.
        >>> square.stand_in(lambda x: None)(3.0)
        9.0
    """

    def __init__(
        self,
        reference: Callable,
        cases: Sequence[tuple],
        *,
        ways: dict[str, dict[str, object]],
        hints: Sequence[str],
        also: Sequence[Callable] = (),
        room: tuple[int, str] | None = None,
        tolerance: float = 1e-5,
    ):
        self.reference, self.right, self.tolerance = reference, (reference, *also), tolerance
        self.cases, self.hints, self.room = copy.deepcopy(list(cases)), tuple(hints), room
        self._asked = 0  # how many times the check that runs has been asked for
        self.ways = [Way(step, taken, words) for step, some in ways.items() for words, taken in some.items()]
        blind = [
            way.words for way in self.ways if self._is_right(self._answers(self._with(reference, [way])))
        ]
        if blind:
            raise ValueError(f"no case tells this mistake from the right answer; add one: {blind[0]!r}")

    def check(self, attempt: Callable) -> Verdict:
        """Judge the reader's function; whatever it raises becomes part of the verdict."""
        if not callable(attempt):
            return self._not_yet(
                f"This is a {type(attempt).__name__}; give your function, without calling it."
            )
        if self._asked:  # by the function that is being judged: a line that is indented too far
            self._asked += 1
            return self._not_yet(INSIDE)
        self._asked = 1
        try:
            verdict = self._judged(attempt)
            return verdict if self._asked == 1 else self._not_yet(INSIDE)
        finally:
            self._asked = 0

    def _judged(self, attempt):
        answers = self._answers(attempt)
        if all(answer.empty for answer in answers):
            return self._not_yet("The function returns nothing so far. Fill in the stub; the hints may help.")
        room, too_large = self.room or (math.inf, "")
        # Twice, as the first call may import something large.
        if _memory(answers) > room and _memory(self._answers(attempt, quiet=True)) > room:
            return self._not_yet(too_large)
        if self._is_right(answers):
            return Verdict(
                True, f"Your function is right in all {len(self.cases)} cases.{self._aside(answers)}"
            )
        return self._not_yet(self._diagnosis(answers))

    def stand_in(self, attempt: Callable) -> Callable:
        """The reader's function if it is right, else the reference: what later cells use.

        A function that changes its arguments is given copies, and lists become arrays.
        """
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # heard when it was checked
            if not self.check(attempt):
                return self.reference
            answers = self._answers(attempt)
        if not any(answer.changed or answer.listed for answer in answers):
            return attempt
        parts = isinstance(self._known[0][0].given, tuple)

        def careful(*arguments):
            value = attempt(*copy.deepcopy(arguments))
            if isinstance(value, list | tuple):
                return tuple(map(np.array, value)) if parts else np.array(value)
            return value

        return careful

    @cached_property
    def mistakes(self) -> list[tuple[tuple[Way, ...], list[list["Answer"]]]]:
        """Every wrong way, and every two in different steps, with the answers they give, simplest first."""
        pairs = (pair for pair in combinations(self.ways, 2) if pair[0].step != pair[1].step)
        return [
            (ways, [self._answers(self._with(right, ways)) for right in self.right])
            for ways in (*((way,) for way in self.ways), *pairs)
        ]

    def _with(self, right, ways):
        return partial(right, **{way.step: way.taken for way in ways})

    def _answers(self, function, quiet=False):
        """What a function gives in each case; its prints are heard once."""
        answers: list[Answer] = []
        for case in self.cases:
            answers.append(Answer.of(function, case, quiet=quiet or bool(answers)))
        return answers

    def _is_right(self, answers):
        return any(self._agree(answers, known) for known in self._known)

    @cached_property
    def _known(self):
        return [self._answers(right) for right in self.right]

    def _agree(self, answers, others):
        """Whether two functions give the same everywhere; where one cannot be computed, nor can the other."""
        same = [one.equals(other, self.tolerance) for one, other in zip(answers, others, strict=True)]
        return all(same) and any(answer.value is not None for answer in answers)

    def _diagnosis(self, answers):
        found = [ways for ways, known in self.mistakes if any(self._agree(answers, some) for some in known)]
        if all(answer.zero for answer in answers if answer.value is not None):
            found = []  # zeros may come of many a mistake
        simplest = [set(ways) for ways in found if len(ways) == len(found[0])]
        if not simplest:
            return f"{self._aside(answers)} {self._what_is_known(answers)}".strip()
        sure = set.intersection(*simplest)
        words = [way.words for way in self.ways if way in sure]
        if len(simplest) > 1:  # different mistakes, the same numbers
            words.append(
                "either " + " Or: ".join(" ".join(way.words for way in ways - sure) for ways in simplest)
            )
        return " And: ".join(words) + self._aside(answers)

    def _what_is_known(self, answers):
        """Where no mistake explains the numbers: how far they are right, and how they differ."""
        right = self._known[0]
        good = [answer.equals(other, self.tolerance) for answer, other in zip(answers, right, strict=True)]
        where = good.index(False)
        before = f"{sum(good)} of {len(good)} cases are right. " if any(good) else ""
        given = " Given: " + ", ".join(map(_shape, self.cases[where])) + "."
        return before + answers[where].difference(right[where], self.tolerance) + given

    def _aside(self, answers):
        changed = sorted({name for answer in answers for name in answer.changed})
        if not changed:
            return ""
        return (
            f" Your function changes what it was given ({', '.join(changed)}). Work on a copy, as in "
            f"{changed[0]} = {changed[0]}.copy(), or other cells will find other numbers there."
        )

    def _not_yet(self, message):
        return Verdict(False, message, self.hints)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a function gave in one case: a value or an error, and what else was seen.

    Attributes:
        value: the result as an array, or None.
        given: the result as it was handed back.
        error: why there is none, in words.
        empty: whether nothing was returned.
        listed: whether the result was a list.
        changed: names of the arguments that the function changed.
        memory: bytes at the peak of the call.
    """

    value: np.ndarray | None = None
    given: object = None
    error: str = ""
    empty: bool = False
    listed: bool = False
    changed: tuple[str, ...] = ()
    memory: int = 0

    @classmethod
    def of(cls, function, case, *, quiet):
        """Call a function with copies of a case."""
        given = copy.deepcopy(case)
        try:
            value, memory = _measured(function, given, quiet)
        except NotImplementedError:
            return cls(empty=True)
        except (Exception, SystemExit, GeneratorExit) as error:
            return cls(error=f"Your function raised {_told(error)}.")
        names = _names(function, len(case))
        changed = tuple(
            name for name, now, before in zip(names, given, case, strict=False) if not _same(now, before)
        )
        seen = {"listed": isinstance(value, list | tuple), "changed": changed, "memory": memory}
        if value is None or value is ...:
            return cls(empty=True, **seen)
        kind = f"a {type(value).__name__}"
        try:
            if np.size(value) > LARGEST:
                return cls(error=f"Your result has {np.size(value):,} numbers, far too many.", **seen)
            seen["given"] = copy.deepcopy(value)  # the function may use the same array again
            return cls(_numbers(value), **seen)
        except Exception:  # whatever the result does when it is looked at
            kind += " of pieces of unlike shapes" * isinstance(value, list | tuple)
            return cls(error=f"Your result is {kind}; expected an array of real numbers.", **seen)

    @property
    def zero(self):
        """Whether the value is 0 everywhere, but for rounding."""
        return self.value is not None and bool((np.abs(self.value) <= 1e-12).all())

    def equals(self, other, tolerance):
        """Whether the values are the same within the tolerance, or there is none on either side."""
        if self.value is None or other.value is None:
            return self.value is None and other.value is None and not (self.empty or other.empty)
        a, b = self.value, other.value
        return a.shape == b.shape and bool(
            np.isclose(a, b, tolerance, _least(b, tolerance), equal_nan=True).all()
        )

    def difference(self, right, tolerance):
        """In words, how the value differs from the right one."""
        if self.error:
            return self.error
        if self.empty:
            return "Here your function returns nothing."
        got, right = np.asarray(self.value), np.asarray(right.value)
        if got.shape != right.shape:
            return f"Your result has shape {got.shape}; expected {right.shape}."
        if self.zero and not (np.abs(right) <= 1e-9).all():
            return "Your result is 0 everywhere."
        wrong = ~np.isclose(got, right, tolerance, _least(right, tolerance))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = (got / right)[right != 0]
        if wrong.all() and ratios.size > 1 and np.allclose(ratios, ratios[0], 1e-4):
            return f"Every number is {ratios[0]:.4g} times what it should be."
        if right.ndim == 2 and not wrong.all():
            for axis, name in ((1, "row"), (0, "column")):
                right_ones = np.flatnonzero(~wrong.any(axis=axis))
                if right_ones.size:
                    return f"Of your result, {_listed(name, right_ones)} right and the rest is not."
        worst = np.unravel_index(np.argmax(np.abs(got - right)), right.shape)
        place = f" at {[int(k) for k in worst]}" if right.shape else ""
        return f"Your result{place} is {got[worst]:.6g}; expected {right[worst]:.6g}."


def _measured(function, given, quiet):
    """The result of a call and its peak of memory in bytes; no warning is heard, no print if ``quiet``."""
    counting = tracemalloc.is_tracing()
    if not counting:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    streams = [redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO())] if quiet else []
    try:
        with ExitStack() as stack:
            stack.enter_context(np.errstate(all="ignore"))
            stack.enter_context(warnings.catch_warnings(action="ignore"))
            for stream in streams:
                stack.enter_context(stream)
            value = function(*given)
        return value, tracemalloc.get_traced_memory()[1] - before
    finally:
        if not counting:
            tracemalloc.stop()


def _memory(answers):
    return max(answer.memory for answer in answers)


def _numbers(value):
    """A result as an array of real numbers; ``TypeError`` where it is none."""
    array = np.asarray(value)
    masked = np.ma.is_masked(value)
    if masked or array.dtype.kind not in "buifcO" or (array.dtype.kind == "c" and array.imag.any()):
        raise TypeError(f"no real numbers: {array.dtype}")
    return np.array(array.real, float)


def _told(error):
    """An exception in words, even one whose own words fail."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _same(now, before):
    """Whether an argument is as it was: an array, a list of them, or anything else."""
    if isinstance(before, list):
        return len(now) == len(before) and all(map(_same, now, before))
    return not isinstance(before, np.ndarray) or np.array_equal(now, before)


def _least(values, tolerance):
    """The difference that counts as none: in proportion to the largest of the right numbers."""
    return tolerance * max(1e-3, np.abs(values[np.isfinite(values)]).max(initial=0))


def _names(function, count):
    """The names of a function's positional arguments, or numbers where it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [parameter.name for parameter in parameters if parameter.kind in (0, 1)]
    return names if len(names) >= count else [f"argument {k + 1}" for k in range(count)]


def _listed(name, numbers):
    words = ", ".join(str(int(number)) for number in numbers)
    return f"{name} {words} is" if len(numbers) == 1 else f"{name}s {words} are"


def _shape(value):
    """An argument in a few words: the shape of an array, and small things as they are."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shape, value))}]"
    return "a function" if callable(value) else repr(value)
