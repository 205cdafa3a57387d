"""The classic notebook, nbclassic: the one program that shows widgets as old as Google Colab's."""

import tempfile
import time
from pathlib import Path

import ipywidgets
import nbformat
import pytest
from driving import LabServer

NAME = "lesson.ipynb"

# The widgets come after the page is ready; what was shown before them stays text for good.
READY = """
() => window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.widget_manager
  && ["anywidget", "jupyter-js-widgets"].every((name) => requirejs.defined(`nbextensions/${name}/extension`))
"""
RUN = """
(source) => {
  const cell = Jupyter.notebook.insert_cell_at_bottom("code");
  cell.set_text(source);
  cell.execute();
}
"""
SAID = """
() => Jupyter.notebook.get_cells().flatMap((cell) => cell.output_area?.outputs ?? [])
  .filter((output) => output.output_type === "error").map((output) => output.evalue)
"""


class ClassicServer(LabServer):
    """nbclassic on a random port."""

    APPLICATION = ("nbclassic",)

    def url(self, notebook=""):
        return super().url().replace("lab/tree/", f"nbclassic/notebooks/{notebook}")


class ClassicPage:
    """`page`, a Playwright page, with an empty notebook of its own in it."""

    def __init__(self, page):
        pytest.importorskip("nbclassic")
        if ipywidgets.__version__ >= "8":
            pytest.skip("the classic notebook is tried with the widgets of its time: make test-colab")
        self.page, self.errors = page, []
        self._folder = tempfile.TemporaryDirectory()
        notebook = nbformat.v4.new_notebook()
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, Path(self._folder.name, NAME))
        self._server = ClassicServer(self._folder.name, Path(self._folder.name, ".jupyter"))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self._server.url(NAME))
        page.wait_for_function(READY, timeout=60_000)

    def run(self, source, timeout=60):
        """Run a cell to its end."""
        self.page.evaluate(RUN, source)
        self.until(lambda: not self.page.evaluate("Jupyter.notebook.kernel_busy"), timeout)
        assert not self.page.evaluate(SAID)

    def show(self):
        """Show the last widget that a cell displayed."""
        self.page.locator(".lessons-panel").last.scroll_into_view_if_needed()

    def until(self, condition, timeout=20):
        """Wait until the condition holds; its value."""
        give_up = time.monotonic() + timeout
        while not (value := condition()):
            assert time.monotonic() < give_up, f"this did not come within {timeout} s; {self.errors}"
            self.page.wait_for_timeout(20)
        return value

    def close(self):
        self._server.stop()
        self._folder.cleanup()
