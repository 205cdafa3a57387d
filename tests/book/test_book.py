"""The book, made of one short notebook that has all that lessons have."""

import copy
import json
import re
import shutil

import book
import nbformat
import pages
import pytest
import running
from bs4 import BeautifulSoup
from PIL import Image
from reading import Book

LESSON = [
    "# 03 A short lesson\n\n**The question.** What is $x$, *really*, in one image?\n\n"
    "See [nudge](glossary.ipynb#nudge).",
    "import numpy as np\n\nfrom lessons_lib import checks, panels\n\nprint('1 < 2')",
    "## See\n\nA formula, $\\sigma'(z) \\le \\tfrac14$, and another:\n\n$$\\frac{a}{b} = 2.$$",
    "panels.isolation()",
    "panels.isolation(w2=2.0)",
    'panels.Prediction("Which?", ["one", "two"], answer=lambda panel: "two", panel=panels.ravine_walks(), '
    'because="Since $2 > 1$.")',
    'panels.Prediction("How many?", (0, 100), answer=42)',
    'panels.Question("Is it?", {"yes": "It is.", "no": "It is not."}, answer="yes")',
    "## By hand\n\n### Half done\n\nTwice three? Replace the dots, then run both cells.",
    "six = ...  # 2 × 3\n\nassert six is ... or six == 6",
    "## Your turn\n\nWrite it.",
    "def my_nudges(outputs, labels): ...\n\n\nchecks.nudges.check(my_nudges)",
    "probe = panels.isolation()\nassert probe.sentence",
    "print(1, flush=True)\nprint(2)",
    'panels.your_guesses("03")',
    "<details><summary>Solutions</summary>\n\n```python\nreturn 2 * (y - a)\n```\n\n</details>",
]
PAGES = ["index.html", "03_short.html", "glossary.html", "sheets.html"]
GLOSSARY = ["# Glossary\n\nEvery term of the lessons, explained.", "### nudge\n\nWhat an image wants."]


def notebook(sources):
    prose, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [prose(source) if source.startswith(("#", "<")) else code(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    lesson = running.run(notebook(LESSON), tmp_path_factory.mktemp("run"))
    return {"03_short": lesson, "glossary": notebook(GLOSSARY)}


@pytest.fixture(scope="module")
def made(notebooks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    book.write_book(notebooks, folder)
    return Book(folder)


@pytest.mark.parametrize("name", [*PAGES, "sheets/03_short.html"])
def test_nothing_is_wrong_with_a_page(made, name):
    assert made.faults(name) == []


def test_a_panel_is_there_with_its_values_picture_and_sentence(made):
    panels = made.pages["03_short.html"].select(".panel")
    runs = [panel.select_one(".button")["href"].partition("?")[2] for panel in panels]
    assert runs == [
        "lesson=03&panel=isolation",
        "lesson=03&panel=isolation&nth=2",
        "lesson=03&panel=ravine_walks",
    ]
    second = panels[1]
    assert "2" in second.select_one(".controls").get_text()
    assert second.img["alt"] == second.figcaption.get_text()
    assert panels[0].img["alt"] != second.img["alt"]


def test_what_trains_is_shown_at_its_end(notebooks):
    [still] = [
        one for one in pages.page("03_short", notebooks["03_short"]).panels if one["name"] == "ravine_walks"
    ]
    assert "after 0 " not in still["sentence"]


def test_a_question_says_what_is_right_and_why(made):
    asked = made.pages["03_short.html"].select(".ask")
    choice, number, question = (" ".join(one.get_text(" ").split()) for one in asked)
    assert "What happened: two . Since" in choice and "2 > 1" in choice.replace(" ", " ")
    assert "from 0 to 100" in number and "What happened: 42" in number
    assert "Right. It is." in question and "Not yet. It is not." in question
    assert asked[0].select_one(".right input")["value"] == "2"


def test_code_that_only_checks_is_folded_and_what_it_prints_is_in_one_piece(made):
    page = made.pages["03_short.html"]
    folded = [one.get_text() for one in page.select("details.source pre")]
    assert any("probe = panels" in source for source in folded)
    assert not any("import numpy" in source for source in folded)
    assert "1\n2" in [one.get_text().strip() for one in page.select("pre.output")]


def test_formulas_are_set_without_a_script(made):
    page = made.pages["03_short.html"]
    assert len(page.select("math")) >= 4 and len(page.select(".formula math[display=block]")) == 1
    assert not [part for part in page.select("p, legend, label") if "$" in part.get_text()]


def test_the_search_finds_prose_and_panels(made):
    sections = {one["href"]: one for one in json.loads((made.folder / "search.json").read_text("utf-8"))}
    assert "A formula" in sections["03_short.html#See"]["words"]
    assert "One weight at a time" in sections["03_short.html#See"]["words"]
    assert "What an image wants" in sections["glossary.html#nudge"]["words"]


def test_the_links_that_other_places_need_are_left_out(notebooks):
    lesson = copy.deepcopy(notebooks["03_short"])
    lesson.cells[0].source = lesson.cells[0].source.replace(
        "**The", f"{pages.OWN_LINK}, with its pictures](https://example.org/03_short.html)\n\n**The"
    )
    lesson.cells.insert(1, nbformat.v4.new_code_cell("install = 1", metadata={"tags": ["remove-cell"]}))
    page = pages.page("03_short", lesson)
    assert "example.org" not in str(page.cells) and "install" not in str(page.cells)
    assert pages.plain(page.about) == "What is x, really, in one image?"


def test_a_sheet_has_the_questions_first_and_the_answers_last(made):
    html = (made.folder / "sheets" / "03_short.html").read_text("utf-8")
    asked, answers = html.split('class="answers"')
    assert "How many?" in asked and "__________" in asked and "my_nudges(outputs, labels)" in asked
    assert "Fill in the blanks." in asked and "cells" not in asked
    assert "(y - a)" in BeautifulSoup(answers, "html.parser").get_text() and "(y - a)" not in asked
    assert "What happened" not in html and "42" not in asked and "42" in answers and "6" in answers


def test_every_lesson_that_asks_has_its_sheet_listed_and_linked(made):
    listed = [link["href"] for link in made.pages["sheets.html"].select("main a")]
    assert listed == ["sheets/03_short.html"]
    assert made.pages["03_short.html"].select("a[href='sheets/03_short.html']")
    assert not made.pages["glossary.html"].select("a[href^='sheets/']")
    assert all(made.pages[name].select("footer a[href='sheets.html']") for name in PAGES)


def test_the_front_says_what_a_live_lesson_fetches_as_it_was_measured(made):
    measured = (running.ROOT / "docs" / "site" / "README.md").read_text("utf-8")
    first = float(re.search(r"over the network \| ([\d.]+) MB", measured)[1])
    training = float(re.search(r"The training\s+images, ([\d.]+) MB", measured)[1])
    assert f"about {first:.0f} MB" in made.pages["index.html"].get_text()
    assert f"{training:.0f} MB more" in made.pages["index.html"].get_text()


FAULTS = [
    ("glossary.html#nudge", "glossary.html#nudges", "no such place"),
    ("glossary.html", "glosary.html", "which is not there"),
    ('lang="en"', "", "language"),
    ("<h2", "<h4", "left out"),
    ('alt="', 'alt="" title="', "alternative text"),
    ('src="book.js"', 'src="https://example.org/book.js"', "from elsewhere"),
    ('href="run.html?', 'href="live/?', "where it runs"),
    ('name="ask-1"', 'id="ask-1"', "two elements"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS, ids=[said for *_, said in FAULTS])
def test_a_fault_in_a_page_is_noticed(made, old, new, said):
    spoiled = Book(made.folder)
    html = str(made.pages["03_short.html"]).replace(old, new)
    spoiled.pages["03_short.html"] = BeautifulSoup(html, "html.parser")
    assert any(said in fault for fault in spoiled.faults("03_short.html"))


def test_an_empty_picture_is_noticed(made, tmp_path):
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / made.pages["03_short.html"].img["src"]
    with Image.open(file) as picture:
        Image.new("RGB", picture.size, "white").save(file)
    assert any("is empty" in fault for fault in Book(tmp_path).faults("03_short.html"))
