""":func:`your_guesses`: the reader's own guesses against what happened, of a lesson or of the course."""

from html import escape
from itertools import chain

from lessons_lib.panels import guesses
from lessons_lib.panels.display import CellOutput
from lessons_lib.panels.frontend import text
from lessons_lib.panels.words import number

KEPT = f"Kept in {guesses.FILE} in this notebook's folder, and nowhere else. Delete the file to start afresh."
RANGES = "A number counts as right if it is within a tenth of the range you could choose from."
HEADS = {
    "lesson": ("Question", "Your guess", "What happened", "Right?"),
    "course": ("Lesson", "Right", "One by one"),
}
CELL = 'style="text-align:left;vertical-align:top;padding:4px 14px 4px 0;font-weight:inherit"'


def your_guesses(lesson: str | None = None) -> "YourGuesses":
    """Show the guesses of a lesson, or of the whole course, and keep them in ``guesses.json``.

    Args:
        lesson: the lesson's number as its notebook has it, such as ``"03"``; all predictions of this session
            are that lesson's. Without it the page counts the kept guesses of every lesson, and keeps none.
    """
    return YourGuesses(lesson)


class YourGuesses(CellOutput):
    """A page that follows the guesses as they are made. Nothing is written before the first one.

    Attributes:
        sentences: what stands above the table, and below it.
        rows: the table: a lesson's questions, or the course's lessons.
    """

    ballot = ""  # it shares nothing

    def __init__(self, lesson: str | None = None) -> None:
        self.lesson, self._trouble = lesson, ""
        self.sentences: tuple[str, list[str]] = ("", [])
        self.rows: list[tuple[str, ...]] = []
        super().__init__(text("", "lessons-guesses"))
        guesses.pages.add(self)
        guesses.tell()

    def keep(self) -> None:
        """Put the guesses that no file keeps yet into it, if this page knows their lesson."""
        self._trouble = ""
        if self.lesson and guesses.made:
            try:
                guesses.keep(self.lesson, guesses.made)
                guesses.made.clear()
            except guesses.GuessesError as error:
                self._trouble = str(error)

    def tell(self) -> None:
        """Show what is kept now, and what this session adds to it."""
        try:
            kept = guesses.kept()
        except guesses.GuessesError as error:
            kept, self._trouble = {}, str(error)
        if self.lesson:
            self._tell_lesson(kept.get(self.lesson, {}) | guesses.made)
        else:
            self._tell_course({lesson: found for lesson, found in sorted(kept.items()) if found})
        self.widget.value = self.html

    def close(self) -> None:
        guesses.pages.discard(self)
        super().close()

    def _tell_lesson(self, found):
        asked = {question: one for question, one in guesses.asked.items() if not one.closed}
        questions = list(dict.fromkeys([*asked, *found]))
        self.rows = [_row(question, found.get(question), asked.get(question)) for question in questions]
        if not found:
            self._say("You have not guessed in this lesson yet. Once you do, your guess stands here.")
            self.rows = [row for row in self.rows if row[1] == "skipped"]
            return
        ranges = any(not isinstance(entry["guess"], str) for entry in found.values())
        above = f"Right guesses in this lesson: {_share(found)}."
        self._say(above, *[RANGES] * ranges, *self._where(found))

    def _tell_course(self, kept):
        self.rows = [(lesson, _share(found), _dots(found)) for lesson, found in kept.items()]
        if not kept:
            self._say("No guesses are kept yet. Every lesson asks for some, and they come together here.")
            return
        everything = _together(kept.values())
        above = f"Right guesses in the course so far: {_share(everything)}."
        self._say(above, *_growth(list(kept.values())), *self._where(everything))

    def _say(self, above, *below):
        self.sentences = above, [*below, *filter(None, [self._trouble])]

    def _where(self, found):
        return [KEPT] if found and not self._trouble else []

    @property
    def html(self) -> str:
        """The page as HTML."""
        above, below = self.sentences
        kind = "lesson" if self.lesson else "course"
        head = "".join(f'<th scope="col" {CELL}><b>{name}</b></th>' for name in HEADS[kind])
        body = "".join(f"<tr>{_html_row(row)}</tr>" for row in self.rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.rows else ""
        return f"<p>{escape(above)}</p>{table}" + "".join(f"<p>{escape(words)}</p>" for words in below)

    def __repr__(self):
        above, below = self.sentences
        return "\n".join([above, *("  ".join(row) for row in self.rows), *below])

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/html": self.html, "text/plain": repr(self)}


def _row(question, entry, prediction):
    """Question, guess, what happened, and whether the guess was right."""
    if entry:
        right = "yes" if entry["right"] else "no"
        return question, number(entry["guess"]), number(entry["happened"]), right
    if prediction.skipped:
        return question, "skipped", number(prediction.answer), ""
    return question, "no guess yet", "", ""


def _html_row(row):
    first, *rest = map(escape, row)
    return f'<th scope="row" {CELL}>{first}</th>' + "".join(f"<td {CELL}>{words}</td>" for words in rest)


def _growth(lessons):
    """How the intuition grew, in a sentence; none where there are too few lessons to tell."""
    half = len(lessons) // 2
    if not half:
        return []
    early, late = _share(_together(lessons[:half])), _share(_together(lessons[half:]))
    return [f"In the first half of these lessons {early} were right, in the second half {late}."]


def _together(lessons):
    return dict(enumerate(chain.from_iterable(found.values() for found in lessons)))


def _share(found):
    return f"{sum(entry['right'] for entry in found.values())} of {len(found)}"


def _dots(found):
    """A dot for each guess, full where it was right."""
    return "".join("●" if entry["right"] else "○" for entry in found.values())
