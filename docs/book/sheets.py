"""The questions of a lesson on a sheet to be printed, with the answers on the last page."""

import re

from pages import Page, code, prose

from lessons_lib import checks

BLANK = re.compile(r"(?<![\w.])\.\.\.(?![\w.])")
SOLUTION = re.compile(r"<details><summary>(?:Solutions|A solution[^<]*)</summary>(.*)</details>", re.S)
ON_PAPER = {  # what a notebook says -> what a sheet says in its place
    r"Replace (the|each) ((three )?dots|`\.\.\.`)( by a number)?": "Fill in the blanks",
    "replace the dots": "fill in the blanks",
    ", (then|and) run (both cells|the cell)": "",
    "Before you run the cell:": "Before you do:",
}
TO_FILL_IN = re.compile(rf"^\w+ = .*{BLANK.pattern}.*", re.M)


def sheet(page: Page, notebook: dict) -> dict:
    """What stands on the sheet of a page's notebook: what is ``asked``, ``tasks`` and ``exercises``."""
    shown = [output for cell in page.cells if cell["kind"] == "code" for output in cell["outputs"]]
    return {
        "page": page,
        "asked": [one for one in shown if one["kind"] in ("prediction", "question")],
        "tasks": list(_tasks(notebook.cells)),
        "exercises": list(_exercises(notebook.cells)),
        "solutions": [prose(found[1]) for cell in notebook.cells if (found := SOLUTION.search(cell.source))],
    }


def _tasks(cells):
    """Each example that is half done: its words, the lines to complete, and the code that checks them."""
    for k, cell in enumerate(cells):
        blanks = TO_FILL_IN.findall(cell.source) if cell.cell_type == "code" else []
        if blanks:
            words = cells[k - 1].source
            rest = cell.source.split(blanks[-1])[1].strip() or cells[k + 1].source
            lines = [BLANK.sub("__________", line) for line in blanks]
            yield {
                "words": prose(_on_paper(words[max(0, words.find("### ")) :])),
                "lines": code("\n".join(lines)),
                "answer": code(rest),
            }


def _on_paper(words):
    for pattern, instead in ON_PAPER.items():
        words = re.sub(pattern, instead, words)
    return words


def _exercises(cells):
    """Each function to write: its words, what is given of it, and the hints, of which the last says most."""
    words = []
    for cell in _section(cells, "## Your turn"):
        if cell.cell_type == "markdown":
            words.append(cell.source.removeprefix("## Your turn").strip())
            continue
        printed = [output.text for output in cell.outputs if output.output_type == "stream"]
        if cell.source.startswith("def my_"):
            given, _, asks = cell.source.partition("\n\n\n")
            check = re.match(r"checks\.(\w+)\.check", asks)
            answers = getattr(checks, check[1]).hints if check else printed
            yield {"words": prose("\n\n".join(words)), "given": code(given), "answers": answers}
            words = []
        else:
            words += [f"```\n{text}```" for text in printed]


def _section(cells, heading):
    """The cells from a heading of the second level on, to the next one."""
    inside = False
    for cell in cells:
        if cell.source.startswith("## "):
            inside = cell.source.startswith(heading)
        if inside:
            yield cell
