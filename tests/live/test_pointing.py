"""From the pointer to data coordinates, artist and part."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessons_lib.live import LiveFigure


@pytest.fixture
def axes():
    return Figure(figsize=(4, 3)).subplots()


def told(axes, kind, x, y):
    events = []
    live = LiveFigure(axes.figure)
    live.on_event(events.append)
    live.point(kind, axes, x, y)
    return events[-1]


def test_an_image_tells_row_and_column(axes):
    image = axes.imshow(np.zeros((5, 9)))
    event = told(axes, "click", 7.2, 3.4)
    assert (event.kind, event.artist, event.index) == ("click", image, (3, 7))
    assert (event.x, event.y) == (pytest.approx(7.2), pytest.approx(3.4))


def test_an_image_with_its_origin_below_tells_row_and_column(axes):
    image = axes.imshow(np.zeros((5, 9)), origin="lower", extent=(0, 90, 0, 50))
    event = told(axes, "click", 72, 1)
    assert (event.artist, event.index) == (image, (0, 7))


def test_a_bar_tells_its_number(axes):
    bars = axes.bar(range(10), np.ones(10))
    event = told(axes, "hover", 6.1, 0.5)
    assert (event.artist, event.index) == (bars[6], 6)


def test_a_line_tells_its_nearest_point(axes):
    (line,) = axes.plot([0, 1, 2], [0, 1, 0], "o")
    event = told(axes, "press", 1, 1)
    assert (event.artist, event.index) == (line, 1)


def test_a_scatter_and_edges_tell_which(axes):
    axes.vlines([0, 1, 2], 0, 1, lw=5)
    dots = axes.scatter([0, 1, 2], [2, 2, 2], s=200)
    assert told(axes, "click", 2, 2).artist is dots and told(axes, "click", 2, 2).index == 2
    assert (
        told(axes, "click", 1, 0.5).artist is axes.collections[0] and told(axes, "click", 1, 0.5).index == 1
    )


def test_the_topmost_visible_artist_is_hit(axes):
    below, above = axes.bar([0], [1]), axes.bar([0], [1], zorder=5)
    assert told(axes, "click", 0, 0.5).artist is above[0]
    above[0].set_visible(False)
    assert told(axes, "click", 0, 0.5).artist is below[0]


def test_a_frame_and_a_ring_let_the_pointer_through(axes):
    image = axes.imshow(np.zeros((5, 9)))
    axes.plot([7], [3], "o", fillstyle="none", markersize=20)
    axes.add_patch(Rectangle((-0.5, -0.5), 9, 5, fill=False, zorder=5))
    assert told(axes, "click", 7.2, 3.4).artist is image


def test_nothing_hit_and_outside_all_axes(axes):
    axes.plot([0, 1], [0, 1])
    empty = told(axes, "click", 0.1, 0.9)
    assert empty.artist is None and empty.index is None and empty.axes is axes
    outside = told(axes, "hover", -5, 0.5)
    assert outside.axes is None and outside.x is None
    assert told(axes, "leave", 0.5, 0.5).axes is None


def test_messages_of_the_browser_count_pixels_from_the_top_and_are_answered(axes):
    axes.plot([0, 1], [0, 1])
    live, events, answers = LiveFigure(axes.figure), [], []
    live.send = answers.append
    live.on_event(events.append)
    x, y = axes.transData.transform((0.25, 0.75))
    live._handle_custom_msg({"kind": "drag", "x": x, "y": axes.figure.bbox.height - y, "number": 7}, [])
    assert (events[0].x, events[0].y) == (pytest.approx(0.25), pytest.approx(0.75))
    assert answers == [{"heard": 7}]


def test_errors_of_callbacks_come_through(axes):
    live = LiveFigure(axes.figure)
    live.on_event(lambda event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        live.point("click", axes, 0.5, 0.5)
