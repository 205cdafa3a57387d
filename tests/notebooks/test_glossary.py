"""The glossary: each term once, in alphabetical order, with its lesson, and no link that leads nowhere."""

import re
from pathlib import Path

import nbformat

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "glossary.ipynb"
INTRO, *ENTRIES = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells]
TERMS = [re.match(r"### (.+)\n", entry)[1] for entry in ENTRIES]


def test_every_term_has_its_place_in_the_alphabet_and_a_plain_anchor():
    assert sorted(set(TERMS), key=str.lower) == TERMS
    assert all(re.fullmatch(r"[\w -]+", term, flags=re.A) for term in TERMS)  # `glossary.ipynb#learning-rate`


def test_every_term_links_the_lesson_that_earns_it():
    for entry in ENTRIES:
        [(said, file)] = re.findall(r"^\[Lesson (\d\d)\]\((\w+\.ipynb)\)", entry, flags=re.M)
        assert file.startswith(said) and (NOTEBOOK.parent / file).exists(), entry


def test_every_term_is_a_word_of_its_lesson():
    for term, entry in zip(TERMS, ENTRIES, strict=True):
        lesson = NOTEBOOK.parent / re.search(r"\]\((\d\d_\w+\.ipynb)\)", entry)[1]
        cells = nbformat.read(lesson, as_version=4).cells
        prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown").lower()
        for word in set(re.split(r"\W", term.lower())) - {"and", "set"}:
            assert word[:6] in prose, f"{term}: lesson {lesson.stem} does not use the word"


def test_every_link_to_another_term_finds_it():
    anchors = {term.replace(" ", "-") for term in TERMS}
    assert set(re.findall(r"\]\(#([^)]+)\)", "".join([INTRO, *ENTRIES]))) <= anchors


def test_the_lessons_link_only_terms_that_are_there():
    anchors = {term.replace(" ", "-") for term in TERMS}
    linked = {
        anchor
        for path in NOTEBOOK.parent.glob("*.ipynb")
        for anchor in re.findall(r"glossary\.ipynb#([^)]+)\)", path.read_text("utf-8"))
    }
    assert linked <= anchors
