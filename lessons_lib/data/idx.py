"""IDX, the format of MNIST's files: :func:`load_idx` reads any data kept in it, such as Fashion-MNIST."""

import gzip
import re
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from lessons_lib.data.mnist import DataFileError, Dataset, TrainAndTest

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}  # the third byte -> the numbers
AXES = 64  # numpy has no arrays with more
PARTS = {"train": "train", "test": "t10k|test"}  # what the names of the files say


def load_idx(folder: str | Path) -> TrainAndTest:
    """Load pictures and labels from four IDX files that are named as MNIST's, such as those of Fashion-MNIST.

    The names are ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and the same with ``t10k`` or
    ``test``; a word in front and ``.gz`` behind do not matter. Nothing compares the content with a checksum.

    Args:
        folder: where the files are.

    Returns:
        ``(train, test)``, two Datasets with the same number of classes.

    Raises:
        DataFileError: if a file is missing, there twice, or no IDX file; the message names file and field.
        ValueError: if pictures and labels do not belong together.

    Example:
        ``train, test = load_idx("fashion")``, then as with MNIST.

    Source:
        LeCun, Cortes and Burges, *The MNIST database of handwritten digits*, which describes the format.
    """
    folder = Path(folder)
    files = {(part, kind): _file(folder, part, kind) for part in PARTS for kind in ("images", "labels")}
    both = [_part(files, part) for part in PARTS]
    sizes = [data.features for data in both]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"{files['train', 'images']} has pictures of {sizes[0]} pixels, {files['test', 'images']} of "
            f"{sizes[1]}. Put files of the same data there"
        )
    classes = max(data.classes for data in both)
    return TrainAndTest(*(replace(data, classes=classes) for data in both))


def read_idx(path: Path) -> np.ndarray:
    """The array in one IDX file, packed with gzip or not; :class:`.DataFileError` where it is not whole.

    Four bytes say what follows: two zeros, the type of the numbers, how many axes. Then comes the length of
    each axis, in four bytes, and then the numbers, the largest byte first.
    """
    content = _unpacked(path)
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DataFileError(f"{path}: the first two bytes are not zero, so this is no IDX file")
    if content[2] not in TYPES:
        raise DataFileError(f"{path}: the type of the numbers is {content[2]}; IDX knows {sorted(TYPES)}")
    if content[3] > AXES:
        raise DataFileError(f"{path}: the file has {content[3]} axes; up to {AXES} are read. Fetch it again")
    start = 4 + 4 * content[3]
    if not content[3] or len(content) < start:
        raise DataFileError(f"{path}: the file ends before the lengths of its {content[3]} axes")
    shape = tuple(int(n) for n in np.frombuffer(content[4:start], ">u4"))
    dtype = np.dtype(TYPES[content[2]])
    if not all(shape):
        raise DataFileError(f"{path}: its shape {shape} says that it holds nothing. Fetch it again")
    needed = start + int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(content) != needed:
        raise DataFileError(
            f"{path}: the file has {len(content):,} bytes; its shape {shape} needs {needed:,}. "
            "It is not whole: fetch it again"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _unpacked(path):
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, zlib.error, OSError) as error:
        raise DataFileError(f"{path}: the file cannot be read ({error})") from error


def _file(folder, part, kind):
    """The one file of the folder with the images or labels of a part."""
    if not folder.is_dir():
        raise DataFileError(f"{folder}: there is no such folder")
    name = re.compile(rf"(.*[-_.])?({PARTS[part]})-{kind}[-.]idx\d.*", re.I)
    found = sorted(path for path in folder.iterdir() if name.fullmatch(path.name))
    if len(found) == 1:
        return found[0]
    wanted = f"{PARTS[part].split('|')[0]}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"
    if not found:
        raise DataFileError(
            f"{folder}: no file with the {kind} of the {part} part; expected {wanted} or {wanted}.gz"
        )
    raise DataFileError(
        f"{folder}: {' and '.join(path.name for path in found)} both hold the {kind} of the {part} part; "
        "leave one of them"
    )


def _part(files, part):
    """The Dataset of a part, or an error that names its files."""
    images, labels = files[part, "images"], files[part, "labels"]
    try:
        return Dataset.from_arrays(read_idx(images), read_idx(labels))
    except ValueError as error:
        raise ValueError(f"{images} and {labels.name}, {part} part: {error}") from error
