"""The Python of a browser: no threads, no other processes, older packages. The lessons must not mind.

Where there are Node and Pyodide, from ``make site OFFLINE=1`` or in the folder that PYODIDE names, some
lessons run in it.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYODIDE = Path(os.environ.get("PYODIDE") or ROOT / "build" / "site" / "live" / "pyodide")
NODE = shutil.which("node")
needs_pyodide = pytest.mark.skipif(
    not NODE or not (PYODIDE / "pyodide.mjs").exists(),
    reason=f"needs Node, and Pyodide in {PYODIDE}: make site OFFLINE=1, or name its folder in PYODIDE",
)

WITHOUT = """
import _thread, importlib, os, pkgutil, subprocess, threading
def refuse(*args, **kwargs):
    raise RuntimeError("a browser has no threads and no other processes")
_thread.start_new_thread = threading._start_new_thread = threading._start_joinable_thread = refuse
subprocess.Popen.__init__ = os.system = os.fork = refuse
import lessons_lib
for module in pkgutil.walk_packages(lessons_lib.__path__, "lessons_lib."):
    importlib.import_module(module.name)
from lessons_lib import load_mnist, panels
mnist = load_mnist()
panel = panels.first_steps(mnist)
panel.state = {"learning_rate": 2.0}
panels.walkers(mnist.train[:500], mnist.test[:100]).run_to_end()
print(panel.sentence)
"""


def test_the_lessons_need_no_threads_and_no_other_processes():
    result = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "A new network looked at" in result.stdout


def in_pyodide(script, *arguments):
    """What a script of tests/pyodide prints when Pyodide runs it, without a browser."""
    command = [NODE, ROOT / "tests" / "pyodide" / "in_node.mjs", PYODIDE, ROOT / "tests" / "pyodide" / script]
    environment = os.environ | {"PACKAGES": sysconfig.get_path("purelib")}
    result = subprocess.run([*map(str, command), *arguments], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@needs_pyodide
def test_lessons_run_and_draw_in_pyodide():
    said = in_pyodide("lessons.py", "00", "03")
    assert said.endswith("faults: 0\n"), said
    assert "font cache" not in said


@needs_pyodide
@pytest.mark.zoo
def test_every_lesson_runs_and_draws_in_pyodide():
    numbers = sorted(path.name[:2] for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    said = in_pyodide("lessons.py", *numbers)
    assert said.endswith("faults: 0\n"), said
