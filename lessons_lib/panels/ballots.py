"""The votes of a class without names: what a learner's code holds, and how a text full of codes is read.

    votes03;k3f9a;4fa=b;9c2=144,150;x7q

The lesson; a random word, by which a learner's second code takes the place of the first; for each question
its mark, the first vote and, if there is one, the second; and a check. A vote is a choice's letter, or a
number.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any
from zlib import crc32

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
LONGEST = 200_000  # characters of a text: some thousands of codes
QUESTIONS = 20  # at most in a code
_VOTE = r"(?:[a-z]|-?\d{1,9}(?:\.\d{1,6})?)"
_ITEM = re.compile(rf"([{SIGNS}]{{3}})=({_VOTE})(?:,({_VOTE}))?")
_FOUND = re.compile(r"votes\d\d;[a-z0-9;=,.-]*")
Votes = dict[str, tuple[str, str | None]]  # mark of a question -> first and second vote


@dataclass(frozen=True)
class Ballot:
    """What a code holds.

    Attributes:
        lesson: the lesson's number.
        word: the random word.
        votes: by the mark of the question, the first vote and the second, or None.
    """

    lesson: str
    word: str
    votes: Votes

    @property
    def code(self) -> str:
        """The ballot as a learner gives it away."""
        items = (f"{mark}={','.join(filter(None, both))}" for mark, both in self.votes.items())
        words = ";".join([f"votes{self.lesson}", self.word, *items])
        return f"{words};{mark_of(words)}"


def read(text: str) -> tuple[list[Ballot], list[str]]:
    """The ballots in a text, among whatever else stands in it, and the beginnings of damaged ones.

    Raises:
        ValueError: if the text is too long; the message is a sentence.
    """
    if len(text) > LONGEST:
        raise ValueError(f"That is too much text: {len(text):,} characters, and {LONGEST:,} are read.")
    found = [word.rstrip(".,;-") for word in _FOUND.findall(text.lower())]
    ballots = {word: _ballot(word) for word in found}
    return [one for one in ballots.values() if one], [word[:24] for word, one in ballots.items() if not one]


def gathered(ballots: Iterable[Ballot]) -> Mapping[str, Votes]:
    """The votes by the word of their ballot; a later one takes back no second vote."""
    all_votes: dict[str, Votes] = {}
    for ballot in ballots:
        votes = all_votes.setdefault(ballot.word, {})
        votes |= {mark: both for mark, both in ballot.votes.items() if both[1] or mark not in votes}
    return all_votes


def mark_of(words: str) -> str:
    """Three signs that stand for a question, or check a code."""
    number, signs = crc32(words.encode()), ""
    for _ in range(3):
        number, digit = divmod(number, len(SIGNS))
        signs += SIGNS[digit]
    return signs


def new_word() -> str:
    """A word for a new ballot."""
    return "".join(secrets.choice(SIGNS) for _ in range(5))


def vote(choices: tuple, guess: Any) -> str | None:
    """A guess as a code has it; None if it is none of the choices."""
    if isinstance(guess, Real):
        return f"{guess:.6f}".rstrip("0").rstrip(".")
    texts = [str(choice) for choice in choices]
    return chr(ord("a") + texts.index(str(guess))) if str(guess) in texts else None


def is_word(word: Any) -> bool:
    """Whether this is such a word."""
    return isinstance(word, str) and len(word) == 5 and set(word) <= set(SIGNS)


def _ballot(word):
    """The ballot that a code holds; None if it is damaged."""
    begin, _, check = word.rpartition(";")
    lesson, _, rest = begin.removeprefix("votes").partition(";")
    own, *items = rest.split(";")
    matches = [match for item in items if (match := _ITEM.fullmatch(item))]
    whole = is_word(own) and 0 < len(matches) == len(items) <= QUESTIONS
    if not whole or mark_of(begin) != check:
        return None
    return Ballot(lesson, own, {match[1]: (match[2], match[3]) for match in matches})
