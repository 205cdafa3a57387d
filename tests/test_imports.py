"""The order of the house: a module knows only what stands above it in this list."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[1] / "lessons_lib"

MATHEMATICS = (
    "functions",
    "network",
    "trace",
    "gradient",
    "backprop",
    "optimizers",
    "regularizers",
    "data",
    "training",
    "stages",
    "landscape",
    "hebb",
    "clinic",
    "settings",
    "runs",
    "run_files",
)
DRAWING = ("live", "style", "figures")  # pictures of arrays: they know no mathematics
ORDER = (*MATHEMATICS, "checks", *DRAWING, "panels")

SOURCES = sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")


def part_of(path):
    """The entry of ORDER that a file belongs to: its top-level module or folder."""
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


def known_parts(path):
    """The entries of ORDER that a file imports from; public names of the package itself are none of them."""
    names = {name.split(".")[1] for name in imports_of(path) if name.startswith("lessons_lib.")}
    return (names & set(ORDER)) - {part_of(path)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_imports_point_up(path):
    part = part_of(path)
    assert part in ORDER, f"{path.name} is not in the list of this test; add it where it belongs"
    above = ORDER[: ORDER.index(part)]
    if part in DRAWING:
        above = [name for name in above if name not in MATHEMATICS and name != "checks"]
    wrong = known_parts(path) - set(above)
    assert not wrong, f"{part} stands above {', '.join(sorted(wrong))} and must not import it"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if part_of(p) in MATHEMATICS], ids=lambda path: path.stem
)
def test_the_mathematics_needs_numpy_only(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert roots <= {"numpy", "lessons_lib"} | sys.stdlib_module_names


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if part_of(p) in ("style", "figures")], ids=lambda p: p.stem
)
def test_pictures_need_no_widgets(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & {"ipywidgets", "anywidget", "IPython"}


def test_the_package_alone_loads_no_plotting_or_widgets():
    script = "import sys, lessons_lib; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "ipywidgets", "anywidget", "IPython"} & set(loaded)


def test_the_names_of_the_package_exist():
    import lessons_lib

    assert all(hasattr(lessons_lib, name) for name in lessons_lib.__all__)
