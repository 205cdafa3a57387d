"""`Exercise`: a function for the reader to write, and the ways in which it can go wrong."""

import copy
import io
import math
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from itertools import combinations

import numpy as np

from lessons_lib.panels.answer import Answer

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
    def mistakes(self) -> list[tuple[tuple[Way, ...], list[list[Answer]]]]:
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
        pairs = zip(answers, others, strict=True)
        same = all(one.equals(other, self.tolerance) for one, other in pairs)
        return same and any(answer.value is not None for answer in answers)

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


def _memory(answers):
    return max(answer.memory for answer in answers)


def _shape(value):
    """An argument in a few words: the shape of an array, and small things as they are."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shape, value))}]"
    return "a function" if callable(value) else repr(value)
