"""environment.yml, requirements.txt and pyproject.toml ask for the same things."""

import re
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
NEEDED = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # where conda-forge splits or renames a package
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
