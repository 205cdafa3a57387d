"""Wiggle two weights alike, and see what the cost makes of it."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import backprop, forward, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import label, write
from lessons_lib.engine.landscape import cost_line
from lessons_lib.panels.controls import image_controls, log_slider
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.words import entry_name

MANY = 100_000  # a ratio beyond which its digits say nothing
REACH = np.linspace(-4, 4, 81)  # the changes of a weight for which the cost is drawn
WAY = np.linspace(0, 1, 21)  # the shares of a wiggle for which it is drawn under the magnifier
START, IMAGE = "after one epoch", 8  # what the lesson follows: a 5 that this network takes for a 6
STEEP, RATIO = 0.32, 32  # what the pair of the first preset should come close to


def slopes(net, one):
    """The gradient of the cost of one image, (n_params,)."""
    return backprop(net, forward(net, one.pixels), one.y).mean()


def cost_at(net, one, params):
    """The cost of one image with other parameters."""
    return float(squared_error(forward(net.with_params(params), one.pixels).output, one.y))


def moved(params, index, change):
    """A copy of the parameters with one of them changed."""
    params = params.copy()
    params[index] += change
    return params


def axis_of(net, index):
    """The direction in which one parameter alone changes, (n_params,)."""
    return moved(np.zeros(net.n_params), index, 1.0)


def find_pair(gradient, *, steep=STEEP, ratio=RATIO):
    """Two parameters whose slopes have the same sign and about the ratio asked for.

    Args:
        gradient: (n_params,) the slopes.
        steep: about how large the first slope should be.
        ratio: about how many times as large as the second.

    Returns:
        The two places in the vector.

    Example:
        >>> find_pair(np.array([0.5, -0.32, 0.01, -0.01, -0.02]))
        (1, 3)
    """
    size = np.abs(gradient)
    first = np.argsort(np.abs(size - steep))[:100]
    first = first[size[first] > 0]
    wanted = gradient[first] / ratio
    second = np.array([np.argmin(np.abs(gradient - slope)) for slope in wanted])
    off = np.abs(gradient[second] / wanted - 1) + np.abs(size[first] / steep - 1)
    if not len(first):  # no slope at all
        return 0, min(1, len(gradient) - 1)
    best = int(np.argmin(off))
    return int(first[best]), int(second[best])


def entry_slider(value, net, name, tooltip):
    """A slider through the flat vector of parameters."""
    return W.IntSlider(value, 0, net.n_params - 1, description=name, tooltip=tooltip)


def dark_pixel(one):
    """The first pixel of an image that is black, which is also the first weight from it; or None."""
    dark = np.flatnonzero(one.pixels[0] == 0)
    return int(dark[0]) if len(dark) else None


class ExactPanel(ImagePanel):
    """A panel in double precision, where even a tiny wiggle can be measured.

    It starts at the network `START` and the image `IMAGE`, or as near to them as there are any.
    """

    needs = Needs(alike=True)

    def __init__(self, nets, digits, **state):
        self.start = START if START in nets else next(iter(nets))
        self.image = min(IMAGE, len(digits) - 1)
        super().__init__(nets, digits, **state)

    @property
    def net(self):
        """The network it starts at; all have the same sizes."""
        return self.nets[self.start]

    def controls(self):
        return image_controls(self.nets, self.digits, stage=self.start, image=self.image)

    def chosen(self, state):
        net, digit = super().chosen(state)
        return net.with_params(net.params.astype(float)), digit


@dataclass(frozen=True, eq=False)
class Wiggle:
    """What the same change of two weights does, each by itself."""

    names: list[str]  # of the two weights
    cost: float  # before
    change: float
    slopes: np.ndarray  # (2,)
    measured: np.ndarray  # (2,) by how much the cost changes
    curves: list[np.ndarray]  # two of (len(REACH),): the cost
    near: list[np.ndarray]  # two of (len(WAY),): its change on the way to the end of the wiggle

    @property
    def predicted(self):
        return self.slopes * self.change


class Sensitivity(ExactPanel):
    """Two weights, one wiggle: what the cost of one image does, and what its slopes predict.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "The same wiggle for two weights"

    def __init__(self, nets, digits, **state):
        super().__init__(nets, digits, **state)

    def _find(self):
        """The pair the panel starts with, and the presets, which follow from it."""
        one = self.digits[self.image]
        gradient = slopes(self.net, one)
        weights = [part for W, b in self.net.split(gradient) for part in (W.ravel(), 0 * b)]  # no bias
        self.pair = find_pair(np.concatenate(weights))
        a, b = gradient[list(self.pair)]
        left_out = {"32 times"} if not np.isclose(a, RATIO * b, rtol=0.05) else set()
        left_out |= {"A dark pixel"} if dark_pixel(one) is None else set()
        presets = self._presets(*self.pair, dark_pixel(one))
        self.presets = {name: preset for name, preset in presets.items() if name not in left_out}

    def _presets(self, a, b, dark):
        here = {"stage": self.start, "image": self.image, "a": a, "b": b}
        return {
            "32 times": Preset(
                here | {"wiggle": 0.01}, "The same wiggle costs about 32 times as much at A as at B."
            ),
            "Too far": Preset(
                here | {"wiggle": 4.0}, "So large a wiggle leaves the straight line: the prediction fails."
            ),
            "The other way": Preset(
                here | {"wiggle": 0.01, "way": -1}, "Down instead of up: the same sizes, the other sign."
            ),
            "A dark pixel": Preset(
                here | {"a": dark, "wiggle": 1.0},
                "A's pixel is black. Whatever its weight is, it adds nothing.",
            ),
        }

    def controls(self):
        net, by = self.net, "By how much both weights change, one at a time"
        self._find()
        return super().controls() | {
            "a": entry_slider(self.pair[0], net, "Weight A", "Which entry of the vector A is"),
            "b": entry_slider(self.pair[1], net, "Weight B", "Which entry of the vector B is"),
            "wiggle": log_slider(0.01, -3, np.log10(4), "Wiggle", by, step=0.05, readout_format=".3f"),
            "way": W.ToggleButtons(
                options={"up": 1, "down": -1}, description="Which way", tooltip="Add it, or take it away"
            ),
        }

    def figure(self):
        fig, empty = style.figure(height=420)
        empty.remove()
        axes = fig.subplot_mosaic("AaBb;tttt", height_ratios=(2, 1), width_ratios=(2, 1, 2, 1))
        self.graphs = [self._graph(axes[name], f"weight {name}") for name in "AB"]
        self.magnified = [self._magnified(axes[name]) for name in "ab"]
        self._table(axes["t"])
        return fig

    def _graph(self, ax, name):
        (curve,) = ax.plot(REACH, 0 * REACH, color=style.INK, label="the cost")
        (line,) = ax.plot(REACH, 0 * REACH, "--", color=style.SLOPE, label="its tangent")
        (now,) = ax.plot([0], [0], "o", color=style.INK, markersize=6)
        after, said = _ends(ax)
        ax.set(xlim=(-4.7, 4.7), ylim=(-0.5, 3.2), xlabel=f"change of {name}", ylabel="cost of this image")
        ax.legend(loc="upper center", ncols=2)
        style.title(ax, name)

        def update(result, k):
            curve.set_ydata(result.curves[k])
            line.set_ydata(result.cost + result.slopes[k] * REACH)
            now.set_ydata([result.cost])
            after.set_data([result.change], [result.cost + result.measured[k]])
            said.set_data([result.change], [result.cost + result.predicted[k]])

        return charts.Drawn(update, curve=curve, line=line, after=after, said=said)

    def _magnified(self, ax):
        """The wiggle alone, stretched to one width; both weights on one scale, the larger change 1 high."""
        ax.axhline(0, color=style.LINE, linewidth=0.8)
        (curve,) = ax.plot(WAY, 0 * WAY, color=style.INK)
        (line,) = ax.plot([0, 1], [0, 0], "--", color=style.SLOPE)
        ax.plot([0], [0], "o", color=style.INK, markersize=6)
        after, said = _ends(ax)
        style.bare(ax).set(xlim=(-0.15, 1.25), ylim=(-1.25, 1.25))
        style.title(ax, "magnified")
        words = ax.set_xlabel(" ")

        def update(result, k):
            most = charts.symmetric_limit([*result.predicted, *result.measured])
            curve.set_ydata(result.near[k] / most)
            line.set_ydata([0, result.predicted[k] / most])
            after.set_data([1], [result.measured[k] / most])
            said.set_data([1], [result.predicted[k] / most])
            words.set_text(style.minus(f"change {result.change:+.2g}"))

        return charts.Drawn(update, curve=curve, line=line, after=after, said=said)

    def _table(self, ax):
        style.bare(ax).set(xlim=(0, 100), ylim=(4, 0))
        rows = ("slope", "slope × wiggle: the prediction", "measured change of the cost")
        for x, words in zip((46, 68, 90), ("A", "B", "A : B"), strict=True):
            label(ax, x, 0.5, words, size=style.TITLE, ha="right")
        for row, words in enumerate(rows):
            label(ax, 2, 1.5 + row, words, size=style.TITLE)
        self.numbers = [
            [label(ax, x, 1.5 + row, size=style.TITLE, ha="right") for x in (46, 68, 90)] for row in range(3)
        ]

    def compute(self, state):
        net, one = self.chosen(state)
        change, pair = state.way * state.wiggle, [state.a, state.b]
        cost = cost_at(net, one, net.params)
        after = np.array([cost_at(net, one, moved(net.params, k, change)) for k in pair])
        curves, near = (
            [cost_line(net, one, axis_of(net, k), changes) for k in pair] for changes in (REACH, change * WAY)
        )
        names = [entry_name(net.address(k), net.sizes) for k in pair]
        near = [values - cost for values in near]
        return Wiggle(names, cost, change, slopes(net, one)[pair], after - cost, curves, near)

    def draw(self, result):
        for graphs in (self.graphs, self.magnified):
            for k, graph in enumerate(graphs):
                graph.update(result, k)
        table = (result.slopes, result.predicted, result.measured)
        for row, (texts, values) in enumerate(zip(self.numbers, table, strict=True)):
            colors = [style.signed_color(v, text=True) if row else style.INK for v in values]
            for text, value, color in zip(texts, values, colors, strict=False):
                write(text, style.minus(f"{value:+.6f}"), color)
            write(texts[2], ratio_words(values), style.INK)

    def describe(self, result):
        a, b = result.measured
        both = zip(result.predicted, result.measured, strict=True)
        off = [abs(said / got - 1) if got else 0.0 for said, got in both]
        return (
            f"A is {result.names[0]}, B is {result.names[1]}. Changed by {result.change:+.3g}, A changes the "
            f"cost by {a:+.6f} and B by {b:+.6f}, a ratio of {ratio_words(result.measured)}; the slopes "
            f"predict {ratio_words(result.slopes)}. The prediction is off by {off[0]:.1%} at A and "
            f"{off[1]:.1%} at B."
        )


def _ends(ax):
    """Where the wiggle leads: a ring for the cost, a square for what the slope says."""
    look = {"fillstyle": "none", "zorder": 5, "markeredgewidth": 1.6}
    (after,) = ax.plot([0], [0], "o", color=style.INK, markersize=9, **look)
    (said,) = ax.plot([0], [0], "s", color=style.SLOPE, markersize=11, **look)
    return after, said


def ratio_words(pair):
    """How many times as large the first is, in words, whatever the signs; a dash where the second is 0."""
    ratio = abs(pair[0] / pair[1]) if pair[1] else np.inf
    return "–" if np.isinf(ratio) else f"{ratio:.1f}" if ratio < MANY else f"over {MANY:,}"
