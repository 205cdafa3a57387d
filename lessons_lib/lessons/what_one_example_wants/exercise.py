"""Write the nudges: what each output should do, y − a."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _one_hot(labels):
    return np.eye(10)[labels]


nudges = Exercise(
    reference=lambda outputs, labels: _one_hot(labels) - outputs,
    cases=[(np.linspace(0.02, 0.9, 30).reshape(3, 10), np.array([7, 0, 3]))],
    mistakes={
        "These are the slopes' signs: a - y points uphill. The nudge goes down the cost: y - a.": lambda outputs, labels: (
            outputs - _one_hot(labels)
        ),
        "You included the factor 2 of the slope; the nudge is the distance y - a itself.": lambda outputs, labels: (
            2 * (_one_hot(labels) - outputs)
        ),
        "These are distances without direction; some outputs should go up and others down.": lambda outputs, labels: (
            np.abs(_one_hot(labels) - outputs)
        ),
        "Only the label's output is nudged; the other nine want to go down to 0.": lambda outputs, labels: (
            _one_hot(labels) * (1 - outputs)
        ),
    },
    hints=(
        "Build y first: zeros shaped like outputs, with a 1 in each row at the label.",
        "y[0, labels[0]] = 1 sets the first row; y[np.arange(len(labels)), labels] = 1 sets them all.",
    ),
)
