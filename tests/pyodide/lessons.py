"""Run lessons in Pyodide without a browser: every cell, every picture, every slider one step.

Arguments: numbers of lessons. It prints the seconds of each lesson and of its slow cells, and fails where a
cell raises or a picture cannot be drawn. What a page would do is done here: a figure that is displayed is
asked for its first frame, and each control is moved once.
"""

import ast
import asyncio
import inspect
import json
import os
import sysconfig
import time
from pathlib import Path

import ipywidgets as W
from IPython import display as shown

from lessons_lib.live import LiveFigure

SLOW = 3.0  # seconds
WHEEL = Path(
    sysconfig.get_path("purelib"), "lessons_lib", "_mnist"
)  # the data of the browser edition, if installed
if WHEEL.exists():
    os.environ["LESSONS_DATA"] = str(WHEEL)
figures, faults = [], []
made = LiveFigure.__init__


def make(self, *args, **keywords):
    made(self, *args, **keywords)
    figures.append(self)


LiveFigure.__init__ = make


def display(*things, **_):
    for thing in things:
        if hasattr(thing, "_ipython_display_"):
            thing._ipython_display_()
        elif hasattr(thing, "_repr_mimebundle_"):
            thing._repr_mimebundle_()
        elif hasattr(thing, "_repr_html_"):
            thing._repr_html_()


shown.display = display


async def run_cell(source, names):
    """Run the statements, and display what a last expression gives."""
    tree = ast.parse(source)
    last = [tree.body.pop()] if tree.body and isinstance(tree.body[-1], ast.Expr) else []
    await run(tree, "exec", names)
    for expression in last:
        value = await run(ast.Expression(expression.value), "eval", names)
        if value is not None:
            display(value)


async def run(tree, mode, names):
    value = eval(compile(tree, "cell", mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    return await value if inspect.isawaitable(value) else value


def ask_for_frames():
    """What a page does once a cell is over."""
    while figures:
        live = figures.pop()
        if live.comm is None:  # closed meanwhile
            continue
        live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
        if live.trouble or len(live.packet) < 1000:
            faults.append(f"a picture is missing: {live.trouble or 'nothing was sent'} ({live.alt[:60]})")


async def run_lesson(path):
    names = {"__name__": "__main__", "display": display}
    begun = time.perf_counter()
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells):
        source = "".join(cell["source"])
        start = time.perf_counter()
        try:
            await run_cell(source, names)
        except BaseException as error:
            faults.append(f"{path.stem}, cell {number}: {type(error).__name__}: {error}")
        ask_for_frames()
        took = time.perf_counter() - start
        if took > SLOW:
            print(f"    {took:6.1f} s  cell {number}: {source.splitlines()[0][:80]}", flush=True)
        await asyncio.sleep(0)
    print(f"{time.perf_counter() - begun:6.1f} s  {path.stem}", flush=True)
    W.Widget.close_all()


async def main(numbers):
    for number in numbers:
        [path] = Path("notebooks").glob(f"{number}_*.ipynb")
        await run_lesson(path)
    for fault in faults:
        print("FAULT", fault)
    print("faults:", len(faults))


await main(arguments)  # noqa: F704, F821
