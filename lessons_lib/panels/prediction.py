""":class:`Prediction`: guess first, then see."""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import ipywidgets as W

from lessons_lib.panels import guesses
from lessons_lib.panels.display import CellOutput, box, close_all
from lessons_lib.panels.frontend import Frontend, text
from lessons_lib.panels.panel import Panel
from lessons_lib.panels.words import number

AGAIN = "Talk it over with your neighbours, then choose again, the same or another, and press Guess."
NEAR = 0.1  # a number is right within this share of the range it was chosen from


class Prediction(CellOutput):
    """A guess that is recorded before the picture is shown, and stays beside what happened.

    The reader may skip. ``guess``, ``answer``, ``right`` and ``skipped`` say what happened; :meth:`choose`
    and :meth:`skip` do from a cell what the buttons do. ``panels.your_guesses`` shows it again at the end.
    In a class, where ``panels.share_guesses`` is shown, *Guess* is pressed twice: first for :meth:`vote`.

    Args:
        question: text, with formulas between dollar signs.
        choices: a list of texts, or a pair of numbers ``(lowest, highest)``.
        answer: what happens; or a function that is called after the guess, with the panel if there is one.
        panel: the panel that the guess unlocks; without one, the prediction stands alone.
        because: a sentence of explanation, shown with the answer.
        mark: ``mark(panel, guess)`` draws the guess on the panel's picture, where it has a place there.

    Example:
        >>> p = Prediction("Which is larger, 0.1 + 0.2 or 0.3?", ["0.1 + 0.2", "0.3"], answer="0.1 + 0.2")
        >>> p.choose("0.3")
        >>> p.sentence
        'Your guess: 0.3. What happened: 0.1 + 0.2.'
    """

    def __init__(
        self,
        question: str,
        choices: Sequence,
        *,
        answer: Any,
        panel: Panel | None = None,
        because: str = "",
        mark: Callable[[Panel, Any], object] | None = None,
    ) -> None:
        self.question, self.closed = question, False
        self._answer, self.panel, self.because, self._mark = answer, panel, because, mark
        self.guess: Any = None
        self.answer: Any = None
        self.skipped, self.sentence = False, ""
        self.first: Any = None
        self.ballot = ""
        self.afterwards: Callable[[], object] | None = None
        self._range = tuple(choices) if all(isinstance(choice, Real) for choice in choices) else None
        self._pick = _number(*choices) if self._range else W.RadioButtons(options=list(choices), value=None)
        self._pick.layout.width = "auto"
        self._frontend = Frontend()
        self._frontend.name({"guess": self._pick}, label=question)
        self._locked = box(
            "lessons-buttons",
            *self._buttons(),
            text(f"Guess, or skip, and the {'picture' if panel else 'answer'} appears.", "lessons-hint"),
        )
        heading = text(question, "lessons-question")
        super().__init__(
            box("lessons-prediction", box("lessons-panel", heading, self._pick, self._locked, self._frontend))
        )
        guesses.ask(self)

    @property
    def right(self) -> bool:
        """Whether the guess is what happened; a number, whether it is within a tenth of its range."""
        if self._range and isinstance(self.answer, Real) and self.guess is not None:
            lowest, highest = self._range
            return bool(abs(self.guess - self.answer) <= NEAR * (highest - lowest))
        return self.guess is not None and str(self.guess) == str(self.answer)

    @property
    def locked(self) -> bool:
        """Whether it waits for a guess; ``afterwards`` is what then will be called."""
        return self.answer is None

    @property
    def choices(self) -> tuple:
        """The guesses there are, as texts, or the lowest and the highest number."""
        return self._range or self._pick.options

    def vote(self, guess: Any) -> None:
        """Guess for the first time, in a class that talks it over and guesses again; it shows nothing yet."""
        self._check(guess)
        self.first = guess
        if not self._range:
            self._pick.value = None  # a second click on Guess is not yet a second vote
        self._frontend.tell(sentence=f"Your first vote: {number(guess)}. {AGAIN}")
        guesses.tell()

    def choose(self, guess: Any) -> None:
        """Guess as a reader would.

        Raises:
            ValueError: for what is none of the choices, and for a second guess, so that the first is honest.
        """
        if not self.locked:
            raise ValueError(f"the guess is made already: {self.guess!r}; run the cell again to start over")
        self._check(guess)
        self.guess = guess
        self._unlock(f"Your guess: {number(guess)}. ")
        if self._mark and self.panel:
            self._mark(self.panel, guess)
            self.panel.live.flush()

    def skip(self) -> None:
        """See the answer without a guess."""
        self.skipped = True
        self._unlock("Skipped. ")

    def close(self) -> None:
        if self.panel:
            self.panel.close()
        super().close()
        self.closed = True

    def _check(self, guess):
        options = self.choices
        if self._range and not (isinstance(guess, Real) and options[0] <= guess <= options[1]):
            raise ValueError(f"guess a number from {options[0]} to {options[1]}, not {guess!r}")
        if not self._range and guess not in options:
            raise ValueError(f"{guess!r} is none of the choices: {', '.join(map(repr, options))}")

    def _unlock(self, guess_words):
        given = (self.panel,) if self.panel else ()
        self.answer = self._answer(*given) if callable(self._answer) else self._answer
        self.sentence = f"{guess_words}What happened: {number(self.answer)}. {self.because}".strip()
        self._frontend.tell(sentence=self.sentence)
        self._pick.disabled = True
        card = self.widget.children[0]
        card.children = [child for child in card.children if child is not self._locked]
        close_all(self._locked)
        if self.panel:
            self.panel.shown()
            self.widget.children = (card, self.panel.widget)
        guesses.answered(self)
        if self.afterwards:
            self.afterwards()

    def _buttons(self):
        guess, skip = W.Button(description="Guess", button_style="primary"), W.Button(description="Skip")
        guess.on_click(lambda _: self._guess())
        skip.on_click(lambda _: self.skip())
        return guess, skip

    def _guess(self):
        if self._pick.value is None:
            return
        page = guesses.sharing()
        if page and self.first is None:
            self.ballot = page.ballot
            self.vote(self._pick.value)
        else:
            self.choose(self._pick.value)


def _number(lowest, highest):
    kind = W.BoundedIntText if isinstance(lowest, int) and isinstance(highest, int) else W.BoundedFloatText
    return kind(value=lowest, min=lowest, max=highest, description="Your guess")
