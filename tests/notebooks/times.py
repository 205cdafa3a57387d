"""How long each notebook takes from top to bottom, in a fresh kernel: `make times`."""

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def seconds(path):
    """Wall-clock seconds to run every cell, without the start of the kernel."""
    client = NotebookClient(
        nbformat.read(path, as_version=4), resources={"metadata": {"path": FOLDER}}, timeout=600
    )
    with client.setup_kernel():
        start = time.perf_counter()
        for number, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, number)
        return time.perf_counter() - start


def main():
    """Print the table row by row, and write it to benchmarks/times.md."""
    rows = ["| notebook | seconds |", "|---|---|"]
    print(*rows, sep="\n")
    for path in sorted(FOLDER.glob("[0-9]*.ipynb")):
        rows.append(f"| {path.stem} | {seconds(path):.1f} |")
        print(rows[-1], flush=True)
    words = "Seconds to run each notebook from top to bottom in a fresh kernel, measured by `make times`."
    table = "\n".join([words, "", *rows, ""])
    (FOLDER.parent / "benchmarks" / "times.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
