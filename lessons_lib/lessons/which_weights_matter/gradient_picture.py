"""All 13,002 slopes at once, as a picture by layer and sorted by size."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, label, place_image, write
from lessons_lib.lessons.which_weights_matter.sensitivity import (
    START,
    entry_slider,
    exact,
    image_controls,
    slopes,
)
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import BLOCKS, entry_name

HEIGHT = 430  # CSS pixels; the picture is laid out in them, y downward
TILES, GAP = 8, 2  # pictures of 28 × 28 in a row, and the white pixels between them
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


class GradientPicture(Panel):
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

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = {name: exact(net) for name, net in nets.items()}, digits
        super().__init__(**state)

    def controls(self):
        return image_controls(self.nets, self.digits) | {
            "show": W.ToggleButtons(
                options=[BOTH, WAY, SIZE], description="Show", tooltip="Signs and sizes, or one of them"
            ),
            "entry": entry_slider(
                3_561, self.nets[START], "Entry", "Which slope is read out; a click chooses too"
            ),
        }

    # The picture

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self.pictures = [place_image(ax, *place, cmap=style.SIGNED) for place in PLACES]
        for (left, top, width, height), name in zip(
            PLACES,
            ("first hidden: 16 neurons, one picture each", "b", "second hidden", "b", "output", "b"),
            strict=True,
        ):
            label(ax, left, top - 12, name, size=style.TEXT)
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=style.LINE))
        left, top, width, height = PLACES[0]
        for k in range(16):  # which neuron each of the 16 pictures belongs to
            across = left + (k % TILES) * (width + GAP) / TILES
            down = top + (k // TILES) * (height + GAP) / 2
            label(ax, across + 3, down + 8, str(k), color=style.MUTED)
        (self.ring,) = ax.plot(
            [], [], "o", fillstyle="none", color=style.ACCENT, markersize=13, markeredgewidth=2.4, zorder=5
        )
        self.legend = label(ax, 20, 180, size=style.SMALL)
        self._read_out(ax)
        self._sorted(fig.add_axes([0.075, 44 / HEIGHT, 0.51, 160 / HEIGHT]))
        return fig

    def _read_out(self, ax):
        self.heading = label(ax, 556, 214, size=style.TITLE, color=style.ACCENT)
        self.facts = [label(ax, 556, 242 + 26 * k, size=style.TITLE) for k in range(5)]

    def _sorted(self, ax):
        self.lines = {
            name: ax.plot([], [], look, color=style.MUTED, label=name)[0] for name, look in LINES.items()
        }
        self.lines["all"].set(color=style.INK, linewidth=2.6)
        (self.place,) = ax.plot([], [], "o", color=style.ACCENT, markersize=8, zorder=5)
        ax.set(
            xscale="log",
            yscale="log",
            xlim=(0.9, 14_000),
            ylim=(SMALLEST, 3),
            xlabel="place in the order of size, largest first",
            ylabel="size of the slope",
        )
        ax.set_xticks([1, 10, 100, 1_000, 10_000], ["1", "10", "100", "1,000", "10,000"])
        ax.minorticks_off()
        ax.legend(loc="lower left")
        style.title(ax, "sorted")

    # What it shows

    def compute(self, state):
        net = self.nets[state.stage]
        gradient = slopes(net, self.digits[state.image])
        size = np.abs(gradient)
        largest_first = np.sort(size)[::-1]
        return SimpleNamespace(
            gradient=gradient,
            show=state.show,
            entry=state.entry,
            blocks=[v if v.ndim == 2 else v[:, None] for pair in net.split(gradient) for v in pair],
            address=net.address(state.entry),
            slope=float(gradient[state.entry]),
            rank=1 + int(np.sum(size > size[state.entry])),
            flat=int(np.sum(size == 0)),
            share=float(largest_first[:130].sum() / max(largest_first.sum(), SMALLEST)),
        )

    def draw(self, result):
        for image, values in zip(self.pictures, result.blocks, strict=True):
            self._draw_block(image, tiles(values) if values.shape[1] == 784 else values, result.show)
        self.legend.set_text(LEGENDS[result.show])
        x, y = self._centre(result.address)
        self.ring.set_data([x], [y])
        self._draw_sorted(result)
        self._draw_facts(result)

    def _draw_block(self, image, values, show):
        if show == WAY:
            shown, limits, colors = np.sign(values), (-1.7, 1.7), style.SIGNED
        else:
            most = charts.symmetric_limit(np.nan_to_num(values))
            sizes = show == SIZE
            shown, limits = (np.abs(values), (0, most)) if sizes else (values, (-most, most))
            colors = style.AMOUNT if sizes else style.SIGNED
        image.set_data(np.ma.masked_invalid(shown))
        image.set_clim(*limits)
        if image.get_cmap() != colors:
            image.set_cmap(colors)

    def _draw_sorted(self, result):
        layers = [
            np.concatenate([np.ravel(W), np.ravel(b)])
            for W, b in zip(result.blocks[::2], result.blocks[1::2], strict=True)
        ]
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
        facts = (
            f"slope {slope:+.3g}",
            "which way lowers the cost:",
            f"    {way}" if slope else "    neither",
            "how much it matters:",
            f"    {abs(slope):.2g}, number {result.rank:,} of 13,002"
            if slope
            else f"    not at all: one of {result.flat:,} zeros",
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

    # Where an entry is in the picture, and the other way round

    def _centre(self, address):
        """The middle of an entry's cell, in CSS pixels."""
        row, column, shape = address.to_neuron, address.from_neuron or 0, self._shape(address[:2])
        if shape[1] == 784:
            across, down = (
                (row % TILES) * (28 + GAP) + column % 28,
                (row // TILES) * (28 + GAP) + column // 28,
            )
            row, column, shape = down, across, tiles(np.zeros(shape)).shape
        left, top, width, height = PLACES[BLOCKS.index(address[:2])]
        return left + width * (column + 0.5) / shape[1], top + height * (row + 0.5) / shape[0]

    def _shape(self, block):
        net = next(iter(self.nets.values()))
        n_out, n_in = net.weights[block[0]].shape
        return n_out, n_in if block[1] == "weight" else 1

    def clicked(self, event):
        if event.artist not in self.pictures:
            return None
        layer, kind = BLOCKS[self.pictures.index(event.artist)]
        row, column = event.index
        if (layer, kind) == (0, "weight"):
            (down, y), (across, x) = divmod(row, 28 + GAP), divmod(column, 28 + GAP)
            if x >= 28 or y >= 28:
                return None
            row, column = down * TILES + across, 28 * y + x
        net = next(iter(self.nets.values()))
        return {"entry": net.index(layer, kind, row, column if kind == "weight" else None)}


def tiles(weights):
    """(16, 784) -> the 28 × 28 pictures side by side, with gaps of NaN."""
    rows = len(weights) // TILES
    mosaic = np.full((rows * (28 + GAP) - GAP, TILES * (28 + GAP) - GAP), np.nan)
    for k, picture in enumerate(weights):
        y, x = (28 + GAP) * (k // TILES), (28 + GAP) * (k % TILES)
        mosaic[y : y + 28, x : x + 28] = picture.reshape(28, 28)
    return mosaic
