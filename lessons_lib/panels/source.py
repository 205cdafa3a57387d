""":func:`show_source`: the library's real source in a notebook, never a copy of it."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from IPython.display import HTML
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from lessons_lib.drawing import style


def show_source(thing: Callable, *, lines: Sequence[str] = ()) -> HTML:
    """Show the source of a function or class, highlighted, without its docstring.

    Args:
        thing: the function or class.
        lines: pieces of text; each line that contains one of them is marked.

    Returns:
        An ``HTML`` that displays itself.

    Raises:
        ValueError: if no line contains a piece, so that a lesson cannot point at a line that is gone; or if
            the name begins with an underscore.

    Example:
        >>> import textwrap
        >>> "textwrap.py" in show_source(textwrap.indent, lines=["return"]).data
        True
    """
    if thing.__name__.startswith("_"):
        raise ValueError(f"{thing.__name__} is private; give it a public name, or show what calls it")
    pieces = [lines] if isinstance(lines, str) else lines
    numbers, code = zip(*_without_docstring(thing), strict=True)
    for piece in pieces:
        if not any(piece in line for line in code):
            raise ValueError(f"no line of {thing.__name__} contains {piece!r}; choose another piece")
    marked = [any(piece in line for piece in pieces) for line in code]
    formatter = HtmlFormatter(noclasses=True, style="bw", nowrap=True)
    rows = highlight("\n".join(code), PythonLexer(stripnl=False), formatter).split("\n")[: len(code)]
    return HTML(_page(thing, zip(numbers, rows, marked, strict=True)))


def _without_docstring(thing):
    """The lines of source as (number in the file, text), without the docstring."""
    source, first = inspect.getsourcelines(thing)
    source = textwrap.dedent("".join(source)).splitlines()
    definition: Any = ast.parse("\n".join(source)).body[0]
    hidden = range(0)
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        hidden = range(docstring.lineno, docstring.end_lineno + 1)
    return [(first + k - 1, line) for k, line in enumerate(source, start=1) if k not in hidden]


def _page(thing, rows):
    place = f"{thing.__module__.replace('.', '/')}.py"
    margin = f"color:{style.MUTED};display:inline-block;width:3em;user-select:none"
    plain = "padding:0 12px;white-space:pre-wrap"
    marked = f"{plain};background:#efe6f8;box-shadow:inset 3px 0 {style.ACCENT}"
    lines = "".join(
        f'<div style="{marked if mark else plain}"><span style="{margin}">{k}</span>{row}</div>'
        for k, row, mark in rows
    )
    return (
        f'<div style="box-sizing:border-box;max-width:902px;border-radius:10px;padding:10px 0;'
        f"background:{style.PAPER};color:{style.INK};border:1px solid {style.LINE};"
        f'font:13px/1.55 var(--jp-code-font-family,monospace)">'
        f'<div style="padding:0 12px 6px;color:{style.MUTED}">{place}</div>{lines}</div>'
    )
