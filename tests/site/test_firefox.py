"""Two lessons in Firefox, from the door: cells run, pictures are painted, a key on a slider changes one.

Part of `make test-site LESSONS=all`.
"""

import os

import driving
import firefox
import numpy as np
import pytest
from test_memory import KEPT

MINUTES = 8
WHAT_IS_SAID = "document.querySelector('#status').textContent"
RIGHT = "\ue014"  # the arrow key, as WebDriver has it
# Of the pictures that are laid out: what is drawn in each, not what is seen, as it need not be in view.
COLOURS = """[...document.querySelectorAll('.live-figure canvas')].filter(canvas => canvas.clientWidth)
    .map(canvas => new Set(new Uint32Array(canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)"""
ERRORS = """[...document.querySelectorAll('[data-mime-type*=error], [data-mime-type*=stderr], .lessons-error')
    ].filter(place => !place.hidden && place.textContent.trim())
    .map(place => place.textContent.slice(-300))"""
# The notebook hides cells that are far away.
FOCUS = """(async () => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const both = node => node.querySelector('.live-figure canvas') && node.querySelector('[role=slider]');
    await notebook.scrollToItem(notebook.widgets.findIndex(cell => both(cell.node)), 'start', 0);
    const panel = [...document.querySelectorAll('.lessons-panel')].find(both);
    panel.querySelector('.live-figure canvas').id = 'picture';
    panel.querySelector('[role=slider]').focus(); })()"""

pytestmark = [
    pytest.mark.skipif(os.environ.get("LESSONS") != "all", reason="takes minutes: LESSONS=all"),
    pytest.mark.skipif(not firefox.find_firefox(), reason="there is no Firefox on this machine"),
]


@pytest.fixture
def page(tmp_path):
    page = firefox.Page(tmp_path, driving.VIEWPORT)
    yield page
    page.close()


@pytest.mark.parametrize("number", ["00", "03"])
def test_firefox_runs_a_lesson(page, site, number):
    for _ in range(2):  # the second start puts back what the first kept
        page.goto(f"{site.address}/run.html?lesson={number}")
        page.wait_for("document.body.dataset.ready", 120)
        page.wait_for(f"({KEPT})()", 60)
    page.run("document.querySelector('#run').click()")
    page.wait_for(f"/^All cells|error/.test({WHAT_IS_SAID})", 60 * MINUTES)
    assert page.run(WHAT_IS_SAID) == "All cells have run."
    page.enter_frame()
    assert not page.run(ERRORS)
    assert not page.complaints
    page.run(FOCUS)
    page.wait_for(f"(counts => counts.length && counts.every(count => count > 12))({COLOURS})", 20)
    before = page.picture("#picture")
    assert len(np.unique(np.asarray(before).reshape(-1, 3), axis=0)) > 12, "there is nothing in the picture"
    page.press(RIGHT)
    assert changes(page, before), "the slider changes nothing"


def changes(page, before):
    return any(driving.pixels_changed(before, page.picture("#picture")) for _ in range(50))
