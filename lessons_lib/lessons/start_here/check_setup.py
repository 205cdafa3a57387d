"""The check of the setup: packages, data and speed."""

import platform
import sys
import time
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, requires, version

import numpy as np
from packaging.requirements import Requirement

from lessons_lib import SGD, Network, load_mnist, train
from lessons_lib.engine.threads import blas, threads

IN_BROWSER = sys.platform == "emscripten"


@dataclass(frozen=True)
class Report:
    """What :func:`check_setup` found: rows of (what, whether it is good, detail or how to mend it)."""

    rows: tuple

    @property
    def good(self):
        """Whether every row is good."""
        return all(good for _, good, _ in self.rows)

    def __repr__(self):
        lines = [f"{'ok ' if good else 'NOT'}  {what}: {detail}" for what, good, detail in self.rows]
        return "\n".join([*lines, self.verdict])

    @property
    def verdict(self):
        """One sentence for the whole."""
        return "Everything is ready." if self.good else "Something is missing: see the rows marked NOT."

    def _repr_html_(self):
        cells = "".join(
            f"<tr><td>{'✓' if good else 'NOT'}</td><td style='text-align:left'>{escape(what)}</td>"
            f"<td style='text-align:left'>{escape(detail)}</td></tr>"
            for what, good, detail in self.rows
        )
        return f"<table aria-label='Setup check'>{cells}</table><p><strong>{self.verdict}</strong></p>"


def check_setup() -> Report:
    """Check the packages and the data, say what multiplies the matrices, and time one epoch of training."""
    return Report((("Python", True, _python()), *_packages(), _products(), *_data_and_speed()))


def _python():
    if not IN_BROWSER:
        return platform.python_version()
    import pyodide

    return f"{platform.python_version()}, in this browser (Pyodide {pyodide.__version__})"


def _packages():
    """One row for each package the lessons need, with the version it has to have."""
    wanted = [Requirement(text) for text in requires("lessons_lib") or []]
    return [_package(need) for need in wanted if need.marker is None or need.marker.evaluate({"extra": ""})]


def _package(need):
    try:
        found = version(need.name)
    except PackageNotFoundError:
        return need.name, False, f"is not installed. Run `pip install '{need}'` and restart the kernel."
    if found in need.specifier:
        return need.name, True, found
    return need.name, False, f"{found} does not fit. Run `pip install '{need}'` and restart the kernel."


def _products():
    """Which library multiplies the matrices, and with how many threads."""
    n = threads()
    use = "1 thread" if n == 1 else f"{n} threads, of which the lessons use one: their matrices are small"
    return "Matrix products", True, f"{blas()} with {use}"


def _data_and_speed():
    try:
        mnist = load_mnist()
    except OSError as error:  # it says which file, and how to repair it
        return [("MNIST", False, str(error))]
    data, where = (mnist.test, "in this browser") if IN_BROWSER else (mnist.train, "on this machine")
    start = time.perf_counter()
    rng = np.random.default_rng(0)
    for _ in train(Network.random((784, 16, 16, 10), rng=rng), data, SGD(), rng=rng):
        pass
    seconds = time.perf_counter() - start
    sizes = f"{len(mnist.train):,} training and {len(mnist.test):,} test images"
    if IN_BROWSER:  # which would have to fetch the training images first, for a row in a table
        sizes += "; the training images come when a cell needs them"
    speed = f"{seconds:.2f} seconds {where}" + (", over the test images" if IN_BROWSER else "")
    return [("MNIST", True, sizes), ("One epoch of training", True, speed)]
