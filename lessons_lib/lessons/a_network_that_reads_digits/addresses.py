"""Where each of the parameters lives."""

from dataclasses import dataclass
from math import ceil, isqrt, sqrt

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import style
from lessons_lib.drawing.canvas import canvas, cell_centre, label, place_image, ring, write
from lessons_lib.engine.network import Address
from lessons_lib.panels.controls import stage_control
from lessons_lib.panels.first_layer import WeightPictures
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import blocks, entry_name, layer_names

HEIGHT = 520  # CSS pixels; the picture is laid out in them, y downward
FIRST = (20, 104, 784, 200)  # left, top, greatest width and height of the first layer's pictures
AFTER = {  # layers after the first -> left and width of the picture of each
    1: [(20, 390)],
    2: [(20, 160), (250, 160)],
    3: [(20, 112), (180, 112), (340, 112)],
}
BELOW = (356, 112)  # top and greatest height of these
BIAS = (10, 16)  # the distance of a layer's biases from its weights, and their width
IMAGE = (500, 356, 112)  # left, top and side of the sketched image
SKETCH = (678, 830)  # where the sketch has its first and its last layer
TERMS = (20, 106, 160, 226, 280, 346, 400, 466)  # where the sizes of the blocks stand


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of the vector, and all of them as the network has them."""

    stage: str
    index: int
    address: Address
    value: float
    blocks: list[np.ndarray]  # weights (n_out, n_in) and biases (n_out, 1), in the order of the vector


class Addresses(Panel):
    """The flat vector of parameters: which connection or bias each entry is.

    Args:
        nets: dict of name -> network with one to three hidden layers, as
            :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
    """

    needs = Needs(hidden=(1, 3), width=128, alike=True)

    def __init__(self, nets, **state):
        self.nets, self.net = nets, next(iter(nets.values()))
        self.blocks, self.layers = blocks(self.net.sizes), layer_names(self.net.sizes)
        self.first = WeightPictures(*self.net.sizes[:2])
        self.title = f"Where the {self.net.n_params:,} parameters live"
        self.presets = self._presets(*self.net.sizes[:3])
        super().__init__(**state)

    def _presets(self, pixels, n, after):
        weights, last = n * pixels, self.net.n_params - 1
        presets = {
            "First entry": Preset(
                {"index": 0}, "The weight from the top left pixel to neuron 0: always unlit."
            ),
            "First bias": Preset(
                {"index": weights}, f"After {n} rows of {pixels} weights come the {n} biases."
            ),
            "Between hidden layers": Preset(
                {"index": weights + n + min(40, n * after - 1)},
                f"From one hidden neuron to another: {n} × {after}.",
            ),
            "Last entry": Preset({"index": last}, f"The bias of output {self.net.sizes[-1] - 1}."),
        }
        if len(self.layers) == 2:
            del presets["Between hidden layers"]
        return presets

    def controls(self):
        last, chooses = self.net.n_params - 1, "Which entry of the vector; a click chooses too"
        return {
            "index": W.IntSlider(min(4_000, last), 0, last, description="Entry", tooltip=chooses),
            "stage": stage_control(self.nets),
        }

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self._vector(ax)
        self._pictures(ax)
        self._sketch(ax)
        return fig

    def _vector(self, ax):
        """The vector to scale: a bar of a part for each block, and their sizes below."""
        net, last = self.net, len(self.blocks) - 1
        sizes = [v.size for pair in zip(net.weights, net.biases, strict=True) for v in pair]
        ends = np.cumsum([0, *sizes])
        self.scale = 812 / net.n_params
        for start, size, color in zip(ends, sizes, ("#cdd3da", "#7d8794") * len(sizes), strict=False):
            ax.add_patch(Rectangle((20 + start * self.scale, 34), size * self.scale, 12, facecolor=color))
        label(ax, 20, 22, "the vector, to scale", size=style.TEXT)
        (self.here,) = ax.plot([], [], "v", color=style.ACCENT, markersize=9, zorder=5)
        self.terms = [label(ax, x, 62, size=style.TITLE) for x in TERMS[: len(sizes)]]
        self.words = [
            f"{size:,}{' +' if k < last else f' = {net.n_params:,}'}" for k, size in enumerate(sizes)
        ]

    def _pictures(self, ax):
        places = _places(self.net.sizes)
        self.pictures = [place_image(ax, *place, cmap=style.SIGNED) for place in places]
        names = [f"W, {self.layers[layer]}" if kind == "weight" else "b" for layer, kind in self.blocks]
        names[0] += f": {self.net.sizes[1]} neurons, one picture of {self.net.sizes[0]} weights each"
        for (left, top, width, height), name in zip(places, names, strict=True):
            label(ax, left, top - 11, name, size=style.TEXT)
            frame = {"fill": False, "edgecolor": style.MUTED, "linewidth": 0.8}
            ax.add_patch(Rectangle((left, top), width, height, **frame))
        for k in range(self.net.sizes[1]):  # which neuron each picture belongs to
            x, y = self.first.corner(k, places[0])
            label(ax, x + 3, y + 8, str(k), color=style.INK)
        self.ring = ring(ax)

    def _sketch(self, ax):
        left, top, side = IMAGE
        ax.add_patch(Rectangle((left, top), side, side, facecolor="black"))
        label(ax, left, top - 11, "in the network", size=style.TEXT)
        pixels, rows = self.net.sizes[0], isqrt(self.net.sizes[0])
        words = f"{rows} × {rows} pixels" if rows**2 == pixels else f"{pixels} pixels"
        label(ax, left + side / 2, top + side + 20, words, ha="center")
        for layer, name in enumerate(self.layers):
            dots = np.array([self._dot(layer, k) for k in range(self.net.sizes[layer + 1])])
            ax.plot(*dots.T, "o", markersize=min(4, 0.7 * self._apart), color=style.MUTED)
            label(ax, dots[0, 0], top + side + 26, name.replace(" ", "\n"), ha="center")
        (self.connection,) = ax.plot([], [], "-o", color=style.ACCENT, markersize=7, zorder=5)

    def compute(self, state):
        net = self.nets[state.stage]
        blocks = [v.reshape(len(v), -1) for part in net.split(net.params) for v in part]
        address, value = net.address(state.index), float(net.params[state.index])
        return Entry(state.stage, state.index, address, value, blocks)

    def draw(self, result):
        address, block = result.address, self.blocks.index(result.address[:2])
        self.here.set_data([20 + result.index * self.scale], [28])
        for k, (text, words) in enumerate(zip(self.terms, self.words, strict=True)):
            write(text, words, style.ACCENT if k == block else style.INK)
        for image, values in zip(self.pictures, result.blocks, strict=True):
            most = 3 * float(np.std(values)) or 1.0
            image.set_data(self.first.mosaic(values) if image is self.pictures[0] else values)
            image.set_clim(-most, most)
        place = address.to_neuron, address.from_neuron or 0
        x, y = cell_centre(self.pictures[block], *(place if block else self.first.cell(*place)))
        self.ring.set_data([x], [y])
        end = self._dot(address.layer, address.to_neuron)
        start = end if address.from_neuron is None else self._source(address)
        self.connection.set_data(*zip(start, end, strict=True))

    def describe(self, result):
        name = entry_name(result.address, self.net.sizes)
        return f"Entry {result.index:,} is {name}. In this network ({result.stage}) it is {result.value:.3f}."

    def clicked(self, event):
        if event.artist not in self.pictures:
            return None
        layer, kind = self.blocks[self.pictures.index(event.artist)]
        place = self.first.at(*event.index) if (layer, kind) == (0, "weight") else event.index
        if place is None:
            return None
        return {"index": self.net.index(layer, kind, place[0], place[1] if kind == "weight" else None)}

    @property
    def _apart(self):
        """The distance of two neurons in the sketch."""
        return min(8, 128 / max(self.net.sizes[1:]))

    def _dot(self, layer, k):
        """Where the sketch has a neuron."""
        first, last = SKETCH
        x = first + (last - first) * layer / (len(self.layers) - 1)
        return x, IMAGE[1] + 60 + self._apart * (k - (self.net.sizes[layer + 1] - 1) / 2)

    def _source(self, address):
        """Where a connection starts: on the image, or at a neuron of the layer before."""
        if address.layer:
            return self._dot(address.layer - 1, address.from_neuron)
        (left, top, side), rows = IMAGE, ceil(sqrt(self.net.sizes[0]))
        row, column = divmod(address.from_neuron, rows)
        return left + side * (column + 0.5) / rows, top + side * (row + 0.5) / rows


def _places(sizes):
    """Left, top, width and height of each block's picture: weights and biases, layer by layer."""
    left, top, width, height = first = WeightPictures(*sizes[:2]).box(*FIRST)
    (below, most), (away, wide) = BELOW, BIAS
    places = [first, (left + width + away + 2, top, wide, height)]
    for (left, width), n in zip(AFTER[len(sizes) - 2], sizes[2:], strict=True):
        height = round(most * n / max(sizes[2:]))
        places += [(left, below, width, height), (left + width + away, below, wide, height)]
    return places
