"""Texts whose letters are kept are those that matplotlib would draw anew."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lessons_lib.live import LiveFigure
from lessons_lib.live.recorder import Recorder

CHANGES = {
    "colour": lambda text: text.set_color("red"),
    "colour with alpha": lambda text: text.set_color((0, 0, 1, 0.5)),
    "alpha": lambda text: text.set_alpha(0.3),
    "alpha, then colour": lambda text: (text.set_alpha(0.3), text.set_color("green")),
    "string": lambda text: text.set_text("other"),
    "two lines": lambda text: text.set_text("one\ntwo"),
    "no string": lambda text: text.set_text(""),
    "the same place": lambda text: text.set_position(text.get_position()),
    "place": lambda text: text.set_x(0.61),
    "size": lambda text: text.set_fontsize(17),
    "weight": lambda text: text.set_fontweight("bold"),
    "rotation": lambda text: text.set_rotation(30),
    "alignment": lambda text: text.set_ha("right"),
    "visible": lambda text: text.set_visible(False),
    "clip": lambda text: text.set_clip_on(True),
    "box": lambda text: text.set(bbox={"facecolor": "yellow"}, color="black"),
    "limits": lambda text: text.axes.set_xlim(0, 2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_any_change_the_text_is_as_matplotlib_draws_it(change):
    figure = Figure(figsize=(4, 3))
    text = figure.subplots().text(0.3, 0.5, "some $x^2$", color="black")
    live = LiveFigure(figure)
    text.set_x(0.4)
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    for act in (change, lambda text: text.set_color("orange"), change):
        act(text)
        live.flush()
        fresh = Recorder(400, 300, 100)
        text.draw(fresh)
        np.testing.assert_equal(live._sent.get(live._scene.moving[text], []), fresh.ops)


def test_the_letters_of_the_same_string_are_set_once(monkeypatch):
    figure = Figure(figsize=(4, 3))
    texts = [figure.text(0.1 * k, 0.5, str(k)) for k in range(9)]
    live = LiveFigure(figure)
    for text in texts:
        text.set_color("blue")
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    drawn, draw = [], Recorder.draw_text

    def noted(recorder, gc, x, y, s, *rest, **more):
        drawn.append(s)
        draw(recorder, gc, x, y, s, *rest, **more)

    monkeypatch.setattr(Recorder, "draw_text", noted)
    for k, text in enumerate(texts):
        text.set(color=(k / 9, 0, 0), text=str(k % 8))
    live.flush()
    assert drawn == ["0"]
