""":class:`Question`: a multiple-choice question that explains itself after the answer."""

from collections.abc import Mapping

import ipywidgets as W

from lessons_lib.panels.display import CellOutput, box
from lessons_lib.panels.frontend import Frontend, text


class Question(CellOutput):
    """A question with choices, and for each choice an explanation. After an answer the reader may try again.

    Args:
        question: text, with formulas between dollar signs.
        choices: choice -> explanation, both plain text.
        answer: the right choice.

    Raises:
        ValueError: if ``answer`` is none of the choices.

    Example:
        >>> choices = {"yes": "0 = 2 * 0.", "no": "It is twice a whole number."}
        >>> q = Question("Is 0 even?", choices, answer="yes")
        >>> q.choose("no")
        >>> q.correct, q.feedback
        (False, 'Not yet. It is twice a whole number.')
    """

    def __init__(self, question: str, choices: Mapping[str, str], *, answer: str) -> None:
        if answer not in choices:
            raise ValueError(f"answer={answer!r} is none of the choices: {', '.join(map(repr, choices))}")
        self.question, self.choices, self.answer = question, choices, answer
        self.chosen: str | None = None
        self._pick = W.RadioButtons(options=list(choices), value=None, layout=W.Layout(width="auto"))
        self._pick.observe(self._picked, "value")
        self._frontend = Frontend()
        self._frontend.name({"answer": self._pick}, label=question)
        heading = text(question, "lessons-question")
        super().__init__(box("lessons-panel", heading, self._pick, self._frontend))

    @property
    def correct(self) -> bool:
        """Whether the last choice was right; False before the first."""
        return self.chosen == self.answer

    @property
    def feedback(self) -> str:
        """What the reader is told about the last choice; empty before the first."""
        if self.chosen is None:
            return ""
        return f"{'Right.' if self.correct else 'Not yet.'} {self.choices[self.chosen]}"

    def choose(self, choice: str) -> None:
        """Choose as a reader would.

        Raises:
            ValueError: for what is none of the choices.
        """
        if choice not in self.choices:
            raise ValueError(f"{choice!r} is none of the choices: {', '.join(map(repr, self.choices))}")
        self._pick.value = choice

    def _picked(self, change):
        self.chosen = change.new
        self._frontend.tell(sentence=self.feedback)
