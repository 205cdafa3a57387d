"""Checks for the exercises: they say which misconception an answer shows, not only that it is wrong.

Each lesson's exercise stands in the lesson's room, as ``exercise.py``, and is looked up on first use. A check
never raises because of the reader's code, and ``stand_in`` gives a working function until theirs works, so an
unsolved exercise breaks nothing below it.
"""

from importlib import import_module
from typing import Any

EXERCISES = {  # name in a notebook -> the lesson's room
    "layer": "a_network_that_reads_digits",
    "slope": "which_weights_matter",
    "nudges": "what_one_example_wants",
    "weight_changes": "fire_together_wire_together",
    "step_back": "passing_wishes_backward",
    "backprop": "the_chain_rule",
    "check_diagnoses": "the_chain_rule",
    "average_vote": "every_example_votes",
    "minibatch_step": "minibatch_or_full_batch",
    "momentum_step": "momentum",
    "next_beta": "conjugate_gradient",
    "decayed": "keeping_weights_in_check",
    "kept": "few_directions_matter",
    "forgotten": "your_own_reader",
}


def __getattr__(name: str) -> Any:
    if name not in EXERCISES:
        raise AttributeError(f"no exercise is called {name!r}; there are {', '.join(EXERCISES)}")
    return getattr(import_module(f"lessons_lib.lessons.{EXERCISES[name]}.exercise"), name)


def __dir__():
    return list(EXERCISES)
