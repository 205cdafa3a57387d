"""A figure as a stack of items in drawing order: pictures drawn by Agg, and artists painted by the browser.

:class:`Scene` knows which artists move. Agg draws the rest of the figure once, cut at each moving artist, so
that whatever lies over a moving artist (spines, ticks, a legend) stays over it.
"""

import io

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import Collection
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

from .images import record_image
from .lettering import inked
from .packet import Items
from .recorder import Recorder, Unpaintable
from .rectangles import record_rectangle
from .texts import record_text

RLE = 3  # zlib's strategy for runs: as quick as the default, with a quarter of the bytes for flat colours
PAINTABLE = (Line2D, Patch, Collection, AxesImage, Text)
CONTAINERS = (Axes, FigureBase)
SHORTCUTS = (record_image, record_rectangle, record_text)  # quicker than the artist's own draw()


class Scene:
    """The items of a figure, numbered from back to front.

    Attributes:
        moving: artist -> item number, or None while it is not part of the drawing. These are the artists that
            the browser paints; one joins them the first time it changes.
        values: collection -> the values that its colours were last taken from.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.moving: dict[Artist, int | None] = {}
        self.values: dict[Artist, np.ndarray | None] = {}
        self.shape: list | None = None
        self.recorder = Recorder(*_canvas(figure))  # one for all: with it matplotlib keeps the sizes of texts

    def changed(self) -> list[Artist] | None:
        """The artists that changed since this was last asked; None if the whole frame has to be drawn."""
        families = _families(self.figure)
        stale = self._take(families)
        movers = [artist for artist in stale if _can_move(artist)]
        fresh = [artist for artist in movers if artist not in self.moving]
        self.moving.update(dict.fromkeys(fresh))
        if fresh or len(movers) < len(stale) or self.shape != _shape(families):
            return None
        return movers

    def settle(self) -> None:
        """Count every artist as unchanged."""
        self._take(_families(self.figure))

    def _take(self, families):
        """The parts that have changed since this was last asked."""
        return [part for children in families.values() for part in children if self._take_one(part)]

    def _take_one(self, part):
        # Not part.stale: its setter would tell the parents, which would ask for a drawing.
        stale, part._stale = part._stale, False
        if isinstance(part, Collection):  # its set_array marks nothing as stale
            before, self.values[part] = self.values.get(part), part.get_array()
            return stale or before is not self.values[part]
        if isinstance(part, Axis):  # nor does its label tell the axis
            stale, part.label._stale = stale or part.label._stale, False  # type: ignore[attr-defined]
        return stale and not isinstance(part, CONTAINERS)  # these only pass on what their parts say

    def draw(self) -> Items:
        """Draw the whole frame; returns the operations of all items."""
        if self.recorder.canvas != _canvas(self.figure):
            self.recorder = Recorder(*_canvas(self.figure))
        self.recorder.still.clear()
        self._forget_removed()
        renderer = _Layers(self.figure, self.ops_of)
        artists, ops = zip(*renderer.draw(self.moving), strict=True)
        numbers = {artist: number for number, artist in enumerate(artists)}
        self.moving = {artist: numbers.get(artist) for artist in self.moving}
        self.settle()
        self.shape = _shape(_families(self.figure))
        return dict(enumerate(ops))

    def record(self, artists: list[Artist]) -> Items:
        """Record moving artists anew; returns the operations of their items."""
        numbers = ((self.moving[artist], artist) for artist in artists)
        return {number: self.ops_of(artist) for number, artist in numbers if number is not None}

    def ops_of(self, artist: Artist) -> list[dict]:
        """What the browser has to do to paint one artist; Agg's picture of it where the browser cannot."""
        recorder = self.recorder
        recorder.artist, recorder.ops = artist, []
        try:
            if not any(record(artist, recorder) for record in SHORTCUTS):
                artist.draw(recorder)
        except Unpaintable:
            agg = RendererAgg(*recorder.canvas)
            artist.draw(agg)
            return _picture(agg)
        return recorder.ops

    def _forget_removed(self):
        present = {part for children in _families(self.figure).values() for part in children}
        self.moving = {artist: number for artist, number in self.moving.items() if artist in present}
        self.values = {artist: values for artist, values in self.values.items() if artist in present}


class _Layers:
    """Draw a figure with Agg, and stop at each moving artist to put down what was drawn so far."""

    def __init__(self, figure, ops_of):
        self.figure, self.ops_of = figure, ops_of
        self.agg = RendererAgg(*_canvas(figure))
        self.items = []  # (moving artist or None, operations)

    def draw(self, moving):
        # Only matplotlib knows in which order a figure draws its artists: stand-ins for their draw methods
        # find out.
        for artist in moving:
            artist.draw = lambda renderer, artist=artist: self._stop_at(artist)
        try:
            self.figure.draw(self.agg)
        finally:
            for artist in moving:
                vars(artist).pop("draw", None)
        self._put_down()
        return self.items

    def _stop_at(self, artist):
        self._put_down()
        stand_in = vars(artist).pop("draw")
        self.items.append((artist, self.ops_of(artist)))
        artist.draw = stand_in

    def _put_down(self):
        ops = _picture(self.agg)
        if ops:
            self.items.append((None, ops))
            self.agg.clear()


def _picture(agg):
    """What Agg has drawn, as at most one operation: a PNG cut to where it is not empty."""
    pixels = np.asarray(agg.buffer_rgba())
    rows, cols = inked(pixels[..., 3])
    if rows.stop == 0:
        return []
    png = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[rows, cols])).save(
        png, "png", compress_level=1, compress_type=RLE
    )
    return [{"op": "picture", "png": np.frombuffer(png.getvalue(), "u1"), "box": [cols.start, rows.start]}]


def _canvas(figure):
    return int(figure.bbox.width), int(figure.bbox.height), figure.dpi


def _can_move(artist):
    """Whether an artist can be drawn apart from its axes: a 3D artist cannot, its axes project it first."""
    return isinstance(artist, PAINTABLE) and getattr(artist.axes, "name", None) != "3d"


def _families(container):
    """The figure and every figure and axes in it, each with its children."""
    families = {container: container.get_children()}
    for child in families[container]:
        if isinstance(child, CONTAINERS):
            families |= _families(child)
    return families


def _shape(families):
    """Whatever makes a drawn frame out of date when it differs, and marks no artist as stale."""
    return [
        (_look(container), children, [child.zorder for child in children])
        for container, children in families.items()
    ]


def _look(container):
    if not isinstance(container, Axes):
        return container.bbox.bounds
    return (
        container.viewLim.get_points().tobytes(),
        container.bbox.get_points().tobytes(),
        container.get_visible(),
        container.axison,
        container.get_frame_on(),
        container.get_aspect(),
        container.get_axisbelow(),
    )
