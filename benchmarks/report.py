"""What both benchmarks print and write: a table, and the machine it was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def table(head, rows):
    """A Markdown table with padded columns."""
    rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]])


def verdict(passed, stretched=False):
    """What a row says about its bar."""
    return "stretch" if passed and stretched else "pass" if passed else "MISS"


def machine(packages):
    """One sentence: processor, cores, Python and the versions of the packages."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = platform.python_version()
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; Python {python}, {versions}."


def avx512():
    """Whether the processor has AVX-512, as far as it says."""
    return "avx512f" in _cpuinfo("flags")


def _processor():
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(name):
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":")[1].strip() for line in lines if line.startswith(name)), "")
