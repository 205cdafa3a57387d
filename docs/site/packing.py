"""Make the packages of the browser's Python small and quick to load, and write the lock file that names them.

A start of Python in a browser takes as long as unpacking and compiling takes: so the wheels lose what no
lesson needs, and carry compiled modules. Python itself, run by Node, compiles them.
"""

import fnmatch
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN = "lessons_lib"  # its source is shown in the lessons, so it stays beside what is compiled
# What no lesson needs: matplotlib draws only pixels here. For formulas it looks for all fonts but these.
UNUSED = [
    "*/tests/*",
    "*.pyi",
    "*.h",
    "*.a",
    "*.pxd",
    "*.pyx",
    "*.c",
    "*.js.map",
    "*.data/*",
    "*/RECORD",
    "numpy/f2py/*",
    "numpy/distutils/*",
    "numpy/_core/include/*",
    "numpy/doc/*",
    "matplotlib/mpl-data/sample_data/*",
    "matplotlib/mpl-data/images/*",
    "matplotlib/mpl-data/fonts/afm/*",
    "matplotlib/mpl-data/fonts/pdfcorefonts/*",
    "matplotlib/mpl-data/fonts/ttf/DejaVuSerif*",
    "matplotlib/testing/*",
    "matplotlib/tests/*",
    "matplotlib/sphinxext/*",
    "matplotlib/backends/web_backend/*",
    "matplotlib/backends/backend_[!a]*",
    "matplotlib/backends/qt_editor/*",
    "matplotlib/_ttconv*",
    "mpl_toolkits/*",
    "pylab.py",
    "PIL/_webp*",
    "PIL/_imagingft*",
    "PIL/_imagingcms*",
    "PIL/_imagingtk*",
    "IPython/sphinxext/*",
    "pydoc_data/*",
    "lib2to3/*",
    "idlelib/*",
    "turtledemo/*",
    "ensurepip/*",
    "test/*",
    "tkinter/*",
    "curses/*",
    "_pyio.py",
    "_pydatetime.py",
    "_pydecimal.py",
    "turtle.py",
    "xmlrpc/*",
    "wsgiref/*",
]
# Of these nobody asks for help in a lesson: their docstrings stay at home.
TERSE = [
    "matplotlib",
    "prompt_toolkit",
    "pillow",
    "pyparsing",
    "python_dateutil",
    "python_stdlib",
    "pygments",
    "contourpy",
]
# Of the many languages that pygments colours, IPython colours these.
LEXERS = [
    "__init__",
    "_mapping",
    "python",
    "html",
    "javascript",
    "css",
    "perl",
    "ruby",
    "shell",
    "tex",
    "jvm",
]


def pack(folder: Path, pyodide: Path) -> None:
    """Trim and compile all wheels of a folder, and the standard library beside them."""
    trees = folder / "unpacked"
    for wheel in [*folder.glob("*.whl"), pyodide / "python_stdlib.zip"]:
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(trees / wheel.name, [name for name in packed.namelist() if needed(name)])
    compiling = ["node", HERE / "compile.mjs", pyodide / "pyodide.mjs", trees, OWN, ",".join(TERSE)]
    subprocess.run([str(word) for word in compiling], check=True)
    for tree in trees.iterdir():
        place = pyodide if tree.name.endswith(".zip") else folder
        zip_tree(tree, place / tree.name)
    shutil.rmtree(trees)


def needed(name):
    if lexer := re.fullmatch(r"pygments/lexers/(\w+)\.py", name):
        return lexer[1] in LEXERS
    return not any(fnmatch.fnmatch(name, pattern) for pattern in UNUSED)


def zip_tree(tree, file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(
                path.relative_to(tree).as_posix()
            )  # no time: the same content, the same bytes
            packed.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def empty_wheel(folder: Path, name: str) -> None:
    """A package with nothing in it, for what the kernel asks for and the lessons do without."""
    about = f"{name}-0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-0-py3-none-any.whl", "w") as packed:
        packed.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")


def entry(wheel: Path, address: str) -> dict:
    """What the lock file says of a wheel. No dependencies: whoever starts Python names all packages."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": canonical(name),
        "version": version,
        "file_name": address,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],
        "depends": [],
        "unvendored_tests": False,
    }


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def write_lock(file: Path, lock: dict, packages: list[dict]) -> None:
    named = {**lock["packages"], **{package["name"]: package for package in packages}}
    file.write_text(json.dumps({**lock, "packages": named}))
