"""Images as one byte a cell and a colour table, instead of four bytes a screen pixel."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage


def record_image(artist, recorder):
    """Record an AxesImage by its cells, if the browser can paint it from them; returns whether it was.

    artist: any artist. recorder: a `Recorder`. Shrunk, interpolated or skewed images are left to matplotlib.
    """
    if type(artist) is not AxesImage or not artist.get_visible():
        return False
    box = _box(artist, recorder.height)
    look = "other" if box is None else _look(artist, box)
    if look == "other":
        return False
    left, top, right, bottom = box
    values, table, alpha = _cells(artist)
    values = np.ascontiguousarray(values[:: 1 if bottom > top else -1, :: 1 if right > left else -1])
    gc = recorder.new_gc()
    artist._set_gc_clip(gc)
    edges = [min(left, right), min(top, bottom), max(left, right), max(top, bottom)]
    recorder.draw_cells(gc, values, table, edges, alpha, smooth=look == "smooth")
    return True


def _box(artist, height):
    """Canvas pixels of the outer edges of the first column, first row, last column and last row; None if
    askew.
    """
    if not artist.get_transform().is_affine or artist.get_array() is None:
        return None
    x0, x1, y0, y1 = artist.get_extent()
    first, last = (y1, y0) if artist.origin == "upper" else (y0, y1)
    (left, top), (right, bottom) = artist.get_transform().transform([(x0, first), (x1, last)])
    return left, height - top, right, height - bottom


def _look(artist, box):
    """How matplotlib draws the cells: "square" edges, "smooth" ones, or some "other" way."""
    rows, cols = artist.get_array().shape[:2]
    zooms = np.abs([(box[2] - box[0]) / cols, (box[3] - box[1]) / rows])
    kind, stage = artist.get_interpolation(), artist.get_interpolation_stage()
    if kind in ("none", "nearest"):
        return "square"
    if kind not in ("auto", "antialiased"):
        return "other"
    if ((zooms > 3) | (zooms == 1) | (zooms == 2)).all():  # matplotlib's rule
        return "square"
    return "smooth" if (zooms >= 1).all() and stage != "data" else "other"


def _cells(artist):
    """The cells as uint8 (rows, cols) with a table (n, 4), or as colours (rows, cols, 4) and None; and the
    alpha.
    """
    data, cmap, alpha = artist.get_array(), artist.get_cmap(), artist.get_alpha()
    if data.ndim == 2 and cmap.N <= 256 and np.ndim(alpha) == 0:
        shares = _normed(artist.norm, data)
        table = cmap(np.arange(-1, cmap.N + 1), bytes=True)  # with the colours below and above the range
        plain = (table[0] == table[1]).all() and (table[-1] == table[-2]).all()
        if np.isfinite(shares).all() and (plain or (shares.min() >= 0 and shares.max() <= 1)):
            steps = np.clip(shares * cmap.N, 0, cmap.N - 1).astype("u1")
            return steps, table[1:-1], 1.0 if alpha is None else float(alpha)
    return artist.to_rgba(data, alpha=alpha, bytes=True), None, 1.0


def _normed(norm, data):
    """Values on the scale of the colours, 0..1, as a plain array with NaN where there is none."""
    if type(norm) is Normalize and norm.scaled() and norm.vmax > norm.vmin and not np.ma.is_masked(data):
        return (np.ma.getdata(data) - norm.vmin) / (norm.vmax - norm.vmin)  # norm(data), ten times as fast
    return np.ma.filled(norm(data), np.nan)
