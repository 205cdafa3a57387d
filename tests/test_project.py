"""What the project says about itself agrees: its version, its address, what its workflows run."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import lessons_lib

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
URLS = [url.rstrip("/") for url in PROJECT.get("urls", {}).values()]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
FOLDERS = ("docs", "deploy", "data", "notebooks", ".github")
TOLD = [
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".md", ".ipynb", ".yml")
]
ADDRESS = re.compile(
    r"(git(hub|lab)\.com|codeberg\.org|\.github\.io|mybinder\.org/v2/gh)/(?!OWNER/REPOSITORY)"
)
MANIFESTS = {"pip": "pyproject.toml", "npm": "package.json", "github-actions": ".github/workflows"}


def test_the_version_is_the_same_everywhere():
    assert CITATION["version"] == lessons_lib.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)[1]
    assert newest == lessons_lib.__version__


def test_the_citation_has_what_its_format_requires():
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert (CITATION["license"], CITATION["keywords"]) == (PROJECT["license"], PROJECT["keywords"])


@pytest.mark.parametrize(
    "path",
    [*ROOT.glob("*.md"), ROOT / "CITATION.cff", *TOLD],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_person_writes_the_address_of_the_project_into_pyproject_alone(path):
    text = path.read_text("utf-8")
    for url in URLS if path.suffix == ".ipynb" else ():
        text = text.replace(url, "")  # `make address` wrote it
    assert not ADDRESS.search(text), "write it into [project.urls] in pyproject.toml instead"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_with_the_tag_beside_it(path):
    used = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert used
    assert not [
        line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)
    ]


def test_dependabot_watches_each_kind_of_dependency():
    watched = yaml.safe_load((GITHUB / "dependabot.yml").read_text("utf-8"))["updates"]
    there = {kind for kind, manifest in MANIFESTS.items() if (ROOT / manifest).exists()}
    assert {update["package-ecosystem"] for update in watched} == there
