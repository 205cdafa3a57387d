"""Which weight is worth changing: the activation before it decides."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import forward, sigmoid, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.lessons.fire_together_wire_together.hebb import minus_delta
from lessons_lib.panels.controls import image_controls, output_control
from lessons_lib.panels.panel import Panel, Preset


class BangForTheBuck(Panel):
    """One output neuron's 16 weights, each wiggled by the same amount: what the cost really does.

    Args:
        nets, digits: as for :class:`FireTogether`.
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

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = nets, digits
        super().__init__(**state)

    def controls(self):
        return image_controls(self.nets, self.digits) | {
            "after": output_control(),
            "wiggle": W.FloatLogSlider(
                0.1,
                base=10,
                min=-2,
                max=0.5,
                step=0.1,
                readout_format=".2f",
                description="Wiggle",
                tooltip="How much each weight is changed, one at a time, in its downhill direction",
            ),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=330, width_ratios=(0.8, 1.2))
        self.bars = charts.activation_bars(left, np.zeros(16))
        style.title(left, "activations before, $a$")
        (self.line,) = right.plot([], [], color=style.MUTED)
        (self.points,) = right.plot(
            [], [], "o", color=style.ACCENT, markersize=7, markeredgecolor=style.PAPER
        )
        right.set(xlim=(0, 1.03), xlabel="activation of the neuron before the weight")
        right.set_ylabel("cost saved, for one unit of wiggle")
        style.title(right, "line: predicted, |δ| × a     points: measured")
        self.right = right
        return fig

    def compute(self, state):
        net, one = self.nets[state.stage], self.digits[state.image]
        trace = forward(net, one.pixels)
        a, z = (v[0].astype(float) for v in (trace.a[-2], trace.z[-1]))
        delta = -minus_delta(sigmoid(z), one.y[0])
        wiggled = np.tile(z, (16, 1))  # row j: the sums after the weight from neuron j was changed
        wiggled[:, state.after] -= np.sign(delta[state.after]) * state.wiggle * a
        cost = squared_error.per_example(sigmoid(np.vstack([z, wiggled])), one.y)
        saved = (cost[0] - cost[1:]) / state.wiggle
        return SimpleNamespace(a=a, slope=abs(delta[state.after]), saved=saved, after=state.after)

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
