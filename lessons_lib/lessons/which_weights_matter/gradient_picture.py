"""All slopes at once, as a picture by layer and sorted by size."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, cell_centre, label, place_image, ring, write
from lessons_lib.engine.network import Address
from lessons_lib.lessons.which_weights_matter.sensitivity import ExactPanel, entry_slider, slopes
from lessons_lib.panels.first_layer import WeightPictures
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.words import blocks, entry_name, layer_names

HEIGHT = 430  # CSS pixels; the picture is laid out in them, y downward
FIRST = (20, 46, 478, 118)  # left, top, greatest width and height of the first layer's picture
AFTER = {  # layers after the first -> left and width of the picture of each
    1: [(556, 274)],
    2: [(556, 118), (724, 106)],
    3: [(556, 70), (660, 70), (764, 66)],
}
BIAS = (6, 12)  # the distance of a layer's biases from its weights, and their width
BOTH, WAY, SIZE = "both", "which way", "how much"
SMALLEST = 1e-10  # what is smaller is not drawn
LEGENDS = {
    BOTH: "orange: the cost rises with the weight, blue: it falls. Each block has a scale of its own.",
    WAY: "orange: the cost rises with the weight, blue: it falls, white: it stays.",
    SIZE: "dark: steep, white: flat. Each block has a scale of its own.",
}
LOOKS = ("-", "--", ":", "-.")  # how the lines of the layers are drawn


@dataclass(frozen=True, eq=False)
class Slopes:
    """The slopes of all parameters, and where the chosen one stands among them."""

    show: str
    gradient: np.ndarray  # (n_params,)
    blocks: list[np.ndarray]  # of weights (n_out, n_in) and biases (n_out, 1), in the order of the vector
    entry: int
    address: Address
    rank: int  # of the chosen one by size; 1 is the steepest
    flat: int  # how many are exactly 0
    steepest: int  # one in a hundred
    share: float  # of the total size, held by the steepest

    @property
    def slope(self):
        return float(self.gradient[self.entry])


class GradientPicture(ExactPanel):
    """The gradient of the cost of one image: which way, and how much, for every weight and bias.

    Args:
        nets: dict of name -> network with one to three hidden layers, as
            :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the Dataset to choose square images from.
    """

    needs = Needs(hidden=(1, 3), width=128, alike=True, square=True)
    presets = {
        "Which way": Preset({"show": WAY}, "Signs alone: orange where raising the weight raises the cost."),
        "How much": Preset({"show": SIZE}, "Sizes alone: nearly all of it goes to a few neurons."),
        "Untrained": Preset(
            {"stage": "untrained"}, "The output layer's slopes are the largest; the first layer's are faint."
        ),
        "Nothing to learn": Preset(
            {"image": 0}, "A digit read correctly: a pattern too, but hardly any size. See the curve below."
        ),
    }

    @property
    def title(self):
        return f"All {self.net.n_params:,} slopes"

    @property
    def _blocks(self):
        return blocks(self.net.sizes)

    @property
    def _first(self):
        """The pictures of the first layer."""
        return WeightPictures(*self.net.sizes[:2])

    def controls(self):
        reads = "Which slope is read out; a click chooses too"
        return super().controls() | {
            "show": W.ToggleButtons(
                options=[BOTH, WAY, SIZE], description="Show", tooltip="Signs and sizes, or one of them"
            ),
            "entry": entry_slider(min(3_561, self.net.n_params - 1), self.net, "Entry", reads),
        }

    # The picture

    def figure(self):
        fig, ax = canvas(HEIGHT)
        places, layers = _places(self.net.sizes), layer_names(self.net.sizes)
        self.pictures = [place_image(ax, *place, cmap=style.SIGNED) for place in places]
        names = [words for name in layers for words in (name, "b")]
        names[0] += f": {self.net.sizes[1]} neurons, one picture each"
        for (left, top, width, height), name in zip(places, names, strict=True):
            label(ax, left, top - 12, name, size=style.TEXT)
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=style.LINE))
        for k in range(self.net.sizes[1]):  # which neuron each picture belongs to
            x, y = self._first.corner(k, places[0])
            label(ax, x + 3, y + 8, str(k), color=style.MUTED)
        self.ring = ring(ax)
        self.legend = label(ax, 20, 180, size=style.SMALL)
        self.heading = label(ax, 556, 214, size=style.TITLE, color=style.ACCENT)
        self.facts = [label(ax, 556, 242 + 26 * k, size=style.TITLE) for k in range(5)]
        self._sorted(fig.add_axes([0.075, 44 / HEIGHT, 0.51, 160 / HEIGHT]))
        return fig

    def _sorted(self, ax):
        named = zip(("all", *layer_names(self.net.sizes)), ("-", *LOOKS), strict=False)
        self.lines = {name: ax.plot([], [], look, color=style.MUTED, label=name)[0] for name, look in named}
        self.lines["all"].set(color=style.INK, linewidth=2.6)
        (self.place,) = ax.plot([], [], "o", color=style.ACCENT, markersize=8, zorder=5)
        ax.set(
            xscale="log", yscale="log", xlim=(0.9, max(14_000, 1.05 * self.net.n_params)), ylim=(SMALLEST, 3)
        )
        ax.set(xlabel="place in the order of size, largest first", ylabel="size of the slope")
        powers = [10**k for k in range(6) if 10**k <= ax.get_xlim()[1]]
        ax.set_xticks(powers, [f"{power:,}" for power in powers])
        ax.minorticks_off()
        ax.legend(loc="lower left")
        style.title(ax, "sorted")

    # What it shows

    def compute(self, state):
        net, one = self.chosen(state)
        gradient = slopes(net, one)
        size = np.abs(gradient)
        largest_first, steepest = np.sort(size)[::-1], max(1, len(size) // 100)
        return Slopes(
            show=state.show,
            gradient=gradient,
            blocks=[v.reshape(len(v), -1) for part in net.split(gradient) for v in part],
            entry=state.entry,
            address=net.address(state.entry),
            rank=1 + int(np.sum(size > size[state.entry])),
            flat=int(np.sum(size == 0)),
            steepest=steepest,
            share=float(largest_first[:steepest].sum() / max(largest_first.sum(), SMALLEST)),
        )

    def draw(self, result):
        for image, values in zip(self.pictures, result.blocks, strict=True):
            self._draw_block(image, values, result.show)
        self.legend.set_text(LEGENDS[result.show])
        self._draw_ring(result.address)
        self._draw_sorted(result)
        self._draw_facts(result)

    def _draw_block(self, image, values, show):
        if show == WAY:
            shown, limits, colors = np.sign(values), (-1.7, 1.7), style.SIGNED
        else:
            most = charts.symmetric_limit(values)
            sizes = show == SIZE
            shown, limits = (np.abs(values), (0, most)) if sizes else (values, (-most, most))
            colors = style.AMOUNT if sizes else style.SIGNED
        first = image is self.pictures[0]
        image.set_data(self._first.mosaic(shown) if first else shown)
        image.set_clim(*limits)
        if image.get_cmap() != colors:
            image.set_cmap(colors)

    def _draw_ring(self, address):
        block, row, column = self._blocks.index(address[:2]), address.to_neuron, address.from_neuron or 0
        if block == 0:
            row, column = self._first.cell(row, column)
        x, y = cell_centre(self.pictures[block], row, column)
        self.ring.set_data([x], [y])

    def _draw_sorted(self, result):
        pairs = zip(result.blocks[::2], result.blocks[1::2], strict=True)
        layers = [np.append(W, b) for W, b in pairs]
        for line, values in zip(self.lines.values(), (result.gradient, *layers), strict=True):
            size = np.sort(np.abs(values))[::-1]
            size = size[size > SMALLEST]
            places = np.unique(np.geomspace(1, max(len(size), 1), 200).astype(int))[: len(size)]
            line.set_data(places, size[places - 1])
        self.place.set_data(*(([result.rank], [abs(result.slope)]) if result.slope else ([], [])))

    def _draw_facts(self, result):
        slope = result.slope
        way = "down" if slope > 0 else "up"
        self.heading.set_text(f"entry {result.entry:,}")
        answers = ("neither", f"not at all: one of {result.flat:,} zeros")
        if slope:
            answers = (way, f"{abs(slope):.2g}, number {result.rank:,} of {len(result.gradient):,}")
        facts = (
            style.minus(f"slope {slope:+.3g}"),
            "which way lowers the cost:",
            f"    {answers[0]}",
            "how much it matters:",
            f"    {answers[1]}",
        )
        for text, words in zip(self.facts, facts, strict=True):
            write(text, words, style.signed_color(-slope, text=True) if words == f"    {way}" else style.INK)

    def describe(self, result):
        name = entry_name(result.address, self.net.sizes)
        way = ("falls" if result.slope < 0 else "rises") if result.slope else "stays the same"
        return (
            f"Of {len(result.gradient):,} slopes {result.flat:,} are exactly 0; the steepest "
            f"{result.steepest:,}, one in a hundred, hold "
            f"{result.share:.0%} of the total size. Entry {result.entry:,}, {name}, has the slope "
            f"{result.slope:+.3g}: the cost {way} as it grows."
        )

    def clicked(self, event):
        if event.artist not in self.pictures:
            return None
        layer, kind = self._blocks[self.pictures.index(event.artist)]
        place = self._first.at(*event.index) if (layer, kind) == (0, "weight") else event.index
        if place is None:
            return None
        return {"entry": self.net.index(layer, kind, place[0], place[1] if kind == "weight" else None)}


def _places(sizes):
    """Left, top, width and height of each block's picture: weights and biases, layer by layer."""
    left, top, width, height = first = WeightPictures(*sizes[:2]).box(*FIRST)
    away, wide = BIAS
    places = [first, (left + width + away + 2, top, wide, height)]
    for (left, width), n in zip(AFTER[len(sizes) - 2], sizes[2:], strict=True):
        high = round(height * n / max(sizes[2:]))
        places += [(left, top, width, high), (left + width + away, top, wide, high)]
    return places
