"""Sliders of panels in real JupyterLab: a value is one message each way, and the last one always arrives."""

import os
import signal
import time

import pytest

PANEL = """
import os
from types import SimpleNamespace
import ipywidgets as W
from lessons_lib.drawing import style
from lessons_lib.panels import Panel

class Square(Panel):
    title = "Square"

    def __init__(self, slider, pause=0.0):
        self.slider, self.pause, self.seen = slider, pause, []
        slider.observe(lambda change: self.seen.append(change.new), "value")
        super().__init__()

    def controls(self):
        return {"side": self.slider}

    def figure(self):
        fig, ax = style.figure(width=300, height=150)
        ax.set(xlim=(0, 200), ylim=(0, 40_000))
        [self.point] = ax.plot([0], [0], "o")
        return fig

    def compute(self, state):
        import time
        time.sleep(self.pause)
        return state

    def draw(self, result):
        self.point.set_data([result.side], [result.side**2])

    def describe(self, result):
        return f"square of {result.side}: {result.side**2}"

def side():
    return W.IntSlider(0, 0, 200, description="Side", tooltip="Length of a side")

panel = Square(side(), pause=0.03)
panel
"""

# Presses the right arrow so many times, one each 5 ms.
DRAG = """async count => {
    const handle = document.activeElement;
    for (let done = 0; done < count; done++) {
        const key = {key: 'ArrowRight', bubbles: true, cancelable: true};
        handle.dispatchEvent(new KeyboardEvent('keydown', key));
        await new Promise(resolve => setTimeout(resolve, 5));
    }
}"""

RUN = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({code, store_history: false});
    let said = '';
    future.onIOPub = message => { said += message.content.text ?? message.content.evalue ?? ''; };
    await future.done;
    return said.trim();
}"""


@pytest.fixture
def open_panel(open_notebook):
    """Open a notebook with the panel and more cells; returns it with the sentence of the first panel."""

    def open_it(*cells):
        notebook = open_notebook([PANEL, *cells])
        notebook.run_all()
        notebook.page.locator(".lessons-panel [role=slider][aria-label=Side]").first.wait_for()
        notebook.page.wait_for_function("() => document.querySelector('.live-figure canvas').width > 200")
        notebook.focus_slider("Side")
        return notebook

    return open_it


def kernel(notebook, code):
    return notebook.page.evaluate(RUN, f"print({code})")


def wait_for_side(notebook, value, panels=1):
    """The words of every panel, the slider and the kernel agree on a value."""
    sentence = f"square of {value}: {value**2}"
    words = notebook.page.locator(".lessons-sentence").get_by_text(sentence, exact=True)
    words.nth(panels - 1).wait_for(timeout=20_000)
    handles = notebook.page.get_by_role("slider", name="Side").all()
    assert [handle.get_attribute("aria-valuenow") for handle in handles] == [str(value)] * len(handles)
    said = kernel(notebook, "panel.inputs['side'].value, panel.live.alt")
    assert said == f"{value} {sentence}"


def faults(notebook):
    return notebook.console_errors + notebook.error_outputs()


def test_a_value_goes_up_as_one_message_and_comes_back_as_one(open_panel):
    notebook = open_panel()
    kinds = """() => {
        const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        window.messages = [];
        kernel.anyMessage.connect((_, {msg, direction}) =>
            msg.header.msg_type === 'comm_msg' && window.messages.push([direction, msg.content.data.method]));
    }"""
    notebook.page.evaluate(kinds)
    notebook.press("ArrowRight")
    wait_for_side(notebook, 1)
    heard = notebook.page.evaluate("() => window.messages")
    assert heard == [["send", "custom"], ["recv", "custom"]]
    assert kernel(notebook, "panel.seen") == "[1]"
    assert faults(notebook) == []


def test_of_many_values_some_are_left_out_and_the_last_arrives(open_panel):
    notebook = open_panel()
    notebook.page.evaluate(DRAG.replace("setTimeout(resolve, 5)", "resolve()"), 100)  # all in one turn
    wait_for_side(notebook, 100)
    assert kernel(notebook, "panel.seen") == "[1, 2, 100]"
    assert faults(notebook) == []


def test_a_kernel_that_does_not_answer_gets_the_last_value_when_it_wakes(open_panel):
    notebook = open_panel()
    pid = int(kernel(notebook, "os.getpid()"))
    os.kill(pid, signal.SIGSTOP)
    try:
        notebook.page.evaluate(DRAG, 30)
        notebook.page.get_by_text("No answer from the kernel for 8 seconds").wait_for(timeout=20_000)
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for_side(notebook, 30)
    assert len(eval(kernel(notebook, "panel.seen"))) < 10
    assert faults(notebook) == []


def test_after_a_lost_connection_every_value_arrives(open_panel):
    """ipywidgets then asks what the kernel holds, which is older than what was moved since."""
    notebook = open_panel()
    notebook.page.evaluate(DRAG, 20)
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect() && undefined"
    )
    notebook.page.evaluate(DRAG, 20)
    wait_for_side(notebook, 40)
    notebook.focus_slider("Side")
    notebook.page.evaluate(DRAG, 20)
    wait_for_side(notebook, 60)


def test_two_views_of_one_panel_agree(open_panel):
    notebook = open_panel("panel")
    notebook.page.evaluate(DRAG, 20)
    wait_for_side(notebook, 20, panels=2)
    notebook.page.get_by_role("slider", name="Side").nth(1).focus()
    notebook.page.evaluate(DRAG, 20)
    wait_for_side(notebook, 40, panels=2)
    first, second = (
        view.evaluate("canvas => canvas.toDataURL()")
        for view in notebook.page.locator(".live-figure canvas").all()
    )
    assert first == second
    assert faults(notebook) == []


def test_two_panels_on_one_slider_follow_it(open_panel):
    notebook = open_panel("other = Square(panel.slider)\nother")
    for last in (20, 40):
        notebook.focus_slider("Side")
        notebook.page.evaluate(DRAG, 20)
        wait_for_side(notebook, last, panels=2)
    assert kernel(notebook, "other.sentence == panel.sentence") == "True"
    assert faults(notebook) == []


@pytest.mark.parametrize("value", (120, 3))
def test_a_value_set_from_python_in_a_drag_leaves_page_and_kernel_agreed(open_panel, value):
    notebook = open_panel()
    code = f"import time; time.sleep(0.2); panel.inputs['side'].value = {value}"
    notebook.page.evaluate(f"code => {{ window.ran = ({RUN})(code); }}", code)
    notebook.page.evaluate(DRAG, 60)
    notebook.page.evaluate("() => window.ran")
    time.sleep(0.5)
    side = int(kernel(notebook, "panel.inputs['side'].value"))
    wait_for_side(notebook, side)
    assert value in eval(kernel(notebook, "panel.seen"))
    notebook.press("ArrowRight")
    wait_for_side(notebook, side + 1)
    assert faults(notebook) == []
