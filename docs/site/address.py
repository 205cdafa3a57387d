"""Write the addresses of the project into the notebooks: `make address`.

[project.urls] in pyproject.toml is the one place where a person fills them in: `Homepage`, where the book is,
and `Repository`. Each notebook gets a link to its page of the book, below its title, and each lesson a first
code cell that says how to install what is missing. Without an address there is no link, and the cell names
the folder of the project.
"""

import copy
import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINK = "[Read with pictures]({homepage}/{page}.html)"
INSTALLED = """\
try:  # every lesson first checks that it can run
    import lessons_lib  # noqa: F401
except ModuleNotFoundError:
    from IPython.core.error import UsageError

    raise UsageError(
        "The lessons are not installed here. Run this in a cell of its own, then this cell again:   "
        "%pip install {source}"
    ) from None"""


def urls() -> dict[str, str]:
    """The addresses that were filled in, without a slash at the end."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {name: url.rstrip("/") for name, url in project.get("urls", {}).items()}


def addressed(notebook: dict, name: str, urls: dict[str, str]) -> dict:
    """A notebook, as JSON has it, with the addresses written in, or taken out where there are none.

    Args:
        notebook: what the file holds; it stays as it is.
        name: the file's name without its ending.
        urls: what :func:`urls` gives.
    """
    notebook = copy.deepcopy(notebook)
    title, *rest = notebook["cells"]
    title["source"] = _lines(_linked("".join(title["source"]), name, urls.get("Homepage")))
    rest = [cell for cell in rest if cell["id"] != "installed"]
    if any(cell["cell_type"] == "code" for cell in rest):  # the glossary has none
        rest.insert(0, _installed(urls.get("Repository")))
    return notebook | {"cells": [title, *rest]}


def _linked(text, name, homepage):
    title, text = text.split("\n\n", 1)
    text = re.sub(re.escape(LINK.split("(")[0]) + r"\(.*\)\n\n", "", text)
    link = [LINK.format(homepage=homepage, page=name)] if homepage else []
    return "\n\n".join([title, *link, text])


def _installed(repository):
    source = f"git+{repository}" if repository else ".."
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "installed",
        "metadata": {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]},
        "outputs": [],
        "source": _lines(INSTALLED.format(source=source)),
    }


def _lines(text):
    return text.splitlines(keepends=True)


def main():
    for path in NOTEBOOKS:
        notebook = addressed(json.loads(path.read_text("utf-8")), path.stem, urls())
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
