"""How long the core of each lesson takes a newcomer: `python tests/notebooks/reading_time.py [notebooks]`.

It is counted from the notebook; what stands under `## Going further` is not counted.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
# Code, tables and formulas cost nothing by themselves: they are studied in the time of what is around them.
WORDS_A_MINUTE = 180
PANEL, QUESTION = 1.5, 0.5  # minutes for a panel; for a prediction or a question
SECTIONS = {"by hand": 5, "your turn": 8}  # minutes for a section whose heading begins so, besides its words
QUESTIONS = {"Prediction", "Question"}
NOTHING_TO_DO = {"show_source", "Progress", "your_guesses", "check_setup", "runs"}
LONGEST = 30  # minutes that a core may take


@dataclass(frozen=True)
class Count:
    """What is in the core of a notebook."""

    words: int
    panels: int
    questions: int
    sections: int  # minutes for what is done by hand
    stated: int | None  # minutes, as its first cell says

    @property
    def minutes(self) -> float:
        """What the core takes."""
        return self.words / WORDS_A_MINUTE + PANEL * self.panels + QUESTION * self.questions + self.sections

    @property
    def most(self) -> float:
        """The longest time that may be stated for it."""
        return 1.35 * self.minutes + 3


def lessons():
    """The notebooks that are lessons."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


def count(path):
    """Count a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    core = list(_core(cells))
    prose = "\n".join(cell.source for cell in core if cell.cell_type == "markdown")
    code = [ast.parse(cell.source).body for cell in core if cell.cell_type == "code"]
    made = dict(filter(None, map(_made, (statement for body in code for statement in body))))
    shown = [name for body in code if body for name in _shown(body[-1], made)]
    time = re.search(r"\*Time: (\d+) minutes", cells[0].source)
    return Count(
        words=words(prose),
        panels=sum(name not in QUESTIONS | NOTHING_TO_DO for name in shown),
        questions=sum(name in QUESTIONS for name in shown),
        sections=sum(SECTIONS.get(title, 0) for title in _titles(prose)),
        stated=int(time[1]) if time else None,
    )


def words(markdown):
    """How many words of prose there are, without code, tables and formulas; of links only the text."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$|\$[^$]*\$", " ", markdown, flags=re.S)
    text = re.sub(r"^\s*\|.*$|(?<=\])\([^)]*\)|<[^>]*>", " ", text, flags=re.M)
    return len([word for word in text.split() if re.search(r"\w", word)])


def _core(cells):
    """The cells that do not stand under `## Going further`."""
    further = False
    for cell in cells:
        if cell.cell_type == "markdown" and (titles := _titles(cell.source)):
            further = titles[-1].startswith("going further")
        if not further:
            yield cell


def _titles(markdown):
    """The second-level headings; a section that takes time of its own by the name it has in SECTIONS."""
    found = [title.strip().lower() for title in re.findall(r"^## (.*)$", markdown, flags=re.M)]
    return [next((known for known in SECTIONS if title.startswith(known)), title) for title in found]


def _made(statement):
    """(variable, panel) for `variable = panels.panel(...)`."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return (statement.targets[0].id, name) if (name := _panel(statement.value)) else None
    return None


def _shown(statement, made):
    """The panels that a cell with this last statement displays, the one behind a prediction among them."""
    if not isinstance(statement, ast.Expr):
        return
    if name := _panel(statement.value, made):
        yield name
    for keyword in getattr(statement.value, "keywords", ()) if name == "Prediction" else ():
        if keyword.arg == "panel":
            yield _panel(keyword.value, made)


def _panel(value, made=None):
    """The name in `panels` of what an expression is, or None."""
    if isinstance(value, ast.Name):
        return (made or {}).get(value.id)
    called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return called.removeprefix("panels.") if called.startswith("panels.") else None


def main(paths):
    """Print the table."""
    print("| notebook | words | panels | questions | by hand, exercise | minutes | stated |")
    print("|---|---|---|---|---|---|---|")
    for path in paths or lessons():
        c = count(path)
        fits = c.stated and c.minutes <= c.stated <= c.most and c.minutes <= LONGEST
        row = c.words, c.panels, c.questions, c.sections, f"{c.minutes:.1f}", c.stated, "" if fits else "✗"
        print(f"| {Path(path).stem} | " + " | ".join(map(str, row[:-1])) + f" {row[-1]} |")


if __name__ == "__main__":
    main(sys.argv[1:])
