"""MNIST, the handwritten digits, and :class:`Dataset`, what a network learns from."""

import gzip
import hashlib
import os
import sys
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.data import kept

# Of the unpacked content: gzip may pack the same content into different bytes.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
OVERSHOT = 1.01  # up to here the brightest of levels 0..1 may lie, by rounding or by resizing
DIM = 100  # a brightest level from there up to this one belongs to another scale, such as 0..16


class DataFileError(OSError):
    """A data file is missing, damaged or altered; the message says which and how to repair it."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples to learn from: pictures, and the class each belongs to.

    A slice, an array of indices, a boolean mask or a single index gives another Dataset.

    Args:
        pixels: (n, features) grey levels, whole numbers 0..255. MNIST has 784 features, row by row.
        labels: (n,) the class of each example, whole numbers from 0 to ``classes - 1``.
        classes: how many classes there are.

    Raises:
        ValueError: if a shape, a grey level or a label is not as described.

    Example:
        >>> data = Dataset(pixels=[[0, 255], [51, 0]], labels=[1, 0], classes=2)
        >>> len(data), data[1].x, data[data.labels == 1].y
        (2, array([[0.2, 0. ]], dtype=float32), array([[0., 1.]], dtype=float32))
    """

    pixels: np.ndarray
    labels: np.ndarray
    classes: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.classes, int | np.integer) or self.classes < 1:
            raise ValueError(
                f"classes is {self.classes!r}; expected a whole number of at least 1, such as 10"
            )
        pixels = _whole(
            "pixels", self.pixels, ndim=2, highest=255, hint="grey levels 0..1 times 255, rounded"
        )
        labels = _whole("labels", self.labels, ndim=1, highest=self.classes - 1, hint="one class per example")
        if len(pixels) != len(labels):
            raise ValueError(
                f"got {len(pixels)} pictures but {len(labels)} labels; expected one label per picture"
            )
        object.__setattr__(self, "pixels", read_only(pixels.astype(np.uint8, copy=False)))
        object.__setattr__(self, "labels", read_only(labels.astype(np.intp, copy=False)))

    @classmethod
    def from_arrays(cls, pixels: ArrayLike, labels: ArrayLike, *, classes: int | None = None) -> "Dataset":
        """A Dataset of pictures in any of the usual forms.

        Args:
            pixels: (n, height, width) or (n, features) grey levels, 0..1 or 0..255: the brightest of all
                pixels tells which. Levels between whole numbers are rounded.
            labels: (n,) whole numbers from 0.
            classes: how many classes there are; one more than the largest label unless given.

        Raises:
            ValueError: if shapes, grey levels or labels are not as described; the message says what to do.

        Example:
            >>> Dataset.from_arrays(np.ones((3, 28, 28)), [0, 2, 1])
            Dataset(3 examples, 784 pixels each, 3 classes)
        """
        pixels, labels = np.asarray(pixels), np.asarray(labels)
        if not pixels.size:
            raise ValueError(
                f"pixels has shape {pixels.shape}, so there is nothing in it; give a picture or more"
            )
        if pixels.ndim not in (2, 3):
            raise ValueError(
                f"pixels has shape {pixels.shape}; expected (n, height, width) or (n, features). "
                "One picture alone is pixels[None]; of colours take the mean over their axis"
            )
        if labels.ndim == 2:
            raise ValueError(f"labels has shape {labels.shape}; expected (n,): write labels.argmax(axis=1)")
        _check_labels(labels)
        if classes is None:
            classes = int(labels.max(initial=0)) + 1
        return cls(_grey_levels(pixels).reshape(len(pixels), -1), labels, classes)

    @property
    def features(self) -> int:
        """How many pixels a picture has."""
        return self.pixels.shape[1]

    @cached_property
    def fingerprint(self) -> tuple[Any, ...]:
        """What tells these examples from all others, in arrays or in words."""
        return self.pixels, self.labels

    @cached_property
    def x(self) -> np.ndarray:
        """(n, features) float32, the pictures as a network's input, from 0 (black) to 1 (white)."""
        return read_only(self.pixels / np.float32(255))

    @cached_property
    def y(self) -> np.ndarray:
        """(n, classes) float32, the output we wish for, 1 at the label and 0 elsewhere."""
        return read_only(np.eye(self.classes, dtype=np.float32)[self.labels])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Any) -> "Dataset":
        if np.ndim(index) == 0 and not isinstance(index, slice):
            if not -len(self) <= index < len(self):
                raise IndexError(
                    f"example {index} of a Dataset of {len(self)}; count from 0 to {len(self) - 1}"
                )
            index = [index]
        return Dataset(self._picked(index), self.labels[index], self.classes)

    def _picked(self, index):
        return self.pixels[index]

    def __repr__(self) -> str:
        return f"Dataset({len(self):,} examples, {self.features:,} pixels each, {self.classes} classes)"


class TrainAndTest(NamedTuple):
    """The examples to learn from, and those to test with; of MNIST 60,000 and 10,000."""

    train: Dataset
    test: Dataset


def load_mnist() -> TrainAndTest:
    """Load MNIST: handwritten digits, ``.train`` (60,000 examples) and ``.test`` (10,000).

    The files come from the folder that the environment variable ``LESSONS_DATA`` names; without it, from
    ``data/mnist`` of the checkout or from the installed package. The SHA-256 of each is checked. The pictures
    are unpacked into the user's cache folder (:mod:`lessons_lib.data.kept`), whose copy all processes share.
    In the browser edition the training pictures come when asked for (:mod:`lessons_lib.data.distant`).

    Raises:
        DataFileError: if a file is missing, damaged or altered; the message says which, and how to repair it.

    Example:
        >>> mnist = load_mnist()
        >>> mnist.train
        Dataset(60,000 examples, 784 pixels each, 10 classes)
        >>> mnist.test[0].labels
        array([7])

    Source:
        LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*,
        Proceedings of the IEEE 86, 1998.
    """
    return _load(*_folder())


@cache
def _load(folder, repair):
    return TrainAndTest(*(_load_part(folder, repair, part) for part in ("train", "t10k")))


def _load_part(folder, repair, part):
    # The IDX format: a header of 16 bytes (pictures) or 8 (labels), then one byte for each value.
    labels = np.frombuffer(_read(folder, repair, f"{part}-labels-idx1-ubyte"), np.uint8, offset=8)
    if part == "train" and (folder / "parts.json").exists():
        from lessons_lib.data.distant import DistantDataset  # which knows this module

        return DistantDataset(labels, folder)
    pixels = np.frombuffer(_shared(folder, repair, f"{part}-images-idx3-ubyte"), np.uint8, offset=16)
    return Dataset(pixels.reshape(-1, 784), labels)


def _folder():
    """Where the files should be, and the command that brings one of them back."""
    package = Path(__file__).resolve().parents[1]
    if named := os.environ.get("LESSONS_DATA"):
        return Path(named), "copy {name} there again, or unset LESSONS_DATA to use our own copy"
    if (package.parent / "pyproject.toml").exists():
        return package.parent / "data" / "mnist", "git checkout -- data/mnist/{name}"
    return package / "_mnist", "pip install --force-reinstall --no-deps .   (in the folder of the project)"


def _shared(folder, repair, name):
    """As :func:`_read`, but unpacked once for all processes, which share a memory map of the file kept."""
    if sys.platform == "emscripten":  # a page's files are in its memory anyway
        return _read(folder, repair, name)
    try:
        with (folder / f"{name}.gz").open("rb") as packed:
            source = hashlib.file_digest(packed, "sha256").hexdigest()  # no other file is taken for this one
    except OSError:
        return _read(folder, repair, name)  # which says what is wrong
    file = kept.folder() / f"{name}-{source[:16]}"
    if content := kept.mapped(file, SHA256[name]):
        return content
    content = _read(folder, repair, name)
    kept.write(file, lambda unfinished: unfinished.write(content))
    return kept.mapped(file, SHA256[name]) or content


def _read(folder, repair, name):
    """The unpacked content of one file, after the check."""
    path = folder / f"{name}.gz"
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        problem = "the file is missing"
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = f"the file is truncated or damaged ({error})"
    except OSError as error:
        problem = f"the file cannot be read ({error})"
    else:
        if hashlib.sha256(content).hexdigest() == SHA256[name]:
            return content
        problem = (
            "the file was altered: its SHA-256 is not the one in data/README.md. "
            "If these are other data in the same format, such as Fashion-MNIST: load_idx(folder) reads them"
        )
    raise DataFileError(f"{path}: {problem}.\nTo repair it: {repair.format(name=path.name)}")


def _check_labels(labels):
    """A ``ValueError`` with the next step, where labels are not whole numbers from 0."""
    number = "number the classes: np.unique(labels, return_inverse=True)[1]"
    if labels.ndim == 0:
        raise ValueError(f"labels is {labels}; expected (n,) whole numbers from 0, one label per picture")
    if labels.dtype.kind not in "buif":
        raise ValueError(
            f"labels are no numbers (dtype {labels.dtype}). If they are whole numbers kept as objects, write "
            f"labels.astype(int); if they are words or dates, {number}"
        )
    wrong = labels[~(np.isfinite(labels) & (labels >= 0) & (labels == np.round(labels)))]
    if wrong.size:
        raise ValueError(
            f"labels must be whole numbers from 0, got {wrong[0]!s}; "
            f"leave out examples without a label, or {number}"
        )


def _grey_levels(pixels):
    """Grey levels 0..1 or 0..255 as uint8, or a ``ValueError`` that says why they are neither."""
    if pixels.dtype.kind not in "buif":
        raise ValueError(f"pixels must be numbers, got dtype {pixels.dtype}")
    low, high = pixels.min(initial=0), pixels.max(initial=0)
    if not (low >= 0 and high <= 255):  # NaN compares false
        raise ValueError(
            f"pixels go from {low:g} to {high:g}; expected grey levels 0..1 or 0..255. "
            "Undo a standardisation, or stretch them: (pixels - pixels.min()) / np.ptp(pixels)"
        )
    if pixels.dtype != np.uint8 and OVERSHOT < high <= DIM:
        raise ValueError(
            f"the brightest grey level is {high:g}; expected 0..1 or 0..255. Divide by {high:g} first, "
            "or, if these are dark pictures of 0..255, write np.round(pixels).astype(np.uint8)"
        )
    return np.round(np.minimum(pixels, 1) * 255.0 if high <= OVERSHOT else pixels).astype(np.uint8)


def _whole(name, values, *, ndim, highest, hint):
    """``values`` as an array of whole numbers 0..highest, or an error that says what is wrong with them."""
    array = np.asarray(values)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    if array.dtype == np.uint8 and highest >= 255:
        return array
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name} must be numbers, got dtype {array.dtype}")
    wrong = array[~((array >= 0) & (array <= highest) & (array == np.round(array)))]  # NaN compares false
    if wrong.size:
        raise ValueError(f"{name} must be whole numbers 0..{highest} ({hint}), got {wrong[0]!s}")
    return array


def read_only(array: np.ndarray) -> np.ndarray:
    """The same array, as nobody may write to it."""
    view = array.view()
    view.flags.writeable = False
    return view
