"""VS Code, Google Colab and a plain page have no JupyterLab: what the browser runs there may not need one."""

import re
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "lessons_lib"
FILES = sorted(path for path in LIBRARY.rglob("*") if path.suffix in (".js", ".css", ".py"))


def needed(text):
    """What in a file only JupyterLab has: its application, its classes, its colours, its way with keys.

    Example:
        >>> [*needed("querySelector('.jp-Cell'); var(--jp-brand); var(--jp-edge, #ccc)")]
        ['.jp-Cell', 'var(--jp-brand)']
    """
    yield from re.findall(r"jupyterapp|_JUPYTERLAB|\bJupyter\.\w+|[.]lm-\w+|[.]jp-\w+", text)
    yield from re.findall(r"var\(--jp-[\w-]+\)", text)
    if "data-lm-suppress-shortcuts" in text and "stopPropagation" not in text:
        yield "data-lm-suppress-shortcuts"
    if "data-jp-theme-light" in text and "vscode-dark" not in text:
        yield "data-jp-theme-light"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_nothing_needs_jupyterlab(path):
    assert not [*needed(path.read_text("utf-8"))]
