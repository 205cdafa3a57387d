"""What the documents say is so: links lead somewhere, code runs, tables are complete."""

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "deploy", "data")
DOCUMENTS = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", document.read_text("utf-8"))
    local = [target for target in ("".join(pair) for pair in targets) if "://" not in target]
    assert not [target for target in local if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_runs(document):
    """From top to bottom, as a reader would; a test shown there is run too."""
    names = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), flags=re.S):
        exec(compile(block, document.name, "exec"), names)
    for shown in [value for name, value in names.items() if name.startswith("test_")]:
        shown()


def test_the_table_lists_every_lesson():
    listed = re.findall(r"^\| `(\d\d_\w+)` \|", (ROOT / "README.md").read_text("utf-8"), flags=re.M)
    assert listed == sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))


def test_the_readme_opens_with_a_picture_that_moves():
    alt, target = re.search(
        r"!\[(.*?)\]\((.*?)\)", (ROOT / "README.md").read_text("utf-8").split("##")[0]
    ).groups()
    with Image.open(ROOT / target) as picture:
        assert picture.n_frames >= 20 and picture.width >= 800 and picture.info["loop"] == 0
    assert (ROOT / target).stat().st_size <= 1_500_000
    assert len(alt.split()) > 20


def test_every_make_target_has_a_description():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(" ".join(re.findall(r"^\.PHONY:(.*)", makefile, flags=re.M)).split()) - {"browser"}
    assert targets == set(re.findall(r"^([a-z-]+):.*## \S", makefile, flags=re.M))
