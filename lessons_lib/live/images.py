"""Images as one byte for each cell and a colour table, instead of four bytes for each screen pixel."""

from math import isfinite

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage

from .recorder import Recorder

_TABLES: dict[str, tuple] = {}  # name of a colour map -> (the map as it was then, what `_table` says of it)


def record_image(artist: Artist, recorder: Recorder) -> bool:
    """Record an artist by its cells, if it is an image that the browser can paint from them.

    Shrunk, interpolated or skewed images are left to matplotlib.

    Returns:
        Whether it was recorded.
    """
    if type(artist) is not AxesImage or not artist.get_visible():
        return False
    box = _box(artist, recorder)
    look = "other" if box is None else _look(artist, box)
    if look == "other":
        return False
    left, top, right, bottom = box
    values, table, alpha = _cells(artist, blended=look == "values")
    if look == "values" and table is None:
        return False
    values = np.ascontiguousarray(values[:: 1 if bottom > top else -1, :: 1 if right > left else -1])
    edges = [min(left, right), min(top, bottom), max(left, right), max(top, bottom)]
    recorder.cells(recorder.clip_of(artist), values, table, edges, alpha, look if look != "square" else "")
    return True


def _box(artist, recorder):
    """The outer edges, in canvas pixels, of the first column and row and of the last; None if askew."""
    matrix, values, height = recorder.matrix_of(artist), artist.get_array(), recorder.height
    if matrix is None or values is None or not values.size:
        return None
    (across, _, x), (_, up, y), _ = matrix
    x0, x1, y0, y1 = artist.get_extent()
    top, bottom = (y1, y0) if artist.origin == "upper" else (y0, y1)
    return across * x0 + x, height - (up * top + y), across * x1 + x, height - (up * bottom + y)


def _look(artist, box):
    """How matplotlib draws the cells: "square" edges, blended "colours" or "values", or some "other" way."""
    kind, stage = artist.get_interpolation(), artist._interpolation_stage  # 3.8 has no getter
    if kind in ("none", "nearest"):
        return "square"
    if kind not in ("auto", "antialiased"):
        return "other"
    rows, cols = artist.get_array().shape[:2]
    zooms = abs(box[2] - box[0]) / cols, abs(box[3] - box[1]) / rows
    if all(zoom > 3 or zoom in (1, 2) for zoom in zooms):  # matplotlib's rule
        return "square"
    if min(zooms) < 1:
        return "other"
    return "values" if stage == "data" else "colours"  # "data" is the default before matplotlib 3.10


def _cells(artist, blended):
    """Cells (rows, cols) uint8 with a table (n, 4), or colours (rows, cols, 4) without one; and the alpha."""
    data, cmap, alpha = artist.get_array(), artist.get_cmap(), artist.get_alpha()
    if data.ndim == 2 and cmap.N <= 256 and np.ndim(alpha) == 0:
        shares, (table, plain) = _normed(artist.norm, data), _table(cmap)
        low, high = shares.min(), shares.max()  # NaN if any share is
        if (low >= 0 and high <= 1) or (plain and isfinite(low) and isfinite(high) and not blended):
            steps = (shares * cmap.N).clip(0, cmap.N - 1).astype("u1")
            return steps, table, 1.0 if alpha is None else float(alpha)
    return artist.to_rgba(data, alpha=alpha, bytes=True), None, 1.0


def _table(cmap):
    """The colours of a map (n, 4) as uint8, and whether values beyond its range get those of its ends."""
    known = _TABLES.get(cmap.name)
    if known is None or known[0] != cmap:  # a map may have been changed in place, or share another's name
        colours = cmap(np.arange(-1, cmap.N + 1), bytes=True)  # with those below and above the range
        plain = (colours[0] == colours[1]).all() and (colours[-1] == colours[-2]).all()
        known = _TABLES[cmap.name] = cmap.copy(), colours[1:-1], plain
    return known[1:]


def _normed(norm, data):
    """Values on the scale of the colours, 0..1, as a plain array with NaN where a value is missing."""
    plain = type(norm) is Normalize and norm.scaled() and not np.ma.is_masked(data)
    if plain and norm.vmax > norm.vmin:
        return (np.ma.getdata(data) - norm.vmin) / (norm.vmax - norm.vmin)  # norm(data), ten times as fast
    return np.ma.filled(norm(data), np.nan)
