""":func:`share_guesses`: a learner's guesses as a code without a name, for the histogram of a class."""

import os
from datetime import datetime
from pathlib import Path

import ipywidgets as W

from lessons_lib.panels import guesses
from lessons_lib.panels.ballots import Ballot, is_word, mark_of, new_word, vote
from lessons_lib.panels.display import CellOutput, box
from lessons_lib.panels.frontend import Frontend, text
from lessons_lib.panels.links import LESSONS

FOLDER = "LESSONS_CLASS"  # the variable that names the folder of a class, where a hub has one
WORDS = (
    "From now on each question of this lesson is asked twice. Guess once, talk it over, guess again, and "
    "only then see. The code holds your votes and no name."
)
NOTHING = "Once you have guessed, a code stands here."


def share_guesses(lesson: str) -> "ShareGuesses":
    """Show the guesses of this session as a code to give to a teacher, and ask each question twice.

    Where a hub has a folder for the class, a button puts the code there; nothing goes anywhere without it.

    Args:
        lesson: the lesson's number as its notebook has it, such as ``"03"``.

    Raises:
        ValueError: if there is no such lesson.
    """
    return ShareGuesses(checked(lesson))


class ShareGuesses(CellOutput):
    """A page with the code, which follows the guesses as they are made."""

    def __init__(self, lesson: str) -> None:
        self.lesson, self.ballot = lesson, _kept_word(lesson) or new_word()
        self._frontend = Frontend()
        give = W.Button(description="Give to the class", tooltip="Put the code into the class's folder")
        give.add_class("lessons-asks")
        give.on_click(lambda _: self.give())
        give.layout.display = "" if class_folder() else "none"
        heading = text('<div role="heading" aria-level="3">Your votes</div>', "lessons-title")
        buttons = box("lessons-buttons", give)
        super().__init__(box("lessons-panel", heading, text(WORDS, "lessons-hint"), buttons, self._frontend))
        guesses.pages.add(self)
        guesses.tell()

    @property
    def code(self) -> str:
        """The votes of this session; empty before the first."""
        votes = _votes(self.lesson)
        return Ballot(self.lesson, self.ballot, votes).code if votes else ""

    def give(self) -> None:
        """Put the code into the class's folder, in place of an earlier one."""
        if not self.code:
            return self._frontend.tell(sentence="There is nothing to give yet: guess first.")
        try:
            Path(class_folder(), f"{self.lesson}-{self.ballot}.txt").write_text(self.code, "utf-8")
        except OSError as error:
            words = f"The class's folder takes nothing ({error.strerror or error}). Show the code instead."
            return self._frontend.tell(sentence=words)
        again = "Press again after your second vote." if "," not in self.code else ""
        self._frontend.tell(sentence=f"Given at {datetime.now():%H:%M}. {again}".strip())

    def keep(self) -> None:
        """The page at the end of the lesson keeps guesses; this one does not."""

    def tell(self) -> None:
        """Show the code as it is now."""
        self._frontend.tell(sentence="" if self.code else NOTHING, code=self.code)

    def close(self) -> None:
        guesses.pages.discard(self)
        super().close()

    def __repr__(self):
        return f"{WORDS}\n{self.code or NOTHING}"


def checked(lesson: str) -> str:
    """The lesson's number.

    Raises:
        ValueError: if there is no such lesson.
    """
    last = max(LESSONS.values())
    if lesson not in LESSONS.values():
        raise ValueError(f"{lesson!r} is no lesson; give its number as text, from '00' to {last!r}")
    return lesson


def class_folder() -> str:
    """The folder of the class; empty where there is none."""
    return os.environ.get(FOLDER, "")


def _votes(lesson):
    """The votes of the questions that this session has asked, by their marks."""
    found = _kept(lesson) | guesses.made
    votes = {}
    for question, asked in guesses.asked.items():
        entry = found.get(question)
        if asked.closed or not (asked.first is not None or entry):
            continue
        waits = asked.locked and asked.first is not None
        both = (asked.first, None) if waits else (entry.get("first", entry["guess"]), entry["guess"])
        first, second = (vote(asked.choices, guess) if guess is not None else None for guess in both)
        if first:
            votes[mark_of(question)] = first, second if waits or "first" in entry else None
    return votes


def _kept(lesson):
    try:
        return guesses.kept().get(lesson, {})
    except guesses.GuessesError:
        return {}


def _kept_word(lesson):
    """The word of the ballot that this lesson's kept guesses were given with."""
    return next(filter(is_word, (entry.get("ballot") for entry in _kept(lesson).values())), "")
