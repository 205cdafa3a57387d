""":func:`class_votes`: what a class guessed, question by question, before it talked and after."""

import time
from collections import Counter
from html import escape
from itertools import pairwise
from pathlib import Path

import ipywidgets as W

from lessons_lib.panels import ballots, guesses
from lessons_lib.panels.ballot_page import checked, class_folder
from lessons_lib.panels.display import CellOutput, box
from lessons_lib.panels.frontend import Frontend, text
from lessons_lib.panels.words import counted, number

FILES, BYTES, HOURS = 2000, 2000, 6  # of the class's folder: files, bytes of one, and the oldest that counts
BYTES_READ = ballots.LONGEST + 1  # of a file that is given
BINS = 10  # bars for a number
CELL = 'style="text-align:left;padding:3px 16px 3px 0;font-weight:inherit"'
BAR = '<span style="display:inline-block;height:0.8em;width:{width:.1f}em;background:{color}"></span>'
COLORS = "var(--quiet)", "var(--accent)"  # before and after
Row = tuple[str, int, int, bool]
NOTHING = (
    "No votes yet. Learners run panels.share_guesses({lesson!r}) and give you the code that stands there."
)


def class_votes(lesson: str) -> "ClassVotes":
    """Count the votes of a class: paste codes, choose files with codes in them, or read the hub's folder.

    What happened is marked once the question has been answered in this notebook too.

    Args:
        lesson: the lesson's number as its notebook has it, such as ``"03"``; run the lesson's cells first,
            since a code holds no words.

    Raises:
        ValueError: if there is no such lesson.
    """
    return ClassVotes(checked(lesson))


class ClassVotes(CellOutput):
    """A histogram for each question, and what to gather votes with.

    Attributes:
        sentence: how many have voted, and which codes could not be counted.
        tables: for each question its title, and a row for each choice: words, votes before and after, and
            whether it is what happened.
    """

    ballot = ""  # it shares nothing

    def __init__(self, lesson: str) -> None:
        self.lesson, self._since = lesson, 0.0
        self._texts = {"folder": "", "files": "", "codes": ""}  # whence -> text with codes in it
        self.sentence = ""
        self.tables: list[tuple[str, list[Row]]] = []
        codes = W.Textarea(
            placeholder="votes…", description="Codes", tooltip="Codes, with whatever else stands there"
        )
        codes.layout.width, codes.layout.height = "auto", "90px"
        codes.observe(lambda change: self._take("codes", change.new), "value")
        files = W.FileUpload(description="Files", multiple=True, tooltip="Text files with codes in them")
        files.observe(lambda change: self._take("files", _text_of(change.new)), "value")
        self.inputs = {"codes": codes, "files": files}
        read = _button("Read the folder", "Count what learners gave to the class", self.read_folder)
        read.layout.display = "" if class_folder() else "none"
        afresh = _button("Start afresh", "Forget all votes, as before another class", self.start_afresh)
        self._frontend, self._page = Frontend(), text("", "lessons-votes")
        self._frontend.name(self.inputs)
        heading = text('<div role="heading" aria-level="3">What the class guessed</div>', "lessons-title")
        buttons = box("lessons-buttons", files, read, afresh)
        super().__init__(box("lessons-panel", heading, codes, buttons, self._page, self._frontend))
        guesses.pages.add(self)
        self.read_folder()

    def read_folder(self) -> None:
        """Count what lies in the class's folder, if there is one, and is not older than some hours."""
        if not class_folder():
            return self.tell()
        oldest = max(self._since, time.time() - HOURS * 3600)
        files = sorted(Path(class_folder()).glob(f"{self.lesson}-*.txt"))[:FILES]
        self._take("folder", "\n".join(_text_in(file) for file in files if _is_ballot(file, oldest)))

    def start_afresh(self) -> None:
        """Forget all votes; in the class's folder only new ones will count."""
        self._since = time.time()
        self._texts = dict.fromkeys(self._texts, "")
        self.inputs["codes"].value = ""
        self.tell()

    def keep(self) -> None:
        """The page at the end of the lesson keeps guesses; this one does not."""

    def tell(self) -> None:
        """Count anew and show it."""
        try:
            found, damaged = ballots.read("\n".join(self._texts.values()))
        except ValueError as error:
            return self._frontend.tell(error=str(error))
        own = [ballot for ballot in found if ballot.lesson == self.lesson]
        votes = ballots.gathered(own)
        self.tables = _tables(votes.values())
        self.sentence = " ".join(self._sentences(votes, damaged, len(found) - len(own)))
        self._page.value = "".join(_html(*table) for table in self.tables)
        self._frontend.tell(sentence=self.sentence, error="")

    def close(self) -> None:
        guesses.pages.discard(self)
        super().close()

    def _take(self, whence, words):
        self._texts[whence] = words
        self.tell()

    def _sentences(self, votes, damaged, elsewhere):
        twice = sum(any(second for _, second in one.values()) for one in votes.values())
        if votes:
            yield f"{len(votes)} {counted(len(votes), 'learner')} voted, {twice} of them twice."
        elif not any(self._texts.values()):
            yield NOTHING.format(lesson=self.lesson)
        elif not damaged and not elsewhere:
            yield f"There is no code in this; one begins with votes{self.lesson};"
        if damaged:
            which = "it" if len(damaged) == 1 else "them"
            yield f"Damaged, so ask for {which} again: {', '.join(damaged[:5])}"
        if elsewhere:
            yield f"{elsewhere} {counted(elsewhere, 'code')} of another lesson not counted."

    def __repr__(self):
        lines = [self.sentence]
        for title, rows in self.tables:
            lines += [title, *(f"  {words}: {before}, then {after}" for words, before, after, _ in rows)]
        return "\n".join(lines)


def _tables(votes):
    """A table for each question that somebody voted on, in the order in which the lesson asks."""
    by_mark: dict = {}
    for one in votes:
        for mark, both in one.items():
            by_mark.setdefault(mark, []).append(both)
    asked = {ballots.mark_of(question): one for question, one in guesses.asked.items() if not one.closed}
    marks = [mark for mark in asked if mark in by_mark] + sorted(by_mark.keys() - asked)
    return [_table(mark, by_mark[mark], asked.get(mark)) for mark in marks]


def _table(mark, votes, asked):
    title = asked.question if asked else f"Question {mark}: run the lesson's cells to see its words"
    rows, place = _rows(asked) if asked else _plain_rows(votes)
    counts = [Counter(place(vote) for vote in column if vote) for column in zip(*votes, strict=True)]
    happened = place(ballots.vote(asked.choices, asked.answer)) if asked and not asked.locked else None
    found = [(words, counts[0][k], counts[1][k], k == happened) for k, words in enumerate(rows)]
    strays = counts[0][None], counts[1][None]
    return title, found + [("none of the choices", *strays, False)] * any(strays)


def _rows(asked):
    """The choices in words, and the row in which a vote counts; None for a vote that is none of them."""
    if not isinstance(asked.choices[0], str):
        return _bins(*asked.choices)
    letters = {chr(ord("a") + k): k for k in range(len(asked.choices))}
    return list(asked.choices), letters.get


def _bins(low, high):
    """Ranges of a tenth each."""
    edges = [low + (high - low) * k / BINS for k in range(BINS + 1)]
    rows = [f"{number(start)} to {number(end)}" for start, end in pairwise(edges)]

    def place(vote):
        if vote is None or vote.isalpha() or not low <= float(vote) <= high:
            return None
        return min(int((float(vote) - low) / (high - low) * BINS), BINS - 1)

    return rows, place


def _plain_rows(votes):
    """The votes themselves, where their question is not known."""
    words = sorted({vote for both in votes for vote in both if vote})
    return words, {word: k for k, word in enumerate(words)}.get


def _html(title, rows):
    before, after = (sum(row[column] for row in rows) for column in (1, 2))
    columns = 2 if after else 1
    heads = "Choice", f"Before ({before})", f"After ({after})"
    head = "".join(f'<th scope="col" {CELL}><b>{name}</b></th>' for name in heads[: 1 + columns])
    most = max(max(row[1:3]) for row in rows)
    body = "".join(f"<tr>{_html_row(row, most, columns)}</tr>" for row in rows)
    caption = f'<caption style="text-align:left;padding:12px 0 4px"><b>{escape(title)}</b></caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(row, most, columns):
    words, before, after, happened = row
    counts = list(zip((before, after), COLORS, strict=True))[:columns]
    mark = " <b>← what happened</b>" if happened else ""
    cells = "".join(_cell(count, most, color) for count, color in counts)
    return f'<th scope="row" {CELL}>{escape(words)}{mark}</th>{cells}'


def _cell(count, most, color):
    return f"<td {CELL}>{BAR.format(width=12 * count / most, color=color)} {count}</td>"


def _button(label, tooltip, act):
    button = W.Button(description=label, tooltip=tooltip)
    button.add_class("lessons-asks")
    button.on_click(lambda _: act())
    return button


def _text_of(upload):
    """The text of uploaded files, in the form of ipywidgets 8 or 7."""
    files = upload.values() if isinstance(upload, dict) else upload
    return "\n".join(bytes(file["content"][:BYTES_READ]).decode("utf-8", "replace") for file in files)


def _is_ballot(file, oldest):
    """Whether a file of the class's folder may be read: a plain, small and recent one."""
    try:
        found = file.lstat()
    except OSError:
        return False
    return file.is_file() and not file.is_symlink() and found.st_size <= BYTES and found.st_mtime >= oldest


def _text_in(file):
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
