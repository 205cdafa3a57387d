"""Where the time of a key step and of a drag goes, message by message: `python -m benchmarks.live_account`.

The page notes when it sends and receives, the kernel when it begins and ends to handle a message, Chromium
when a frame is on the screen; all by the one clock of this machine. Beside it: how many frames a second
Chromium reports here at most, of a page that does nothing but change a colour.
"""

import itertools
import statistics
import sys

from benchmarks.bench_live import NODELAY, RUN, WINDOW, Notebook, Screen, chromium, served
from benchmarks.report import table

# Notes (direction, milliseconds) of every message of a widget.
HEAR = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    window.heard = [];
    kernel.anyMessage.connect((_, {msg, direction}) => msg.header.msg_type.startsWith('comm')
        && window.heard.push([direction, performance.timeOrigin + performance.now()]));
}"""

# The same for the kernel: when the handler of a message began, and when it was done.
TIME = """
import time
HANDLED = []
_kernel = get_ipython().kernel
_handle = _kernel.comm_manager.comm_msg
def _timed(*message):
    begun = time.time()
    try:
        return _handle(*message)
    finally:
        HANDLED.append((1000 * begun, 1000 * time.time()))
_kernel.shell_handlers['comm_msg'] = _timed
"""

CEILING = """async seconds => {
    const style = 'position: fixed; inset: 20% 20%; z-index: 9999';
    const box = document.body.appendChild(Object.assign(document.createElement('div'), {style}));
    const start = performance.now();
    let painted = 0;
    while (performance.now() - start < 1000 * seconds) {
        box.style.background = `rgb(${painted % 256}, ${painted * 7 % 256}, 90)`;
        painted++;
        await new Promise(requestAnimationFrame);
    }
    box.remove();
    return painted / seconds;
}"""

PARTS = (
    "key → first message leaves",
    "→ the kernel begins with it",
    "→ the kernel is done",
    "→ the page has the last message",
    "→ the picture is on the screen",
)


def step_parts(notebook):
    """The milliseconds of one key step, one number for each of ``PARTS``; None where something was missed."""
    notebook.page.evaluate("() => { window.heard.length = 0; }")
    notebook.run("HANDLED.clear()")
    taken = notebook.step(0.25)
    heard = notebook.page.evaluate("() => window.heard")
    handled = eval(notebook.run("print(HANDLED)"))
    if taken is None or taken != taken or not handled:
        return None
    pressed = notebook.page.evaluate("() => window.pressed")
    sent = min(when for direction, when in heard if direction == "send")
    shown = pressed + taken
    got = max((when for direction, when in heard if direction == "recv" and when < shown), default=shown)
    first, last = handled[0][0], handled[0][1]
    marks = [pressed, sent, first, last, got, shown]
    return [after - before for before, after in itertools.pairwise(marks)]


def account(browser, figure, way, steps=30):
    with served(True) as server:
        context = browser.new_context(viewport=WINDOW)
        notebook = Notebook(context, server, figure, way)
        notebook.page.evaluate(HEAR)
        notebook.page.evaluate(RUN, TIME)
        notebook._ready()
        found = [parts for _ in range(steps) if (parts := step_parts(notebook))]
        notebook.screen.stop()
        notebook.page.evaluate("() => { window.heard.length = 0; }")
        notebook.run("HANDLED.clear()")
        notebook.drag()
        handled = eval(notebook.run("print(HANDLED)"))
        heard = notebook.page.evaluate("() => window.heard.map(([direction]) => direction)")
        drag = [
            notebook.measured.frames[-1],
            heard.count("send"),
            heard.count("recv"),
            sum(end - begin for begin, end in handled),
        ]
        notebook.close()
        context.close()
    return [statistics.median(column) for column in zip(*found, strict=True)], drag


def ceiling(browser):
    """Frames painted and frames reported a second, of a page that only changes a colour."""
    page = browser.new_page(viewport=WINDOW)
    screen = Screen(page)
    screen.start()
    painted = page.evaluate(CEILING, 2)
    page.wait_for_timeout(500)
    screen.stop()
    reported = len(screen.frames) / 2
    page.close()
    return painted, reported


def main(figures):
    rows, drags = [], []
    with chromium() as browser:
        painted, reported = ceiling(browser)
        for figure in figures:
            for way in ("floor", "Panel"):
                parts, drag = account(browser, figure, way)
                rows.append([figure, way, *(f"{part:.1f}" for part in parts), f"{sum(parts):.0f}"])
                drags.append([figure, way, *drag[:3], f"{drag[3]:.0f}"])
    print(f"A page that only changes a colour: {painted:.0f} frames a second, {reported:.0f} reported.\n")
    print(f"Key step with {NODELAY}, medians in milliseconds:\n")
    print(table(["figure", "way", *PARTS, "in all"], rows))
    print("\nA drag of 100 changes in a second:\n")
    print(table(["figure", "way", "frames", "messages up", "down", "kernel busy, ms"], drags))


if __name__ == "__main__":
    main(sys.argv[1:] or ["pictures", "path", "edges"])
