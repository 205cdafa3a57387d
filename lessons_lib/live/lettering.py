"""Words as Agg sets them: their size, and how much ink lies on each pixel."""

import functools

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.transforms import Affine2D


@functools.lru_cache(maxsize=4096)  # matplotlib asks before it places a text, `lettered` when it is drawn
def measured(s, prop, ismath, dpi):
    """Width, height and descent of text in pixels."""
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(s, prop, ismath)


@functools.lru_cache(maxsize=4096)  # a slider shows the same few numbers again and again
def lettered(at, s, prop, angle, ismath, antialiased, dpi):
    """The coverage of text set at *at*, within the first pixel, and its top left pixel from there."""
    w, h, d = measured(s, prop, ismath, dpi)
    corners = np.array([(-8, -d - h), (w + 8, -d - h), (w + 8, d + h), (-8, d + h)])
    corners = Affine2D().rotate_deg(-angle).translate(*at).transform(corners)
    left, top = np.floor(corners.min(0)).astype(int) - 2
    right, bottom = np.ceil(corners.max(0)).astype(int) + 2
    agg = RendererAgg(right - left, bottom - top, dpi)
    pen = agg.new_gc()
    pen.set_antialiased(antialiased)
    agg.draw_text(pen, at[0] - left, at[1] - top, s, prop, angle, ismath=ismath)
    coverage = np.asarray(agg.buffer_rgba())[..., 3]
    rows, cols = inked(coverage)
    return np.ascontiguousarray(coverage[rows, cols]), int(left) + cols.start, int(top) + rows.start


def inked(coverage):
    """The box (rows, cols), a pair of slices, outside which an array (rows, cols) is zero."""
    rows = np.flatnonzero(coverage.any(axis=1))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    rows = slice(int(rows[0]), int(rows[-1]) + 1)
    cols = np.flatnonzero(coverage[rows].any(axis=0))
    return rows, slice(int(cols[0]), int(cols[-1]) + 1)
