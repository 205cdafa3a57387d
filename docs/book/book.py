"""Make the book: every lesson, run, as a page in build/site, with its questions to print. `make book`."""

import json
import shutil
from pathlib import Path

import jinja2
from pages import page, plain, text
from running import ROOT, executed
from sheets import sheet

from lessons_lib.drawing import style

HERE = Path(__file__).resolve().parent
SITE = ROOT / "build" / "site"
TITLE = "How does backpropagation know?"
ABOUT = "Interactive lessons on backpropagation, to read and to run in the browser."
ABOUT_SHEETS = "The questions of each lesson on backpropagation, on sheets of paper to be printed."
MEGABYTES = {"first": 24, "training": 10}  # what a live lesson fetches, as measured in docs/site/README.md
HERO = ("03_what_one_example_wants", "nudges")  # the picture on the front: lesson and panel

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
TEMPLATES.filters["text"] = text


def write_book(notebooks: dict, site: Path) -> None:
    """Write the pages of notebooks that were run, by name and in order, with all they need into ``site``."""
    pages = [page(name, notebook) for name, notebook in notebooks.items()]
    for folder in ("pictures", "sheets"):
        (site / folder).mkdir(parents=True, exist_ok=True)
    _write_pages(site, pages)
    _write_sheets(site, pages, notebooks.values())
    (site / "search.json").write_text(json.dumps(_sections(pages), ensure_ascii=False), "utf-8")
    css = style.css_variables() + (HERE / "book.css").read_text("utf-8")
    (site / "book.css").write_text(css, "utf-8")
    shutil.copy(HERE / "book.js", site)


def _write_pages(site, pages):
    for before, one, after in zip([None, *pages], pages, [*pages[1:], None], strict=False):
        title, about = f"{one.title} · {TITLE}", plain(one.about)
        html = _rendered("page.html", title, about, pages, page=one, before=before, after=after)
        (site / f"{one.name}.html").write_text(html, "utf-8")
        for file, png in one.pictures.items():
            (site / "pictures" / file).write_bytes(png)
    heroes = [panel for one in pages for panel in one.panels if (one.name, panel["name"]) == HERO]
    hero = heroes[0] if heroes else None
    html = _rendered("index.html", TITLE, ABOUT, pages, hero=hero)
    (site / "index.html").write_text(html, "utf-8")


def _write_sheets(site, pages, notebooks):
    sheets = [sheet(one, notebook) for one, notebook in zip(pages, notebooks, strict=True) if one.asked]
    for one in sheets:
        html = TEMPLATES.get_template("sheet.html").render(one)
        (site / "sheets" / f"{one['page'].name}.html").write_text(html, "utf-8")
    html = _rendered("sheets.html", f"Questions to print · {TITLE}", ABOUT_SHEETS, pages, sheets=sheets)
    (site / "sheets.html").write_text(html, "utf-8")


def _rendered(template, title, about, pages, **more):
    shared = {"book": TITLE, "title": title, "description": about, "pages": pages, "megabytes": MEGABYTES}
    return TEMPLATES.get_template(template).render({"page": None} | shared | more)


def _sections(pages):
    """What the search looks through: every section of every page."""
    return [
        {
            "href": f"{one.name}.html#{section.anchor}",
            "page": one.title,
            "title": section.title,
            "words": " ".join(section.words.split()),
        }
        for one in pages
        for section in one.sections
    ]


if __name__ == "__main__":
    write_book(executed(), SITE)
    print(f"Wrote {SITE.relative_to(ROOT)}/index.html, sheets.html and what belongs to them")
