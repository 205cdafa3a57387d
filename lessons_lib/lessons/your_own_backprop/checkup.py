"""The check-up: every slope of a network beside the true one, and what the doctor says."""

from collections.abc import Callable
from types import SimpleNamespace

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.doctor import Diagnosis, examine, usual_cases
from lessons_lib.drawing import style
from lessons_lib.drawing.canvas import canvas, label, place_image, write
from lessons_lib.lessons.your_own_backprop.planted import MISTAKES, beside, checked, fits
from lessons_lib.panels.panel import Panel, Preset

HEIGHT, TOP, ROOM = 372, 58, (820, 216)  # CSS pixels: of the picture, above and for the matrices
LARGEST, READABLE = 37, 27  # CSS pixels: of a cell, and from where on a number fits in
GAP = 34  # CSS pixels between two layers
LIMITS = (-1, 3)  # of the colours: as far below the right ratio, 1, as above
DARK = 1.2  # how far from 1 a cell is so dark that its number is white
CLOSE = 1e-4  # an entry is right if its ratio is so near to 1
YOURS, NONE = "yours", "none"
ONE, ALL = "one", "all"  # of the case's examples, in the picture


class Checkup(Panel):
    """Every slope of a network, marked where it is wrong, and what the doctor says of them.

    Args:
        mine: your own gradients: a function, or what :func:`.examine`, ``diagnose`` or
            ``check_file`` said. Without it there are planted mistakes to look at.
    """

    title = "A check-up of every slope"
    presets = {
        "Rows": Preset(
            {"first": "σ′ left out in layer 1", "examples": ONE},
            "Each neuron's row is off by a number of its own: its δ is wrong. The other layers are right.",
        ),
        "Columns": Preset(
            {"first": "sums z in place of activations", "examples": ONE},
            "Each column is off by a number of its own, and the biases are right: what came in is wrong.",
        ),
        "On the way back": Preset(
            {"first": "W transposed on the way back"},
            "The output layer is quiet. Where do the marks begin, if you read from the right?",
        ),
        "One number": Preset(
            {"first": "weights summed, not averaged", "examples": ALL},
            "Every weight's slope is off by the same factor.",
        ),
        "Two at once": Preset(
            {"first": "the opposite sign", "second": "σ′ taken at a", "examples": ALL},
            "The factors differ from cell to cell now, and yet both mistakes are found.",
        ),
        "They cancel": Preset(
            {"first": "a 2 left out", "second": "a 2 too many"},
            "Two mistakes, and every number is right. Numbers are all that a check can see.",
        ),
    }

    def __init__(self, mine: Callable | Diagnosis | None = None, **state):
        self.mine = examine(mine) if callable(mine) else mine
        self.case = usual_cases()[0] if self.mine is None else self.mine.case
        super().__init__(**state)

    def controls(self):
        possible = [mistake for mistake in MISTAKES if fits(self.case, mistake)]
        starts = [YOURS, NONE, *possible] if self.mine is not None else [NONE, *possible]
        first = YOURS if self.mine is not None else "σ′ left out in layer 1"
        return {
            "first": W.Dropdown(
                options=starts, value=first, description="Mistake", tooltip="Whose slopes are shown"
            ),
            "second": W.Dropdown(
                options=[NONE, *possible], description="And", tooltip="A second mistake in the same backprop"
            ),
            "examples": W.Dropdown(
                options=[ONE, ALL] if self.case.n > 1 else [ONE],
                value=ONE if self.mine is None or self.case.n == 1 else ALL,
                description="Examples",
                tooltip="Whether the slopes are of one example, or averaged over all",
            ),
        }

    # The picture

    def figure(self):
        fig, ax = canvas(HEIGHT)
        shapes = [W.shape for W in self.case.weights]
        columns = sum(into + 1.4 for _, into in shapes)
        across = (ROOM[0] - GAP * (len(shapes) - 1)) / columns
        self.cell = min(across, ROOM[1] / max(out for out, _ in shapes), LARGEST)
        left = 20 + (ROOM[0] - GAP * (len(shapes) - 1) - self.cell * columns) / 2
        self.blocks, self.states = [], []
        for layer, (out, into) in enumerate(shapes):
            name = "output layer" if layer == len(shapes) - 1 else f"layer {layer + 1}"
            label(ax, left, TOP - 34, name, size=style.TITLE)
            for part, width, start in (("W", into, left), ("b", 1, left + (into + 0.4) * self.cell)):
                self.blocks.append(self._block(ax, part, start, out, width))
            down = TOP + out * self.cell
            self.states.append([label(ax, left, down + 16 + 18 * k, size=style.TEXT) for k in range(2)])
            left += (into + 1.4) * self.cell + GAP
        self._legend(ax)
        return fig

    def _block(self, ax, part, left, rows, columns):
        """The cells of one block: a picture, and a number in each cell where there is room for it."""
        size = columns * self.cell, rows * self.cell
        wide = size[0] > 110
        label(ax, left, TOP - 12, f"{part}, one row per neuron" if wide else part, color=style.MUTED)
        ax.add_patch(Rectangle((left, TOP), *size, facecolor=style.SHADE, zorder=-1))
        image = place_image(ax, left, TOP, *size, cmap=style.SIGNED, clim=LIMITS)
        self._grid(ax, left, rows, columns)
        numbers = self._numbers(ax, left, rows, columns) if self.cell >= READABLE else None
        return SimpleNamespace(image=image, shape=(rows, columns), numbers=numbers)

    def _numbers(self, ax, left, rows, columns):
        centres = (np.arange(max(rows, columns)) + 0.5) * self.cell
        return [
            [label(ax, left + centres[k], TOP + centres[j], ha="center") for k in range(columns)]
            for j in range(rows)
        ]

    def _grid(self, ax, left, rows, columns):
        right, bottom = left + columns * self.cell, TOP + rows * self.cell
        look = {"color": style.PAPER, "linewidth": 1}
        ax.vlines(left + self.cell * np.arange(1, columns), TOP, bottom, **look)
        ax.hlines(TOP + self.cell * np.arange(1, rows), left, right, **look)

    def _legend(self, ax):
        down = HEIGHT - 36
        label(ax, 20, down, "your slope ÷ the true slope", size=style.TEXT)
        self.averaged = label(ax, 20, down + 17, size=style.TEXT)
        ax.add_patch(Rectangle((214, down - 8), 26, 16, facecolor=style.SHADE, edgecolor=style.LINE))
        label(ax, 246, down, "right", size=style.TEXT)
        scale = place_image(ax, 300, down - 8, 240, 16, cmap=style.SIGNED, clim=LIMITS)
        scale.set_data(np.linspace(*LIMITS, 241)[None])
        ax.add_patch(Rectangle((300, down - 8), 240, 16, fill=False, edgecolor=style.LINE))
        names = ("≤ −1", "0", "1", "2", "≥ 3")
        for k, name in enumerate(names):
            label(ax, 300 + 60 * k, down + 17, name, ha="center", color=style.MUTED)
        label(ax, 570, down, "wrong: orange too large, blue too small", size=style.TEXT)
        label(ax, 570, down + 17, "below 0: of the opposite sign", size=style.TEXT)

    # What it shows

    def compute(self, state):
        if state.first == YOURS:
            return SimpleNamespace(found=self.mine, blocks=self.mine.blocks, n=self.case.n, named="")
        mistakes = tuple(dict.fromkeys(m for m in (state.first, state.second) if m != NONE))
        steps = [MISTAKES[mistake][0] for mistake in mistakes]
        clash = len(set(steps)) < len(steps)
        named = "Planted: nothing. " if not mistakes else f"Planted: {' and '.join(mistakes)}. "
        if clash:
            mistakes = mistakes[:1]
            named = f"Planted: {mistakes[0]}; one step cannot be taken wrongly in two ways at once. "
        n = 1 if state.examples == ONE else self.case.n
        found, blocks = checked(self.case, mistakes), beside(self.case, mistakes, n)
        return SimpleNamespace(found=found, blocks=blocks, n=n, named=named)

    def draw(self, result):
        for name in ("second", "examples"):
            self.inputs[name].disabled = self.inputs["first"].value == YOURS
        self.averaged.set_text("of one example" if result.n == 1 else f"averaged over {result.n} examples")
        blocks = result.blocks or [None] * len(self.blocks)
        for shown, block in zip(self.blocks, blocks, strict=True):
            self._draw_block(shown, block)
        for lines, pair in zip(self.states, zip(blocks[::2], blocks[1::2], strict=True), strict=True):
            for line, block, part in zip(lines, pair, ("weights", "biases"), strict=True):
                right = block is not None and block.right
                write(line, f"{part}: {in_words(block)}", style.MUTED if right else style.INK)

    def _draw_block(self, shown, block):
        shape = shown.shape
        ratio = np.full(shape, np.nan) if block is None else block.ratio.reshape(shape)
        right = np.full(shape, block is not None and block.right) | (np.abs(ratio - 1) < CLOSE)
        shown.image.set_data(np.ma.masked_where(right | np.isnan(ratio), np.clip(ratio, *LIMITS)))
        for place in np.ndindex(shape) if shown.numbers else ():
            row, column = place
            words = "" if right[place] else short(ratio[place])
            dark = abs(ratio[place] - 1) > DARK
            write(shown.numbers[row][column], words, style.PAPER if dark else style.INK)

    def describe(self, result):
        unseen = result.n == 1 and not result.found.right and all(block.right for block in result.blocks)
        told = " One example alone does not show it; the doctor tried several." if unseen else ""
        return f"{result.named}{result.found.message}{told if result.named else ''}"


def short(ratio):
    """A ratio in at most five characters."""
    if np.isnan(ratio):
        return "?"
    if np.isinf(ratio):
        return "∞" if ratio > 0 else "−∞"
    size = abs(ratio)
    text = f"{size:.2f}" if size < 10 else f"{size:.0f}" if size < 1000 else "≫"
    return f"−{text}" if ratio < 0 else text


def in_words(block):
    """What a block is, beside the true one."""
    if block is None or np.isnan(block.ratio).all():
        return "none to be read"
    if block.right:
        return "right"
    ratios = block.ratio.ravel()
    if np.allclose(ratios, ratios[0], rtol=1e-4):
        return f"all × {short(ratios[0])}"
    wrong = int(np.sum(~(np.abs(ratios - 1) < CLOSE)))
    return f"{wrong} of {ratios.size} wrong"
