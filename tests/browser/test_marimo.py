"""A LiveFigure in marimo, which shows anywidgets and is no Jupyter: `pip install ".[elsewhere]"`."""

import re
import subprocess
import sys

import pytest
from driving import PICTURE, picture_of, pixels_changed

pytest.importorskip("marimo")

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import numpy as np
    from matplotlib.figure import Figure

    from lessons_lib.live import LiveFigure

    x = np.linspace(0, 10, 400)
    figure = Figure(figsize=(4, 3))
    [wave] = figure.subplots().plot(x, np.sin(x))
    live = LiveFigure(figure, alt="A wave")
    return live, mo, np, wave, x


@app.cell
def _(live, mo):
    mo.ui.anywidget(live)
    return


@app.cell
def _(mo):
    frequency = mo.ui.slider(1, 5, label="Frequency")
    frequency
    return (frequency,)


@app.cell
def _(frequency, live, np, wave, x):
    wave.set_ydata(np.sin(frequency.value * x))
    live.flush()
    return
"""


@pytest.fixture
def address(tmp_path):
    """Where marimo serves the notebook."""
    (tmp_path / "wave.py").write_text(NOTEBOOK)
    command = [sys.executable, "-m", "marimo", "run", "wave.py", "--headless", "--no-token"]
    server = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    yield next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
    server.terminate()
    server.wait()


def changed(page, before):
    """Has the picture changed by a tenth of a second from now?"""
    page.wait_for_timeout(100)
    return pixels_changed(before, picture_of(page.locator(PICTURE)), at_least=100)


def test_marimo_shows_a_live_figure_and_its_changes(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.locator(f"{PICTURE}[width]").wait_for()
    page.wait_for_timeout(500)
    before = picture_of(page.locator(PICTURE))
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert any(changed(page, before) for _ in range(100))
    page.close()
