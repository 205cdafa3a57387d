"""Plant faults, one at a time, in a copy of the project; the layer meant to catch each must do so.

`make test-faults` runs this. Each fault runs only the tests named beside it: first on an untouched copy,
where they must pass, then with the fault, where the test named must fail.
"""

import ast
import gzip
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSON = "03_what_one_example_wants"
NOTEBOOK = f"notebooks/{LESSON}.ipynb"
PANEL = "lessons_lib/lessons/what_one_example_wants/nudges.py"

GRADIENTS = ("tests/engine/test_propagation.py",)
PANELS = ("tests/lessons/test_what_one_example_wants.py",)
CHECKS = ("tests/panels/test_exercise.py",)
RULES = ("tests/notebooks/test_rules.py", "-k", LESSON)
RUN = ("--nbval-lax", "--nbval-current-env", NOTEBOOK)
BROWSER = ("tests/browser/test_notebooks.py", "-k", LESSON)


@dataclass(frozen=True)
class Fault:
    """What is done to the copy, which tests should see it, and the words their failure must contain."""

    plant: callable
    layer: tuple[str, ...]
    named: str


def edited(file, pattern, replacement):
    """Replace the first match of a regular expression; a fault that no longer fits the code is an error."""

    def plant(root):
        text = (root / file).read_text(encoding="utf-8")
        changed, count = re.subn(pattern, replacement, text, count=1, flags=re.M)
        assert count, f"{file} has no {pattern!r} any more; let this fault follow the code"
        (root / file).write_text(changed, encoding="utf-8")

    return plant


def in_notebook(change):
    """Let `change(notebook)` alter the lesson."""

    def plant(root):
        notebook = nbformat.read(root / NOTEBOOK, as_version=4)
        change(notebook)
        nbformat.write(notebook, root / NOTEBOOK)

    return plant


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


class Emptied(ast.NodeTransformer):
    """A cell's code with every assertion replaced by `statement`."""

    def __init__(self, statement):
        self.statement = ast.parse(statement).body[0]

    def visit_Assert(self, node):
        return self.statement


def empty_assertions(statement):
    def change(notebook):
        for cell in code_cells(notebook):
            if "assert" in cell.source:
                cell.source = ast.unparse(Emptied(statement).visit(ast.parse(cell.source)))

    return change


def break_an_assertion(notebook):
    cell = next(cell for cell in code_cells(notebook) if "assert" in cell.source)
    cell.source = ast.unparse(Emptied("assert 'the lesson' == 'right'").visit(ast.parse(cell.source)))


def leave_an_output(notebook):
    code_cells(notebook)[0].outputs = [nbformat.v4.new_output("stream", text="left over")]


def lengthen_a_cell(notebook):
    code_cells(notebook)[0].source += "\npass" * 16


def alter_the_data(root):
    path = root / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(content))


# The panel works when it is made and fails when it is moved: what interact() would swallow.
RAISE_LATER = r"""\g<0>
        self._computed = getattr(self, "_computed", 0) + 1
        if self._computed > 1:
            raise RuntimeError("planted")"""

# Every digit of the sentence one too high: the picture says 3, the sentence 4.
LIE = r"""    def describe(self, result):
        return "".join(str((int(c) + 1) % 10) if c.isdigit() else c for c in self.truth(result))

    def truth(self, result):"""

FAULTS = {
    "sign of a delta flipped": Fault(
        edited("lessons_lib/engine/network.py", r"deltas = \[cost", "deltas = [-cost"),
        GRADIENTS,
        "test_propagation",
    ),
    "σ′ omitted": Fault(
        edited("lessons_lib/engine/network.py", r"deltas\.insert\(0, .*", "deltas.insert(0, slope)"),
        GRADIENTS,
        "test_propagation",
    ),
    "averaging omitted": Fault(
        edited("lessons_lib/engine/gradient.py", r" / len\(self\)", ""),
        GRADIENTS,
        "test_propagation",
    ),
    "sign flipped, seen by a lesson": Fault(
        edited("lessons_lib/engine/network.py", r"deltas = \[cost", "deltas = [-cost"), RUN, LESSON
    ),
    "a panel's callback raises, without a browser": Fault(
        edited(PANEL, r"    def compute\(self, state\):(\n        \"\"\"[^\"]*\"\"\")?", RAISE_LATER),
        PANELS,
        "planted",
    ),
    "a panel's callback raises, in a browser": Fault(
        edited(PANEL, r"    def compute\(self, state\):(\n        \"\"\"[^\"]*\"\"\")?", RAISE_LATER),
        BROWSER,
        LESSON,
    ),
    "a read-out lies about its picture": Fault(
        edited(PANEL, r"    def describe\(self, result\):", LIE), PANELS, "test_what_one_example_wants"
    ),
    "a lesson's assertion fails": Fault(in_notebook(break_an_assertion), RUN, LESSON),
    "a lesson's assertions removed": Fault(
        in_notebook(empty_assertions("pass")), RULES, "test_what_the_prose_says_is_checked"
    ),
    "an assertion weakened to nothing": Fault(
        in_notebook(empty_assertions("assert True")), RULES, "test_every_assertion_can_fail"
    ),
    "an exercise check that passes everything": Fault(
        edited("lessons_lib/panels/exercise.py", r"^( +)raise .*", r"\1return"), CHECKS, "test_exercise"
    ),
    "an output left in a notebook": Fault(
        in_notebook(leave_an_output), RULES, "test_it_is_stored_without_outputs"
    ),
    "a cell over the limit": Fault(in_notebook(lengthen_a_cell), RULES, "test_code_cells_are_short"),
    "an import that points the wrong way": Fault(
        edited(
            "lessons_lib/engine/functions.py",
            r"^import numpy as np",
            r"\g<0>\nfrom lessons_lib.drawing import style",
        ),
        ("tests/test_imports.py", "-k", "stands_in_a_room"),
        "functions.py",
    ),
    "widgets loaded with the package": Fault(
        edited("lessons_lib/data/mnist.py", r"^import numpy as np", r"\g<0>\nimport ipywidgets"),
        ("tests/test_imports.py", "-k", "package_alone"),
        "test_the_package_alone",
    ),
    "an altered data file": Fault(
        alter_the_data,
        ("tests/data/test_data.py", "-k", "complete"),
        "t10k-labels-idx1-ubyte.gz: the file was altered",
    ),
    "environment.yml out of step": Fault(
        edited("environment.yml", r"numpy>=[\d.]+", "numpy>=1.0"), ("tests/test_environment.py",), "numpy"
    ),
}


NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", ".*_*", ".hypothesis", "build", "test-results"
)


@pytest.fixture
def copy(tmp_path):
    """A copy of the project to spoil."""
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=NOT_COPIED))


def run(root, layer):
    """Run some of the copy's tests on the copy's library."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *layer]
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)


passing = set()  # layers seen to pass on an untouched copy


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_fault_is_caught(copy, fault):
    if fault.layer not in passing:
        untouched = run(copy, fault.layer)
        assert untouched.returncode == 0, (
            f"fails without any fault:\n{untouched.stdout[-3000:]}{untouched.stderr[-1000:]}"
        )
        passing.add(fault.layer)
    fault.plant(copy)
    planted = run(copy, fault.layer)
    assert planted.returncode == 1, f"not caught:\n{planted.stdout[-3000:]}{planted.stderr[-1000:]}"
    assert fault.named in planted.stdout, (
        f"caught, but '{fault.named}' is not named:\n{planted.stdout[-3000:]}"
    )
