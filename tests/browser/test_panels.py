"""What the browser's part of a panel does for its controls, in real JupyterLab."""

import driving

PANEL = """
import ipywidgets as W
from IPython.display import display
from lessons_lib.drawing import style
from lessons_lib.panels.panel import Panel, Preset

class Heights(Panel):
    title = "Heights"
    presets = {"Three": Preset({"rate": 3.0}, "Off the grid of the slider.")}
    computed = []

    def controls(self):
        rate = W.FloatLogSlider(1.0, min=-2, max=1.5, step=0.1, description="Rate", tooltip="A rate")
        return {"rate": rate, "entry": W.IntSlider(0, 0, 13_001, description="Entry", tooltip="An entry")}

    def figure(self):
        fig, ax = style.figure(height=150)
        self.bar, = ax.bar([0], [0])
        return fig

    def compute(self, state):
        self.computed.append(state.rate)
        return state

    def draw(self, result):
        self.bar.set_height(result.rate / 30)

    def describe(self, result):
        return f"rate {result.rate}, entry {result.entry}, computed {len(self.computed)} times"

panel = Heights()
panel
"""


def open_panel(open_notebook):
    notebook = open_notebook([PANEL])
    notebook.run_all()
    notebook.page.locator(".lessons-panel [role=slider][aria-label=Rate]").wait_for()
    return notebook, notebook.page.locator(".lessons-panel")


def test_a_value_between_two_steps_of_a_slider_stays_and_is_computed_once(open_notebook):
    notebook, panel = open_panel(open_notebook)
    panel.get_by_role("button", name="Three").click()
    panel.get_by_text("rate 3.0").first.wait_for()
    notebook.page.wait_for_timeout(500)
    rate = panel.get_by_role("slider", name="Rate")
    assert rate.get_attribute("aria-valuenow") == "3"
    assert panel.locator(".lessons-control-rate .widget-readout").inner_text().startswith("3")
    assert panel.locator(".lessons-sentence").inner_text() == "rate 3.0, entry 0, computed 2 times"
    assert "mod-primary" in panel.get_by_role("button", name="Three").get_attribute("class")
    rate.press("ArrowRight")  # from there a person moves on
    panel.get_by_text("rate 3.98").first.wait_for()


def test_numbers_may_be_typed_as_the_lessons_write_them(open_notebook):
    _, panel = open_panel(open_notebook)
    readout = panel.locator(".lessons-control-entry .widget-readout")
    readout.fill("12,929")
    readout.press("Enter")
    panel.get_by_text("rate 1.0, entry 12929").first.wait_for()
    assert panel.get_by_role("slider", name="Entry").get_attribute("aria-valuenow") == "12929"


def test_the_dark_theme_leaves_the_picture_as_it_is(open_notebook):
    notebook, panel = open_panel(open_notebook)
    picture = panel.locator(driving.PICTURE)
    picture.wait_for()
    notebook.wait_idle()
    before = notebook.picture(picture)
    notebook.set_theme(dark=True)
    notebook.wait_idle()
    inside = (4, 4, before.width - 4, before.height - 4)  # the page shines through at the round corners
    assert not driving.pixels_changed(before.crop(inside), notebook.picture(picture).crop(inside))
    assert not (problems := notebook.accessibility_problems(panel)), "\n".join(problems)


LINKED = """
from lessons_lib import panels
from lessons_lib.panels import links
links.site = lambda: "https://lessons.example/"
panels.isolation(w1=0.5)
"""


def test_a_link_counts_the_panels_of_its_name_in_the_order_of_the_cells(open_notebook):
    notebook = open_notebook([LINKED, "panels.isolation(w1=0.5)"])
    for _ in range(2):  # the second time every cell closes what its first run made
        notebook.run_all()
        page = notebook.page
        page.locator(".lessons-copy", has_text="w1=0.5").nth(3).wait_for(state="attached")
        links = [row for row in page.locator(".lessons-copy code").all_text_contents() if "run.html" in row]
        assert [("nth=2" in link) for link in links] == [False, True]


def test_call_and_link_are_copied_from_the_keyboard(open_notebook):
    notebook = open_notebook([LINKED])
    notebook.run_all()
    page, panel = notebook.page, notebook.page.locator(".lessons-panel")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary = panel.get_by_text("The call that recreates this, and a link to it")
    summary.wait_for()
    summary.focus()
    for keys, copied in (
        (["Enter", "Tab", "Enter"], "panels.isolation(w1=0.5)"),
        (["Tab", "Space"], "https://lessons.example/run.html?lesson=02&panel=isolation&w1=0.5"),
    ):
        notebook.press(*keys)
        panel.get_by_text("Copied.").last.wait_for()
        page.wait_for_function(
            "words => navigator.clipboard.readText().then(text => text === words)", arg=copied
        )
    assert panel.get_by_role("button", name="Copy link").is_visible()
    assert not (problems := notebook.accessibility_problems(panel)), "\n".join(problems)
    assert notebook._in_lab("return panel.content.widgets.length;") == 1  # no key went to the notebook
