"""How well the gradient of a minibatch stands for that of all examples."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from lessons_lib import backprop, forward
from lessons_lib.drawing import style
from lessons_lib.lessons.minibatch_or_full_batch.walkers import size_slider
from lessons_lib.panels.controls import int_slider, stage_control
from lessons_lib.panels.panel import Panel, Preset

TOUCH = 12_000  # examples that may be looked at for one position of the sliders
DRAWS = 100  # minibatches, where they are small enough
MANY = 10  # as many draws as it takes to speak of a share of them
SAMPLE = 2_000  # examples whose gradients show how much single ones scatter
SIZES = np.geomspace(1, 60_000, 60)


def true_gradient(net, data):
    """(n_params,) the mean gradient of all examples."""
    return backprop(net, forward(net, data.pixels), data.y).mean()


def noise(net, data, gradient):
    """How much single gradients scatter: their mean squared distance from the true one, over its square.

    A mean of n draws then has the squared length 1 + noise / n in units of the true one's.
    """
    some = data[:SAMPLE]
    norms = backprop(net, forward(net, some.pixels), some.y).norms()
    return float(np.mean(np.square(norms, dtype=float)) / np.sum(np.square(gradient, dtype=float)) - 1)


@dataclass(frozen=True, eq=False)
class Draws:
    """The mean gradients of the minibatches that were drawn, against the true gradient."""

    stage: str
    size: int  # examples a minibatch
    cosine: np.ndarray  # (draws,)
    length: np.ndarray  # (draws,) in units of the true gradient's
    true: float  # the length of the true gradient
    expected: np.ndarray  # (sizes,) the cosine to expect at each of `SIZES`


class MinibatchWishes(Panel):
    """Minibatches are drawn, and their mean gradients compared with the mean over all examples.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        data: the Dataset whose mean gradient is the true one.
    """

    title = "What a minibatch wishes, and what all examples wish"
    presets = {
        "Early": Preset(
            {"stage": "untrained", "batch_size": 100.0}, "The arrows nearly coincide with the true one."
        ),
        "After an epoch": Preset(
            {"stage": "after one epoch", "batch_size": 100.0}, "The same batch size, and a wide fan."
        ),
        "Late": Preset(
            {"stage": "trained", "batch_size": 100.0}, "Mostly sideways: little true slope is left."
        ),
        "One example": Preset({"stage": "trained", "batch_size": 1.0}, "Hardly better than any direction."),
        "Late, and large": Preset(
            {"stage": "trained", "batch_size": 3000.0},
            "What it takes to see the true direction late in training.",
        ),
    }

    def __init__(self, nets, data, **state):
        self.nets, self.data, self._truth = nets, data, {}
        super().__init__(**state)

    def controls(self):
        return {
            "stage": stage_control(self.nets),
            "batch_size": size_slider(100.0, len(self.data)),
            "seed": int_slider(0, 0, 50, "Draw", "Draw other minibatches"),
        }

    def figure(self):
        fig, (graph, fan) = style.figure(1, 2, height=340, width_ratios=(1.1, 1))
        (self.expected,) = graph.plot([], [], color=style.MUTED)
        (self.spread,) = graph.plot([], [], color=style.UP_TEXT, linewidth=5, alpha=0.45)
        (self.median,) = graph.plot([], [], "o", color=style.UP_TEXT, markersize=9)
        graph.set(xscale="log", xlim=(0.8, 75_000), ylim=(-0.05, 1.05), xlabel="batch size")
        graph.set_xticks([1, 10, 100, 1000, 10_000], ["1", "10", "100", "1,000", "10,000"])
        graph.minorticks_off()
        graph.grid(axis="y")
        style.title(graph, "cosine with the true gradient")
        self.arrows = fan.add_collection(LineCollection([], colors=style.UP, linewidths=1, alpha=0.5))
        (self.true,) = fan.plot([], [], color=style.INK, linewidth=3, zorder=3)
        (self.tip,) = fan.plot([], [], ">", color=style.INK, markersize=10, zorder=3)
        style.bare(fan).set(xlim=(-0.75, 1.25), ylim=(-1.1, 1.1), aspect="equal")
        style.title(fan, "minibatches around the true gradient")
        return fig

    def truth(self, stage):
        """The true gradient of a stage and the noise around it; computed once."""
        if stage not in self._truth:
            gradient = true_gradient(self.nets[stage], self.data)
            self._truth[stage] = gradient, noise(self.nets[stage], self.data, gradient)
        return self._truth[stage]

    def compute(self, state):
        net, size, rng = self.nets[state.stage], round(state.batch_size), np.random.default_rng(state.seed)
        true, scatter = self.truth(state.stage)
        draws = min(DRAWS, max(1, TOUCH // size))
        cosine, length = np.empty(draws), np.empty(draws)
        long = np.linalg.norm(true)
        for k in range(draws):
            part = self.data[rng.choice(len(self.data), size, replace=False, shuffle=False)]
            g = true_gradient(net, part)
            cosine[k], length[k] = g @ true / (np.linalg.norm(g) * long), np.linalg.norm(g) / long
        return Draws(state.stage, size, cosine, length, long, self.expect(scatter))

    def expect(self, scatter):
        """The cosine to expect at each of ``SIZES``, from the scatter of single gradients."""
        left = 1 - SIZES / len(self.data)  # what is not drawn: with all examples nothing is left to chance
        return 1 / np.sqrt(1 + scatter / SIZES * np.clip(left, 0, 1))

    def draw(self, result):
        self.expected.set_data(SIZES, result.expected)
        low, mid, high = middle(result.cosine)
        self.spread.set_data([result.size] * 2, [low, high])
        self.median.set_data([result.size], [mid])
        side = np.where(np.arange(len(result.cosine)) % 2, 1, -1)
        angle = side * np.arccos(np.clip(result.cosine, -1, 1))
        unit = 1 / max(1.0, np.quantile(result.length, 0.9))  # how long the true gradient is drawn
        tips = unit * result.length[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1)
        self.arrows.set_segments([[(0, 0), tip] for tip in tips])
        self.true.set_data([0, unit], [0, 0])
        self.tip.set_data([unit], [0])

    def describe(self, result):
        low, mid, high = middle(result.cosine)
        times, spread, draws = "one batch", "", len(result.cosine)
        length = f"{np.median(result.length):.2f} times the true gradient's ({result.true:.3g})"
        lengths = f"Length {length}."
        if draws > 1:
            share = " for four of five" if draws >= MANY else ""
            times, spread = f"{draws} minibatches", f" ({low:.3f} to {high:.3f}{share})"
            longest = np.max(result.length)
            lengths = f"Median length {length}; longest {longest:.3g} times."
        return (
            f"Network {result.stage}, {times} of {result.size:,}: cosine with the true gradient {mid:.3f}"
            f"{spread}: {math.degrees(math.acos(min(1, mid))):.0f}° off. {lengths}"
        )


def middle(cosines):
    """The range of four in five of them, or of all where they are few, with the median between."""
    few = len(cosines) < MANY
    return np.quantile(cosines, (0, 0.5, 1) if few else (0.1, 0.5, 0.9))
