"""What every notebook keeps to, read from the files without running them."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NUMBERED = [path for path in NOTEBOOKS if path.stem != "glossary"]  # that has neither code nor sections
LESSONS = [path for path in NUMBERED if not path.name.startswith("00")]

MOST_LINES = 15
MOST_WORDS = 120
SECTIONS = ("predict", "see", "by hand", "the code", "check", "your turn", "summary")
FURTHER = "going further"  # what a lesson may have for those who want more, after the exercise
PLOTTING = {"matplotlib", "pylab", "seaborn", "plotly", "bqplot", "ipympl"}


def name(path):
    return path.stem


def read(path):
    return nbformat.read(path, as_version=4)


def cells(path, kind):
    """(number, source) of every cell of one kind."""
    return [(i, cell.source) for i, cell in enumerate(read(path).cells) if cell.cell_type == kind]


def code(path):
    """The whole notebook as one syntax tree. `%magic` and `!command` lines are not Python, and not used."""
    return ast.parse("\n".join(source for _, source in cells(path, "code")))


def words(markdown):
    """How many words a reader reads: formulas count as one each, links as their text."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " formula ", markdown, flags=re.S)
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return len([word for word in text.split() if re.search(r"\w", word)])


def headings(path):
    found = []
    for _, source in cells(path, "markdown"):
        found += [line.lstrip("# ").strip().lower() for line in source.splitlines() if line.startswith("#")]
    return found


def imported(path):
    for node in ast.walk(code(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_there_are_notebooks():
    assert NOTEBOOKS, f"no notebook in {FOLDER}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_is_a_valid_notebook(path):
    nbformat.validate(read(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_is_stored_without_outputs(path):
    for number, cell in enumerate(read(path).cells):
        if cell.cell_type == "code":
            assert not cell.outputs, f"cell {number} has a stored output; clear it"
            assert cell.execution_count is None, f"cell {number} has an execution count; clear it"
    assert "widgets" not in read(path).metadata, "widget state is stored in the metadata; clear it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_names_no_machine(path):
    metadata = read(path).metadata
    assert metadata.kernelspec.name == "python3"
    assert not re.search(r"/(?:home|Users|root|tmp)/|[A-Z]:\\", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_code_cells_are_short(path):
    too_long = {i: n for i, source in cells(path, "code") if (n := len(source.splitlines())) > MOST_LINES}
    assert not too_long, f"cells with more than {MOST_LINES} lines: {too_long}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_prose_cells_are_short(path):
    too_long = {i: n for i, source in cells(path, "markdown") if (n := words(source)) > MOST_WORDS}
    assert not too_long, f"cells with more than {MOST_WORDS} words: {too_long}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_the_plotting_stays_in_the_library(path):
    assert not [module for module in imported(path) if module.split(".")[0] in PLOTTING]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_imports_stand_in_the_first_code_cell_that_is_the_lessons_own(path):
    _looks_whether_the_lessons_are_installed, _own, *others = cells(path, "code") or [None, None]
    late = [
        number
        for number, source in others
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(source)))
    ]
    assert not late, f"cells that import below the first code cells: {late}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_no_global_random_state(path):
    used = [ast.unparse(node) for node in ast.walk(code(path)) if isinstance(node, ast.Attribute)]
    allowed = {"np.random", "np.random.default_rng", "np.random.Generator"}
    assert not [name for name in used if name.startswith("np.random") and name not in allowed]


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_the_sections_come_in_order(path):
    found = headings(path)
    places = []
    for section in SECTIONS:
        matching = [i for i, heading in enumerate(found) if heading.startswith(section)]
        assert matching, f"no heading starts with '{section}'; found {found}"
        places.append(matching[0])
    assert places == sorted(places), f"the sections should come in the order {SECTIONS}; found {found}"
    if FURTHER in found:
        *_, turn, summary = places
        assert turn < found.index(FURTHER) < summary, f"'{FURTHER}' comes after the exercise: {found}"


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_it_ends_with_the_reader_s_own_guesses(path):
    own, course = f'panels.your_guesses("{path.name[:2]}")', "panels.your_guesses()"
    assert [source for _, source in cells(path, "code") if source != course][-1] == own


def holds_anyway(claim):
    """Can this assertion not fail, whatever the values are?"""
    if isinstance(claim, ast.BoolOp) and isinstance(claim.op, ast.Or):
        return any(holds_anyway(part) for part in claim.values)
    if isinstance(claim, ast.BoolOp):
        return all(holds_anyway(part) for part in claim.values)
    if isinstance(claim, ast.Compare) and len(claim.ops) == 1:
        same = ast.unparse(claim.left) == ast.unparse(claim.comparators[0])
        return same or not names_in(claim)
    return isinstance(claim, ast.Tuple) or not names_in(claim)


def names_in(node):
    return [part for part in ast.walk(node) if isinstance(part, ast.Name)]


def claims(source):
    return [node.test for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]


@pytest.mark.parametrize("path", LESSONS, ids=name)
@pytest.mark.parametrize("section", ["by hand", "check"])
def test_what_the_prose_says_is_checked(path, section):
    current, found = None, []
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            titles = [line.lstrip("# ").lower() for line in cell.source.splitlines() if line.startswith("#")]
            current = titles[-1] if titles else current
        elif (current or "").startswith(section):
            found += claims(cell.source)
    assert found, f"no cell under '{section}' asserts what the prose says"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_every_assertion_can_fail(path):
    empty = [
        f"cell {number}: assert {ast.unparse(claim)}"
        for number, source in cells(path, "code")
        for claim in claims(source)
        if holds_anyway(claim)
    ]
    assert not empty, f"assertions that hold whatever the values are: {empty}"


@pytest.mark.parametrize(
    ("claim", "empty"),
    [
        ("True", True),
        ("1 < 2", True),
        ("x == x", True),
        ("x > 2 or True", True),
        ("(x > 2, 'message')", True),
        ("x > 2", False),
        ("x > 2 and y", False),
        ("np.allclose(x, y)", False),
        ("not x", False),
    ],
)
def test_assertions_that_cannot_fail_are_recognised(claim, empty):
    assert holds_anyway(ast.parse(claim, mode="eval").body) is empty


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_links_to_other_notebooks_lead_somewhere(path):
    for _, source in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)#:]+\.ipynb)", source):
            assert (path.parent / target).exists(), f"{target} does not exist"


def test_lessons_are_numbered_without_gaps():
    assert [int(path.stem[:2]) for path in NUMBERED] == list(range(len(NUMBERED)))
