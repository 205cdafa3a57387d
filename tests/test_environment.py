"""environment.yml, requirements.txt, devcontainer.json and pyproject.toml ask for the same things."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]
NEEDED = {r.name: r.specifier for r in map(Requirement, ASKED)}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # where conda-forge splits or renames a package
DEVCONTAINER = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
CONTAINER = json.loads(re.sub(r"(^| )// .*$", "", DEVCONTAINER, flags=re.M))
LINES = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
ENVIRONMENT = yaml.safe_load("\n".join(LINES))["dependencies"]
CONDA = {
    spec.name.normalized: spec for spec in (MatchSpec(line) for line in ENVIRONMENT if isinstance(line, str))
}
PINNED = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def bounds(version):
    """Version bounds as a set, whatever their order: ">=2.0,<3" -> {">=2.0", "<3"}."""
    return set(re.split(r",\s*", str(version)))


@pytest.mark.parametrize("name", NEEDED)
def test_conda_asks_for_the_same_bounds(name):
    conda = CONDA[CONDA_NAMES.get(name, name)]
    assert bounds(conda.version) == bounds(NEEDED[name])


def test_conda_asks_for_nothing_else():
    assert set(CONDA) - {"python", "pip"} == {CONDA_NAMES.get(name, name) for name in NEEDED}


def test_condas_python_is_one_we_support():
    version = str(CONDA["python"].version).strip("=.*")
    assert Version(version) in SpecifierSet(PROJECT["requires-python"])


def test_the_containers_python_is_one_we_support():
    version = CONTAINER["image"].rpartition(":")[2]
    assert Version(version) in SpecifierSet(PROJECT["requires-python"])
    assert CONTAINER["image"].startswith("mcr.microsoft.com/devcontainers/python:")


def test_the_container_has_only_settings_that_its_format_knows():
    assert set(CONTAINER) == {"name", "image", "postCreateCommand", "forwardPorts", "customizations"}
    vscode = CONTAINER["customizations"]["vscode"]
    assert {"ms-python.python", "ms-toolsai.jupyter"} == set(vscode["extensions"])


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_the_container_makes_and_opens_what_there_is():
    make, target = CONTAINER["postCreateCommand"].split()
    assert subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True).returncode == 0
    [(_, python)] = CONTAINER["customizations"]["vscode"]["settings"].items()
    assert python.split("/")[1] == target.split("/")[0]
    [opened] = CONTAINER["customizations"]["codespaces"]["openFiles"]
    assert (ROOT / opened).exists()


def test_every_line_of_the_environment_has_its_reason():
    bare = [
        line for line in LINES if line.strip().startswith("- ") and "  # " not in line and "pip:" not in line
    ]
    assert not bare


def test_pins_are_exact_and_fit():
    pinned = {r.name.lower(): r.specifier for r in PINNED}
    for name, specifier in pinned.items():
        assert str(specifier).startswith("=="), f"{name}{specifier} is not pinned"
    for name, needed in NEEDED.items():
        assert Version(str(pinned[name]).removeprefix("==")) in needed


def test_no_file_names_where_packages_come_from():
    named = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|https?://\S*/simple", re.I)
    for name in ("requirements.txt", "environment.yml", "pyproject.toml", "Makefile", ".ci/run"):
        assert not named.search((ROOT / name).read_text(encoding="utf-8")), name
