"""Run the lessons and keep what they show, in build/executed: two at a time, and only what has changed."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXECUTED = ROOT / "build" / "executed"
AT_A_TIME = 2  # kernels; each computes in one thread
STILLS = f"__import__('sys').path.insert(0, {str(HERE)!r}); __import__('stills').show_stills()"


def executed(paths=NOTEBOOKS) -> dict[str, nbformat.NotebookNode]:
    """The notebooks with their outputs, by name, in the order of ``paths``; says on the way how far it is."""
    old = [path for path in paths if not _is_new(path)]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        runs = {pool.submit(_run_and_keep, path): path.stem for path in old}
        for count, run in enumerate(as_completed(runs), start=1):
            print(f"[{count:2}/{len(old)}] {runs[run]}: {run.result():.0f} s", flush=True)
    return {path.stem: nbformat.read(EXECUTED / path.name, as_version=4) for path in paths}


def run(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """A notebook with its outputs, run in ``folder``; what is made of widgets is there as a still.

    Raises:
        CellExecutionError: a cell raised something.
    """
    if all(cell.cell_type == "markdown" for cell in notebook.cells):  # the glossary
        return notebook
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STILLS))
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=None,
        store_widget_state=False,
        extra_arguments=["--log-level=40"],  # no warning for each kernel that it listens on TCP
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    del notebook.cells[0]
    return notebook


def _run_and_keep(path):
    start = time.perf_counter()
    notebook = run(nbformat.read(path, as_version=4), path.parent)
    EXECUTED.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, EXECUTED / path.name)
    return time.perf_counter() - start


def _is_new(path):
    """Whether the outputs that are kept are younger than all that they came from."""
    kept = EXECUTED / path.name
    sources = [path, HERE / "stills.py", *(ROOT / "lessons_lib").rglob("*.py")]
    return kept.exists() and kept.stat().st_mtime > max(source.stat().st_mtime for source in sources)


if __name__ == "__main__":
    chosen = [path for path in NOTEBOOKS if path.stem.startswith(tuple(sys.argv[1:] or ("",)))]
    executed(chosen)
