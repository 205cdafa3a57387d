"""A lesson that was run, as a page of the book: prose, code, and what the cells showed."""

import re
from base64 import b64decode
from functools import cache
from html import escape
from itertools import groupby
from types import SimpleNamespace

from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from stills import STILL

QUESTION = "**The question.**"  # how the sentence begins that says what a lesson is about
CLOSING = "&#x00029;|&#x0007C;|&#x02026;|[)′]"  # after these a minus is no sign
TYPESETTING = (  # what the converter's MathML leaves to be said: pattern -> in its place
    (' xmlns="http://www.w3.org/1998/Math/MathML"', ""),  # inside HTML it goes without saying
    (' display="inline"', ""),
    ("<msup>(<mi>[^<]*</mi>)<mi>&#x02032;</mi></msup>", r'<mrow>\1<mo lspace="0" rspace="0">′</mo></mrow>'),
    (  # the sign of a number
        rf"(<mo[^>]*>(?!{CLOSING})[^<]*</mo>)<mo>(&#x02212;|&#x0002B;)</mo>",
        r'\1<mo form="prefix">\2</mo>',
    ),
    ("<mo[^>]*>(&#x0007C;|&#x02016;)</mo>", r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>'),  # |x|
    ("<mo>(&#x02202;|&#x0002F;)</mo>", r'<mo lspace="0" rspace="0">\1</mo>'),  # ∂C/∂w
    ("<mi>(log|tanh)</mi>(?!<mo)", r'<mi>\1</mi><mspace width="0.17em"/>'),
)
ENDS = r"(\(?<math>(?:(?!</math>).)*</math>[.,;:!?)]+)"  # a formula, and what must not begin the next line
LONG = 40  # characters of a formula in a line of text that may be broken before =
COLOURED = "k|kc|kn|ow|c1|s[a-z0-9]|m[a-z]"  # the kinds of words in code that book.css gives a colour
UNSEEN = re.compile(r"^probe = panels\.", re.M)  # a panel that only checks what the text claims
OWN_LINK = "[This lesson in the book"  # how the line begins by which a notebook links to its page


class Page(SimpleNamespace):
    """A page of the book.

    Attributes:
        name, lesson: its file's name without ``.html``, and its number (``"03"``; empty in the glossary).
        title, about: its heading, and a sentence or two about it as HTML.
        cells: what stands in it, in order, as the templates take it.
        flat: whether its headings skip the second level, as the glossary's do; the page's may not.
        sections: its headings below the first: ``level``, ``anchor``, ``title`` and the ``words`` below.
        panels: the panels shown in it, in order, those behind a prediction included.
        pictures: file name -> PNG.
    """


def page(name: str, notebook: dict) -> Page:
    """The page of a notebook that was run with stills in place of widgets."""
    lesson = name[:2] if name[:2].isdigit() else ""
    made = Page(name=name, lesson=lesson, sections=[], panels=[], pictures={}, asked=0)
    made.flat = not any(cell.source.startswith("## ") for cell in notebook.cells)
    markdown = _markdown(made)
    made.title, made.about = _opening(notebook.cells[0].source)
    made.cells = [
        _prose(made, markdown, cell.source) if cell.cell_type == "markdown" else _code(made, cell)
        for cell in notebook.cells
        if "remove-cell" not in cell.metadata.get("tags", [])
    ]
    return made


def prose(source: str) -> Markup:
    """Markdown as HTML, for itself."""
    return Markup(_markdown(Page(sections=[], flat=False)).render(source))


def text(words: str) -> Markup:
    """Plain words as HTML, with the formulas between dollar signs."""
    pieces = re.split(r"\$([^$]+)\$", words)
    return Markup("".join(formula(piece) if k % 2 else escape(piece) for k, piece in enumerate(pieces)))


@cache
def formula(latex: str, display: str = "inline") -> str:
    """A formula as MathML, which the browser sets by itself."""
    mathml = convert(latex.strip(), display=display)
    for pattern, better in TYPESETTING:
        mathml = re.sub(pattern, better, mathml)
    return f'<span class="formula">{mathml}</span>' if display == "block" else mathml


def code(source: str) -> Markup:
    """Python as HTML, with a class for each word that has a colour."""
    html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup(re.sub(rf'<span class="(?!(?:{COLOURED})")\w+">([^<]*)</span>', r"\1", html))


def plain(html: str) -> str:
    """HTML as plain words."""
    return str(Markup(html).striptags())


def _markdown(page):
    return MarkdownWithMath(renderer=_Renderer(page))


class _Renderer(IPythonRenderer):
    """Markdown as HTML: formulas in MathML, headings that links find, notebooks' names as pages'."""

    def __init__(self, page):
        super().__init__(escape=False)
        self.page = page

    def heading(self, text, level, **attrs):
        title, anchor = plain(text), plain(text).replace(" ", "-")
        if self.page.flat:
            level = min(level, 2)
        taken = [section.anchor for section in self.page.sections]
        while anchor in taken:
            anchor += "-again"
        self.page.sections.append(
            SimpleNamespace(level=level, anchor=anchor, title=title, html=Markup(text), words="")
        )
        return f'<h{level} id="{escape(anchor)}">{text}</h{level}>\n'

    def link(self, text, url, title=None):
        return super().link(text, re.sub(r"\.ipynb(?=#|$)", ".html", url), title)

    def inline_math(self, body):
        pieces = re.split(
            r" (?== )", body
        )  # a browser breaks no formula, so a long line of them comes in pieces
        whole = len(body) < LONG or any(piece.count("{") != piece.count("}") for piece in pieces)
        return formula(body) if whole else "".join(map(formula, pieces))

    def block_math(self, body):
        return formula(body, "block")


def _opening(source):
    """The title of a notebook, and what its first lines say it is about."""
    title, *paragraphs = source.split("\n\n")
    about = next((words for words in paragraphs if words.startswith(QUESTION)), paragraphs[0])
    about = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", about.removeprefix(QUESTION))
    return title.removeprefix("# "), text(about.replace("*", "").strip())


def _prose(made, markdown, source):
    kept = [words for words in source.split("\n\n") if not words.startswith(OWN_LINK)]
    html = markdown.render("\n\n".join(kept))
    html = re.sub(ENDS, r'<span class="joined">\1</span>', html)
    html = html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    _note_words(made, re.sub(r"<h\d.*?</h\d>", " ", html, flags=re.S))
    return {"kind": "prose", "html": Markup(html)}


def _note_words(made, html):
    """Remember words for the search."""
    if made.sections:
        made.sections[-1].words += " " + plain(html)


def _code(made, cell):
    outputs = [shown for output in _joined(cell.outputs) for shown in _shown(made, output)]
    asks = any(shown["kind"] in ("prediction", "question", "guesses") for shown in outputs)
    unseen = not outputs and UNSEEN.search(cell.source)
    folded = bool(asks or unseen or cell.metadata.get("jupyter", {}).get("source_hidden", False))
    return {"kind": "code", "source": code(cell.source), "folded": folded, "outputs": outputs}


def _joined(outputs):
    """The outputs, with what was printed in one go in one piece, in however many it came from the kernel."""
    for kind, together in groupby(outputs, key=lambda output: output.output_type):
        if kind == "stream":
            yield SimpleNamespace(output_type=kind, text="".join(output.text for output in together))
        else:
            yield from together


def _shown(made, output):
    """What one output of a cell shows, as the templates take it: one thing, or nothing."""
    if output.output_type == "stream":
        return [{"kind": "text", "words": strip_ansi(output.text)}]
    data = output.data
    if STILL in data:
        return [_still(made, data[STILL])]
    if "text/html" in data:
        return [{"kind": "html", "html": Markup(data["text/html"])}]
    return [{"kind": "text", "words": data["text/plain"]}]


def _still(made, still):
    if still["kind"] == "panel":
        return _panel(made, still)
    if "question" not in still:
        return still
    made.asked += 1
    words = [still["question"], *(choice["words"] for choice in still["choices"])]
    _note_words(made, escape(" ".join(words)))
    panel = {"panel": _panel(made, still["panel"])} if still.get("panel") else {}
    return still | {"id": f"ask-{made.asked}"} | panel


def _panel(made, still):
    """A panel with a file for its picture, and the address that opens it in the live lesson."""
    nth = 1 + sum(other["name"] == still["name"] for other in made.panels)
    file = f"{made.lesson}-{still['name']}{f'-{nth}' * (nth > 1)}.png"
    made.pictures[file] = b64decode(still["picture"]["png"])
    query = f"lesson={made.lesson}&panel={still['name']}{f'&nth={nth}' * (nth > 1)}"
    still = still | {"file": file, "run": f"run.html?{query}", "id": f"panel-{len(made.panels)}"}
    made.panels.append(still)
    _note_words(made, f"{escape(still['title'])} {escape(still['sentence'])}")
    return still
