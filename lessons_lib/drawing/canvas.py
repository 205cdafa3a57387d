"""A figure laid out in CSS pixels, for pictures that are diagrams rather than graphs."""

import numpy as np

from lessons_lib.drawing import style


def canvas(height):
    """A full-width figure whose one axes counts CSS pixels from the top left; returns ``(figure, axes)``."""
    fig, ax = style.figure(height=height)
    ax.set_in_layout(False)
    ax.set_position([0, 0, 1, 1])
    style.bare(ax).set(xlim=(0, style.WIDTH), ylim=(height, 0), autoscale_on=False)
    return fig, ax


def place_image(ax, left, top, width, height, **look):
    """An image in a place of its own on a canvas; the limits that imshow changes are put back."""
    limits = ax.get_xlim(), ax.get_ylim()
    extent = (left, left + width, top + height, top)
    image = ax.imshow(np.zeros((28, 28)), extent=extent, aspect="auto", **look)
    ax.set(xlim=limits[0], ylim=limits[1], autoscale_on=False)
    return image


def cell_centre(image, row, column):
    """The middle of a pixel of an image on a canvas: ``(x, y)``."""
    left, right, bottom, top = image.get_extent()
    rows, columns = image.get_array().shape
    return left + (right - left) * (column + 0.5) / columns, top + (bottom - top) * (row + 0.5) / rows


def ring(ax):
    """A ring around what is chosen, as a line of one point; at first nowhere."""
    look = {"fillstyle": "none", "color": style.ACCENT, "markersize": 13, "markeredgewidth": 2.4, "zorder": 5}
    (line,) = ax.plot([], [], "o", **look)
    return line


def label(ax, x, y, words="", *, size=style.SMALL, **look):
    """Words at a place, by default centred on it vertically and before everything else."""
    return ax.text(x, y, words, fontsize=size, **{"va": "center", "zorder": 5} | look)


def write(text, words, color):
    """Give a Text its words and colour; painting words takes a millisecond, so none that stay are touched."""
    if words != text.get_text() or (words and color != text.get_color()):
        text.set(text=words, color=color)
