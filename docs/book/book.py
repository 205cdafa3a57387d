"""Make the book: every lesson, run, as a static page in build/site. `make book`."""

import json
import shutil
from pathlib import Path

import jinja2
from pages import page, plain, text
from running import ROOT, executed

from lessons_lib.drawing import style

HERE = Path(__file__).resolve().parent
SITE = ROOT / "build" / "site"
TITLE = "How does backpropagation know?"
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
    (site / "pictures").mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(pages):
        before = pages[number - 1] if number else None
        _write(
            site, "page.html", pages, page=one, before=before, after=dict(enumerate(pages)).get(number + 1)
        )
        for file, png in one.pictures.items():
            (site / "pictures" / file).write_bytes(png)
    heroes = [panel for one in pages for panel in one.panels if (one.name, panel["name"]) == HERO]
    _write(site, "index.html", pages, page=None, hero=heroes[0] if heroes else None)
    (site / "search.json").write_text(json.dumps(_sections(pages), ensure_ascii=False), "utf-8")
    css = style.css_variables() + (HERE / "book.css").read_text("utf-8")
    (site / "book.css").write_text(css, "utf-8")
    shutil.copy(HERE / "book.js", site)


def _write(site, template, pages, page, **more):
    name = page.name if page else "index"
    title = f"{page.title} · {TITLE}" if page else TITLE
    about = (
        plain(page.about)
        if page
        else "Interactive lessons on backpropagation, to read and to run in the browser."
    )
    html = TEMPLATES.get_template(template).render(
        book=TITLE, title=title, description=about, pages=pages, page=page, **more
    )
    (site / f"{name}.html").write_text(html, "utf-8")


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
    print(f"Wrote {SITE.relative_to(ROOT)}/index.html and what belongs to it")
