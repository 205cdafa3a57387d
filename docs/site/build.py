"""Build the live lessons, as a site that runs in the browser alone, in build/site: `make site`.

`live/` is JupyterLite: JupyterLab and Python (Pyodide) inside the browser, with every notebook, lessons_lib
and what it needs. `run.html` beside it is the door to it. Any web server that hands out files will do;
docs/site/serve.py is one.

`make site OFFLINE=1` puts numpy, matplotlib and the rest of Pyodide's packages into the site too. Otherwise
whoever opens the site gets them from Pyodide's public network.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import fetch
import nbformat
import packing
import wheel as own_wheel

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "live"  # what JupyterLite makes the site of
FETCHED = ROOT / "build" / "fetched"  # what came over the network, kept for the next time
SITE = ROOT / "build" / "site"
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"

# Out of Pyodide's own packages: what the kernel and lessons_lib need, without two that matplotlib asks for:
# fonttools, for PDF, and pytz, for time zones.
FROM_PYODIDE = [
    "micropip", "packaging", "sqlite3", "ipython", "asttokens", "decorator", "executing", "matplotlib-inline",
    "prompt-toolkit", "pure-eval", "pygments", "six", "stack-data", "traitlets", "wcwidth",
    "numpy", "matplotlib", "contourpy", "cycler", "kiwisolver", "pillow", "pyparsing", "python-dateutil",
    "threadpoolctl",
]  # fmt: skip
FROM_PIP = ["anywidget", "comm", "ipywidgets", "platformdirs", "psygnal", "typing_extensions"]
# What the kernel would install. All of it is there when start.js has unpacked it, but encryption and jedi,
# a cleverer completion that takes a second to load.
THERE = ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython"]

# The scripts of page/ that go into live/, each with its folder there.
SCRIPTS = {"live.css": "", "early.js": "", "start.js": "pyodide", "memory.js": "pyodide"}

SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # dark where the reader's system is
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},  # the door saves what was written
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


# Parts of JupyterLab and its extensions that no lesson uses, and that take a second of each start.
UNUSED = (HERE / "unused.txt").read_text().split()


def main():
    offline = os.environ.get("OFFLINE", "0") not in ("", "0")
    shutil.rmtree(WORK, ignore_errors=True)  # JupyterLite keeps settings of the last build in its caches
    shutil.rmtree(SITE / "live", ignore_errors=True)
    WORK.mkdir(parents=True)
    SITE.mkdir(exist_ok=True)
    lessons = copy_notebooks(WORK / "lessons")
    build_jupyterlite()
    away = build_python(SITE / "live" / "pyodide", offline)
    configure()
    trim(SITE / "live")
    write_door(lessons, away)
    size = sum(path.stat().st_size for path in (SITE / "live").rglob("*") if path.is_file()) / 1e6
    print(f"Built {SITE / 'run.html'} and live/ beside it, {size:.0f} MB")
    print(f"To look at it: {sys.executable} {HERE / 'serve.py'} {SITE}")


def copy_notebooks(folder):
    """Copies for the kernel of the browser; returns what the door says about each."""
    folder.mkdir()
    lessons = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.kernelspec = KERNEL
        nbformat.write(notebook, folder / path.name)
        title = re.search(r"^# *(.+)", notebook.cells[0].source, re.MULTILINE)[1]
        lessons.append({"name": path.stem, "title": title})
    return lessons


def build_jupyterlite():
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--contents", WORK / "lessons"]
    command += ["--output-dir", SITE / "live", "--apps", "notebooks"]
    subprocess.run([str(word) for word in command], check=True, cwd=WORK, stdout=subprocess.DEVNULL)


def build_python(target, offline):
    """Pyodide and its packages in one folder; returns the names of those that come from Pyodide's network."""
    lock = fetch.pyodide_core(target, FETCHED)
    wheels = WORK / "wheels"
    collect_wheels(wheels)
    network = network_of((target / "pyodide.js").read_text())
    if offline:
        fetch.pyodide_wheels(FROM_PYODIDE, lock, wheels, FETCHED)
        lock["packages"] = {}
    for package in lock["packages"].values():
        package["file_name"] = network + package["file_name"]
    for name in () if offline else FROM_PYODIDE:
        lock["packages"][name]["depends"] = []  # all that is needed is named
    (target / "pyodide-lock.json").write_text(json.dumps(lock))
    packing.pack(wheels, target)
    for part in wheels.glob("train-images-*.gz"):
        shutil.copy(part, target)
    return [] if offline else FROM_PYODIDE


def network_of(pyodide):
    """The address of Pyodide's own network, as Pyodide itself has it."""
    return re.search(r"https://[^`]+/pyodide/v", pyodide)[0] + f"{fetch.PYODIDE}/full/"


def collect_wheels(folder):
    """The wheels that Pyodide has not: ours, those of the widgets, and those of JupyterLite's kernel."""
    own_wheel.build_wheel(folder)
    pins = dict(
        line.strip().split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line
    )
    for name in FROM_PIP:
        fetch.pure_wheel(name, pins[name], folder, FETCHED)
    for name in ("ipykernel", "piplite", "pyodide_kernel", "widgetsnbextension-4"):
        [path] = (SITE / "live" / "extensions").glob(f"@jupyterlite/*/static/pypi/{name}*.whl")
        shutil.copy(path, folder)


def configure():
    file = SITE / "live" / "jupyter-lite.json"
    config = json.loads(file.read_text())
    data = config["jupyter-config-data"]
    data["exposeAppInBrowser"] = True  # the door drives it
    data["disabledExtensions"] = UNUSED
    data["settingsOverrides"] = data.get("settingsOverrides", {}) | SETTINGS
    data.setdefault("litePluginSettings", {}).setdefault(KERNEL_PLUGIN, {}).update(
        pyodideUrl="./pyodide/start.js",
        disablePyPIFallback=True,
        loadPyodideOptions={"packages": THERE},
    )
    file.write_text(json.dumps(config, indent=1))


def trim(live):
    """Remove what no reader's browser asks for."""
    for path in live.rglob("*"):
        if path.suffix == ".map":
            path.unlink()


def write_door(lessons, away):
    live, page = SITE / "live", HERE / "page"
    for name in ("run.html", "run.css", "run.js"):
        shutil.copy(page / name, SITE)
    filled = {
        "AWAY": away,
        "PREPARE": (page / "prepare.py").read_text(),
        "REHEARSE": (page / "rehearse.py").read_text(),
    }
    for name, folder in SCRIPTS.items():
        script = (page / name).read_text()
        for word, value in filled.items():
            script = script.replace(word, json.dumps(value))
        (live / folder / name).write_text(script)
    index = live / "notebooks" / "index.html"
    ours = '<link rel="stylesheet" href="../live.css">\n    <script src="../early.js"></script>\n  </head>'
    index.write_text(index.read_text().replace("</head>", ours, 1))
    build = version(live)
    config = json.loads((live / "jupyter-lite.json").read_text())["jupyter-config-data"]
    about = {
        "version": build,
        "jupyterlite": config["appVersion"],
        "lessons": lessons,
        "python": python_bytes(live / "pyodide"),
    }
    (live / "lessons.json").write_text(json.dumps(about, indent=1))
    worker = live / "service-worker.js"
    worker.write_text((page / "worker.js").read_text() + worker.read_text())
    for script in (worker, live / "pyodide" / "memory.js"):
        script.write_text(script.read_text().replace("lessons-VERSION", f"lessons-{build}"))


def python_bytes(folder):
    """How much Python and its packages are, and how much of that goes over the network."""
    names = (
        "pyodide.js",
        "pyodide.asm.js",
        "pyodide.asm.wasm",
        "pyodide-lock.json",
        "library.bin",
        "packages.bin",
    )
    contents = [(folder / name).read_bytes() for name in names]
    sent = [gzip.compress(content, 6) for content in contents]
    return {"bytes": sum(map(len, contents)), "download": sum(map(len, sent))}


def version(live):
    """A name for exactly these files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in live.rglob("*") if path.is_file()):
        digest.update(path.relative_to(live).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
