"""What a newcomer meets when something about their machine is not as it should be: `make` says what to do."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not shutil.which("make") or os.name == "nt", reason="needs make and a shell")


@pytest.fixture
def folder(tmp_path):
    """A checkout in which nothing is installed yet."""
    for name in ("Makefile", "pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def script(path, body):
    """An executable shell script that stands for a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def make(folder, *arguments, path=os.environ["PATH"]):
    """Run make; what it returned and all that it said. path: where programs are looked for."""
    result = subprocess.run(
        [shutil.which("make"), *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PATH": str(path), "MAKEFLAGS": ""},  # not what the make around this was told
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stdout + result.stderr


def installed(folder, stamps=("lab",)):
    """Pretend that an earlier `make lab` succeeded; what JupyterLab and pip do is up to the test."""
    script(folder / ".venv/bin/python", "exit 0")
    for seconds, name in enumerate(stamps, 10):
        stamp = folder / f".venv/{name}.stamp"
        stamp.touch()
        newer = stamp.stat().st_mtime + seconds
        os.utime(stamp, (newer, newer))
    return folder


def checked(folder, npm=None):
    """`make test` where every check passes; *npm* is the script that stands for it, if there is Node."""
    installed(folder, stamps=("lab", "test"))
    for name in ("ruff", "mypy", "pytest"):
        script(folder / f".venv/bin/{name}", "exit 0")
    programs = folder / "programs"
    script(programs / "chromium", "exit 0")
    for name in ("sh", "echo", "printf", "touch", "mkdir", "uname", "id"):
        (programs / name).symlink_to(shutil.which(name))
    if npm:
        script(programs / "npm", npm)
    return make(folder, "test", path=programs)


def test_an_old_python_is_named_with_the_way_out(folder):
    old = script(folder / "old", 'case "$1" in --version) echo "Python 3.9.2";; *) exit 1;; esac')
    code, said = make(folder, "lab", f"PYTHON={old}")
    assert code and "need Python 3.11 or newer" in said and "Python 3.9.2" in said
    assert "make lab PYTHON=python3.12" in said
    assert not (folder / ".venv").exists()


def test_a_python_without_venv_is_told_what_to_install(folder):
    bare = script(folder / "bare", 'case "$2" in *venv*) exit 1;; esac')
    code, said = make(folder, "lab", f"PYTHON={bare}")
    assert code and "apt-get install python3-venv" in said


def test_what_the_checks_need_is_installed_at_one_go(folder):
    pip = script(folder / "pip", 'echo "asked: $*"')
    python = script(folder / "new", f'case "$2" in venv) mkdir -p $3/bin; cp {pip} $3/bin/python;; esac')
    code, said = make(folder, ".venv/test.stamp", f"PYTHON={python}")
    assert code == 0 and said.count("--editable .[lab,test]") == 1 and "-m uv pip install" in said
    assert "asked:" not in make(folder, ".venv/lab.stamp")[1]


def test_where_uv_fails_pip_installs(folder):
    installed(folder)
    script(
        folder / ".venv/bin/python", 'case "$2" in uv) echo no uv >&2; exit 1;; *) echo "asked: $*";; esac'
    )
    code, said = make(folder, ".venv/test.stamp")
    assert (
        code == 0
        and "-m pip install --quiet --no-compile --editable .[lab,test]" in said
        and "no uv" not in said
    )


def test_the_benchmarks_are_installed_by_pip(folder):
    installed(folder)
    script(folder / ".venv/bin/python", 'echo "asked: $*"')
    code, said = make(folder, ".venv/bench.stamp")
    assert (
        code == 0
        and "-m pip install --quiet --no-compile --editable .[lab,bench]" in said
        and "uv" not in said
    )


def test_a_python_that_cannot_be_had_for_other_versions_can_be_named(folder):
    installed(folder, stamps=("lab", "bounds"))
    script(folder / ".venv/bin/uv", "exit 1")
    code, said = make(folder, "test-colab", f"CHROMIUM={sys.executable}")
    assert code and "no Python 3.13 here" in said and "make test-colab PYTHON_THERE=" in said


def test_once_installed_the_lessons_open_without_pip(folder):
    installed(folder)
    script(folder / ".venv/bin/python", "echo pip was asked; exit 1")
    script(folder / ".venv/bin/jupyter", f'test "$1" = --runtime-dir && echo "{folder}" || echo "opened: $*"')
    code, said = make(folder, "lab")
    assert code == 0 and "opened: lab" in said and "pip was asked" not in said


def test_an_installation_that_fails_says_how_to_go_on(folder):
    installed(folder)
    script(folder / ".venv/bin/python", "exit 1")
    newer = (folder / ".venv/lab.stamp").stat().st_mtime + 10
    os.utime(folder / "pyproject.toml", (newer, newer))
    code, said = make(folder, "lab", f"PYTHON={sys.executable}")
    assert code and "It needs a network" in said
    assert "touch .venv/lab.stamp && make lab" in said


def test_a_home_that_cannot_be_written_to_is_named(folder):
    installed(folder)
    (folder / "file").touch()
    script(folder / ".venv/bin/jupyter", f'test "$1" = --runtime-dir && echo "{folder}/file/runtime"')
    code, said = make(folder, "lab")
    assert code and f"cannot write to {folder}/file/runtime" in said
    assert "make lab HOME=" in said


def test_without_node_the_javascript_is_skipped_and_said_so(folder):
    code, said = checked(folder)
    assert code == 0 and "Skipped: the types of the JavaScript" in said


NPM = 'mkdir -p node_modules; case "$1" in ls) exit {ls};; install) exit {install};; *) echo "npm $*";; esac'


@pytest.mark.parametrize(
    "answers", [{"ls": 0, "install": 1}, {"ls": 1, "install": 0}], ids=["offline", "online"]
)
def test_with_node_the_javascript_is_checked(folder, answers):
    """Without a network too, if all was installed before."""
    code, said = checked(folder, NPM.format(**answers))
    assert code == 0 and "npm run --silent types" in said and "Skipped" not in said


def test_an_npm_that_cannot_install_says_how_to_go_on(folder):
    code, said = checked(folder, NPM.format(ls=1, install=1))
    assert code and "touch node_modules/test.stamp && make test" in said


def test_a_wrong_type_fails_the_style_layer(folder):
    code, said = checked(folder, 'mkdir -p node_modules; test "$1" = ls')
    assert code and 'FAILED in the layer "style"' in said
