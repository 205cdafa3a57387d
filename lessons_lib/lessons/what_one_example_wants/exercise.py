"""Write the nudges: what an image wants of each output, −∂C/∂a = 2 (y − a)."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _one_hot(labels):
    return np.eye(10)[labels]


def _nudges(
    outputs,
    labels,
    *,
    target=_one_hot,
    size=lambda nudge: nudge,
    whom=lambda nudge, y: nudge,
    sign=1,
    times=2,
):
    y = target(labels)
    return sign * times * whom(size(y - outputs), y)


def _case(labels, dtype=float):
    outputs = np.random.default_rng(len(labels)).uniform(0.02, 0.98, (len(labels), 10))
    return outputs.astype(dtype), np.array(labels)


nudges = Exercise(
    _nudges,
    cases=[_case([7, 0, 3]), _case([4]), _case([9, 9, 1, 5], np.float32)],
    ways={
        "sign": {
            "The sign is that of the slope: a - y points uphill. The nudge goes downhill: 2 (y - a).": -1
        },
        "times": {
            "This is the distance y - a; the slope of its square is twice that.": 1,
            "The factor 2 is in twice; the nudge is 2 (y - a).": 4,
        },
        "size": {
            "These are distances without direction; some outputs should go up and others down.": np.abs,
            "You used the squares that the cost adds up; the nudge is the slope of each of them, turned round.": np.square,
            "These are directions without a size; an output that is far off is nudged more.": np.sign,
        },
        "whom": {
            "Only the label's output is nudged; the other nine want to go down to 0.": lambda nudge, y: (
                nudge * y
            ),
            "The label's output is left out; it wants to go up to 1.": lambda nudge, y: nudge * (1 - y),
            "The nudges of all examples are averaged; each row is one example's own.": lambda nudge, y: (
                np.broadcast_to(nudge.mean(axis=0), nudge.shape)
            ),
        },
        "target": {
            "The target is 1 at one place too far: counting starts at 0, so a 7 is output 7.": lambda labels: (
                _one_hot((labels + 1) % 10)
            ),
            "Every row has the first example's target; each row has its own label.": lambda labels: _one_hot(
                np.full_like(labels, labels[0])
            ),
            "The number of the label is used as the target; the target is a 1 at its place, and 0 elsewhere.": lambda labels: (
                labels[:, None]
            ),
            "All targets are 0; the label's output should become 1.": lambda labels: 0 * _one_hot(labels),
        },
    },
    hints=(
        "Build y first: zeros shaped like outputs, with a 1 in each row at the label.",
        "y[0, labels[0]] = 1 sets the first row; y[np.arange(len(labels)), labels] = 1 sets them all.",
    ),
)
