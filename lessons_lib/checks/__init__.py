"""Checks for the exercises: they say which misconception an answer shows, not only that it is wrong.

Each lesson adds its `Exercise`s to the file of its part of the course. A check never raises because of the
reader's code, and `stand_in` gives a working function until theirs works, so an unsolved exercise breaks
nothing below it.
"""

from lessons_lib.checks.exercise import Exercise, Verdict
from lessons_lib.checks.many_examples import (
    average_vote,
    decayed,
    forgotten,
    kept,
    minibatch_step,
    momentum_step,
)
from lessons_lib.checks.one_example import (
    backprop,
    check_diagnoses,
    layer,
    nudges,
    slope,
    step_back,
    weight_changes,
)

__all__ = [
    "Exercise",
    "Verdict",
    "average_vote",
    "backprop",
    "check_diagnoses",
    "decayed",
    "forgotten",
    "kept",
    "layer",
    "minibatch_step",
    "momentum_step",
    "nudges",
    "slope",
    "step_back",
    "weight_changes",
]
