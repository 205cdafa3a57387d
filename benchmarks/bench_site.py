"""Measure the browser edition in Chromium: `python -m benchmarks.bench_site ADDRESS` of a served build/site.

From the key to the frame with the right picture, as in `bench_live`, with Python in the page instead of a
server; then what 1,000 changes leave in memory, an epoch, and where the time before a first picture goes.
Prints tables and writes ``results-site.md``.
"""

import argparse
import json
import statistics
import time
from itertools import product
from pathlib import Path

from benchmarks.bench_live import WINDOW, Notebook, NotebookPage, Screen
from benchmarks.live_ways import FIGURES
from benchmarks.report import machine, table

HERE = Path(__file__).parent
BAR = 100  # ms, the median of key steps
READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext.session?.kernel?.status === 'idle'; }"""
SAVE = """async ({name, cell}) => {
    const kernelspec = {name: 'python', display_name: 'Python'};
    const cells = [{id: 'one', cell_type: 'code', source: cell, metadata: {}, outputs: [],
                    execution_count: null}];
    const content = {nbformat: 4, nbformat_minor: 5, metadata: {kernelspec}, cells};
    const {contents} = window.jupyterapp.serviceManager;
    await contents.save(name, {type: 'notebook', format: 'json', content}); }"""
FOUND = """
import sys, pyodide, numpy, matplotlib
print(f"Pyodide {pyodide.__version__}, Python {sys.version.split()[0]}, numpy {numpy.__version__}, "
      f"matplotlib {matplotlib.__version__}")
"""
EPOCH = """
import json, time, numpy as np
from lessons_lib import SGD, Network, evaluate, load_mnist, train
times = {}
def lap(name, act):
    start = time.perf_counter(); act(); times[name] = round(time.perf_counter() - start, 2)
mnist = load_mnist.__wrapped__() if hasattr(load_mnist, "__wrapped__") else load_mnist()
lap("fetch and unpack 60,000 training images", lambda: mnist.train.pixels)
def epoch(batch_size, data):
    rng = np.random.default_rng(0)
    net = Network.random((784, 16, 16, 10), rng=rng)
    for _ in train(net, data, SGD(4.0), batch_size=batch_size, rng=rng): pass
lap("an epoch of 60,000, batches of 100", lambda: epoch(100, mnist.train))
lap("6,000 images, batches of 10", lambda: epoch(10, mnist.train[:6000]))
from lessons_lib.runs.stages import stages
lap("the lessons' networks (`stages`), which come with the site", lambda: stages(mnist.train)["trained"])
print(json.dumps(times))
"""
WRITTEN = """\
Written by `python -m benchmarks.bench_site`: JupyterLite and Chromium on one machine, {found}. Times are in
milliseconds: from the key to the frame with the right picture, median and 95th percentile of {steps} steps;
in drags of 100 changes in a second, how many different pictures were seen, and how long after the last change
the last one came. Then 1,000 changes in two seconds: the lag, and by how many MB the memory of Python and of
the page grew."""
HEAD = ["figure", "way", "key step, 50 / 95 %", f"≤ {BAR}", "frames", "lag", "compute", "first", "faults"]
STORM = ["figure", "way", "value at the end", "shown after", "updates", "later updates"]
STORM += ["Python's MB", "page MB", "objects MB"]


class SitePage(NotebookPage):
    """A notebook of the browser edition, open without the door before it."""

    def __init__(self, page, address, name):
        self.page, self.name, self.console_errors = page, name, []
        page.on("console", self._hear)
        page.on("pageerror", self._hear_uncaught)
        start = time.monotonic()
        page.goto(f"{address}live/notebooks/index.html?path={self.name}")
        page.wait_for_function(READY, timeout=120_000, polling=50)
        self.started = time.monotonic() - start


class SiteNotebook(Notebook):
    """One way to show one figure, in the browser edition."""

    def __init__(self, context, address, figure, way):
        from benchmarks.bench_live import Measured

        self.figure, self.way, self.measured = figure, way, Measured()
        self.page, self.received = context.new_page(), 0
        self.notebook = SitePage(self.page, address, name_of(figure, way))
        self.screen = Screen(self.page)
        source = (HERE / "live_ways.py").read_text(encoding="utf-8")
        source = source.replace("time.thread_time", "time.perf_counter")  # a browser's Python has no other
        self.run("import pathlib, sys, tempfile; here = tempfile.gettempdir(); sys.path.append(here)")
        self.run(f"pathlib.Path(here, 'live_ways.py').write_text({source!r})")
        self.run(f"from live_ways import *; prepare({way!r})")
        self._show()

    def _worked(self):
        return float(self.run("import time; print(time.process_time())"))

    def _memory(self):
        self.run("import gc; gc.collect()")
        python = float(self.run("import pyodide_js; print(pyodide_js._module.HEAPU8.length)"))
        used = float(self.run("import sys; print(sum(map(sys.getsizeof, __import__('gc').get_objects())))"))
        heap = self.page.evaluate("() => performance.memory.usedJSHeapSize")
        return python / 1e6, heap / 1e6, used / 1e6

    def close(self):
        self.measured.problems = self.notebook.console_errors + self.notebook.error_outputs()
        self.page.close()


def name_of(figure, way):
    return f"bench-{figure}-{way}.ipynb"


def measure(context, address, figure, way, rounds, steps):
    notebook = SiteNotebook(context, address, figure, way)
    for _ in range(rounds):
        notebook.steps(steps)
        notebook.drag()
    storm = notebook.storm()
    notebook.close()
    return notebook.measured, storm


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of the served site, such as http://127.0.0.1:8000/")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--figures", nargs="*", default=list(FIGURES), choices=list(FIGURES))
    parser.add_argument("--ways", nargs="*", default=["Panel", "LiveFigure"])
    parser.add_argument("--out", type=Path, default=HERE / "results-site.md")
    asked = parser.parse_args()
    from driving import chromium

    rows, storms = [], []
    with chromium() as browser:
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        opened = SitePage(page, asked.address, "00_start_here.ipynb")
        plain = Plain(page)
        found, epoch = plain.run(FOUND).strip(), json.loads(plain.run(EPOCH).splitlines()[-1])
        for figure, way in product(asked.figures, asked.ways):
            page.evaluate(SAVE, {"name": name_of(figure, way), "cell": f"show({figure!r}, {way!r})"})
        page.close()
        print(found, f"ready after {opened.started:.1f} s", epoch, flush=True)
        for figure, way in product(asked.figures, asked.ways):
            m, storm = measure(context, asked.address, figure, way, asked.rounds, asked.steps)
            rows.append(row(figure, way, m))
            storms.append(storm)
            print(*rows[-1], m.problems, storm, sep="  ", flush=True)
    sections = [
        "# Live pictures in the browser edition",
        WRITTEN.format(found=found, steps=asked.rounds * asked.steps),
        machine(("playwright",)),
        table(HEAD, rows),
        table(STORM, storms),
        f"Page and Python ready after {opened.started:.1f} s, in a browser that had never been there.",
        table(["what", "seconds"], epoch.items()),
    ]
    text = "\n\n".join(sections)
    print("\n" + text)
    asked.out.write_text(text + "\n", encoding="utf-8")


class Plain:
    """A page's kernel."""

    run = Notebook.run

    def __init__(self, page):
        self.page = page


def row(figure, way, m):
    steps = sorted(m.steps)
    median = statistics.median(steps)
    late = steps[int(0.95 * (len(steps) - 1))]
    verdict = "yes" if median <= BAR else "no"
    faults = m.missed + len(m.problems)
    drags = f"{m.median('frames'):.0f}", f"{m.median('lags'):.0f}"
    ours = f"{m.compute:.1f}", f"{m.first:.0f}", faults
    return [figure, way, f"{median:.0f} / {late:.0f}", verdict, *drags, *ours]


if __name__ == "__main__":
    main()
