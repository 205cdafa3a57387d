"""The framework of the live panels, and every panel by name: ``panels.nudges(net, digits)``.

Each panel stands in the room of its lesson, in a file of its own name: ``panels.votes`` is ``Votes`` in
``lessons_lib/lessons/every_example_votes/votes.py``. Names are looked up on first use, so importing this
package is quick. To add a panel, add its name to its lesson in ``PANELS``.
"""

import sys
from importlib import import_module
from typing import Any

from lessons_lib.engine import telling

FRAMEWORK = {  # name -> file in this folder
    "Panel": "panel",
    "Preset": "panel",
    "TrainingPanel": "training_panel",
    "Prediction": "prediction",
    "Progress": "progress",
    "Question": "question",
    "show_source": "source",
    "class_votes": "votes_page",
    "share_guesses": "ballot_page",
    "your_guesses": "guesses_page",
}
PANELS = {  # a lesson's room -> the panels in it
    "start_here": "check_setup first_steps",
    "a_network_that_reads_digits": "reader addresses hidden_neurons",
    "which_weights_matter": "sensitivity gradient_picture isolation entangled",
    "what_one_example_wants": "nudges ten_biases three_avenues",
    "fire_together_wire_together": "fire_together bang_for_the_buck train_by_rule",
    "passing_wishes_backward": "wishes step_back",
    "the_chain_rule": "tiny_network gradient_check clinic",
    "every_example_votes": "votes agreement polling only_twos",
    "minibatch_or_full_batch": "walkers close_up short_run minibatch_wishes",
    "momentum": "ravine_walks network_ravine",
    "conjugate_gradient": "second_line line_searches rules_race",
    "keeping_weights_in_check": "memorising knock_outs layers_at_work",
    "few_directions_matter": "spectrum keep_training momentum_seeds",
    "your_own_reader": "cockpit runs compare teach shown_otherwise",
    "your_own_backprop": "checkup",
}
PLACES = {
    name: f"lessons_lib.lessons.{room}.{name}" for room, names in PANELS.items() for name in names.split()
}


def __getattr__(name: str) -> Any:
    if name in FRAMEWORK:
        return getattr(import_module(f"{__name__}.{FRAMEWORK[name]}"), name)
    if name not in PLACES:
        raise AttributeError(f"no panel is called {name!r}; there are {', '.join(sorted(__dir__()))}")
    module = vars(import_module(PLACES[name]))
    return module.get(class_name(name)) or module[name]  # a class, or a function such as `check_setup`


def __dir__():
    return [*FRAMEWORK, *PLACES]


def class_name(name: str) -> str:
    """The class that notebooks call ``panels.<name>``: ``votes`` is ``Votes``, ``step_back`` ``StepBack``."""
    return "".join(word.capitalize() for word in name.split("_"))


def name_of(cls: type) -> str:
    """The name by which notebooks call a panel class, such as ``panels.nudges``; else the class's own."""
    name = cls.__module__.rpartition(".")[2]
    return f"panels.{name}" if PLACES.get(name) == cls.__module__ else cls.__name__


if sys.platform == "emscripten":  # a cell that trains for long says so to the page
    telling.listeners.add(import_module(f"{__name__}.door").tell)
