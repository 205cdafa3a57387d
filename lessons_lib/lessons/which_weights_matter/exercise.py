"""Measure a slope: wiggle one entry and see what the function does."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _moved(w, i, h):
    w = np.array(w, float)
    w[i] += h
    return w


def _slope_cases():
    starts = [np.array([1.0, 2.0]), np.array([0.5, -1.0, 2.0])]
    for w in starts:
        w.flags.writeable = False  # a function that changes its input fails here instead of everywhere
    first, second = starts
    return [
        (lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 0, 1e-5),
        (lambda w: (2 * w[0] - 3) ** 2 + 5 * w[1], first, 1, 1e-5),
        (lambda w: w[0] * w[1] * w[2] + w[0], second, 2, 1e-5),
    ]


slope = Exercise(
    reference=lambda f, w, i, h: (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / (2 * h),
    cases=_slope_cases(),
    tolerance=1e-3,
    mistakes={
        "You moved every entry of w; for a partial derivative only entry i moves, the others stay.": lambda f, w, i, h: (
            (f(w + h) - f(w)) / h
        ),
        "This is the change of f. Divide it by the wiggle h to get the slope.": lambda f, w, i, h: (
            f(_moved(w, i, h)) - f(w)
        ),
        "The sign is turned round: subtract the value before from the value after.": lambda f, w, i, h: (
            (f(w) - f(_moved(w, i, h))) / h
        ),
        "This is half the slope: divide by 2h only if you wiggle both up and down.": lambda f, w, i, h: (
            (f(_moved(w, i, h)) - f(w)) / (2 * h)
        ),
        "This is twice the slope: between h below and h above lie two wiggles, so divide by 2h.": lambda f, w, i, h: (
            (f(_moved(w, i, h)) - f(_moved(w, i, -h))) / h
        ),
    },
    hints=(
        "Make a copy of w first, change its entry i by h, and ask f for both.",
        "moved = w.copy(); moved[i] += h; then (f(moved) - f(w)) / h.",
    ),
)
