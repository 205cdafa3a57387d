"""Where each of the 13,002 parameters lives."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import style
from lessons_lib.drawing.canvas import canvas, cell_centre, label, place_image, ring, write
from lessons_lib.engine.network import Address
from lessons_lib.lessons.a_network_that_reads_digits.reader import SIZES
from lessons_lib.panels.controls import stage_control
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import BLOCKS, LAYERS, entry_name

HEIGHT = 432  # CSS pixels; the picture is laid out in them, y downward
PLACES = [  # left, top, width and height of each block's picture
    (20, 104, 784, 96),
    (816, 104, 16, 96),
    (20, 256, 160, 112),
    (190, 256, 16, 112),
    (250, 256, 160, 70),
    (420, 256, 16, 70),
]
IMAGE = (500, 256, 112)  # left, top and side of the sketched image
SKETCH = (678, 754, 830)  # where the sketch has its three layers


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
        nets: dict of name -> network 784-16-16-10, as :func:`lessons_lib.runs.stages.stages` gives.
    """

    title = "Where the 13,002 parameters live"
    presets = {
        "First entry": Preset({"index": 0}, "The weight from the top left pixel to neuron 0: always unlit."),
        "First bias": Preset({"index": 12_544}, "After 16 rows of 784 weights come the 16 biases."),
        "Between hidden layers": Preset({"index": 12_600}, "From one hidden neuron to another: 16 × 16."),
        "Last entry": Preset({"index": 13_001}, "The bias of output 9."),
    }

    def __init__(self, nets, **state):
        self.nets = nets
        super().__init__(**state)

    def controls(self):
        last = next(iter(self.nets.values())).n_params - 1
        return {
            "index": W.IntSlider(
                4_000, 0, last, description="Entry", tooltip="Which entry of the vector; a click chooses too"
            ),
            "stage": stage_control(self.nets),
        }

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self._vector(ax)
        self._blocks(ax)
        self._sketch(ax)
        return fig

    def _vector(self, ax):
        """The vector to scale: a bar of six parts, and their sizes below."""
        net = next(iter(self.nets.values()))
        sizes = [v.size for pair in zip(net.weights, net.biases, strict=True) for v in pair]
        ends = np.cumsum([0, *sizes])
        self.scale = 812 / net.n_params
        for start, size, color in zip(ends, sizes, ("#cdd3da", "#7d8794") * 3, strict=False):
            ax.add_patch(Rectangle((20 + start * self.scale, 34), size * self.scale, 12, facecolor=color))
        label(ax, 20, 22, "the vector, to scale", size=style.TEXT)
        (self.here,) = ax.plot([], [], "v", color=style.ACCENT, markersize=9, zorder=5)
        self.terms = [label(ax, x, 62, size=style.TITLE) for x in (20, 106, 160, 226, 280, 346)]
        self.words = [f"{size:,}{' +' if k < 5 else ' = 13,002'}" for k, size in enumerate(sizes)]

    def _blocks(self, ax):
        self.pictures = [place_image(ax, *place, cmap=style.SIGNED) for place in PLACES]
        names = [f"W, {LAYERS[layer]}" if kind == "weight" else "b" for layer, kind in BLOCKS]
        names[0] += ": 16 neurons ↓, 784 pixels →"
        for (left, top, width, height), name in zip(PLACES, names, strict=True):
            label(ax, left, top - 11, name, size=style.TEXT)
            frame = {"fill": False, "edgecolor": style.MUTED, "linewidth": 0.8}
            ax.add_patch(Rectangle((left, top), width, height, **frame))
        self.ring = ring(ax)

    def _sketch(self, ax):
        left, top, side = IMAGE
        ax.add_patch(Rectangle((left, top), side, side, facecolor="black"))
        label(ax, left, top - 11, "in the network", size=style.TEXT)
        label(ax, left + side / 2, 388, "28 × 28 pixels", ha="center")
        for layer, x in enumerate(SKETCH):
            dots = np.array([_dot(layer, k) for k in range(SIZES[layer])])
            ax.plot(*dots.T, "o", markersize=4, color=style.MUTED)
            label(ax, x, 394, LAYERS[layer].replace(" ", "\n"), ha="center")
        (self.connection,) = ax.plot([], [], "-o", color=style.ACCENT, markersize=7, zorder=5)

    def compute(self, state):
        net = self.nets[state.stage]
        blocks = [v.reshape(len(v), -1) for part in net.split(net.params) for v in part]
        address, value = net.address(state.index), float(net.params[state.index])
        return Entry(state.stage, state.index, address, value, blocks)

    def draw(self, result):
        address, block = result.address, BLOCKS.index(result.address[:2])
        self.here.set_data([20 + result.index * self.scale], [28])
        for k, (text, words) in enumerate(zip(self.terms, self.words, strict=True)):
            write(text, words, style.ACCENT if k == block else style.INK)
        for image, values in zip(self.pictures, result.blocks, strict=True):
            most = 3 * float(np.std(values)) or 1.0
            image.set_data(values)
            image.set_clim(-most, most)
        x, y = cell_centre(self.pictures[block], address.to_neuron, address.from_neuron or 0)
        self.ring.set_data([x], [y])
        end = _dot(address.layer, address.to_neuron)
        start = end if address.from_neuron is None else _source(address)
        self.connection.set_data(*zip(start, end, strict=True))

    def describe(self, result):
        name = entry_name(result.address)
        return f"Entry {result.index:,} is {name}. In this network ({result.stage}) it is {result.value:.3f}."

    def clicked(self, event):
        if event.artist not in self.pictures:
            return None
        layer, kind = BLOCKS[self.pictures.index(event.artist)]
        row, column = event.index
        net = next(iter(self.nets.values()))
        return {"index": net.index(layer, kind, row, column if kind == "weight" else None)}


def _dot(layer, k):
    """Where the sketch has a neuron."""
    return SKETCH[layer], 376 - 8 * (SIZES[layer] - 1 - k) - 4 * (16 - SIZES[layer])


def _source(address):
    """Where a connection starts: on the image, or at a neuron of the layer before."""
    if address.layer:
        return _dot(address.layer - 1, address.from_neuron)
    left, top, side = IMAGE
    row, column = divmod(address.from_neuron, 28)
    return left + side * (column + 0.5) / 28, top + side * (row + 0.5) / 28
