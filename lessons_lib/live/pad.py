""":class:`DigitPad`: draw a digit, and get the pixels that a network trained on MNIST expects."""

import base64
import io
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike
from PIL import Image

from lessons_lib.live.photo import LARGEST, PhotoError, check_size, read_photo

HERE = Path(__file__).parent
INK_SIDE = 112  # the browser sends the drawing at four times MNIST's resolution
SIDE, BOX = 28, 20
STEP_SIDE = 168  # at most, of the picture of a step


class DigitPad(anywidget.AnyWidget):
    """A pad to draw a digit on with mouse, pen, finger or arrow keys, or to put a photo of one on.

    Attributes:
        pixels: (784,) uint8, the digit, black 0 to white 255, as :func:`centre_digit` centres it; all zero
            while the pad is empty.
        said: what became of the last photo, a sentence; empty once something else is on the pad.

    Example:
        In a notebook, follow the digit with ``observe``::

            pad = DigitPad()
            pad.observe(lambda change: print(forward(net, change.new[None] / 255).output.argmax()), "pixels")
            display(pad)
    """

    _esm = (HERE / "pad.js").read_text(encoding="utf-8")
    _css = (HERE / "pad.css").read_text(encoding="utf-8")
    ink = traitlets.CBytes(b"").tag(sync=True)  # the drawing, INK_SIDE squared; empty for an empty pad
    seen = traitlets.Bytes(b"").tag(sync=True)  # `pixels`, for the small picture beside the pad
    said = traitlets.Unicode("").tag(sync=True)
    steps: traitlets.List = traitlets.List().tag(
        sync=True
    )  # from photo to digit, each [caption, address of its picture]
    limit = traitlets.Int(LARGEST).tag(sync=True)  # larger files stay in the browser
    pixels = traitlets.Instance(np.ndarray)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._chosen)

    @traitlets.default("pixels")
    def _blank(self):
        return np.zeros(SIDE * SIDE, np.uint8)

    def clear(self) -> None:
        """Wipe the pad."""
        self.ink = b""

    def show_photo(self, content: bytes) -> None:
        """Put the digit in a photo on the pad, and show how it was found; or say why there is none.

        Args:
            content: the bytes of a picture file, such as ``Path("five.jpg").read_bytes()``.
        """
        self.said, self.steps = "", []
        try:
            photo = read_photo(content)
        except PhotoError as error:
            self.said = str(error)
            return
        self.ink = photo.sheet.tobytes()
        self.steps, self.said = _steps(photo, self.pixels), _words(photo)

    def _chosen(self, _, message, buffers):
        try:
            check_size(message["size"])
        except PhotoError as error:
            self.said, self.steps = str(error), []
        else:
            self.show_photo(bytes(buffers[0]))

    @traitlets.observe("ink")
    def _centre(self, change):
        ink = np.frombuffer(change.new, np.uint8)
        self.pixels = centre_digit(ink.reshape(INK_SIDE, INK_SIDE)) if ink.size else self._blank()

    @traitlets.observe("pixels")
    def _show(self, change):
        self.seen = change.new.tobytes()
        self.said, self.steps = "", []


def _steps(photo, pixels):
    """From photo to digit, each ``[caption, address of its picture]``."""
    on = "dark on light" if photo.dark else "light on dark"
    scaled = f"scaled to {BOX}×{BOX}" + (", lines widened" if photo.widened else "")
    pictures = {
        "your picture": photo.seen,
        f"ink, {on}": photo.found,
        "cropped": photo.cropped,
        scaled: np.round(_boxed(photo.sheet.astype(np.float32))).astype(np.uint8),
        f"centred by mass in {SIDE}×{SIDE}": pixels.reshape(SIDE, SIDE),
    }
    return [[caption, _address(picture)] for caption, picture in pictures.items()]


def _address(picture):
    """A small picture as an address that holds all of it."""
    image, file = Image.fromarray(picture), io.BytesIO()
    image.thumbnail((STEP_SIDE, STEP_SIDE))
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _words(photo):
    others = {0: "", 1: " One other mark was left out."}
    more = f" {photo.others} other marks were left out."
    return f"A digit was found.{others.get(photo.others, more)}"


def centre_digit(ink: ArrayLike) -> np.ndarray:
    """Size and place a drawing as the digits of MNIST were.

    The drawing is cut to its ink, scaled to fit a box of 20×20 pixels without changing its proportions, and
    put into 28×28 pixels so that its centre of mass falls on pixel 14 of each axis, counted from 0.

    Args:
        ink: (height, width), 0 where nothing is drawn.

    Returns:
        (784,) uint8, all zero for an empty drawing.

    Raises:
        ValueError: unless ``ink`` has two axes.

    Example:
        >>> centre_digit(np.ones((80, 40))).reshape(28, 28)[14]
        array([  0,   0,   0,   0,   0,   0,   0,   0,   0, 255, 255, 255, 255, 255,
               255, 255, 255, 255, 255,   0,   0,   0,   0,   0,   0,   0,   0,   0],
              dtype=uint8)

    Source:
        LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*,
        Proceedings of the IEEE 86, 1998, section III.A.
    """
    ink = np.asarray(ink, np.float32)
    if ink.ndim != 2:
        raise ValueError(
            f"got ink of shape {ink.shape}, expected (height, width); reshape the drawing to a picture"
        )
    if not ink.any():
        return np.zeros(SIDE * SIDE, np.uint8)
    digit = _boxed(ink)
    rows, cols = digit.shape
    weights = digit / digit.sum()
    top = _start(weights.sum(axis=1) @ (np.arange(rows) + 0.5), rows)
    left = _start(weights.sum(axis=0) @ (np.arange(cols) + 0.5), cols)
    page = np.zeros((SIDE, SIDE), np.float32)
    page[top : top + rows, left : left + cols] = digit
    return np.round(255 * page / page.max()).astype(np.uint8).reshape(-1)


def _boxed(ink):
    """The ink cut out and scaled to fit the box."""
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    height, width = (max(1, round(BOX * side / max(ink.shape))) for side in ink.shape)
    boxed = Image.fromarray(ink).resize((width, height), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(boxed), 0, None)


def _start(centre, length):
    """Where a stretch starts whose centre lies in the middle of pixel 14, as that of MNIST's digits does."""
    return min(max(round(SIDE / 2 + 0.5 - centre), 0), SIDE - length)
