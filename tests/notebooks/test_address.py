"""Every notebook links to its page of the book, and says how to install the lessons."""

import json
import runpy
import subprocess
import sys

import pytest
from test_rules import MOST_WORDS, NOTEBOOKS, NUMBERED, ROOT, name, words

ADDRESS = runpy.run_path(str(ROOT / "docs" / "site" / "address.py"))
addressed = ADDRESS["addressed"]
SOMEWHERE = {"Homepage": "https://example.org/a/b", "Repository": "https://example.org/somebody/lessons"}
WITHOUT = """
import sys
from IPython.core.interactiveshell import InteractiveShell
sys.modules["lessons_lib"] = None
ran = InteractiveShell.instance().run_cell(sys.stdin.read())
print(type(ran.error_in_exec).__name__)
"""


def read(path):
    return json.loads(path.read_text("utf-8"))


def source(cell):
    return "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_is_what_make_address_writes(path):
    assert addressed(read(path), path.stem, ADDRESS["urls"]()) == read(path), "run `make address`"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_an_address_comes_and_goes(path):
    there = addressed(read(path), path.stem, SOMEWHERE)
    title, *rest = there["cells"]
    assert f"](https://example.org/a/b/{path.stem}.html)" in source(title)
    assert words(source(title)) <= MOST_WORDS
    if path in NUMBERED:
        assert "%pip install git+https://example.org/somebody/lessons" in source(rest[0])
    assert addressed(there, path.stem, SOMEWHERE) == there
    assert addressed(there, path.stem, ADDRESS["urls"]()) == read(path)


def test_without_the_lessons_the_first_cell_says_in_one_line_what_to_run():
    cell = addressed(read(NUMBERED[3]), NUMBERED[3].stem, SOMEWHERE)["cells"][1]
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT], input=source(cell), capture_output=True, text=True, check=True
    )
    assert ran.stdout == "UsageError\n"
    [line] = ran.stderr.strip().splitlines()
    assert "not installed here" in line and line.endswith(f"%pip install git+{SOMEWHERE['Repository']}")
