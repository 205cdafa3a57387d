"""Lessons on a phone: each panel fits, its letters can be read, its sliders move with a finger."""

import driving
from living import LEAST, SMALL, TOO_WIDE, complaints, opened

# In the kernel: the letters of each picture are so high, in its own pixels.
LETTERS = """
import gc
from lessons_lib.live import LiveFigure
from matplotlib.text import Text
for live in [one for one in gc.get_objects() if isinstance(one, LiveFigure) and one.comm]:
    texts = [text for text in live.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    print(min(text.get_fontsize() * live.figure.dpi / 72 / live._canvas.device_pixel_ratio for text in texts))
"""
SIDE_BY_SIDE = """panel => [...panel.querySelectorAll('.lessons-controls > *')]
    .map(part => part.getBoundingClientRect()).filter(box => box.height)
    .filter((box, k, boxes) => k && box.top < boxes[k - 1].bottom - 1).length"""
# How much larger or smaller a picture is shown than it is.
SCALES = """panel => [...panel.querySelectorAll('.live-figure canvas')]
    .filter(canvas => canvas.checkVisibility())
    .map(canvas => canvas.clientWidth / parseFloat(canvas.style.width))"""


def test_each_panel_can_be_used_on_a_phone(context, site, early_lesson):
    notebook = opened(context, site, early_lesson)
    notebook.run_all(timeout=600)
    letters = min(map(float, python(notebook, LETTERS).split()))
    for number, panel in notebook.panels():
        where = f"{early_lesson}, cell {number}"
        assert not (wide := panel.evaluate(TOO_WIDE)), (where, wide)
        assert not (small := panel.evaluate(SMALL)), (where, small)
        assert not panel.evaluate(SIDE_BY_SIDE), f"{where}: controls beside each other"
        for scale in panel.evaluate(SCALES):
            assert letters * scale >= LEAST, f"{where}: letters of {letters * scale:.1f} pixels"
        slide(notebook, panel, where)
        assert notebook.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), where
    complaints(notebook)


def python(notebook, code):
    """What a piece of code prints in the kernel."""
    return notebook._in_lab(
        """const said = [], kernel = panel.sessionContext.session.kernel;
           const request = kernel.requestExecute({code: argument, store_history: false});
           request.onIOPub = ({header, content}) => header.msg_type === 'stream' && said.push(content.text);
           await request.done;
           return said.join('');""",
        code,
    )


def slide(notebook, panel, where):
    """A finger moves each slider, and one of them at least changes the picture."""
    sliders = [slider for slider in panel.get_by_role("slider", disabled=False).all() if slider.is_visible()]
    picture = panel.locator(driving.PICTURE).first
    before = sliders and picture.count() and ink(picture)
    for slider in sliders:
        value = slider.get_attribute("aria-valuenow")
        finger(notebook, slider)
        assert slider.get_attribute("aria-valuenow") != value, f"{where}: a slider does not follow the finger"
        notebook.wait_idle(120)
    if before:
        assert ink(picture) != before, f"{where}: no slider changes the picture"


def ink(picture):
    """What is drawn: a finger finds only a part of the picture on the screen."""
    return picture.evaluate("canvas => canvas.toDataURL()")


def finger(notebook, slider):
    """Drag a handle towards the other end of its slider."""
    slider.scroll_into_view_if_needed()
    box, track = slider.bounding_box(), slider.locator("xpath=../..").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    middle = track["x"] + track["width"] / 2
    end = track["x"] + track["width"] * (0.8 if x < middle else 0.2)
    touch = notebook.page.context.new_cdp_session(notebook.page)
    for kind, share in [("touchStart", 0), *(("touchMove", k / 8) for k in range(1, 9)), ("touchEnd", 1)]:
        points = [] if kind == "touchEnd" else [{"x": x + share * (end - x), "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.detach()
