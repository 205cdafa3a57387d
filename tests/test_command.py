"""The command `lessons`: copies the notebooks, opens JupyterLab, and never writes over a learner's work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lessons_lib import __main__ as command

FIRST, THIRD = "00_start_here.ipynb", "03_what_one_example_wants.ipynb"


def notebook(path, *sources, **more):
    """Write a notebook of code cells with these sources; returns its path."""
    cells = [
        {"cell_type": "code", "source": [source], "outputs": [], "execution_count": None} | more
        for source in sources
    ]
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    return path


@pytest.fixture
def source(tmp_path):
    """The notebooks as a version has them."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in (FIRST, THIRD):
        notebook(folder / name, "1 + 1")
    return folder


@pytest.fixture
def learner(tmp_path, source):
    """The learner's folder, after the first `lessons`."""
    folder = tmp_path / "Documents" / "lessons"
    assert len([*command.bring(source, folder, update=False)]) == 2
    return folder


def update(source, learner):
    return [*command.bring(source, learner, update=True)]


def files(folder):
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.ipynb")}


def test_a_second_time_nothing_is_copied(source, learner):
    notebook(learner / FIRST, "mine")
    notebook(source / FIRST, "newer")
    before = files(learner)
    assert not [*command.bring(source, learner, update=False)]
    assert files(learner) == before


def test_an_update_replaces_what_was_only_run(source, learner):
    notebook(learner / FIRST, "1 + 1", outputs=[{"output_type": "stream", "text": "2"}], execution_count=7)
    new = notebook(source / FIRST, "2 + 2").read_text("utf-8")
    assert update(source, learner) == [f"updated {learner / FIRST}"]
    assert files(learner)[FIRST] == new and not update(source, learner)


def test_an_update_keeps_what_was_changed_and_puts_the_new_one_beside_it(source, learner):
    mine = notebook(learner / FIRST, "mine").read_text("utf-8")
    assert not update(source, learner)  # there is nothing newer
    new = notebook(source / FIRST, "2 + 2").read_text("utf-8")
    beside = "00_start_here_new.ipynb"
    assert update(source, learner) == [f"copied {learner / beside}, because you changed {FIRST}"]
    assert files(learner)[FIRST] == mine and files(learner)[beside] == new
    assert not update(source, learner)


def test_the_one_beside_is_kept_too_once_it_is_changed(source, learner):
    notebook(learner / FIRST, "mine")
    notebook(source / FIRST, "2 + 2")
    update(source, learner)
    also_mine = notebook(learner / "00_start_here_new.ipynb", "mine as well").read_text("utf-8")
    assert not update(source, learner)
    notebook(source / FIRST, "3 + 3")
    update(source, learner)
    assert files(learner)["00_start_here_new.ipynb"] == also_mine
    assert "3 + 3" in files(learner)["00_start_here_new_new.ipynb"]


def test_without_its_record_it_takes_everything_for_the_learners(source, learner):
    (learner / command.RECORD).unlink()
    (learner / THIRD).write_text("no notebook at all")
    for name in (FIRST, THIRD):
        notebook(source / name, "2 + 2")
    assert len(update(source, learner)) == 2
    assert "1 + 1" in files(learner)[FIRST] and files(learner)[THIRD] == "no notebook at all"


def test_a_lesson_that_is_missing_comes_back(source, learner):
    (learner / THIRD).unlink()
    assert [*command.bring(source, learner, update=False)] == [f"copied {learner / THIRD}"]


def test_where_says_the_folder_and_does_nothing(tmp_path, capsys):
    command.main([str(tmp_path / "mine"), "--where"])
    assert capsys.readouterr().out.strip() == str(tmp_path / "mine") and not (tmp_path / "mine").exists()
    command.main(["--where"])
    assert Path(capsys.readouterr().out.strip()).name == "lessons"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match="Name another folder: lessons FOLDER"):
        command.main([str(tmp_path / "file" / "lessons")])


def run(tmp_path, jupyterlab):
    """`lessons FOLDER --no-browser` in a Python whose JupyterLab is this source, or missing if None."""
    package = tmp_path / "programs" / "jupyterlab"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    (package / "labapp.py").write_text(jupyterlab or "")
    script = f"""
import sys
sys.path.insert(0, {str(package.parent)!r})
from lessons_lib import __main__ as command
{"command.find_spec = lambda name: None" if jupyterlab is None else ""}
command.main([{str(tmp_path / "mine")!r}, "--no-browser"])
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


def test_it_opens_jupyterlab_on_the_copies(tmp_path):
    result = run(tmp_path, "class LabApp:\n    launch_instance = staticmethod(lambda argv: print(*argv))\n")
    assert result.returncode == 0, result.stderr
    root, address, other = result.stdout.splitlines()[-1].split()
    assert root == f"--ServerApp.root_dir={tmp_path / 'mine'}" and other == "--no-browser"
    assert address.endswith(FIRST) and (tmp_path / "mine" / FIRST).exists()
    assert files(tmp_path / "mine") == files(command.SOURCE)


def test_without_jupyterlab_it_says_so_in_a_sentence(tmp_path):
    result = run(tmp_path, None)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "pip install jupyterlab" in result.stderr and (tmp_path / "mine" / FIRST).exists()
    assert run(tmp_path, None).stdout == ""  # the second time nothing is copied, and nothing said of it
