"""The rooms of the house: what lives in each, and which others it may know."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[1] / "lessons_lib"

ROOMS = {  # room -> the rooms it may import from, besides itself
    "data": {"engine"},
    "engine": set(),
    "doctor": {"engine"},
    "runs": {"engine", "data"},
    "drawing": set(),
    "live": {"drawing"},
    "panels": {"engine", "data", "runs", "drawing", "live"},
    "lessons": {"engine", "doctor", "data", "runs", "drawing", "live", "panels"},
    "checks": {"panels", "lessons"},
    "__main__": set(),
}
NUMPY_ONLY = {"engine", "data", "runs", "doctor"}
WHERE = """
engine    mathematics: functions, network, propagation, gradients, optimizers, training; numpy only
doctor    takes anybody's gradients apart and says where backprop went wrong; numpy only
data      what is learnt from: MNIST, small surfaces; numpy only
runs      settings, a course of training and its way back, runs in files, the lessons' networks; numpy only
drawing   palette, fonts, arrays to artists; matplotlib, no mathematics, no widgets
live      LiveFigure and the pad to draw on
panels    the framework of all panels, and what two lessons share
lessons   a room a lesson: its panels, each in a file of its name, and its exercise
checks    the exercises by name
__main__  the command `lessons`; no room needs it"""

SOURCES = sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")
LESSONS = sorted(path.name for path in (LIBRARY / "lessons").iterdir() if (path / "__init__.py").exists())


def place(path):
    return path.relative_to(LIBRARY).as_posix()


def room_of(path):
    """The top-level room a file stands in."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports_of(path):
    """The full names of the modules that a file imports, wherever in the file it does so."""
    package = ("lessons_lib", *path.relative_to(LIBRARY).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (
                f"{module}.{alias.name}" if module == "lessons_lib" else module for alias in node.names
            )


def known_rooms(path):
    """The rooms a file imports from; public names of the package itself stand for the engine and the data."""
    names = {name.split(".")[1] for name in imports_of(path) if name.startswith("lessons_lib.")}
    return (names & set(ROOMS)) - {room_of(path)}


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_every_module_stands_in_a_room_and_knows_only_what_that_room_may(path):
    room = room_of(path)
    assert room in ROOMS, f"{place(path)} stands in no room. Put it where it belongs:{WHERE}"
    wrong = known_rooms(path) - ROOMS[room]
    assert not wrong, (
        f"{place(path)} imports from {', '.join(sorted(wrong))}, and {room} may know "
        f"{', '.join(sorted(ROOMS[room])) or 'no other room'}. Move what is shared:{WHERE}"
    )


@pytest.mark.parametrize("path", [p for p in SOURCES if room_of(p) == "lessons"], ids=place)
def test_lessons_know_nothing_of_each_other(path):
    own = path.relative_to(LIBRARY).parts[1]
    others = {name.split(".")[2] for name in imports_of(path) if name.startswith("lessons_lib.lessons.")} - {
        own
    }
    assert not others, (
        f"{place(path)} imports from the room of {', '.join(sorted(others))}. "
        "What two lessons share goes into panels/, drawing/ or runs/."
    )


def test_every_lesson_has_a_room_named_as_its_notebook_without_the_number():
    notebooks = (LIBRARY.parent / "notebooks").glob("[0-9]*.ipynb")
    assert sorted(path.stem[3:] for path in notebooks) == LESSONS


def test_every_panel_stands_in_a_file_of_its_name():
    from lessons_lib import panels

    assert set(panels.PANELS) == set(LESSONS)
    for room, names in panels.PANELS.items():
        missing = [name for name in names.split() if not (LIBRARY / "lessons" / room / f"{name}.py").exists()]
        assert not missing, f"panels.{missing[0]} should stand in lessons/{room}/{missing[0]}.py"


def test_every_exercise_stands_in_its_lessons_room():
    from lessons_lib import checks

    for name, room in checks.EXERCISES.items():
        assert getattr(checks, name) is vars(sys.modules[f"lessons_lib.lessons.{room}.exercise"])[name]


@pytest.mark.parametrize("path", [p for p in SOURCES if room_of(p) in NUMPY_ONLY], ids=place)
def test_the_mathematics_needs_numpy_only(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    besides = {
        "data": {"platformdirs", "js", "pyodide_js"},  # where a user's files belong; what a page offers
        "engine": {"threadpoolctl"} if path.stem == "threads" else set(),
    }
    assert roots <= {"numpy", "lessons_lib"} | besides.get(room_of(path), set()) | sys.stdlib_module_names


@pytest.mark.parametrize("path", [p for p in SOURCES if room_of(p) == "drawing"], ids=place)
def test_pictures_need_no_widgets(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & {"ipywidgets", "anywidget", "IPython"}


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_no_function_hides_a_module_of_its_name(path):
    """`import lessons_lib.runs.stages` has to give a module, so no package offers a function `stages`."""
    package = LIBRARY if path.parent == LIBRARY else path.parent
    if path.name == "__init__.py":
        package, module = path.parent.parent, path.parent.name
    else:
        module = path.stem
    init = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    offered = {
        alias.asname or alias.name
        for node in init.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert module not in offered, f"{place(package / '__init__.py')} offers {module}, which hides a module"


def test_the_package_alone_loads_no_plotting_or_widgets():
    script = "import sys, lessons_lib; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "ipywidgets", "anywidget", "IPython"} & set(loaded)


def test_the_names_of_the_package_exist():
    import lessons_lib

    assert all(hasattr(lessons_lib, name) for name in lessons_lib.__all__)
