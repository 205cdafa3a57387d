"""Words as Agg sets them: their size, and how much ink lies on each pixel."""

import functools

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Affine2D


@functools.lru_cache(maxsize=4096)  # matplotlib asks before it places a text, `lettered` when it is drawn
def measured(s: str, prop: FontProperties, ismath: bool, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent of text in pixels."""
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(s, prop, ismath)


@functools.lru_cache(maxsize=4096)  # a slider shows the same few numbers again and again
def lettered(
    at: tuple[float, float],
    s: str,
    prop: FontProperties,
    angle: float,
    ismath: bool,
    antialiased: bool,
    dpi: float,
) -> tuple[np.ndarray, int, int]:
    """The coverage of text set at ``at``, a place within one pixel, and where its top left pixel goes."""
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


def inked(coverage: np.ndarray) -> tuple[slice, slice]:
    """The slices of rows and columns outside which an array is zero; empty where all of it is."""
    inside = np.flatnonzero(coverage.any(axis=1))
    if not len(inside):
        return slice(0, 0), slice(0, 0)
    rows = slice(int(inside[0]), int(inside[-1]) + 1)
    cols = np.flatnonzero(coverage[rows].any(axis=0))
    return rows, slice(int(cols[0]), int(cols[-1]) + 1)
