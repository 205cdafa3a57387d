"""Measure what a network forgot, digit by digit."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _forgotten(
    before,
    after,
    *,
    of=lambda confusion: confusion.sum(axis=1),
    change=lambda before, after: after - before,
):
    read = [np.diag(confusion) / of(confusion) for confusion in (before, after)]
    return change(*read)


forgotten = Exercise(
    _forgotten,
    cases=[
        (np.array([[8, 1, 1], [2, 4, 0], [1, 3, 16]]), np.array([[9, 0, 1], [4, 1, 1], [0, 5, 15]])),
        (np.array([[5, 0], [1, 9]]), np.array([[4, 1], [3, 7]])),
    ],
    ways={
        "change": {
            "The sign is turned: it is the share read rightly, after minus before, so a digit that is read less often gets less than 0.": lambda before, after: (
                before - after
            ),
            "This is relative to what was read before; the change of the share is a difference.": lambda before, after: (
                after / before - 1
            ),
            "This is a ratio; the change of the share is a difference.": lambda before, after: after / before,
            "These are the shares afterwards; the change is asked for.": lambda before, after: after,
        },
        "of": {
            "These are numbers of images; digits are not equally frequent, so divide by the images of each digit.": lambda confusion: (
                np.ones(len(confusion))
            ),
            "You divided by the columns, which count the answers. Rows are what is written.": lambda confusion: (
                confusion.sum(axis=0)
            ),
            "You divided by the number of all images; each digit has its own number.": lambda confusion: (
                confusion.sum()
            ),
        },
    },
    hints=(
        "np.diag gives how many images of each digit are read. How many are there of each digit?",
        "confusion.sum(axis=1) counts the images of each digit; divide, and subtract before from after.",
    ),
)
