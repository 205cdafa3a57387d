"""run.html, the door: what it shows while it loads, where it leads, what it keeps; and on a phone."""

import json
import os
import re
import shutil

import pytest
from living import SMALL, TOO_WIDE
from playwright.sync_api import expect

PATIENCE = 120_000  # milliseconds


def open_door(context, site, query):
    page = context.new_page()
    page.goto(f"{site.address}/run.html?{query}")
    return page


def ready(page):
    page.locator("body[data-ready]").wait_for(timeout=PATIENCE)
    return page.frame_locator("#lesson")


def test_it_says_what_is_loaded_and_leads_to_the_panel(context, site):
    page = open_door(context, site, "lesson=03&panel=nudges&image=8&learning_rate=3.0")
    expect(page.get_by_role("heading", name="Getting the lesson ready")).to_be_visible()
    expect(page.locator("#step-python span")).to_have_text(
        re.compile(r"[\d.]+ MB of [\d.]+ MB"), timeout=PATIENCE
    )
    frame = ready(page)
    expect(page.locator("#loading")).to_be_hidden()
    panel = frame.locator(".lessons-panel", has=frame.locator(".live-figure canvas")).first
    expect(panel).to_be_in_viewport()
    expect(panel.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "3")
    expect(page.locator("#status")).not_to_have_class("trouble")


def test_a_panel_that_is_not_there_is_said(context, site):
    page = open_door(context, site, "lesson=03&panel=nothing")
    ready(page)
    expect(page.locator("#status")).to_contain_text("no panel “nothing”")
    expect(page.get_by_role("button", name="Run all cells")).to_be_enabled()


def test_changes_are_kept_and_start_over_brings_a_fresh_copy(context, site):
    page = open_door(context, site, "lesson=00")
    frame = ready(page)
    frame.locator(".jp-MarkdownCell, .jp-CodeCell").first.wait_for()
    write(page, "# A note of mine")
    page.wait_for_timeout(2500)
    page.reload()
    ready(page)
    assert "# A note of mine" in sources(page)
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    page.wait_for_function("() => !document.body.dataset.ready")
    ready(page)
    assert "# A note of mine" not in sources(page)


def in_notebook(page, script, argument=None):
    """Run JavaScript with `app`, JupyterLite in the frame, its `notebook`, and the code `cells` of that."""
    body = """argument => {
        const app = document.querySelector('#lesson').contentWindow.jupyterapp;
        const notebook = app.shell.currentWidget.content;
        const cells = notebook.widgets.filter(cell => cell.model.type === 'code');
        %s }"""
    return page.evaluate(body % script, argument)


def write(page, *words):
    """Write into the first code cells."""
    in_notebook(page, "argument.forEach((source, k) => cells[k].model.sharedModel.setSource(source));", words)


def sources(page):
    return in_notebook(page, "return notebook.widgets.map(cell => cell.model.sharedModel.source);")


def test_stop_ends_the_run_between_two_cells(context, site):
    page = open_door(context, site, "lesson=03")
    ready(page)
    page.get_by_role("button", name="Run all cells").press("Enter")
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator("#status")).to_have_text(re.compile("^Stopped"), timeout=PATIENCE)


ENDLESS = "while True: pass"


def test_a_cell_that_takes_long_is_named_and_can_be_ended(context, site):
    page = open_door(context, site, "lesson=00")
    frame = ready(page)
    write(page, ENDLESS)
    run_first_cell(page)
    expect(page.locator("#status")).to_have_text(re.compile(r"^Running cell 1 of \d+$"), timeout=20_000)
    expect(page.locator("#seconds")).to_have_text(re.compile(r"^[3-9] s so far$"))
    stop = page.get_by_role("button", name="Stop")
    stop.click()
    expect(page.locator("#status")).to_have_text(re.compile("Press Stop once more"))
    stop.click()
    expect(page.locator("#status")).to_have_text(re.compile("started anew: run the cells"), timeout=PATIENCE)
    assert ENDLESS in sources(page)
    write(page, "print(6 * 7)")
    run_first_cell(page)
    expect(frame.locator(".jp-OutputArea-output", has_text="42")).to_be_visible(timeout=PATIENCE)
    expect(stop).to_be_disabled()


TRAINING = """
import numpy as np
from lessons_lib import SGD, Network, load_mnist, panels, train
rng = np.random.default_rng(0)
for step in train(Network.random((784, 16, 10), rng=rng), load_mnist().test, SGD(1.0), epochs=30, rng=rng):
    pass
"""


def test_how_far_a_training_is_stands_beside_its_seconds(context, site):
    page = open_door(context, site, "lesson=00")
    ready(page)
    write(page, TRAINING)
    run_first_cell(page)
    told = re.compile(r"^\d+ s so far, this training [1-9]\d? % done$")
    expect(page.locator("#seconds")).to_have_text(told, timeout=60_000)
    expect(page.locator("#status")).to_have_text("Python is ready again.", timeout=PATIENCE)
    expect(page.locator("#seconds")).to_have_text("")


def run_first_cell(page):
    """What Shift+Enter does in the notebook."""
    in_notebook(
        page,
        """notebook.activeCellIndex = notebook.widgets.indexOf(cells[0]);
           app.commands.execute('notebook:run-cell-and-select-next');""",
    )


def test_stop_passes_over_cells_that_the_notebook_has_sent(context, site):
    page = open_door(context, site, "lesson=00")
    frame = ready(page)
    write(page, "import time\nstart = time.time()\nwhile time.time() < start + 6: pass", "print(6 * 7)")
    in_notebook(page, "app.commands.execute('notebook:run-all-cells');")
    page.get_by_role("button", name="Stop").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_have_text(re.compile("^Stopped"), timeout=PATIENCE)
    page.wait_for_timeout(500)
    numbers = in_notebook(page, "return cells.map(cell => cell.model.executionCount);")
    assert numbers == [1, *[None] * (len(numbers) - 1)]
    expect(frame.locator(".jp-OutputArea-output")).to_have_count(0)


def test_a_reload_in_mid_run_opens_the_lesson_clean(context, site):
    page = open_door(context, site, "lesson=00")
    ready(page)
    write(page, f"print('a start')\n{ENDLESS}")
    run_first_cell(page)
    frame = page.frame_locator("#lesson")
    expect(frame.locator(".jp-OutputArea-output", has_text="a start")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(2500)
    page.reload()
    frame = ready(page)
    assert f"print('a start')\n{ENDLESS}" in sources(page)
    expect(frame.locator(".jp-OutputArea-output")).to_have_count(0)
    write(page, "print(6 * 7)")
    run_first_cell(page)
    expect(frame.locator(".jp-OutputArea-output", has_text="42")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("query", ["lesson=00&panel=first_steps", "lesson=03&panel=nudges"])
def test_a_phone_shows_a_panel_without_scrolling_sideways(context, site, query):
    page = open_door(context, site, query)
    frame = ready(page)
    panel = frame.locator(".lessons-panel:visible").first
    panel.wait_for()
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    assert not panel.evaluate(TOO_WIDE)
    assert not panel.evaluate(SMALL)


@pytest.fixture
def another_build(site, tmp_path):
    """`another_build()`: from now on the server has the site as a newer build would have it."""
    older, folder = site.folder.resolve(), tmp_path / "site"

    def serve(what):
        site.folder.unlink()
        site.folder.symlink_to(what)

    def newer():
        shutil.copytree(older, folder, copy_function=os.symlink)
        version = json.loads((older / "live" / "lessons.json").read_text())["version"]
        for file in [*folder.rglob("*.js"), *folder.rglob("*.json"), folder / "live" / "live.css"]:
            words = file.read_text().replace(version, "another")
            file.unlink()
            file.write_text(words + ("/* newer */" if file.suffix == ".css" else ""))
        serve(folder)

    yield newer
    serve(older)


def test_a_newer_build_takes_the_place_of_the_one_that_is_kept(context, site, another_build):
    page = open_door(context, site, "lesson=00")
    ready(page)
    site.sent.clear()
    page.reload()
    ready(page)
    assert not from_live(site), "what is kept is not asked for again"
    another_build()
    page.reload()
    frame = ready(page)
    styles = frame.locator("link[href$='live.css']").evaluate("async link => (await fetch(link.href)).text()")
    assert "/* newer */" in styles
    kept = page.evaluate(
        """async () => Promise.all((await caches.keys()).filter(name => name.startsWith('lessons-'))
            .map(async name => [name, (await (await caches.open(name)).keys()).length]))"""
    )
    [(name, files)] = kept
    assert name == "lessons-another" and files > 20


def from_live(site):
    """The files under live/ that the server has sent, without those that say which build there is."""
    paths = {path.split("?")[0] for path, _ in site.sent}
    asks = re.compile(r"/live/(lessons[.]json|service-worker[.]js)$")
    return {path for path in paths if path.startswith("/live/") and not asks.search(path)}
