"""A matplotlib renderer that writes down what an artist draws instead of drawing it.

Every matplotlib artist draws itself by calling a renderer: "fill this path", "put this text there".
`Recorder` answers those calls with a list of *operations*, plain dicts of numbers and numpy arrays in canvas
pixels (y downwards), which the browser then paints. So an artist needs no code of its own here, and
transforms, clipping, colours and alpha are matplotlib's. Pixel snapping is Agg's, so that the painted picture
and a saved one agree.
"""

import math

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from .lettering import lettered, measured

CAPS = {"projecting": "square"}
SIGNS = np.array([[1], [-1], [1]])
MAX_SNAPPED = 1024  # Agg snaps no path longer than this


class Unpaintable(Exception):
    """The browser cannot paint what the artist draws; Agg has to."""


def css(rgba):
    """A colour with four parts in 0..1 as CSS, or None where it is fully transparent."""
    r, g, b = (round(255 * part) for part in rgba[:3])
    return f"rgba({r},{g},{b},{rgba[3]:.4g})" if rgba[3] > 0 else None


class Recorder(RendererBase):
    """Record the drawing calls of artists.

    width, height: size of the canvas in pixels; dpi: pixels per inch at that size.
    After `artist.draw(recorder)`, `recorder.ops` holds the operations. Raises `Unpaintable` for hatches,
    shading between vertices, un-antialiased fills and TeX.
    """

    def __init__(self, width, height, dpi):
        super().__init__()
        self.canvas = self.width, self.height, self.dpi = width, height, dpi
        self.ops = []

    # -- what matplotlib asks of a renderer
    # -------------------------------------------------------------------------

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

    # -- the drawing calls
    # ------------------------------------------------------------------------------------------

    def draw_path(self, gc, path, transform, rgbFace=None):
        pen = self._pen(gc, rgbFace)
        if not (pen["face"] or pen["edge"]):
            return
        simplify = path.should_simplify and rgbFace is None
        shape = self._shape(path, self._down(transform), gc, pen["width"], simplify)
        self.ops.append({"op": "path", **shape, **pen})

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        pen = self._pen(gc, rgbFace)
        points = self._down(trans).transform(path.vertices)
        # As Agg: a marker sits on a whole pixel, in its middle unless the marker itself is snapped.
        points = np.floor(points[np.isfinite(points).all(axis=1)] + 0.5)
        transform = _upside_down(marker_trans)
        if not self._snaps(marker_path, transform, gc, pen["width"]):
            transform = transform.translate(0.5, 0.5)
        shape = self._shape(marker_path, transform, gc, pen["width"])
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
        if not len(paths):  # matplotlib asks so whether hatch colours are understood
            return
        if not all(antialiaseds):
            raise Unpaintable("a collection without antialiasing")
        pen = self._pen(gc, None)
        widths = self.points_to_pixels(np.asarray(linewidths, "f4")) if len(edgecolors) else np.zeros(0)
        shapes = self._shapes(gc, master_transform, paths, all_transforms, widths)
        offsets = _upside_down(offset_trans).transform(offsets)
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
                "cap": pen["cap"],
                "join": pen["join"],
                "clip": pen["clip"],
                "clipPath": pen["clipPath"],
            }
        )

    def draw_image(self, gc, x, y, im, transform=None):
        if transform is not None:
            raise Unpaintable("an image under a skewed transform")
        rows, cols = im.shape[:2]
        left, top = round(x), self.height - round(y) - rows
        self.draw_cells(gc, np.ascontiguousarray(im[::-1]), None, [left, top, left + cols, top + rows], 1.0)

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

    def draw_cells(self, gc, values, table, edges, alpha, smooth=False):
        """Record a grid of cells between the pixel *edges* left, top, right, bottom.

        values: (rows, cols) uint8, places in a colour *table* (n, 4) uint8; or, with no table, (rows, cols,
        4) colours. smooth: blend the colours of neighbours with Hann weights, as matplotlib does to slightly
        enlarged images.
        """
        pen = self._clip(gc)
        x0, y0, x1, y1 = map(_pixel, edges)
        if pen["clip"]:
            left, top, width, height = pen["clip"]
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
                    **pen,
                }
            )

    # -- parts
    # ------------------------------------------------------------------------------------------------------

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
            "dash": self._dash(*gc.get_dashes()),
            "cap": CAPS.get(gc.get_capstyle(), gc.get_capstyle()),
            "join": gc.get_joinstyle(),
            **self._clip(gc),
        }

    def _dash(self, offset, pattern):
        if pattern is None:
            return None
        return [float(self.points_to_pixels(part)) for part in (offset, *pattern)]

    def _dashes(self, linestyles):
        solid = all(pattern is None for _, pattern in linestyles)
        return [] if solid else [self._dash(*style) for style in linestyles]

    def _clip(self, gc):
        """The clip box in whole pixels, as Agg rounds it, and the clip path if there is one."""
        box = gc.get_clip_rectangle()
        if box is not None:
            x0, y0, x1, y1 = box.extents.tolist()
            left, top, right, bottom = map(_pixel, (x0, self.height - y1, x1, self.height - y0))
            box = [left, top, right - left, bottom - top]
        path, transform = gc.get_clip_path()
        path = None if path is None else self._shape(path, self._down(transform), None, 0)
        return {"clip": box, "clipPath": path}

    def _down(self, transform):
        """An affine transform to canvas pixels, with y turned downwards."""
        return _upside_down(transform).translate(0, self.height)

    def _snaps(self, path, transform, gc, width):
        """Whether Agg moves the vertices of a path onto whole pixels."""
        if gc.get_snap() is False:
            return False
        as_drawn, as_is = (self._cleaned(path, transform, gc, width, snap=snap) for snap in (None, False))
        return not np.array_equal(as_drawn.vertices, as_is.vertices)

    def _cleaned(self, path, transform, gc, width, simplify=False, snap=None):
        snap = gc.get_snap() if gc and snap is None else bool(snap)
        sketch = gc.get_sketch_params() if gc else None
        return path.cleaned(
            transform,
            remove_nans=True,
            simplify=simplify,
            curves=sketch is None,
            stroke_width=width,
            snap=snap,
            sketch=sketch,
        )

    def _shape(self, path, transform, gc, width, simplify=False):
        """One path in pixels: vertices (n, 2) float32 and matplotlib's codes (n,) uint8, None for a plain
        polyline.
        """
        path = self._cleaned(path, transform, gc, width, simplify)
        xy, codes = path.vertices[:-1], path.codes[:-1]  # the last one says STOP
        plain = (codes[1:] == Path.LINETO).all()
        return {"xy": xy.astype("f4"), "codes": None if plain else codes.astype("u1")}

    def _shapes(self, gc, transform, paths, transforms, widths):
        """The distinct paths of a collection, one after the other: vertices, codes and how many vertices each
        has.
        """
        if not len(transforms) and len(paths) > 1 and all(path.codes is None for path in paths):
            vertices = [path.vertices for path in paths]
            xy = self._down(transform).transform(np.concatenate(vertices))
            lengths = np.array([*map(len, vertices)], "u4")
            if np.isfinite(xy).all() and lengths.all():
                return {
                    "xy": xy.astype("f4"),
                    "codes": None,
                    "lengths": lengths,
                    "snapped": _straight(xy, lengths, gc.get_snap()) if len(widths) else None,
                }
        raw = self._iter_collection_raw_paths(transform, paths, transforms)
        shapes = [
            self._shape(path, self._down(trans), gc, widths[i % len(widths)] if len(widths) else 0)
            for i, (path, trans) in enumerate(raw)
        ]
        codes = [_codes(shape) for shape in shapes]
        return {
            "xy": np.concatenate([shape["xy"] for shape in shapes]),
            "codes": np.concatenate(codes),
            "lengths": np.array([len(code) for code in codes], "u4"),
            "snapped": None,
        }

    def _sprite(self, x, y, s, prop, angle, ismath, antialiased):
        """Text as Agg sets it: coverage (rows, cols) uint8, and where its top left pixel goes."""
        left, top = math.floor(x), math.floor(y)
        at = tuple(round(64 * rest) / 64 for rest in (x - left, y - top))  # as fine as glyphs are placed
        mask, dx, dy = lettered(at, s, prop.copy(), angle, ismath, antialiased, self.dpi)
        return mask, left + dx, top + dy


def _upside_down(transform):
    """An affine transform, followed by a change of sign of y."""
    return Affine2D(transform.get_matrix() * SIGNS)


def _pixel(edge):
    return math.floor(edge + 0.5)


def _with_alpha(gc, rgba):
    return (*rgba[:3], gc.get_alpha()) if gc.get_forced_alpha() or len(rgba) == 3 else rgba


def _bytes(colors):
    return np.round(255 * np.asarray(colors, "f8").reshape(-1, 4)).astype("u1")


def _codes(shape):
    if shape["codes"] is not None:
        return shape["codes"]
    codes = np.full(len(shape["xy"]), Path.LINETO, "u1")
    codes[:1] = Path.MOVETO
    return codes


def _straight(xy, lengths, snap):
    """Which polylines Agg moves onto whole pixels: those made of horizontal and vertical pieces. None where
    none is.
    """
    lengths = lengths.astype(np.intp)
    starts = np.cumsum(lengths) - lengths
    across, down = np.abs(np.diff(xy, axis=0, append=xy[-1:])).T
    crooked = (across >= 1e-4) & (down >= 1e-4)
    crooked[starts + lengths - 1] = False  # the step from one polyline to the next is not drawn
    straight = ~np.logical_or.reduceat(crooked, starts) & (lengths <= MAX_SNAPPED)
    straight = straight if snap is None else np.full(len(lengths), snap)
    return straight.astype("u1") if straight.any() else None
