"""Fixtures of the browser layer: one JupyterLab and one browser a session, a fresh page a test.

    def test_something(open_notebook):
        notebook = open_notebook("03_what_one_example_wants.ipynb")
        notebook.run_all()

`open_notebook` also takes a notebook made in the test, as a list of code cells (strings).
When a test fails, a screenshot of every page it opened is saved in test-results/.
"""

import re
import shutil
from pathlib import Path

import driving
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab server over a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lessons")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    server = driving.LabServer(folder, tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    with driving.chromium() as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.call_failed = report.failed
    return report


@pytest.fixture
def open_notebook(lab, browser, request):
    """Open a notebook, by file name or as a list of code cells; returns a driving.NotebookPage."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = []

    def open_it(notebook):
        name = notebook if isinstance(notebook, str) else _write(notebook, lab.folder, request.node.name)
        opened.append(context.new_page())
        return driving.NotebookPage(opened[-1], lab, name)

    yield open_it
    if getattr(request.node, "call_failed", False):
        _save_screenshots(opened, request.node.name)
    for page in opened:
        _shut_down_kernel(page)
    context.close()


def _write(cells, folder, test_name):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    name = re.sub(r"\W+", "_", test_name) + ".ipynb"
    nbformat.write(notebook, folder / name)
    return name


def _save_screenshots(pages, test_name):
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    for number, page in enumerate(pages):
        page.screenshot(path=folder / f"{re.sub(r'[^A-Za-z0-9]+', '_', test_name)}_{number}.png")


def _shut_down_kernel(page):
    page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
