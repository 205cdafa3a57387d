"""From a point on the canvas to data coordinates and the artist under it."""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase, MouseEvent
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch


@dataclass(frozen=True)
class PointerEvent:
    """What the pointer did, and where.

    Attributes:
        kind: "click", "hover", "press", "drag", "release" or "leave".
        x, y: data coordinates of ``axes``.
        axes: None outside all axes; so are ``x`` and ``y``.
        artist: the artist that was hit, or None.
        index: the part of it: a point's or segment's number, an image's (row, column), or a bar's number.
    """

    kind: str
    x: float | None = None
    y: float | None = None
    axes: Axes | None = None
    artist: Artist | None = None
    index: int | tuple[int, int] | None = None


def event_at(canvas: FigureCanvasBase, kind: str, x: float, y: float) -> PointerEvent:
    """The event for figure pixels ``x``, ``y`` (upwards)."""
    mouse = MouseEvent("motion_notify_event", canvas, x, y)  # type: ignore[arg-type]  # fractions are fine
    axes = mouse.inaxes
    if kind == "leave" or axes is None or mouse.xdata is None or mouse.ydata is None:
        return PointerEvent(kind)
    artist, index = _hit(axes, mouse)
    return PointerEvent(kind, float(mouse.xdata), float(mouse.ydata), axes, artist, index)


def _hit(axes, mouse):
    """The topmost data artist under the pointer, and which of its parts."""
    artists = [*axes.images, *axes.patches, *axes.collections, *axes.lines, *axes.texts]
    for artist in sorted(artists, key=Artist.get_zorder)[::-1]:
        if artist.get_visible() and not _is_outline(artist):
            inside, details = artist.contains(mouse)
            if inside:
                return artist, _part(axes, artist, mouse, details)
    return None, None


def _is_outline(artist):
    """Whether it is unfilled, as a frame or a ring is: what lies inside is seen, and meant."""
    if isinstance(artist, Line2D):
        return artist.get_fillstyle() == "none" and artist.get_linestyle() == "None"
    return isinstance(artist, Patch) and not artist.get_fill()


def _part(axes, artist, mouse, details):
    if isinstance(artist, AxesImage):
        return _cell(artist, mouse)
    for bars in axes.containers:
        if isinstance(bars, BarContainer) and artist in bars.patches:
            return bars.patches.index(artist)
    parts = np.atleast_1d(details.get("ind", []))
    if not len(parts):
        return None
    return _nearest_point(artist, mouse, parts) if isinstance(artist, Line2D) else int(parts[-1])


def _cell(image, mouse):
    """Row and column of the image cell under the pointer."""
    rows, cols = image.get_array().shape[:2]
    x0, x1, y0, y1 = image.get_extent()
    across, up = (mouse.xdata - x0) / (x1 - x0), (mouse.ydata - y0) / (y1 - y0)
    down = 1 - up if image.origin == "upper" else up
    return min(int(down * rows), rows - 1), min(int(across * cols), cols - 1)


def _nearest_point(line, mouse, parts):
    points = line.get_transform().transform(line.get_xydata()[parts])
    return int(parts[np.argmin(np.square(points - (mouse.x, mouse.y)).sum(axis=1))])
