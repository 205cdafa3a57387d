"""Runs in a file: arrays as `.npz`, settings as JSON inside it, a version, and no pickle.

A file that is damaged, or was never one of ours, is refused with the reason.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from os import PathLike
from pathlib import Path

import numpy as np

from lessons_lib.runs.course import Run
from lessons_lib.runs.settings import OPTIMIZERS, REGULARIZERS, Settings

VERSION = 1
ARRAYS = ("passes", "costs", "tested", "accuracies", "params")


class RunFileError(ValueError):
    """A file of runs cannot be read; the message says why."""


def save_runs(path: str | PathLike, runs: Sequence[Run]) -> Path:
    """Write runs to one file.

    Args:
        path: where to; it gets the ending ``.npz``. An existing file is replaced.
        runs: the runs, in the order in which they will be read.

    Returns:
        The path that was written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load_runs(save_runs(Path(folder) / "mine", []))
        []
    """
    path = Path(path).with_suffix(".npz")
    header = {"version": VERSION, "runs": [_told(run) for run in runs]}
    arrays = {f"{name}_{k}": getattr(run, name) for k, run in enumerate(runs) for name in ARRAYS}
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:  # renamed when whole, so that no half-written file takes its place
        np.savez_compressed(file, header=text, **arrays)
    unfinished.replace(path)
    return path


def load_runs(path: str | PathLike) -> list[Run]:
    """Read the runs that :func:`save_runs` wrote.

    Args:
        path: the file, with or without its ending.

    Raises:
        FileNotFoundError: there is no such file.
        RunFileError: the file is damaged, of another kind or of a later version; the message says which.
    """
    path = Path(path).with_suffix(".npz")
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}; save some runs first") from None
    except Exception as error:  # a damaged file may raise anything
        raise RunFileError(f"{path} is damaged, or no .npz file: {error}") from None
    try:
        return _runs(arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise RunFileError(f"{path} holds no runs that can be read: {error}") from None


def _runs(arrays):
    if "header" not in arrays:
        raise ValueError("it has no header; was it written by save_runs?")
    header = json.loads(bytes(arrays["header"]))
    if header["version"] != VERSION:
        raise ValueError(f"it is of version {header['version']}; this program reads version {VERSION}")
    return [_run(k, told, arrays) for k, told in enumerate(header["runs"])]


def _run(k, told, arrays):
    missing = [name for name in ARRAYS if f"{name}_{k}" not in arrays]
    if missing:
        raise ValueError(f"run {k} lacks its {', '.join(missing)}")
    parts = {name: arrays[f"{name}_{k}"] for name in ARRAYS}
    settings = _settings(told["settings"])
    points, tests = parts["passes"].size, parts["tested"].size
    sizes = {"passes": points, "costs": points, "tested": tests, "accuracies": tests}
    for name, size in (sizes | {"params": settings.n_params}).items():
        if parts[name].shape != (size,) or parts[name].dtype.kind != "f":
            got = f"{parts[name].dtype} of shape {parts[name].shape}"
            raise ValueError(
                f"{name} of run {k} are {got}; expected floating-point numbers of shape ({size},)"
            )
    shares = parts["accuracies"]
    if not tests or not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"accuracies of run {k} are not shares between 0 and 1")
    return Run(settings, **parts, ending=str(told["ending"]))


def _told(run):
    settings = {f.name: getattr(run.settings, f.name) for f in fields(run.settings)}
    settings["optimizer"] = _named(run.settings.optimizer)
    settings["regularizers"] = [_named(one) for one in run.settings.regularizers]
    return {"settings": settings, "ending": run.ending}


def _named(thing):
    return {"kind": type(thing).__name__, **asdict(thing)}


def _settings(told):
    told = dict(told)
    told["optimizer"] = _made(OPTIMIZERS, told["optimizer"])
    told["regularizers"] = tuple(_made(REGULARIZERS, one) for one in told["regularizers"])
    return Settings(**told)


def _made(kinds, told):
    told = dict(told)
    kind = told.pop("kind")
    if kind not in kinds:
        raise ValueError(f"{kind!r} is unknown; expected one of {', '.join(kinds)}")
    return kinds[kind](**told)
