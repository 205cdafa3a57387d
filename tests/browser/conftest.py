"""Fixtures of the browser layer: one JupyterLab a session, and one page that shows its notebooks in turn.

    def test_something(open_notebook):
        notebook = open_notebook("03_what_one_example_wants.ipynb")
        notebook.run_all()

`open_notebook` also takes a notebook made in the test, as a list of code cells (strings).
When a test fails, a screenshot is saved in test-results/, and the next test gets a fresh page.
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


def pytest_collection_modifyitems(items):
    """Whole lessons first: they take longest, and the short tests then fill up whichever worker is free."""
    items.sort(key=lambda item: "test_notebooks.py" not in item.nodeid)


class Window:
    """The page that all notebooks are opened in: loading JupyterLab takes longer than most tests."""

    def __init__(self, browser):
        self._browser, self._page = browser, None

    def page(self):
        if self._page is None:
            width, height = driving.VIEWPORT
            self._page = self._browser.new_page(viewport={"width": width, "height": height})
        return self._page

    def close(self):
        if self._page is not None:
            self._page.close()
            self._page = None


@pytest.fixture(scope="session")
def window(browser):
    window = Window(browser)
    yield window
    window.close()


@pytest.fixture
def open_notebook(lab, window, request):
    """Open a notebook, by file name or as a list of code cells; returns a driving.NotebookPage."""
    opened = []

    def open_it(notebook):
        name = notebook if isinstance(notebook, str) else _write(notebook, lab.folder, request.node.name)
        opened.append(driving.NotebookPage(window.page(), lab, name))
        return opened[-1]

    yield open_it
    failed = getattr(request.node, "call_failed", False)
    if failed:
        _save_screenshot(window.page(), request.node.name)
    for notebook in opened:
        notebook.close()
    if failed:
        window.close()


def _write(cells, folder, test_name):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    name = re.sub(r"\W+", "_", test_name) + ".ipynb"
    nbformat.write(notebook, folder / name)
    return name


def _save_screenshot(page, test_name):
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{re.sub(r'[^A-Za-z0-9]+', '_', test_name)}.png")
