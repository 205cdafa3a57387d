"""Write a step with weight decay."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _decayed(
    w,
    slope,
    learning_rate,
    strength,
    *,
    sign=-1,
    pull=lambda w, strength: 2 * strength * w,
    together=lambda rate, slope, pull: rate * (slope + pull),
    start=lambda w: w,
):
    return start(w) + sign * together(learning_rate, slope, pull(w, strength))


decayed = Exercise(
    _decayed,
    cases=[
        (np.array([0.5, -2.0, 0.0]), np.array([0.1, 0.3, -0.2]), 0.5, 0.1),
        (
            np.array([[1.0, -0.4, 0.3], [0.2, 3.0, -1.5]]),
            np.array([[0.3, -0.1, 0.2], [0.7, 0.2, -0.4]]),
            0.7,
            0.01,
        ),
        (np.array([[1.5, -0.4]], np.float32), 0, 0.4, 0.05),
        (np.array([2.0, -1.0]), np.array([0.2, 0.6]), 0.3, 0.0),
    ],
    ways={
        "pull": {
            "The penalty is missing: its slope, 2 λ w, is added to the slope of the cost.": lambda w, strength: (
                0 * w
            ),
            "The factor 2 is missing: the slope of λ w² is 2 λ w.": lambda w, strength: strength * w,
            "The penalty pushes the weights away from zero: its slope is added to the cost's, not subtracted.": lambda w, strength: (
                -2 * strength * w
            ),
            "This is L1: the same pull on every weight. With L2 the pull is in proportion to the weight.": lambda w, strength: (
                strength * np.sign(w)
            ),
            "You added the penalty λ w² itself; the step needs its slope, 2 λ w.": lambda w, strength: (
                strength * w**2
            ),
            "The slope of the penalty is averaged over the weights; each weight has its own pull.": lambda w, strength: (
                2 * strength * w / np.size(w)
            ),
        },
        "together": {
            "The learning rate has to multiply the penalty's slope too.": lambda rate, slope, pull: (
                rate * slope + pull
            ),
            "The learning rate has to multiply the slope of the cost too.": lambda rate, slope, pull: (
                slope + rate * pull
            ),
            "The learning rate is missing: it multiplies the whole slope.": lambda rate, slope, pull: (
                slope + pull
            ),
            "The slope of the cost has the wrong sign: both slopes are subtracted.": lambda rate, slope, pull: (
                rate * (pull - slope)
            ),
            "The slope of the cost is missing; the penalty's is added to it.": lambda rate, slope, pull: (
                rate * pull
            ),
        },
        "sign": {"You step uphill: the new weights are w minus the learning rate times the slope.": 1},
        "start": {"This is the change alone; the new weights start from w.": lambda w: 0 * w},
    },
    hints=(
        "What is the slope of λ w²? Add it to the slope of the cost.",
        "w - learning_rate * (whole slope), where the whole slope is slope + 2 * strength * w.",
    ),
)
