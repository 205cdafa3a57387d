"""Measure live pictures against other libraries, in real JupyterLab and a real browser: `make bench-live`.

Chromium reports every frame that it puts on the screen, and when. A square in each picture spells the
slider's value in its colour, so a frame says which value a person saw then. All ways are measured like this,
in turn, each in a notebook and a kernel of its own: first with TCP_NODELAY in the server, as our extension
sets it, then without, as on Binder, Colab and hubs that lack the extension. Prints tables and writes
``results-live.md``.
"""

import argparse
import base64
import contextlib
import io
import json
import math
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from driving import LabServer, NotebookPage, chromium  # noqa: E402

from benchmarks.live_ways import FIGURES, FIRST, LAST, RETRAINING, WAYS, colour  # noqa: E402
from benchmarks.report import avx512, machine, table, verdict  # noqa: E402

WINDOW = {"width": 1200, "height": 900}
SHRINK = 4  # frames are looked at in a quarter of their size, to which JPEG decodes quickly
MEASURED = [
    "figure",
    "way",
    "key step, 50 / 95 %",
    "frames",
    "lag",
    "kernel",
    "compute",
    "kB",
    "first",
    "faults",
]
STORM = [
    "figure",
    "way",
    "value at the end",
    "shown after",
    "updates",
    "later updates",
    "kernel MB",
    "page MB",
]
PACKAGES = ("jupyterlab", "ipywidgets", "anywidget", "matplotlib", "ipympl", "plotly", "bqplot")

WRITTEN = """\
Written by `make bench-live`: JupyterLab and Chromium, medians of {steps} key steps and of drags of 100
changes in a second, each way in turn. Browser pixel ratio {ratio}. All is measured twice: with TCP_NODELAY in
the server, and with Nagle's algorithm, which is a server's default. Times are in milliseconds."""
NODELAY, NAGLE = "TCP_NODELAY", "Nagle"
WITH_NAGLE = ("floor", "Panel", "LiveFigure", "interact + inline")  # the ways measured again
COLUMNS = """\
Key step, median and 95th percentile: from the key to the frame with the right picture. Frames and lag: how
many different pictures a drag showed, and how long after the last change the last one came. Kernel:
processor time an update, besides `compute`. kB: all that the page received an update. Faults: steps that
were not answered, and errors."""

LISTEN = """() => window.addEventListener('keydown',
    event => { window.pressed = performance.timeOrigin + event.timeStamp; }, true)"""

# Presses the right arrow `count` times in `seconds`, however slow the answers are.
DRAG = """async ({count, seconds}) => {
    const handle = document.activeElement, start = performance.now();
    for (let done = 0; done < count;) {
        const share = (performance.now() - start) / 1000 / seconds;
        const due = Math.min(count, 1 + Math.floor(share * count));
        const key = {key: 'ArrowRight', bubbles: true, cancelable: true};
        for (; done < due; done++) handle.dispatchEvent(new KeyboardEvent('keydown', key));
        window.pressed = performance.timeOrigin + performance.now();
        await new Promise(resolve => setTimeout(resolve, 1));
    }
    return [performance.timeOrigin + start, window.pressed];
}"""

# Changes a dot in a corner, which makes the browser paint and report a frame.
POKE = """() => {
    const style = 'position: fixed; right: 0; bottom: 0; width: 2px; height: 2px; z-index: 9999';
    window.dot ??= document.body.appendChild(Object.assign(document.createElement('div'), {style}));
    window.dot.style.background = window.dot.style.background === 'red' ? 'blue' : 'red';
    return performance.timeOrigin + performance.now();
}"""
POKED = 300  # milliseconds within which that frame arrives

RUN = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({code, store_history: false});
    let said = '';
    future.onIOPub = message => { if (message.header.msg_type === 'stream') said += message.content.text; };
    await future.done;
    return said;
}"""


@dataclass
class Measured:
    """What one way did on one figure; times in milliseconds."""

    first: float = math.nan
    steps: list = field(default_factory=list)
    frames: list = field(default_factory=list)
    lags: list = field(default_factory=list)
    kernel: list = field(default_factory=list)
    compute: float = math.nan
    bytes: list = field(default_factory=list)
    missed: int = 0
    problems: list = field(default_factory=list)

    def median(self, name):
        values = getattr(self, name)
        return statistics.median(values) if values else math.nan


class Screen:
    """The frames that a page has put on the screen: (milliseconds, JPEG bytes)."""

    def __init__(self, page):
        self.frames, self.place = [], None
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._arrived)

    def start(self):
        self.frames.clear()
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 80})

    def stop(self):
        self._session.send("Page.stopScreencast")

    def _arrived(self, event):
        self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        self.frames.append((1000 * event["metadata"]["timestamp"], base64.b64decode(event["data"])))

    def find(self, value):
        """Look for the square, which shows ``value``, in the newest frame; returns whether it is there."""
        pixels = decoded(self.frames[-1][1])
        rows, columns = np.nonzero((abs(pixels - colour(value)) < 12).all(axis=-1))
        if len(rows) >= 12:
            self.place = int(np.median(rows)), int(np.median(columns))
        return len(rows) >= 12

    def value(self, frame):
        """The value a frame shows, or None."""
        digits = decoded(frame[1])[self.place] / 25
        near = np.round(digits)
        if (abs(digits - near) > 0.4).any() or (near > 10).any():
            return None
        return int(near @ (121, 11, 1))


def decoded(jpeg):
    image = Image.open(io.BytesIO(jpeg))
    image.draft("RGB", (image.width // SHRINK, image.height // SHRINK))
    return np.asarray(image.convert("RGB"), int)


class Notebook:
    """One way to show one figure, open in JupyterLab."""

    def __init__(self, context, server, figure, way):
        self.figure, self.way, self.measured = figure, way, Measured()
        name = f"{figure}_{list(WAYS).index(way)}.ipynb"
        self._write(server.folder / name)
        self.page, self.received = context.new_page(), 0
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        self.notebook = NotebookPage(self.page, server, name)
        self.screen = Screen(self.page)
        self.kernel = psutil.Process(int(self.run("import os; print(os.getpid())")))
        self.run(f"from benchmarks.live_ways import *; prepare({way!r})")
        self._show()

    def _write(self, path):
        cell = nbformat.v4.new_code_cell(f"show({self.figure!r}, {self.way!r})")
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, path)

    def _received(self, payload):
        self.received += len(payload)

    def run(self, code):
        """What ``code`` prints in the kernel."""
        return self.page.evaluate(RUN, code)

    def _show(self):
        """Run the cell, find the square on the screen, and look back to when it was there first."""
        self.page.evaluate(LISTEN)
        self.screen.start()
        asked = self.page.evaluate("() => performance.timeOrigin + performance.now()")
        self.notebook.run_all()
        self.wait(1)
        if problems := self.notebook.error_outputs():
            raise RuntimeError(f"{self.figure}, {self.way}: {problems}")
        self._focus()
        self._find(FIRST)
        times = [frame[0] - asked for frame in self.screen.frames if self.screen.value(frame) == FIRST]
        self.measured.first = min(times)
        self.page.keyboard.press("Home")
        self.wait(0.5)
        for _ in range(3):
            self.step(0.1)
        self.screen.stop()

    def _find(self, value, timeout=60):
        give_up = time.monotonic() + timeout
        while not self.screen.find(value):
            if time.monotonic() > give_up:
                raise RuntimeError(f"{self.figure}, {self.way}: the square of {value} is not on the screen")
            self.page.evaluate(POKE)
            self.wait(0.1)

    def _focus(self):
        self.page.locator(".noUi-handle").first.focus()

    def wait(self, seconds):
        self.page.wait_for_timeout(1000 * seconds)

    def slider(self):
        return round(float(self.page.locator(".noUi-handle").first.get_attribute("aria-valuenow")))

    def wait_for(self, value, timeout=20):
        """The time in milliseconds of the first frame that shows ``value``; None if there is none.

        The browser may drop the last of many frames, so every two seconds the page is made to paint again. A
        picture first reported then was there before, at a time that nobody knows: NaN.
        """
        seen, poked, start = 0, -math.inf, time.monotonic()
        while (waited := time.monotonic() - start) < timeout:
            for frame in self.screen.frames[seen:]:
                seen += 1
                if self.screen.value(frame) == value:
                    return math.nan if poked < frame[0] < poked + POKED else frame[0]
            if waited > 2 and 1000 * time.time() > poked + 2000:
                poked = self.page.evaluate(POKE)
            self.page.wait_for_timeout(1)
        return None

    # Measurements

    def step(self, pause):
        """Press one key; returns the milliseconds until the screen shows the new value."""
        wanted = self.slider() + 1
        self.screen.frames.clear()
        self.page.keyboard.press("ArrowRight")
        right = self.wait_for(wanted)
        self.wait(pause)
        return None if right is None else right - self.page.evaluate("() => window.pressed")

    def steps(self, count, pause=0.08):
        self._ready()
        received, worked, computed = self.received, self._worked(), self._computed()
        for _ in range(count):
            self._keep(self.measured.steps, self.step(pause))
        m = self.measured
        m.compute = 1000 * (self._computed() - computed) / count
        m.kernel.append(1000 * (self._worked() - worked) / count - m.compute)
        m.bytes.append((self.received - received) / count)
        self.screen.stop()

    def drag(self, count=100, seconds=1, tries=3):
        """Make many changes in a row: how many frames are seen, and how late is the last right one?"""
        self._ready()
        self.screen.frames.clear()
        start, last = self.page.evaluate(DRAG, {"count": count, "seconds": seconds})
        right = self.wait_for(self.slider())
        seen = {self.screen.value(frame) for frame in self.screen.frames if start <= frame[0]} - {None}
        self.measured.frames.append(len(seen))
        self._keep(self.measured.lags, None if right is None else right - last)
        self.screen.stop()
        if right is not None and math.isnan(right) and tries > 1:
            self.drag(count, seconds, tries - 1)

    def _keep(self, times, taken):
        if taken is None:
            self.measured.missed += 1
        elif not math.isnan(taken):
            times.append(taken)

    def storm(self):
        """Make 1,000 changes in two seconds.

        Returns:
            A row: the value at the end, the lag ("in time" if within 2 s, in a frame that was dropped), the
            updates made until then and later, and by how many MB kernel and page grew.
        """
        self._ready()
        before, memory = self._updates(), self._memory()
        self.page.keyboard.press("Home")
        self.wait(0.5)
        self.screen.frames.clear()
        _, last = self.page.evaluate(DRAG, {"count": LAST, "seconds": 2})
        right = self.wait_for(self.slider())
        done = self._updates()
        self.wait(2)
        later = self._updates() - done
        grown = [after - first for after, first in zip(self._memory(), memory, strict=True)]
        self.screen.stop()
        shown = "never" if right is None else "in time" if math.isnan(right) else f"{right - last:.0f} ms"
        numbers = [self.slider(), shown, done - before, later, *(f"{mb:+.1f}" for mb in grown)]
        return [self.figure, self.way, *numbers]

    def _ready(self):
        """Bring the page to the front with its slider in focus, far enough from the end."""
        self.page.bring_to_front()
        self.screen.start()
        self._focus()
        if self.slider() > LAST // 2:
            self.page.keyboard.press("Home")
        self.wait(0.4)

    def _worked(self):
        times = self.kernel.cpu_times()
        return times.user + times.system

    def _computed(self):
        return float(self.run("print(sum(COMPUTED))"))

    def _updates(self):
        return int(self.run("print(len(COMPUTED))"))

    def _memory(self):
        self.run("import gc; gc.collect()")
        heap = self.page.evaluate("() => performance.memory.usedJSHeapSize")
        return self.kernel.memory_info().rss / 1e6, heap / 1e6

    def close(self):
        problems = self.notebook.console_errors + self.notebook.error_outputs()
        self.measured.problems = problems
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()


# The comparison


def measure(context, server, figure, ways, rounds, steps):
    """Measure every way on one figure, in turn; returns {way: Measured} and the rows of the storm."""
    notebooks = []
    for way in ways:
        notebooks.append(Notebook(context, server, figure, way))
        print(f"  {way} is open", flush=True)
    for _ in range(rounds):
        for notebook in notebooks:
            notebook.steps(steps)
            notebook.drag()
    storms = [notebook.storm() for notebook in notebooks if notebook.way in ("Panel", "LiveFigure")]
    for notebook in notebooks:
        notebook.close()
    return {notebook.way: notebook.measured for notebook in notebooks}, storms


def measured_rows(results):
    for figure, ways in results.items():
        for way, m in ways.items():
            low, high = np.percentile(m.steps, [50, 95]) if m.steps else (math.nan, math.nan)
            drags = (f"{m.median('frames'):.0f}", f"{m.median('lags'):.0f}")
            kernel = (f"{m.median('kernel'):.1f}", f"{m.compute:.1f}", f"{m.median('bytes') / 1000:.1f}")
            faults = m.missed + len(m.problems)
            yield [figure, way, f"{low:.0f} / {high:.0f}", *drags, *kernel, f"{m.first:.0f}", faults]


def bar_rows(results, ours):
    """Each bar, and what was measured: one number for each figure."""

    def ratios(name, way):
        return [ways[way].median(name) / ways[ours].median(name) for ways in results.values() if way in ways]

    def row(what, bar, values, passed, form="{:.2f}×"):
        return [what, bar, " / ".join(form.format(value) for value in values), verdict(passed)]

    for way, bar in (("interact + inline", 3), ("ipympl, draw_idle", 2.5), ("ipympl, blitting", 1),
                     ("plotly FigureWidget", 1.7), ("bqplot", 1)):  # fmt: skip
        faster = ratios("steps", way)
        if not faster:
            continue
        yield row(f"key step, {way} / ours", f"≥ {bar}×", faster, min(faster) >= bar)
        if way == "interact + inline":
            mean = statistics.geometric_mean(faster)
            yield row("the same, geometric mean", "≥ 5×", [mean], mean >= 5)
    floor = [1 / ratio for ratio in ratios("steps", "floor")]
    yield row("key step, ours / floor", "≤ 1×", floor, max(floor) <= 1)
    frames = [1 / ratio for ratio in ratios("frames", "floor")]
    yield row("frames in a drag, ours / floor", "≥ 1.5×", frames, min(frames) >= 1.5)
    seen = [found[ours].median("frames") for found in results.values()]
    yield row("frames in a drag", "≥ 50 with AVX-512", seen, min(seen) >= 50 or not avx512(), "{:.0f}")
    lags = [1 / ratio for ratio in ratios("lags", "floor")]
    yield row("last right frame, ours / floor", "≤ 2×", lags, max(lags) <= 2)
    mine = [ways[ours] for ways in results.values()]
    limits = {"pictures": 8, "path": 5, "edges": 6}
    kernel = {figure: found[ours].median("kernel") for figure, found in results.items()}
    quick = all(kernel[figure] <= limits[figure] for figure in kernel)
    yield row("kernel time besides compute", "≤ 8 / 5 / 6 ms", kernel.values(), quick, "{:.1f} ms")
    sizes = {"pictures": 60, "path": 10, "edges": 20}
    sent = {figure: ways[ours].median("bytes") / 1000 for figure, ways in results.items()}
    fits = all(sent[figure] <= sizes[figure] for figure in sent)
    yield row("bytes an update", "≤ 60 / 10 / 20 kB", sent.values(), fits, "{:.1f} kB")
    first = [m.first for m in mine]
    yield row("first picture", "≤ 700 ms", first, max(first) <= 700, "{:.0f} ms")


def retraining_row(found):
    """The drag in which every value trains a network on 6,000 images first."""
    frames = found[RETRAINING]["Panel"].median("frames")
    return ["frames in a retraining drag", "≥ 12", f"{frames:.0f}", verdict(frames >= 12)]


def bars(measured, ours):
    """The bars of one way, with what each server gave."""
    rows = {}
    for server, (results, _) in measured.items():
        figures = {figure: found for figure, found in results.items() if figure != RETRAINING}
        found = list(bar_rows(figures, ours)) if figures else []
        if ours == "Panel" and RETRAINING in results:
            found.append(retraining_row(results))
        for what, bar, *values in found:
            rows.setdefault((what, bar), {})[server] = values
    empty = ["", ""]
    return [
        [*what, *(cell for server in measured for cell in row.get(server, empty))]
        for what, row in rows.items()
    ]


def report(measured, steps, ratio):
    results, _ = next(iter(measured.values()))
    first = next(iter(results.values()))
    figures = " / ".join(figure for figure in results if figure != RETRAINING)
    head = ["what", "bar", *(cell for server in measured for cell in (f"{server}: {figures}", ""))]
    sections = [
        "# Live pictures beside other libraries",
        WRITTEN.format(steps=steps, ratio=ratio),
        machine(PACKAGES),
    ]
    for way in ("Panel", "LiveFigure"):
        if "floor" in first and way in first:
            sections += [f"## {way}", table(head, bars(measured, way))]
    for server, (results, storms) in measured.items():
        sections += [
            f"## Everything measured with {server}",
            COLUMNS,
            table(MEASURED, measured_rows(results)),
        ]
        sections += ["1,000 changes in two seconds:", table(STORM, storms)]
    return "\n\n".join(sections)


def measure_all(browser, asked, nodelay):
    """Measure every figure with a server of its own; returns {figure: {way: Measured}} and the storms."""
    ways = [way for way in asked.ways if nodelay or way in WITH_NAGLE]
    results, storms = {}, []
    with served(nodelay) as server:
        context = browser.new_context(viewport=WINDOW, device_scale_factor=asked.ratio)
        for figure in asked.figures:
            print(f"{figure} …", flush=True)
            here = ways if figure != RETRAINING else ["Panel"]
            results[figure], more = measure(context, server, figure, here, asked.rounds, asked.steps)
            storms += more
            for row in measured_rows({figure: results[figure]}):
                print("  ".join(map(str, row)), flush=True)
        context.close()
    return results, storms


@contextlib.contextmanager
def served(nodelay):
    """A JupyterLab server with our extension switched on or off."""
    with tempfile.TemporaryDirectory() as folder:
        notebooks, workspace = Path(folder, "notebooks"), Path(folder, "jupyter")
        notebooks.mkdir()
        config = workspace / "config" / "jupyter_server_config.json"
        config.parent.mkdir(parents=True)
        extensions = {"lessons_lib.live.nodelay": nodelay}
        config.write_text(json.dumps({"ServerApp": {"jpserver_extensions": extensions}}))
        server = LabServer(notebooks, workspace)
        try:
            yield server
        finally:
            server.stop()


def main():
    figures = [*FIGURES, RETRAINING]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="how often the ways take turns")
    parser.add_argument("--steps", type=int, default=20, help="key steps a turn")
    parser.add_argument("--figures", nargs="*", default=figures, choices=figures)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--ratio", type=float, default=1, help="the browser's pixel ratio")
    parser.add_argument("--servers", nargs="*", default=[NODELAY, NAGLE], choices=[NODELAY, NAGLE])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results-live.md")
    asked = parser.parse_args()
    with chromium() as browser:
        measured = {server: measure_all(browser, asked, server == NODELAY) for server in asked.servers}
    text = report(measured, asked.rounds * asked.steps, asked.ratio)
    print("\n" + text)
    for results, _ in measured.values():
        for ways in results.values():
            for way, m in ways.items():
                for problem in m.problems:
                    print(f"{way}: {problem}", file=sys.stderr)
    asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
