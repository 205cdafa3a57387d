"""LiveFigure and DigitPad in real JupyterLab."""

import numpy as np
import pytest
from PIL import Image

SETUP = """
import numpy as np
from IPython.display import display
from ipywidgets import FloatSlider, Label
from matplotlib.figure import Figure
from lessons_lib.live import DigitPad, LiveFigure

def wave():
    fig = Figure(figsize=(4, 2), layout="constrained")
    axes = fig.subplots()
    line, = axes.plot(x, np.sin(x), lw=4)
    axes.set_ylim(-1.2, 1.2)
    return fig, line

x = np.linspace(0, 10, 200)
fig, line = wave()
live = LiveFigure(fig, alt="A sine wave")
"""

SLIDER = """
slider = FloatSlider(value=1, min=1, max=5, step=0.5, description="Frequency")
slider.observe(lambda change: line.set_ydata(np.sin(change.new * x)), "value")
display(slider, live)
"""


def test_a_setter_in_a_slider_callback_moves_the_picture(open_notebook):
    notebook = open_notebook([SETUP, SLIDER])
    notebook.run_all()
    canvas = notebook.page.locator(".live-figure canvas")
    canvas.wait_for()
    notebook.page.wait_for_function("() => document.querySelector('.live-figure canvas').width > 300")
    notebook.wait_idle()
    before = notebook.picture(canvas)
    assert np.asarray(before).std() > 10  # not a blank
    slider = notebook.page.get_by_role("slider").first
    slider.focus()
    notebook.press("ArrowRight", "ArrowRight")
    assert notebook.wait_for_change(canvas, before) is not None
    assert notebook.console_errors == [] and notebook.error_outputs() == []


def test_the_stored_output_is_a_picture_with_alt_text(open_notebook):
    notebook = open_notebook([SETUP, "live"])
    notebook.run_all()
    output = notebook.outputs()[1][0]
    assert output["metadata"]["image/png"]["alt"] == "A sine wave"
    assert len(output["data"]["image/png"]) > 1000


def test_a_click_comes_back_in_data_coordinates(open_notebook):
    told = """
label, told = Label('nothing'), []

def tell(event):
    told.append(f'{event.kind} {event.x:.1f} {event.y:.1f}')
    label.value = ', '.join(told)

live.on_event(tell)
"""
    notebook = open_notebook(
        [
            SETUP,
            told,
            "line.axes.set(position=(0, 0, 1, 1), xlim=(0, 4), ylim=(0, 2))\n"
            "fig.set_layout_engine(None)\ndisplay(live, label)",
        ]
    )
    notebook.run_all()
    canvas = notebook.page.locator(".live-figure canvas.live-listening")
    canvas.wait_for()
    notebook.page.wait_for_function("() => document.querySelector('.live-figure canvas').width > 300")
    canvas.click(position={"x": 100, "y": 50})
    notebook.page.get_by_text("click 1.0 1.5").wait_for()


def test_a_restarted_kernel_is_admitted(open_notebook):
    notebook = open_notebook([SETUP, "live"])
    notebook.run_all()
    notebook.page.locator(".live-figure canvas").wait_for()
    assert notebook.page.locator(".live-figure-notice").inner_text() == ""
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    notebook.page.get_by_text("The kernel is not connected").wait_for(timeout=20_000)


def test_ten_runs_leave_nothing_behind(open_notebook):
    again = """
import gc
from matplotlib.figure import Figure as F
def show():
    fig, line = wave()
    live = LiveFigure(fig, alt="again")
    line.set_ydata(np.cos(x))
    display(live, live)
    live.close()
from comm import get_comm_manager
before = len(get_comm_manager().comms)
for _ in range(10):
    show()
gc.collect()
print("comms", len(get_comm_manager().comms) - before, "figures", sum(isinstance(o, F) for o in
gc.get_objects()))
"""
    notebook = open_notebook([SETUP, again])
    notebook.run_all()
    said = [output["text"] for output in notebook.outputs()[1] if output["output_type"] == "stream"]
    assert said == ["comms 0 figures 1\n"]
    notebook.page.wait_for_timeout(1000)  # the page still asks for what is closed by now, and complains here


@pytest.mark.parametrize("dark", (False, True))
def test_a_drawn_digit_is_read_into_pixels(open_notebook, dark):
    notebook = open_notebook(
        [
            SETUP,
            "pad = DigitPad()\nlabel = Label('empty')\n"
            "pad.observe(lambda c: setattr(label, 'value', f'inked {(c.new > 0).sum()}'), 'pixels')\n"
            "display(pad, label)",
        ]
    )
    notebook.set_theme(dark)
    notebook.run_all()
    sheet = notebook.page.get_by_role("application")
    sheet.wait_for()
    box = sheet.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"]
    notebook.page.mouse.move(x, y + 40)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x, y + 180, steps=8)
    notebook.page.mouse.up()
    notebook.page.wait_for_function("() => /inked [1-9]/.test(document.body.innerText)")
    notebook.page.get_by_role("button", name="Clear").click()
    notebook.page.get_by_text("inked 0").wait_for()
    sheet.focus()
    notebook.press("Space", "ArrowDown", "ArrowDown", "ArrowDown")
    notebook.page.wait_for_function("() => /inked [1-9]/.test(document.body.innerText)")
    assert notebook.accessibility_problems(notebook.page.locator(".digit-pad")) == []
    assert notebook.console_errors == [], notebook.console_errors


def test_a_chosen_picture_is_put_on_the_pad(open_notebook, tmp_path):
    page = Image.new("L", (400, 300), 230)
    page.paste(30, (190, 60, 215, 240))  # a 1 on paper
    page.save(tmp_path / "one.png")
    (tmp_path / "text.png").write_text("no picture")
    notebook = open_notebook([SETUP, "pad = DigitPad()\npad"])
    notebook.run_all()
    pad, files = notebook.page.locator(".digit-pad"), notebook.page.locator(".digit-pad input[type=file]")
    button = notebook.page.get_by_role("button", name="Choose a picture…")
    with notebook.page.expect_file_chooser() as chooser:
        button.press("Enter")
    chooser.value.set_files(tmp_path / "one.png")
    pad.get_by_text("A digit was found.").wait_for()
    assert pad.locator("li").count() == 5
    inked = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
    for canvas, channel in ((".digit-pad-seen", 0), (".digit-pad-sheet canvas", 3)):
        count = f"canvas => ({inked})(canvas).filter((v, i) => i % 4 === {channel} && v > 99).length"
        assert pad.locator(canvas).evaluate(count) > 40
    assert notebook.accessibility_problems(pad) == []
    files.set_input_files(tmp_path / "text.png")
    pad.get_by_role("status").get_by_text("not a picture").wait_for()
    assert pad.locator("li").count() == 0
    assert notebook.console_errors == [], notebook.console_errors
