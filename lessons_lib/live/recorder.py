"""A matplotlib renderer that writes down what an artist draws instead of drawing it.

Every matplotlib artist draws itself by calling a renderer: "fill this path", "put this text there".
:class:`Recorder` answers those calls with a list of *operations*, plain dicts of numbers and numpy arrays in
canvas pixels (y downwards), which the browser then paints. So no artist needs code of its own here, and
transforms, clipping, colours and alpha are matplotlib's. Pixels are snapped as Agg does it, so the painted
picture and a saved one agree.
"""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase

from .lettering import lettered, measured
from .paths import joined, polylines, shape_of, snaps, upside_down

CAPS = {"projecting": "square"}


class Unpaintable(Exception):
    """The browser cannot paint what the artist draws; Agg has to do it."""


def css(rgba: Sequence[float]) -> str | None:
    """A colour of four parts in 0..1 as CSS, or None if it is fully transparent."""
    r, g, b = (round(255 * part) for part in rgba[:3])
    return f"rgba({r},{g},{b},{rgba[3]:.4g})" if rgba[3] > 0 else None


class Recorder(RendererBase):
    """Record the drawing calls of artists: after ``artist.draw(recorder)``, ``ops`` holds the operations.

    Args:
        width, height: the size of the canvas in pixels.
        dpi: pixels per inch at that size.

    Raises:
        Unpaintable: while drawing, for hatches, shading between vertices, fills without antialiasing and TeX.
    """

    def __init__(self, width: int, height: int, dpi: float) -> None:
        super().__init__()
        self.canvas = self.width, self.height, self.dpi = width, height, dpi
        self.ops: list[dict] = []
        self.artist: Artist | None = None  # that draws now
        self.still: dict = {}  # what holds until the frame is drawn again; whoever draws it empties this

    # What matplotlib asks of a renderer

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return points * (self.dpi / 72)

    def flipy(self):
        return True

    def option_image_nocomposite(self):
        return True

    def get_text_width_height_descent(self, s, prop, ismath):
        return measured(s, prop.copy(), ismath, self.dpi)

    def start_filter(self):
        raise Unpaintable("an agg_filter")

    def draw_gouraud_triangles(self, *args):
        raise Unpaintable("Gouraud shading")

    def draw_quad_mesh(self, *args, **kwargs):
        raise Unpaintable("a quad mesh")

    def draw_tex(self, *args, **kwargs):
        raise Unpaintable("TeX")

    # The drawing calls

    def draw_path(self, gc, path, transform, rgbFace=None):
        pen = self._pen(gc, rgbFace)
        if not (pen["face"] or pen["edge"]):
            return
        simplify = path.should_simplify and rgbFace is None
        shape = shape_of(path, self._down(transform), gc, pen["width"], simplify)
        self.ops.append({"op": "path", **shape, **pen})

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        pen = self._pen(gc, rgbFace)
        points = self._down(trans).transform(path.vertices)
        # As Agg: a marker sits on a whole pixel, in its middle unless the marker itself is snapped.
        points = np.floor(points[np.isfinite(points).all(axis=1)] + 0.5)
        transform = upside_down(marker_trans)
        if not snaps(marker_path, transform, gc, pen["width"]):
            transform = transform.translate(0.5, 0.5)
        shape = shape_of(marker_path, transform, gc, pen["width"])
        self.ops.append({"op": "markers", "at": points.astype("f4"), **shape, **pen})

    def draw_path_collection(
        self,
        gc,
        master_transform,
        paths,
        all_transforms,
        offsets,
        offset_trans,
        facecolors,
        edgecolors,
        linewidths,
        linestyles,
        antialiaseds,
        urls,
        offset_position,
        *,
        hatchcolors=None,
    ):
        if not len(paths):  # this is how matplotlib asks whether hatch colours are understood
            return
        if not all(antialiaseds):
            raise Unpaintable("a collection without antialiasing")
        pen = self._pen(gc, None)
        widths = self.points_to_pixels(np.asarray(linewidths, "f4")) if len(edgecolors) else np.zeros(0)
        shapes = self._kept_shapes(gc, master_transform, paths, all_transforms, widths)
        offsets = upside_down(offset_trans).transform(offsets)
        count = max(len(shapes["lengths"]), len(offsets))
        self.ops.append(
            {
                "op": "collection",
                **shapes,
                "count": count,
                "offsets": offsets.astype("f4"),
                "faces": _bytes(facecolors),
                "edges": _bytes(edgecolors),
                "widths": widths.astype("f4"),
                "dashes": self._dashes(linestyles),
                **{part: pen[part] for part in ("cap", "join", "clip", "clipPath")},
            }
        )

    def draw_image(self, gc, x, y, im, transform=None):
        if transform is not None:
            raise Unpaintable("an image under a skewed transform")
        rows, cols = im.shape[:2]
        left, top = round(x), self.height - round(y) - rows
        edges = [left, top, left + cols, top + rows]
        self.cells(self._clip(gc), np.ascontiguousarray(im[::-1]), None, edges, 1.0)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        mask, left, top = self._sprite(x, y, s, prop, angle, ismath, gc.get_antialiased())
        if mask.size:
            rows, cols = mask.shape
            self.ops.append(
                {
                    "op": "text",
                    "mask": mask,
                    "box": [left, top, cols, rows],
                    "face": css(_with_alpha(gc, gc.get_rgb())),
                    **self._clip(gc),
                }
            )

    def cells(
        self,
        clip: dict,
        values: np.ndarray,
        table: np.ndarray | None,
        edges: list[float],
        alpha: float,
        smooth: str = "",
    ) -> None:
        """Record a grid of cells.

        Args:
            clip: the box and the path of the clip.
            values: (rows, cols) uint8, places in ``table``; or (rows, cols, 4) uint8, the colours themselves.
            table: (n, 4) uint8 colours; None where ``values`` holds them.
            edges: left, top, right and bottom in pixels.
            alpha: opacity, 0..1.
            smooth: what to blend with Hann weights, as matplotlib does in slightly enlarged images: the
                "colours" of neighbours, their "values" before these get colours, or nothing.
        """
        x0, y0, x1, y1 = map(_pixel, edges)
        if clip["clip"]:
            left, top, width, height = clip["clip"]
            x0, y0, x1, y1 = max(x0, left), max(y0, top), min(x1, left + width), min(y1, top + height)
        if x1 > x0 and y1 > y0:
            self.ops.append(
                {
                    "op": "cells",
                    "values": values,
                    "table": table,
                    "rows": values.shape[0],
                    "cols": values.shape[1],
                    "edges": edges,
                    "box": [x0, y0, x1 - x0, y1 - y0],
                    "alpha": alpha,
                    "smooth": smooth,
                    **clip,
                }
            )

    # Parts of operations

    def matrix_of(self, artist: Artist) -> list[list[float]] | None:
        """The matrix from an artist's data to pixels; None if there is none, or if it turns what it moves."""
        transform = artist._transform  # type: ignore[attr-defined]  # a patch's get_transform() adds its shape
        if artist.axes is None or transform is not artist.axes.transData:
            return _upright(transform)
        if artist.axes not in self.still:  # changing the limits or the scale draws the frame again
            self.still[artist.axes] = _upright(transform)
        return self.still[artist.axes]

    def clip_of(self, artist: Artist) -> dict:
        """The clip of an artist, as an operation has it."""
        box = artist.clipbox
        if (
            artist.axes is None
            or box is None
            or not artist.get_clip_on()
            or artist.get_clip_path() is not None
        ):
            gc = self.new_gc()
            artist._set_gc_clip(gc)  # type: ignore[attr-defined]  # as its own draw() does
            return self._clip(gc)
        if box not in self.still:  # moving the axes draws the frame again
            self.still[box] = {"clip": self._clip_box(box), "clipPath": None}
        return self.still[box]

    def _pen(self, gc, face):
        """How to fill and stroke: colours, width and dashes in pixels, cap, join and clip."""
        if gc.get_hatch():
            raise Unpaintable("a hatch")
        if not gc.get_antialiased():
            raise Unpaintable("a shape without antialiasing")
        width = float(self.points_to_pixels(gc.get_linewidth()))
        return {
            "face": css(_with_alpha(gc, face)) if face is not None else None,
            "edge": css(_with_alpha(gc, gc.get_rgb())) if width else None,
            "width": width,
            "dash": self.dash(*gc.get_dashes()),
            "cap": CAPS.get(gc.get_capstyle(), gc.get_capstyle()),
            "join": gc.get_joinstyle(),
            **self._clip(gc),
        }

    def dash(self, offset: float, pattern: Sequence[float] | None) -> list[float] | None:
        """A dash pattern in pixels, with its offset first."""
        if pattern is None:
            return None
        return [float(self.points_to_pixels(part)) for part in (offset, *pattern)]

    def _dashes(self, linestyles):
        solid = all(pattern is None for _, pattern in linestyles)
        return [] if solid else [self.dash(*style) for style in linestyles]

    def _clip(self, gc):
        """The clip box in whole pixels, as Agg rounds it, and the clip path if there is one."""
        box = gc.get_clip_rectangle()
        path, transform = gc.get_clip_path()
        path = None if path is None else shape_of(path, self._down(transform))
        return {"clip": None if box is None else self._clip_box(box), "clipPath": path}

    def _clip_box(self, box):
        x0, y0, x1, y1 = box.extents.tolist()
        left, top, right, bottom = map(_pixel, (x0, self.height - y1, x1, self.height - y0))
        return [left, top, right - left, bottom - top]

    def _down(self, transform):
        """An affine transform to canvas pixels, with y downwards."""
        return upside_down(transform).translate(0, self.height)

    def _kept_shapes(self, gc, transform, paths, transforms, widths):
        """The same as for the last drawing, where only colours and widths have changed."""
        same = transform.get_matrix().tobytes(), gc.get_snap(), len(widths) > 0
        known = self.still.get(self.artist)
        if known and known[0] is paths and known[1] == same:
            return known[2]
        shapes = self._shapes(gc, transform, paths, transforms, widths)
        if not len(transforms):  # nor do lines of other widths lie elsewhere
            self.still[self.artist] = paths, same, shapes
        return shapes

    def _shapes(self, gc, transform, paths, transforms, widths):
        """The distinct paths of a collection, joined."""
        if not len(transforms):
            shapes = polylines(paths, self._down(transform), gc.get_snap(), stroked=len(widths) > 0)
            if shapes is not None:
                return shapes
        raw = self._iter_collection_raw_paths(transform, paths, transforms)  # type: ignore[attr-defined]
        return joined(
            [
                shape_of(path, self._down(trans), gc, widths[i % len(widths)] if len(widths) else 0)
                for i, (path, trans) in enumerate(raw)
            ]
        )

    def _sprite(self, x, y, s, prop, angle, ismath, antialiased):
        """Text as Agg sets it: its coverage (rows, cols) uint8, and where its top left pixel goes."""
        left, top = math.floor(x), math.floor(y)
        at = tuple(round(64 * rest) / 64 for rest in (x - left, y - top))  # as fine as glyphs are placed
        mask, dx, dy = lettered(at, s, prop.copy(), angle, ismath, antialiased, self.dpi)
        return mask, left + dx, top + dy


def _upright(transform):
    matrix = transform.get_matrix().tolist() if transform.is_affine else [[0, 1, 0], [1, 0, 0]]
    return None if matrix[0][1] or matrix[1][0] else matrix


def _pixel(edge):
    return math.floor(edge + 0.5)


def _with_alpha(gc, rgba):
    return (*rgba[:3], gc.get_alpha()) if gc.get_forced_alpha() or len(rgba) == 3 else rgba


def _bytes(colors):
    return np.round(255 * np.asarray(colors, "f8").reshape(-1, 4)).astype("u1")
