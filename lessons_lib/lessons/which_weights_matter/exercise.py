"""Measure a slope: wiggle one entry and see what the function does."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _moved(w, i, h):
    w = np.array(w, float)
    w[i] += h
    return w


def _all_moved(w, i, h):
    return np.asarray(w, float) + h


def _central(f, w, i, h, *, wiggle=lambda h: h, move=_moved, over=lambda h, width: width, sign=1):
    h = wiggle(h)
    return sign * (f(move(w, i, h)) - f(move(w, i, -h))) / over(h, 2 * h)


def _forward(f, w, i, h, *, wiggle=lambda h: h, move=_moved, over=lambda h, width: width, sign=1):
    h = wiggle(h)
    return sign * (f(move(w, i, h)) - f(np.asarray(w, float))) / over(h, h)


def _backward(f, w, i, h, **steps):
    return _forward(f, w, i, -h, **steps)


def _half_each_way(f, w, i, h, **steps):
    return _central(f, w, i, h / 2, **steps)


def _cubes(w):
    return w[0] ** 3 - 2 * w[0] * w[1] + 5 * w[1] ** 2


def _product(w):
    return w[0] * w[1] * np.exp(w[2]) + w[0]


slope = Exercise(
    _central,
    also=(_forward, _backward, _half_each_way),
    cases=[
        (_cubes, np.array([1.0, -2.0]), 0, 0.5),
        (_cubes, np.array([1.0, -2.0]), 1, 0.25),
        (_product, np.array([0.5, -1.0, 0.3]), 2, 0.125),
        (_cubes, np.array([3, 4]), 1, 0.25),
        (_cubes, np.array([3, 4]), 0, 1e-5),
    ],
    tolerance=1e-4,
    ways={
        "wiggle": {
            "You did not ask for f at a distance of h: take h as the size of your wiggle.": lambda h: (
                1e-6 * np.sign(h)
            ),
        },
        "move": {
            "You moved every entry of w; for a partial derivative only entry i moves, the others stay.": _all_moved,
            "Where w holds whole numbers, adding h to an entry is rounded off again: make the copy with w.astype(float).": lambda w, i, h: (
                _moved(w, i, h).astype(w.dtype)
            ),
            "You moved the first entry, whichever i was asked for.": lambda w, i, h: _moved(w, 0, h),
        },
        "over": {
            "This is the change of f. Divide it by the wiggle h to get the slope.": lambda h, width: 1,
            "This is half the slope: divide by 2h only if you wiggle both up and down.": lambda h, width: (
                2 * width
            ),
            "This is twice the slope: between h below and h above lie two wiggles, so divide by 2h.": lambda h, width: (
                width / 2
            ),
            "You multiplied by h; the slope is the change divided by it.": lambda h, width: 1 / h,
        },
        "sign": {"The sign is reversed: subtract the value before from the value after.": -1},
    },
    hints=(
        "Make a copy of w first, change its entry i by h, and ask f for both.",
        "moved = w.astype(float); moved[i] += h; then (f(moved) - f(w)) / h. (astype makes a copy.)",
    ),
)
