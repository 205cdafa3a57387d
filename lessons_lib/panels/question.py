"""`Question`: a multiple-choice question that explains itself after the answer."""

import ipywidgets as W

from lessons_lib.panels.display import CellOutput, box
from lessons_lib.panels.frontend import Frontend, text


class Question(CellOutput):
    """A question with choices, and for each choice the explanation that its answer gets.

    Arguments: `question`, text, with formulas between dollar signs; `choices`, a dict of choice ->
    explanation, both plain text; `answer`, the right choice. After an answer the reader may try again.

    >>> q = Question("Is 0 even?", {"yes": "0 = 2 * 0.", "no": "It is twice a whole number."}, answer="yes")
    >>> q.choose("no")
    >>> q.correct, q.feedback
    (False, 'Not yet. It is twice a whole number.')
    """

    def __init__(self, question, choices, *, answer):
        if answer not in choices:
            raise ValueError(f"answer={answer!r} is none of the choices: {', '.join(map(repr, choices))}")
        self.choices, self.answer, self.chosen = choices, answer, None
        self._pick = W.RadioButtons(options=list(choices), value=None, layout=W.Layout(width="auto"))
        self._pick.observe(self._picked, "value")
        self._frontend = Frontend()
        self._frontend.name({"answer": self._pick}, label=question)
        heading = text(question, "lessons-question")
        super().__init__(box("lessons-panel", heading, self._pick, self._frontend))

    @property
    def correct(self):
        """Whether the last choice was right; False before the first."""
        return self.chosen == self.answer

    @property
    def feedback(self):
        """What the reader is told about the last choice; empty before the first."""
        if self.chosen is None:
            return ""
        return f"{'Right.' if self.correct else 'Not yet.'} {self.choices[self.chosen]}"

    def choose(self, choice):
        """Choose as a reader would."""
        if choice not in self.choices:
            raise ValueError(f"{choice!r} is none of the choices: {', '.join(map(repr, self.choices))}")
        self._pick.value = choice

    def _picked(self, change):
        self.chosen = change.new
        self._frontend.tell(sentence=self.feedback)
