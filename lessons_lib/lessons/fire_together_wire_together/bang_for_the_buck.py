"""Which weight is worth changing: the activation before it decides."""

from dataclasses import dataclass

import numpy as np

from lessons_lib import forward, sigmoid, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.lessons.fire_together_wire_together.hebb import minus_delta
from lessons_lib.panels.controls import log_slider, output_control
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.panel import Preset


@dataclass(frozen=True, eq=False)
class Bargains:
    """What a unit of wiggle of each weight into one output neuron saves."""

    after: int  # the output neuron
    a: np.ndarray  # (16,) the activations before the weights
    slope: float  # |δ|, the promised saving for an activation of 1
    saved: np.ndarray  # (16,) measured


class BangForTheBuck(ImagePanel):
    """One output neuron's 16 weights, each wiggled by the same amount: what the cost really does.

    Args:
        nets, digits: as for :class:`~lessons_lib.panels.image_panel.ImagePanel`.
    """

    title = "Bang for the buck"
    presets = {
        "The right neuron": Preset(
            {"stage": "after one epoch", "image": 0, "after": 7},
            "The brighter the neuron before, the more cost the same wiggle saves.",
        ),
        "A large wiggle": Preset(
            {"stage": "after one epoch", "image": 8, "after": 6, "wiggle": 3.0},
            "The points leave the line: the slope holds near the present weights only.",
        ),
    }

    def controls(self):
        much = "How much each weight is changed, one at a time, in its downhill direction"
        wiggle = log_slider(0.1, -2, 0.5, "Wiggle", much, step=0.1, readout_format=".2f")
        return super().controls() | {"after": output_control(), "wiggle": wiggle}

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=330, width_ratios=(0.8, 1.2))
        self.bars = charts.activation_bars(left, np.zeros(16))
        style.title(left, "activations before, $a$")
        (self.line,) = right.plot([], [], color=style.MUTED)
        look = {"color": style.ACCENT, "markersize": 7, "markeredgecolor": style.PAPER}
        (self.points,) = right.plot([], [], "o", **look)
        right.set(xlim=(0, 1.03), xlabel="activation of the neuron before the weight")
        right.set_ylabel("cost saved, for one unit of wiggle")
        style.title(right, "line: predicted, |δ| × a     points: measured")
        self.right = right
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        a, z = (v[0].astype(float) for v in (trace.a[-2], trace.z[-1]))
        delta = -minus_delta(sigmoid(z), one.y[0])
        wiggled = np.tile(z, (16, 1))  # row j: the sums after the weight from neuron j was changed
        wiggled[:, state.after] -= np.sign(delta[state.after]) * state.wiggle * a
        cost = squared_error.per_example(sigmoid(np.vstack([z, wiggled])), one.y)
        saved = (cost[0] - cost[1:]) / state.wiggle
        return Bargains(state.after, a, abs(delta[state.after]), saved)

    def draw(self, result):
        self.bars.update(result.a)
        self.line.set_data([0, 1], [0, result.slope])
        self.points.set_data(result.a, result.saved)
        most = max(result.slope, 1e-12)
        self.right.set_ylim(min(-0.05 * most, 1.1 * result.saved.min()), 1.12 * max(most, result.saved.max()))

    def describe(self, result):
        bright, dim = int(np.argmax(result.a)), int(np.argmin(result.a))
        return (
            f"The weight from the brightest neuron, {bright} (a = {result.a[bright]:.3f}), to output "
            f"{result.after} saves {result.saved[bright]:.2g} of cost per unit; that from the dimmest, {dim} "
            f"(a = {result.a[dim]:.3f}), saves {result.saved[dim]:.2g}."
        )
