"""The weights into the first hidden layer as pictures: which cell of the mosaic is which weight."""

from math import ceil, sqrt

import numpy as np

from lessons_lib.drawing import charts
from lessons_lib.drawing.charts import GAP

Box = tuple[float, float, float, float]  # left, top, width and height, in CSS pixels


class WeightPictures:
    """A square picture for each neuron of the first hidden layer, a cell for each pixel, side by side.

    Args:
        pixels: inputs of the network; the last cells of a picture stay empty if they do not fill a square.
        neurons: of the first hidden layer.
        shape: about how many times as wide as high the whole should be.

    Example:
        >>> pictures = WeightPictures(784, 16)
        >>> pictures.columns, pictures.cell(9, 28), pictures.at(31, 30), pictures.at(28, 0)
        (8, (31, 30), (9, 28), None)
    """

    def __init__(self, pixels: int, neurons: int, *, shape: float = 4) -> None:
        self.pixels, self.neurons = pixels, neurons
        self.columns = min(neurons, ceil(sqrt(shape * neurons)))
        self.rows = ceil(neurons / self.columns)
        self.side = ceil(sqrt(pixels))
        self.pitch = self.side + GAP

    def mosaic(self, values: np.ndarray) -> np.ma.MaskedArray:
        """The values (neurons, pixels) as one picture, masked in the gaps."""
        empty = self.side**2 - self.pixels
        filled = np.pad(np.asarray(values, float), ((0, 0), (0, empty)), constant_values=np.nan)
        return charts.mosaic(filled, self.columns)

    def box(self, left: float, top: float, width: float, height: float) -> Box:
        """The largest box at this place, and within this size, in which the cells are square."""
        across, down = self.columns * self.pitch - GAP, self.rows * self.pitch - GAP
        cell = min(width / across, height / down)
        return left, top, round(cell * across), round(cell * down)

    def corner(self, neuron: int, box: Box) -> tuple[float, float]:
        """The top left corner of a neuron's picture within the box of all."""
        left, top, width, height = box
        row, column = divmod(neuron, self.columns)
        return left + column * (width + GAP) / self.columns, top + row * (height + GAP) / self.rows

    def cell(self, neuron: int, pixel: int) -> tuple[int, int]:
        """Row and column of the cell of the weight from a pixel to a neuron."""
        (row, column), (y, x) = divmod(neuron, self.columns), divmod(pixel, self.side)
        return self.pitch * row + y, self.pitch * column + x

    def at(self, row: int, column: int) -> tuple[int, int] | None:
        """The neuron and the pixel of a cell; None in a gap."""
        (down, y), (across, x) = divmod(row, self.pitch), divmod(column, self.pitch)
        neuron, pixel = down * self.columns + across, self.side * y + x
        inside = x < self.side and y < self.side and neuron < self.neurons and pixel < self.pixels
        return (neuron, pixel) if inside else None
