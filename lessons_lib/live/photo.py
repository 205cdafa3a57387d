"""From a photo of a digit to its ink: :func:`read_photo` finds it on any even ground, and keeps each step."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter, ImageOps

KINDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")  # Pillow starts a program for some others
LARGEST = 8_000_000  # bytes of a file; Jupyter's server takes messages of up to 10 MiB
MOST_PIXELS = 60_000_000  # more than any phone's camera, less than fills the memory
SMALLEST = 16  # pixels along the longer side of a picture
NARROWEST = 10  # how many times as long as wide a picture may be
SHORTEST = 24  # pixels along the longer side of a digit
WORK = 480  # pixels along the longer side of what is looked at
SHEET, BOX = 112, 80  # pixels of the pad's sheet, and of the digit's longer side on it
PEN = 8  # how wide the pad's pen is there; thinner lines are made about as wide
FAINT = 12  # grey levels by which ink has to differ from the ground
CLEAR = 4  # how far above the noise of the ground the ink has to stand, in standard deviations


class PhotoError(ValueError):
    """A picture without a digit to be found; the message says why, and what to do."""


@dataclass(frozen=True, eq=False)
class Photo:
    """What was made of a photo, step by step; each picture is uint8, ink white on black.

    Attributes:
        seen: (height, width, 3) the photo, upright.
        found: (height, width) all that stands out from the ground.
        cropped: (height, width) the digit alone.
        sheet: (112, 112) the digit as if drawn on the pad: its longer side is 80, thin lines are wider.
        dark: whether the ink is darker than its ground.
        others: how many smaller marks were left out.
        widened: by how many pixels of the sheet its lines were widened; 0 where they were wide enough.
    """

    seen: np.ndarray
    found: np.ndarray
    cropped: np.ndarray
    sheet: np.ndarray
    dark: bool
    others: int
    widened: int


def read_photo(content: bytes) -> Photo:
    """Find the digit in a picture file, on any even ground: dark on light, light on dark, in any colours.

    Ink is what differs in colour from the ground, which may get darker towards one side. The largest mark is
    the digit, with marks close by that are not much smaller, such as the bar of a 5.

    Args:
        content: the bytes of a file of one of the ``KINDS``, such as JPEG or PNG.

    Returns:
        The :class:`Photo`.

    Raises:
        PhotoError: if it is no picture, or no digit is found; the message gives the reason.
    """
    picture = decode(content)
    seen = np.asarray(picture)
    ink, dark = _ink(seen)
    marks = _marks(ink > 0)
    digit, others = _digit(marks)
    rows, cols = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    cut = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    cropped = np.where(digit, ink, 0)[cut]
    _check_shape(cropped > 0, marks)
    sheet, widened = _on_sheet(cropped)
    return Photo(seen, ink, cropped, sheet, dark, others, widened)


def decode(content: bytes) -> Image.Image:
    """A picture file as an upright RGB picture, its longer side 480; :class:`PhotoError` if it is none."""
    check_size(len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # looked at below
            picture = Image.open(io.BytesIO(content), formats=KINDS)
            if picture.width * picture.height > MOST_PIXELS:
                raise PhotoError(
                    f"The picture has {picture.width} × {picture.height} pixels, too many. Save it smaller."
                )
            picture.draft("RGB", (2 * WORK, 2 * WORK))  # a JPEG is read smaller at once
            picture.load()
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoError(
            f"The picture has too many pixels; up to {MOST_PIXELS // 10**6} million are read. "
            "Save it smaller."
        ) from error
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise PhotoError(
            "This file is not a picture that can be read here. Choose a JPEG or PNG file."
        ) from error
    return _scaled(_opaque(ImageOps.exif_transpose(picture)))


def check_size(n: int) -> None:
    """A :class:`PhotoError` for a file of more bytes than are read."""
    if n > LARGEST:
        raise PhotoError(
            f"The file has {n / 1e6:.1f} MB; up to {LARGEST / 1e6:.0f} MB are read. "
            "Crop the photo to the digit, or save it smaller."
        )


def _opaque(picture):
    """RGB; what is transparent becomes grey, on which both black and white ink show."""
    if not picture.has_transparency_data:
        return (_grey(picture) if picture.mode.startswith(("I", "F")) else picture).convert("RGB")
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def _grey(picture):
    """A picture of 16 bits or floats, stretched to 0..255."""
    values = np.asarray(picture, float)
    if not np.isfinite(values).all():
        raise PhotoError(
            "The picture holds numbers that are not finite (NaN or infinity). Save it as a JPEG or PNG file."
        )
    return Image.fromarray((255 * (values - values.min()) / max(np.ptp(values), 1e-9)).astype(np.uint8))


def _scaled(picture):
    longer = max(picture.size)
    if longer < SMALLEST:
        raise PhotoError(
            f"The picture is too small: {picture.width} × {picture.height} pixels. "
            f"It needs {SMALLEST} along one side."
        )
    if longer > NARROWEST * min(picture.size):
        raise PhotoError(
            f"The picture is too narrow: {picture.width} × {picture.height} pixels. "
            "Leave more paper around the digit."
        )
    size = tuple(max(1, round(side * WORK / longer)) for side in picture.size)
    return picture.resize(size, Image.Resampling.LANCZOS if longer > WORK else Image.Resampling.BICUBIC)


def _ink(seen):
    """(height, width) uint8, how much each pixel is ink, and whether the ink is dark."""
    soft = Image.fromarray(seen).filter(ImageFilter.GaussianBlur(1.5))
    colours = np.asarray(soft, float)
    rest = colours - _ground(colours)
    far = np.linalg.norm(rest, axis=2)
    direction = rest[far >= np.quantile(far, 0.99)].mean(axis=0)  # from the ground's colour to the ink's
    direction /= np.linalg.norm(direction) or 1
    strength = rest @ direction
    full = np.quantile(strength, 0.9995)
    noise = 1.4826 * np.median(np.abs(strength - np.median(strength)))
    if full < FAINT:
        raise PhotoError(
            "There is no ink in the picture, or too little to find. Write the digit large, with a dark pen."
        )
    threshold = 0.4 * full
    if threshold < CLEAR * noise:
        raise PhotoError(
            "The ground is too uneven to tell ink from it. Take a photo of plain paper in even light."
        )
    ink = np.clip((strength - threshold) / (0.4 * full), 0, 1)
    return np.round(255 * ink).astype(np.uint8), bool(direction.sum() < 0)


def _ground(colours):
    """The ground's colour at each pixel: a quadratic fitted to those of the pixels that are nearest to it."""
    height, width = colours.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    some, few = terms[::4, ::4].reshape(-1, 6), colours[::4, ::4].reshape(-1, 3)
    off = np.linalg.norm(few - np.median(few, axis=0), axis=1)
    for _ in range(8):
        near = off <= np.quantile(off, 0.6)
        fit = np.linalg.lstsq(some[near], few[near], rcond=None)[0]
        off = np.linalg.norm(few - some @ fit, axis=1)
    return terms @ fit


def _marks(mask):
    """(height, width) whole numbers: 0 off the mask, and one number for all pixels of a connected mark."""
    near = np.asarray(Image.fromarray(mask).convert("L").filter(ImageFilter.MaxFilter(3))) > 0
    labels = np.where(near, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        spread = _spread(_spread(labels).T).T
        if np.array_equal(spread, labels):
            return np.where(mask, labels, 0)
        labels = spread


def _spread(labels):
    """The largest label of each unbroken stretch of a row, all along it."""
    inside = labels > 0
    starts = np.ones_like(inside)
    starts[:, 1:] = inside[:, 1:] != inside[:, :-1]
    starts = np.flatnonzero(starts)
    largest = np.maximum.reduceat(labels.ravel(), starts)
    return np.repeat(largest, np.diff(starts, append=labels.size)).reshape(labels.shape)


def _digit(marks):
    """The mask of the largest mark and what belongs to it, and how many other marks there are."""
    names, sizes = np.unique(marks[marks > 0], return_counts=True)
    names, sizes = names[sizes >= 20], sizes[sizes >= 20]  # smaller ones are specks
    inner = ~np.isin(names, _edge(marks))
    if inner.any():  # what runs off the picture is a shadow, a finger or the end of the paper
        names, sizes = names[inner], sizes[inner]
    if not len(names):
        raise PhotoError("There are specks in the picture, and no digit. Write it larger, or go nearer.")
    largest = sizes.argmax()
    if len(names) > 12 and sizes[largest] < 0.5 * sizes.sum():
        raise PhotoError(
            f"There are {len(names)} marks in the picture, and none stands out. Photograph one digit alone."
        )
    boxes = [_box(marks == name) for name in names]
    if _frames(marks == names[largest], [box for i, box in enumerate(boxes) if i != largest]):
        return _digit(np.where(marks == names[largest], 0, marks))
    reach = 0.25 * max(boxes[largest][1] - boxes[largest][0])
    mine = [
        name
        for name, size, box in zip(names, sizes, boxes, strict=True)
        if size > 0.04 * sizes[largest] and _gap(box, boxes[largest]) <= reach
    ]
    return np.isin(marks, mine), len(names) - len(mine)


def _edge(marks):
    """The marks that run off the picture."""
    return np.unique([*marks[0], *marks[-1], *marks[:, 0], *marks[:, -1]])


def _frames(mark, others):
    """Is a mark a rectangle around one of the other boxes: long on all four sides, and empty within?"""
    first, last = _box(mark)
    mark = mark[first[0] : last[0] + 1, first[1] : last[1] + 1]
    high, wide = (1 + side // 10 for side in mark.shape)
    sides = mark[:high].any(0), mark[-high:].any(0), mark[:, :wide].any(1), mark[:, -wide:].any(1)
    if mark[high:-high, wide:-wide].any() or min(side.mean() for side in sides) < 0.9:
        return False
    return any(
        (one >= first).all() and (two <= last).all() and max(two - one) >= SHORTEST for one, two in others
    )


def _box(mask):
    """The first and the last corner of a mark, each (row, column)."""
    places = np.argwhere(mask)
    return places.min(axis=0), places.max(axis=0)


def _gap(one, other):
    """How far two boxes lie apart along the axis on which they are farther apart; 0 where they overlap."""
    return max(0, *(one[0] - other[1]), *(other[0] - one[1]))


def _check_shape(mask, marks):
    longer = max(mask.shape)
    off = [np.count_nonzero(marks == name) for name in _edge(marks) if name]
    if longer < SHORTEST and max(off, default=0) > np.count_nonzero(mask):
        raise PhotoError(
            "The largest mark runs off the edge of the picture, and the rest is too small for a digit. "
            "Show the whole digit, large, with paper on all sides."
        )
    if longer < SHORTEST:
        raise PhotoError("The digit is too small in the picture. Go nearer, or crop the picture to it.")
    if _width(mask) > 0.34 * longer:
        raise PhotoError("The largest mark is a patch, not a line. Write a digit on plain paper with a pen.")


def _width(mask):
    """How wide a line is, on average: twice its area over its outline."""
    page = np.pad(mask, 1)
    outline = sum(np.count_nonzero(np.diff(page, axis=axis)) for axis in (0, 1))
    return 2 * mask.sum() / (outline * np.pi / 4)  # steps along the grid overstate a slanted line


def _on_sheet(cropped):
    """The digit on a sheet like the pad's, and by how much its lines were widened to be as the pen's."""
    sides = tuple(max(1, round(side * BOX / max(cropped.shape))) for side in cropped.shape[::-1])
    scaled = Image.fromarray(cropped).resize(sides, Image.Resampling.BOX)
    sheet = Image.new("L", (SHEET, SHEET))
    sheet.paste(scaled, tuple((SHEET - side) // 2 for side in sides))
    missing = round((PEN - _width(np.asarray(sheet) > 127)) / 2)
    if missing <= 0:
        return np.asarray(sheet), 0
    wider = sheet.filter(ImageFilter.MaxFilter(2 * missing + 1)).filter(ImageFilter.GaussianBlur(1))
    return np.asarray(wider), 2 * missing
