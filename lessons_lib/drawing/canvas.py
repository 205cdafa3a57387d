"""A figure laid out in CSS pixels, for pictures that are diagrams rather than graphs."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Text

from lessons_lib.drawing import style

LABEL: dict[str, Any] = {"size": style.SMALL, "va": "center", "zorder": 5}


def canvas(height: float) -> tuple[Figure, Axes]:
    """Make a full-width figure whose one axes counts CSS pixels from the top left."""
    fig, ax = style.figure(height=height)
    ax.set_in_layout(False)
    ax.set_position([0, 0, 1, 1])
    style.bare(ax).set(xlim=(0, style.WIDTH), ylim=(height, 0), autoscale_on=False)
    return fig, ax


def place_image(ax: Axes, left: float, top: float, width: float, height: float, **look: Any) -> AxesImage:
    """Put an image of 28×28 cells in its place on a canvas; ``imshow`` must not change the limits."""
    limits = ax.get_xlim(), ax.get_ylim()
    extent = (left, left + width, top + height, top)
    image = ax.imshow(np.zeros((28, 28)), extent=extent, aspect="auto", **look)
    ax.set(xlim=limits[0], ylim=limits[1], autoscale_on=False)
    return image


def cell_centre(image: AxesImage, row: int, column: int) -> tuple[float, float]:
    """The middle of a pixel of an image on a canvas: ``(x, y)``."""
    left, right, bottom, top = image.get_extent()
    rows, columns = np.asarray(image.get_array()).shape
    return left + (right - left) * (column + 0.5) / columns, top + (bottom - top) * (row + 0.5) / rows


def ring(ax: Axes) -> Line2D:
    """A ring around what is chosen, as a line of one point; at first nowhere."""
    look: dict[str, Any] = {
        "fillstyle": "none",
        "color": style.ACCENT,
        "markersize": 13,
        "markeredgewidth": 2.4,
        "zorder": 5,
    }
    (line,) = ax.plot([], [], "o", **look)
    return line


def label(ax: Axes, x: float, y: float, words: str = "", **look: Any) -> Text:
    """Put words at a place, by default centred on it vertically and in front of everything else."""
    return ax.text(x, y, words, **LABEL | look)


def write(text: Text, words: str, color: str) -> None:
    """Give a text its words and colour, if they are new: to paint words takes a millisecond."""
    if words != text.get_text() or (words and color != text.get_color()):
        text.set(text=words, color=color)
