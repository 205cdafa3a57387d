""":class:`Exercise`: a function for the reader to write, and what can go wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """What a check says: whether the exercise is solved, a message, and hints to unfold one by one."""

    solved: bool
    message: str
    hints: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.solved

    def __repr__(self) -> str:
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


class Exercise:
    """A function for the reader to write, and what can go wrong with it.

    Args:
        reference: the right function.
        cases: argument tuples to try it on, enough for each mistake to show.
        mistakes: message -> a function of the same arguments that makes this one mistake. An answer that
            agrees with it on every case gets its message.
        hints: two texts, of which the second says more.
        tolerance: relative and absolute; answers within it are equal.

    Raises:
        ValueError: if a mistake agrees with the reference on every case.

    Example:
        >>> square = Exercise(lambda x: x * x, [(2.0,), (3.0,)], hints=("What is 2 squared?", "Multiply."),
        ...                   mistakes={"You doubled it instead of squaring it.": lambda x: 2 * x})
        >>> square.check(lambda x: x + x)
        Not yet. You doubled it instead of squaring it.
        >>> square.check(lambda x: x ** 2)
        Solved. Your function agrees with the reference on all 2 cases.
        >>> square.stand_in(lambda x: None)(3.0)
        9.0
    """

    def __init__(
        self,
        reference: Callable,
        cases: Iterable[tuple],
        *,
        mistakes: Mapping[str, Callable],
        hints: Iterable[str],
        tolerance: float = 1e-6,
    ) -> None:
        self.reference, self.cases, self.tolerance = reference, list(cases), tolerance
        self.mistakes, self.hints = mistakes, tuple(hints)
        blind = [message for message, wrong in mistakes.items() if self._agree(wrong, reference)]
        if blind:
            raise ValueError(f"no case tells this mistake from the right answer; add one: {blind[0]!r}")

    def check(self, attempt: Callable) -> Verdict:
        """Judge the reader's function; what that function raises becomes part of the verdict."""
        try:
            answers = [attempt(*case) for case in self.cases]
        except NotImplementedError:
            return self._empty()
        except Exception as error:
            if "read-only" in str(error):
                return self._not_yet(
                    "Your function changes what it was given. Work on a copy: `w = w.copy()`."
                )
            return self._not_yet(f"Your function raised {type(error).__name__}: {error}")
        if all(answer is None or answer is ... for answer in answers):
            return self._empty()
        return self._judge(attempt, answers)

    def stand_in(self, attempt: Callable) -> Callable:
        """The reader's function if it is right, else the reference: this is what later cells use."""
        return attempt if self.check(attempt) else self.reference

    def _judge(self, attempt, answers):
        if self._agree(attempt, self.reference):
            return Verdict(True, f"Your function agrees with the reference on all {len(self.cases)} cases.")
        for message, wrong in self.mistakes.items():
            if self._agree(attempt, wrong):
                return self._not_yet(message)
        return self._not_yet(next(filter(None, map(self._difference, answers, self.cases))))

    def _empty(self):
        return self._not_yet("The function returns nothing so far. Fill in the stub; the hints may help.")

    def _not_yet(self, message):
        return Verdict(False, message, self.hints)

    def _agree(self, one, other):
        try:
            return all(self._equal(one(*case), other(*case)) for case in self.cases)
        except Exception:  # a mistake that cannot be computed here is not the one that was made
            return False

    def _equal(self, a, b):
        a, b = np.asarray(a, float), np.asarray(b, float)
        return a.shape == b.shape and np.allclose(a, b, self.tolerance, self.tolerance)

    def _difference(self, answer, case):
        """How an answer differs from the right one, in words; empty if it does not."""
        right = np.asarray(self.reference(*case), float)
        try:
            got = np.asarray(answer, float)
        except (TypeError, ValueError):
            return f"Your result is a {type(answer).__name__}; expected an array of shape {right.shape}."
        if got.shape != right.shape:
            return f"Your result has shape {got.shape}; expected {right.shape}."
        if self._equal(got, right):
            return ""
        worst = np.unravel_index(np.argmax(np.abs(got - right)), right.shape)
        place = f" at {[int(k) for k in worst]}" if right.shape else ""
        return f"Your result{place} is {got[worst]:.6g}; expected {right[worst]:.6g}."
