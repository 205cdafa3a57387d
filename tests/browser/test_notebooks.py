"""Every lesson in real JupyterLab: every panel shows up and answers the keyboard, nothing complains."""

from pathlib import Path

import driving
import nbformat
import pytest
from shown import cells_shown

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(path.name for path in FOLDER.glob("[0-9]*.ipynb"))
SLIDERS = 2  # of each panel; the panels' own tests move them all
SLOW = "11", "12"  # these train longest before they show anything


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name.startswith(SLOW) else ()) for name in LESSONS],
)
def test_a_lesson_works_in_the_browser(open_notebook, name):
    notebook = open_notebook(name)
    notebook.run(cells_shown(nbformat.read(FOLDER / name, as_version=4)))
    nothing_complains(notebook)
    panels = 0
    for number, panel in notebook.panels():
        panel.locator(".lessons-frontend").wait_for(state="attached")  # the last part of a panel or question
        if panel.locator(".lessons-controls").count():
            panels += 1
            move_sliders(notebook, panel, f"{name}, cell {number}")
        assert not (problems := notebook.accessibility_problems(panel)), "\n".join(problems)
    assert panels, "a lesson shows at least one panel"
    nothing_complains(notebook)


def nothing_complains(notebook):
    assert not (problems := notebook.error_outputs()), "\n".join(problems)
    assert not notebook.console_errors, "\n".join(notebook.console_errors)


def move_sliders(notebook, panel, where):
    """Move the first sliders by keyboard; each must have a name, take the key and change the picture."""
    picture = panel.locator(driving.PICTURE).first
    picture.wait_for()
    for slider in panel.get_by_role("slider", disabled=False).all()[:SLIDERS]:
        if not slider.is_visible():
            continue
        label = slider.get_attribute("aria-label")
        assert label, f"{where}: a slider has no accessible name"
        assert moved(notebook, slider, picture), f"{where}: moving '{label}' does not change the picture"


def moved(notebook, slider, picture):
    """Press keys on the slider until the picture changes: one step may be too small to be seen."""
    slider.scroll_into_view_if_needed()
    for key, patience in (("ArrowRight", 1), ("End", 5), ("Home", 5)):
        notebook.wait_idle()
        before = notebook.picture(picture)
        value = slider.get_attribute("aria-valuenow")
        slider.press(key)
        if slider.get_attribute("aria-valuenow") != value and notebook.wait_for_change(
            picture, before, timeout=patience
        ):
            return True
    return False
