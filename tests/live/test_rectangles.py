"""Rectangles recorded by their corners are those that matplotlib draws."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from lessons_lib.live import LiveFigure
from lessons_lib.live.recorder import Recorder
from lessons_lib.live.rectangles import record_rectangle

LOOKS = [
    {},
    {"linewidth": 0},
    {"edgecolor": "black", "linewidth": 1},
    {"edgecolor": "red", "linewidth": 2.3, "linestyle": "--", "facecolor": "none"},
    {"edgecolor": "red", "linestyle": "none", "alpha": 0.4},
    {"edgecolor": "none", "linewidth": 3, "capstyle": "round", "joinstyle": "bevel"},
    {"facecolor": "none", "edgecolor": "none"},
    {"facecolor": "none", "edgecolor": "green", "alpha": 0.5, "capstyle": "projecting"},
    {"facecolor": (1, 0, 0, 0.3), "edgecolor": (0, 0, 1, 0.6), "linewidth": 0.4},
    {"visible": False},
    {"clip_on": False, "edgecolor": "blue"},
]
LEFT_ALONE = [
    {"angle": 5},
    {"hatch": "/"},
    {"antialiased": False},
    {"snap": False},
    {"sketch_params": (1, 2, 3)},
    {"linewidth": 1, "transform": Affine2D().rotate_deg(20)},
]


def recorders(ratio=1.37):
    figure = Figure(figsize=(4, 3), dpi=100 * ratio)
    axes = figure.subplots()
    axes.set(xlim=(-1.3, 2.1), ylim=(2, -0.7))
    size = int(figure.bbox.width), int(figure.bbox.height), figure.dpi
    return axes, Recorder(*size), Recorder(*size)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_corners_give_the_operation_that_a_path_gives(look):
    axes, quick, careful = recorders()
    rng = np.random.default_rng(0)
    for x, y, width, height in rng.uniform(-1, 1, (40, 4)):
        rectangle = axes.add_patch(Rectangle((x, y), width, height, **look))
        assert record_rectangle(rectangle, quick) or not look.get("visible", True)
        rectangle.draw(careful)
    assert len(quick.ops) == len(careful.ops)
    for op, other in zip(quick.ops, careful.ops, strict=True):
        assert op.keys() == other.keys()
        for key, part in op.items():
            np.testing.assert_equal(part, other[key], err_msg=key)
            assert not isinstance(part, np.ndarray) or part.dtype == other[key].dtype


@pytest.mark.parametrize("look", LEFT_ALONE, ids=lambda look: next(iter(look)))
def test_what_is_more_than_an_upright_rectangle_is_left_to_matplotlib(look):
    axes, quick, _ = recorders()
    transform = look.pop("transform", Affine2D()) + axes.transData
    rectangle = axes.add_patch(Rectangle((0, 0), 1, 1, **look))
    rectangle.set_transform(transform)
    assert not record_rectangle(rectangle, quick) and quick.ops == []


def test_bars_follow_new_limits_and_a_moved_axes():
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    (bar,) = axes.bar([0], [1])
    live = LiveFigure(figure)
    bar.set_height(0.5)
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    for change in (lambda: axes.set_ylim(0, 3), lambda: axes.set_position((0.2, 0.2, 0.5, 0.5))):
        change()
        live.flush()
        bar.set_height(bar.get_height() + 0.1)
        live.flush()
        fresh = Recorder(400, 300, 100)
        bar.draw(fresh)
        (sent,) = live._sent[live._scene.moving[bar]]
        np.testing.assert_equal(sent, fresh.ops[0])
