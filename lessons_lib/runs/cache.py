"""Arrays that this machine has computed before, in the user's cache folder.

A file holds arrays and nothing else; it is checked when it is read, and nothing in it is ever executed.
Where it cannot be read, written or trusted, the arrays are computed anew, and only the clock can tell.
"""

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import lessons_lib
from lessons_lib.data import kept
from lessons_lib.engine.arrays import Array

LATEST = 8  # files that are kept
LIBRARIES = ("OPENBLAS", "OMP", "MKL", "VECLIB", "BLIS", "GOTO")  # whose settings may change the last bit


def file_of(kind: str, *about: Any) -> Path:
    """The file of something computed: its name tells apart whatever could change a single bit of it.

    Args:
        kind: what it is, such as ``"stages"``.
        about: arrays, which count with all their bytes, and other values, which count as they are printed.
    """
    digest = hashlib.sha256(environment().encode())
    for value in about:
        digest.update(
            np.ascontiguousarray(value).data if isinstance(value, np.ndarray) else repr(value).encode()
        )
    return kept.folder() / f"{kind}-{digest.hexdigest()[:32]}.npz"


def load(file: Path, like: dict[str, Array]) -> dict[str, Array] | None:
    """The arrays of a file, or None unless they have the names, shapes and number types of ``like``."""
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as found:
            arrays = {name: found[name] for name in like}
    except Exception:  # a damaged file may raise anything
        return None
    fit = all(a.shape == like[name].shape and a.dtype == like[name].dtype for name, a in arrays.items())
    return arrays if fit and all(np.isfinite(a).all() for a in arrays.values()) else None


def save(file: Path, arrays: dict[str, Array]) -> None:
    """Write the arrays, if this folder can be written to, and forget the oldest files of their kind."""
    kept.write(file, lambda unfinished: np.savez(unfinished, **arrays))  # type: ignore[arg-type]  # no options
    with suppress(OSError):
        alike = file.parent.glob(f"{file.name.split('-')[0]}-*.npz")
        for old in sorted(alike, key=lambda path: path.stat().st_mtime)[:-LATEST]:
            old.unlink(missing_ok=True)


@cache
def environment() -> str:
    """All but the data that the last bit of a number may depend on: our code, numpy and the processor."""
    code = hashlib.sha256()
    for source in sorted((Path(lessons_lib.__file__).parent / "engine").rglob("*.py")):
        code.update(source.read_bytes())
    numpy = np.show_config(mode="dicts")
    libraries = {name: value for name, value in sorted(os.environ.items()) if name.startswith(LIBRARIES)}
    return repr((lessons_lib.__version__, code.hexdigest(), numpy, platform.processor(), libraries))
