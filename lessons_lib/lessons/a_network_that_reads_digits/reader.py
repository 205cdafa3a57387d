"""A network reads a digit; every activation, and one neuron's sum with its numbers."""

from dataclasses import dataclass
from itertools import pairwise

import ipywidgets as W
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Rectangle

from lessons_lib import forward, sigmoid
from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, label, place_image, write
from lessons_lib.panels.controls import image_controls, show_for
from lessons_lib.panels.digit_control import Drawing
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import layer_names, neuron_name

TEST, DRAWN = "test image", "my drawing"

HEIGHT = 436  # CSS pixels; the whole picture is laid out in them, y downward
WIDTH, PITCH = 36, 24  # a neuron's width, and the most from one to the next
MIDDLE, TALL = 228, 384  # of the columns of neurons, and how high they may be
COLUMNS = (226, 410)  # left edges of the first and the last layer
READABLE = 11  # rows as high as this have room for their numbers
DIGIT = (10, 150, 150)  # left, top and side of the image
TABLE = (500, 622, 744)  # left edges of the three pictures of a sum
WIDE, ROW, TOP = 106, 13.5, 58  # their width, the most height of a row, and their top edge
ROWS = 16 * ROW  # the height of a column of rows


class Columns:
    """Where the neurons of a network stand in the picture: a column for each layer.

    Args:
        sizes: neurons in each layer, the inputs first.
    """

    def __init__(self, sizes):
        self.sizes = sizes[1:]
        self.neurons = [(layer, k) for layer, size in enumerate(self.sizes) for k in range(size)]
        self.lefts = np.linspace(*COLUMNS, len(self.sizes)).round().astype(int)
        self.pitch = [min(PITCH, TALL / size) for size in self.sizes]  # of each layer, from neuron to neuron
        self.high = [pitch - min(4, 0.2 * pitch) for pitch in self.pitch]  # the neurons of each layer

    def box(self, layer, k):
        """Left and top of a neuron's cell."""
        return self.lefts[layer], MIDDLE + self.pitch[layer] * (k - self.sizes[layer] / 2)

    def middle(self, layer, k):
        """The middle of a neuron's cell."""
        left, top = self.box(layer, k)
        return left + WIDTH / 2, top + self.high[layer] / 2

    def at(self, x, y):
        """The ``(layer, k)`` of the cell at a place in the picture, or None."""
        for layer, k in self.neurons:
            across, down = self.middle(layer, k)
            if abs(x - across) <= WIDTH / 2 and abs(y - down) <= self.pitch[layer] / 2:
                return layer, k
        return None

    def edge(self, layer, j, k):
        """From neuron j of the layer before to neuron k of a layer after the first."""
        (x0, y0), (x1, y1) = self.middle(layer - 1, j), self.middle(layer, k)
        return (x0 + WIDTH / 2, y0), (x1 - WIDTH / 2, y1)


@dataclass(frozen=True, eq=False)
class Reading:
    """The activations of the whole network, and the sum of the chosen neuron."""

    stage: str
    label: int | None  # None for a drawing
    activations: list[np.ndarray]  # (784,), (16,), (16,), (10,) in the lessons' network
    layer: int
    neuron: int  # within its layer
    weights: np.ndarray  # (784,) or (16,) into this neuron
    bias: float
    z: float


class Reader(Panel):
    """The whole network reading one digit: all activations, and how the chosen neuron got its own.

    Args:
        nets: dict of name -> network of sigmoid neurons with one to three hidden layers, as
            :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the Dataset to choose images of 28 × 28 pixels from.
    """

    needs = Needs(
        hidden=(1, 3), width=128, activations=("sigmoid",), outputs=("sigmoid",), plain=True, alike=True,
        pixels=784,
    )  # fmt: skip

    title = "A network reads a digit"
    presets = {
        "A first-layer neuron": Preset(
            {"stage": "trained", "neuron": (0, 4)},
            "784 weights make a picture. Pixel times weight, all summed, is z without the bias.",
        ),
        "A confident answer": Preset(
            {"stage": "trained", "image": 0, "neuron": (2, 7)},
            "Output 7 adds up 16 products; z is far above 0, so its activation is near 1.",
        ),
        "Quint": Preset(
            {"stage": "after one epoch", "image": 8, "neuron": (2, 6)},
            "Quint, a 5 that this network reads as a 6. Which products push output 6 up?",
        ),
        "Before training": Preset(
            {"stage": "untrained", "neuron": (0, 4)},
            "Weights are random: the picture is noise, and the outputs hardly depend on the digit.",
        ),
        "Draw your own": Preset(
            {"stage": "trained", "source": DRAWN, "neuron": (2, 3)},
            "Draw a digit on the pad. The picture follows your pen.",
        ),
    }

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = nets, digits
        self.sizes = next(iter(nets.values())).sizes
        self.columns, self.layers = Columns(self.sizes), layer_names(self.sizes)
        super().__init__(**state)

    def controls(self):
        stage, image = image_controls(self.nets, self.digits, stage=list(self.nets)[-1]).values()
        pad = Drawing("Your digit")
        source = W.ToggleButtons(options=[TEST, DRAWN], description="Digit", tooltip="What the network reads")
        show_for(source, {TEST: [image], DRAWN: [pad]})
        neurons = {f"{self.layers[layer]}, {k}": (layer, k) for layer, k in self.columns.neurons}
        chooses = "Whose sum is shown; a click on a neuron chooses it too"
        first = 0, min(4, self.sizes[1] - 1)
        neuron = W.SelectionSlider(options=neurons, value=first, description="Neuron", tooltip=chooses)
        return {"stage": stage, "source": source, "image": image, "neuron": neuron, "drawing": pad}

    # The picture

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self._network(ax)
        self._sum(ax)
        self._sigmoid(fig.add_axes([0.615, 26 / HEIGHT, 0.365, 62 / HEIGHT]))
        return fig

    def _network(self, ax):
        left, top, side = DIGIT
        self.digit = place_image(ax, left, top, side, side, cmap=style.ACTIVATION, vmin=0, vmax=1)
        layers = enumerate(pairwise(self.sizes[1:]), start=1)
        edges = [self.columns.edge(n, j, k) for n, (i, o) in layers for j in range(i) for k in range(o)]
        ax.add_collection(LineCollection(edges, colors=style.LINE, linewidths=0.5))
        self.incoming = ax.add_collection(LineCollection([], zorder=2))
        self._neurons(ax)
        last = len(self.layers) - 1
        for digit in range(0, self.sizes[-1], 1 if self.columns.pitch[-1] > READABLE else 5):
            x, y = self.columns.middle(last, digit)
            label(ax, x + WIDTH / 2 + 8, y, str(digit), size=style.TEXT)
        for x, name in zip(self.columns.lefts, self.layers, strict=True):
            words = name.replace(" ", "\n") if last > 2 else name
            label(ax, x + WIDTH / 2, 18, words, ha="center")
        self.caption = label(ax, left + side / 2, top - 14, ha="center", size=style.TEXT)
        under = MIDDLE + self.columns.pitch[-1] * self.sizes[-1] / 2 + PITCH
        self.answer = label(
            ax, COLUMNS[-1] + WIDTH / 2, min(under, HEIGHT - 10), ha="center", size=style.TITLE
        )

    def _neurons(self, ax):
        columns, sides = self.columns, np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        boxes = [columns.box(layer, k) + sides * (WIDTH, columns.high[layer]) for layer, k in columns.neurons]
        fine = [min(0.8, 0.08 * columns.high[layer]) for layer, _ in columns.neurons]
        look = {"cmap": style.ACTIVATION, "clim": (0, 1), "edgecolors": style.MUTED, "linewidths": fine}
        cells = PolyCollection(boxes, array=np.zeros(len(boxes)), zorder=3, **look)
        self.cells = ax.add_collection(cells)
        self.numbers = [label(ax, *columns.middle(*neuron), ha="center") for neuron in columns.neurons]
        frame = {"fill": False, "edgecolor": style.ACCENT, "linewidth": 2.4, "zorder": 4}
        self.chosen = ax.add_patch(Rectangle((0, 0), WIDTH + 6, 0, **frame))

    def _sum(self, ax):
        self.heading = label(ax, TABLE[0], 18, size=style.TITLE, color=style.ACCENT)
        maps = (style.ACTIVATION, style.SIGNED, style.SIGNED)
        self.pictures = [
            place_image(ax, x, TOP, WIDE, WIDE, cmap=cmap) for x, cmap in zip(TABLE, maps, strict=True)
        ]
        self.pictures[0].set_clim(0, 1)
        names = ("", "its weights w", "products w·a")  # the first depends on the layer
        self.names = [
            label(ax, x + WIDE / 2, 42, name, ha="center") for x, name in zip(TABLE, names, strict=True)
        ]
        for x, sign in ((TABLE[1] - 8, "×"), (TABLE[2] - 8, "=")):
            label(ax, x, TOP + WIDE / 2, sign, ha="center", size=style.TITLE)
        widest = max(self.sizes[1:-1])
        middle = [_row_middle(k, widest) for k in range(min(widest, int(ROWS // READABLE)))]
        self.rows = [label(ax, TABLE[0] - 6, y, ha="right", color=style.MUTED) for y in middle]
        self.entries = [[label(ax, x + WIDE / 2, y, ha="center") for y in middle] for x in TABLE]
        self.remark = label(ax, TABLE[0], TOP + WIDE + 42, size=style.TEXT, linespacing=1.6)
        self.formulas = [label(ax, TABLE[0], y, size=style.TITLE) for y in (296, 322)]

    def _sigmoid(self, ax):
        z = np.linspace(-8, 8, 161)
        ax.plot(z, sigmoid(z), color=style.MUTED)
        ax.set(xlim=(-8.4, 8.4), ylim=(-0.08, 1.08), xticks=(-8, -4, 0, 4, 8), yticks=(0, 1))
        ax.text(-8, 0.72, "σ(z)", fontsize=style.TEXT)
        (self.dot,) = ax.plot([0], [0.5], "o", color=style.ACCENT, markersize=8, zorder=4)
        self.beyond = label(ax, 0, 0.3, color=style.ACCENT)

    # What it shows

    def compute(self, state):
        net, (layer, k) = self.nets[state.stage], state.neuron
        if state.source == DRAWN:
            pixels, written = state.drawing[None], None
        else:
            one = self.digits[state.image]
            pixels, written = one.pixels, int(one.labels[0])
        trace = forward(net, pixels)
        w, b, z = net.weights[layer][k], float(net.biases[layer][k]), float(trace.z[layer][0, k])
        return Reading(state.stage, written, [a[0] for a in trace.a], layer, k, w, b, z)

    def draw(self, result):
        self.digit.set_data(result.activations[0].reshape(28, 28))
        self.caption.set_text("your drawing" if result.label is None else f"a {result.label}: 784 pixels")
        values = np.concatenate(result.activations[1:])
        self.cells.set_array(values)
        for (layer, _), text, value in zip(self.columns.neurons, self.numbers, values, strict=True):
            if self.columns.pitch[layer] > READABLE:
                write(text, f"{value:.2f}", "black" if value > 0.45 else "white")
        self.answer.set_text(f"reads {result.activations[-1].argmax()}")
        self._draw_chosen(result)
        self._draw_sum(result)

    def _draw_chosen(self, result):
        x, y = self.columns.box(result.layer, result.neuron)
        self.chosen.set(xy=(x - 3, y - 3), height=self.columns.high[result.layer] + 6)
        if result.layer == 0:  # 784 lines would be a solid wedge: one for each row of pixels
            left, top, side = DIGIT
            end = (x, self.columns.middle(result.layer, result.neuron)[1])
            lines = [((left + side, top + side * (row + 0.5) / 28), end) for row in range(28)]
            self.incoming.set(segments=lines, colors=[style.ACCENT], linewidths=[0.5])
        else:
            before = range(len(result.weights))
            lines = [self.columns.edge(result.layer, j, result.neuron) for j in before]
            colors = [style.signed_color(w) for w in result.weights]
            size = np.abs(result.weights) / charts.symmetric_limit(result.weights)
            self.incoming.set(
                segments=lines, colors=colors, linewidths=min(1, PITCH / len(size)) * (0.4 + 2.8 * size)
            )

    def _draw_sum(self, result):
        first, total = result.layer == 0, result.z - result.bias
        a, w = result.activations[result.layer], result.weights
        activation = result.activations[result.layer + 1][result.neuron]
        self.heading.set_text(neuron_name(result.layer, result.neuron, self.sizes))
        self.names[0].set_text(f"{len(w)} {'pixels a' if first else 'before it, a'}")
        for picture, values, entries in zip(self.pictures, (a, w, w * a), self.entries, strict=True):
            self._draw_column(picture, values, entries, first)
        for k, text in enumerate(self.rows):
            _place(text, k, len(w), str(k), style.MUTED)
        remark = style.minus(
            f"The {len(w)} products add up to {total:.3f}.\nOrange is positive, blue negative."
        )
        self.remark.set_text(remark if first else "")
        z = f"z = w·a + b = {total:.3f} {_signed(result.bias)} = {result.z:.3f}"
        self.formulas[0].set_text(style.minus(z))
        self.formulas[1].set_text(style.minus(f"σ(z) = 1 / (1 + e^{-result.z:.3f}) = {activation:.3f}"))
        self._draw_dot(result.z, activation)

    def _draw_dot(self, z, activation):
        """The neuron on the curve; an arrow at the edge where its z lies further out."""
        inside, edge = abs(z) <= 8, np.clip(z, -8, 8)
        self.dot.set(data=([edge], [activation]), marker="o" if inside else "<" if z < 0 else ">")
        self.beyond.set(text="" if inside else "off the scale", x=edge, ha="left" if z < 0 else "right")

    def _draw_column(self, picture, values, entries, square):
        picture.set_data(values.reshape(28, 28) if square else values[:, None])
        left, right = picture.get_extent()[:2]
        picture.set_extent((left, right, TOP + (WIDE if square else _row(len(values)) * len(values)), TOP))
        signed = picture is not self.pictures[0]
        if signed:
            most = charts.symmetric_limit(values)
            picture.set_clim(-most, most)
        for k, text in enumerate(entries):
            value = values[k] if k < len(values) else 0.0
            strong = abs(value) > 0.55 * most if signed else value < 0.45
            words = style.minus(f"{value:{'+' if signed else ''}.2f}")
            _place(text, k, len(values), words, "white" if strong else "black")

    def describe(self, result):
        drawn = "your drawing" if result.activations[0].any() else "the empty pad"
        what = drawn if result.label is None else f"this {result.label}"
        layer, k, outputs = result.layer, result.neuron, result.activations[-1]
        name, count = neuron_name(layer, k, self.sizes), len(result.weights)
        return (
            f"The network ({result.stage}) reads {what} as {outputs.argmax()}: that output is brightest, at "
            f"{outputs.max():.2f}. For {name}, {count} products and the bias add up to z = "
            f"{result.z - result.bias:.3f} {_signed(result.bias)} = {result.z:.3f}, "
            f"and σ(z) = {result.activations[layer + 1][k]:.3f}."
        )

    def clicked(self, event):
        if event.axes is not self.cells.axes:
            return None
        neuron = self.columns.at(event.x, event.y)
        return neuron and {"neuron": neuron}


def _signed(value):
    """A number as the next term of a sum: ``+ 0.5`` or ``− 0.5``."""
    return f"{'+' if value >= 0 else '−'} {abs(value):.3f}"


def _row(n):
    """The height of one of ``n`` rows of a sum."""
    return min(ROW, ROWS / n)


def _row_middle(k, n):
    """Where row k of ``n`` has its middle."""
    return TOP + _row(n) * (k + 0.5)


def _place(text, k, n, words, color):
    """Write words into row k of ``n``, if there is such a row and it has room for them."""
    shown = k < n and _row(n) > READABLE
    if shown and text.get_position()[1] != _row_middle(k, n):
        text.set_y(_row_middle(k, n))
    write(text, words if shown else "", color)
