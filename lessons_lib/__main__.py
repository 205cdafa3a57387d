"""The command ``lessons``: the notebooks in a folder of the learner's own, and JupyterLab open on them.

``lessons`` copies what is not there yet into the folder *lessons* among the user's documents, or into the
folder that is named, and opens it. ``lessons --update`` brings the notebooks of a newer version; where the
learner changed one, it stays, and the new one is put beside it.
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent
IN_CHECKOUT = (PACKAGE.parent / "pyproject.toml").exists()
SOURCE = PACKAGE.parent / "notebooks" if IN_CHECKOUT else PACKAGE / "_notebooks"
FIRST = "00_start_here.ipynb"
RECORD = ".lessons.json"  # in the learner's folder: file name -> digest of the notebook that was copied there


def main(arguments: list[str] | None = None) -> None:
    """Run the command with these arguments, or with those of the command line."""
    options, for_jupyterlab = _parser().parse_known_args(arguments)
    folder = options.folder.expanduser().absolute()
    if options.where:
        return print(folder)
    try:
        told = [*bring(SOURCE, folder, update=options.update)]
    except OSError as error:
        sys.exit(f"The lessons cannot be put into {folder} ({error}). Name another folder: lessons FOLDER")
    if options.update and not told:
        told = [f"Nothing new for {folder}."]
    for done in told:
        print(done)
    if not options.update:
        _open(folder, for_jupyterlab)


def _parser():
    parser = argparse.ArgumentParser(
        prog="lessons",
        description="Copy the lessons into a folder of your own, and open JupyterLab there.",
        epilog="Other options go to JupyterLab, such as --no-browser or --port=9999.",
    )
    documents = platformdirs.user_documents_path() / "lessons"
    parser.add_argument("folder", nargs="?", type=Path, default=documents, help=f"by default {documents}")
    parser.add_argument("--where", action="store_true", help="say which folder that is, and do nothing else")
    parser.add_argument(
        "--update", action="store_true", help="bring the lessons of this version; what you changed stays"
    )
    return parser


def bring(source: Path, folder: Path, *, update: bool) -> Iterator[str]:
    """Copy the notebooks that are not in the folder yet, and with ``update`` those that are newer here.

    Running a notebook does not change it; what counts is the text of its cells.

    Args:
        source: the folder of the notebooks to copy.
        folder: the learner's folder; made if there is none.
        update: whether a notebook that is there already may be replaced, or get a new one beside it.

    Yields:
        What was done, a sentence for each notebook.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / RECORD
    copied = json.loads(record.read_text("utf-8")) if record.exists() else {}
    for notebook in sorted(source.glob("*.ipynb")):
        place = _place(notebook, folder / notebook.name, copied, update)
        if place is None:
            continue
        done = "updated" if place.exists() else "copied"
        shutil.copyfile(notebook, place)
        copied[place.name] = _digest(notebook)
        record.write_text(json.dumps(copied, indent=1), "utf-8")
        changed = f", because you changed {notebook.name}" * (place.name != notebook.name)
        yield f"{done} {place}{changed}"


def _place(notebook, place, copied, update):
    """Where to copy a notebook without overwriting anybody's work; None if it is there."""
    if not place.exists():
        return place
    now, then, new = _digest(place), copied.get(place.name), _digest(notebook)
    if not update or new in (now, then):
        return None
    if now == then:
        return place
    return _place(notebook, place.with_name(f"{place.stem}_new.ipynb"), copied, update)


def _digest(path):
    """Of the text of the cells: outputs, and what JupyterLab notes in the file, are nobody's work."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        text = json.dumps([(cell["cell_type"], "".join(cell["source"])) for cell in cells])
    except (ValueError, KeyError, TypeError):  # no notebook any more, but somebody's file
        return "unreadable"
    return hashlib.sha256(text.encode()).hexdigest()


def _open(folder, options):
    if find_spec("jupyterlab") is None:
        sys.exit(
            "JupyterLab is not installed, so nothing was opened: pip install jupyterlab\n"
            f"Other programs that open notebooks, such as VS Code, find the lessons in {folder}"
        )
    from jupyterlab.labapp import LabApp  # the lessons themselves need none

    LabApp.launch_instance(
        [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{FIRST}", *options]
    )


if __name__ == "__main__":
    main()
