"""Measure what a network forgot, digit by digit."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _read(confusion):
    return np.diag(confusion) / confusion.sum(axis=1)


forgotten = Exercise(
    reference=lambda before, after: _read(after) - _read(before),
    cases=[
        (np.array([[8, 1, 1], [2, 4, 0], [1, 3, 16]]), np.array([[9, 0, 1], [4, 1, 1], [0, 5, 15]])),
        (np.array([[5, 0], [1, 9]]), np.array([[4, 1], [3, 7]])),
    ],
    mistakes={
        "The sign is turned: after minus before, so that a digit that is read less often gets less than 0.": lambda before, after: (
            _read(before) - _read(after)
        ),
        "These are numbers of images; digits are not equally frequent, so divide by the images of each digit.": lambda before, after: (
            np.diag(after) - np.diag(before)
        ),
        "You divided by the columns, which count the answers. Rows are what is written.": lambda before, after: (
            np.diag(after) / after.sum(axis=0) - np.diag(before) / before.sum(axis=0)
        ),
        "You divided by the number of all images; each digit has its own number.": lambda before, after: (
            np.diag(after) / after.sum() - np.diag(before) / before.sum()
        ),
        "This is relative to what was read before; the change of the share is a difference.": lambda before, after: (
            _read(after) / _read(before) - 1
        ),
    },
    hints=(
        "np.diag gives how many images of each digit are read. How many are there of each digit?",
        "confusion.sum(axis=1) counts the images of each digit; divide, and subtract before from after.",
    ),
)
