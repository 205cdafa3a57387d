"""Images as one byte a cell and a colour table, instead of four bytes a screen pixel."""

import numpy as np
from matplotlib.image import AxesImage


def record_image(artist, recorder):
    """Record an AxesImage by its cells if they are drawn with square edges; returns whether it was.

    artist: any artist. recorder: a `Recorder`. Smoothed or skewed images are left to matplotlib, which resamples them.
    """
    if type(artist) is not AxesImage or not artist.get_visible():
        return False
    box = _box(artist, recorder.height)
    if box is None or not _square_edged(artist, box):
        return False
    left, top, right, bottom = box
    values, table, alpha = _cells(artist)
    values = np.ascontiguousarray(values[::1 if bottom > top else -1, ::1 if right > left else -1])
    gc = recorder.new_gc()
    artist._set_gc_clip(gc)
    edges = [min(left, right), min(top, bottom), max(left, right), max(top, bottom)]
    recorder.draw_cells(gc, values, table, edges, alpha)
    return True


def _box(artist, height):
    """Canvas pixels of the outer edges of the first column, first row, last column and last row; None if askew."""
    if not artist.get_transform().is_affine or artist.get_array() is None:
        return None
    x0, x1, y0, y1 = artist.get_extent()
    first, last = (y1, y0) if artist.origin == "upper" else (y0, y1)
    (left, top), (right, bottom) = artist.get_transform().transform([(x0, first), (x1, last)])
    return left, height - top, right, height - bottom


def _square_edged(artist, box):
    """Whether matplotlib draws the cells as they are: its "auto" smooths images enlarged less than three times."""
    rows, cols = artist.get_array().shape[:2]
    zooms = np.abs([(box[2] - box[0]) / cols, (box[3] - box[1]) / rows])
    kept = (zooms > 3) | (zooms == 1) | (zooms == 2)
    return artist.get_interpolation() in ("none", "nearest") or (
        artist.get_interpolation() in ("auto", "antialiased") and bool(kept.all()))


def _cells(artist):
    """The cells as uint8 (rows, cols) with a table (n, 4), or as colours (rows, cols, 4) and None; and the alpha."""
    data, cmap, alpha = artist.get_array(), artist.get_cmap(), artist.get_alpha()
    if data.ndim == 2 and cmap.N <= 256 and np.ndim(alpha) == 0:
        shares = artist.norm(data)
        if np.isfinite(np.ma.filled(shares, np.nan)).all() and (_plain_ends(cmap) or _within(shares)):
            steps = np.clip(np.ma.getdata(shares) * cmap.N, 0, cmap.N - 1).astype("u1")
            return steps, cmap(np.arange(cmap.N), bytes=True), 1.0 if alpha is None else float(alpha)
    return artist.to_rgba(data, alpha=alpha, bytes=True), None, 1.0


def _plain_ends(cmap):
    """Whether values out of range have the colours of the ends."""
    ends = cmap([-1.0, 0.0, 1.0, 2.0])
    return bool((ends[0] == ends[1]).all() and (ends[2] == ends[3]).all())


def _within(shares):
    return shares.min() >= 0 and shares.max() <= 1
