"""Wiggle two weights alike, and see what the cost makes of it."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import backprop, forward, squared_error
from lessons_lib.drawing import style
from lessons_lib.drawing.canvas import label, write
from lessons_lib.engine.landscape import cost_line
from lessons_lib.panels import controls
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import entry_name

MANY = 100_000  # a ratio beyond which its digits say nothing
REACH = np.linspace(-4, 4, 81)  # the changes of a weight for which the cost is drawn
START, IMAGE = "after one epoch", 8  # what the lesson follows: a 5 that this network takes for a 6
STEEP, RATIO = 0.32, 32  # what the pair of the first preset should come close to


def exact(net):
    """The same network in double precision, in which even a tiny wiggle can be measured."""
    return net.with_params(net.params.astype(float))


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
    """Two parameters whose slopes have one sign and a ratio near ``ratio``, the first near ``steep`` in size.

    Args:
        gradient: (n_params,).

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
    best = int(np.argmin(off))
    return int(first[best]), int(second[best])


def image_controls(nets, digits):
    """The two controls that choose a network and an image, starting at this lesson's."""
    return controls.image_controls(nets, digits, stage=START, image=IMAGE)


def entry_slider(value, net, name, tooltip):
    """A slider through the flat vector of parameters."""
    return W.IntSlider(value, 0, net.n_params - 1, description=name, tooltip=tooltip)


class Sensitivity(Panel):
    """Two weights, one wiggle: what the cost of one image does, and what its slopes predict.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "The same wiggle for two weights"

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = {name: exact(net) for name, net in nets.items()}, digits
        self.pair = find_pair(self._weights())
        self.presets = self._presets()
        super().__init__(**state)

    def _weights(self):
        """The slopes with those of the biases left out."""
        net = self.nets[START]
        gradient = slopes(net, self.digits[IMAGE])
        return np.concatenate([part for W, b in net.split(gradient) for part in (W.ravel(), 0 * b)])

    def _presets(self):
        a, b = self.pair
        here = {"stage": START, "image": IMAGE, "a": a, "b": b}
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
                here | {"a": 0, "wiggle": 1.0}, "A's pixel is black. Whatever its weight is, it adds nothing."
            ),
        }

    def controls(self):
        net = self.nets[START]
        return image_controls(self.nets, self.digits) | {
            "a": entry_slider(self.pair[0], net, "Weight A", "Which entry of the vector A is"),
            "b": entry_slider(self.pair[1], net, "Weight B", "Which entry of the vector B is"),
            "wiggle": W.FloatLogSlider(
                0.01,
                base=10,
                min=-3,
                max=np.log10(4),
                step=0.05,
                readout_format=".3f",
                description="Wiggle",
                tooltip="By how much both weights change, one at a time",
            ),
            "way": W.ToggleButtons(
                options={"up": 1, "down": -1}, description="Which way", tooltip="Add it, or take it away"
            ),
        }

    def figure(self):
        fig, empty = style.figure(height=420)
        empty.remove()
        axes = fig.subplot_mosaic("AB;tt", height_ratios=(2, 1))
        self.graphs = [self._graph(axes[name], f"weight {name}") for name in "AB"]
        self._table(axes["t"])
        return fig

    def _graph(self, ax, name):
        (curve,) = ax.plot(REACH, 0 * REACH, color=style.INK, label="the cost")
        (line,) = ax.plot(REACH, 0 * REACH, "--", color=style.ACCENT, label="its tangent")
        (now,) = ax.plot([0], [0], "o", color=style.INK, markersize=6)
        (after,) = ax.plot([0], [0], "o", color=style.INK, fillstyle="none", markersize=9, zorder=5)
        (said,) = ax.plot([0], [0], "o", color=style.ACCENT, fillstyle="none", markersize=9, zorder=5)
        ax.set(xlim=(-4.2, 4.2), ylim=(-0.5, 3.2), xlabel=f"change of {name}", ylabel="cost of this image")
        ax.legend(loc="upper center", ncols=2)
        style.title(ax, name)
        return SimpleNamespace(curve=curve, line=line, now=now, after=after, said=said)

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
        net, one = self.nets[state.stage], self.digits[state.image]
        gradient, cost = slopes(net, one), cost_at(net, one, net.params)
        change, pair = state.way * state.wiggle, np.array([state.a, state.b])
        after = np.array([cost_at(net, one, moved(net.params, k, change)) for k in pair])
        return SimpleNamespace(
            names=[entry_name(net.address(k)) for k in pair],
            cost=cost,
            change=change,
            slopes=gradient[pair],
            predicted=gradient[pair] * change,
            measured=after - cost,
            curves=[cost_line(net, one, axis_of(net, k), REACH) for k in pair],
        )

    def draw(self, result):
        for k, graph in enumerate(self.graphs):
            graph.curve.set_ydata(result.curves[k])
            graph.line.set_ydata(result.cost + result.slopes[k] * REACH)
            graph.now.set_ydata([result.cost])
            graph.after.set_data([result.change], [result.cost + result.measured[k]])
            graph.said.set_data([result.change], [result.cost + result.predicted[k]])
        table = (result.slopes, result.predicted, result.measured)
        for row, (texts, values) in enumerate(zip(self.numbers, table, strict=True)):
            colors = [style.signed_color(v, text=True) if row else style.INK for v in values]
            for text, value, color in zip(texts, values, colors, strict=False):
                write(text, f"{value:+.6f}", color)
            write(texts[2], ratio_words(values), style.INK)

    def describe(self, result):
        a, b = result.measured
        off = [
            abs(said / got - 1) if got else 0.0
            for said, got in zip(result.predicted, result.measured, strict=True)
        ]
        return (
            f"A is {result.names[0]}, B is {result.names[1]}. Changed by {result.change:+.3g}, A changes the "
            f"cost by {a:+.6f} and B by {b:+.6f}, a ratio of {ratio_words(result.measured)}; the slopes "
            f"predict {ratio_words(result.slopes)}. The prediction is off by {off[0]:.1%} at A and "
            f"{off[1]:.1%} at B."
        )


def ratio_words(pair):
    """How many times as large the first is, in words, whatever the signs; a dash where the second is 0."""
    ratio = abs(pair[0] / pair[1]) if pair[1] else np.inf
    return "–" if np.isinf(ratio) else f"{ratio:.1f}" if ratio < MANY else f"over {MANY:,}"
