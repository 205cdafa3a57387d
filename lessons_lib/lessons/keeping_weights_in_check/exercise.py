"""Write a step with weight decay."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _decayed(w, slope, learning_rate, strength):
    return w - learning_rate * (slope + 2 * strength * w)


decayed = Exercise(
    reference=_decayed,
    cases=[
        (np.array([0.5, -2.0, 0.0]), np.array([0.1, 0.3, -0.2]), 0.5, 0.1),
        (np.array([[1.0, -0.4], [0.2, 3.0]]), np.zeros((2, 2)), 0.7, 0.01),
    ],
    mistakes={
        "The penalty is not in it yet: its slope, 2 λ w, is added to the slope of the cost.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * slope
        ),
        "The factor 2 is missing: the slope of λ w² is 2 λ w.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope + strength * w)
        ),
        "The penalty pushes the weights away from zero: its slope is added to the cost's, not taken off.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope - 2 * strength * w)
        ),
        "The learning rate has to multiply the penalty's slope too.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * slope - 2 * strength * w
        ),
        "This is L1: the same pull on every weight. With L2 the pull is in proportion to the weight.": lambda w, slope, learning_rate, strength: (
            w - learning_rate * (slope + strength * np.sign(w))
        ),
        "You step uphill: the new weights are w minus the learning rate times the slope.": lambda w, slope, learning_rate, strength: (
            w + learning_rate * (slope + 2 * strength * w)
        ),
        "This is the penalised slope; one step goes from w against it, times the learning rate.": lambda w, slope, learning_rate, strength: (
            slope + 2 * strength * w
        ),
    },
    hints=(
        "What is the slope of λ w²? Add it to the slope of the cost.",
        "w - learning_rate * (whole slope), where the whole slope is slope + 2 * strength * w.",
    ),
)
