"""Which weight is worth changing: the activation before it decides."""

from dataclasses import dataclass

import numpy as np

from lessons_lib import forward, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import log_slider, output_control
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset


@dataclass(frozen=True, eq=False)
class Bargains:
    """What a unit of wiggle of each weight into one output neuron saves."""

    after: int  # the output neuron
    a: np.ndarray  # (n_in,) the activations before the weights
    slope: float  # |δ|, the promised saving for an activation of 1
    saved: np.ndarray  # (n_in,) measured


class BangForTheBuck(ImagePanel):
    """One output neuron's weights, each wiggled by the same amount: what the cost really does.

    Args:
        nets, digits: as for :class:`~lessons_lib.panels.image_panel.ImagePanel`; the networks are of the same
            sizes, with activations of at least 0 in their hidden layers.
    """

    needs = Needs(
        hidden=(1, 10), width=128, activations=("sigmoid", "relu"), outputs=("sigmoid", "softmax"), alike=True
    )

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
        return super().controls() | {"after": output_control(self.sizes[-1]), "wiggle": wiggle}

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=330, width_ratios=(0.8, 1.2))
        self.bars = charts.activation_bars(left, np.zeros(self.sizes[-2]))
        style.title(left, "activations before, $a$")
        (self.line,) = right.plot([], [], color=style.MUTED)
        look = {"color": style.INK, "markersize": 7, "markeredgecolor": style.PAPER}
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
        f = net.activations[-1]
        delta = squared_error.delta(f(z[None]), one.y, f, z[None])[0]
        wiggled = np.tile(z, (len(a), 1))  # row j: the sums after the weight from neuron j was changed
        wiggled[:, state.after] -= np.sign(delta[state.after]) * state.wiggle * a
        cost = squared_error.per_example(f(np.vstack([z, wiggled])), one.y)
        saved = (cost[0] - cost[1:]) / state.wiggle
        return Bargains(state.after, a, abs(delta[state.after]), saved)

    def draw(self, result):
        self.bars.update(result.a)
        brightest = max(1.0, result.a.max())
        charts.set_limits(self.right, x=(0, 1.03 * brightest))
        self.line.set_data([0, brightest], [0, brightest * result.slope])
        self.points.set_data(result.a, result.saved)
        most = max(brightest * result.slope, 1e-12)
        self.right.set_ylim(min(-0.05 * most, 1.1 * result.saved.min()), 1.12 * max(most, result.saved.max()))

    def describe(self, result):
        bright, dim = int(np.argmax(result.a)), int(np.argmin(result.a))
        return (
            f"The weight from the brightest neuron, {bright} (a = {result.a[bright]:.3f}), to output "
            f"{result.after} saves {result.saved[bright]:.2g} of cost per unit; that from the dimmest, {dim} "
            f"(a = {result.a[dim]:.3f}), saves {result.saved[dim]:.2g}."
        )
