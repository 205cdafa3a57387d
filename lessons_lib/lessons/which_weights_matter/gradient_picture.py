"""All 13,002 slopes at once, as a picture by layer and sorted by size."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, cell_centre, label, place_image, ring, write
from lessons_lib.drawing.charts import PITCH
from lessons_lib.engine.network import Address
from lessons_lib.lessons.which_weights_matter.sensitivity import START, ExactPanel, entry_slider, slopes
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.words import BLOCKS, entry_name

HEIGHT = 430  # CSS pixels; the picture is laid out in them, y downward
TILES = 8  # pictures of 28 × 28 in a row
PLACES = [  # left, top, width and height of each block's picture
    (20, 46, 478, 118),
    (506, 46, 12, 118),
    (556, 46, 118, 118),
    (680, 46, 12, 118),
    (724, 46, 106, 74),
    (836, 46, 12, 74),
]
BOTH, WAY, SIZE = "both", "which way", "how much"
SMALLEST = 1e-10  # what is smaller is not drawn
LEGENDS = {
    BOTH: "orange: the cost rises with the weight, blue: it falls. Each block has a scale of its own.",
    WAY: "orange: the cost rises with the weight, blue: it falls, white: it stays.",
    SIZE: "dark: steep, white: flat. Each block has a scale of its own.",
}
LINES = {"all": "-", "first hidden": "-", "second hidden": "--", "output": ":"}  # and how they are drawn


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
    share: float  # of the total size, held by the steepest 130

    @property
    def slope(self):
        return float(self.gradient[self.entry])


class GradientPicture(ExactPanel):
    """The gradient of the cost of one image: which way, and how much, for every weight and bias.

    Args:
        nets: dict of name -> network 784-16-16-10, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "All 13,002 slopes"
    presets = {
        "Which way": Preset({"show": WAY}, "Signs alone: orange where raising the weight raises the cost."),
        "How much": Preset({"show": SIZE}, "Sizes alone: a few neurons get nearly all of it."),
        "Untrained": Preset(
            {"stage": "untrained"}, "The output layer's slopes are the largest; the first layer's are faint."
        ),
        "Nothing to learn": Preset(
            {"image": 0}, "A digit read well: the same pattern, and hardly any size. See the curve below."
        ),
    }

    def controls(self):
        reads = "Which slope is read out; a click chooses too"
        return super().controls() | {
            "show": W.ToggleButtons(
                options=[BOTH, WAY, SIZE], description="Show", tooltip="Signs and sizes, or one of them"
            ),
            "entry": entry_slider(3_561, self.nets[START], "Entry", reads),
        }

    # The picture

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self.pictures = [place_image(ax, *place, cmap=style.SIGNED) for place in PLACES]
        names = ("first hidden: 16 neurons, one picture each", "b", "second hidden", "b", "output", "b")
        for (left, top, width, height), name in zip(PLACES, names, strict=True):
            label(ax, left, top - 12, name, size=style.TEXT)
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=style.LINE))
        left, top, width, height = PLACES[0]
        for k in range(16):  # which neuron each of the 16 pictures belongs to
            across = left + (k % TILES) * (width + charts.GAP) / TILES
            down = top + (k // TILES) * (height + charts.GAP) / 2
            label(ax, across + 3, down + 8, str(k), color=style.MUTED)
        self.ring = ring(ax)
        self.legend = label(ax, 20, 180, size=style.SMALL)
        self.heading = label(ax, 556, 214, size=style.TITLE, color=style.ACCENT)
        self.facts = [label(ax, 556, 242 + 26 * k, size=style.TITLE) for k in range(5)]
        self._sorted(fig.add_axes([0.075, 44 / HEIGHT, 0.51, 160 / HEIGHT]))
        return fig

    def _sorted(self, ax):
        self.lines = {
            name: ax.plot([], [], look, color=style.MUTED, label=name)[0] for name, look in LINES.items()
        }
        self.lines["all"].set(color=style.INK, linewidth=2.6)
        (self.place,) = ax.plot([], [], "o", color=style.ACCENT, markersize=8, zorder=5)
        ax.set(xscale="log", yscale="log", xlim=(0.9, 14_000), ylim=(SMALLEST, 3))
        ax.set(xlabel="place in the order of size, largest first", ylabel="size of the slope")
        ax.set_xticks([1, 10, 100, 1_000, 10_000], ["1", "10", "100", "1,000", "10,000"])
        ax.minorticks_off()
        ax.legend(loc="lower left")
        style.title(ax, "sorted")

    # What it shows

    def compute(self, state):
        net, one = self.chosen(state)
        gradient = slopes(net, one)
        size = np.abs(gradient)
        largest_first = np.sort(size)[::-1]
        return Slopes(
            show=state.show,
            gradient=gradient,
            blocks=[v.reshape(len(v), -1) for part in net.split(gradient) for v in part],
            entry=state.entry,
            address=net.address(state.entry),
            rank=1 + int(np.sum(size > size[state.entry])),
            flat=int(np.sum(size == 0)),
            share=float(largest_first[:130].sum() / max(largest_first.sum(), SMALLEST)),
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
        image.set_data(charts.mosaic(shown, TILES) if shown.shape[1] == 784 else shown)
        image.set_clim(*limits)
        if image.get_cmap() != colors:
            image.set_cmap(colors)

    def _draw_ring(self, address):
        block, row, column = BLOCKS.index(address[:2]), address.to_neuron, address.from_neuron or 0
        if block == 0:
            row, column = PITCH * (row // TILES) + column // 28, PITCH * (row % TILES) + column % 28
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
            answers = (way, f"{abs(slope):.2g}, number {result.rank:,} of 13,002")
        facts = (
            f"slope {slope:+.3g}",
            "which way lowers the cost:",
            f"    {answers[0]}",
            "how much it matters:",
            f"    {answers[1]}",
        )
        for text, words in zip(self.facts, facts, strict=True):
            write(text, words, style.signed_color(-slope, text=True) if words == f"    {way}" else style.INK)

    def describe(self, result):
        name = entry_name(result.address)
        way = ("falls" if result.slope < 0 else "rises") if result.slope else "stays the same"
        return (
            f"Of 13,002 slopes {result.flat:,} are exactly 0; the steepest 130, one in a hundred, hold "
            f"{result.share:.0%} of the total size. Entry {result.entry:,}, {name}, has the slope "
            f"{result.slope:+.3g}: the cost {way} as it grows."
        )

    def clicked(self, event):
        if event.artist not in self.pictures:
            return None
        layer, kind = BLOCKS[self.pictures.index(event.artist)]
        row, column = event.index
        if (layer, kind) == (0, "weight"):
            (down, y), (across, x) = divmod(row, PITCH), divmod(column, PITCH)
            if x >= 28 or y >= 28:
                return None
            row, column = down * TILES + across, 28 * y + x
        net = next(iter(self.nets.values()))
        return {"entry": net.index(layer, kind, row, column if kind == "weight" else None)}
