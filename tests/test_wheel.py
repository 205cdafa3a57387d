"""The wheel holds all that a lesson needs: installed away from the checkout, lesson 00 runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import lessons_lib

ROOT = Path(__file__).resolve().parents[1]


def run(folder, *command):
    environment = os.environ | {"PYTHONPATH": str(folder / "installed")}
    result = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_lesson_runs_from_the_wheel_outside_the_checkout(tmp_path):
    installed = tmp_path / "installed"
    options = ("-q", "--no-deps", "--no-build-isolation", "--no-compile", "--target", installed)
    run(tmp_path, "pip", "install", *options, ROOT)
    assert {path.suffix for path in (installed / "lessons_lib").rglob("*")} >= {".py", ".js", ".css", ".gz"}
    assert (installed / "lessons_lib" / "py.typed").exists()
    lessons = {path.name for path in (installed / "lessons_lib" / "_notebooks").iterdir()}
    assert lessons == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    run(tmp_path, "lessons_lib", tmp_path / "learner", "--update")
    assert {path.name for path in (tmp_path / "learner").glob("*.ipynb")} == lessons
    assert (installed / f"lessons_lib-{lessons_lib.__version__}.dist-info").exists()
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path)
    (tmp_path / "test_place.py").write_text(
        f"import lessons_lib\ndef test_place(): assert lessons_lib.__file__.startswith({str(installed)!r})\n"
    )
    run(
        tmp_path, "pytest", "-q", "--nbval-lax", "--nbval-current-env", "test_place.py", "00_start_here.ipynb"
    )
