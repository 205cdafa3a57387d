"""Pictures that are not here yet: the browser edition fetches them from its site when they are asked for.

Its wheel has the test set, all labels, and ``parts.json``, which lists the training pictures in parts of some
thousand. Each part is a gzip file that lies beside the wheel on the site (``docs/site/wheel.py`` makes all
of them).
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import numpy as np

from lessons_lib.data.mnist import DataFileError, Dataset, read_only

PARTS = "parts.json"
NETWORKS = "stages.npz"  # the lessons' networks, trained on these pictures when the site was made


class DistantDataset(Dataset):
    """A Dataset whose pictures come part by part, each when one of its pictures is first asked for.

    Args:
        labels: (n,) the class of each example.
        folder: where ``parts.json`` is.
    """

    networks: Path  # a file that came along
    fingerprint: tuple[Any, ...]
    _features: int
    _each: int
    _names: list[str]
    _here: set[int]

    def __init__(self, labels: np.ndarray, folder: Path) -> None:
        told = json.loads((folder / PARTS).read_text(encoding="utf-8"))
        fields = {
            "labels": read_only(labels.astype(np.intp)),
            "classes": told["classes"],
            "networks": folder / NETWORKS,
            "fingerprint": tuple(told["parts"].values()),
            "_features": told["features"],
            "_each": told["each"],
            "_names": list(told["parts"]),
            "_here": set(),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen

    @property
    def features(self) -> int:
        return self._features

    @cached_property
    def _room(self) -> np.ndarray:
        return np.zeros((len(self), self.features), np.uint8)

    @cached_property
    def pixels(self) -> np.ndarray:  # type: ignore[override]  # to be had by asking
        return read_only(self._picked(slice(None)))

    def _picked(self, index: Any) -> np.ndarray:
        rows = np.arange(len(self))[index]
        self._fetch(np.unique(rows // self._each).tolist())
        return self._room[index]

    def _fetch(self, parts: Iterable[int]) -> None:
        missing = [part for part in parts if part not in self._here]
        for count, part in enumerate(missing):
            _say(f"Fetching training images from the site: part {count + 1} of {len(missing)} …")
            content = _checked(self._names[part], self.fingerprint[part])
            pictures = np.frombuffer(content, np.uint8).reshape(-1, self.features)
            start = part * self._each
            self._room[start : start + len(pictures)] = pictures
            self._here.add(part)
        if missing:
            _say(f"{sum(map(self._size, missing)):,} training images have come from the site.", end="\n")

    def _size(self, part):
        return min(self._each, len(self) - part * self._each)


def _say(words, end=""):
    print(f"\r{words:<70}", end=end, flush=True)  # over the line before


def _checked(name, sha256):
    """The unpacked content of a part, or an error that says what is wrong and what to do."""
    address = urljoin(_site(), name)
    try:
        content = gzip.decompress(fetched(address))
    except (OSError, EOFError, zlib.error) as error:
        problem = f"these training images could not be fetched ({error})"
    else:
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
        problem = "these training images are damaged"
    raise DataFileError(
        f"{address}: {problem}. See that the network is there, and run the cell again; "
        "the test images work without it"
    )


def _site():
    """The address of the folder with the parts: ``LESSONS_SITE``, or where the wheel was installed from."""
    if given := os.environ.get("LESSONS_SITE"):
        return given
    if wheel := distribution("lessons_lib").read_text("PYODIDE_URL"):  # micropip writes it
        return wheel
    with suppress(ImportError):
        import pyodide_js  # type: ignore[import-not-found]

        return pyodide_js._api.config.indexURL  # where the packages of Pyodide's own list come from
    raise DataFileError(
        "the training images lie on the site of the lessons, and its address is unknown here; set the "
        "environment variable LESSONS_SITE to the address of the folder with the wheel of lessons_lib"
    )


def fetched(address: str) -> bytes:
    """The content at an address. The page goes on meanwhile, but the kernel waits.

    Raises:
        OSError: if it cannot be had.
    """
    from js import XMLHttpRequest  # what the browser offers  # type: ignore[import-not-found]

    request = XMLHttpRequest.new()
    request.open("GET", address, False)
    request.responseType = "arraybuffer"
    try:
        request.send()
    except Exception as error:  # the browser's own kind
        raise OSError(str(error)) from None
    if request.status != 200:
        raise OSError(f"the site answered with status {request.status}")
    return request.response.to_bytes()
