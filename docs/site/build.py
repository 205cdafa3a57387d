"""Build the lessons as a JupyterLite site in build/site: `make site`.

The site runs Python (Pyodide) inside the browser. It holds every notebook, and lessons_lib as a wheel with
its data; each notebook gets a first cell that installs the wheel. Serve the folder with any web server.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build"
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
INSTALL = "%pip install -q lessons_lib"


def run(*command):
    subprocess.run([sys.executable, "-m", *map(str, command)], check=True, cwd=BUILD)


def copy_notebooks(folder):
    """Copies for the kernel of the browser, which starts with nothing: they install the library first."""
    folder.mkdir(parents=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.kernelspec = KERNEL
        code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        for first in code[:1]:  # the glossary has none
            notebook.cells.insert(first, nbformat.v4.new_code_cell(INSTALL, id="install"))
        nbformat.write(notebook, folder / path.name)


def main():
    # JupyterLite keeps settings of the last build in its caches: start from nothing.
    shutil.rmtree(BUILD, ignore_errors=True)
    copy_notebooks(BUILD / "lessons")
    run("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", BUILD / "wheels", ROOT)
    [wheel] = (BUILD / "wheels").glob("*.whl")
    site = BUILD / "site"
    run(
        "jupyterlite_core",
        "build",
        "--contents",
        BUILD / "lessons",
        "--output-dir",
        site,
        "--piplite-wheels",
        wheel,
    )
    shutil.copy(HERE / "index.html", site)
    print(f"Built {site}\nTo look at it: {sys.executable} -m http.server --directory {site} --bind 127.0.0.1")


if __name__ == "__main__":
    main()
