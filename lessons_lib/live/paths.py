"""Matplotlib's paths as Agg would draw them: vertices in canvas pixels, and codes that say how to join them.

A *shape* is a dict with ``xy`` (n, 2) float32 and ``codes`` (n,) uint8, which is None for a plain polyline.
The shapes of a collection stand one after the other in one such dict, which also has ``lengths`` (how many
vertices each shape has) and ``snapped`` (which of them lie on whole pixels).
"""

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

SIGNS = np.array([[1], [-1], [1]])
MAX_SNAPPED = 1024  # Agg snaps no path longer than this


def upside_down(transform):
    """An affine transform, followed by a change of sign of y."""
    return Affine2D(transform.get_matrix() * SIGNS)


def shape_of(path, transform, gc=None, width=0, simplify=False):
    """One path as a shape; ``width``, in pixels, is that of the line."""
    path = _cleaned(path, transform, gc, width, simplify)
    xy, codes = path.vertices[:-1], path.codes[:-1]  # the last one says STOP
    plain = (codes[1:] == Path.LINETO).all()
    return {"xy": xy.astype("f4"), "codes": None if plain else codes.astype("u1")}


def snaps(path, transform, gc, width):
    """Whether Agg moves the vertices of a path onto whole pixels."""
    if gc.get_snap() is False:
        return False
    as_drawn, as_is = (_cleaned(path, transform, gc, width, snap=snap) for snap in (None, False))
    return not np.array_equal(as_drawn.vertices, as_is.vertices)


def polylines(paths, transform, snap, stroked):
    """Many plain polylines, transformed at once; None where they need the care that each path alone gets."""
    if len(paths) < 2 or any(path.codes is not None for path in paths):
        return None
    xy = transform.transform(np.concatenate([path.vertices for path in paths]))
    lengths = np.array([len(path.vertices) for path in paths], "u4")
    if not (np.isfinite(xy).all() and lengths.all()):
        return None
    snapped = _straight(xy, lengths, snap) if stroked else None
    return {"xy": xy.astype("f4"), "codes": None, "lengths": lengths, "snapped": snapped}


def joined(shapes):
    """Shapes of any kind, one after the other."""
    codes = [_codes(shape) for shape in shapes]
    return {
        "xy": np.concatenate([shape["xy"] for shape in shapes]),
        "codes": np.concatenate(codes),
        "lengths": np.array([len(code) for code in codes], "u4"),
        "snapped": None,
    }


def _cleaned(path, transform, gc, width, simplify=False, snap=None):
    sketch = gc.get_sketch_params() if gc else None
    return path.cleaned(
        transform,
        remove_nans=True,
        simplify=simplify,
        curves=sketch is None,
        stroke_width=width,
        snap=gc.get_snap() if gc and snap is None else bool(snap),
        sketch=sketch,
    )


def _codes(shape):
    if shape["codes"] is not None:
        return shape["codes"]
    codes = np.full(len(shape["xy"]), Path.LINETO, "u1")
    codes[:1] = Path.MOVETO
    return codes


def _straight(xy, lengths, snap):
    """Which polylines Agg moves onto whole pixels: those of level and upright pieces; None if none is."""
    lengths = lengths.astype(np.intp)
    starts = np.cumsum(lengths) - lengths
    across, down = np.abs(np.diff(xy, axis=0, append=xy[-1:])).T
    crooked = (across >= 1e-4) & (down >= 1e-4)
    crooked[starts + lengths - 1] = False  # the step from one polyline to the next is not drawn
    straight = ~np.logical_or.reduceat(crooked, starts) & (lengths <= MAX_SNAPPED)
    straight = straight if snap is None else np.full(len(lengths), snap)
    return straight.astype("u1") if straight.any() else None
