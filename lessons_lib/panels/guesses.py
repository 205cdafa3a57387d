"""The reader's guesses: those of this session, and `guesses.json`, which keeps them.

A prediction does not know which lesson it stands in; the cell `panels.your_guesses("03")` at the end of a
notebook does. What is guessed waits in ``made`` until such a cell keeps it. The file is the reader's own:
plain JSON in the notebook's folder, one entry for each lesson and question. Who deletes it is forgotten.
"""

import json
from contextlib import suppress
from datetime import date
from numbers import Real
from pathlib import Path
from typing import Any
from weakref import WeakSet, WeakValueDictionary

FILE = Path("guesses.json")  # in the working directory, which is the notebook's folder
ENTRY = {"guess": object, "happened": object, "right": bool, "date": str}
Entry = dict[str, Any]

asked: WeakValueDictionary[str, Any] = WeakValueDictionary()  # question -> the newest prediction that asks it
made: dict[str, Entry] = {}  # question -> a guess that no file keeps yet
pages: WeakSet[Any] = WeakSet()  # what `your_guesses` has shown, to be told of new guesses


class GuessesError(Exception):
    """The file of guesses cannot be read or written; the message is a sentence for the reader."""


def ask(prediction: Any) -> None:
    """A prediction asks its question; one whose cell is run again takes the place of the earlier one."""
    asked[prediction.question] = prediction
    tell()


def answered(prediction: Any) -> None:
    """A prediction has been guessed or skipped."""
    if not prediction.skipped:
        made[prediction.question] = {
            "guess": _plain(prediction.guess),
            "happened": _plain(prediction.answer),
            "right": prediction.right,
            "date": date.today().isoformat(),
        }
        if prediction.first is not None:
            made[prediction.question] |= {"first": _plain(prediction.first), "ballot": prediction.ballot}
    tell()


def sharing() -> Any:
    """The page that shares the guesses with a class, so that each question is asked twice; None without."""
    return next((page for page in pages if page.ballot), None)


def tell() -> None:
    """Let every page that is shown keep what is new, and then show what is kept."""
    for page in list(pages):
        page.keep()
    for page in list(pages):
        page.tell()


def kept() -> dict[str, dict[str, Entry]]:
    """The file's guesses, by lesson and question; nothing where there is no file.

    Raises:
        GuessesError: the file cannot be read, or holds something else.
    """
    try:
        found = json.loads(FILE.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(error) from None
    if not (_is_dict(found) and all(_is_lesson(lesson) for lesson in found.values())):
        raise _unreadable("it holds something other than guesses")
    return found


def keep(lesson: str, guesses: dict[str, Entry]) -> None:
    """Add guesses to a lesson's entries in the file; a later guess replaces an earlier one.

    Raises:
        GuessesError: the file cannot be read or written. It stays as it was.
    """
    all_kept = kept()
    all_kept[lesson] = all_kept.get(lesson, {}) | guesses
    text = json.dumps(dict(sorted(all_kept.items())), indent=2, ensure_ascii=False) + "\n"
    unfinished = FILE.with_suffix(".part")
    try:
        unfinished.write_text(
            text, "utf-8"
        )  # renamed when whole, so that no half-written file takes its place
        unfinished.replace(FILE)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise GuessesError(
            f"Your guesses could not be written to {FILE} ({error.strerror or error}), so they last only as "
            "long as this notebook runs."
        ) from None


def _unreadable(why):
    return GuessesError(
        f"{FILE} in this notebook's folder cannot be read ({why}), so it is left as it is. Mend it or delete "
        "it, and run this cell again."
    )


def _is_dict(thing):
    return isinstance(thing, dict)


def _is_lesson(thing):
    return _is_dict(thing) and all(
        _is_dict(entry) and all(isinstance(entry.get(name), kind) for name, kind in ENTRY.items())
        for entry in thing.values()
    )


def _plain(value):
    """A number or a text as JSON has them."""
    if not isinstance(value, Real):
        return str(value)
    plain = float(value)
    return int(plain) if plain.is_integer() else plain
