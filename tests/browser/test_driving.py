"""The helpers of this layer see what they claim to see."""

import pytest

SLIDER = """
import io, numpy as np, ipywidgets as W
from PIL import Image
slider, picture = W.IntSlider(description="Image"), W.Image(format="png")
def draw(change=None):
    stored = io.BytesIO()
    Image.fromarray(np.full((60, 60), 2 * slider.value, np.uint8)).save(stored, "png")
    picture.value = stored.getvalue()
draw()
slider.observe(draw, "value")
box = W.VBox([slider, picture])
box.add_class("lessons-panel")
box
"""


def test_a_slider_moved_by_keyboard_changes_the_picture(open_notebook):
    notebook = open_notebook([SLIDER, "print('below')"])
    notebook.run_all()
    [(_, panel)] = notebook.panels()
    picture = panel.locator("img")
    before = notebook.picture(picture)
    assert notebook.wait_for_change(picture, before, timeout=1) is None
    panel.get_by_role("slider").focus()
    notebook.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    assert notebook.wait_for_change(picture, before) is not None
    assert notebook.error_outputs() == [] and notebook.console_errors == []
    assert any("image-alt" in problem for problem in notebook.accessibility_problems(panel))
    notebook.set_theme(dark=True)
    notebook.set_viewport(800, 600)
    assert notebook.page.evaluate("document.body.dataset.jpThemeLight") == "false"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('careful', file=sys.stderr)", "careful"),
        ("import ipywidgets as W; b = W.HTML('it broke'); b.add_class('lessons-error'); b", "it broke"),
    ],
)
def test_an_error_in_an_output_is_seen(open_notebook, cell, shown):
    notebook = open_notebook([cell, "'a cell below'"])
    notebook.run_all()
    [problem] = notebook.error_outputs()
    assert shown in problem


def test_a_complaint_of_the_browser_is_heard(open_notebook):
    notebook = open_notebook(
        ["from IPython.display import Javascript; Javascript('console.error(\"ouch\")')"]
    )
    notebook.run_all()
    notebook.page.wait_for_timeout(200)
    assert any("ouch" in problem for problem in notebook.console_errors)
