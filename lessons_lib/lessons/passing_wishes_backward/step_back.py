"""One image's wishes on their way back to the pixels, and the lines of `Network.backward` at work."""

from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import ipywidgets as W
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from lessons_lib import Network, backprop, forward, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.source import show_source
from lessons_lib.panels.words import layer_names, slope_name

OUTPUTS, FIRST = 1.5, 14  # where the columns nudge, σ′, wish of the outputs begin, and of the first layer


def steps_back(hidden, slope):
    """What happens in each step, and pieces of the lines of `Network.backward` that do it.

    Args:
        hidden: the names of the hidden layers, the first one first.
        slope: what the slope of a neuron's function is called.
    """
    steps = [
        ("the outputs, and what they should be", ["def backward"]),
        (f"the nudges of the outputs, times {slope}: their wishes", ["deltas = [cost.delta"]),
    ]
    for k, name in enumerate(reversed(hidden)):
        again = ["for layer in reversed"] if k else []
        steps += [
            (
                f"wishes times weights, added up: the nudges of the {name} layer",
                [*again, "slope = deltas[0]"],
            ),
            (f"times {slope}: the wishes of the {name} layer", ["deltas.insert"]),
        ]
    return [*steps, ("the nudges of the pixels, where it ends", ["return deltas"])]


@dataclass(frozen=True, eq=False)
class Wishes:
    """The wishes of one image, all the way back; the lists go layer by layer."""

    step: int
    pixels: np.ndarray  # (784,)
    label: int
    output: np.ndarray  # (n_out,)
    nudges: list[np.ndarray]  # −∂C/∂a
    slopes: list[np.ndarray]  # σ′
    wishes: list[np.ndarray]  # −δ = −∂C/∂z
    pixel_nudges: np.ndarray  # (784,)
    carried: list[np.ndarray]  # (n_out, n_in) wish × weight of each weight, from the second layer on


class StepBack(ImagePanel):
    """One image's wishes on their way from the outputs to the pixels, and `Network.backward` at work.

    Args:
        nets: dict of name -> network with sigmoid outputs and one to three hidden layers, as
            :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the Dataset to choose square images from.
    """

    needs = Needs(hidden=(1, 3), width=128, outputs=("sigmoid",), plain=True, alike=True, square=True)

    title = "Back, a layer at a time"
    presets = {
        "The outputs": Preset(
            {"stage": "after one epoch", "image": 8, "step": 1}, "Here the label comes in."
        ),
        "One layer back": Preset(
            {"stage": "after one epoch", "image": 8, "step": 2}, "All 160 weights carry wishes, at once."
        ),
        "To the pixels": Preset(
            {"stage": "after one epoch", "image": 8, "step": 6}, "How the image would have to change."
        ),
        "Nothing left to ask": Preset(
            {"stage": "trained", "image": 0, "step": 6},
            "Right and confident: the colours show where, the numbers how little.",
        ),
    }

    def __init__(self, nets, digits, **state):
        self.code = W.HTML()
        self.code.add_class("lessons-below")
        self.names, self.slope = layer_names(next(iter(nets.values())).sizes), slope_name(nets)
        self.steps = steps_back(self.names[:-1], self.slope)
        self.lefts = np.linspace(FIRST, OUTPUTS, len(self.names))
        self.pages = [show_source(Network.backward, lines=lines).data for _, lines in self.steps]
        super().__init__(nets, digits, **state)

    def controls(self):
        come, last = "How far the wishes have come", len(self.steps) - 1
        return {"step": W.IntSlider(2, 0, last, description="Step back", tooltip=come)} | super().controls()

    def figure(self):
        fig, (start, ax, end) = style.figure(1, 3, height=350, width_ratios=(0.2, 1, 0.2))
        self.digit = charts.digit_image(start, np.zeros(784), title="the image")
        self.pixels = charts.weights_image(end, np.zeros(784), title="pixel nudges")
        style.bare(ax)
        self._name_columns(ax)
        self.columns = [
            [_column(ax, left + k, n, k == 1) for k in range(3)]
            for left, n in zip(self.lefts, self.sizes[1:], strict=True)
        ]
        self.activations = _column(ax, 0, self.sizes[-1], True)
        between = zip(pairwise(self.lefts), pairwise(self.sizes[1:]), strict=True)
        self.edges = [
            _edges(ax, after + 3, before, n, n_before) for (before, after), (n_before, n) in between
        ]
        self.heading = style.title(ax, " ")
        return fig

    def _name_columns(self, ax):
        layer = " layer" if len(self.names) < 4 else ""  # where there is room for the word
        names = [*(f"{name}{layer}" for name in self.names[:-1]), "outputs"]
        for left, name in zip(self.lefts, names, strict=True):
            ax.text(left + 1.5, -1.6, name, ha="center", va="bottom", fontsize=style.TITLE)
        heads = [
            (left + k + 0.5, head)
            for left in self.lefts
            for k, head in enumerate(("nudge", self.slope, "wish"))
        ]
        for x, head in [*heads, (0.47, "a")]:
            ax.text(x, -0.3, head, ha="center", va="bottom", fontsize=style.SMALL)
        n = self.sizes[-1]
        for k in range(0, n, charts.thinned(n)):
            ax.text(-0.25, 16 * (k + 0.5) / n, str(k), ha="right", va="center", fontsize=style.SMALL)
        self.scales = ax.text(0, 16.5, "", va="top", fontsize=style.SMALL, color=style.MUTED)
        ax.set(xlim=(-0.9, FIRST + 3.1), ylim=(18, -3))

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        wishes = [-delta[0] for delta in backprop(net, trace, one.y).deltas]
        slopes = [
            f.derivative(z, a)[0] for f, z, a in zip(net.activations, trace.z, trace.a[1:], strict=True)
        ]
        back = [wish @ weights for wish, weights in zip(wishes, net.weights, strict=True)]
        return Wishes(
            step=state.step,
            pixels=one.pixels[0],
            label=int(one.labels[0]),
            output=trace.output[0],
            nudges=[*back[1:], -squared_error.derivative(trace.output, one.y)[0]],
            slopes=slopes,
            wishes=wishes,
            pixel_nudges=back[0],
            carried=[wish[:, None] * W for wish, W in zip(wishes[1:], net.weights[1:], strict=True)],
        )

    def draw(self, result):
        step, last = result.step, len(self.names) - 1
        self.heading.set_text(f"Step {step}: {self.steps[step][0]}")
        self.digit.update(result.pixels)
        self.activations(result.output, True)
        most_nudge, most_wish, most_carried = map(_most, (result.nudges, result.wishes, result.carried))
        self.scales.set_text(f"full colour: nudges ±{most_nudge:.2g}, wishes ±{most_wish:.2g}, in all layers")
        for layer, (nudge, slope, wish) in enumerate(self.columns):
            asked = 2 * (last - layer)  # the step at which this layer's nudges are known; the outputs' at 1
            nudge(result.nudges[layer], step >= max(asked, 1), most_nudge)
            steep = 4 if self.slope == "σ′" else 1  # σ′ is at most 1/4
            slope(steep * result.slopes[layer], step >= asked + 1)
            wish(result.wishes[layer], step >= asked + 1, most_wish)
        for k, edges in enumerate(self.edges):
            _carry(edges, result.carried[k] / most_carried, step == 2 * (last - k))
        self.pixels.update(result.pixel_nudges if step == len(self.steps) - 1 else 0 * result.pixel_nudges)
        self.code.value = self.pages[step]

    def describe(self, result):
        step, layers = result.step, len(self.names)
        layer = layers - 1 - step // 2
        if step == 0:
            return (
                f"Step 0: the image is a {result.label}, whose output is {result.output[result.label]:.2f}; "
                f"the largest is output {result.output.argmax()} with {result.output.max():.2f}."
            )
        if layer < 0:
            pixel, pixels = int(np.argmax(np.abs(result.pixel_nudges))), len(result.pixel_nudges)
            side = isqrt(pixels)
            return (
                f"Step {step}: backprop stops here, with a δ for every layer. The same line once more gives "
                f"the nudges of the {pixels} pixels: the largest is "
                f"{result.pixel_nudges[pixel]:+.2g} (row {pixel // side}, column {pixel % side})."
            )
        name = "the outputs" if layer == layers - 1 else f"the {self.names[layer]} layer"
        if step % 2 == 0:
            paths = result.carried[layer].size
            return (
                f"Step {step}: {paths} weights carry wishes to {name} at once; each of its neurons adds up "
                f"{len(result.carried[layer])}. The largest nudge is {_largest(result.nudges[layer])}."
            )
        return (
            f"Step {step}: each nudge of {name}, times its slope {self.slope} (here "
            f"{result.slopes[layer].min():.3f} to {result.slopes[layer].max():.3f}), is its wish. "
            f"The largest is {_largest(result.wishes[layer])}."
        )

    def below_picture(self):
        return [self.code]


def _largest(values):
    k = int(np.argmax(np.abs(values)))
    return style.minus(f"{values[k]:+.2g} (number {k})")


def _most(layers):
    """The limit of the scale that all layers share."""
    return max(map(charts.symmetric_limit, layers))


def _column(ax, x, n, grey):
    """A column of n cells, 16 high in all; the function returned gives it values, or blanks it."""
    cmap = style.ACTIVATION if grey else style.SIGNED
    image = ax.imshow(np.zeros((n, 1)), cmap=cmap, aspect="auto", extent=(x, x + 0.94, 16, 0), zorder=2)
    ax.add_patch(Rectangle((x, 0), 0.94, 16, fill=False, edgecolor=style.LINE, zorder=3))

    def update(values, reached, most=1):
        image.set_data(np.ma.masked_array(values[:, None], mask=not reached))
        image.set_clim(0 if grey else -most, most)

    return update


def _edges(ax, start, end, n_start, n_end):
    """Lines from each cell of one layer, at the left, to each of the layer before it, at the right."""
    ys = [16 * (np.arange(n) + 0.5) / n for n in (n_start, n_end)]
    segments = [[(start, i), (end, j)] for i in ys[0] for j in ys[1]]
    return ax.add_collection(LineCollection(segments, zorder=1))


def _carry(edges, shares, shown):
    """Colour and width of each line by what it carries, −1 to 1; invisible where it carries nothing now."""
    signed = np.ravel(shares)
    colors = style.SIGNED(0.5 + np.where(signed < 0, -0.33, 0.33))
    colors[:, 3] = np.abs(signed) * 0.9 if shown else 0
    edges.set(color=colors, linewidths=0.4 + 3 * np.abs(signed))
