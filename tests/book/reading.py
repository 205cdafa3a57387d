"""Read the pages of the book as files, and say what is wrong with them."""

import re
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

MOST_BYTES = 300_000  # of a page before its pictures
ELSEWHERE = ("run.html", "live/")  # what `make site` adds to the book
FETCHED = "script[src], img[src], link[href], source[src], iframe[src]"
WIDGETS = re.compile(r"\b(?:IntSlider|FloatSlider|Dropdown|Box|LiveFigure)\(|lessons-still|jupyter-widget")


class Book:
    """The pages of a folder and its sheets: ``pages`` holds the trees by file name."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.pages = {
            path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
            for path in sorted([*folder.glob("*.html"), *folder.glob("sheets/*.html")])
            if path.name not in ELSEWHERE
        }

    def faults(self, name: str) -> list[str]:
        """What is wrong with a page, one sentence each."""
        page = self.pages[name]
        looked_at = (self._head, self._headings, self._pictures, self._panels, self._requests)
        found = [*self._links(name), *(fault for look in looked_at for fault in look(page))]
        ids = [element["id"] for element in page.select("[id]")]
        found += [f"two elements have the id {one}" for one in set(ids) if ids.count(one) > 1]
        if WIDGETS.search(page.get_text()):
            found.append("a widget is shown as text")
        return found

    def _links(self, name):
        for link in self.pages[name].select("a[href], link[href]"):
            target, _, anchor = link["href"].partition("#")
            if "://" in target or target.startswith(("data:", *ELSEWHERE)):
                continue
            target = normpath(join(dirname(name), target)) if target else name
            if not (self.folder / target).exists():
                yield f"a link leads to {target}, which is not there"
            elif anchor and not self.pages[target].find(id=unquote(anchor)):
                yield f"a link leads to {target}#{anchor}, and there is no such place"

    def _head(self, page):
        if page.html.get("lang") != "en":
            yield "the page does not say its language"
        if not page.title.get_text(strip=True):
            yield "the page has no title"
        if len(page.select_one("meta[name=description]")["content"]) < 30:
            yield "the page has no description"
        first = "book.css", "book.js"
        size = len(str(page).encode()) + sum((self.folder / file).stat().st_size for file in first)
        if size > MOST_BYTES:
            yield f"the page has {size:,} bytes before its pictures"

    def _headings(self, page):
        levels = [int(heading.name[1]) for heading in page.select("main :is(h1, h2, h3, h4, h5, h6)")]
        if levels.count(1) != 1 or levels[0] != 1:
            yield "the page does not begin with its only heading of the first level"
        if any(after > before + 1 for before, after in pairwise(levels)):
            yield f"a level of headings is left out: {levels}"

    def _pictures(self, page):
        for picture in page.select("img"):
            if len(picture.get("alt", "")) < 10:
                yield f"{picture['src']} has no alternative text"
            with Image.open(self.folder / picture["src"]) as image:
                seen = np.asarray(image.convert("L"))
            shape = int(picture["height"]), int(picture["width"])
            if abs(seen.shape[0] / seen.shape[1] - shape[0] / shape[1]) > 0.01:
                yield f"{picture['src']} has other proportions than the page says"
            if np.ptp(seen) < 100 or np.mean(seen != np.median(seen)) < 0.005:
                yield f"{picture['src']} is empty"

    def _panels(self, page):
        for panel in page.select(".panel"):
            title = panel.select_one(".title").get_text()
            if len(panel.select("img")) != 1:
                yield f"the panel {title!r} has no picture"
            if not panel.select_one("a[href^='run.html?lesson=']"):
                yield f"the panel {title!r} does not say where it runs"
        for asked in page.select(".ask"):
            answer = "details p" if "prediction" in asked["class"] else "[role=status] p.right"
            if not (asked.select("label input") and asked.legend and asked.select_one(answer)):
                yield f"a question cannot be answered: {asked.get_text(' ', strip=True)[:60]}"

    def _requests(self, page):
        for element in page.select(FETCHED):
            if "//" in element.get("src", element.get("href", "")):
                yield f"the page fetches something from elsewhere: {element}"
        for file in ("book.css", "book.js"):
            if re.search(r"https?://|url\(\s*['\"]?//", (self.folder / file).read_text("utf-8")):
                yield f"{file} names another host"
