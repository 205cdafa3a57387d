"""Upright rectangles by their corners: bars are too many for each to be traced as any other path."""

import math

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from .recorder import CAPS, Recorder, css

CODES = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], "u1")


def record_rectangle(artist: Artist, recorder: Recorder) -> bool:
    """Record an artist by its corners, if it is an upright rectangle without ornaments.

    Returns:
        Whether it was recorded.
    """
    if type(artist) is not Rectangle or artist.angle or not artist.get_visible() or _ornate(artist):
        return False
    matrix = recorder.matrix_of(artist)
    if matrix is None:
        return False
    pen = _pen(artist, recorder)
    if pen["face"] or pen["edge"]:
        xy = _corners(artist, matrix, recorder.height, pen["width"])
        recorder.ops.append({"op": "path", "xy": xy, "codes": CODES, **pen})
    return True


def _pen(artist, recorder):
    edge = artist._edgecolor
    stroked = edge[3] and artist._linewidth and artist._linestyle != "None"
    return {
        "face": css(artist._facecolor),
        "edge": css(edge) if stroked else None,
        "width": float(recorder.points_to_pixels(artist._linewidth)) if stroked else 0.0,
        "dash": recorder.dash(*artist._dash_pattern) if stroked else None,
        "cap": CAPS.get(artist.get_capstyle(), artist.get_capstyle()),
        "join": artist.get_joinstyle(),
        **recorder.clip_of(artist),
    }


def _ornate(artist):
    """Whether there is more to an artist than its colours and lines."""
    return (
        artist.get_hatch()
        or getattr(artist, "_gapcolor", None)  # from matplotlib 3.11 on
        or artist.get_path_effects()
        or artist.get_sketch_params()
        or artist.get_agg_filter()
        or artist.get_snap() is not None
        or not artist.get_antialiased()
    )


def _corners(artist, matrix, height, width):
    """The corners as Agg draws them: on whole pixels, or in their middle for odd widths."""
    (across, _, left), (_, up, bottom), _ = matrix
    x0, y0, x1, y1 = artist._convert_units()
    half = int(width + 0.5) % 2 / 2
    x0, x1 = (math.floor(across * x + left + 0.5) + half for x in (x0, x1))
    y0, y1 = (math.floor(height - (up * y + bottom) + 0.5) + half for y in (y0, y1))
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (0, 0)], "f4")  # the last one only says: close
