"""The teaching plan names lessons, panels and presets; all of them have to exist."""

import inspect
import re
from pathlib import Path

import pytest

from lessons_lib import panels

ROOT = Path(__file__).resolve().parents[1]
PLAN = (ROOT / "docs" / "teaching.md").read_text("utf-8")
LESSONS = (ROOT / "notebooks").glob("[0-9]*.ipynb")
NOTEBOOKS = {path.name[:2]: path.read_text("utf-8") for path in LESSONS}
IN_PLAN = re.findall(r"^\| (\d\d) \| `(\w+)` \| (.*?) \|", PLAN, flags=re.M)  # lesson, panel, presets
ANSWERS = re.findall(r"^\| \".*?\" \| `(\w+)` \| (.*?) \|", PLAN, flags=re.M)  # panel, presets
IN_TEXT = set(re.findall(r"`(\w+)`", PLAN)) & set(panels.PLACES)


@pytest.mark.parametrize(("lesson", "panel"), [row[:2] for row in IN_PLAN])
def test_the_lesson_shows_the_panel(lesson, panel):
    assert f"panels.{panel}(" in NOTEBOOKS[lesson]


@pytest.mark.parametrize(("panel", "presets"), [row[1:] for row in IN_PLAN] + ANSWERS)
def test_the_panel_has_the_presets(panel, presets):
    named = re.findall(r"\*(.+?)\*", presets)
    source = inspect.getsource(getattr(panels, panel))
    assert named and not [name for name in named if f'"{name}": Preset(' not in source]


def test_every_lesson_and_every_panel_has_its_place():
    assert {lesson for lesson, *_ in IN_PLAN} == set(NOTEBOOKS)
    shown = set(re.findall(r"panels\.([a-z]\w+)\(", "".join(NOTEBOOKS.values())))
    assert shown - {"check_setup", "show_source", "runs", "your_guesses"} == IN_TEXT
