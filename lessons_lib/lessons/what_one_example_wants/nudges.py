"""The nudges one image asks of the outputs, and what one step along its gradient does."""

from dataclasses import dataclass

import numpy as np

from lessons_lib import backprop, evaluate, forward, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import log_slider
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.panel import Preset


@dataclass(frozen=True, eq=False)
class Nudging:
    """What one image wants, and what one step along its own gradient does."""

    pixels: np.ndarray  # (784,)
    label: int
    outputs: np.ndarray  # (2, n_out) before and after the step
    nudges: np.ndarray  # (n_out,) −∂C/∂a before it: what the image wants of each output
    cost: float
    cost_after: float
    accuracy: float
    accuracy_after: float


class Nudges(ImagePanel):
    """What one image wants of the outputs, and what one step along its own gradient does.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "What one image wants"
    presets = {
        "Way off": Preset(
            {"stage": "untrained", "image": 0}, "Every output is far from its target: ten long arrows."
        ),
        "Nearly right": Preset(
            {"stage": "trained", "image": 0}, "Right and confident: hardly any arrow is left."
        ),
        "Confident but wrong": Preset(
            {"stage": "after one epoch", "image": 8},
            "Quint. Two long arrows: down with the wrong answer, up with the right one.",
        ),
        "Too much": Preset(
            {"stage": "after one epoch", "image": 8, "learning_rate": 10**1.4},
            "Quint gets its way, and the network forgets much of what it knew about the others.",
        ),
    }

    def controls(self):
        goes = "How far one step goes along this image's own gradient"
        rate = log_slider(1.0, -2, 1.5, "Learning rate", goes, step=0.05, readout_format=".2f")
        return super().controls() | {"learning_rate": rate}

    def figure(self):
        fig, (left, before, nudge, after) = style.figure(1, 4, height=330, width_ratios=(1, 1.15, 1.25, 1.15))
        self.digit = charts.digit_image(left, np.zeros(784), title="the image")
        blank = np.zeros(self.digits.classes)
        self.before = charts.activation_bars(before, blank)
        self.arrows = charts.signed_arrows(nudge, blank, limit=2.0)
        self.after = charts.activation_bars(after, blank)
        style.title(before, "outputs $a$ now")
        style.title(nudge, "nudges $-\\partial C/\\partial a$")
        style.title(after, "after one step")
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        gradient = backprop(net, trace, one.y).mean()
        stepped = net.with_params(net.params - state.learning_rate * gradient)
        after = forward(stepped, one.pixels).output
        return Nudging(
            pixels=one.pixels[0],
            label=int(one.labels[0]),
            outputs=np.vstack([trace.output, after]),
            nudges=-squared_error.derivative(trace.output, one.y)[0],
            cost=squared_error(trace.output, one.y),
            cost_after=squared_error(after, one.y),
            accuracy=evaluate(net, self.digits).accuracy,
            accuracy_after=evaluate(stepped, self.digits).accuracy,
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        self.before.update(result.outputs[0])
        self.arrows.update(result.nudges)
        self.after.update(result.outputs[1])

    def describe(self, result):
        label, nudges = result.label, result.nudges
        loudest = int(np.argmax(np.where(np.arange(len(nudges)) == label, -1, result.outputs[0])))
        return (
            f"This {label} nudges output {label} up by {nudges[label]:.2f}, and of the others it nudges "
            f"output {loudest} down most, by {-nudges[loudest]:.2f}. The step takes its cost from "
            f"{result.cost:.3f} to {result.cost_after:.3f}, and the accuracy on {len(self.digits):,} test "
            f"images from {result.accuracy:.1%} to {result.accuracy_after:.1%}."
        )
