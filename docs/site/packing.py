"""Make the packages of the browser's Python small and quick to load.

A start of Python in a browser takes as long as unpacking and compiling takes: so the wheels lose what no
lesson needs, are compiled by Python itself, run by Node, and travel as one file.
"""

import fnmatch
import gzip
import io
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
    "*/tests/*", "*.pyi", "*.h", "*.a", "*.pxd", "*.pyx", "*.c", "*.js.map", "*.data/*", "*/RECORD",
    "numpy/f2py/*", "numpy/distutils/*", "numpy/_core/include/*", "numpy/doc/*", "IPython/sphinxext/*",
    "matplotlib/mpl-data/sample_data/*", "matplotlib/mpl-data/images/*", "matplotlib/mpl-data/fonts/afm/*",
    "matplotlib/mpl-data/fonts/pdfcorefonts/*", "matplotlib/mpl-data/fonts/ttf/DejaVuSerif*",
    "matplotlib/testing/*", "matplotlib/sphinxext/*", "matplotlib/backends/web_backend/*",
    "matplotlib/backends/backend_[!a]*", "matplotlib/backends/qt_editor/*", "matplotlib/_ttconv*",
    "mpl_toolkits/axes_grid1/*", "mpl_toolkits/axisartist/*",
    "pylab.py",
    "PIL/_webp*", "PIL/_imagingft*", "PIL/_imagingcms*", "PIL/_imagingtk*",
    "pydoc_data/*", "lib2to3/*", "idlelib/*", "turtledemo/*", "ensurepip/*", "test/*", "tkinter/*",
    "curses/*", "_pyio.py", "_pydatetime.py", "_pydecimal.py", "turtle.py", "xmlrpc/*", "wsgiref/*",
]  # fmt: skip
# Of these nobody asks for help in a lesson: their docstrings stay at home.
TERSE = ["matplotlib-", "prompt_toolkit", "pillow", "pyparsing", "python_", "pygments", "contourpy"]
# Of the many languages that pygments colours, IPython colours these.
LEXERS = [
    "__init__", "_mapping", "python", "html", "javascript", "css", "perl", "ruby", "shell", "tex", "jvm"
]  # fmt: skip


def pack(wheels: Path, pyodide: Path) -> None:
    """Trim and compile all wheels of a folder and the standard library, into what start.js unpacks."""
    trees = wheels / "unpacked"
    library = pyodide / "python_stdlib.zip"
    for wheel in [*wheels.glob("*.whl"), library]:
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(trees / wheel.name, [name for name in packed.namelist() if needed(name)])
    compiling = ["node", HERE / "compile.mjs", pyodide / "pyodide.mjs", trees, OWN, ",".join(TERSE)]
    subprocess.run([str(word) for word in compiling], check=True)
    (pyodide / "library.bin").write_bytes(gzip.compress(zipped(trees / library.name), 9, mtime=0))
    library.unlink()
    shutil.rmtree(trees / library.name)
    (pyodide / "packages.bin").write_bytes(gzip.compress(image(trees), 9, mtime=0))
    shutil.rmtree(trees)


def image(trees):
    """All packages as one folder: a line that lists names and sizes, and then one content after the other."""
    files = sorted(
        (path.relative_to(tree).as_posix(), path) for tree in trees.iterdir() for path in files_in(tree)
    )
    contents = [(name, path.read_bytes()) for name, path in files]
    listed = json.dumps([[name, len(content)] for name, content in contents])
    return listed.encode() + b"\n" + b"".join(content for _, content in contents)


def files_in(tree):
    return sorted(path for path in tree.rglob("*") if path.is_file())


def zipped(tree):
    """An archive that is not compressed: that is left to what it is sent in."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files_in(tree):
            packed.writestr(zipfile.ZipInfo(path.relative_to(tree).as_posix()), path.read_bytes())
    return archive.getvalue()


def needed(name):
    if lexer := re.fullmatch(r"pygments/lexers/(\w+)\.py", name):
        return lexer[1] in LEXERS
    return not any(fnmatch.fnmatch(name, pattern) for pattern in UNUSED)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
