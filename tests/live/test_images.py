"""Images that the browser paints by their cells: as matplotlib would have drawn them, or not at all."""

import json

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lessons_lib.live import LiveFigure

CELLS = 8


def board(width, height):
    """A figure of so many pixels, filled by the black and white cells of one image."""
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[])
    squares = np.indices((CELLS, CELLS)).sum(axis=0) % 2
    return figure, axes.imshow(squares, cmap="gray", aspect="auto", vmin=0, vmax=1)


def drawn_by_matplotlib(figure):
    """How the cells come out: "square" if they keep their black and white, "smooth" if neighbours blend."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    greys = np.unique(np.asarray(canvas.buffer_rgba())[..., 0])
    return "square" if set(greys) <= {0, 255} else "smooth"


SQUARES = [(side, side) for side in (8, 9, 12, 16, 17, 20, 24, 25, 32)]


@pytest.mark.parametrize(("width", "height"), [*SQUARES, (32, 20), (16, 25)])
def test_cells_are_square_or_blended_as_in_matplotlib(width, height):
    figure, image = board(width, height)
    live = LiveFigure(figure, alt="A board")
    image.set_data(image.get_array())
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    length = int.from_bytes(live.packet[:4], "little")
    items = json.loads(live.packet[4 : 4 + length])["items"]
    cells = [op for ops in items.values() for op in ops if op["op"] == "cells" and op["rows"] == CELLS]
    if not cells:  # blended before the colours are chosen, as before matplotlib 3.10: left to matplotlib
        assert image._interpolation_stage == "data"
        assert drawn_by_matplotlib(board(width, height)[0]) == "smooth"
    for op in cells:
        assert ("smooth" if op["smooth"] else "square") == drawn_by_matplotlib(board(width, height)[0])
